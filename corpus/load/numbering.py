"""Automatic numbers of lists and paragraphs: those that a file does not hold as text."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_DIGITS = "〇一二三四五六七八九"
_CHINESE = ("chinese", "ideograph", "japaneseCounting", "taiwaneseCounting")
_MAX_LEVEL = 8


def format_number(number: int, style: str) -> str:
    """``number`` in one of Word's number formats; in digits when that cannot be done."""
    if number < 1:
        return str(number)
    if style in ("lowerLetter", "upperLetter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in ("lowerRoman", "upperRoman") and number < 4000:
        roman = _roman(number)
        return roman.upper() if style == "upperRoman" else roman
    if style == "decimalZero":
        return f"{number:02d}"
    if style.startswith(_CHINESE) and number < 100:
        return _chinese(number)
    return str(number)


def _roman(number: int) -> str:
    out = ""
    for value, letters in _ROMAN:
        out += letters * (number // value)
        number %= value
    return out


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    head = "" if tens == 1 else _DIGITS[tens]
    return f"{head}十{_DIGITS[ones] if ones else ''}"


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    style: str
    pattern: str  # '%1.' or '(%2)': %n is the number of level n


@dataclass(slots=True)
class Numbering:
    """The lists of one docx, counting along; feed it the paragraphs in order."""

    levels: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by list id
    shared: dict[str, str] = field(default_factory=dict)  # list id -> the definition that counts
    counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def read(cls, root: Any) -> "Numbering":
        """From the root element of numbering.xml; None gives no lists."""
        made = cls()
        if root is None:
            return made
        abstract = {
            item.get(qn("w:abstractNumId")): dict(_levels(item))
            for item in root.findall(qn("w:abstractNum"))
        }
        for item in root.findall(qn("w:num")):
            number, link = item.get(qn("w:numId")), item.find(qn("w:abstractNumId"))
            target = link.get(qn("w:val")) if link is not None else None
            levels = dict(abstract.get(target, {}))
            overrides = item.findall(qn("w:lvlOverride"))
            for override in overrides:
                at, start = int(override.get(qn("w:ilvl"))), override.find(qn("w:startOverride"))
                levels |= dict(_levels(override))
                if start is not None and at in levels:
                    old = levels[at]
                    levels[at] = _Level(int(start.get(qn("w:val"))), old.style, old.pattern)
            made.levels[number] = levels
            made.shared[number] = f"num {number}" if overrides else f"abstract {target}"
        return made

    def label(self, list_id: str, level: int) -> str:
        """The next label of a list at a level: '12.', '(a)', '-' for a bullet, '' for none."""
        levels = self.levels.get(list_id, {})
        here = levels.get(level)
        if here is None or here.style == "none":
            return ""
        if here.style == "bullet":
            return "-"
        counts = self.counts.setdefault(self.shared[list_id], {})
        counts[level] = counts.get(level, here.start - 1) + 1
        for deeper in range(level + 1, _MAX_LEVEL + 1):
            counts.pop(deeper, None)
        label = here.pattern
        for at in range(_MAX_LEVEL + 1):
            upper = levels.get(at)
            if upper is not None:
                number = format_number(counts.get(at, upper.start), upper.style)
                label = label.replace(f"%{at + 1}", number)
        return label.strip()


def _levels(parent: Any) -> Iterator[tuple[int, _Level]]:
    for item in parent.findall(qn("w:lvl")):
        values = {}
        for key, default in (("start", "1"), ("numFmt", "decimal"), ("lvlText", "")):
            found = item.find(qn(f"w:{key}"))
            values[key] = found.get(qn("w:val"), default) if found is not None else default
        level = _Level(int(values["start"]), values["numFmt"], values["lvlText"])
        yield int(item.get(qn("w:ilvl"))), level
