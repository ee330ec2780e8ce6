"""Report -> what the page's list of questions shows, as JSON."""

from collections.abc import Iterable, Sequence
from typing import Any

from eval.asked import Asked, Found
from eval.locate import Source, Span
from eval.run import Outcome, Report

Json = dict[str, Any]

SHOWN = 10  # passages of a ranking
_NEAR = 5  # a relevant passage further down is found late

OUTCOMES = {
    "error": "Error",
    "not_found": f"Nothing relevant in the first {SHOWN}",
    "late": f"Relevant only at {_NEAR + 1} to {SHOWN}",
    "wrong_abstention": "Abstained though it is answered",
    "not_cited": "Found, but not what is quoted",
    "false_answer": "Answered though nothing answers",
    "right": "Found and quoted",
    "right_abstention": "Abstained, rightly",
}
FAILURES = tuple(OUTCOMES)[:6]


def payload(report: Report, figures: Json) -> Json:
    """Every question with its ranking, and once each passage that is shown for any of them."""
    questions = [
        _question(outcome, told, report)
        for outcome, told in zip(report.outcomes, figures["questions"], strict=True)
    ]
    shown = {id for one in questions for id in (*one["hits"], *(at for at, _ in one["below"]))}
    return {
        "outcomes": OUTCOMES,
        "failures": FAILURES,
        "documents": {
            source.id: {"file": source.file, "language": source.language}
            for source in report.sources.values()
        },
        "passages": _passages(shown, report),
        "questions": questions,
    }


def outcome_of(outcome: Outcome, told: Json) -> str:
    """One of OUTCOMES; ``told`` is the question as ``--json`` has it."""
    asked = outcome.asked
    if asked is None or outcome.error is not None:
        return "error"
    if not outcome.case.answerable:
        return "right_abstention" if asked.abstained else "false_answer"
    first = min(told["relevant_ranks"], default=SHOWN + 1)
    if first > SHOWN:
        return "not_found"
    if asked.abstained:
        return "wrong_abstention"
    if first > _NEAR:
        return "late"
    return "right" if any(one["overlaps"] for one in told["citations"]) else "not_cited"


def _question(outcome: Outcome, told: Json, report: Report) -> Json:
    case, asked = outcome.case, outcome.asked
    gold = case.gold
    hits = asked.hits if asked else ()
    relevant = report.qrels.get(case.key, frozenset())
    answer = gold.answer.get(case.language) or next(iter(gold.answer.values()), None)
    return {
        "id": case.id,
        "language": case.language,
        "kind": gold.kind,
        "paraphrased": gold.paraphrased,
        "question": gold.question[case.language],
        "doc": gold.doc,
        "paragraph": gold.paragraph,
        "gold": answer,
        "outcome": outcome_of(outcome, told),
        "error": outcome.error,
        "spans": [[span.document_id, span.start, span.end] for span in case.spans],
        "hits": [hit.passage_id for hit in hits[:SHOWN]],
        "relevant": [hit.passage_id for hit in hits[:SHOWN] if hit.passage_id in relevant],
        "below": _below(hits, relevant),
        "ndcg": told["scores"].get("ndcg@10"),
        "answer": asked.answer if asked else None,
        "quotes": _quotes(asked),
        "abstained": asked.abstained if asked else None,
        "confidence": told["confidence"],
    }


def _below(hits: Sequence[Found], relevant: frozenset[str]) -> list[tuple[str, int | None]]:
    """(relevant passage that is not shown, its rank or None); the best ranked one, or if none is
    ranked the first one."""
    ranks = {hit.passage_id: rank for rank, hit in enumerate(hits, 1)}
    if any(ranks.get(id, SHOWN + 1) <= SHOWN for id in relevant):
        return []
    order = sorted(relevant, key=lambda id: (ranks.get(id, len(hits) + 1), id))
    return [(id, ranks.get(id)) for id in order[:1]]


def _quotes(asked: Asked | None) -> list[list[str | int]]:
    return [[one.document_id, one.start, one.end] for one in asked.citations] if asked else []


def _passages(shown: Iterable[str], report: Report) -> Json:
    """By id: document, start, text, and the labels of the paragraphs it touches."""
    owner = {id: document for document, ids in report.passages.items() for id in ids}
    found: Json = {}
    for id in sorted(shown):
        source = report.sources[owner[id]]
        start, end = report.passages[source.id][id]
        text = source.text[start:end]
        found[id] = [source.id, start, text, _labels(source, Span(source.id, start, end))]
    return found


def _labels(source: Source, span: Span) -> str:
    """'38', '38–40', or nothing."""
    labels: list[str] = []
    for kind in (source.paragraphs, source.notes):
        near = (one for one in kind if one.start < span.end and span.start < one.end)
        labels = labels or [one.label for one in near if one.label]
    if not labels:
        return ""
    return labels[0] if labels[0] == labels[-1] else f"{labels[0]}–{labels[-1]}"
