"""What each block is: heading, paragraph, contents, front or back matter; pure."""

import re
import unicodedata
from dataclasses import dataclass

from corpus.blocks import Block, is_aside, is_closed
from corpus.chinese import simplified
from corpus.labels import heading_label, item_label, paragraph_label
from corpus.normalise import width
from corpus.types import Part

_HEADING_COLUMNS = 130  # a labelled heading may run over a line; an unlabelled one may not
_ENDED_HEADING_COLUMNS = 200  # where the layout marks its end, it may run over two
_PLAIN_HEADING_COLUMNS = 80
_CONTENTS = re.compile(
    r"^(目\s*录|contents|table of contents|table des matières|sommaire|índice|contenido"
    r"|содержание|оглавление|المحتويات|الفهرس)$",
    re.I,
)
_BACK = re.compile(
    r"^(缩写|缩略语|参考文献|参考书目|作者介绍|作者简介|索引|abbreviations|references|bibliography"
    r"|about the authors?|index|abréviations|bibliographie|abreviaturas|bibliografía"
    r"|сокращения|библиография|список литературы|المختصرات|المراجع)$",
    re.I,
)
_CONTENTS_LINE = re.compile(r"^(?P<title>\S.{0,120}?)(?:\s*[.·…]{2,}\s*|\s+)(?P<page>\d{1,3})$")


@dataclass(frozen=True, slots=True)
class Item:
    """A block and its part in the document. ``level`` is 0 for a paragraph.

    ``labelled`` is the level that the heading's own number gives (1 for '一.', 2 for 'A.',
    3 for '1.'), 0 when it has none.
    """

    block: Block
    part: Part
    level: int = 0
    labelled: int = 0


def _key(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def _contents_lines(blocks: list[Block]) -> dict[int, str]:
    """Blocks that are lines of a table of contents, with the heading each names."""
    found: dict[int, str] = {}
    for at, block in enumerate(blocks):
        match = _CONTENTS_LINE.match(block.plain)
        row = block.plain.count(" | ") > 1  # of a table: a last figure is no page
        if match and not row and not is_closed(block.plain) and not block.level:
            found[at] = match.group("title")
    after_heading = {
        at + 1 for at, block in enumerate(blocks) if _CONTENTS.match(simplified(block.plain))
    }
    kept: dict[int, str] = {}
    run: list[int] = []
    for at in range(len(blocks) + 1):
        if at in found:
            run.append(at)
            continue
        if len(run) >= 4 or (len(run) >= 2 and run[0] in after_heading):
            kept.update({i: found[i] for i in run})
        run = []
    return kept


def _first_section(blocks: list[Block], contents: dict[int, str]) -> int:
    """Where the body begins: the first numbered section, else the first numbered paragraph."""
    for at, block in enumerate(blocks):
        label = heading_label(block.plain)
        if at in contents or label is None or label.level != 1:
            continue
        if width(block.plain) <= _HEADING_COLUMNS and not is_closed(block.plain):
            return at
    for at, block in enumerate(blocks):
        first = paragraph_label(block.plain)
        if at not in contents and first and first.text == "1":
            while at > 1 and blocks[at - 1].level > 1:  # the heading that it stands under
                at -= 1
            return at
    return 0


def outline(blocks: list[Block]) -> list[Item]:
    """Every block with its part and, for headings, its level; notes are not among ``blocks``."""
    contents = _contents_lines(blocks)
    listed = {_key(title) for title in contents.values()}
    begin = _first_section(blocks, contents)
    items: list[Item] = []
    part: Part = "front" if begin else "body"
    levels = _Levels(listed)
    expected, aside = 1, False
    for at, block in enumerate(blocks):
        if at in contents or (_CONTENTS.match(simplified(block.plain)) and at + 1 in contents):
            items.append(Item(block, "contents"))
            continue
        if at == begin and part == "front":
            part = "body"
        if part == "body" and at > begin and _BACK.match(simplified(block.plain)):
            part = "back"
        if part != "body":
            items.append(Item(block, part))
            continue
        aside = is_aside(block) or (aside and heading_label(block.plain) is None)
        if aside:
            items.append(Item(block, "front"))
            continue
        number = paragraph_label(block.plain)
        numbered = number is not None and expected <= int(number.text) <= expected + 2
        following = blocks[at + 1] if at + 1 < len(blocks) else None
        if numbered and _is_numbered_paragraph(block, following, expected):
            expected = int(number.text) + 1 if number else expected
            items.append(Item(block, part))
            continue
        if _is_heading(block, following, listed):
            level, labelled = levels.place(block)
            items.append(Item(block, part, level, labelled))
            continue
        items.append(Item(block, part))
    return items


def _is_numbered_paragraph(block: Block, following: Block | None, expected: int) -> bool:
    """Whether '1. …', the next number, is a paragraph; '1. Introduction' is a heading.

    Once paragraphs are being counted the next number is one of them. Before that, a short line
    without a stop heads what follows it, unless that has a number of its own.
    """
    text = block.plain
    if block.level or block.bold:
        return False
    if expected > 1 or is_closed(text) or width(text) > _PLAIN_HEADING_COLUMNS:
        return True
    return following is None or bool(
        paragraph_label(following.plain) or heading_label(following.plain)
    )


def _is_heading(block: Block, following: Block | None, listed: set[str]) -> bool:
    text = block.plain
    if block.level:
        return True
    closed = is_closed(text)
    label = heading_label(text)
    limit = _ENDED_HEADING_COLUMNS if block.ended else _HEADING_COLUMNS
    if label is not None and width(text) <= limit and not closed:
        return True
    if _key(text) in listed:
        return True
    if following is None or item_label(text) or paragraph_label(text):
        return False
    short = width(text) <= _PLAIN_HEADING_COLUMNS and "\n" not in text and " | " not in text
    if not short or text[:1] in "[（(*":
        return False
    if block.bold:
        return True
    set_off = block.indent >= 2 and text.rstrip()[-1] in "：:"
    ends_open = not closed and text.rstrip()[-1] not in "，,、"
    return (set_off or ends_open) and not following.plain[:1].islower()


class _Levels:
    """Gives headings their levels as they come; the one piece of state is the path so far."""

    def __init__(self, listed: set[str]) -> None:
        self._listed = listed
        self._path: list[tuple[int, int]] = []  # (labelled level or 0, rank among unlabelled)

    def place(self, block: Block) -> tuple[int, int]:
        label = heading_label(block.plain)
        if label is not None:
            while self._path and not 0 < self._path[-1][0] < label.level:
                if label.level == 3 and self._path[-1][0] == 0:
                    break  # '1.' stands under the unlabelled heading before it
                self._path.pop()
            self._path.append((label.level, 0))
            return len(self._path), label.level
        rank = block.level or (1 if _key(block.plain) in self._listed or not self._listed else 2)
        while self._path and self._path[-1][0] == 0 and self._path[-1][1] >= rank:
            self._path.pop()
        while self._path and self._path[-1][0] == 3:
            self._path.pop()
        self._path.append((0, rank))
        return len(self._path), 0
