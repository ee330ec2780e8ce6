"""What the student is trained to do, as losses of one batch. Scores are cosines times a scale."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

MASKED = -1e4


@dataclass(frozen=True, slots=True)
class Others:
    """Vectors of earlier batches: negatives besides the batch.

    ``vectors`` are unit rows (m, dim); pairs in ``same`` (n, m) are no negatives.
    """

    vectors: Tensor
    same: Tensor


def contrast(
    left: Tensor,
    right: Tensor,
    same: Tensor,
    scale: float,
    left_others: Others | None = None,
    right_others: Others | None = None,
) -> Tensor:
    """Symmetric InfoNCE of unit rows (n, dim); pairs in ``same`` (n, n) are no negatives.

    ``left_others`` are negatives of the right side, ``right_others`` of the left side (after the
    cross-batch memory of Wang et al. 2020).
    """
    scores = (scale * left @ right.T).masked_fill(same, MASKED)
    there = _with_others(scores, left, right_others, scale)
    back = _with_others(scores.T, right, left_others, scale)
    gold = torch.arange(len(left))
    return (functional.cross_entropy(there, gold) + functional.cross_entropy(back, gold)) / 2


def joined(others: Others | None, vectors: Tensor, pairs: int) -> Others:
    """``others`` and unit rows (m, dim) that are negatives of each of so many pairs."""
    same = torch.zeros((pairs, len(vectors)), dtype=torch.bool)
    if others is None:
        return Others(vectors, same)
    return Others(torch.cat([others.vectors, vectors]), torch.cat([others.same, same], dim=1))


def _with_others(scores: Tensor, asked: Tensor, others: Others | None, scale: float) -> Tensor:
    if others is None:
        return scores
    more = (scale * asked @ others.vectors.T).masked_fill(others.same, MASKED)
    return torch.cat([scores, more], dim=1)


def imitate(vectors: Tensor, taught: Tensor, same: Tensor, bank: Tensor, scale: float) -> Tensor:
    """Each vector (n, dim) is to find its own taught vector among all and those of ``bank``."""
    own = (scale * vectors @ taught.T).masked_fill(same, MASKED)
    scores = torch.cat([own, scale * vectors @ bank.T], dim=1)
    return functional.cross_entropy(scores, torch.arange(len(vectors)))


def late(asked: Tensor, asked_mask: Tensor, told: Tensor, told_mask: Tensor) -> Tensor:
    """(queries, passages): late interaction, between -1 and 1 (after Khattab and Zaharia 2020).

    Each query token's best cosine among the passage's tokens, averaged with the norms of the
    query's token vectors as weights. States are (n, length, dim).
    """
    told = functional.normalize(told, dim=-1)
    loud = asked.norm(dim=-1) * asked_mask
    flat = functional.normalize(asked, dim=-1)
    q, n = flat.shape[:2]
    p, m = told.shape[:2]
    # bfloat16 for the large product alone: it is five times as fast, and the maximum forgives it.
    cosines = (flat.reshape(q * n, -1).bfloat16() @ told.reshape(p * m, -1).bfloat16().T).float()
    cosines = cosines.reshape(q, n, p, m)
    cosines = cosines.masked_fill(~told_mask[None, None], -1.0)
    best = cosines.amax(dim=-1)  # (q, n, p)
    weighted = (best * loud.unsqueeze(-1)).sum(1)
    scores: Tensor = weighted / loud.sum(1).clamp(min=1e-6).unsqueeze(-1)
    return scores
