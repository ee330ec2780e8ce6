"""When to say nothing: figures at the shipped threshold, and curves over every threshold. Pure.

A question that could not be asked has no confidence: it stays out of the AUROC and of the rates,
which say of how many questions they are.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from corpus import LANGUAGES
from eval.metrics import auroc, mean
from eval.run import Outcome, Report

Json = dict[str, Any]


def abstention(report: Report) -> Json:
    """AUROC of the confidence, rates of wrong and right abstentions; all, and by language."""
    by_language = {
        language: [o for o in report.outcomes if o.case.language == language]
        for language in LANGUAGES
    }
    return {
        **_figures(report.outcomes),
        "threshold": report.threshold,
        "by_language": {
            language: _figures(chosen) for language, chosen in by_language.items() if chosen
        },
    }


def risk_coverage(answers: Sequence[tuple[float, bool]], asked: int) -> list[tuple[float, float]]:
    """(share of ``asked`` questions answered, share of these answers that is wrong), the most
    confident answers first, one point for each confidence (El-Yaniv and Wiener 2010).

    ``answers`` are (confidence, whether it is right) of the answers given.
    """
    points, given, wrong = [], 0, 0
    ranked = sorted(answers, key=lambda one: -one[0])
    for _, same in groupby(ranked, key=lambda one: one[0]):
        right = [is_right for _, is_right in same]
        given += len(right)
        wrong += right.count(False)
        points.append((given / asked, wrong / given))
    return points


def abstention_curve(
    answerable: Sequence[float], unanswerable: Sequence[float]
) -> list[tuple[float, float | None, float | None]]:
    """(threshold, share of answerable questions with a confidence below it, share of unanswerable
    ones), for every confidence met and just above the highest; a share of nothing is None."""
    met = sorted({*answerable, *unanswerable})
    if not met:
        return []

    def below(values: Sequence[float], threshold: float) -> float | None:
        return mean([value < threshold for value in values])

    above = met[-1] + max(1e-6, 1e-6 * abs(met[-1]))
    return [(at, below(answerable, at), below(unanswerable, at)) for at in (*met, above)]


def confidences(outcomes: Sequence[Outcome], *, answerable: bool) -> list[float]:
    """Those stated for answerable questions, or for unanswerable ones."""
    chosen = (o.asked for o in outcomes if o.asked and o.case.answerable == answerable)
    return [asked.confidence for asked in chosen if asked.confidence is not None]


def _figures(outcomes: Sequence[Outcome]) -> Json:
    def abstained(answerable: bool) -> list[bool]:
        chosen = (o for o in outcomes if o.asked and o.case.answerable == answerable)
        return [one.asked.abstained for one in chosen if one.asked]

    wrong, right = abstained(True), abstained(False)
    return {
        "auroc": auroc(
            confidences(outcomes, answerable=True), confidences(outcomes, answerable=False)
        ),
        "wrong_abstentions": mean(wrong),
        "right_abstentions": mean(right),
        "answerable": len(wrong),
        "unanswerable": len(right),
    }
