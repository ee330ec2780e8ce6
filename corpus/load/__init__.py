"""Path -> RawDocument: one file per format, chosen by extension and checked against the content."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from corpus.errors import UnreadableDocument
from corpus.load.failure import Unreadable
from corpus.load.sniff import content_kind
from corpus.types import RawDocument

__all__ = ["SIZE_LIMIT", "SUFFIXES", "load"]

SIZE_LIMIT = 64 * 1024 * 1024  # bytes

_KINDS = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "HTML",
    ".htm": "HTML",
    ".xhtml": "HTML",
    ".pdf": "PDF",
    ".docx": "docx",
}
SUFFIXES = tuple(_KINDS)
_READERS = {  # imported when first used: the libraries of a format take longer than a question
    "text": ("corpus.load.text", "read_text"),
    "markdown": ("corpus.load.markdown", "read_markdown"),
    "HTML": ("corpus.load.html", "read_html"),
    "PDF": ("corpus.load.pdf", "read_pdf"),
    "docx": ("corpus.load.docx", "read_docx"),
}


def load(path: Path) -> RawDocument:
    """The whole text of a file, page by page; never a part of it.

    Raises UnreadableDocument(path, why) for a file that is missing, empty, over SIZE_LIMIT,
    of an unknown kind, of another kind than its extension says, encrypted, truncated, without
    text, or made to exhaust memory.
    """
    try:
        kind = _KINDS.get(path.suffix.lower())
        if kind is None:
            raise Unreadable(
                f"the extension '{path.suffix}' is not one that can be read; "
                f"use {', '.join(SUFFIXES)}."
            )
        data = _bytes(path)
        _check_kind(data, kind, path.suffix)
        raw = _read(data, kind)
        if not any(page.strip() for page in raw.pages):
            raise Unreadable("it has no text. Remove it, or get it again.")
        return raw
    except Unreadable as error:
        raise UnreadableDocument(path, str(error)) from error
    except (RecursionError, MemoryError):
        raise UnreadableDocument(
            path, "it is nested too deeply, or too big when unpacked, to be read safely."
        ) from None


def _read(data: bytes, kind: str) -> RawDocument:
    module, function = _READERS[kind]
    read: Callable[[bytes], RawDocument] = getattr(import_module(module), function)
    return read(data)


def _bytes(path: Path) -> bytes:
    try:
        if not path.is_file():
            why = "it is not a plain file" if path.exists() else "there is no such file"
            raise Unreadable(f"{why}. Check the name.")
        with path.open("rb") as file:
            data = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise Unreadable(f"it cannot be opened: {error.strerror or error}.") from error
    if len(data) > SIZE_LIMIT:
        raise Unreadable(
            f"it is over {SIZE_LIMIT // 1024 // 1024} MiB; split it or take out its pictures."
        )
    if not data.strip(b"\0 \t\r\n\f\xef\xbb\xbf\xff\xfe"):
        raise Unreadable("it is empty. Remove it, or get it again.")
    return data


def _check_kind(data: bytes, kind: str, suffix: str) -> None:
    found = content_kind(data)
    if found is not None and found != kind:
        suited = [ending for ending, name in _KINDS.items() if name == found]
        advice = (
            f"Rename it to {suited[0]}." if suited else "Convert it to one of the formats read."
        )
        raise Unreadable(f"its extension is {suffix}, but its content is {found}. {advice}")
    if found is None and kind in ("PDF", "docx"):
        raise Unreadable(
            f"its extension is {suffix}, but its content is not {kind}: "
            "the file is damaged or wrongly named. Get it again."
        )
