"""``sextant build``, ``search``, ``ask`` and ``inspect``."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from corpus import (
    Document,
    UnreadableDocument,
    load_entries,
    read_corpus,
    read_document,
    skipped_files,
)
from index import (
    BuildReport,
    Encoder,
    Filters,
    Index,
    RerankSettings,
    build_index,
    open_encoder,
    open_reranker,
)
from service import output, unreadable
from service.answer import Asker
from service.followup import Turn
from service.serialise import answer_json, document_json, search_json
from service.settings import LATE, OFF, Settings
from service.writers import asker_of

OK, FAILED = 0, 1


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Runs the command that ``args`` names and returns the exit status."""
    return {"build": _build, "search": _search, "ask": _ask, "inspect": _inspect}[args.command](
        args, settings
    )


def open_settings_encoder(settings: Settings) -> Encoder:
    """The encoder the settings name; raises ``EncoderUnavailable``."""
    return open_encoder(settings.encoder, device=settings.device, precision=settings.precision)


def index_opener(settings: Settings) -> Callable[[Path, Encoder], Index]:
    """How an index is opened with the reranker the settings name, which is loaded now, once.

    Raises ``RerankerUnavailable``.
    """
    if settings.rerank in (LATE, OFF):
        by = RerankSettings() if settings.rerank == LATE else RerankSettings(depth=0)
        return partial(Index.open, rerank=by)
    reranker = open_reranker(settings.rerank, device=settings.device, precision=settings.precision)
    return partial(Index.open, reranker=reranker)


def open_settings_index(settings: Settings, encoder: Encoder) -> Index:
    """Raises ``IndexMissing``, ``IndexCorrupt``, ``EncoderMismatch``, ``RerankerUnavailable``."""
    return index_opener(settings)(settings.data, encoder)


def open_asker(settings: Settings) -> Asker:
    """Raises what opening the encoder and the index raises."""
    encoder = open_settings_encoder(settings)
    index = open_settings_index(settings, encoder)
    return asker_of(index, encoder, settings)


def build(
    settings: Settings, encoder: Encoder, *, force: bool = False, strict: bool = False
) -> tuple[BuildReport | None, tuple[UnreadableDocument, ...]]:
    """Brings the index up to date with the corpus, drawing progress on stderr.

    Returns (report, the files that could not be read); the report is None when nothing was
    built: no file could be read, or not every one and ``strict`` is set.
    """
    with output.bars() as bars:
        read = read_corpus(settings.corpus, catalogue=settings.catalogue, progress=bars.reading)
        if not read.documents or (strict and read.failures):
            return None, read.failures
        report = build_index(
            read.documents,
            encoder,
            settings.data,
            failures=[str(failure) for failure in read.failures],
            force=force,
            progress=bars.step,
        )
    unreadable.remember(settings.data, read.failures)
    return report, read.failures


def _build(args: argparse.Namespace, settings: Settings) -> int:
    encoder = open_settings_encoder(settings)
    report, failures = build(settings, encoder, force=args.force, strict=args.strict)
    output.show_failures(failures)
    skipped = skipped_files(settings.corpus)
    output.show_skipped(settings.corpus, skipped)
    if args.json:
        body = report.to_json() if report is not None else {"generation": None, "changed": False}
        told = {"failures": output.failures_json(failures), "skipped": skipped}
        output.print_json({**body, **told})
    elif report is not None:
        output.show_build(report, settings.data)
    if report is None:
        output.warn("Nothing was indexed. Mend or remove the files named above and build again.")
    return FAILED if failures else OK


def _search(args: argparse.Namespace, settings: Settings) -> int:
    result = open_asker(settings).search(
        " ".join(args.question), args.k, _filters(args), collapse=not args.no_collapse
    )
    if args.json:
        output.print_json(search_json(result))
    else:
        output.show_search(result)
    return OK


def _ask(args: argparse.Namespace, settings: Settings) -> int:
    answer = open_asker(settings).ask(
        " ".join(args.question),
        args.k,
        _filters(args),
        collapse=not args.no_collapse,
        history=[Turn("user", question) for question in args.after],
    )
    if answer.writer_reason not in (None, "llm_not_asked"):
        failed = "did not finish" if answer.writer == "llm" else "did not write"
        output.warn(f"The model {failed} this answer ({answer.writer_reason}).")
    if args.json:
        output.print_json(answer_json(answer))
    else:
        output.show_answer(answer)
    return OK


def _filters(args: argparse.Namespace) -> Filters:
    return Filters(
        document=tuple(args.document),
        work=tuple(args.work),
        language=tuple(args.language),
        publisher=tuple(args.publisher),
        date_from=args.date_from,
        date_to=args.date_to,
        symbol_prefix=args.symbol_prefix,
    )


def _inspect(args: argparse.Namespace, settings: Settings) -> int:
    entry = load_entries(args.file.parent, settings.catalogue).get(args.file.name)
    document = read_document(args.file, entry=entry, language=args.language)
    if args.json:
        output.print_json(_inspected(document))
    else:
        output.show_document(document)
    return OK


def _inspected(document: Document) -> dict[str, Any]:
    headings = [
        {"level": h.level, "text": h.text, "start": h.start, "end": h.end}
        for h in document.headings
    ]
    return {**document_json(document), "headings": headings}
