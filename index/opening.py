"""A generation on disk -> what is searched."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus import Document, EncoderMismatch, IndexCorrupt, Passage
from index import generation, records
from index.dense import DenseIndex
from index.embed import Encoder
from index.generation import Manifest, Pointer
from index.late import TokenStore
from index.lexical import LexicalIndex

DOCUMENTS, PASSAGES, DENSE, LEXICAL = "documents.jsonl", "passages.jsonl", "dense.faiss", "lexical"
LATE = "late"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A generation, open; ``documents`` by id, in order of id; a passage's place is its row.

    ``late`` is None when the encoder it was built with gives no token vectors.
    """

    folder: Path
    pointer: Pointer
    manifest: Manifest
    documents: Mapping[str, Document]
    passages: tuple[Passage, ...]
    dense: DenseIndex
    lexical: LexicalIndex
    late: TokenStore | None


def load(data: Path, *, verify: bool = True) -> Loaded:
    """The current generation; ``verify`` reads every file once more to check its sha256.

    Raises IndexMissing or IndexCorrupt.
    """
    pointer = generation.current(data)
    while True:
        try:
            return load_folder(generation.folder_of(data, pointer.name), pointer, verify=verify)
        except IndexCorrupt:
            newer = generation.current(data)  # builds may have replaced and dropped it meanwhile
            if newer == pointer:
                raise
            pointer = newer


def check_encoder(loaded: Loaded, encoder: Encoder) -> None:
    """Raises EncoderMismatch when the generation was built with another encoder."""
    built_with = loaded.manifest.encoder
    if built_with["fingerprint"] != encoder.fingerprint:
        names = (str(built_with["name"]), encoder.name)
        prints = (str(built_with["fingerprint"]), encoder.fingerprint)
        raise EncoderMismatch(*(f"'{n}' ({p[:8]})" for n, p in zip(names, prints, strict=True)))


def load_folder(folder: Path, pointer: Pointer, *, verify: bool) -> Loaded:
    """The generation in ``folder``, whose manifest is the one ``pointer`` means."""
    manifest = generation.read_manifest(folder, pointer.manifest)
    generation.verify(folder, manifest, checksums=verify)
    documents = _documents(folder / DOCUMENTS)
    passages = _passages(folder / PASSAGES, documents)
    dense = DenseIndex.open(folder / DENSE)
    if not len(passages) == len(dense) == manifest.passages:
        why = f"has {len(dense)} rows for {len(passages)} of {manifest.passages} passages"
        raise IndexCorrupt(folder / DENSE, why)
    lexical = LexicalIndex.open(folder / LEXICAL)
    if len(lexical) != len(passages):
        raise IndexCorrupt(folder / LEXICAL, f"has {len(lexical)} rows, not {len(passages)}")
    late = TokenStore.open(folder / LATE) if (folder / LATE).is_dir() else None
    if late is not None and len(late) != len(passages):
        raise IndexCorrupt(folder / LATE, f"has {len(late)} rows, not {len(passages)}")
    return Loaded(folder, pointer, manifest, documents, passages, dense, lexical, late)


def _documents(file: Path) -> dict[str, Document]:
    try:
        found = map(records.document_from, records.from_lines(generation.read_bytes(file)))
        return {document.id: document for document in found}
    except (KeyError, TypeError, ValueError) as error:
        raise IndexCorrupt(file, "does not hold documents") from error


def _passages(file: Path, documents: Mapping[str, Document]) -> tuple[Passage, ...]:
    try:
        found = records.from_lines(generation.read_bytes(file))
        return tuple(records.passage_from(record, documents) for record in found)
    except (KeyError, TypeError, ValueError) as error:
        raise IndexCorrupt(file, "does not hold passages") from error
