"""Where a document says what is quoted from it; pure.

Offsets are code points into the text that is searched. A quote is where its characters stand
after NFKC, without what is white or invisible and with one form of each quotation mark and dash;
failing that, at the one span that is similar enough. Either way it is the document's own text that
is shown, in whole words.
"""

import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpus import is_cjk, simpler_characters

SIMILAR = 0.9  # share of characters that must agree: one slip in a line, not another statement
FEWEST_LETTERS = 8  # fewer stand anywhere and show nothing
LONGEST_ALIGNED = 1_200  # characters of a quote; a longer one must be exact
_HAN_LETTERS = 2.5  # a Chinese character says about as much as this many letters
_ONE_FORM = {
    ord(ch): to
    for chars, to in (("“”„‟«»‹›″「」『』", '"'), ("‘’‚‛′`´", "'"), ("‐‑‒–—―−", "-"))
    for ch in chars
}
_CLOSING = (".", "!", "?", "。", "！", "？", "؟")
_EDGES = " \t\n\"'.,:;!?。，；：！？、؛،؟…“”„«»‹›「」『』‘’"


@dataclass(frozen=True, slots=True)
class _Plain:
    """``text`` as it is compared; character ``i`` came of ``source[starts[i]:ends[i]]``."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def locate(quote: str, text: str) -> tuple[int, int] | None:
    """The span of ``text`` that ``quote`` is, or None where it says nothing like it.

    The first of several equal ones; at most one character in ten may differ.
    """
    needle = _plain(quote.strip(_EDGES)).text
    if letters(needle) < FEWEST_LETTERS:
        return None
    hay = _plain(text)
    at = hay.text.find(needle)
    span = (at, at + len(needle)) if at >= 0 else _nearest(needle, hay.text)
    if span is None:
        return None
    start, end = _whole_words(text, hay.starts[span[0]], hay.ends[span[1] - 1])
    closes = text[end : end + 1] in _CLOSING and quote.rstrip(" \t\n\"'”’»")[-1:] in _CLOSING
    return start, end + 1 if closes and end < len(text) else end


def letters(text: str) -> float:
    """How much ``text`` says, in letters and digits of an alphabet."""
    return sum(_HAN_LETTERS if is_cjk(ch) else 1.0 for ch in text if ch.isalnum())


def _plain(source: str) -> _Plain:
    chars: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    simpler = simpler_characters()
    at = 0
    while at < len(source):
        end = at + 1
        while end < len(source) and unicodedata.combining(source[end]):
            end += 1
        same = unicodedata.normalize("NFKC", source[at:end]).translate(simpler)
        for ch in same.translate(_ONE_FORM):
            if not ch.isspace() and unicodedata.category(ch) not in ("Cf", "Cc"):
                chars.append(ch)
                starts.append(at)
                ends.append(end)
        at = end
    return _Plain("".join(chars), tuple(starts), tuple(ends))


def _nearest(needle: str, hay: str) -> tuple[int, int] | None:
    """The span of ``hay`` that is most like ``needle``, if it is like enough."""
    allowed = int(len(needle) * (1 / SIMILAR - 1)) if len(needle) <= LONGEST_ALIGNED else 0
    if not allowed or _lost_pairs(needle, hay) > 2 * allowed:
        return None
    to_end = _distances(needle, hay, anchored=False)
    end = int(np.argmin(to_end))
    if to_end[end] > allowed:
        return None
    while end < len(hay) and to_end[end + 1] == to_end[end]:
        end += 1  # a letter written wrong counts as that letter, not as one too many
    to_start = _distances(needle[::-1], hay[:end][::-1], anchored=True)
    length = int(len(to_start) - 1 - np.argmin(to_start[::-1]))
    if 1 - float(to_start[length]) / max(len(needle), length) < SIMILAR:
        return None
    return end - length, end


def _lost_pairs(needle: str, hay: str) -> int:
    """Pairs of neighbouring characters that only ``needle`` has: each edit loses two at most
    (Ukkonen 1992), so that most inventions are known without an alignment."""
    own = Counter(map("".join, pairwise(needle)))
    own.subtract(map("".join, pairwise(hay)))
    return sum(count for count in own.values() if count > 0)


def _distances(needle: str, hay: str, *, anchored: bool) -> NDArray[np.int64]:
    """(len(hay) + 1,): the fewest edits that make ``needle`` the piece of ``hay`` that ends there
    and begins at the beginning (``anchored``) or anywhere (Sellers 1980)."""
    chars = np.frombuffer(hay.encode("utf-32-le"), dtype=np.uint32)
    places = np.arange(len(hay) + 1)
    row = places.copy() if anchored else np.zeros_like(places)
    for number, code in enumerate(map(ord, needle), 1):
        step = np.minimum(row[1:] + 1, row[:-1] + (chars != code))
        row = np.concatenate(([number], step))
        row = np.minimum.accumulate(row - places) + places
    return row.astype(np.int64)


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and _inside_word(text[start - 1], text[start]):
        start -= 1
    while end < len(text) and _inside_word(text[end - 1], text[end]):
        end += 1
    return start, end


def _inside_word(one: str, other: str) -> bool:
    return all(
        (ch.isalnum() or unicodedata.combining(ch)) and not is_cjk(ch) for ch in (one, other)
    )
