"""BM25 over analysed terms: a question -> the rows that share words with it. Higher is better.

bm25s computes the term weights when an index is built; they are stored as plain arrays, so
opening one needs NumPy alone, maps the arrays into memory and takes milliseconds.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import IndexCorrupt
from index.analyse import analyse

K1 = 1.2  # term saturation; Robertson and Zaragoza 2009, section 3.5.1, and Lucene's default
B = 0.75  # length normalisation; same sources
METHOD = "lucene"  # idf = ln(1 + (N - df + 0.5) / (df + 0.5)): never negative

ARRAYS = {"starts": np.int64, "rows": np.int32, "weights": np.float32, "idf": np.float32}
VOCABULARY = "vocabulary.json"


@dataclass(frozen=True, slots=True)
class LexicalResult:
    """Rows best first, ties by row; all arrays have the same length n.

    ``scores`` (n,) float32: BM25. ``coverage`` (n,) float32 in [0, 1]: the idf mass of the
    question's terms that the row holds, over that of all its terms. ``attainable``: the BM25
    score that a row could at most reach for this question (0 when it has no terms).
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]
    coverage: NDArray[np.float32]
    attainable: float


class LexicalIndex:
    """Immutable once made, with ``build`` or ``open``; safe to search from several threads.

    Postings of term t: ``rows[starts[t]:starts[t + 1]]`` (ascending) with their ``weights``,
    the BM25 score that one occurrence of t in a question adds to each.
    """

    def __init__(
        self,
        size: int,
        vocabulary: Sequence[str],
        starts: NDArray[np.int64],
        rows: NDArray[np.int32],
        weights: NDArray[np.float32],
        idf: NDArray[np.float32],
    ) -> None:
        self._size = size
        self._vocabulary = vocabulary
        self._ids = {term: i for i, term in enumerate(vocabulary)}
        self._starts, self._rows, self._weights, self._idf = starts, rows, weights, idf

    def __len__(self) -> int:
        return self._size

    @classmethod
    def build(cls, texts: Sequence[str], languages: Sequence[str]) -> "LexicalIndex":
        """``languages[i]`` is the language of ``texts[i]``; row i is ``texts[i]``."""
        terms = [analyse(text, language) for text, language in zip(texts, languages, strict=True)]
        vocabulary = sorted({term for row in terms for term in row})
        if not vocabulary:
            return cls(len(texts), [], *_no_postings())
        ids = {term: i for i, term in enumerate(vocabulary)}
        return cls(
            len(texts), vocabulary, *_postings([[ids[t] for t in row] for row in terms], ids)
        )

    def save(self, folder: Path) -> None:
        """Writes four .npy files and the vocabulary; the same texts give the same bytes."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, array in self._arrays().items():
            np.save(folder / f"{name}.npy", array, allow_pickle=False)
        content = {
            "size": self._size,
            "method": METHOD,
            "k1": K1,
            "b": B,
            "terms": self._vocabulary,
        }
        text = json.dumps(content, ensure_ascii=False, indent=None, separators=(",", ":"))
        (folder / VOCABULARY).write_text(text + "\n", encoding="utf-8", newline="\n")

    @classmethod
    def open(cls, folder: Path) -> "LexicalIndex":
        """Maps the arrays into memory. Raises IndexCorrupt, naming the file at fault."""
        file = folder / VOCABULARY
        try:
            content = json.loads(file.read_text(encoding="utf-8"))
            size, vocabulary = int(content["size"]), list(content["terms"])
        except FileNotFoundError as error:
            raise IndexCorrupt(file, "is missing") from error
        except (ValueError, LookupError, TypeError) as error:
            raise IndexCorrupt(file, "is damaged") from error
        starts = _map(folder / "starts.npy", len(vocabulary) + 1)
        count = int(starts[-1])
        rows, weights = _map(folder / "rows.npy", count), _map(folder / "weights.npy", count)
        return cls(
            size, vocabulary, starts, rows, weights, _map(folder / "idf.npy", len(vocabulary))
        )

    def search(
        self, query: str, language: str, k: int, rows: NDArray[np.int64] | None = None
    ) -> LexicalResult:
        """The ``k`` best rows that share a term with ``query``; ``rows`` restricts to those."""
        terms = sorted(set(analyse(query, language)))
        known = [self._ids[term] for term in terms if term in self._ids]
        mass = self._mass(known, len(terms) - len(known))
        scores, coverage = self._accumulate(known)
        if rows is None:
            found = np.flatnonzero(scores > 0)
        else:
            found = np.unique(np.asarray(rows, dtype=np.int64))
            found = found[scores[found] > 0]
        best = _top(found, scores[found], k)
        share = np.minimum(coverage[best] / mass, 1.0) if mass else coverage[best]
        return LexicalResult(
            best.astype(np.int64), scores[best].astype(np.float32), share.astype(np.float32), mass
        )

    def _mass(self, known: list[int], unknown: int) -> float:
        """The idf of all terms of a question; a term that no row holds has the maximal idf.

        It is the attainable score as well: saturation keeps a term's weight below its idf.
        """
        maximal = math.log(1 + (self._size + 0.5) / 0.5)  # df = 0
        return float(np.sum(self._idf[known], dtype=np.float64)) + unknown * maximal

    def _accumulate(self, terms: list[int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(size,) float64 each: the BM25 score of every row and the idf mass it holds."""
        scores, covered = np.zeros(self._size), np.zeros(self._size)
        for term in terms:
            span = slice(int(self._starts[term]), int(self._starts[term + 1]))
            rows = self._rows[span]
            scores[rows] += self._weights[span]  # a term has a row once, so += loses nothing
            covered[rows] += self._idf[term]
        return scores, covered

    def _arrays(self) -> dict[str, NDArray[np.generic]]:
        return {
            "starts": self._starts,
            "rows": self._rows,
            "weights": self._weights,
            "idf": self._idf,
        }


def _postings(
    tokens: list[list[int]], ids: dict[str, int]
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """(starts, rows, weights, idf) of rows given as term ids, weighted by bm25s."""
    import bm25s  # brings scipy, which only a build should wait for

    model = bm25s.BM25(k1=K1, b=B, method=METHOD)
    model.index((tokens, ids), show_progress=False)
    columns = model.scores
    starts = np.asarray(columns["indptr"], dtype=np.int64)
    rows = np.asarray(columns["indices"], dtype=np.int32)
    weights = np.asarray(columns["data"], dtype=np.float32)
    counts = np.diff(starts)[: len(ids)]
    order = np.lexsort((rows, np.repeat(np.arange(len(counts)), counts)))
    idf = np.log1p((len(tokens) - counts + 0.5) / (counts + 0.5)).astype(np.float32)
    return starts[: len(ids) + 1], rows[order], weights[order], idf


def _no_postings() -> tuple[
    NDArray[np.int64], NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]
]:
    empty = np.zeros(0, dtype=np.float32)
    return np.zeros(1, dtype=np.int64), np.zeros(0, dtype=np.int32), empty, empty


def _top(rows: NDArray[np.int64], scores: NDArray[np.float64], k: int) -> NDArray[np.int64]:
    """The k best of ``rows`` (ascending) by (-score, row); ties at the edge go to the lower row."""
    if len(rows) > k > 0:
        edge = np.partition(scores, len(scores) - k)[len(scores) - k]
        keep = scores >= edge
        rows, scores = rows[keep], scores[keep]
    return rows[np.lexsort((rows, -scores))][: max(k, 0)]


def _map(file: Path, length: int) -> NDArray[Any]:
    """(length,) of the dtype that ARRAYS gives, memory-mapped read-only."""
    try:
        # A plain view of the mapping: each slice of a memmap costs microseconds more.
        array: NDArray[Any] = np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
    except FileNotFoundError as error:
        raise IndexCorrupt(file, "is missing") from error
    except (ValueError, OSError, EOFError) as error:
        raise IndexCorrupt(file, "is damaged") from error
    if array.shape != (length,) or array.dtype != ARRAYS[file.stem]:
        raise IndexCorrupt(file, "does not fit the vocabulary beside it")
    return array
