"""Both fits against independent implementations and cases with a known answer."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize

from service.fit import listwise, logistic

RIDGE = 2.0


@pytest.fixture
def groups() -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Choices among five, the right one mostly that with the largest first feature."""
    rng = np.random.default_rng(7)
    found = []
    for _ in range(60):
        table = rng.normal(size=(5, 3)) * [1.0, 10.0, 0.1]
        right = np.zeros(5)
        right[int(np.argmax(table[:, 0] + 0.7 * rng.normal(size=5)))] = 1
        if rng.random() < 0.3:
            right[int(rng.integers(5))] = 1
        found.append((table, right))
    return found


def test_listwise_finds_the_minimum_that_a_general_optimiser_finds(groups) -> None:
    stacked = np.concatenate([table for table, _ in groups])
    mean, scale = stacked.mean(axis=0), stacked.std(axis=0) + 1e-9

    def loss(weights: NDArray[np.float64]) -> float:
        total = RIDGE * float(weights @ weights) / 2
        for table, right in groups:
            scores = ((table - mean) / scale) @ weights
            total -= float(np.log(np.exp(scores) @ right) - np.log(np.exp(scores).sum()))
        return total

    expected = minimize(loss, np.zeros(3), tol=1e-12).x / scale
    assert listwise(groups, RIDGE) == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_listwise_prefers_what_marks_the_right_one(groups) -> None:
    weights = listwise(groups, RIDGE)
    assert weights[0] > 0.5
    right = [right[int(np.argmax(table @ weights))] for table, right in groups]
    assert np.mean(right) > 0.5  # by chance: a quarter


def test_a_group_without_a_right_one_tells_nothing(groups) -> None:
    silent = (np.full((4, 3), 1e6), np.zeros(4))
    assert listwise([*groups, silent], RIDGE) == pytest.approx(listwise(groups, RIDGE))


def test_logistic_agrees_with_scikit_learn() -> None:
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(3)
    table = rng.normal(size=(200, 3)) * [1.0, 5.0, 0.2] + [0.0, 9.0, -1.0]
    yes = (table[:, 0] - 0.3 * table[:, 1] + rng.normal(size=200) > -2.5).astype(float)
    bias, weights = logistic(table, yes, RIDGE)
    scale = table.std(axis=0)
    theirs = linear_model.LogisticRegression(C=1 / RIDGE, tol=1e-10, max_iter=1000)
    theirs.fit((table - table.mean(axis=0)) / scale, yes)
    assert weights == pytest.approx(theirs.coef_[0] / scale, rel=1e-4)
    assert bias == pytest.approx(theirs.intercept_[0], rel=1e-4)


def test_logistic_of_a_useless_feature_is_the_share() -> None:
    bias, weights = logistic(np.zeros((8, 1)), np.asarray([1.0] * 6 + [0.0] * 2), RIDGE)
    assert bias == pytest.approx(np.log(3))
    assert weights == pytest.approx([0.0])
