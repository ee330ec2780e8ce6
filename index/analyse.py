"""Text -> the terms BM25 counts, by language and, within it, by script.

Every token is treated as its own script asks, whatever the document's language: a French
question that names 嫦娥 yields Chinese terms too. The same function analyses documents and
questions, so whatever it merges can be found both ways:

* Han runs, traditional characters simplified: function words cut them, the pieces give
  characters and pairs of neighbours;
* Arabic words: light10 (Larkey, Ballesteros and Connell 2007), without its stop words;
* Cyrillic words: Snowball's Russian stems; Latin words: Snowball's stems in the document's
  language if that is fr or es, else in English; accents are dropped after stemming;
* document symbols whole, and every tail of theirs: ``A/RES/71/31`` is found by ``71/31`` too;
* numbers whole: ``1,181`` is ``1181``, ``2.5`` stays, Arabic and full-width digits become ASCII;
  not the 2019 of 2019冠状病毒病.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from corpus import YEAR_OF_DISEASE, simplified
from index.stopwords import HAN_CUTS, HAN_WORDS, STOPWORDS

SNOWBALL = {"en": "english", "fr": "french", "es": "spanish", "ru": "russian"}

_HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ARABIC = "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06fa-\u06fc"
_CYRILLIC = "\u0400-\u052f"
_LATIN = "a-z\u00df-\u00f6\u00f8-\u024f\u1e00-\u1eff"

_TOKEN = re.compile(
    rf"""
      (?P<symbol> [a-z]{{1,12}} (?: / [a-z0-9]+ (?: [.\-] [a-z0-9]+ )* )+ )
    | (?P<number> \d{{1,3}} (?: , \d{{3}} )+ (?! [\d,] ) | \d+ (?: [./] \d+ )* )
    | (?P<han> [{_HAN}]+ )
    | (?P<ar> [{_ARABIC}]+ )
    | (?P<ru> [{_CYRILLIC}]+ )
    | (?P<latin> [{_LATIN}]+ )
    | (?P<other> [^\W\d_{_HAN}{_ARABIC}{_CYRILLIC}{_LATIN}]+ )
    """,
    re.VERBOSE,
)
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ](?=\w)")
_MARKS = re.compile(r"[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200c-\u200f\u00ad]")
_GROUPS = re.compile(r"(?<=\d)[\u00a0\u202f\u066c](?=\d{3}(?!\d))")  # typographic separators
_HAN_SCAN = re.compile(
    "|".join(f"({'|'.join(words)})" for words in (HAN_WORDS, HAN_CUTS))  # the words go first
)

_LETTERS = str.maketrans(
    {
        **{chr(first + i): str(i) for first in (0x660, 0x6F0) for i in range(10)},
        **dict.fromkeys("أإآٱ", "ا"),
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "٫": ".",
        "ё": "е",
    }
)
_AR_PREFIXES = ("وال", "فال", "بال", "كال", "ولل", "ال", "لل")
_AR_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")


class _Stemmers(threading.local):
    """A stemmer keeps a cache of its own and must not be shared between threads."""

    def __init__(self) -> None:
        self.by_language = {code: Stemmer.Stemmer(name) for code, name in SNOWBALL.items()}


_stemmers = _Stemmers()


def analyse(text: str, language: str) -> list[str]:
    """The terms of ``text`` in reading order, repeats included; [] when it holds none.

    ``language`` is one of LANGUAGES; it decides only how Latin words are stemmed and which
    stop words they are checked against.
    """
    text = _MARKS.sub("", _GROUPS.sub("", text))
    text = simplified(unicodedata.normalize("NFKC", text).casefold()).translate(_LETTERS)
    text = YEAR_OF_DISEASE.sub(" ", text)
    latin = language if language in ("fr", "es") else "en"
    if latin == "fr":
        text = _ELISION.sub(" ", text)
    terms: list[str] = []
    for match in _TOKEN.finditer(text):
        terms.extend(_terms(match.lastgroup or "", match.group(), latin))
    return terms


def _terms(kind: str, token: str, latin: str) -> Iterator[str]:
    if kind == "symbol":
        yield from _symbol(token, latin)
    elif kind == "number":
        yield from _number(token)
    elif kind == "han":
        yield from _han(token)
    elif kind == "ar":
        yield from _arabic(token)
    elif kind == "ru":
        yield from _stem(token, "ru")
    elif kind == "latin":
        yield from _stem(token, latin)
    elif kind == "other":
        yield token


def _symbol(token: str, latin: str) -> Iterator[str]:
    """The symbol and its tails, but a lone last number only from three digits on.

    Without a digit it is no symbol but words with a slash between them ('and/or').
    """
    if not any(character.isdigit() for character in token):
        for word in re.split(r"[/.\-]", token):
            yield from _stem(word, latin)
        return
    parts = token.split("/")
    for first in range(len(parts)):
        tail = "/".join(parts[first:])
        if first == 0 or "/" in tail or (tail.isdigit() and len(tail) >= 3):
            yield tail


def _number(token: str) -> Iterator[str]:
    """The number, and the years within a date: ``24/02/2022`` is found by ``2022`` too."""
    whole = token.replace(",", "")
    yield whole
    for part in re.split(r"[./]", whole):
        if len(part) == 4 and part != whole:
            yield part


def _han(run: str) -> Iterator[str]:
    """Characters and pairs of every piece between function words.

    A question's 的 or 哪些 would otherwise pair with its neighbours into terms that no
    document holds, and pull its coverage down.
    """
    for piece in _han_pieces(run):
        yield from piece
        for i in range(len(piece) - 1):
            yield piece[i : i + 2]


def _han_pieces(run: str) -> Iterator[str]:
    start = 0
    for match in _HAN_SCAN.finditer(run):
        if match.group(1) is None:  # a function word, and not part of a word we know
            yield run[start : match.start()]
            start = match.end()
    yield run[start:]


def _arabic(word: str) -> Iterator[str]:
    """light10: conjunction and article off the front, the commonest endings off the back."""
    if word in STOPWORDS["ar"]:
        return
    for prefix in _AR_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 2:
            word = word[len(prefix) :]
            break
    else:
        if word.startswith("و") and len(word) > 3:
            word = word[1:]
    for suffix in _AR_SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 2:
            word = word[: -len(suffix)]
    if word not in STOPWORDS["ar"]:
        yield word


def _stem(word: str, language: str) -> Iterator[str]:
    if _plain(word) not in STOPWORDS[language]:
        yield _plain(_stemmers.by_language[language].stemWord(word))


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    """Without accents; Cyrillic keeps its й, which NFD would split."""
    if word.isascii() or "\u0400" <= word[0] <= "\u052f":
        return word
    split = unicodedata.normalize("NFD", word)
    return "".join(character for character in split if not unicodedata.combining(character))
