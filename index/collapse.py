"""Language versions of one paragraph -> one hit. Pure.

Versions of a work are matched by their official paragraph labels (and note labels), which do not
change with the language. A label met again further on in a document (an annex counts from 1
again) is matched with the same repetition of it in the other version. A few passages without a
label are matched by the label that they follow, or by standing before the first. Versions may be
cut into passages at different paragraphs: passages meet by any paragraph that both hold.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from corpus import LANGUAGES, Document, Passage, Version, Work

Key = tuple[str, str, str, int]
"""Work, 'paragraph', 'note' or 'after' (a paragraph), label, how many times it was met before."""

_GAP = 3  # passages without a label that are one thing, such as a preamble; more are not matched


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
        gaps: dict[tuple[str, Key], list[int]] = defaultdict(list)  # document, what is before it
        before: dict[str, Key] = {}  # document -> the last paragraph met
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
                if own and kind == "paragraph":
                    before[passage.document_id] = own[-1]
                elif kind == "paragraph":
                    start = (work, "paragraph", "", 0)
                    last_met = before.get(passage.document_id, start)
                    gaps[passage.document_id, last_met].append(row)
            keys.append(tuple(own))
        for (document, (work, _, label, repeats)), unlabelled in gaps.items():
            if document in before and len(unlabelled) <= _GAP:
                key = (work, "after", label, repeats)
                rows[key] += unlabelled
                for row in unlabelled:
                    keys[row] = (key,)
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
    shown, even when it was not ranked itself, else the one ranked best; the pieces of a long
    paragraph in one document stay. Only rows in ``allowed`` are shown (None: all), and the first
    ``most`` of them (None: all).
    """
    most = len(ranked) if most is None else most
    if not versions.rows:
        return [(row, row) for row in ranked[:most]]
    place = {row: at for at, row in enumerate(ranked)}
    shown: list[tuple[int, int]] = []
    used: set[int] = set()
    shown_in: dict[Key, str] = {}  # a paragraph, and the document that shows it
    for row in ranked:
        if len(shown) == most:
            break
        chosen = _preferred(row, place, versions, passages, documents, prefer, allowed)
        own, keys = passages[chosen].document_id, versions.keys[chosen]
        elsewhere = keys and all(shown_in.get(key, own) != own for key in keys)
        if chosen in used or elsewhere:
            continue
        used.add(chosen)
        shown.append((chosen, row))
        for key in keys:
            shown_in.setdefault(key, own)
    return shown


def versions_of(
    row: int,
    versions: Versions,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
) -> tuple[Version, ...]:
    """The passage of each other language version that answers to ``row``, by LANGUAGES."""
    if not versions.keys[row]:
        return ()
    found: dict[str, Version] = {}
    for other in _counterparts(row, versions, passages):
        passage = passages[other]
        language = documents[passage.document_id].language
        found.setdefault(language, Version(language, passage.document_id, passage.id))
    return tuple(found[language] for language in LANGUAGES if language in found)


def _preferred(
    row: int,
    place: Mapping[int, int],
    versions: Versions,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
    prefer: Sequence[str],
    allowed: Container[int] | None,
) -> int:
    """What is shown for ``row``: of several passages in a language, the one ranked best."""
    if not versions.keys[row]:
        return row
    others = _counterparts(row, versions, passages)
    for language in prefer:
        if documents[passages[row].document_id].language == language:
            return row
        fitting = [
            other
            for other in others
            if documents[passages[other].document_id].language == language
            and (allowed is None or other in allowed)
        ]
        if fitting:  # min keeps the order of _counterparts among those that were not ranked
            return min(fitting, key=lambda other: place.get(other, len(place)))
    return row


def _counterparts(row: int, versions: Versions, passages: Sequence[Passage]) -> list[int]:
    """Rows of other documents with a paragraph of ``row``: those that share most paragraphs
    first, then those that stand as far into the paragraph as ``row`` does."""
    shared: Counter[int] = Counter()
    apart: dict[int, float] = {}
    for key in versions.keys[row]:
        pieces: dict[str, list[int]] = defaultdict(list)
        for other in versions.rows[key]:
            pieces[passages[other].document_id].append(other)
        own = pieces.pop(passages[row].document_id)
        at = (own.index(row) + 0.5) / len(own)
        for rows in pieces.values():
            for index, other in enumerate(rows):
                shared[other] += 1
                away = abs((index + 0.5) / len(rows) - at)
                apart[other] = min(away, apart.get(other, away))
    return sorted(shared, key=lambda other: (-shared[other], apart[other], other))
