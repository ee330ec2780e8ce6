"""Labels that official documents number their parts with: headings, paragraphs, items; pure."""

import re
from dataclasses import dataclass

from corpus.chinese import simplified

# A/AC.105/1235, CD/2043/Rev.1, A/RES/71/31, S/PV.9630, ST/SPACE/79, GE-PAROS/2024/WP.1
SYMBOL = re.compile(
    r"(?<![A-Za-z0-9/.])(?:A|S|E|CD|ST|CCW|NPT|BWC|DC|GE-[A-Z]+|UNEP|TD|HRC)"
    r"(?:/[A-Za-z0-9]+(?:[.\-][A-Za-z0-9]+)*)+(?<=\d)"
)
# The year in the Chinese name of COVID-19, which dates nothing.
YEAR_OF_DISEASE = re.compile(r"(?<!\d)2019\s*年?(?=\s*(?:新型?)?冠[状狀]病毒)")
# Up to a space or a letter or mark that no address holds: none need stand between it and the text.
_BEYOND = r"\s<>\[\]\"“”«»\u0600-\u06ff\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff"
WEB_ADDRESS = re.compile(
    rf"(?:https?://|(?<![A-Za-z0-9.])www\.)[^{_BEYOND}]*[^{_BEYOND}.,;:!?'’…)]", re.IGNORECASE
)

_CHINESE_DIGITS = "一二三四五六七八九十"
_HEADINGS = (
    (1, re.compile(rf"^([{_CHINESE_DIGITS}]{{1,3}})\s*[.、．]\s*(?=\S)")),
    (1, re.compile(r"^(第[一二三四五六七八九十百\d]+[章部编])\s*")),
    (1, re.compile(r"^((?:X{0,3})(?:IX|IV|V?I{1,3}|V|X))\s*\.\s+(?=\S)")),
    (
        1,
        re.compile(
            r"^((?:Chapter|Part|Chapitre|Partie|Capítulo|Parte|Глава|Часть)\s+[\dIVXLC]+)\b"
        ),
    ),
    (2, re.compile(r"^([A-HJ-UW-Z])\s*\.\s+(?=\S)")),
    (3, re.compile(r"^(\d{1,2})\s*\.\s+(?=\S)")),
)
_PARAGRAPH = re.compile(r"^(\d{1,3})\s*[.．](?:\s+(?=\S)|(?=[^\d\s]))")
_ITEMS = (
    ("letter", re.compile(r"^(?:[-*•]\s+)?[(（]([a-z])[)）]\s*")),
    ("roman", re.compile(r"^(?:[-*•]\s+)?[(（]([ivx]{1,5})[)）]\s*")),
    ("circled", re.compile(r"^(?:[-*•]\s+)?([㈠-㈩])\s*")),
    ("small", re.compile(r"^(?:[-*•]\s+)?([a-z])\s*[.．]\s+")),
    ("count", re.compile(r"^(?:[-*•]\s+)?(\d{1,2})\)\s*")),
    ("bullet", re.compile(r"^([•]|[-–*](?=\s))\s*")),
)
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")


@dataclass(frozen=True, slots=True)
class Label:
    """``kind`` tells the numbering, ``text`` is the label as it is cited, ``end`` where it ends."""

    kind: str
    text: str
    end: int
    level: int = 0


def heading_label(text: str) -> Label | None:
    """The number at the head of a heading: '一. ' and 'I. ' level 1, 'A. ' 2, '1. ' 3."""
    plain = simplified(text)
    for level, pattern in _HEADINGS:
        match = pattern.match(plain)
        if match:
            return Label("heading", text[match.start(1) : match.end(1)], match.end(), level)
    return None


def paragraph_label(text: str) -> Label | None:
    """The number of a numbered paragraph: '38. '."""
    match = _PARAGRAPH.match(text)
    return Label("paragraph", match.group(1), match.end()) if match else None


def item_label(text: str, after: str | None = None) -> Label | None:
    """The label of a sub-paragraph or list item.

    ``after`` is the label of the item before it, which tells the letter (i) from the numeral (i).
    """
    for kind, pattern in _ITEMS:
        match = pattern.match(text)
        if not match:
            continue
        mark = match.group(1)
        if kind == "letter" and mark in _ROMAN and not _follows(after, mark):
            continue
        cited = {"letter": f"({mark})", "roman": f"({mark})", "count": f"{mark})", "bullet": ""}
        return Label(kind, cited.get(kind, mark), match.end())
    return None


def _follows(after: str | None, mark: str) -> bool:
    """Whether the letter ``mark`` is the next of the letters after '(h)', say."""
    if after is None or not re.fullmatch(r"\([a-z]\)", after):
        return False
    return ord(after[1]) + 1 == ord(mark)
