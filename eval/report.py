"""Report -> what is kept: JSON, TREC run and qrels files, and a table to read."""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.run import FUSED, Report

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
    return json.dumps(_rounded(figures), ensure_ascii=False, indent=1) + "\n"


def write_run(report: Report, path: Path, *, tag: str = "sextant") -> None:
    """A TREC run: query, Q0, passage, rank, score (falling), tag."""
    lines = [
        f"{outcome.case.key} Q0 {hit.passage_id} {rank} {1 / rank:.6f} {tag}\n"
        for outcome in report.outcomes
        for rank, hit in enumerate(outcome.rankings.get(FUSED, ()), 1)
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
    rows = [
        ((leg, language), one)
        for leg, by_language in figures["by_leg"].items()
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
    errors = figures["errors"]
    yield f"{len(errors)} of {len(figures['questions'])} questions had an error" + ":" * bool(
        errors
    )
    for one in errors:
        yield f"  {one['id']} {one['language']}: {one['error']}"


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, _DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value
