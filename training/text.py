"""Reading and cleaning lines of parallel text."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

SHORTEST, LONGEST = 1, 1200  # characters of one side of a pair
_SPACE = re.compile(r"\s+")
# A source that marks up names or literals leaves these behind; they say nothing.
_MARKUP = re.compile(r"``|\*\*|</?[a-z]+>|&nbsp;")


def clean(text: str) -> str:
    """NFC, mark-up dropped, one space between words."""
    return _SPACE.sub(" ", _MARKUP.sub(" ", unicodedata.normalize("NFC", text))).strip()


def rows(path: Path, columns: int) -> Iterator[tuple[str, ...]]:
    """Cleaned rows of a TSV that have exactly ``columns`` non-empty columns of a fit length."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            row = tuple(clean(cell) for cell in line.rstrip("\n").split("\t"))
            if len(row) == columns and all(SHORTEST <= len(cell) <= LONGEST for cell in row):
                yield row


def glue(parts: list[str], language: str) -> str:
    """Neighbouring lines as one paragraph; Chinese has no space between sentences."""
    return ("" if language == "zh" else " ").join(parts)
