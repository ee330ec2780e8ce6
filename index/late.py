"""The token vectors of every passage, and late interaction over them.

Late interaction (Khattab and Zaharia 2020) asks of each word of the question how well the passage
has it, in any language, where one vector for the passage asks it of the whole. Two files:
``tokens.npy`` (tokens of all passages, dim) int8 in the order of the passages, memory-mapped, so
that only the candidates' rows are read; ``starts.npy`` (passages + 1,) int64.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from corpus import IndexCorrupt

TOKENS, STARTS = "tokens.npy", "starts.npy"
INT8 = 127


class TokenStore:
    """Immutable once made, with ``build`` or ``open``; safe to read from several threads."""

    def __init__(self, tokens: NDArray[np.int8], starts: NDArray[np.int64]) -> None:
        self._tokens = tokens
        self._starts = starts

    def __len__(self) -> int:
        """How many passages it holds."""
        return len(self._starts) - 1

    @property
    def dim(self) -> int:
        return int(self._tokens.shape[1])

    @classmethod
    def build(cls, tokens: Sequence[NDArray[np.int8]], dim: int) -> "TokenStore":
        """``tokens`` has (length, dim) int8 for each passage: unit vectors times 127."""
        starts = np.zeros(len(tokens) + 1, dtype=np.int64)
        np.cumsum([len(each) for each in tokens], out=starts[1:])
        rows = np.concatenate(tokens) if len(tokens) else np.zeros((0, dim), dtype=np.int8)
        return cls(np.ascontiguousarray(rows, dtype=np.int8), starts)

    @classmethod
    def open(cls, folder: Path) -> "TokenStore":
        """Raises IndexCorrupt when a file is missing or the two do not fit each other."""
        try:
            tokens = open_memmap(folder / TOKENS, mode="r")
            starts = np.array(open_memmap(folder / STARTS, mode="r"))
        except (OSError, ValueError) as error:
            raise IndexCorrupt(folder, f"does not hold token vectors ({error})") from error
        sound = tokens.ndim == 2 and tokens.dtype == np.int8
        if not sound or not _are_starts(starts, len(tokens)):
            raise IndexCorrupt(folder, "does not hold token vectors of its passages")
        return cls(tokens, starts)

    def save(self, folder: Path) -> None:
        """Write both files into ``folder``, which is made."""
        folder.mkdir(parents=True)
        np.save(folder / TOKENS, self._tokens)
        np.save(folder / STARTS, self._starts)

    def scores(self, question: NDArray[np.float32], rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """(len(rows),) float32 between -1 and 1, higher is better; 0 where there are no tokens.

        ``question`` is (length, dim) float32. Of each of its tokens the best cosine among the
        passage's tokens; their mean, weighted by the lengths of the question's token vectors.
        """
        found = np.zeros(len(rows), dtype=np.float32)
        weights = np.linalg.norm(question, axis=1)
        total = float(weights.sum())
        if not len(rows) or total <= 0:
            return found
        firsts, lasts = self._starts[rows], self._starts[rows + 1]
        lengths = lasts - firsts
        filled = np.flatnonzero(lengths)
        parts = [self._tokens[firsts[at] : lasts[at]] for at in filled]
        if not parts:
            return found
        tokens = np.concatenate(parts).astype(np.float32)
        cosines = tokens @ (question / (INT8 * total)).T  # (tokens, length), weight and all
        offsets = np.zeros(len(filled), dtype=np.int64)
        np.cumsum(lengths[filled][:-1], out=offsets[1:])
        best = np.maximum.reduceat(cosines, offsets, axis=0)
        found[filled] = best.sum(axis=1)
        return found

    def cosines(self, question: NDArray[np.float32], row: int) -> NDArray[np.float32]:
        """(tokens of the passage, length) float32: what ``scores`` adds up the best of."""
        own = self._tokens[self._starts[row] : self._starts[row + 1]].astype(np.float32)
        total = max(float(np.linalg.norm(question, axis=1).sum()), 1e-9)
        found: NDArray[np.float32] = own @ (question / (INT8 * total)).T
        return found


def _are_starts(starts: NDArray[np.int64], end: int) -> bool:
    """Whether they rise from 0 to ``end``."""
    if starts.ndim != 1 or starts.dtype != np.int64 or not len(starts):
        return False
    return bool(starts[0] == 0 and starts[-1] == end and (np.diff(starts) >= 0).all())
