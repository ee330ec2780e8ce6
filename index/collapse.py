"""Language versions of one paragraph -> one hit. Pure.

Versions of a work are matched by their official paragraph labels (and note labels), which do not
change with the language. A label met again further on in a document (an annex counts from 1
again) is matched with the same repetition of it in the other version.
"""

from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

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


@dataclass(slots=True)
class _Group:
    """Rows that say the same, best first; all of ``rows[0]``'s work."""

    keys: tuple[Key, ...]
    rows: list[int] = field(default_factory=list)


def collapse(
    ranked: Sequence[int],
    versions: Versions,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    *,
    prefer: Sequence[str],
    allowed: Container[int] | None = None,
) -> list[tuple[int, int]]:
    """(row shown, row whose place it takes), in the order of ``ranked``, best first.

    Of the versions of a paragraph the one in the first language of ``prefer`` that has it is
    shown, even when it was not ranked itself, else the one ranked best. Only rows in
    ``allowed`` are shown (None: all).
    """
    shown: list[tuple[int, int]] = []
    used: set[int] = set()
    for group in _grouped(ranked, versions, passages):
        row = _shown(group, versions, passages, documents, prefer, allowed)
        if row not in used:
            used.add(row)
            shown.append((row, group.rows[0]))
    return shown


def _grouped(
    ranked: Sequence[int], versions: Versions, passages: Sequence[Passage]
) -> list[_Group]:
    groups: list[_Group] = []
    leading: dict[Key, _Group] = {}
    for row in ranked:
        keys = versions.keys[row]
        own = passages[row].document_id
        met = next((leading[key] for key in keys if key in leading), None)
        if met is not None and passages[met.rows[0]].document_id != own:
            met.rows.append(row)
            continue
        group = _Group(keys, [row])
        groups.append(group)
        for key in keys:
            leading.setdefault(key, group)
    return groups


def _shown(
    group: _Group,
    versions: Versions,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    prefer: Sequence[str],
    allowed: Container[int] | None,
) -> int:
    others = (row for key in group.keys for row in versions.rows[key])
    candidates = list(dict.fromkeys([*group.rows, *others]))
    for language in prefer:
        for row in candidates:
            fits = documents[passages[row].document_id].language == language
            if fits and (allowed is None or row in allowed):
                return row
    return group.rows[0]
