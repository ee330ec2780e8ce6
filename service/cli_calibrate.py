"""``python -m service.cli_calibrate``: fits what the answers rest on, and says how well it holds.

Reads the development questions and some that are off any subject, asks the open index, and fits
three things: which sentence answers (weights of ``extract.FEATURES``), how sure that is
(``SIGNALS``), and whether a question is of the documents' subject at all (``TOPIC``). Writes
``service/calibration.json`` and prints, in Markdown, the cross-validated figures and the
risk–coverage table of docs/answers.md, of the development questions alone, and how many of the
others are turned away. To be run again when the encoder, the reranker or the ranking changes.
The same index and questions give the same file.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import BadSetting, SextantError
from eval import Source, Span, locate, named, read_gold
from index import Filters, Index
from service.answer import Asker
from service.besides import to_read
from service.calibration import SHIPPED, Calibration, Signal
from service.cli_judged import Asked, Judged, chosen_doubt, chosen_threshold, report
from service.commands import open_settings_encoder, open_settings_index
from service.confidence import DEPTH, confidence, of_retrieval
from service.extract import FEATURES
from service.fit import listwise, logistic
from service.settings import Settings
from service.writer import Draft, ExtractiveWriter, Quote, draft

EVAL = Path(__file__).resolve().parents[1] / "eval"
DEVELOPMENT = EVAL / "gold" / "un_space.dev.jsonl"
OFF_TOPIC = EVAL / "fit" / "off_topic.jsonl"
SIGNALS = ("exact", "unmet", "absent", "chance", "cosine")
TOPIC = ("dense", "late")
SENTENCE_RIDGE = 3.0  # on standardised features
CONFIDENCE_RIDGE = 10.0
TOPIC_RIDGE = 3.0
CERTAIN = 20.0  # logit
UNFITTED = Calibration("", dict.fromkeys(FEATURES, 0.0), 0.0, {}, 0.0, {}, 0.0, 0.0, 0.0)
FOLDS = 10
NEAR_QUANTILE = 0.05  # of the answerable questions' best cosines


def ask_all(
    asker: Asker,
    writer: ExtractiveWriter,
    index: Index,
    paths: Sequence[Path],
    *,
    strange: bool = False,
) -> list[Asked]:
    """Every question of the sets in each of its languages; ``strange`` as in ``Asked``."""
    sources = {document.id: Source.of(document, {}) for document in index.documents.values()}
    found = []
    for gold in (question for path in paths for question in read_gold(path).questions):
        within = named(gold.doc, list(sources.values())) if gold.doc else []
        spans = tuple(span for evidence in gold.evidence for span in locate(evidence, within))
        for language, question in gold.question.items():
            result = asker.search(question, DEPTH)
            read = to_read(question, result, index, Filters())
            weighed = writer.weigh(question, result.language, read, result.near)
            right = [
                any(
                    _shared(c.hit.document.id, c.sentence.start, c.sentence.end, s, sources)
                    for s in spans
                )
                for c in weighed.pool
            ]
            found.append(
                Asked(
                    gold, language, result.hits, weighed, spans, np.asarray(right, float), strange
                )
            )
    return found


def fit(
    asked: Sequence[Asked], encoder: str, threshold: float = 0.0, doubt: float = 0.0
) -> Calibration:
    """All three fits on these questions."""
    ours = [one for one in asked if not one.strange]
    groups = [(one.weighed.table, one.right) for one in ours if one.weighed.pool]
    weights = dict(zip(FEATURES, _rounded(listwise(groups, SENTENCE_RIDGE)), strict=True))
    known = [_signals(one, draft(one.weighed, weights)) for one in asked]
    answerable = [float(one.gold.doc is not None) for one in ours]
    told = [each for each, one in zip(known, asked, strict=True) if not one.strange]
    bias, signals = _fitted(told, SIGNALS, answerable, CONFIDENCE_RIDGE)
    at_home = [float(not one.strange) for one in asked]
    topic_bias, topic = _fitted(known, TOPIC, at_home, TOPIC_RIDGE)
    cosines = [of_retrieval(one.hits)["dense"] for one in ours if one.gold.doc and one.hits]
    return Calibration(
        encoder=encoder,
        sentence=weights,
        bias=bias,
        signals=signals,
        topic_bias=topic_bias,
        topic=topic,
        threshold=threshold,
        doubt=doubt,
        near=round(float(np.quantile(cosines, NEAR_QUANTILE)), 4),
    )


def _fitted(
    known: Sequence[Mapping[str, float]], names: Sequence[str], yes: Sequence[float], ridge: float
) -> tuple[float, dict[str, Signal]]:
    """Bias and signals; where all are of one kind there is nothing to tell: sure of it."""
    table = np.asarray([[each.get(name, 0.0) for name in names] for each in known])
    usual = _rounded(table.mean(axis=0))
    if len(set(yes)) < 2:
        return (CERTAIN if yes[0] else -CERTAIN), {
            n: Signal(u, 0.0) for n, u in zip(names, usual, strict=True)
        }
    bias, slopes = logistic(table, np.asarray(yes), ridge)
    pairs = zip(names, usual, _rounded(slopes), strict=True)
    return round(bias, 4), {name: Signal(mean, slope) for name, mean, slope in pairs}


def cross_validated(asked: Sequence[Asked], index: Index) -> list[Judged]:
    """Each question judged by a fit on those of the other folds; all languages of a question are
    in one fold."""
    sources = {document.id: Source.of(document, {}) for document in index.documents.values()}
    judged = []
    for fold in _folds(asked):
        held_out = [one for one in asked if one.gold.id in fold]
        calibration = fit([one for one in asked if one.gold.id not in fold], "")
        judged += [_judge(one, calibration, sources) for one in held_out]
    return judged


def _folds(asked: Sequence[Asked]) -> list[frozenset[str]]:
    """The ids of the questions of each."""
    ids = sorted({one.gold.id for one in asked})
    return [frozenset(ids[first::FOLDS]) for first in range(FOLDS)]


def _check_told(asked: Sequence[Asked]) -> None:
    """That every fold leaves a question whose evidence was found to learn from; else BadSetting."""
    told = {one.gold.id for one in asked if one.right.any()}
    if sum(bool(told & fold) for fold in _folds(asked)) < 2:
        why = "too little of the questions' evidence was found; build it from their documents."
        raise BadSetting("data", why)


def _judge(one: Asked, calibration: Calibration, sources: dict[str, Source]) -> Judged:
    written = draft(one.weighed, calibration.sentence)
    sure = 0.0 if written.silent else confidence(one.hits, _signals(one, written), calibration)
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


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 when the index, the encoder or a gold set cannot be read, or the
    questions are not about the documents of the index."""
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
        writer = ExtractiveWriter(encoder, UNFITTED)
        asker = Asker(index, writer)
        asked = ask_all(asker, writer, index, args.gold)
        asked += ask_all(asker, writer, index, [args.off_topic], strange=True)
        _check_told(asked)
    except SextantError as error:
        print(error, file=sys.stderr)
        return 2
    judged = cross_validated(asked, index)
    ours = [one for one in judged if not one.asked.strange]
    given = chosen_threshold(judged), chosen_doubt(ours)
    calibration = fit(asked, encoder.fingerprint, *given)
    if not args.dry_run:
        args.out.write_text(calibration.to_json(), encoding="utf-8")
    others = [one for one in judged if one.asked.strange]
    print("\n".join(report(ours, calibration.threshold)))
    away = sum(one.confidence < calibration.threshold for one in others)
    print(f"\nOff the subject: {away} of {len(others)} turned away.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
