"""The top of a ranking, put in a better order by a slower look at each candidate.

Two rerankers: late interaction over the token vectors that the index holds (late.py), the
default where the encoder gives such vectors, and any CrossEncoder of sentence-transformers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.fuse import Fusion

# Chosen on the development questions: ``python -m eval.bench.retrieval``, docs/retrieval.md.
LATE_WEIGHT = 1.0  # of the late interaction score beside the fused one, both in cosine
DEPTH = 50  # candidates looked at again


@dataclass(frozen=True, slots=True)
class RerankSettings:
    """``depth`` candidates are rescored; ``weight`` is of late interaction. 0 turns either off."""

    depth: int = DEPTH
    weight: float = LATE_WEIGHT


class Reranker(Protocol):
    """What reads question and passage together. Safe to call from several threads."""

    @property
    def name(self) -> str: ...

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts),) float32, higher is better, of no fixed scale."""


def reranked(
    fused: Fusion,
    leg: str,
    scores: NDArray[np.float32],
    *,
    weight: float = 1.0,
    keep: float = 1.0,
    ties: NDArray[np.int64] | None = None,
) -> Fusion:
    """``fused`` with its first ``len(scores)`` rows reordered; the others follow as they were.

    A row's new score is ``keep`` times its old one plus ``weight`` times its own of ``scores``;
    the rows that follow are moved down as one block where needed. ``leg`` names the new scores.
    Of two rows with one score the one with the lower ``ties``, (rows of the index,), goes first.
    """
    top = len(scores)
    if not top:
        return fused
    totals = keep * fused.scores[:top] + weight * scores
    head = fused.rows[:top]
    order = np.lexsort((head if ties is None else ties[head], -totals))
    rest = fused.scores[top:]
    if len(rest):
        rest = rest - max(0.0, float(rest[0] - totals.min()))
    places = np.concatenate([order, np.arange(top, len(fused.rows))])
    legs = {name: found[places] for name, found in fused.legs.items()}
    legs[leg] = np.concatenate([scores[order].astype(np.float64), np.full(len(rest), np.nan)])
    return Fusion(fused.rows[places], np.concatenate([totals[order], rest]), legs)
