"""Vectors -> the nearest rows, by inner product; the only file that imports faiss.

Exact while that is fast enough, an approximate index above (``ANN_TABLE``). Rows are the
positions of the vectors given to ``build``, 0-based. Higher is better.
"""

import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus import IndexCorrupt


class Ann(NamedTuple):
    """``kind`` serves up to ``rows`` vectors; ``probes`` inverted lists are searched."""

    rows: float
    kind: str
    probes: int


ANN_TABLE = (
    # One query at 384 dimensions, one thread: exact costs about 0.07 ms per 1,000 vectors, so
    # 7 ms at the limit. Above it inverted lists with 8-bit scalars take a quarter of the memory;
    # they are preferred to HNSW because they build the same bytes on any number of threads and
    # because a filter can widen the search until it is exhaustive.
    Ann(rows=100_000, kind="exact", probes=0),
    Ann(rows=1_000_000, kind="ivf-sq8", probes=32),
    Ann(rows=math.inf, kind="ivf-sq8", probes=64),
)
LISTS_PER_ROOT = 4  # nlist = 4 * sqrt(n): the FAISS guidelines for choosing an index
TRAINING_ROWS_PER_LIST = 64  # within the 39 to 256 that faiss.Clustering asks for
SEED = 1234
DECIMALS = 6  # scores equal to six decimals are ties: float32 kernels differ in the seventh


class DenseIndex:
    """Immutable once made, with ``build`` or ``open``; safe to search from several threads."""

    def __init__(self, index: Any, ann: Ann) -> None:
        self._index = index
        self._ann = ann

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def kind(self) -> str:
        return self._ann.kind

    @property
    def dim(self) -> int:
        return int(self._index.d)

    @classmethod
    def build(cls, vectors: NDArray[np.float32]) -> "DenseIndex":
        """``vectors``: (n, dim) float32, unit rows or zero rows; n may be 0."""
        vectors = np.ascontiguousarray(vectors, dtype=np.float32)
        count, dim = vectors.shape
        ann = _choice(count)
        if ann.kind == "exact":
            index: Any = faiss.IndexFlatIP(dim)
        else:
            faiss.omp_set_num_threads(os.cpu_count() or 1)
            index = _trained_lists(vectors)
        if count:
            index.add(vectors)
        if ann.kind != "exact":
            index.make_direct_map()  # where each row lies, for `scores`
        return cls(index, ann)

    def save(self, path: Path) -> None:
        """Writes one file; the same vectors give the same bytes."""
        faiss.write_index(self._index, str(path))

    @classmethod
    def open(cls, path: Path) -> "DenseIndex":
        """Maps the file into memory. Raises IndexCorrupt when it is missing or unreadable."""
        if not path.is_file():
            raise IndexCorrupt(path, "is missing")
        try:
            index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise IndexCorrupt(path, "is damaged") from error
        return cls(index, _choice(index.ntotal))

    def search(
        self, query: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ``k`` best rows and their inner products, best first, ties by row.

        ``query`` is (dim,) float32. ``rows`` restricts the search to those rows (None: all).
        Fewer than ``k`` come back when there are no more; none for the zero query, which is
        near nothing.
        """
        allowed = len(self) if rows is None else len(rows)
        wanted = min(k, allowed)
        if wanted <= 0 or not np.any(query):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        fetched = min(allowed, wanted + 1)
        while True:
            found, scores = self._nearest(query, fetched, rows)
            # The last one fetched ties with the last one wanted: ties may go on beyond it.
            open_tie = len(found) > wanted and scores[-1] == scores[wanted - 1]
            if not open_tie or fetched == allowed:
                return found[:wanted], scores[:wanted]
            fetched = min(allowed, fetched * 2)

    def scores(self, query: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows),) float32: the inner product of ``query`` with each of ``rows``, in order."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        vectors = self._index.reconstruct_batch(np.ascontiguousarray(rows, dtype=np.int64))
        found: NDArray[np.float32] = np.round(vectors @ query.astype(np.float32), DECIMALS)
        return found

    def _nearest(
        self, query: NDArray[np.float32], k: int, rows: NDArray[np.int64] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        faiss.omp_set_num_threads(1)  # a thread pool costs one query more than it gives
        bits, selector = _selector(rows, len(self))
        parameters = self._parameters(selector, len(self) if rows is None else len(rows))
        scores, found = self._index.search(
            np.ascontiguousarray(query, dtype=np.float32)[None], k, params=parameters
        )
        del bits, selector  # FAISS held bare pointers to both, so they had to live until here
        hit = found[0] >= 0
        ids, values = found[0][hit], np.round(scores[0][hit], DECIMALS)
        order = np.lexsort((ids, -values))
        return ids[order], values[order]

    def _parameters(self, selector: Any, allowed: int) -> Any:
        """A filter that leaves a tenth of the rows has ten times the lists probed, up to all."""
        parameters = faiss.SearchParameters()
        if self.kind != "exact":
            parameters = faiss.SearchParametersIVF()
            probes = math.ceil(self._ann.probes * len(self) / allowed)
            parameters.nprobe = min(self._index.nlist, probes)
        if selector is not None:
            parameters.sel = selector
        return parameters


def _choice(count: int) -> Ann:
    return next(ann for ann in ANN_TABLE if count <= ann.rows)


def _trained_lists(vectors: NDArray[np.float32]) -> Any:
    """Empty inverted lists, trained on an evenly spaced sample of the vectors."""
    count, dim = vectors.shape
    lists = max(1, min(count, round(LISTS_PER_ROOT * math.sqrt(count))))
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim),
        dim,
        lists,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.cp.seed = SEED
    index.cp.min_points_per_centroid = 1  # a small forced table in a test is not worth a warning
    step = max(1, count // (lists * TRAINING_ROWS_PER_LIST))
    index.train(np.ascontiguousarray(vectors[::step]))
    return index


def _selector(rows: NDArray[np.int64] | None, count: int) -> tuple[Any, Any]:
    """(the bits, the selector that points into them), or (None, None) without a filter."""
    if rows is None:
        return None, None
    mask = np.zeros(count, dtype=bool)
    mask[rows] = True
    bits = np.packbits(mask, bitorder="little")
    return bits, faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
