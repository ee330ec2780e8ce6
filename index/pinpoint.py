"""A question that names a document, or a paragraph by its number, and the passages that hold it;
pure.

'What does paragraph 38 of A/AC.105/1235 say?' shares next to no word with what it asks for.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Passage
from index.fuse import Fusion
from index.naming import Named
from index.numbered import is_part, paragraphs_named

_NEAR = 50  # ranks that hang on the question alone, and not on how many hits are asked for


class Pinpoint:
    """The paragraphs of an index by their labels; immutable."""

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document]) -> None:
        self._passages = passages
        self._owners = [passage.document_id for passage in passages]
        self._named = Named(documents.values())
        self._held: defaultdict[str, list[int]] = defaultdict(list)
        for row, passage in enumerate(passages):
            if passage.note is None:
                for label in passage.paragraphs:
                    self._held[label].append(row)

    def lacks(self, question: str, allowed: NDArray[np.int64] | None = None) -> bool:
        """Whether ``question`` names paragraphs none of which the documents have that it names, or
        where it names none, any (of ``allowed`` rows, None: all); nor what they are a part of."""
        labels, named = paragraphs_named(question), self._named.by_symbol(question)
        if not labels or (named is not None and not named):
            return False
        named = named or self._named.by_kind(question)
        may = None if allowed is None else frozenset(allowed.tolist())
        rows = (row for label in labels for row in self._rows(label) or self._rows(_whole(label)))
        owners = {self._owners[row] for row in rows if may is None or row in may}
        return not (owners if named is None else owners & named)

    def _rows(self, label: str) -> list[int]:
        return self._held.get(label, [])

    def named_first(
        self, question: str, ranked: Fusion, allowed: NDArray[np.int64] | None = None
    ) -> Fusion:
        """``ranked`` with what ``question`` names at its head: the running text of paragraphs and
        of their sub-paragraphs, with the score of the first before, document by document; then
        whatever is of the documents that it names by symbols, with no less than the others' best.

        Paragraphs are there, ranked or not (``allowed``, None: all, are the rows that may be):
        those of the documents named by symbol or kind, or where none is, of all that have
        something among the first _NEAR; none of a document that is not here.
        """
        labels, named = paragraphs_named(question), self._named.by_symbol(question)
        if not (labels or named) or not len(ranked):
            return ranked
        place = {row: at for at, row in enumerate(ranked.rows.tolist())}
        meant = self._named.by_kind(question) if labels and named is None else named
        head = self._paragraphs(labels, meant, place, allowed)
        taken = frozenset(head)
        rest = [at for row, at in place.items() if row not in taken]
        own = [at for at in rest if named and self._owners[ranked.rows[at]] in named]
        others = sorted(frozenset(rest).difference(own))
        at_head = np.asarray([place.get(row, -1) for row in head], dtype=np.int64)
        after = np.asarray(own + others, dtype=np.int64)
        legs = {
            name: np.concatenate([np.where(at_head < 0, np.nan, scores[at_head]), scores[after]])
            for name, scores in ranked.legs.items()
        }
        least = max(ranked.scores[others].tolist(), default=-np.inf)
        return Fusion(
            np.concatenate([np.asarray(head, dtype=np.int64), ranked.rows[after]]),
            np.concatenate(
                [
                    np.full(len(head), ranked.scores[0]),
                    np.maximum(ranked.scores[own], least),
                    ranked.scores[others],
                ]
            ),
            legs,
        )

    def _paragraphs(
        self,
        labels: Sequence[str],
        named: frozenset[str] | None,
        place: Mapping[int, int],
        allowed: NDArray[np.int64] | None,
    ) -> list[int]:
        """The rows of the paragraphs, in the documents ``named``; None: in any that is near."""
        may = None if allowed is None else frozenset(allowed.tolist())
        near = {self._owners[row] for row, at in place.items() if at < _NEAR}
        documents = near if named is None else named

        def wanted(row: int) -> bool:
            return self._owners[row] in documents and (may is None or row in may)

        held = {label: list(filter(wanted, self._rows(label))) for label in labels}
        for label in [label for label, rows in held.items() if not rows]:  # 5(c) within 5
            del held[label]
            held.setdefault(_whole(label), list(filter(wanted, self._rows(_whole(label)))))
        return self._in_order(held, place)

    def _in_order(self, held: Mapping[str, Sequence[int]], place: Mapping[int, int]) -> list[int]:
        """The rows of each label with their parts, each once: the documents as the best row of
        them with such a label stands in ``place``, if that is near its head, and after those as
        their own best row does; a document's in the order of the labels."""
        every = [row for rows in held.values() for row in rows]
        best: dict[str, int] = {}
        for row in sorted(place, key=place.__getitem__, reverse=True):
            best[self._owners[row]] = _NEAR + place[row]
        for row in sorted(every, key=lambda row: place.get(row, _NEAR), reverse=True):
            if place.get(row, _NEAR) < _NEAR:
                best[self._owners[row]] = place[row]
        found: list[tuple[tuple[int, str, int, int, int], list[int]]] = []
        for nth, (label, rows) in enumerate(held.items()):
            for row in rows:
                document = self._owners[row]
                key = (
                    best.get(document, _NEAR + len(place)),
                    document,
                    nth,
                    place.get(row, len(place)),
                    row,
                )
                found.append((key, self._with_parts(row, label)))
        return list(dict.fromkeys(part for _, parts in sorted(found) for part in parts))

    def _with_parts(self, row: int, label: str) -> list[int]:
        """The row, and those after it in its document that hold parts of its paragraph."""
        document, found = self._owners[row], [row]
        for after in range(row + 1, len(self._passages)):
            passage = self._passages[after]
            own = self._owners[after] == document and passage.note is None
            if not own or not any(is_part(each, label) for each in passage.paragraphs):
                break
            found.append(after)
        return found


def _whole(label: str) -> str:
    """Of 33(a) 33."""
    return label.partition("(")[0]
