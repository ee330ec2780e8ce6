"""Language versions of one paragraph -> one hit. Pure.

Versions of a work are matched by their official paragraph labels (and note labels), which do not
change with the language. A label met again further on in a document (an annex counts from 1
again) is matched with the same repetition of it in the other version.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from corpus import Document, Passage, Work

Key = tuple[str, str, str, int]
"""Work, 'paragraph' or 'note', label, how many times the label was met before."""


@dataclass(frozen=True, slots=True)
class Versions:
    """Which passages of a work say the same in different languages; empty keys: no other version.

    ``keys`` has one item a row; ``rows`` maps a key to the rows that have it, ascending.
    """

    keys: tuple[tuple[Key, ...], ...]
    rows: Mapping[Key, tuple[int, ...]]

    @classmethod
    def of(
        cls,
        passages: Sequence[Passage],
        documents: Mapping[str, Document],
        works: Mapping[str, Work],
    ) -> "Versions":
        keys: list[tuple[Key, ...]] = []
        rows: dict[Key, list[int]] = defaultdict(list)
        met: dict[tuple[str, str, str], tuple[int, int]] = {}  # label -> (last ordinal, repeats)
        for row, passage in enumerate(passages):
            work = documents[passage.document_id].work
            own: list[Key] = []
            if len(works[work].documents) > 1:
                kind = "paragraph" if passage.note is None else "note"
                labels = passage.paragraphs if passage.note is None else (passage.note,)
                for label in labels:
                    name = (passage.document_id, kind, label)
                    last, repeats = met.get(name, (passage.ordinal, 0))
                    repeats += passage.ordinal > last + 1 or (kind == "note" and name in met)
                    met[name] = (passage.ordinal, repeats)
                    own.append((work, kind, label, repeats))
                    rows[own[-1]].append(row)
            keys.append(tuple(own))
        return cls(tuple(keys), {key: tuple(found) for key, found in rows.items()})


def collapse(
    ranked: Sequence[int],
    versions: Versions,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    *,
    prefer: Sequence[str],
    allowed: Container[int] | None = None,
    most: int | None = None,
) -> list[tuple[int, int]]:
    """(row shown, row whose place it takes), in the order of ``ranked``, best first.

    Of the versions of a paragraph the one in the first language of ``prefer`` that has it is
    shown, even when it was not ranked itself, else the one ranked best. Only rows in
    ``allowed`` are shown (None: all), and the first ``most`` of them (None: all).
    """
    most = len(ranked) if most is None else most
    if not versions.rows:
        return [(row, row) for row in ranked[:most]]
    shown: list[tuple[int, int]] = []
    used: set[int] = set()
    for group in _grouped(ranked, versions, passages):
        if len(shown) == most:
            break
        row = _shown(group, versions, passages, documents, prefer, allowed)
        if row not in used:
            used.add(row)
            shown.append((row, group[0]))
    return shown


def _grouped(
    ranked: Sequence[int], versions: Versions, passages: Sequence[Passage]
) -> list[list[int]]:
    """Rows that say the same, best first; a group's keys are those of its first row."""
    groups: list[list[int]] = []
    leading: dict[Key, list[int]] = {}
    for row in ranked:
        group = [row]
        keys = versions.keys[row]
        if keys:
            met = next((leading[key] for key in keys if key in leading), None)
            if met and passages[met[0]].document_id != passages[row].document_id:
                met.append(row)
                continue
            for key in keys:
                leading.setdefault(key, group)
        groups.append(group)
    return groups


def _shown(
    group: Sequence[int],
    versions: Versions,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    prefer: Sequence[str],
    allowed: Container[int] | None,
) -> int:
    keys = versions.keys[group[0]]
    if not keys:
        return group[0]
    others = (row for key in keys for row in versions.rows[key])
    candidates = list(dict.fromkeys([*group, *others]))
    for language in prefer:
        for row in candidates:
            fits = documents[passages[row].document_id].language == language
            if fits and (allowed is None or row in allowed):
                return row
    return group[0]
