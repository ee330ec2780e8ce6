"""Markdown as converters leave it -> blocks: headings, emphasis, links, escapes, page rules."""

import re

from corpus.blocks import Block

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_RULE = re.compile(r"^(?:-{3,}|\*{3,}|_{3,})$")
_LINK = re.compile(r"!?\[([^\]]*)\]\((?:[^()\s]|\([^()]*\))*\)")
_BOLD_LINE = re.compile(r"^(?:\*\*|__)(.+?)(?:\*\*|__)$")
_EMPHASIS = re.compile(r"(\*\*|__|\*|(?<![\w])_)(?=\S)(.+?)(?<=\S)\1(?![\w])")
_ESCAPE = re.compile(r"\\+([\\`*_{}\[\]()#+\-.!<>|~])")
_SUP = re.compile(r"<sup>\s*(.*?)\s*</sup>", re.I)
_TAG = re.compile(r"</?(?:su[bp]|b|i|em|strong|u|span|br|a)\b[^>]*>", re.I)
_TABLE_RULE = re.compile(r"^\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?$")
_STAR = "\x04"  # an escaped asterisk, which is no emphasis
_NEW_BLOCK = re.compile(r"^(?:[-*+•]\s+|\d{1,3}[.)]\s+|\([a-z]{1,4}\)\s|[㈠-㈩]|<sup>|\|)")


def _inline(text: str) -> str:
    text = _LINK.sub(r"\1", text)
    text = _ESCAPE.sub(lambda m: _STAR if m.group(1) == "*" else m.group(1), text)
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
    return text.replace(_STAR, "*")


def unlink(text: str) -> str:
    """Markdown links as their text; a bare address that is its own text loses its escapes."""
    return _LINK.sub(lambda match: _ESCAPE.sub(r"\1", match.group(1)), text)


def strip_tags(text: str) -> str:
    """Inline HTML tags out; their text stays."""
    return _TAG.sub("", text)


def markdown_blocks(pages: tuple[str, ...], numbered: bool) -> list[Block]:
    """Blocks of Markdown text; ``<sup>`` is left for ``corpus.notes``.

    A rule, or three blank lines, stands for a page break. Lines without a blank line between
    them are one paragraph unless a list number, a bullet or a heading begins the next.
    """
    blocks: list[Block] = []
    for number, page in enumerate(pages, start=1):
        at = number if numbered else None
        gap, blanks, open_block = number > 1, 0, False
        for raw in page.split("\n"):
            line = raw.strip()
            if not line or _RULE.match(line):
                blanks += 1
                gap = gap or bool(line) or blanks >= 3
                open_block = False
                continue
            if _TABLE_RULE.match(line):
                continue
            block = _block(line, at, gap)
            joins = open_block and not block.level and not _NEW_BLOCK.match(line)
            if joins and not blocks[-1].level:
                merged = f"{blocks[-1].text}\n{block.text}"
                blocks[-1] = Block(merged, blocks[-1].page, gap=blocks[-1].gap)
            else:
                blocks.append(block)
            gap, blanks, open_block = False, 0, True
    return [block for block in blocks if block.text]


def _block(line: str, page: int | None, gap: bool) -> Block:
    heading = _HEADING.match(line)
    if heading:
        return Block(_inline(heading.group(2)), page, level=len(heading.group(1)), gap=gap)
    bold = _BOLD_LINE.match(line)
    if bold:
        return Block(_inline(bold.group(1)), page, gap=gap, bold=True)
    if line.startswith("|"):
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        return Block(_inline(" | ".join(cells)), page, gap=gap)
    return Block(_inline(line), page, gap=gap)


def mark_sup(text: str) -> str:
    """``<sup>12</sup>`` as superscript digits, which is how plain text shows a note's call."""
    return _SUP.sub(lambda m: _superscript(m.group(1)), text)


def _superscript(inner: str) -> str:
    if re.fullmatch(r"\d{1,3}", inner):
        return inner.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return inner
