"""PDF with a text layer, page by page, under limits on what its streams may unpack to."""

import io
import logging
import re
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from pypdf import (
    Configuration,
    PageObject,
    PasswordType,
    PdfReader,
    apply_configuration,
)
from pypdf.errors import DependencyError, LimitReachedError, PyPdfError

from corpus.load.failure import Unreadable
from corpus.types import RawDocument

_PAGES = 10_000
_CHARACTERS = 50_000_000
_STREAM = 16 * 1024 * 1024  # bytes that one stream of text may unpack to
_OPERATIONS = 1_000_000  # of one content stream; a dense page has some thousands
_LIMITS = Configuration(
    zlib_maximum_output_length=_STREAM,
    lzw_maximum_output_length=_STREAM,
    run_length_maximum_output_length=_STREAM,
    array_based_stream_maximum_output_length=_STREAM,
    brotli_maximum_output_length=_STREAM,
    stream_decoding_work_maximum_length=4 * _STREAM,
    stream_parsing_work_maximum_count=_OPERATIONS,
    xform_maximum_invocations_per_extraction=500,
)
_LOST = re.compile("Impossible to decode XForm|content is skipped|cyclic form")
_UNMAPPED = re.compile(r"/(?:g|G|C|cid|uni)\d+|\(cid:\d+\)")
_BOMB = "it unpacks to far more than a document needs (a decompression bomb). Do not use it."
_ENCRYPTED = "it is encrypted. Save it without a password and try again."


def read_pdf(data: bytes) -> RawDocument:
    """Every page of the file, also those without text, so that page numbers are right.

    Raises Unreadable when it is encrypted with a password, truncated, scanned, or a bomb.
    """
    if b"%%EOF" not in data[-4096:] or b"startxref" not in data[-8192:]:
        raise Unreadable("it is truncated: the end of the PDF is missing. Get it again.")
    try:
        with apply_configuration(_LIMITS), _warnings() as warnings:
            raw = _read(data)
    except LimitReachedError:
        raise Unreadable(_BOMB) from None
    except DependencyError:
        raise Unreadable(_ENCRYPTED) from None
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        # pypdf meets damage with many kinds of exception; all of them mean a broken file.
        raise Unreadable(f"it is damaged: {_short(error)}. Get it again.") from None
    except (OverflowError, AssertionError, NotImplementedError, ZeroDivisionError) as error:
        raise Unreadable(f"it is damaged: {_short(error)}. Get it again.") from None
    lost = [message for message in warnings if _LOST.search(message)]
    if lost:
        raise Unreadable(f"part of its text cannot be read: {_short(lost[0])}. Get it again.")
    return raw


def _read(data: bytes) -> RawDocument:
    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise Unreadable(_ENCRYPTED)
    count = len(reader.pages)
    if not 1 <= count <= _PAGES:
        raise Unreadable(f"it has {count} pages; 1 to {_PAGES} are read. Split it or get it again.")
    pages: list[str] = []
    size = scans = 0
    for page in reader.pages:
        text = page.extract_text()
        size += len(text)
        if size > _CHARACTERS:
            raise Unreadable(_BOMB)
        pages.append(text)
        scans += not text.strip() and _has_picture(page)
    _check_text("".join(pages), scans, count)
    return RawDocument(tuple(pages), page_numbers=True, title=_title(reader))


def _check_text(text: str, scans: int, count: int) -> None:
    if not text.strip():
        kind = "it is scanned: its pages are pictures" if scans else "its pages hold no text"
        raise Unreadable(f"{kind}, without a text layer. Run it through OCR first.")
    if scans * 2 > count:
        raise Unreadable(
            f"{scans} of its {count} pages are pictures without text. Run it through OCR first."
        )
    solid = [ch for ch in text if not ch.isspace()]
    odd = sum(1 for ch in solid if ch == "\ufffd" or unicodedata.category(ch) in ("Cc", "Co", "Cn"))
    unmapped = sum(len(code) for code in _UNMAPPED.findall(text))
    if (odd + unmapped) * 5 > len(solid):
        raise Unreadable(
            "its fonts do not say which characters their glyphs are, so that its text comes out "
            "as rubbish. Run it through OCR, or get another copy."
        )


def _has_picture(page: PageObject) -> bool:
    """Whether the page shows an image, also one inside a form."""
    pending = [page.get("/Resources")]
    for _ in range(200):  # objects that are looked at; forms may name each other in circles
        if not pending:
            return False
        resources = pending.pop()
        resources = resources.get_object() if resources is not None else {}
        objects = resources.get("/XObject", {}) if hasattr(resources, "get") else {}
        for item in objects.get_object().values() if hasattr(objects, "get_object") else ():
            stream = item.get_object()
            if stream.get("/Subtype") == "/Image":
                return True
            pending.append(stream.get("/Resources"))
    contents = page.get_contents()
    return contents is not None and b"BI" in contents.get_data()


def _title(reader: PdfReader) -> str | None:
    """The title in the file's metadata, unless it is a file name or the like."""
    metadata = reader.metadata
    title = str(metadata.get("/Title") or "").strip() if metadata else ""
    dull = re.search(r"(?i)^(?:untitled|microsoft word\b.*|\W*)$|\.(?:docx?|pdf|indd|qxd)$", title)
    return None if dull or "\0" in title else title


def _short(error: object) -> str:
    line = " ".join(str(error).split())
    return (line[:120] or type(error).__name__).rstrip(".")


class _Collector(logging.Handler):
    """Keeps what this thread logs; pypdf says in its log what it left out."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread == self._thread:
            self.messages.append(record.getMessage())


@contextmanager
def _warnings() -> Iterator[list[str]]:
    handler = _Collector()
    logger = logging.getLogger("pypdf")
    logger.addHandler(handler)
    try:
        yield handler.messages
    finally:
        logger.removeHandler(handler)
