"""Development questions with what was found and fitted, and the tables of docs/answers.md."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import LANGUAGES, Hit
from eval import GoldQuestion, Span
from service.writer import Weighed

MOST_WRONG = 0.03  # wrong abstentions on the cross-validated questions; the promise is .08
_STEPS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # thresholds of the table, beside the chosen


@dataclass(frozen=True, slots=True)
class Asked:
    """A gold question in one language with what was found; ``right`` (n,) marks the sentences
    that overlap its evidence. ``strange``: it is off the subject."""

    gold: GoldQuestion
    language: str
    hits: tuple[Hit, ...]
    weighed: Weighed
    spans: tuple[Span, ...]
    right: NDArray[np.float64]
    strange: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A question answered by what was fitted without it; ``cited`` and ``right`` count quotes."""

    asked: Asked
    confidence: float
    cited: int
    right: int
    found: bool
    labelled: bool | None  # None where the gold names no paragraph

    @property
    def answerable(self) -> bool:
        return self.asked.gold.doc is not None


def chosen_threshold(judged: Sequence[Judged]) -> float:
    """The highest under which at most MOST_WRONG of the answerable questions stay unanswered."""
    sure = sorted(one.confidence for one in judged if one.answerable)
    return math.floor(1000 * sure[int(MOST_WRONG * len(sure))]) / 1000 if sure else 0.0


def chosen_doubt(judged: Sequence[Judged]) -> float:
    """The confidence that best tells wrong answers, below it, from right ones; 0 if none does.

    An answer is right when it holds the evidence, so one to a question without any never is.
    """
    ranked = sorted(judged, key=lambda one: one.confidence)
    more_wrong = np.cumsum([-1 if one.found else 1 for one in ranked])
    if not len(ranked) or more_wrong.max() <= 0:
        return 0.0
    last = int(len(ranked) - 1 - np.argmax(more_wrong[::-1]))
    return math.ceil(1000 * ranked[last].confidence) / 1000


def report(judged: Sequence[Judged], threshold: float) -> Iterator[str]:
    """Markdown: figures by language, then risk and coverage by threshold."""
    yield "| asked in | precision | paragraph | found | AUROC | wrong | right abstentions |"
    yield "|---|---|---|---|---|---|---|"
    for language in (*LANGUAGES, None):
        own = [one for one in judged if language in (None, one.asked.language)]
        if own:
            yield _row(own, threshold, language or "all")
    yield ""
    yield "| threshold | coverage | risk | wrong abstentions | right abstentions |"
    yield "|---|---|---|---|---|"
    for step in sorted({*_STEPS, threshold}):
        answered = [one for one in judged if one.confidence >= step]
        risk = 1 - _mean([one.found for one in answered])
        coverage = len(answered) / len(judged)
        wrong, right = (_withheld(judged, step, answerable) for answerable in (True, False))
        mark = "**" if step == threshold else ""
        shares = f"{coverage:.2f} | {risk:.2f} | {wrong:.3f} | {right:.2f}"
        yield f"| {mark}{step:.3f}{mark} | {shares} |"


def _row(own: Sequence[Judged], threshold: float, name: str) -> str:
    asked = [one for one in own if one.answerable]
    precision = sum(one.right for one in asked) / max(1, sum(one.cited for one in asked))
    labelled = _mean([one.labelled for one in asked if one.labelled is not None])
    found = _mean([one.found for one in asked])
    area = _auroc(
        [one.confidence for one in asked], [one.confidence for one in own if not one.answerable]
    )
    wrong, right = (_withheld(own, threshold, answerable) for answerable in (True, False))
    figures = (precision, labelled, found, area, wrong, right)
    return f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |"


def _withheld(judged: Sequence[Judged], threshold: float, answerable: bool) -> float:
    return _mean([one.confidence < threshold for one in judged if one.answerable == answerable])


def _mean(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0


def _auroc(ours: Sequence[float], theirs: Sequence[float]) -> float:
    pairs = [(a > b) + 0.5 * (a == b) for a in ours for b in theirs]
    return sum(pairs) / len(pairs) if pairs else 0.5
