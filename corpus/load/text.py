"""Plain text, and Markdown that goes by the name of plain text."""

import re
from typing import Literal

from corpus.load.encoding import decode
from corpus.types import RawDocument

_SIGNS = (
    (re.compile(r"(?m)^#{1,6} +\S"), 2),
    (re.compile(r"<sup>[^<>\n]{1,12}</sup>"), 1),
    (re.compile(r"(?<!\\)\[[^\]\n]{1,200}\]\([^)\s]{0,500}\)"), 2),
    (re.compile(r"(?m)^---+[ \t]*$"), 2),
    (re.compile(r"\*\*[^*\s][^*\n]{0,200}\*\*"), 2),
)


def read_text(data: bytes) -> RawDocument:
    """Form feeds part the pages. Raises Unreadable."""
    text = decode(data)
    return paged(text, "markdown" if is_markdown(text) else "plain")


def is_markdown(text: str) -> bool:
    """Two kinds of Markdown syntax, or one kind that plain text does not have, often enough."""
    counts = [len(sign.findall(text)) for sign, _ in _SIGNS]
    headings, sups, links = counts[0], counts[1], counts[2]
    several = sum(1 for count in counts if count) >= 2
    return several or headings >= _SIGNS[0][1] or sups >= _SIGNS[1][1] or links >= _SIGNS[2][1]


def paged(text: str, markup: Literal["plain", "markdown"], title: str | None = None) -> RawDocument:
    """A document whose pages end at form feeds, if it has any."""
    if "\f" not in text:
        return RawDocument((text,), markup=markup, title=title)
    pages = text.split("\f")
    if not pages[-1].strip():
        pages.pop()  # extractors end every page, also the last, with a form feed
    return RawDocument(tuple(pages), page_numbers=True, markup=markup, title=title)
