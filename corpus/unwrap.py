"""Lines broken by page extraction -> paragraphs; Chinese joined without a space, Latin with one."""

import re
import statistics
from dataclasses import dataclass
from itertools import pairwise

from corpus.blocks import Block, is_closed
from corpus.labels import heading_label, item_label, paragraph_label
from corpus.normalise import is_cjk, is_ideograph, width

_WRAP_COLUMNS = (50, 150)  # lines that are shorter, or longer, were not broken to fit a page
_SYMBOL_TAIL = re.compile(r"[A-Za-z0-9][./]$|/$")
_GAP_LINES = 3  # blank lines that stand for a page break


@dataclass(frozen=True, slots=True)
class _Line:
    text: str  # stripped
    indent: int
    trailing: bool  # white space stood at its end
    blanks: int  # blank lines before it
    page: int | None
    new_page: bool


@dataclass(frozen=True, slots=True)
class _Layout:
    wrapped: bool
    spaced: bool  # a blank line between every two lines
    marked: bool  # a space at the end of a line marks the end of a paragraph
    columns: float
    airy: bool  # a space between Chinese and Latin letters or digits


def _lines(pages: tuple[str, ...], numbered: bool) -> list[_Line]:
    lines: list[_Line] = []
    for number, page in enumerate(pages, start=1):
        blanks, first = 0, True
        for raw in page.split("\n"):
            bare = raw.strip()
            if not bare:
                blanks += 1
                continue
            indent = len(raw) - len(raw.lstrip())
            new_page = first and number > 1
            at = number if numbered else None
            lines.append(_Line(bare, indent, raw != raw.rstrip(), blanks, at, new_page))
            blanks, first = 0, False
    return lines


def _layout(lines: list[_Line]) -> _Layout:
    widths = sorted(width(line.text) for line in lines)
    columns = float(widths[int(0.9 * (len(widths) - 1))]) if widths else 0.0
    wide = [line for line in lines if width(line.text) >= 0.75 * columns]
    open_wide = [line for line in wide if not is_closed(line.text)]
    narrow, broad = _WRAP_COLUMNS
    wrapped = narrow <= columns <= broad and 2 * len(open_wide) > len(wide)
    spaced = len(lines) > 4 and statistics.median(line.blanks for line in lines) >= 1
    closed = [line for line in lines if is_closed(line.text)]
    marked = (
        len(closed) > 4
        and sum(line.trailing for line in closed) > 0.5 * len(closed)
        and sum(line.trailing for line in open_wide) < 0.15 * max(1, len(open_wide))
    )
    text = "\n".join(line.text for line in lines)
    tight = len(re.findall(r"[\u4e00-\u9fff][A-Za-z0-9]", text))
    airy = len(re.findall(r"[\u4e00-\u9fff] [A-Za-z0-9]", text)) > tight
    return _Layout(wrapped, spaced, marked, columns, airy)


def join_lines(left: str, right: str, airy: bool = False) -> str:
    """Two pieces of one sentence as one; nothing is put inside a symbol or between Chinese."""
    if not left or not right:
        return left + right
    a, b = left[-1], right[0]
    if _SYMBOL_TAIL.search(left) and b.isalnum() and not is_cjk(b) and "/" in left[-24:]:
        return left + right
    if is_cjk(a) or is_cjk(b):
        mixed = (is_ideograph(a) and b.isalnum()) or (a.isalnum() and is_ideograph(b))
        both = is_cjk(a) and is_cjk(b)
        return f"{left} {right}" if airy and mixed and not both else left + right
    if a == "-" and b.isalpha() and len(left) > 1 and left[-2].isalpha():
        return left + right
    return f"{left} {right}"


def _starts_label(line: _Line) -> bool:
    text = line.text
    return bool(paragraph_label(text) or item_label(text) or heading_label(text))


def _breaks(before: _Line, line: _Line, joined: str, layout: _Layout) -> bool:
    """Whether a new paragraph begins at ``line``."""
    closed = is_closed(before.text)
    if line.text.startswith("•"):
        return True
    if layout.marked:
        if before.trailing and not before.text.endswith("/"):
            return True
        return closed and (_starts_label(line) or line.indent >= 2)
    blanks_wanted = _GAP_LINES - 1 if layout.spaced else 1
    if line.new_page or line.blanks >= blanks_wanted:
        heading = len(joined) < 60 and not closed and not line.new_page
        return closed or heading or _starts_label(line)
    if closed and _starts_label(line):
        return True
    short = width(before.text) < 0.8 * layout.columns
    return short and (closed or heading_label(before.text) is not None)


def plain_blocks(pages: tuple[str, ...], numbered: bool) -> tuple[list[Block], bool]:
    """Blocks of text without mark-up, and whether Chinese and Latin have a space between them.

    ``numbered``: the items of ``pages`` are real pages, counted from 1.
    """
    lines = _lines(pages, numbered)
    layout = _layout(lines)
    if not layout.wrapped:
        return _unwrapped(lines), layout.airy
    blocks: list[Block] = []
    start, text = lines[0], lines[0].text
    for before, line in pairwise(lines):
        if _breaks(before, line, text, layout):
            blocks.append(_block(start, text, ended=layout.marked and before.trailing))
            start, text = line, line.text
        else:
            text = join_lines(text, line.text, layout.airy)
    blocks.append(_block(start, text))
    return blocks, layout.airy


def _block(start: _Line, text: str, ended: bool = False) -> Block:
    gap = start.new_page or start.blanks >= _GAP_LINES
    return Block(text, page=start.page, indent=start.indent, gap=gap, ended=ended)


def _unwrapped(lines: list[_Line]) -> list[Block]:
    """Lines that are paragraphs already: each is a block."""
    return [_block(line, line.text) for line in lines]
