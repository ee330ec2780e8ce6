"""Where a short text names parties; pure. ``service.parties`` tells which, not where."""

import re
from collections.abc import Iterator

from service.parties import TOGETHER, parties

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff][\w-]*", re.UNICODE)
_HAN = re.compile(r"[\u3400-\u9fff]")
# The rest of a State's full name, after the word that is enough to know it by.
_REST = re.compile(
    r"联邦(?!议)|合众国|共和国| Federation\b| of America\b| d['’]Amérique\b| de América\b"
    r"| [Фф]едераци\w+| Америки\b"
)
_MOST_WORDS, _MOST_CHARACTERS = 5, 8  # of a name, in an alphabet and in Chinese

Span = tuple[int, int]


def party_spans(text: str) -> list[Span]:
    """Spans of the shortest pieces that name a party, with the rest of its full name, in reading
    order, none over another."""
    if not parties(text):
        return []
    together = [match.span() for match in TOGETHER.finditer(text)]
    found = list(together)
    borders = [0, *(border for span in together for border in span), len(text)]
    for start, end in zip(borders[::2], borders[1::2], strict=True):
        found += _apart(text, start, end)
    return sorted(found)


def _apart(text: str, start: int, end: int) -> Iterator[Span]:
    """Those in ``text[start:end]`` that stand by themselves."""
    words = [match.span() for match in _WORD.finditer(text, start, end)]
    at = 0
    while at < len(words):
        last = next((to for to in _ends(words, at, text) if _names(text, words, at, to)), None)
        if last is None:
            at += 1
            continue
        while _names(text, words, at + 1, last):  # 'of Russia' is no more than 'Russia'
            at += 1
        rest = _REST.match(text, words[last][1])
        to = rest.end() if rest else words[last][1]
        yield words[at][0], to
        at = next((n for n in range(last + 1, len(words)) if words[n][0] >= to), len(words))


def _ends(words: list[Span], at: int, text: str) -> range:
    most = _MOST_CHARACTERS if _HAN.match(text[words[at][0]]) else _MOST_WORDS
    return range(at, min(at + most, len(words)))


def _names(text: str, words: list[Span], first: int, last: int) -> bool:
    return first <= last and bool(parties(text[words[first][0] : words[last][1]]))
