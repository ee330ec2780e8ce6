"""What an open index derives from what it loaded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Passage, Work


def places(ids: Sequence[str]) -> NDArray[np.int64]:
    """(len(ids),): the place of each id among all of them, sorted."""
    places = np.empty(len(ids), dtype=np.int64)
    places[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return places


def asides(passages: Sequence[Passage]) -> NDArray[np.float32]:
    """(len(passages),): 1 for notes and back matter, 0 for the rest."""
    found = [passage.note is not None or passage.part == "back" for passage in passages]
    return np.asarray(found, dtype=np.float32)


def beside(
    passages: Sequence[Passage], row: int, n: int
) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
    """Of its document the passages of its kind, running text or notes, up to ``n`` rows away."""
    own = passages[row]

    def alike(first: int, end: int) -> tuple[Passage, ...]:
        return tuple(
            passage
            for passage in passages[first:end]
            if passage.document_id == own.document_id
            and (passage.note is None) == (own.note is None)
        )

    return alike(max(0, row - n), row), alike(row + 1, row + n + 1)


def works_of(documents: Mapping[str, Document]) -> dict[str, Work]:
    """By id, in order of id; symbol and title are the first version's that has a symbol."""
    versions: dict[str, list[Document]] = defaultdict(list)
    for document in documents.values():
        versions[document.work].append(document)
    works = {}
    for id in sorted(versions):
        first = next((d for d in versions[id] if d.symbol), versions[id][0])
        ids = tuple(document.id for document in versions[id])
        works[id] = Work(id, first.symbol, first.title, ids)
    return works
