"""What the student is trained to do, as losses of one batch. Scores are cosines times a scale."""

import torch
from torch import Tensor
from torch.nn import functional

MASKED = -1e4


def contrast(left: Tensor, right: Tensor, same: Tensor, scale: float) -> Tensor:
    """Symmetric InfoNCE of unit rows (n, dim); pairs in ``same`` (n, n) are no negatives."""
    scores = (scale * left @ right.T).masked_fill(same, MASKED)
    gold = torch.arange(len(left))
    there = functional.cross_entropy(scores, gold)
    back = functional.cross_entropy(scores.T, gold)
    return (there + back) / 2


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
