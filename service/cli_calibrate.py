"""``python -m service.cli_calibrate``: fits what the answers rest on, and says how well it holds.

Reads the development questions and some that are off any subject, asks the open index, and fits
two things: which sentence answers (weights of ``extract.FEATURES``) and how sure that is
(``SIGNALS``). Writes ``service/calibration.json`` and prints, in Markdown, the cross-validated
figures and the risk–coverage table of docs/answers.md, of the development questions alone, and
how many of the others are turned away. To be run again when the encoder, the reranker or the
ranking changes. The same index and questions give the same file.
"""

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import LANGUAGES, Hit, SextantError
from eval import GoldQuestion, Source, Span, locate, named, read_gold
from index import Index
from service.answer import Asker
from service.calibration import SHIPPED, Calibration, Signal
from service.commands import open_settings_encoder, open_settings_index
from service.confidence import DEPTH, confidence, of_retrieval
from service.extract import FEATURES
from service.fit import listwise, logistic
from service.settings import Settings
from service.writer import Draft, ExtractiveWriter, Quote, Weighed, draft

EVAL = Path(__file__).resolve().parents[1] / "eval"
DEVELOPMENT = EVAL / "gold" / "un_space.dev.jsonl"
OFF_TOPIC = EVAL / "fit" / "off_topic.jsonl"
SIGNALS = ("exact", "unmet", "absent", "chance", "cosine", "lead", "dense")
SENTENCE_RIDGE = 3.0  # on standardised features
CONFIDENCE_RIDGE = 10.0
FOLDS = 10
MOST_WRONG = 0.05  # wrong abstentions on the cross-validated questions; the promise is .08
NEAR_QUANTILE = 0.05  # of the answerable questions' best cosines
_STEPS = (0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)  # thresholds of the table, beside the chosen


@dataclass(frozen=True, slots=True)
class Asked:
    """A gold question in one language with what was found; ``right`` (n,) marks the sentences
    that overlap its evidence."""

    gold: GoldQuestion
    language: str
    hits: tuple[Hit, ...]
    weighed: Weighed
    spans: tuple[Span, ...]
    right: NDArray[np.float64]


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


def ask_all(
    asker: Asker, writer: ExtractiveWriter, index: Index, paths: Sequence[Path]
) -> list[Asked]:
    """Every question of the sets in each of its languages."""
    sources = {document.id: Source.of(document, {}) for document in index.documents.values()}
    found = []
    for gold in (question for path in paths for question in read_gold(path).questions):
        within = named(gold.doc, list(sources.values())) if gold.doc else []
        spans = tuple(span for evidence in gold.evidence for span in locate(evidence, within))
        for language, question in gold.question.items():
            result = asker.search(question, DEPTH)
            weighed = writer.weigh(question, result.language, result.hits, result.near)
            right = [
                any(
                    _shared(c.hit.document.id, c.sentence.start, c.sentence.end, s, sources)
                    for s in spans
                )
                for c in weighed.pool
            ]
            found.append(
                Asked(
                    gold, language, result.hits, weighed, spans, np.asarray(right, dtype=np.float64)
                )
            )
    return found


def fit(asked: Sequence[Asked], encoder: str, threshold: float = 0.0) -> Calibration:
    """Both fits on these questions."""
    groups = [(one.weighed.table, one.right) for one in asked if one.weighed.pool]
    weights = dict(zip(FEATURES, _rounded(listwise(groups, SENTENCE_RIDGE)), strict=True))
    known = [_signals(one, draft(one.weighed, weights)) for one in asked]
    table = np.asarray([[each[name] for name in SIGNALS] for each in known])
    answerable = np.asarray([float(one.gold.doc is not None) for one in asked])
    bias, slopes = logistic(table, answerable, CONFIDENCE_RIDGE)
    usual = _rounded(table.mean(axis=0))
    cosines = [of_retrieval(one.hits)["dense"] for one in asked if one.gold.doc and one.hits]
    return Calibration(
        encoder=encoder,
        sentence=weights,
        bias=round(bias, 4),
        signals={
            name: Signal(mean, slope)
            for name, mean, slope in zip(SIGNALS, usual, _rounded(slopes), strict=True)
        },
        threshold=threshold,
        near=round(float(np.quantile(cosines, NEAR_QUANTILE)), 4),
    )


def cross_validated(asked: Sequence[Asked], index: Index) -> list[Judged]:
    """Each question judged by a fit on those of the other folds; all languages of a question are
    in one fold."""
    sources = {document.id: Source.of(document, {}) for document in index.documents.values()}
    ids = sorted({one.gold.id for one in asked})
    judged = []
    for fold in (frozenset(ids[first::FOLDS]) for first in range(FOLDS)):
        held_out = [one for one in asked if one.gold.id in fold]
        calibration = fit([one for one in asked if one.gold.id not in fold], "")
        judged += [_judge(one, calibration, sources) for one in held_out]
    return judged


def chosen_threshold(judged: Sequence[Judged]) -> float:
    """The highest under which at most MOST_WRONG of the answerable questions stay unanswered."""
    sure = sorted(one.confidence for one in judged if one.answerable)
    return math.floor(1000 * sure[int(MOST_WRONG * len(sure))]) / 1000 if sure else 0.0


def _judge(one: Asked, calibration: Calibration, sources: dict[str, Source]) -> Judged:
    written = draft(one.weighed, calibration.sentence)
    sure = confidence(one.hits, _signals(one, written), calibration)
    quotes = written.quotes
    right = sum(
        any(_shared(q.document.id, q.start, q.end, span, sources) for span in one.spans)
        for q in quotes
    )
    label = one.gold.paragraph
    return Judged(
        asked=one,
        confidence=sure,
        cited=len(quotes),
        right=right,
        found=any(_covers(quotes, span, sources) for span in one.spans),
        labelled=None if label is None else bool(quotes) and _label(quotes[0]) == label,
    )


def _signals(one: Asked, written: Draft) -> dict[str, float]:
    return {**written.signals, **of_retrieval(one.hits)} if one.hits else dict(written.signals)


def _shared(document: str, start: int, end: int, span: Span, sources: dict[str, Source]) -> int:
    """Characters, white space aside, of the evidence that stand between the offsets."""
    if document != span.document_id:
        return 0
    return sources[document].folded.count(max(start, span.start), min(end, span.end))


def _covers(quotes: Sequence[Quote], span: Span, sources: dict[str, Source]) -> bool:
    """Quotes do not overlap one another, so that what they share with the evidence adds up."""
    shared = sum(_shared(q.document.id, q.start, q.end, span, sources) for q in quotes)
    return 2 * shared >= sources[span.document_id].folded.count(span.start, span.end) > 0


def _label(quote: Quote) -> str | None:
    for paragraph in quote.document.paragraphs:
        if paragraph.start <= quote.start < paragraph.end:
            return paragraph.label
    return quote.passage.paragraphs[0] if quote.passage.paragraphs else None


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.4g}") for value in values.tolist()]


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


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 when the index, the encoder or a gold set cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m service.cli_calibrate", description=__doc__)
    parser.add_argument(
        "gold", nargs="*", type=Path, default=[DEVELOPMENT], help="sets, JSON Lines"
    )
    parser.add_argument(
        "--off-topic", metavar="FILE", type=Path, default=OFF_TOPIC, help="(%(default)s)"
    )
    parser.add_argument("--data", metavar="FOLDER", help="folder of the index")
    parser.add_argument("--encoder", metavar="NAME", help="'default', a folder or a hub id")
    parser.add_argument("--out", metavar="FILE", type=Path, default=SHIPPED, help="(%(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    args = parser.parse_args(argv)
    try:
        settings = Settings.from_environment({"data": args.data, "encoder": args.encoder})
        encoder = open_settings_encoder(settings)
        index = open_settings_index(settings, encoder)
        writer = ExtractiveWriter(encoder)
        asked = ask_all(Asker(index, writer), writer, index, [*args.gold, args.off_topic])
        strange = {question.id for question in read_gold(args.off_topic).questions}
    except SextantError as error:
        print(error, file=sys.stderr)
        return 2
    judged = cross_validated(asked, index)
    calibration = fit(asked, encoder.fingerprint, chosen_threshold(judged))
    if not args.dry_run:
        args.out.write_text(calibration.to_json(), encoding="utf-8")
    ours = [one for one in judged if one.asked.gold.id not in strange]
    others = [one for one in judged if one.asked.gold.id in strange]
    print("\n".join(report(ours, calibration.threshold)))
    away = sum(one.confidence < calibration.threshold for one in others)
    print(f"\nOff the subject: {away} of {len(others)} turned away.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
