"""The token vectors of every passage, and late interaction over them.

Late interaction (Khattab and Zaharia 2020) asks of each word of the question how well the passage
has it, in any language, where one vector for the passage asks it of the whole. Three files:
``tokens.npy`` (tokens of all passages, dim) int8 in the order of the passages, memory-mapped, so
that only the candidates' rows are read; ``starts.npy`` (passages + 1,) int64; ``sentences.npy``
(sentences, 2) int64, where the tokens of each sentence begin and end.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import dtype_to_descr, open_memmap, write_array_header_1_0
from numpy.typing import NDArray

from corpus import IndexCorrupt

TOKENS, STARTS, SENTENCES = "tokens.npy", "starts.npy", "sentences.npy"
INT8 = 127
Ranges = Sequence[tuple[int, int]]
Add = Callable[[NDArray[np.int8], Ranges], None]


class TokenStore:
    """Immutable; safe to read from several threads. ``writing`` makes what ``open`` opens."""

    def __init__(
        self,
        tokens: NDArray[np.int8],
        starts: NDArray[np.int64],
        sentences: NDArray[np.int64],
    ) -> None:
        self._tokens = tokens
        self._starts = starts
        self._sentences = sentences
        self._firsts = np.searchsorted(sentences[:, 0], starts)  # sentence of each passage

    def __len__(self) -> int:
        """How many passages it holds."""
        return len(self._starts) - 1

    @property
    def dim(self) -> int:
        return int(self._tokens.shape[1])

    @classmethod
    def open(cls, folder: Path) -> "TokenStore":
        """Raises IndexCorrupt when a file is missing or they do not fit each other."""
        try:
            tokens = open_memmap(folder / TOKENS, mode="r")
            starts = np.array(open_memmap(folder / STARTS, mode="r"))
            sentences = np.array(open_memmap(folder / SENTENCES, mode="r"))
        except (OSError, ValueError) as error:
            raise IndexCorrupt(folder, f"does not hold token vectors ({error})") from error
        sound = tokens.ndim == 2 and tokens.dtype == np.int8
        if not sound or not _are_starts(starts, len(tokens)) or not _are_ranges(sentences, starts):
            raise IndexCorrupt(folder, "does not hold token vectors of its passages")
        return cls(tokens, starts, sentences)

    def scores(
        self, question: NDArray[np.float32], rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Of each row's whole passage, and of its best sentence: (len(rows),) float32 both.

        Between -1 and 1, higher is better; 0 where there are no tokens. ``question`` is (length,
        dim) float32. Of each of its tokens the best cosine among the passage's (the sentence's)
        tokens; their mean, weighted by the lengths of the question's token vectors. A passage
        without sentences counts as one sentence.
        """
        found = np.zeros(len(rows), dtype=np.float32)
        weights = np.linalg.norm(question, axis=1)
        total = float(weights.sum())
        if not len(rows) or total <= 0:
            return found, found.copy()
        firsts, lasts = self._starts[rows], self._starts[rows + 1]
        lengths = lasts - firsts
        filled = np.flatnonzero(lengths)
        parts = [self._tokens[firsts[at] : lasts[at]] for at in filled]
        if not parts:
            return found, found.copy()
        tokens = np.concatenate(parts).astype(np.float32)
        cosines = tokens @ (question / (INT8 * total)).T  # (tokens, length), weight and all
        offsets = np.zeros(len(filled), dtype=np.int64)
        np.cumsum(lengths[filled][:-1], out=offsets[1:])
        best = np.maximum.reduceat(cosines, offsets, axis=0)
        found[filled] = best.sum(axis=1)
        sentences = found.copy()
        sentences[filled] = self._best_sentences(cosines, rows[filled], offsets, found[filled])
        return found, sentences

    def _best_sentences(
        self,
        cosines: NDArray[np.float32],
        rows: NDArray[np.int64],
        offsets: NDArray[np.int64],
        otherwise: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """(len(rows),): ``cosines`` are of the rows' tokens, each row's from its offset on."""
        found = otherwise.copy()
        firsts, lasts = self._firsts[rows], self._firsts[rows + 1]
        counts = lasts - firsts
        has = np.flatnonzero(counts)
        if not len(has):
            return found
        ranges = np.concatenate([self._sentences[firsts[at] : lasts[at]] for at in has])
        ranges = ranges + np.repeat(offsets[has] - self._starts[rows[has]], counts[has])[:, None]
        # The row at the end is where a range that reaches to the end may end.
        padded = np.concatenate([cosines, np.zeros((1, cosines.shape[1]), dtype=np.float32)])
        each = np.maximum.reduceat(padded, ranges.ravel(), axis=0)[::2].sum(axis=1)
        begins = np.zeros(len(has), dtype=np.int64)
        np.cumsum(counts[has][:-1], out=begins[1:])
        found[has] = np.maximum.reduceat(each, begins)
        return found

    def cosines(self, question: NDArray[np.float32], row: int) -> NDArray[np.float32]:
        """(tokens of the passage, length) float32: what ``scores`` adds up the best of."""
        own = self._tokens[self._starts[row] : self._starts[row + 1]].astype(np.float32)
        total = max(float(np.linalg.norm(question, axis=1).sum()), 1e-9)
        found: NDArray[np.float32] = own @ (question / (INT8 * total)).T
        return found


@contextmanager
def writing(folder: Path, dim: int) -> Iterator[Add]:
    """Writes the files into ``folder``, which is made, holding no more than one passage.

    Gives what takes the next passage's tokens, (length, dim) int8, unit vectors times 127, and
    which of them each of its sentences has, in order; an empty sentence is left out. Raises
    ValueError for another shape. What stands there before the end, or after an error, is refused
    by ``TokenStore.open``: ``starts.npy`` comes last.
    """
    folder.mkdir(parents=True)
    starts = [0]
    sentences: list[tuple[int, int]] = []
    with (folder / TOKENS).open("wb") as file:
        _write_header(file, 0, dim)

        def add(tokens: NDArray[np.int8], ranges: Ranges) -> None:
            file.write(np.asarray(tokens, dtype=np.int8).reshape(len(tokens), dim).tobytes())
            sentences.extend((starts[-1] + a, starts[-1] + b) for a, b in ranges if a < b)
            starts.append(starts[-1] + len(tokens))

        yield add
        file.seek(0)
        _write_header(file, starts[-1], dim)
    np.save(folder / SENTENCES, np.asarray(sentences, dtype=np.int64).reshape(-1, 2))
    np.save(folder / STARTS, np.asarray(starts, dtype=np.int64))


def _write_header(file: BinaryIO, rows: int, dim: int) -> None:
    """As ``np.save`` does; of the same length for any number of rows, as numpy leaves room."""
    about = {"descr": dtype_to_descr(np.dtype(np.int8)), "fortran_order": False}
    write_array_header_1_0(file, {**about, "shape": (rows, dim)})


def _are_starts(starts: NDArray[np.int64], end: int) -> bool:
    """Whether they rise from 0 to ``end``."""
    if starts.ndim != 1 or starts.dtype != np.int64 or not len(starts):
        return False
    return bool(starts[0] == 0 and starts[-1] == end and (np.diff(starts) >= 0).all())


def _are_ranges(sentences: NDArray[np.int64], starts: NDArray[np.int64]) -> bool:
    """Whether they follow each other, none empty, each inside one passage."""
    if sentences.ndim != 2 or sentences.shape[1] != 2 or sentences.dtype != np.int64:
        return False
    first, last = sentences[:, 0], sentences[:, 1]
    if not ((first < last).all() and (last[:-1] <= first[1:]).all()):
        return False
    passages = np.searchsorted(starts, first, side="right")
    return bool(
        (first >= 0).all() and (passages < len(starts)).all() and (last <= starts[passages]).all()
    )
