"""The top of a ranking, put in a better order by a slower look at each candidate.

Two rerankers: late interaction over the token vectors that the index holds (late.py), the
default where the encoder gives such vectors, and any CrossEncoder of sentence-transformers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus import RerankerUnavailable
from index.embed import looks_like_path
from index.fuse import Fusion

# Chosen on the development questions and eval/fit: docs/retrieval.md.
LATE_WEIGHT = 2.0  # of late interaction with the passage, beside the fused score, both in cosine
SENTENCE_WEIGHT = 2.0  # of late interaction with the passage's best sentence
DEPTH = 50  # candidates looked at again
LATE = "late"  # what late interaction is called among scores and settings
SENTENCE = "sentence"  # and that with the best sentence, among scores
RERANKER = "reranker"  # and what another reranker gives
LOCAL_HINT = "give the path of a folder that holds the model, or use 'late' or 'off'"
_BELOW = 1e-6  # what parts the rows that follow from the reordered ones: more than rounding does


@dataclass(frozen=True, slots=True)
class RerankSettings:
    """``depth`` candidates are rescored; ``weight`` is of late interaction with the passage,
    ``sentence`` of that with its best sentence. 0 turns any of them off."""

    depth: int = DEPTH
    weight: float = LATE_WEIGHT
    sentence: float = SENTENCE_WEIGHT


class Reranker(Protocol):
    """What reads question and passage together. Safe to call from several threads."""

    @property
    def name(self) -> str: ...

    @property
    def fingerprint(self) -> str:
        """SHA-256, hex, of all that decides the scores."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts),) float32, higher is better, of no fixed scale."""


def open_reranker(name: str, *, device: str = "auto", precision: str = "fp32") -> Reranker:
    """The CrossEncoder called ``name``: the path of a folder, or a hub id.

    ``device`` is 'auto', 'cpu', 'cuda' …, ``precision`` 'fp32' or 'bf16'. Raises
    RerankerUnavailable.
    """
    folder = Path(name).expanduser()
    if not folder.is_dir() and looks_like_path(name):
        raise RerankerUnavailable(name, f"there is no folder '{folder}'; {LOCAL_HINT}.")
    from index.rerank_st import CrossEncoderReranker  # slow to import, so only when used

    return CrossEncoderReranker(name, device=device, precision=precision)


def reranked(
    fused: Fusion,
    legs: Mapping[str, NDArray[np.float32]],
    weights: Mapping[str, float],
    *,
    keep: float = 1.0,
    ties: NDArray[np.int64] | None = None,
) -> Fusion:
    """``fused`` with its first rows reordered; the others follow as they were.

    ``legs`` are the new scores by name, one for each of the first rows, all of one length. A row's
    new score is ``keep`` times its old one plus its new ones, each times its weight; the rows that
    follow are moved down as one block where needed. Of two rows with one score the one with the
    lower ``ties``, (rows of the index,), goes first.
    """
    top = min((len(scores) for scores in legs.values()), default=0)
    if not top:
        return fused
    totals = keep * fused.scores[:top]
    for name, scores in legs.items():
        totals = totals + weights[name] * scores.astype(np.float64)
    head = fused.rows[:top]
    order = np.lexsort((head if ties is None else ties[head], -totals))
    rest = fused.scores[top:]
    if len(rest):
        rest = rest - max(0.0, float(rest[0] - totals.min()) + _BELOW)
    places = np.concatenate([order, np.arange(top, len(fused.rows))])
    told = {name: found[places] for name, found in fused.legs.items()}
    for name, scores in legs.items():
        told[name] = np.concatenate([scores[order], np.full(len(rest), np.nan)]).astype(np.float64)
    return Fusion(fused.rows[places], np.concatenate([totals[order], rest]), told)
