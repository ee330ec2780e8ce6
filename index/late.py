"""The token vectors of every passage, and late interaction over them.

Late interaction (Khattab and Zaharia 2020) asks of each word of the question how well the passage
has it, in any language, where one vector for the passage asks it of the whole. Three files:
``tokens.npy`` (tokens of all passages, dim) int8 in the order of the passages, memory-mapped, so
that only the candidates' rows are read; ``starts.npy`` (passages + 1,) int64; ``sentences.npy``
(sentences, 2) int64, where the tokens of each sentence begin and end.

A passage has a word by a logistic function of the best cosine, so that the word itself counts
hardly more than its translation, and what is merely of the same kind hardly at all. A word weighs
by the length of its vector, which training made, and by how few of the candidates have it: what
all of them speak of tells them apart no better than a stop word.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import dtype_to_descr, open_memmap, write_array_header_1_0
from numpy.typing import NDArray

from corpus import IndexCorrupt

TOKENS, STARTS, SENTENCES = "tokens.npy", "starts.npy", "sentences.npy"
INT8 = 127
# Chosen on the development questions and eval/fit: docs/retrieval.md.
HALF = 0.35  # best cosine at which a passage half has a token
SOFT = 0.1  # cosine above it at which it has 0.73 of it
LOUD = 1.5  # power of a token vector's length in its weight
RARE = 0.5  # power of the token's rarity in its weight
_TINY = 1e-9
Ranges = Sequence[tuple[int, int]]
Add = Callable[[NDArray[np.int8], Ranges], None]


@dataclass(frozen=True, slots=True, eq=False)
class Late:
    """Scores of passages, each of its ``whole`` and of its best ``sentence``: (passages,) float32
    both, between 0 and 1. ``question`` (length, dim) float32 holds the token vectors that were
    asked for, each as long as it weighs among these passages."""

    whole: NDArray[np.float32]
    sentence: NDArray[np.float32]
    question: NDArray[np.float32]


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

    def scores(self, question: NDArray[np.float32], rows: NDArray[np.int64]) -> Late:
        """Late interaction with the passages ``rows``, which are all that is compared.

        ``question`` is (length, dim) float32. How far the passage (the sentence) has each of its
        tokens (``had``); their mean, weighted (``weights``). 0 where there are no tokens. A
        passage without sentences counts as one sentence.
        """
        found = np.zeros(len(rows), dtype=np.float32)
        lengths = np.linalg.norm(question, axis=1)
        firsts, lasts = self._starts[rows], self._starts[rows + 1]
        filled = np.flatnonzero(lasts - firsts)
        if not len(filled) or not lengths.any():
            return Late(found, found.copy(), question)
        parts = [self._tokens[firsts[at] : lasts[at]] for at in filled]
        tokens = np.concatenate(parts).astype(np.float32)
        unit = question / np.maximum(lengths, _TINY)[:, None]
        cosines = tokens @ (unit / INT8).T  # (tokens, length)
        offsets = np.zeros(len(filled), dtype=np.int64)
        np.cumsum((lasts - firsts)[filled][:-1], out=offsets[1:])
        held = had(np.maximum.reduceat(cosines, offsets, axis=0))
        weight = weights(lengths, held)
        found[filled] = held @ weight
        sentences = found.copy()
        sentences[filled] = self._best_sentences(
            cosines, rows[filled], offsets, found[filled], weight
        )
        return Late(found, sentences, unit * weight[:, None])

    def _best_sentences(
        self,
        cosines: NDArray[np.float32],
        rows: NDArray[np.int64],
        offsets: NDArray[np.int64],
        otherwise: NDArray[np.float32],
        weight: NDArray[np.float32],
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
        each = had(np.maximum.reduceat(padded, ranges.ravel(), axis=0)[::2]) @ weight
        begins = np.zeros(len(has), dtype=np.int64)
        np.cumsum(counts[has][:-1], out=begins[1:])
        found[has] = np.maximum.reduceat(each, begins)
        return found

    def cosines(self, question: NDArray[np.float32], row: int) -> NDArray[np.float32]:
        """(tokens of the passage, length) float32: the cosine of each with each of the question's
        tokens, (length, dim) float32."""
        own = self._tokens[self._starts[row] : self._starts[row + 1]].astype(np.float32)
        lengths = np.maximum(np.linalg.norm(question, axis=1), _TINY)
        found: NDArray[np.float32] = own @ (question / (INT8 * lengths)[:, None]).T
        return found


def had(best: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far tokens are there, between 0 and 1, by their best cosines; of the same shape."""
    found: NDArray[np.float32] = 1 / (1 + np.exp((HALF - best) / SOFT))
    return found


def weights(lengths: NDArray[np.float32], held: NDArray[np.float32]) -> NDArray[np.float32]:
    """(length,): how much each token of a question counts; they add up to 1.

    ``lengths`` (length,) are those of its vectors, not all 0; ``held`` (passages, length) says how
    far each passage has it.
    """
    rarity = np.log1p(len(held) / (0.5 + held.sum(axis=0)))
    weight = lengths**LOUD * rarity**RARE
    found: NDArray[np.float32] = (weight / weight.sum()).astype(np.float32)
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
