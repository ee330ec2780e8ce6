"""How sure an answer can be, in [0, 1]: the product of two logistic functions of a few signals,
how likely the question is of the documents' subject and, if it is, to be answered; pure.

Those of the writer come with its draft; those of retrieval are read off the hits, and do not
depend on how many were asked for beyond ``DEPTH``.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from corpus import Hit
from index import Encoder
from service.calibration import Calibration, Signal, shipped

DEPTH = 10  # hits that are looked at
NAMED = "named"  # signal: 1 where what is quoted is of a paragraph that the question names
NOTHING_CLOSE = "nothing_close"
FACT_MISSING = "topic_covered_fact_missing"
NOT_CLEAR = "no_clear_answer"


def confidence(
    hits: Sequence[Hit], signals: Mapping[str, float], calibration: Calibration
) -> float:
    """In [0, 1]; 0 without hits. A signal that is not known counts as usual. A question that names
    one of the documents' paragraphs (``NAMED``) is of their subject for certain."""
    if not hits:
        return 0.0
    known = {**signals, **of_retrieval(hits)}
    answered = _logistic(known, calibration.bias, calibration.signals)
    if known.get(NAMED):
        return answered
    return answered * _logistic(known, calibration.topic_bias, calibration.topic)


def _logistic(known: Mapping[str, float], bias: float, signals: Mapping[str, Signal]) -> float:
    logit = bias + sum(
        signal.weight * (known.get(name, signal.usual) - signal.usual)
        for name, signal in signals.items()
    )
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, logit))))


def of_retrieval(hits: Sequence[Hit]) -> dict[str, float]:
    """``dense``, ``lexical``, ``late``: the best score of each, the last where there is one;
    ``lead``: how far the best cosine stands above the mean of all; ``agreement``: whether both legs
    put the same passage first, where the lexical one found anything."""
    first = hits[:DEPTH]
    dense = [hit.scores.get("dense", 0.0) for hit in first]
    lexical = [hit.scores.get("lexical", 0.0) for hit in first]
    same = int(np.argmax(dense)) == int(np.argmax(lexical)) and max(lexical) > 0
    late = [hit.scores["late"] for hit in first if "late" in hit.scores]
    found = {"late": max(late)} if late else {}
    return found | {
        "dense": max(dense),
        "lexical": max(lexical),
        "lead": max(dense) - sum(dense) / len(dense),
        "agreement": float(same),
    }


def reason(hits: Sequence[Hit], signals: Mapping[str, float], calibration: Calibration) -> str:
    """Why there is no answer: NOTHING_CLOSE, FACT_MISSING or NOT_CLEAR."""
    if not hits or of_retrieval(hits)["dense"] < calibration.near:
        return NOTHING_CLOSE
    return FACT_MISSING if signals.get("unmet", 0.0) > 0 else NOT_CLEAR


def doubt_for(encoder: Encoder) -> float:
    """Below it an answer is uncertain; 0 (none is) with another encoder than the one that the
    shipped one was fitted with."""
    calibration = shipped()
    return calibration.doubt if encoder.fingerprint == calibration.encoder else 0.0


def threshold_for(encoder: Encoder, chosen: float | None) -> float:
    """The one that was chosen, else the shipped one; 0 (never abstain while something was found)
    with another encoder than the one it was fitted with, whose cosines mean something else."""
    if chosen is not None:
        return chosen
    calibration = shipped()
    return calibration.threshold if encoder.fingerprint == calibration.encoder else 0.0
