"""What a document says of itself: symbol, title, date; pure."""

import re
from collections import Counter
from datetime import date

from corpus.blocks import Block, is_closed
from corpus.chinese import simplified
from corpus.labels import SYMBOL
from corpus.normalise import width

_FRONT = 14  # blocks in which a title page says what the document is
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january janvier enero января يناير",
            "february février febrero февраля فبراير",
            "march mars marzo марта مارس",
            "april avril abril апреля أبريل",
            "may mai mayo мая مايو",
            "june juin junio июня يونيه يونيو",
            "july juillet julio июля يوليه يوليو",
            "august août agosto августа أغسطس",
            "september septembre septiembre сентября سبتمبر",
            "october octobre octubre октября أكتوبر",
            "november novembre noviembre ноября نوفمبر",
            "december décembre diciembre декабря ديسمبر",
        ),
        start=1,
    )
    for name in names.split()
}
_CHINESE_DATE = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_WORD_DATE = re.compile(r"(\d{1,2})(?:er|º)?\s+(?:de\s+)?([^\W\d]+)\s+(?:de\s+)?(\d{4})")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NOT_A_TITLE = re.compile(
    r"^(大会|联合国|摘要|秘书长的报告|秘书处的说明|作者|第.{1,6}届会议|.{2,16}委员会|distr\b|original\b"
    r"|general assembly|united nations|summary|abstract|agenda item|临时议程|item \d)",
    re.I,
)


def infer_symbol(symbols: Counter[str], front: list[Block]) -> str | None:
    """The symbol that stood alone on lines most often, else one alone in a block of the front."""
    if symbols:
        return max(sorted(symbols), key=lambda symbol: symbols[symbol])
    for block in front[:_FRONT]:
        text = re.sub(r"^[^\s:：]{2,12}[:：]\s*", "", block.plain.strip())
        if SYMBOL.fullmatch(text):
            return text
    return None


def infer_title(front: list[Block], fallback: str) -> str:
    """The title: a bold or set-off line of the front, a heading, else the first fit line."""
    front = front[:_FRONT]
    fit = [block for block in front if _fits(block)]
    for wanted in (
        lambda block: block.level == 1,
        lambda block: block.bold,
        lambda block: block.indent >= 2,
        lambda block: True,
    ):
        for block in fit:
            if wanted(block):
                return " ".join(block.plain.split())
    return fallback


def _fits(block: Block) -> bool:
    text = block.plain.strip()
    if _NOT_A_TITLE.match(simplified(text)) or SYMBOL.fullmatch(text) or text[:1] in "（(*[•":
        return False
    return 8 <= width(text) <= 240 and not is_closed(text) and "\n" not in text


def infer_date(front: list[Block]) -> date | None:
    """The date on the title page: one that a block begins with, or a line of its own."""
    for block in front[:_FRONT]:
        for line in block.plain.split("\n"):
            found = _date_at_start(line.strip())
            if found:
                return found
    return None


def _date_at_start(line: str) -> date | None:
    line = re.sub(r"^[^\W\d]{2,12}[:：]\s*", "", line)
    try:
        if match := _CHINESE_DATE.match(line) or _ISO_DATE.match(line):
            return date(*(int(part) for part in match.groups()))
        if match := _WORD_DATE.match(line):
            month = _MONTHS.get(match.group(2).casefold())
            return date(int(match.group(3)), month, int(match.group(1))) if month else None
    except ValueError:
        return None
    return None
