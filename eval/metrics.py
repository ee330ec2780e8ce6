"""Measures: numbers in, numbers out. Ranking measures come from ir_measures.

A ranking is a list of passage ids, best first; qrels are the ids of the relevant ones ("any of
these", all equally good). Every measure is in [0, 1].
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

CUTOFFS = (1, 5, 10, 100)
RANKING_MEASURES = (*(f"success@{k}" for k in CUTOFFS), "ndcg@10", "rr@10")
PUBLIC_MEASURES = ("ndcg@10", *(f"recall@{k}" for k in CUTOFFS), "rr@10")
RESAMPLES = 2_000  # of a bootstrap
SEED = 20_240_229  # any number will do, as long as it stays
LEVEL = 0.95
EXACT = 14  # differences whose signs are all tried: 2**14 is about PERMUTATIONS
PERMUTATIONS = 20_000
_AT_ONCE = 1_000  # permutations held in memory

_MARKER = re.compile(r"\[\d+\]")  # of a citation, in an answer
_WORD = re.compile(r"\w+")


def ranking_scores(
    rankings: Mapping[str, Sequence[str]], qrels: Mapping[str, frozenset[str]]
) -> dict[str, dict[str, float]]:
    """Per query of ``qrels``, each of RANKING_MEASURES; all relevant passages equally good."""
    graded = {query: dict.fromkeys(sorted(ids), 1) for query, ids in qrels.items()}
    return graded_scores(rankings, graded, RANKING_MEASURES)


def graded_scores(
    rankings: Mapping[str, Sequence[str]],
    qrels: Mapping[str, Mapping[str, int]],
    names: Sequence[str],
) -> dict[str, dict[str, float]]:
    """Per query of ``qrels`` (id -> grade, relevant when above 0), each measure in ``names``.

    A query without a ranking, or without anything relevant, scores 0. nDCG (Järvelin and
    Kekäläinen 2002) has the grade as gain and log2 discount; an id ranked twice counts once.
    """
    import ir_measures  # here, so that nothing else pays for loading it

    measures = {str(ir_measures.parse_measure(_NAMES[name])): name for name in names}
    scores = {query: dict.fromkeys(names, 0.0) for query in qrels}
    judged = [ir_measures.Qrel(q, id, grade) for q in qrels for id, grade in qrels[q].items()]
    run = [
        ir_measures.ScoredDoc(query, passage, float(-rank))
        for query in qrels
        for rank, passage in enumerate(dict.fromkeys(rankings.get(query, ())), 1)
    ]
    if not judged or not run:
        return scores
    for metric in ir_measures.iter_calc(
        [ir_measures.parse_measure(m) for m in measures], judged, run
    ):
        scores[metric.query_id][measures[str(metric.measure)]] = float(metric.value)
    return scores


_NAMES = {
    **{f"success@{k}": f"Success@{k}" for k in CUTOFFS},
    **{f"recall@{k}": f"R@{k}" for k in CUTOFFS},
    "ndcg@10": "nDCG@10",
    "rr@10": "RR@10",
}


def mean(values: Sequence[float]) -> float | None:
    """None of nothing."""
    return float(np.mean(values)) if len(values) else None


def interval(values: Sequence[float], *, seed: int = SEED) -> tuple[float, float] | None:
    """Bootstrap interval of the mean: percentiles of RESAMPLES resampled means (Efron 1979).

    The resamples depend on ``seed`` and the number of values alone, so that intervals of several
    systems over the same questions are paired. None of nothing.
    """
    if not len(values):
        return None
    means = _resampled(np.asarray(values, dtype=np.float64), seed)
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def difference(
    ours: Sequence[float], theirs: Sequence[float], *, seed: int = SEED
) -> tuple[float, float, float] | None:
    """(mean, low, high) of ours - theirs, question by question; the sequences are parallel."""
    gaps = [a - b for a, b in zip(ours, theirs, strict=True)]
    within = interval(gaps, seed=seed)
    return None if within is None else (float(np.mean(gaps)), *within)


def randomisation(differences: Sequence[float], *, seed: int = SEED) -> float:
    """Paired randomisation test (Fisher 1935; Smucker, Allan and Carterette 2007), two-sided.

    The chance that the mean of ``differences`` is at least as far from 0 when each of them gets a
    random sign: over all signs when there are at most EXACT differences that are not 0, else over
    PERMUTATIONS of them, the one observed counted in (Phipson and Smyth 2010). 1 for no
    difference. Counts in millionths, so that equal sums are equal.
    """
    whole = np.rint(1e6 * np.asarray(differences, dtype=np.float64)).astype(np.int64)
    whole = whole[whole != 0]
    observed = abs(int(whole.sum()))
    if not observed:
        return 1.0
    if len(whole) <= EXACT:
        codes = np.arange(2 ** len(whole), dtype=np.int64)
        signs = 1 - 2 * (codes[:, None] >> np.arange(len(whole)) & 1)
        return float(np.mean(np.abs(signs @ whole) >= observed))
    random = np.random.default_rng(seed)
    as_far = 1
    for first in range(0, PERMUTATIONS, _AT_ONCE):
        rows = min(_AT_ONCE, PERMUTATIONS - first)
        signs = 1 - 2 * random.integers(2, size=(rows, len(whole)), dtype=np.int64)
        as_far += int(np.count_nonzero(np.abs(signs @ whole) >= observed))
    return as_far / (PERMUTATIONS + 1)


def holm(chances: Sequence[float]) -> list[float]:
    """p-values, each corrected for the number of tests made (Holm 1979), in the same order."""
    corrected = [0.0] * len(chances)
    highest = 0.0
    for rank, at in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[at]))
        corrected[at] = highest
    return corrected


def _resampled(values: NDArray[np.float64], seed: int) -> NDArray[np.float64]:
    """(RESAMPLES,) float64: means of draws with replacement."""
    drawn = np.random.default_rng(seed).integers(len(values), size=(RESAMPLES, len(values)))
    means: NDArray[np.float64] = values[drawn].mean(axis=1)
    return means


def auroc(positives: Sequence[float], negatives: Sequence[float]) -> float | None:
    """The chance that a positive scores above a negative, a tie being half (Hanley and McNeil
    1982); None when either is missing."""
    if not len(positives) or not len(negatives):
        return None
    ours = np.asarray(positives, dtype=np.float64)[:, None]
    theirs = np.asarray(negatives, dtype=np.float64)[None, :]
    return float(np.mean((ours > theirs) + 0.5 * (ours == theirs)))


def answer_f1(answer: str, gold: str, language: str) -> float:
    """F1 of the tokens that two answers share (SQuAD, Rajpurkar et al. 2016), as multisets:
    characters in Chinese, words elsewhere. Case, punctuation and citation marks do not count."""
    said, wanted = Counter(_tokens(answer, language)), Counter(_tokens(gold, language))
    shared = (said & wanted).total()
    if not shared:
        return 0.0
    precision, recall = shared / said.total(), shared / wanted.total()
    return 2 * precision * recall / (precision + recall)


def _tokens(text: str, language: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", _MARKER.sub(" ", text)).casefold()
    words = _WORD.findall(plain)
    return list("".join(words)) if language == "zh" else words


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    """The median, the 95th and the 99th percentile; None of nothing."""
    if not len(values):
        return {"p50": None, "p95": None, "p99": None}
    found = np.percentile(np.asarray(values, dtype=np.float64), [50, 95, 99])
    return dict(zip(("p50", "p95", "p99"), (float(value) for value in found), strict=True))
