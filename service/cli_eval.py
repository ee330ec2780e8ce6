"""``sextant eval``: the pipeline in process, or a server, as what ``eval`` grades."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus import Document
from eval import Asked, Found, Source, System, corpus_fingerprint, main, open_server
from index import LEGS, ChunkSettings, Index, build_index
from service import output
from service.answer import MOST_HITS
from service.calibration import shipped
from service.commands import index_opener, open_settings_encoder, open_settings_index
from service.confidence import threshold_for
from service.settings import Settings
from service.writers import asker_of

FUSED, RERANKED = "fused", "reranked"  # both legs together, before and after the reranker


def run(arguments: Sequence[str], settings: Settings) -> int:
    """Runs ``sextant eval ARGUMENTS`` and returns the exit status."""

    def open_system(url: str | None, legs: bool) -> AbstractContextManager[System]:
        return open_server(url) if url else nullcontext(in_process(settings, legs=legs))

    def open_documents(documents: Sequence[Document], legs: bool) -> AbstractContextManager[System]:
        return temporary(documents, settings, legs=legs)

    return main(arguments, open_system=open_system, open_documents=open_documents)


@contextmanager
def temporary(
    documents: Sequence[Document], settings: Settings, *, legs: bool = False
) -> Iterator[System]:
    """The pipeline over an index of just these documents, made for it and removed at the end."""
    encoder = open_settings_encoder(settings)
    with TemporaryDirectory(prefix="sextant-eval-") as folder:
        data = Path(folder)
        with output.bars() as bars:
            build_index(documents, encoder, data, progress=bars.step)
        index = index_opener(settings)(data, encoder)
        yield graded(index, settings, legs=legs, judged=False)


def in_process(settings: Settings, *, legs: bool = False) -> System:
    """The pipeline that ``sextant ask`` runs; raises what opening the index raises."""
    index = open_settings_index(settings, open_settings_encoder(settings))
    return graded(index, settings, legs=legs)


def graded(index: Index, settings: Settings, *, legs: bool = False, judged: bool = True) -> System:
    """An open index, and how it is asked; with ``legs``, each leg alone too. ``judged``: whether
    evidence will be looked for in its documents, which takes time where there are many."""
    threshold = threshold_for(index.encoder, settings.threshold)
    asker = asker_of(index, index.encoder, settings)

    def ask(question: str, language: str) -> Asked:  # a user does not say the language either
        return Asked.of(asker.ask(question, MOST_HITS))

    def search(question: str, leg: str) -> list[Found]:
        asked = (leg,) if leg in LEGS else LEGS
        hits = index.search(question, MOST_HITS, legs=asked, rerank=leg != FUSED).hits
        return [Found.of(hit) for hit in hits]

    return System(
        ask=ask,
        sources=_sources(index) if judged else (),
        search=search,
        legs=(*LEGS, FUSED) if legs else (),
        final=RERANKED if index.reranked_by else FUSED,
        threshold=threshold,
        fingerprints={
            "corpus": corpus_fingerprint({d.id: d.sha256 for d in index.documents.values()}),
            "index": index.generation,
            "encoder": index.encoder.fingerprint,
            "settings": _settings_fingerprint(settings, index),
            "version": _version(),
        },
    )


def _sources(index: Index) -> tuple[Source, ...]:
    spans: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for passage in index.passages:
        spans[passage.document_id][passage.id] = (passage.start, passage.end)
    return tuple(Source.of(document, spans[document.id]) for document in index.documents.values())


def _settings_fingerprint(settings: Settings, index: Index) -> str:
    """Of the settings that can change an answer, none of which is a path."""
    said = {
        "chunk": asdict(ChunkSettings()),
        "fusion": asdict(index.fusion),
        "rerank": asdict(index.rerank),
        "reranker": index.reranker.fingerprint if index.reranker else index.reranked_by,
        "precision": settings.precision,
        "question_limit": settings.question_limit,
        "threshold": settings.threshold,
        "calibration": asdict(shipped()),
    }
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _version() -> str | None:
    try:
        return version("sextant")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return None
