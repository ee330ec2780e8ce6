"""Outcomes -> figures, as ``sextant eval --json`` writes them. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from corpus import LANGUAGES, detect_language
from eval.abstention import abstention
from eval.asked import Asked
from eval.locate import Source, Span, covered, overlap
from eval.metrics import (
    RANKING_MEASURES,
    answer_f1,
    difference,
    interval,
    mean,
    percentiles,
    ranking_scores,
)
from eval.run import Case, Outcome, Report
from eval.versions import scores_of_versions

Json = dict[str, Any]
Scores = Mapping[str, Mapping[str, float]]  # case key -> measure -> score
HOME = "zh"  # most of the corpus is in it: the language that the others are compared with
GAP_MEASURES = ("success@5", "ndcg@10")


def figures(report: Report) -> Json:
    """The whole JSON report but for the version of the program."""
    scores = {leg: leg_scores(report, leg) for leg in report.legs}
    return {
        "sets": [
            {"file": one.path.name, "sha256": one.sha256, "questions": len(one.questions)}
            for one in report.sets
        ],
        "fingerprints": dict(report.fingerprints),
        "by_language": {
            language: {**_ranking(chosen, scores[report.final]), **_answers(chosen, report)}
            for language, chosen in _by_language(report.outcomes).items()
        },
        "overall": {
            **_ranking(_answerable(report.outcomes), scores[report.final]),
            **_answers(_answerable(report.outcomes), report),
        },
        "gap": _gaps(report, scores[report.final]),
        "by_leg": {
            leg: {
                language: _ranking(chosen, scores[leg])
                for language, chosen in _by_language(report.outcomes).items()
            }
            for leg in report.legs
        },
        "by_pair": _pairs(report),
        "any_version": _any_version(report),
        "abstention": abstention(report),
        "latency_ms": percentiles([o.asked.took_ms for o in report.outcomes if o.asked]),
        "errors": [
            {"id": o.case.id, "language": o.case.language, "error": o.error}
            for o in report.outcomes
            if o.error is not None
        ],
        "questions": [question_json(o, report, scores[report.final]) for o in report.outcomes],
    }


def leg_scores(report: Report, leg: str) -> Scores:
    """Of every answerable case."""
    rankings = {
        outcome.case.key: [hit.passage_id for hit in outcome.rankings.get(leg, ())]
        for outcome in report.outcomes
    }
    return ranking_scores(rankings, report.qrels)


def _any_version(report: Report) -> Json:
    """Beside the figures of the passages themselves, those when a passage counts for its other
    language versions; empty when no hit has any."""
    scores = scores_of_versions(report)
    if scores is None:
        return {}
    by_language = _by_language(report.outcomes)
    return {language: _ranking(chosen, scores) for language, chosen in by_language.items()}


def question_json(outcome: Outcome, report: Report, scores: Scores) -> Json:
    case, asked = outcome.case, outcome.asked
    relevant = report.qrels.get(case.key, frozenset())
    hits = [hit.passage_id for hit in asked.hits] if asked else []
    cited = asked.citations if asked else ()
    return {
        "id": case.id,
        "language": case.language,
        "hits": hits,
        "relevant_ranks": [rank for rank, id in enumerate(hits, 1) if id in relevant],
        "relevant": len(relevant),
        "scores": dict(scores.get(case.key, {})),
        "answer": asked.answer if asked else None,
        "citations": [
            {
                "document_id": one.document_id,
                "file": one.file,
                "start": one.start,
                "end": one.end,
                "paragraph": one.paragraph,
                "overlaps": _overlaps(Span(one.document_id, one.start, one.end), case, report),
            }
            for one in cited
        ],
        "abstained": asked.abstained if asked else None,
        "confidence": asked.confidence if asked else None,
    }


def _answerable(outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.case.answerable]


def _by_language(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """The answerable ones, in the order of LANGUAGES."""
    found = {
        language: [o for o in _answerable(outcomes) if o.case.language == language]
        for language in LANGUAGES
    }
    return {language: chosen for language, chosen in found.items() if chosen}


def _ranking(outcomes: Sequence[Outcome], scores: Scores) -> Json:
    values = {m: [scores[o.case.key][m] for o in outcomes] for m in RANKING_MEASURES}
    return {
        "n": len(outcomes),
        **{measure: mean(values[measure]) for measure in RANKING_MEASURES},
        "ci": {measure: interval(values[measure]) for measure in RANKING_MEASURES},
    }


def _answers(outcomes: Sequence[Outcome], report: Report) -> Json:
    """Citation and answer figures; a question that failed or was abstained from scores 0."""
    quotes = [
        _overlaps(Span(one.document_id, one.start, one.end), outcome.case, report)
        for outcome in outcomes
        if outcome.asked
        for one in outcome.asked.citations
    ]
    labelled = [o for o in outcomes if o.case.gold.paragraph is not None]
    f1 = [score for o in outcomes if (score := _f1(o, report.sources)) is not None]
    return {
        "citation_precision": mean(quotes),
        "citation_recall": mean([_cites(outcome, report) for outcome in outcomes]),
        "paragraph_accuracy": mean([_right_label(outcome) for outcome in labelled]),
        "answer_found": mean([_found(outcome, report) for outcome in outcomes]),
        "answer_f1": mean(f1),
    }


def _quotes(asked: Asked | None) -> list[Span]:
    return [Span(c.document_id, c.start, c.end) for c in asked.citations] if asked else []


def _overlaps(quote: Span, case: Case, report: Report) -> bool:
    return any(
        overlap(quote, span, report.sources[span.document_id].folded) > 0 for span in case.spans
    )


def _cites(outcome: Outcome, report: Report) -> bool:
    return any(_overlaps(quote, outcome.case, report) for quote in _quotes(outcome.asked))


def _right_label(outcome: Outcome) -> bool:
    cited = outcome.asked.citations if outcome.asked else ()
    return bool(cited) and cited[0].paragraph == outcome.case.gold.paragraph


def _found(outcome: Outcome, report: Report) -> bool:
    quotes = _quotes(outcome.asked)
    return any(
        covered(quotes, span, report.sources[span.document_id].folded)
        for span in outcome.case.spans
    )


def _f1(outcome: Outcome, sources: Mapping[str, Source]) -> float | None:
    """Against the gold answer in a language that the answer is in: that of a document it quotes,
    or the one it is written in. None when there is no gold answer in any of these."""
    gold, asked = outcome.case.gold.answer, outcome.asked
    if not gold:
        return None
    if asked is None or asked.abstained:
        return 0.0
    quoted = {sources[c.document_id].language for c in asked.citations if c.document_id in sources}
    spoken = quoted | {detect_language(asked.answer)}
    scores = [answer_f1(asked.answer, gold[each], each) for each in gold if each in spoken]
    return max(scores, default=None)


def _gaps(report: Report, scores: Scores) -> Json:
    """How far each language lies behind HOME, over the questions asked in both."""
    keyed = {(o.case.id, o.case.language): scores[o.case.key] for o in _answerable(report.outcomes)}
    gaps: Json = {}
    for language in (one for one in LANGUAGES if one != HOME):
        both = [id for id, spoken in keyed if spoken == language and (id, HOME) in keyed]
        for measure in GAP_MEASURES:
            home = [keyed[id, HOME][measure] for id in both]
            away = [keyed[id, language][measure] for id in both]
            found = difference(home, away)
            if found is not None:
                gap = {"difference": found[0], "ci": found[1:]}
                gaps.setdefault(f"{HOME}-{language}", {})[measure] = gap
    return gaps


def _pairs(report: Report) -> Json:
    """By question language and language of the evidence: only passages in it are relevant."""
    pairs: Json = {}
    for asked_in, outcomes in _by_language(report.outcomes).items():
        for held_in in LANGUAGES:
            ids = {s.id for s in report.sources.values() if s.language == held_in}
            chosen = [o for o in outcomes if any(s.document_id in ids for s in o.case.spans)]
            if not chosen:
                continue
            passages = {id for one in sorted(ids) for id in report.passages[one]}
            qrels = {o.case.key: report.qrels[o.case.key] & passages for o in chosen}
            hits = {
                o.case.key: [h.passage_id for h in o.rankings.get(report.final, ())] for o in chosen
            }
            pairs[f"{asked_in}>{held_in}"] = _ranking(chosen, ranking_scores(hits, qrels))
    return pairs
