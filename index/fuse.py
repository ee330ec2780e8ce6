"""Two rankings -> one. Pure: no input order, no clock, no chance; ties go to the lower row.

``weighted`` (the default) adds the lexical leg's *evidence* to the dense cosine. Evidence is
in [0, 1] and is small unless a row holds much of what the question says, so a leg that has
next to nothing to say (a Russian question against Chinese text shares at most a number) barely
moves the other. ``rrf`` ignores scores and adds reciprocal ranks; it is here to be compared,
and lets the same near-empty leg count as much as a full one.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from index.lexical import LexicalResult

# Both chosen on the development questions and eval/fit: docs/retrieval.md.
LEXICAL_WEIGHT = 3.0  # evidence 0.02 (a fair match) moves a row by 0.06, a usual gap in cosine
ASIDE_COST = 0.02  # what a note or back matter must beat the running text by, in cosine
RRF_K = 60  # Cormack, Clarke and Büttcher 2009

Method = Literal["weighted", "rrf"]


@dataclass(frozen=True, slots=True)
class FusionSettings:
    """How an open index joins its legs; ``aside_cost`` is in cosine, for 'weighted' alone."""

    method: Method = "weighted"
    weight: float = LEXICAL_WEIGHT
    aside_cost: float = ASIDE_COST


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one leg found: ``rows`` (n,) int64, each at most once, and ``scores`` (n,) float32."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fused:
    """A row, its fused score, and the score of each leg that found it, by the leg's name."""

    row: int
    score: float
    scores: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Fusion(Sequence[Fused]):
    """Rows best first: ``rows`` (n,) int64, each once, their fused ``scores`` (n,) float64.

    ``legs`` maps a leg's name to its scores of the same rows, (n,) float64, NaN where the leg
    did not find the row. An item is made when it is asked for: few of a ranking's rows are.
    """

    rows: NDArray[np.int64]
    scores: NDArray[np.float64]
    legs: Mapping[str, NDArray[np.float64]]

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, at: int) -> Fused: ...
    @overload
    def __getitem__(self, at: slice) -> list[Fused]: ...
    def __getitem__(self, at: int | slice) -> Fused | list[Fused]:
        if isinstance(at, slice):
            return [self[place] for place in range(*at.indices(len(self)))]
        found = {name: float(leg[at]) for name, leg in self.legs.items()}
        scores = {name: score for name, score in found.items() if not math.isnan(score)}
        return Fused(int(self.rows[at]), float(self.scores[at]), scores)


def evidence(result: LexicalResult) -> Ranking:
    """BM25 as a share of what the question could attain, times the share of it covered.

    Both factors are in [0, 1]: the first says how much of the question the row is about, the
    second damps a row that repeats one word of many.
    """
    if result.attainable <= 0:
        return Ranking(result.rows, np.zeros(len(result.rows), dtype=np.float32))
    share = np.minimum(result.scores / np.float32(result.attainable), np.float32(1))
    return Ranking(result.rows, share * result.coverage)


def fuse(
    dense: Ranking,
    lexical: Ranking,
    *,
    method: Method = "weighted",
    weight: float = LEXICAL_WEIGHT,
    costs: NDArray[np.float32] | None = None,
    ties: NDArray[np.int64] | None = None,
) -> Fusion:
    """Every row of either ranking, best first.

    ``dense`` holds cosines, ``lexical`` what ``evidence`` gives. ``weight`` is for 'weighted'
    alone. A row that one leg did not return gets that leg's neutral value: no evidence, or
    the lowest cosine returned, which is the most its own can be. ``costs``, (rows of the index,),
    is taken off a row's weighted score; ranks have no use for it. Of two rows with one score the
    one with the lower ``ties``, (rows of the index,), goes first (None: the lower row).
    """
    rows = _union(dense.rows, lexical.rows)
    near, words = _spread(dense, rows), _spread(lexical, rows)
    if method == "rrf":
        totals = _reciprocal_ranks(near) + _reciprocal_ranks(words)
    else:
        neutral = dense.scores.min() if len(dense.scores) else 0.0
        totals = np.where(np.isnan(near), neutral, near)
        totals += weight * np.where(np.isnan(words), 0.0, words)
        if costs is not None:
            totals -= costs[rows]
    order = np.lexsort((rows if ties is None else ties[rows], -totals))
    legs = {"dense": near[order], "lexical": words[order]}
    return Fusion(rows[order], totals[order], legs)


def _union(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ascending, each row once."""
    rows = np.sort(np.concatenate([one, other]))
    first = np.ones(len(rows), dtype=bool)
    np.not_equal(rows[1:], rows[:-1], out=first[1:])
    return rows[first]


def _spread(leg: Ranking, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """(len(rows),): the leg's score of each of ``rows``, NaN for those it did not return."""
    scores = np.full(len(rows), np.nan)
    scores[np.searchsorted(rows, leg.rows)] = leg.scores
    return scores


def _reciprocal_ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 / (k + rank), ranks 1-based with ties by row; 0 where the score is NaN."""
    order = np.argsort(-scores, kind="stable")[: np.count_nonzero(~np.isnan(scores))]
    shares = np.zeros(len(scores))
    shares[order] = 1 / (RRF_K + np.arange(1, len(order) + 1))
    return shares
