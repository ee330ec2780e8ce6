"""Running headers, page marks and stray links that page extraction leaves in a text; pure."""

import re
from collections import Counter

from corpus.blocks import is_closed
from corpus.chinese import simplified
from corpus.labels import SYMBOL

_JOB_NUMBER = re.compile(
    r"^(?:[A-Z]{1,3}\.)?\d{2}-\d{4,6}(?:\s*\([A-Z]\))?(?:\s+\d{1,3}\s*/\s*\d{1,3})?$"
)
_PAGE_OF = re.compile(
    r"^(?:\d{1,3}\s*/\s*\d{1,3}|[-–]\s*\d{1,3}\s*[-–]|(?:Page|第)\s*\d{1,3}\s*页?)$", re.I
)
_PAGE_MARK = re.compile(r"(?:^|\s)(\d{1,3})\s*/\s*\d{1,3}\s*$")
_LINK = re.compile(r"^<?https?://\S+>?$")
_DIGITS = re.compile(r"\d+")
_LOOK = 3  # lines at each end of a page where a running header or footer can stand


def _is_mark(line: str) -> bool:
    return bool(_JOB_NUMBER.match(line) or _PAGE_OF.match(simplified(line)))


def _edges(page: str) -> list[str]:
    lines = [line.strip() for line in page.split("\n") if line.strip()]
    edges = lines[:_LOOK] + lines[max(_LOOK, len(lines) - _LOOK) :]
    return [line for line in edges if not is_closed(line)]


def _repeated(pages: tuple[str, ...]) -> set[str]:
    """Lines, digits aside, that stand at the edge of at least half of three or more pages."""
    if len(pages) < 3:
        return set()
    seen = Counter(
        key for page in pages for key in {_DIGITS.sub("#", line) for line in _edges(page)}
    )
    return {key for key, count in seen.items() if 2 * count >= len(pages) and len(key) <= 120}


def drop_furniture(pages: tuple[str, ...]) -> tuple[tuple[str, ...], Counter[str]]:
    """The pages without running lines, and how often each document symbol stood alone on a line.

    A dropped line leaves nothing, so the lines around it meet as they did before the page broke.
    """
    repeated = _repeated(pages)
    symbols: Counter[str] = Counter()
    cleaned = []
    for page in pages:
        edges = set(_edges(page)) if repeated else set()
        kept = []
        for line in page.split("\n"):
            bare = line.strip()
            if SYMBOL.fullmatch(bare):
                symbols[bare] += 1
                continue
            running = bare in edges and _DIGITS.sub("#", bare) in repeated
            if bare and (running or _is_mark(bare) or _LINK.match(bare)):
                continue
            kept.append(line)
        cleaned.append("\n".join(kept))
    return tuple(cleaned), symbols
