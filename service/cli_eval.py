"""``sextant eval``: the pipeline in process, or a server, as what ``eval`` grades."""

import json
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version

from eval import Asked, Found, Source, System, corpus_fingerprint, main, open_server
from index import LEGS, ChunkSettings, Index
from service.answer import MOST_HITS, Asker
from service.commands import open_settings_encoder
from service.settings import Settings
from service.writer import ExtractiveWriter


def run(arguments: Sequence[str], settings: Settings) -> int:
    """Runs ``sextant eval ARGUMENTS`` and returns the exit status."""

    def open_system(url: str | None, legs: bool) -> AbstractContextManager[System]:
        return open_server(url) if url else nullcontext(in_process(settings, legs=legs))

    return main(arguments, open_system=open_system)


def in_process(settings: Settings, *, legs: bool = False) -> System:
    """The pipeline that ``sextant ask`` runs; raises what opening the index raises."""
    return graded(Index.open(settings.data, open_settings_encoder(settings)), settings, legs=legs)


def graded(index: Index, settings: Settings, *, legs: bool = False) -> System:
    """An open index, and how it is asked; with ``legs``, each leg alone too."""
    writer = ExtractiveWriter(index.encoder)
    asker = Asker(index, writer, question_limit=settings.question_limit)

    def ask(question: str, language: str) -> Asked:  # a user does not say the language either
        return Asked.of(asker.ask(question, MOST_HITS))

    def search(question: str, leg: str) -> list[Found]:
        hits = index.search(question, MOST_HITS, legs=(leg,)).hits
        return [Found.of(hit) for hit in hits]

    return System(
        ask=ask,
        sources=_sources(index),
        search=search if legs else None,
        legs=LEGS if legs else (),
        fingerprints={
            "corpus": corpus_fingerprint({d.id: d.sha256 for d in index.documents.values()}),
            "index": index.generation,
            "encoder": index.encoder.fingerprint,
            "settings": _settings_fingerprint(settings),
            "version": _version(),
        },
    )


def _sources(index: Index) -> tuple[Source, ...]:
    spans: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for passage in index.passages:
        spans[passage.document_id][passage.id] = (passage.start, passage.end)
    return tuple(Source.of(document, spans[document.id]) for document in index.documents.values())


def _settings_fingerprint(settings: Settings) -> str:
    """Of the settings that can change an answer, none of which is a path."""
    said = {
        "chunk": asdict(ChunkSettings()),
        "precision": settings.precision,
        "question_limit": settings.question_limit,
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _version() -> str | None:
    try:
        return version("sextant")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return None
