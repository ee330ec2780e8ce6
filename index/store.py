"""Documents -> a generation on disk, made current in one step; see generation.py for the layout.

The same documents, settings and encoder give the same bytes, so a second build changes nothing.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from corpus import BadCatalogue, CorpusError, Document, IndexCorrupt, IndexUnavailable, Passage
from index import generation, records
from index.cache import Embedded, embed
from index.chunk import ChunkSettings, embedding_text, indexed_text, passages
from index.dense import DenseIndex
from index.embed import Encoder, TokenEncoder
from index.generation import FORMAT, Manifest, Pointer
from index.late import writing
from index.lexical import LexicalIndex
from index.opening import DENSE, DOCUMENTS, LATE, LEXICAL, PASSAGES, Loaded, load_folder
from index.segments import sentence_tokens

_TOLERANCE = 0.05  # of an inner product of unit vectors: what 8-bit scalars may cost

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); stages: 'chunk', 'embed', 'write'."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``embedded`` and ``cached`` count passages; both 0 when nothing changed.

    ``failures`` are the files that were left out, each with its reason.
    """

    generation: str
    changed: bool
    documents: int
    passages: int
    embedded: int
    cached: int
    added: tuple[str, ...]
    changed_documents: tuple[str, ...]
    removed: tuple[str, ...]
    seconds: float
    failures: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As plain JSON values."""
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is indexed, before any vector is made; ``texts`` (for BM25) and ``encoded`` have one
    item a passage."""

    documents: tuple[Document, ...]
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    encoded: tuple[str, ...]
    manifest: Manifest  # without files


def build_index(
    documents: Sequence[Document],
    encoder: Encoder,
    data: Path,
    *,
    chunk: ChunkSettings = ChunkSettings(),  # noqa: B008  (frozen)
    failures: Sequence[str] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> BuildReport:
    """Makes the generation of ``documents`` and publishes it, unless it is current already.

    ``force`` writes it anew even then. Raises CorpusError when there is nothing to index,
    BadCatalogue when two documents have one id, IndexUnavailable when another build is running or
    the disk does not take the files.
    """
    began = perf_counter()
    plan = _plan(documents, encoder, chunk, progress)
    with _explained(data), generation.lock(data):
        old = _sound(data)
        unchanged = old is not None and old[1].id == plan.manifest.id and not force
        embedded = cached = 0
        if unchanged and old is not None:
            name = old[0].name
        else:
            pointer, embedded, cached = _make(plan, encoder, data, progress)
            name = pointer.name
            generation.drop_others(data, {name, *([old[0].name] if old else [])})
    before = old[1].documents if old else {}
    after = plan.manifest.documents
    return BuildReport(
        generation=name,
        changed=not unchanged,
        documents=len(plan.documents),
        passages=len(plan.passages),
        embedded=embedded,
        cached=cached,
        added=tuple(id for id in after if id not in before),
        changed_documents=tuple(id for id in after if id in before and after[id] != before[id]),
        removed=tuple(id for id in sorted(before) if id not in after),
        seconds=perf_counter() - began,
        failures=tuple(failures),
    )


@contextmanager
def _explained(data: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        raise IndexUnavailable(
            f"The index in '{data}' cannot be written ({error}); what was there is as it was. "
            "Make room or give the right to write, or name another folder with --data."
        ) from error


def _plan(
    documents: Sequence[Document],
    encoder: Encoder,
    chunk: ChunkSettings,
    progress: Progress | None,
) -> _Plan:
    ordered = tuple(sorted(documents, key=lambda document: (document.id, document.file)))
    for one, other in pairwise(ordered):
        if one.id == other.id:
            why = f"has the id '{one.id}', and so has {one.file}. Give each document its own id."
            raise BadCatalogue(Path(other.file), why)
    cut: list[Passage] = []
    texts: list[str] = []
    encoded: list[str] = []
    for done, document in enumerate(ordered, 1):
        own = passages(document, chunk)
        cut += own
        texts += [indexed_text(passage, document) for passage in own]
        encoded += [embedding_text(passage, document) for passage in own]
        if progress is not None:
            progress("chunk", done, len(ordered))
    if not cut:
        raise CorpusError("The documents hold no text to index. Add some and run: sextant build")
    manifest = _manifest(ordered, cut, [texts, encoded], encoder, chunk)
    return _Plan(ordered, tuple(cut), tuple(texts), tuple(encoded), manifest)


def _manifest(
    documents: Sequence[Document],
    cut: Sequence[Passage],
    texts: Sequence[Sequence[str]],
    encoder: Encoder,
    chunk: ChunkSettings,
) -> Manifest:
    """The id is a hash of all that decides the generation's contents."""
    sources = {
        d.id: {"file": d.file, "sha256": d.sha256, "hash": records.digest(_record(d))}
        for d in documents
    }
    cut_digest = records.digest([[records.passage_record(passage) for passage in cut], *texts])
    made_with = [FORMAT, encoder.fingerprint, encoder.dim, asdict(chunk)]
    return Manifest(
        format=FORMAT,
        id=records.digest([made_with, sources, cut_digest])[:16],
        encoder={
            "name": Path(encoder.name).name if Path(encoder.name).is_absolute() else encoder.name,
            "fingerprint": encoder.fingerprint,
            "dim": encoder.dim,
        },
        chunk=asdict(chunk),
        documents=sources,
        passages=len(cut),
        files={},
    )


def _record(document: Document) -> records.Record:
    record = records.document_record(document)
    if records.document_from(record) != document:
        why = "its paragraphs, headings or notes do not stand in its text where they say"
        raise CorpusError(f"{document.file}: {why}. Report this, with the file.")
    return record


def _sound(data: Path) -> tuple[Pointer, Manifest] | None:
    """The current generation when every one of its files is as written; else None."""
    try:
        pointer = generation.current(data)
        folder = generation.folder_of(data, pointer.name)
        manifest = generation.read_manifest(folder, pointer.manifest)
        generation.verify(folder, manifest, checksums=True)
    except IndexUnavailable:
        return None
    return pointer, manifest


def _make(
    plan: _Plan, encoder: Encoder, data: Path, progress: Progress | None
) -> tuple[Pointer, int, int]:
    """Writes, checks and publishes; gives the pointer and how many were embedded and cached."""
    folder = generation.begin(data, plan.manifest.id)
    try:
        made = _embed(folder, plan, encoder, data, progress)
        _write(folder, plan, made)
        if progress is not None:
            progress("write", 1, 2)
        pointer = generation.seal(folder, replace(plan.manifest, files=generation.files_of(folder)))
        _check(load_folder(folder, pointer, verify=True), plan, made.vectors)
        published = generation.publish(data, folder, pointer)
    except (Exception, KeyboardInterrupt):
        generation.discard(folder)  # on a full disk its room is wanted
        raise
    if progress is not None:
        progress("write", 2, 2)
    return published, made.embedded, made.cached


def _embed(
    folder: Path, plan: _Plan, encoder: Encoder, data: Path, progress: Progress | None
) -> Embedded:
    """The vectors; token vectors go into the new generation at once."""
    step = (lambda done, total: progress("embed", done, total)) if progress else None
    if not isinstance(encoder, TokenEncoder):
        return embed(plan.encoded, encoder, data, step)
    documents = {document.id: document for document in plan.documents}
    passages = iter(plan.passages)
    with writing(folder / LATE, encoder.token_dim) as add:

        def keep(tokens: NDArray[np.int8]) -> None:
            passage = next(passages)
            document = documents[passage.document_id]
            add(tokens, sentence_tokens(encoder, passage, document, len(tokens)))

        return embed(plan.encoded, encoder, data, step, keep)


def _write(folder: Path, plan: _Plan, made: Embedded) -> None:
    documents = records.lines(map(_record, plan.documents))
    (folder / DOCUMENTS).write_bytes(documents)
    (folder / PASSAGES).write_bytes(records.lines(map(records.passage_record, plan.passages)))
    DenseIndex.build(made.vectors).save(folder / DENSE)
    languages = {document.id: document.language for document in plan.documents}
    each = [languages[passage.document_id] for passage in plan.passages]
    LexicalIndex.build(plan.texts, each).save(folder / LEXICAL)


def _check(loaded: Loaded, plan: _Plan, vectors: NDArray[np.float32]) -> None:
    """What was read back is what was meant; raises IndexCorrupt."""
    folder = loaded.folder
    if tuple(loaded.documents.values()) != plan.documents:
        raise IndexCorrupt(folder / DOCUMENTS, "does not give back the documents")
    if loaded.passages != plan.passages:
        raise IndexCorrupt(folder / PASSAGES, "does not give back the passages")
    row = int(np.argmax(np.abs(vectors).sum(axis=1)))  # of the zero row nothing is near
    found, scores = loaded.dense.search(vectors[row], 1, None)
    own = float(vectors[row] @ vectors[row])
    if own and (not len(found) or abs(float(scores[0]) - own) > _TOLERANCE):
        raise IndexCorrupt(folder / DENSE, "does not find a vector it was given")
