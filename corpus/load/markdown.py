"""Markdown: kept as it is, but for a YAML front matter, which gives the title."""

import re

from corpus.load.encoding import decode
from corpus.load.text import paged
from corpus.types import RawDocument

_FRONT = re.compile(
    r"---[ \t]*\r?\n((?:[A-Za-z_][\w-]*[ \t]*:.*\r?\n|[ \t].*\r?\n|-.*\r?\n)+?)---[ \t]*(?:\r?\n|$)"
)
_TITLE = re.compile(r"(?m)^title[ \t]*:[ \t]*(.+?)[ \t\r]*$")


def read_markdown(data: bytes) -> RawDocument:
    """Form feeds part the pages. Raises Unreadable."""
    text = decode(data)
    front = _FRONT.match(text)
    if front is None:
        return paged(text, "markdown")
    title = _TITLE.search(front[1])
    return paged(text[front.end() :], "markdown", title[1].strip("\"'") if title else None)
