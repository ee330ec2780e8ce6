"""What an open index derives from what it loaded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Work


def places(ids: Sequence[str]) -> NDArray[np.int64]:
    """(len(ids),): the place of each id among all of them, sorted."""
    places = np.empty(len(ids), dtype=np.int64)
    places[sorted(range(len(ids)), key=ids.__getitem__)] = np.arange(len(ids))
    return places


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
