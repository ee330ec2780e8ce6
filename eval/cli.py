"""``sextant eval``: grades a system on gold sets, or on a public question set."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn

from corpus import Document
from eval.compare import check_sets, compare, read_baseline
from eval.figures import figures
from eval.gold import read_gold
from eval.page import render_html
from eval.public import read_public
from eval.public_run import grade_public
from eval.report import (
    render_baseline,
    render_json,
    rounded,
    show,
    show_comparison,
    show_public,
    write_qrels,
    write_run,
)
from eval.run import Progress, System, evaluate

OK, FAILED = 0, 1

Open = Callable[[str | None, bool], AbstractContextManager[System]]
"""(url of a server or None for the pipeline in process, whether legs are wanted) -> System"""

OpenDocuments = Callable[[Sequence[Document], bool], AbstractContextManager[System]]
"""(documents, whether legs are wanted) -> a System that has indexed just these"""


def main(argv: Sequence[str], *, open_system: Open, open_documents: OpenDocuments) -> int:
    """Returns 1 when a question had an error or there is a significant loss, else 0.

    Raises BadGoldLine, BadEvalFile, OSError, and what ``open_system`` or ``open_documents``
    raises; exits 2 on a wrong flag.
    """
    parser = _parser()
    args = parser.parse_args(argv)
    if args.squad:
        for flag in ("gold", "url", "html", "run", "qrels", "baseline", "save_baseline"):
            if getattr(args, flag):
                name = "GOLD" if flag == "gold" else f"--{flag.replace('_', '-')}"
                parser.error(f"--squad does not go with {name}")
        return _public(args, open_documents)
    if not args.gold:
        parser.error("name a gold set, or a public one with --squad")
    return _gold(args, open_system)


def _gold(args: argparse.Namespace, open_system: Open) -> int:
    sets = [read_gold(path) for path in args.gold]
    baseline = read_baseline(args.baseline) if args.baseline else None
    if baseline:  # before any question is asked
        check_sets(baseline, {one.sha256: one.path.name for one in sets})
    legs = args.legs or args.html is not None
    with open_system(args.url, legs) as system, _progress() as progress:
        report = evaluate(system, sets, progress)
    found = rounded(figures(report))
    if baseline:
        found["baseline"] = rounded(compare(found, baseline))
    if args.json:
        _write(args.json, render_json(found))
    if args.save_baseline:
        _write(args.save_baseline, render_baseline(found))
    if args.html:
        _write(args.html, render_html(report, found))
    if args.run:
        write_run(report, args.run)
    if args.qrels:
        write_qrels(report, args.qrels)
    lost = baseline is not None and bool(found["baseline"]["significant_losses"])
    if _STDOUT not in (args.json, args.html, args.save_baseline):
        show(found)
        if baseline:
            show_comparison(found["baseline"])
    return FAILED if found["errors"] or lost else OK


def _public(args: argparse.Namespace, open_documents: OpenDocuments) -> int:
    public = read_public(args.squad)
    with open_documents(public.documents, args.legs) as system, _progress() as progress:
        found = rounded(grade_public(system, public, progress))
    if args.json:
        _write(args.json, render_json(found))
    if args.json != _STDOUT:
        show_public(found)
    return FAILED if found["errors"] else OK


_STDOUT = "-"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:  # one line, like every other error
        self.exit(2, f"{self.prog}: {message}; '{self.prog} --help' shows how\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="sextant eval",
        description="Grades the answers against gold questions.",
        epilog="Exit status: 0 done, 1 a question had an error or a figure fell significantly, "
        "2 the request is wrong.",
        allow_abbrev=False,
    )
    parser.add_argument("gold", metavar="GOLD", nargs="*", type=Path, help="a set, JSON Lines")
    parser.add_argument("--url", metavar="URL", help="ask a running server (default: in process)")
    parser.add_argument("--legs", action="store_true", help="grade each leg alone too")
    parser.add_argument("--json", metavar="FILE", help="write every figure ('-': to stdout)")
    parser.add_argument("--html", metavar="FILE", help="write a page to look at, with each leg")
    parser.add_argument("--run", metavar="FILE", type=Path, help="write a TREC run")
    parser.add_argument("--qrels", metavar="FILE", type=Path, help="write TREC qrels")
    parser.add_argument(
        "--baseline", metavar="FILE", type=Path, help="compare with a report kept from before"
    )
    parser.add_argument(
        "--save-baseline", metavar="FILE", help="write what --baseline needs, and no more"
    )
    parser.add_argument(
        "--squad",
        metavar="FILE",
        type=Path,
        help="grade the search on a public set instead: a SQuAD file or an MTEB folder",
    )
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
