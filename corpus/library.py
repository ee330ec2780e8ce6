"""Files -> Documents: loads, cleans, structures and names them; the folder's door for reading."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.catalogue import Entry, read_catalogue
from corpus.clean import clean
from corpus.errors import BadCatalogue, CorpusMissing, UnreadableDocument
from corpus.language import detect_language
from corpus.load import SUFFIXES, load
from corpus.metadata import infer_date, infer_symbol, infer_title
from corpus.structure import structure
from corpus.types import LANGUAGES, Document

CATALOGUE = "catalogue.toml"


@dataclass(frozen=True, slots=True)
class ReadCorpus:
    """Documents sorted by id, and the files that could not be read."""

    documents: tuple[Document, ...]
    failures: tuple[UnreadableDocument, ...]


def _slug(text: str) -> str:
    return re.sub(r"[^\w]+", "-", text.casefold()).strip("-")


def read_document(
    path: Path, *, entry: Entry | None = None, language: str | None = None
) -> Document:
    """One file as a Document; what ``entry`` says goes before what is inferred.

    Raises UnreadableDocument when no text can be had from the file.
    """
    raw = load(path)
    cleaned = clean(raw)
    if not cleaned.blocks:
        raise UnreadableDocument(path, "holds no text once headers and page marks are left out")
    parts = structure(cleaned)
    front = list(parts.front)
    language = language or (entry.language if entry else None) or detect_language(parts.text)
    if language not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise UnreadableDocument(path, f"language '{language}' is not one of {known}")
    symbol = (entry.symbol if entry else None) or infer_symbol(cleaned.symbols, front)
    stem = path.name.rsplit(".", 1)[0]
    title = (entry.title if entry else None) or infer_title(front, raw.title or stem)
    work = (entry.work if entry else None) or _slug(symbol or stem)
    return Document(
        id=f"{work}.{language}",
        work=work,
        file=path.name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        symbol=symbol,
        title=title,
        date=(entry.date if entry else None) or infer_date(front),
        publisher=entry.publisher if entry else None,
        language=language,
        url=entry.url if entry else None,
        licence=entry.licence if entry else None,
        text=parts.text,
        paragraphs=parts.paragraphs,
        headings=parts.headings,
        notes=parts.notes,
        digest=bool(entry and entry.digest),
    )


def corpus_files(folder: Path) -> tuple[Path, ...]:
    """The files of a corpus folder in name order; the catalogue and hidden files are no documents.

    Raises CorpusMissing when the folder is not there or holds no file of a known format.
    """
    if not folder.is_dir():
        raise CorpusMissing(folder)
    files = sorted(
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith(".") and path.suffix.lower() in SUFFIXES
    )
    if not files:
        raise CorpusMissing(folder, skipped_files(folder))
    return tuple(files)


def skipped_files(folder: Path) -> tuple[str, ...]:
    """What of a corpus folder is not read: files of unknown formats, and all in folders inside it.

    Paths inside ``folder``, sorted; without what is hidden and the catalogue. Links to folders
    are not followed.
    """
    found: list[str] = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        inside = Path(place).relative_to(folder)
        for name in files:
            path = inside / name
            read = inside == Path() and (path.suffix.lower() in SUFFIXES or name == CATALOGUE)
            if not read and not name.startswith("."):
                found.append(path.as_posix())
    return tuple(sorted(found))


def load_entries(folder: Path, catalogue: Path | None) -> Mapping[str, Entry]:
    """Entries by file name: those of ``catalogue`` with those of the folder's own on top."""
    entries: dict[str, Entry] = dict(read_catalogue(catalogue)) if catalogue else {}
    own = folder / CATALOGUE
    if own.is_file():
        entries.update(read_catalogue(own))
    return entries


def read_corpus(
    folder: Path,
    *,
    catalogue: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> ReadCorpus:
    """Every document of ``folder``; ``progress`` is called with each file's name once it is read.

    Raises CorpusMissing, and BadCatalogue when two files claim to be one version of one work.
    """
    entries = load_entries(folder, catalogue)
    documents: dict[str, Document] = {}
    failures = []
    for path in corpus_files(folder):
        try:
            document = read_document(path, entry=entries.get(path.name))
        except UnreadableDocument as error:
            failures.append(error)
        else:
            other = documents.get(document.id)
            if other is not None:
                why = (
                    f"'{other.file}' and '{document.file}' both are the {document.language} version"
                    f" of '{document.work}'; give one of them another 'work'"
                )
                raise BadCatalogue(catalogue or folder / CATALOGUE, why)
            documents[document.id] = document
        if progress:
            progress(path.name)
    ordered = tuple(documents[key] for key in sorted(documents))
    return ReadCorpus(ordered, tuple(failures))
