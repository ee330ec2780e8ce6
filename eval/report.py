"""Report -> what is kept: JSON, TREC run and qrels files, and a table to read."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.metrics import PUBLIC_MEASURES
from eval.run import Report

_COLUMNS = ("success@1", "success@5", "success@10", "success@100", "ndcg@10", "rr@10")
_ANSWERS = (
    "citation_precision",
    "citation_recall",
    "paragraph_accuracy",
    "answer_found",
    "answer_f1",
)
_DIGITS = 6  # of a figure in JSON
_WIDTH = 140  # columns of the tables in a pipe or a file


def render_json(figures: dict[str, Any]) -> str:
    """The same text for the same figures, whatever the machine."""
    return json.dumps(rounded(figures), ensure_ascii=False, indent=1) + "\n"


def render_baseline(figures: dict[str, Any]) -> str:
    """What ``--baseline`` needs of a report, a question a line: small enough to be kept beside the
    code, easy to compare by eye, the same bytes however long the answers took."""
    kept = rounded(figures)
    head = {name: kept[name] for name in ("sets", "fingerprints")}
    head["by_language"] = {
        language: {name: one[name] for name in ("n", *_COLUMNS)}
        for language, one in kept["by_language"].items()
    }
    lines = [
        json.dumps({name: one[name] for name in ("id", "language", "scores")}, ensure_ascii=False)
        for one in kept["questions"]
    ]
    opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    return opening + ',\n "questions": [\n  ' + ",\n  ".join(lines) + "\n ]\n}\n"


def write_run(report: Report, path: Path, *, tag: str = "sextant") -> None:
    """A TREC run: query, Q0, passage, rank, score (falling), tag."""
    lines = [
        f"{outcome.case.key} Q0 {hit.passage_id} {rank} {1 / rank:.6f} {tag}\n"
        for outcome in report.outcomes
        for rank, hit in enumerate(outcome.rankings.get(report.final, ()), 1)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def write_qrels(report: Report, path: Path) -> None:
    """TREC qrels: query, 0, passage, 1 for every relevant passage."""
    lines = [
        f"{key} 0 {passage} 1\n" for key, ids in report.qrels.items() for passage in sorted(ids)
    ]
    path.write_text("".join(lines), encoding="utf-8")


def show(figures: dict[str, Any]) -> None:
    """Tables on stdout: retrieval by leg and language, answers by language, then the rest."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    rankings = {**figures["by_leg"], "any version": figures["any_version"]}
    rows = [
        ((leg, language), one)
        for leg, by_language in rankings.items()
        for language, one in by_language.items()
    ]
    console.print(_table(("leg", "question"), ("n", *_COLUMNS), rows))
    everyone = {**figures["by_language"], "all": figures["overall"]}
    answers = [((language,), one) for language, one in everyone.items()]
    console.print(_table(("question",), _ANSWERS, answers))
    for line in _lines(figures):
        console.print(line, markup=False, soft_wrap=True)


def _table(
    heads: tuple[str, ...], columns: tuple[str, ...], rows: Sequence[tuple[tuple[str, ...], Any]]
) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for head in heads:
        table.add_column(head)
    for column in columns:
        table.add_column(column, justify="right")
    for keys, one in rows:
        table.add_row(*keys, *(_cell(one, column) for column in columns))
    return table


def _cell(one: dict[str, Any], column: str) -> str:
    value = one[column]
    if value is None:
        return "–"
    if isinstance(value, int):
        return str(value)
    within = one.get("ci", {}).get(column) if column in ("success@5", "ndcg@10") else None
    shown = f"{value:.3f}"
    return shown if within is None else f"{shown} ({within[0]:.2f}–{within[1]:.2f})"


def show_public(figures: dict[str, Any]) -> None:
    """A table of a public set by leg and language of the question, then the rest."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    rows = [
        ((leg, language), one)
        for leg, by_language in figures["by_leg"].items()
        for language, one in by_language.items()
    ]
    console.print(_table(("leg", "question"), ("n", *PUBLIC_MEASURES), rows))
    one = figures["sets"][0]
    left = f", {one['left_out']} left out" if one["left_out"] else ""
    said = f"{one['file']}: {one['questions']} questions{left}, {one['documents']} documents"
    console.print(said, markup=False, soft_wrap=True)
    for line in _errors(figures):
        console.print(line, markup=False, soft_wrap=True)


def show_comparison(compared: dict[str, Any]) -> None:
    """A row for each measure and language: before, after, what was won and lost."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    table = Table(box=None, pad_edge=False)
    for head in ("measure", "question"):
        table.add_column(head)
    heads = ("n", "baseline", "now", "difference", "wins", "ties", "losses", "p", "p (Holm)", "")
    for head in heads:
        table.add_column(head, justify="right")
    for measure, by_language in compared["measures"].items():
        for language, one in by_language.items():
            figures = [f"{one[name]:.3f}" for name in ("baseline", "now")]
            counts = [str(one[name]) for name in ("wins", "ties", "losses")]
            chances = [f"{one['p']:.4f}", f"{one['p_holm']:.4f}"]
            change = f"{one['difference']:+.3f}"
            row = (str(one["n"]), *figures, change, *counts, *chances, one["significant"] or "")
            table.add_row(measure, language, *row)
    console.print(table)
    lost = [f"{one['measure']} {one['language']}" for one in compared["significant_losses"]]
    verdict = f"significant loss: {', '.join(lost)}" if lost else "no significant loss"
    console.print(f"against {compared['file']}: {verdict}", markup=False, soft_wrap=True)


def _lines(figures: dict[str, Any]) -> Iterator[str]:
    abstention, latency = figures["abstention"], figures["latency_ms"]
    parts = [
        f"{name.replace('_', ' ')} {value:.3f}"
        for name in ("auroc", "wrong_abstentions", "right_abstentions")
        if (value := abstention[name]) is not None
    ]
    yield f"abstention: {', '.join(parts) or 'no question was answered'}"
    if latency["p50"] is not None:
        yield "latency: " + ", ".join(f"{name} {value:.1f} ms" for name, value in latency.items())
    yield from _errors(figures)


def _errors(figures: dict[str, Any]) -> Iterator[str]:
    errors = figures["errors"]
    yield f"{len(errors)} of {len(figures['questions'])} questions had an error" + ":" * bool(
        errors
    )
    for one in errors:
        yield f"  {one['id']} {one['language']}: {one['error']}"


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return value
