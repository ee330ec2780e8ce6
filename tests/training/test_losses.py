"""Losses against arithmetic done by loops."""

import numpy as np
import torch

from training.losses import Others, contrast, imitate, joined, late


def _units(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    rows = torch.from_numpy(rng.normal(size=shape).astype(np.float32))
    return torch.nn.functional.normalize(rows, dim=-1)


def _softmax_loss(scores: list[float], gold: int) -> float:
    return float(np.log(np.exp(scores).sum()) - scores[gold])


def test_late_interaction_equals_the_brute_force() -> None:
    rng = np.random.default_rng(1)
    asked = torch.from_numpy(rng.normal(size=(3, 5, 8)).astype(np.float32))
    told = torch.from_numpy(rng.normal(size=(4, 7, 8)).astype(np.float32))
    asked_mask = torch.arange(5)[None] < torch.tensor([5, 2, 3])[:, None]
    told_mask = torch.arange(7)[None] < torch.tensor([7, 1, 4, 6])[:, None]
    found = late(asked, asked_mask, told, told_mask)
    for q in range(3):
        for p in range(4):
            total = weights = 0.0
            for token in asked[q][asked_mask[q]]:
                cosines = [
                    float(torch.cosine_similarity(token, other, dim=0))
                    for other in told[p][told_mask[p]]
                ]
                total += float(token.norm()) * max(cosines)
                weights += float(token.norm())
            assert abs(float(found[q, p]) - total / weights) < 0.01  # bfloat16 products


def test_contrast_is_the_mean_of_both_directions_without_what_says_the_same() -> None:
    rng = np.random.default_rng(2)
    left, right = _units(rng, 3, 8), _units(rng, 3, 8)
    same = torch.zeros(3, 3, dtype=torch.bool)
    same[0, 2] = same[2, 0] = True
    scores = (20 * left @ right.T).numpy().astype(float)
    total = 0.0
    for n in range(3):
        others = [m for m in range(3) if not same[n, m]]
        total += _softmax_loss([scores[n, m] for m in others], others.index(n))
        total += _softmax_loss([scores[m, n] for m in others], others.index(n))
    assert abs(float(contrast(left, right, same, 20.0)) - total / 6) < 1e-4


def test_what_is_remembered_is_a_negative_of_the_other_side() -> None:
    rng = np.random.default_rng(4)
    left, right, old_left, old_right = (_units(rng, n, 8) for n in (3, 3, 4, 5))
    same = torch.zeros(3, 3, dtype=torch.bool)
    said = torch.zeros(3, 5, dtype=torch.bool)
    said[1, 2] = True
    others = (Others(old_left, torch.zeros(3, 4, dtype=torch.bool)), Others(old_right, said))
    found = float(contrast(left, right, same, 20.0, *others))
    there = 20 * left @ torch.cat([right, old_right]).T
    back = 20 * right @ torch.cat([left, old_left]).T
    total = 0.0
    for n in range(3):
        kept = [float(v) for m, v in enumerate(there[n]) if not (n == 1 and m == 3 + 2)]
        total += _softmax_loss(kept, n) + _softmax_loss([float(v) for v in back[n]], n)
    assert abs(found - total / 6) < 1e-4


def test_what_stands_beside_an_answer_is_a_negative_of_every_question() -> None:
    rng = np.random.default_rng(6)
    left, right, old, beside = (_units(rng, n, 8) for n in (3, 3, 4, 2))
    same = torch.zeros(3, 3, dtype=torch.bool)
    said = torch.ones(3, 4, dtype=torch.bool)  # all that is remembered says the same
    for others in (None, Others(old, said)):
        more = joined(others, beside, 3)
        assert torch.equal(more.vectors[-2:], beside)
        assert not more.same[:, -2:].any()
        found = float(contrast(left, right, same, 20.0, None, more))
        there, back = 20 * left @ torch.cat([right, beside]).T, 20 * right @ left.T
        total = sum(_softmax_loss([float(v) for v in there[n]], n) for n in range(3))
        total += sum(_softmax_loss([float(v) for v in back[n]], n) for n in range(3))
        assert abs(found - total / 6) < 1e-4


def test_imitate_adds_the_bank_to_the_negatives() -> None:
    rng = np.random.default_rng(3)
    vectors, taught, bank = _units(rng, 4, 8), _units(rng, 4, 8), _units(rng, 6, 8)
    same = torch.zeros(4, 4, dtype=torch.bool)
    every = (20 * vectors @ torch.cat([taught, bank]).T).numpy().astype(float)
    total = sum(_softmax_loss(list(every[n]), n) for n in range(4))
    assert abs(float(imitate(vectors, taught, same, bank, 20.0)) - total / 4) < 1e-4
    assert float(imitate(taught, taught, same, bank, 20.0)) < float(
        imitate(vectors, taught, same, bank, 20.0)
    )
