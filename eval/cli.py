"""``sextant eval``: grades a system on gold sets."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from eval.figures import figures
from eval.gold import read_gold
from eval.report import render_json, show, write_qrels, write_run
from eval.run import Progress, System, evaluate

OK, FAILED = 0, 1

Open = Callable[[str | None, bool], AbstractContextManager[System]]
"""(url of a server or None for the pipeline in process, whether legs are wanted) -> System"""


def main(argv: Sequence[str], *, open_system: Open) -> int:
    """Returns 1 when a question had an error, else 0.

    Raises BadGoldLine, OSError, and what ``open_system`` raises; exits 2 on a wrong flag.
    """
    args = _parser().parse_args(argv)
    sets = [read_gold(path) for path in args.gold]
    with open_system(args.url, args.legs) as system, _progress() as progress:
        report = evaluate(system, sets, progress)
    found = figures(report)
    if args.json:
        _write(args.json, render_json(found))
    if args.run:
        write_run(report, args.run)
    if args.qrels:
        write_qrels(report, args.qrels)
    if args.json != _STDOUT:
        show(found)
    return FAILED if found["errors"] else OK


_STDOUT = "-"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sextant eval",
        description="Grades the answers against gold questions.",
        epilog="Exit status: 0 done, 1 a question had an error, 2 the request is wrong.",
        allow_abbrev=False,
    )
    parser.add_argument("gold", metavar="GOLD", nargs="+", type=Path, help="a set, JSON Lines")
    parser.add_argument("--url", metavar="URL", help="ask a running server (default: in process)")
    parser.add_argument("--legs", action="store_true", help="grade each leg alone too")
    parser.add_argument("--json", metavar="FILE", help="write every figure ('-': to stdout)")
    parser.add_argument("--run", metavar="FILE", type=Path, help="write a TREC run")
    parser.add_argument("--qrels", metavar="FILE", type=Path, help="write TREC qrels")
    return parser


def _write(target: str, text: str) -> None:
    if target == _STDOUT:
        print(text, end="")
    else:
        Path(target).write_text(text, encoding="utf-8")


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A bar on stderr when it is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("questions"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("questions", total=None)
        yield lambda done, total: bars.update(task, completed=done, total=total)
