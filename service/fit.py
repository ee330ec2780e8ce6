"""Two small fits, deterministic, in NumPy: which of several is right, and yes or no."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
_STEPS = 400
_NEWTON_STEPS = 50


def listwise(groups: Sequence[tuple[Table, Table]], ridge: float) -> Table:
    """(features,): weights under which the softmax of ``table @ weights`` gives most to the right
    rows of each group (conditional logit, McFadden 1974), with a penalty on their square.

    ``groups`` are (table (n, features), right (n,) of 0 and 1); one without a right row tells
    nothing and is left out.
    """
    told = [(table, right) for table, right in groups if right.any()]
    stacked = np.concatenate([table for table, _ in told])
    mean, scale = stacked.mean(axis=0), stacked.std(axis=0) + 1e-9
    scaled = [((table - mean) / scale, right) for table, right in told]
    weights = np.zeros(stacked.shape[1])
    for _ in range(_STEPS):
        slope = ridge * weights
        curve = ridge * np.eye(len(weights))
        for table, right in scaled:
            given = _softmax(table @ weights)
            among = given * right
            among /= among.sum()
            slope -= table.T @ (among - given)
            centred = table - given @ table
            curve += centred.T @ (given[:, None] * centred)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-9:
            break
    found: Table = weights / scale
    return found


def logistic(table: Table, yes: Table, ridge: float) -> tuple[float, Table]:
    """(bias, weights (features,)) of centred features: logit = bias + (table - mean) @ weights.

    The penalty is on the weights of standardised features. Newton's method.
    """
    mean, scale = table.mean(axis=0), table.std(axis=0) + 1e-9
    scaled = np.column_stack([np.ones(len(table)), (table - mean) / scale])
    penalty = ridge * np.eye(scaled.shape[1])
    penalty[0, 0] = 0.0
    weights = np.zeros(scaled.shape[1])
    for _ in range(_NEWTON_STEPS):
        given = 1 / (1 + np.exp(-(scaled @ weights)))
        slope = scaled.T @ (given - yes) + penalty @ weights
        curve = (scaled * (given * (1 - given))[:, None]).T @ scaled + penalty
        step = np.linalg.solve(curve, slope)
        weights -= step
        if float(np.abs(step).max()) < 1e-10:
            break
    return float(weights[0]), weights[1:] / scale


def _softmax(scores: Table) -> Table:
    shares = np.exp(scores - scores.max())
    found: Table = shares / shares.sum()
    return found
