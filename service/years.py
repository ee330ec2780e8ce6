"""The years that a question names, and whether a text has one of them; pure."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

from corpus import SYMBOL, YEAR_OF_DISEASE

_YEAR = re.compile(r"(?<![\d/.\-])(?:19|20)[0-9]{2}(?![\d/]|[.,]\d)")
_GROUPED = re.compile(r"\d{1,3}(?:[, \u00a0\u202f]\d{3})+(?!\d)")  # 2,000
_TO = r"[-–—~～至到]|to|and|à|al?|по|إلى"
_SPAN = re.compile(rf"(?<!\d)((?:19|20)[0-9]{{2}})\s*年?\s*(?:{_TO})\s*((?:19|20)[0-9]{{2}})(?!\d)")
_LONGEST = 100  # years of a span
_WRITTEN = {  # each digit as others write it
    str(n): f"[{n}{''.join(others)}]"
    for n, others in enumerate(
        zip("٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "〇一二三四五六七八九", strict=True)
    )
}


def years_named(question: str) -> frozenset[str]:
    """Those of four digits; not what is part of a symbol, of a number or of a disease's name."""
    text = unicodedata.normalize("NFKC", question)
    for other in (SYMBOL, _GROUPED, YEAR_OF_DISEASE):
        text = other.sub(" ", text)
    return frozenset(match[0] for match in _YEAR.finditer(text))


def has_year(texts: Iterable[str], years: Collection[str]) -> bool:
    """Whether any of ``texts`` has one of ``years``, or a span of years that holds one; True where
    there are no years."""
    if not years:
        return True
    written = "|".join("".join(_WRITTEN[digit] for digit in year) for year in sorted(years))
    named = re.compile(rf"(?<!\d)(?:{written})(?!\d)")
    return any(named.search(text) or not set(years).isdisjoint(_spanned(text)) for text in texts)


def _spanned(text: str) -> Iterator[str]:
    """The years from the first to the last of each span of years."""
    for match in _SPAN.finditer(text):
        first, last = int(match[1]), int(match[2])
        yield from map(str, range(first, min(last, first + _LONGEST) + 1))
