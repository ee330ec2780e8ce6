"""Two rankings -> one. Pure: no input order, no clock, no chance; ties go to the lower row.

``weighted`` (the default) adds the lexical leg's *evidence* to the dense cosine. Evidence is
in [0, 1] and is small unless a row holds much of what the question says, so a leg that has
next to nothing to say (a Russian question against Chinese text shares at most a number) barely
moves the other. ``rrf`` ignores scores and adds reciprocal ranks; it is here to be compared,
and lets the same near-empty leg count as much as a full one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.lexical import LexicalResult

# Both chosen on the development questions: ``python -m eval.bench.retrieval``, docs/retrieval.md.
LEXICAL_WEIGHT = 6.0  # evidence 0.02 (a fair match) moves a row by 0.12, a usual gap in cosine
ASIDE_COST = 0.05  # what a note or back matter must beat the running text by, in cosine
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
) -> list[Fused]:
    """Every row of either ranking, best first.

    ``dense`` holds cosines, ``lexical`` what ``evidence`` gives. ``weight`` is for 'weighted'
    alone. A row that one leg did not return gets that leg's neutral value: no evidence, or
    the lowest cosine returned, which is the most its own can be. ``costs``, (rows of the index,),
    is taken off a row's weighted score; ranks have no use for it.
    """
    legs = {"dense": _by_row(dense), "lexical": _by_row(lexical)}
    rows = sorted(legs["dense"].keys() | legs["lexical"].keys())
    if method == "rrf":
        totals = _reciprocal_ranks(rows, [_places(leg) for leg in legs.values()])
    else:
        totals = _weighted(rows, legs["dense"], legs["lexical"], weight)
        if costs is not None:
            totals = [total - float(costs[row]) for row, total in zip(rows, totals, strict=True)]
    fused = [
        Fused(row, total, {name: leg[row] for name, leg in legs.items() if row in leg})
        for row, total in zip(rows, totals, strict=True)
    ]
    return sorted(fused, key=lambda one: (-one.score, one.row))


def _by_row(ranking: Ranking) -> dict[int, float]:
    return dict(zip(ranking.rows.tolist(), ranking.scores.tolist(), strict=True))


def _weighted(
    rows: Sequence[int], dense: Mapping[int, float], lexical: Mapping[int, float], weight: float
) -> list[float]:
    neutral = min(dense.values(), default=0.0)
    return [dense.get(row, neutral) + weight * lexical.get(row, 0.0) for row in rows]


def _reciprocal_ranks(rows: Sequence[int], legs: Sequence[Mapping[int, int]]) -> list[float]:
    return [sum(1 / (RRF_K + places[row]) for places in legs if row in places) for row in rows]


def _places(leg: Mapping[int, float]) -> dict[int, int]:
    """The rank of each row, 1-based, ties by row."""
    order = sorted(leg, key=lambda row: (-leg[row], row))
    return {row: place for place, row in enumerate(order, start=1)}
