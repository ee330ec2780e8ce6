"""What people read: rich text on stdout, progress bars on stderr.

rich is imported when something is drawn, so that ``--json`` does not pay for it.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from corpus import Answer, Document, UnreadableDocument
from index import BuildReport, SearchResult
from service.wording import passage_place, place, uncertain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_SHOWN_CHARACTERS = 600  # of a passage; --json gives all of it
_NAMED = 5  # of the files that are not read
_RELATED_CHARACTERS = 200  # of one shown where there is no answer


def print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def warn(line: str) -> None:
    """One line on stderr."""
    print(f"sextant: {' '.join(line.split())}", file=sys.stderr, flush=True)


def show_search(result: SearchResult) -> None:
    console = _console()
    if not result.hits:
        console.print("Nothing found.")
        return
    for hit in result.hits:
        passage, document = hit.passage, hit.document
        legs = ", ".join(f"{leg} {score:.3f}" for leg, score in hit.scores.items())
        where = passage_place(passage, document, "en")
        console.print(f"[bold]{hit.rank}.[/] ", end="")
        console.print(where, style="bold cyan", markup=False, end="  ")
        console.print(f"{document.language}  {hit.score:.4f} ({legs})", style="dim", markup=False)
        if passage.heading:
            console.print("   " + " › ".join(passage.heading), style="italic", markup=False)
        console.print("   " + _shortened(passage.text), markup=False)
        console.print(f"   {passage.id} in {document.file}\n", style="dim", markup=False)
    took = result.took_ms.get("total", 0.0)
    console.print(f"{len(result.hits)} passages in {took:.1f} ms", style="dim")


def show_answer(answer: Answer) -> None:
    console = _console()
    if answer.rewritten is not None:
        console.print(f"Asked as: {answer.rewritten}\n", style="italic", markup=False)
    console.print(answer.text, markup=False)
    if answer.uncertain:
        console.print(f"\n{uncertain(answer.language)}", style="yellow", markup=False)
    if answer.citations:
        console.print()
    for citation in answer.citations:
        document = citation.document
        where = place(document, citation.paragraph, citation.passage.note, citation.page, "en")
        page = f", p. {citation.page}" if citation.page and citation.paragraph else ""
        console.print(f"[{citation.n}] {where}{page}", style="bold cyan", markup=False, end="  ")
        source = document.url or document.file
        span = f"{document.id} {citation.start}–{citation.end}"
        console.print(f"{source}  ({span})", style="dim", markup=False)
    for hit in answer.related:
        where = passage_place(hit.passage, hit.document, "en")
        console.print(f"\nNear it: {where}", style="bold cyan", markup=False)
        console.print("   " + _shortened(hit.passage.text, _RELATED_CHARACTERS), markup=False)


def show_build(report: BuildReport, folder: object) -> None:
    console = _console()
    counts = f"{report.documents} documents, {report.passages} passages"
    if not report.changed:
        console.print(f"Nothing changed: {counts} in {folder}", markup=False)
        return
    console.print(
        f"Indexed {counts} ({report.embedded} encoded, {report.cached} from the cache) "
        f"in {report.seconds:.1f} s, in {folder}",
        markup=False,
    )
    changes = {
        "added": report.added,
        "changed": report.changed_documents,
        "removed": report.removed,
    }
    for word, ids in changes.items():
        if ids:
            console.print(f"  {word}: {', '.join(ids)}", markup=False)


def show_failures(failures: Iterable[UnreadableDocument]) -> None:
    """One line on stderr for each file that could not be read."""
    for failure in failures:
        warn(str(failure))


def show_skipped(folder: object, skipped: Sequence[str]) -> None:
    """One line on stderr, if there are any: how many, and the first of them."""
    if not skipped:
        return
    more = f" and {len(skipped) - _NAMED} more" if len(skipped) > _NAMED else ""
    files = "1 file is" if len(skipped) == 1 else f"{len(skipped)} files are"
    warn(
        f"{files} not read in '{folder}': {', '.join(skipped[:_NAMED])}{more}. Only .txt, .md, "
        ".html, .pdf and .docx files that stand in the folder itself are."
    )


def failures_json(failures: Iterable[UnreadableDocument]) -> list[dict[str, str]]:
    return [{"file": failure.path.name, "why": failure.why} for failure in failures]


def show_documents(documents: Iterable[Document]) -> None:
    """Three lines each: their columns together are wider than a terminal."""
    console = _console()
    for document in documents:
        about = (document.symbol, document.language, document.date)
        counts = f"{len(document.paragraphs)} paragraphs, {len(document.notes)} notes"
        console.print(document.id, style="bold cyan", markup=False, end="  ")
        console.print(" · ".join(str(item) for item in about if item), markup=False)
        _show_below(console, document.title)
        _show_below(console, f"{document.file} · {counts}")


def _show_below(console: "Console", line: str) -> None:
    """Indented; so is what of it goes on in another line of a terminal."""
    from rich.padding import Padding
    from rich.text import Text

    wraps = sys.stdout.isatty()
    console.print(Padding(Text(line), (0, 0, 0, 2), expand=False) if wraps else Text(f"  {line}"))


def show_document(document: Document) -> None:
    console = _console()
    console.print(document.symbol or document.id, style="bold cyan", markup=False, end="  ")
    console.print(document.title, style="bold", markup=False)
    about = [document.language, document.publisher, document.date, document.url]
    console.print(" · ".join(str(item) for item in about if item), markup=False)
    console.print(f"{len(document.paragraphs)} paragraphs, {len(document.notes)} notes\n")
    above: tuple[str, ...] = ()
    for paragraph in document.paragraphs:
        if paragraph.heading != above:
            above = paragraph.heading
            console.print(" › ".join(above) or "—", style="bold", markup=False)
        page = f" p. {paragraph.page}" if paragraph.page is not None else ""
        part = f" [{paragraph.part}]" if paragraph.part != "body" else ""
        notes = f" (notes {', '.join(n.label for n in paragraph.notes)})" if paragraph.notes else ""
        console.print(
            f"  {paragraph.label or '–'}{page}{part}", style="cyan", markup=False, end="  "
        )
        console.print(_shortened(paragraph.text, 100) + notes, markup=False)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows of text; empty cells for None."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    _console().print(table)


class Bars:
    """Progress by name: ``step(stage, done, total)``; draws nothing without a ``Progress``."""

    def __init__(self, progress: "Progress | None" = None) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def reading(self, name: str) -> None:
        """A file has been taken up; how many there are is not known."""
        self._update("reading", description=f"reading {name}", advance=1)

    def step(self, stage: str, done: int, total: int) -> None:
        self._update(stage, completed=done, total=total or None)

    def _update(self, stage: str, **changes: Any) -> None:
        if self._progress is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(stage, total=None)
        self._progress.update(self._tasks[stage], **changes)


@contextmanager
def bars(unit: Literal["items", "bytes"] = "items") -> Iterator[Bars]:
    """Progress bars on stderr while the block runs, when stderr is a terminal."""
    if not sys.stderr.isatty():
        yield Bars()
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, MofNCompleteColumn, Progress, TextColumn

    count = DownloadColumn() if unit == "bytes" else MofNCompleteColumn()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), count)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bars(progress)


def _console() -> "Console":
    """Wraps at a terminal's width; into a pipe or a file, a line stays a line."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=not sys.stdout.isatty())


def _shortened(text: str, limit: int = _SHOWN_CHARACTERS) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
