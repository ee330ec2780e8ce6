"""The page's parts as HTML, each from figures already worked out. Pure."""

from collections.abc import Mapping
from html import escape
from typing import Any

from corpus import LANGUAGES
from eval.abstention import abstention_curve, confidences, risk_coverage
from eval.page.charts import Estimate, intervals, lines
from eval.page.markup import Cell, between, figure, share, table
from eval.run import Outcome, Report

Json = dict[str, Any]

NAMES = {
    "zh": "Chinese",
    "en": "English",
    "fr": "French",
    "es": "Spanish",
    "ru": "Russian",
    "ar": "Arabic",
}
_MEASURES = {"success@1": "Success@1", "success@5": "Success@5 (recall)", "ndcg@10": "nDCG@10"}
_COMPARED = {"success@5": "Success@5", "ndcg@10": "nDCG@10"}
_ANSWERS = {
    "citation_precision": "Citation precision",
    "citation_recall": "Citation recall",
    "paragraph_accuracy": "Right paragraph",
    "answer_found": "Answer found",
    "answer_f1": "Answer F1",
}
_FIRST = 5  # passages of a ranking that the second matrix counts


def sections(report: Report, figures: Json) -> dict[str, str]:
    """Part by name, as ``page.html`` has places for them."""
    files = [one["file"] for one in figures["sets"]]
    return {
        "title": escape(", ".join(files)),
        "tiles": _tiles(figures),
        "languages": "".join(_by_language(m, name, figures) for m, name in _MEASURES.items()),
        "legs": _legs(figures),
        "versions": _versions(figures),
        "answers": _answers(figures),
        "curves": _curves(report),
        "matrices": _pairs(figures) + _found_in(report),
        "baseline": _baseline(figures),
        "errors": _errors(figures),
        "fingerprints": _fingerprints(figures),
    }


def _tiles(figures: Json) -> str:
    overall, auroc = figures["overall"], figures["abstention"]["auroc"]
    asked, errors = len(figures["questions"]), len(figures["errors"])
    tiles = [
        (str(asked), "questions asked", f"{overall['n']} have an answer in the documents"),
        *((share(overall[m]), name, between(overall["ci"][m])) for m, name in _COMPARED.items()),
        (share(overall["answer_found"]), "answer found", "quotes hold the evidence"),
        (share(overall["citation_precision"]), "citation precision", "quotes that hold evidence"),
        (
            share(auroc),
            "abstention AUROC",
            "needs both kinds of questions" if auroc is None else "sure of what is answered",
        ),
        (str(errors), "errors", "counted as not found"),
    ]
    return "".join(
        f'<div class="tile{" bad" if name == "errors" and errors else ""}"><b>{escape(value)}</b>'
        f"<span>{escape(name)}</span><small>{escape(more)}</small></div>"
        for value, name, more in tiles
    )


def _by_language(measure: str, name: str, figures: Json) -> str:
    everyone = {**figures["by_language"], "all": figures["overall"]}
    rows = {
        NAMES.get(language, "All"): {measure: _estimate(one, measure)}
        for language, one in everyone.items()
        if one["n"]
    }
    return figure(name, intervals(f"{name} by language of the question", rows))


def _legs(figures: Json) -> str:
    legs = list(figures["by_leg"])
    legend = "".join(
        f'<span class="key"><i class="swatch-{at}"></i>{escape(leg)}</span>'
        for at, leg in enumerate(legs)
    )
    charts = []
    for measure, name in _COMPARED.items():
        rows = {
            NAMES[language]: {
                leg: _estimate(figures["by_leg"][leg][language], measure) for leg in legs
            }
            for language in figures["by_language"]
        }
        charts.append(figure(name, intervals(f"{name} by leg and language", rows)))
    return f'<p class="legend">{legend}</p><div class="charts">{"".join(charts)}</div>'


def _versions(figures: Json) -> str:
    """A table when language versions stand for each other; else nothing."""
    found = figures["any_version"]
    if not found:
        return ""
    rows = [
        (
            NAMES[language],
            [
                share(one[m])
                for one in (figures["by_language"][language], counted)
                for m in _COMPARED
            ],
        )
        for language, counted in found.items()
    ]
    heads = [f"{name}{more}" for more in ("", ", any version") for name in _COMPARED.values()]
    return "<h3>When a passage counts for its other language versions</h3>" + table(
        ("Question", *heads), rows
    )


def _answers(figures: Json) -> str:
    everyone = {**figures["by_language"], "all": figures["overall"]}
    rows = [
        (NAMES.get(language, "All"), [share(one[m]) for m in _ANSWERS])
        for language, one in everyone.items()
        if one["n"]
    ]
    return table(("Question", *_ANSWERS.values()), rows, shaded=True)


def _curves(report: Report) -> str:
    stated = [
        (o.asked.confidence, _is_right(o, report))
        for o in report.outcomes
        if o.asked and not o.asked.abstained and o.asked.confidence is not None
    ]
    answerable = confidences(report.outcomes, answerable=True)
    unanswerable = confidences(report.outcomes, answerable=False)
    if not stated and not answerable and not unanswerable:
        return '<p class="hint">The system states no confidence, so there is no curve to draw.</p>'
    risk = risk_coverage(stated, len(report.outcomes))
    points = abstention_curve(answerable, unanswerable)
    low, high = points[0][0], points[-1][0]
    drawn = [
        (
            "answerable (wrong abstentions)",
            "wrong",
            [(t, a) for t, a, _ in points if a is not None],
        ),
        (
            "unanswerable (right abstentions)",
            "good",
            [(t, b) for t, _, b in points if b is not None],
        ),
    ]
    mark = None if report.threshold is None else (report.threshold, "threshold")
    return figure(
        "Risk and coverage",
        lines("Risk by coverage", [("risk", "risk", risk)], "share of questions answered"),
        "Of the answers given, most confident first, how many do not quote the evidence. The line "
        "ends where the system abstains.",
    ) + figure(
        "Abstentions by threshold",
        lines(
            "Abstentions by threshold",
            drawn,
            "threshold of the confidence",
            low=low,
            high=high,
            mark=mark,
        ),
        'Share of questions below each threshold: <b class="ink-good">unanswerable</b>, rightly; '
        '<b class="ink-wrong">answerable</b>, wrongly.',
    )


def _is_right(outcome: Outcome, report: Report) -> bool:
    """Whether the answer given quotes the evidence."""
    cited = outcome.asked.citations if outcome.asked else ()
    return any(
        one.document_id == span.document_id and one.start < span.end and span.start < one.end
        for one in cited
        for span in outcome.case.spans
    )


def _pairs(figures: Json) -> str:
    """Language of the question down, of the passages with the evidence across."""
    held = [one for one in LANGUAGES if any(p.endswith(f">{one}") for p in figures["by_pair"])]
    rows = []
    for language in figures["by_language"]:
        cells = [figures["by_pair"].get(f"{language}>{one}") for one in held]
        rows.append((NAMES[language], [_pair(cell) for cell in cells]))
    drawn = table(("", *((one, NAMES[one]) for one in held)), rows, shaded=True)
    hint = "nDCG@10 by language of the question (down) and of the passages that hold the evidence."
    return figure("Across languages", drawn, hint)


def _found_in(report: Report) -> str:
    counts: dict[str, dict[str, int]] = {}
    for outcome in report.outcomes:
        row = counts.setdefault(outcome.case.language, {})
        for hit in (outcome.asked.hits if outcome.asked else ())[:_FIRST]:
            row[hit.language] = row.get(hit.language, 0) + 1
    shown = [one for one in LANGUAGES if any(one in row for row in counts.values())]
    rows = [
        (NAMES[one], [share(counts[one].get(two, 0) / total, 2) for two in shown])
        for one in LANGUAGES
        if one in counts and (total := sum(counts[one].values()))
    ]
    drawn = table(("", *((one, NAMES[one]) for one in shown)), rows, shaded=True)
    hint = f"Which languages the first {_FIRST} passages are in, as shares of each row."
    return figure("What is found", drawn, hint)


def _baseline(figures: Json) -> str:
    compared = figures.get("baseline")
    if not compared:
        return ""
    rows = [
        (
            f"{_MEASURES[measure]}, {NAMES.get(language, 'All')}",
            [
                share(one["baseline"]),
                share(one["now"]),
                f"{one['difference']:+.3f}",
                f"{one['wins']} / {one['ties']} / {one['losses']}",
                f"{one['p_holm']:.4f}",
                one["significant"] or "–",
            ],
        )
        for measure, by_language in compared["measures"].items()
        for language, one in by_language.items()
    ]
    heads = ("Measure", "Baseline", "Now", "Change", "Wins / ties / losses", "p (Holm)", "")
    lost = len(compared["significant_losses"])
    verdict = f"{lost} significant losses" if lost else "No significant loss"
    return (
        f'<section id="baseline"><h2>Against the baseline</h2><p class="hint">'
        f"{escape(compared['file'])}: {verdict}. Paired randomisation test, Holm’s correction "
        f"over languages.</p>{table(heads, rows)}</section>"
    )


def _errors(figures: Json) -> str:
    if not figures["errors"]:
        return ""
    items = "".join(
        f"<li><code>{escape(one['id'])} {one['language']}</code> {escape(one['error'])}</li>"
        for one in figures["errors"]
    )
    return f'<section id="errors"><h2>Errors</h2><ul class="errors">{items}</ul></section>'


def _fingerprints(figures: Json) -> str:
    sets = ((one["file"], one["sha256"]) for one in figures["sets"])
    found = (*sets, *figures["fingerprints"].items())
    return "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value or '–')}</dd></div>"
        for name, value in found
    )


def _pair(cell: Mapping[str, Any] | None) -> Cell:
    return "–" if cell is None else (share(cell["ndcg@10"], 2), f"{cell['n']} questions")


def _estimate(one: Mapping[str, Any], measure: str) -> Estimate:
    within = one["ci"][measure]
    return one[measure], None if within is None else (within[0], within[1])
