"""``sextant corpus verify``, ``list`` and ``fetch``."""

import argparse
from collections.abc import Mapping
from dataclasses import asdict

from corpus import (
    CorpusMissing,
    Entry,
    fetch,
    load_entries,
    read_corpus,
    skipped_files,
    verify_catalogue,
)
from service import output
from service.serialise import document_summary_json
from service.settings import Settings

OK, FAILED = 0, 1


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Runs the verb that ``args`` names and returns the exit status."""
    entries = load_entries(settings.corpus, settings.catalogue)
    return {"verify": _verify, "list": _list, "fetch": _fetch}[args.verb](args, settings, entries)


def _verify(args: argparse.Namespace, settings: Settings, entries: Mapping[str, Entry]) -> int:
    """Fails when a file is not what its entry says, or not there.

    A default catalogue that knows none of the folder's files is about another folder, so what
    it misses there is nothing to complain of.
    """
    if not settings.corpus.is_dir():
        raise CorpusMissing(settings.corpus)
    files = verify_catalogue(settings.corpus, entries)
    present = [file for file in files if file.status != "missing"]
    known = any(file.file in entries for file in present)
    if present and not known and args.catalogue is None:
        files = tuple(present)
    wrong = [file for file in files if file.status in ("changed", "missing")]
    if args.json:
        output.print_json({"ok": not wrong, "files": [asdict(file) for file in files]})
    else:
        output.show_table(("file", "status"), [(file.file, file.status) for file in files])
    for file in wrong:
        output.warn(f"{file.file} is {file.status}. Get it again, or correct its catalogue entry.")
    return FAILED if wrong else OK


def _list(args: argparse.Namespace, settings: Settings, entries: Mapping[str, Entry]) -> int:
    with output.bars() as bars:
        read = read_corpus(settings.corpus, catalogue=settings.catalogue, progress=bars.reading)
    output.show_failures(read.failures)
    skipped = skipped_files(settings.corpus)
    output.show_skipped(settings.corpus, skipped)
    if args.json:
        listed = [
            {**document_summary_json(d), "catalogued": d.file in entries} for d in read.documents
        ]
        failures = output.failures_json(read.failures)
        output.print_json({"documents": listed, "failures": failures, "skipped": skipped})
    else:
        output.show_documents(read.documents)
    for document in read.documents:
        if document.file not in entries:
            output.warn(f"{document.file} has no catalogue entry: what is shown was inferred.")
    return FAILED if read.failures else OK


def _fetch(args: argparse.Namespace, settings: Settings, entries: Mapping[str, Entry]) -> int:
    with output.bars(unit="bytes") as bars:
        fetched = fetch(
            entries.values(),
            settings.corpus,
            allow_private=args.allow_private,
            progress=lambda file, done, total: bars.step(file, done, total or 0),
        )
    failed = [file for file in fetched if file.failure is not None]
    if args.json:
        files = [
            {
                "file": file.file,
                "status": file.status,
                "size": file.size,
                "why": str(file.failure) if file.failure else None,
            }
            for file in fetched
        ]
        output.print_json({"files": files})
    else:
        output.show_table(
            ("file", "status", "bytes"), [(f.file, f.status, f.size) for f in fetched]
        )
    if not fetched:
        output.warn("No catalogue entry has a url: there is nothing to fetch.")
    for file in failed:
        output.warn(f"{file.file}: {file.failure}")
    return FAILED if failed else OK
