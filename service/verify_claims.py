"""Whether a sentence that a model wrote rests on what it quotes; pure.

A quote that stands in a document does not make true what is said beside it. What can be checked
without a second model is checked: figures and parties must come from the quotes or the question,
words in quotation marks from these, the passages or their titles, and a sentence may lead nowhere:
no link, no markup, nothing that only this service's operator knows.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus import Document, Passage, simplified
from service.parties import parties
from service.verify import FEWEST_LETTERS, letters, locate

_FILE = Path(__file__).with_name("verify_words.toml")
_HAN_DIGITS = {ch: n % 10 for n, ch in enumerate("〇一二三四五六七八九零")} | {"两": 2}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1_000}
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十百千两]+")
_DIGITS = re.compile(r"\d{1,18}")  # as many as anything counted has
_GROUPED = re.compile(r"(?<=\d)[,.\s](?=\d{3}(?!\d))")
# With one of these the same number is written with other digits elsewhere: 1.5 million, 150万.
_SCALED = re.compile(
    r"[万亿]|\b(?:thousands?|millions?|billions?|mill(?:e|ier|iers)|milliards?|mil|mill[oó]n(?:es)?"
    r"|тыс\w*|млн|млрд|миллион\w*|миллиард\w*)\b|ألف|آلاف|مليون|مليار|ملايين",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    r"!\[|\]\(|\]\[|</?[a-z!][^>]*>|\bjavascript:|\bdata:\w+/|```|<\|", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|www\.)[^\s<>\"'）)]+", re.IGNORECASE)
_QUOTED = re.compile(r"“([^“”]+)”|«([^«»]+)»|「([^「」]+)」|„([^„“”]+)[“”]|\"([^\"]+)\"")
_FEWEST_SECRET = 6  # characters; a shorter one is in every sentence


@dataclass(frozen=True, slots=True)
class Ground:
    """A located quote: ``text`` is the passage's own, in its document."""

    text: str
    passage: Passage
    document: Document

    @property
    def beside(self) -> str:
        """What is known of the quote without being in it: title, symbol, date, place."""
        document, passage = self.document, self.passage
        known = (document.title, document.symbol, document.date, document.publisher, passage.note)
        parts = [str(each) for each in (*known, *passage.heading, *passage.paragraphs) if each]
        return " ".join(parts)


def rests_on(sentence: str, grounds: Sequence[Ground], question: str) -> bool:
    """Whether ``sentence`` says nothing that its grounds do not let one check; False without any.

    What the question names, it may name too.
    """
    if not grounds:
        return False
    quoted = " ".join(ground.text for ground in grounds)
    besides = [ground.beside for ground in grounds]
    known = " ".join([question, quoted, *besides])
    passages = [ground.passage.text for ground in grounds]
    return (
        _figures_known(sentence, known)
        and parties(sentence) <= parties(" ".join([known, *passages]))
        and all(
            any(locate(words, text) for text in (*passages, *besides, question))
            for words in _in_marks(sentence)
        )
    )


def may_be_shown(sentence: str, secrets: Sequence[str] = ()) -> bool:
    """Whether ``sentence`` holds no markup, no address and none of ``secrets``.

    A quote may hold an address, and a citation does: those are the document's.
    """
    return not (_MARKUP.search(sentence) or _ADDRESS.search(sentence) or reveals(sentence, secrets))


def reveals(text: str, secrets: Sequence[str]) -> bool:
    """Whether ``text`` holds one of ``secrets``, however it is spaced."""
    squeezed = _squeezed(text)
    return any(_squeezed(secret) in squeezed for secret in secrets if len(secret) >= _FEWEST_SECRET)


def values(text: str) -> frozenset[int]:
    """The whole numbers in ``text``: in digits, in Chinese, as words and months."""
    text = simplified(unicodedata.normalize("NFKC", text))
    found = {int(run) for run in _DIGITS.findall(_GROUPED.sub("", text))}
    found |= {int(run) for run in _DIGITS.findall(text)}
    found |= {_han_value(match.group()) for match in _HAN_NUMBER.finditer(text)}
    return frozenset(found | {value for value, words in _number_words() if words.search(text)})


@cache
def _number_words() -> tuple[tuple[int, re.Pattern[str]], ...]:
    """(value, the words that say it); a month is its number where dates are in figures."""
    held = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    whole = {
        value: rf"(?<!\w)(?:{'|'.join(words)})(?!\w)" for value, words in held["values"].items()
    }
    starts = {month: rf"(?<!\w)(?:{names})\w*" for month, names in held["months"].items()}
    return tuple(
        (int(value), re.compile(words, re.IGNORECASE))
        for table in (whole, starts)
        for value, words in table.items()
    )


def _figures_known(sentence: str, known: str) -> bool:
    sentence = simplified(unicodedata.normalize("NFKC", sentence))
    if _SCALED.search(sentence) or _SCALED.search(simplified(known)):
        return True
    said = {int(run) for run in _DIGITS.findall(_GROUPED.sub("", sentence))}
    return said <= values(known)


def _in_marks(sentence: str) -> list[str]:
    """What stands in quotation marks and is long enough to be someone's words."""
    words = [
        "".join(group or "" for group in match.groups()) for match in _QUOTED.finditer(sentence)
    ]
    return [each for each in words if letters(each) >= FEWEST_LETTERS]


def _han_value(numeral: str) -> int:
    """一百二十 is 120; 二〇二一 is 2021."""
    if not any(ch in _HAN_UNITS for ch in numeral):
        return int("".join(str(_HAN_DIGITS[ch]) for ch in numeral))
    total, digit = 0, 0
    for ch in numeral:
        if ch in _HAN_UNITS:
            total, digit = total + (digit or 1) * _HAN_UNITS[ch], 0
        else:
            digit = _HAN_DIGITS[ch]
    return total + digit


def _squeezed(text: str) -> str:
    return "".join(ch for ch in unicodedata.normalize("NFKC", text).casefold() if ch.isalnum())
