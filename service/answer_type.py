"""What kind of thing a question asks for, and whether a sentence holds one; pure, six languages.

A question may want several things at once ('when and where'). Nothing here knows the subject: a
type is known by the words that ask for it, and by the words and figures that sentences of that
type are made of, both per language in ``service/answer_words.toml``.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from corpus import LANGUAGES, simplified
from service.parties import BODIES, first_parties, parties
from service.years import years_named

EXACT = (
    "number", "people", "states", "money", "votes", "share", "date", "day", "party", "author",
    "published",
)  # fmt: skip
"""Facts of which a sentence either holds one or does not; the other types are ways of speaking."""

_WORDS = Path(__file__).with_name("answer_words.toml")
TYPES = (
    *EXACT, "place", "name", "list", "why", "position", "proposal", "definition", "purpose",
    "attended",
)  # fmt: skip

_HAN_NUMBER = "〇零一二三四五六七八九十百千万亿两"
_MEASURE = "个名项次国枚颗人种条件份家届票成倍亿万千百款类点元页艘架大"
_NUMBER = re.compile(
    r"(?<![\w/.\-])\d[\d.,\u00a0\u202f]*(?![\w/\-])(?! ?[年月日])"
    rf"|\d+ ?[%％‰]|\d+ ?[{_MEASURE}]|百分之[{_HAN_NUMBER}\d]+"
    rf"|(?<![第{_HAN_NUMBER}])(?!一[个种项次件份家点])[{_HAN_NUMBER}]+"
    rf"[{_MEASURE}]"  # 一个 is an article
)
_DATE = re.compile(
    r"(?<![\d/])(?:1[89]|20)\d\d(?![\d/]*\d)|\d{1,2} ?月(?: ?\d{1,2}|份|底|初)?|世纪|年代"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
)
_COUNTED = re.compile(rf"(?:多少|几)([{_MEASURE}])")  # 多少枚 asks for a figure before 枚
# Three things in a row: 'a、b、c'; 'A, B and C'; '(a) … (b) …'; 首先 … 其次.
_ITEM = r"[^、，。；：,;:.!?！？()（）]"
_LIST = re.compile(
    rf"{_ITEM}{{1,40}}、{_ITEM}{{1,40}}(?:、|和|及|以及|与|或){_ITEM}{{1,40}}"
    r"|(?:[(（](?:a|1|i|一)[)）]|[①㈠]).{1,300}(?:[(（](?:b|2|ii|二)[)）]|[②㈡])"
    r"|首先.{1,200}其次|一是.{1,200}二是|第一.{1,200}第二|；.{1,200}；|，以及|，并且?|、"
    r"|(?:[^,،;:.!?]{2,60}[,،] ){2}|;.{1,200};|:[^.]{8,200}[,;]"
    r"|\bfirst(?:ly)?\b.{1,200}\bsecond(?:ly)?\b"
)
# What the position is on follows: 中国对美国的指控, China on American charges.
_ON = re.compile(
    r"(?<![反绝相针面应])对|就|关于|بشان|حول|относительно|по поводу"
    r"|\b(?:on(?! the other hand| behalf)|about|regarding|concerning|responds?(?:ed)? to|sur"
    r"|concernant|sobre|acerca|об?)\b"
)
_CAPITALISED = re.compile(r"(?<=[\w,»”’)\]] )[A-ZÀ-ÖØ-ÞА-ЯЁ][\w’'-]{2,}|\b[A-ZА-Я]{3,}\b")
_HEARD = frozenset({"position", "proposal"})
_LISTED = 8  # of more parties a sentence says only that they took part, if it says so
_ENDS = re.compile(r"[。！？!?\n]|\.\s")
_RUSSIA = frozenset({"ru", "su"})  # what one said may stand under the other's name
_ARABIC = re.compile(r"[\u0600-\u06ff]")
_DIGITS = re.compile(r"\d+")
_GROUPED = re.compile(r"(?<=\d)[, \u00a0\u202f](?=\d{3}(?!\d))")
_SPACES = re.compile(r"\s+")
_KEPT = 256  # questions: each is read more than once on its way
_VARIANTS = str.maketrans("ёЁ’", "еЕ'")


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence as the types look at it: ``text`` after NFKC, ``folded`` also without case,
    Arabic vowel signs and typographic variants."""

    text: str
    folded: str
    language: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question asks for: ``types`` in the order of TYPES, empty when none is known.

    ``figures`` and ``parties`` are those the question itself names, which are no answer to it;
    ``speakers`` are those of the parties whose position may be asked for, ``certain`` those whose
    it is: not those that a position is on. ``measure`` is what is counted, where a Chinese question
    says it (多少枚). ``whole``: all that is said is asked for, and not what is said of something.
    ``years`` are those that it names.
    """

    types: tuple[str, ...]
    figures: frozenset[str]
    parties: frozenset[str]
    speakers: frozenset[str]
    certain: frozenset[str]
    measure: str | None
    whole: bool = False
    years: frozenset[str] = frozenset()

    @property
    def exact(self) -> tuple[str, ...]:
        return tuple(type for type in self.types if type in EXACT)


def read(sentence: str, language: str) -> Reading:
    return Reading(unicodedata.normalize("NFKC", sentence), _folded(sentence), language)


@lru_cache(maxsize=_KEPT)
def wanted(question: str, language: str) -> Wanted:
    """What ``question``, in ``language``, asks for."""
    folded = _folded(question)
    cues = _patterns("asking", language)
    types = tuple(type for type in TYPES if type in cues and cues[type].search(folded))
    if not types:
        cues = _patterns("otherwise", language)
        types = tuple(type for type in TYPES if type in cues and cues[type].search(folded))
    counted = _COUNTED.search(folded)
    certain = _speakers(question)
    if types != ("attended",) or not certain - BODIES:  # 'present', 'participate' say much else
        types = tuple(type for type in types if type != "attended")
    return Wanted(
        types,
        figures(folded),
        parties(question),
        certain or parties(question),
        certain,
        counted.group(1) if counted else None,
        not set(types) - {"position"}
        and _asks(folded, language, "whole")
        and not _asks(folded, language, "about"),
        years_named(question),
    )


def _asks(folded: str, language: str, what: str) -> bool:
    cue = _patterns("asking", language).get(what)
    return cue is not None and cue.search(folded) is not None


def holds(type: str, reading: Reading, asked: Wanted) -> bool:
    """Whether a sentence holds what ``type`` asks for."""
    folded = reading.folded
    if type == "party":
        return bool(parties(reading.text) - asked.parties)
    if type in ("number", "date") and _holds_figure(type, folded, asked):
        return True
    cue = _patterns("saying", reading.language).get(type)
    if cue is not None and cue.search(folded):
        if type == "attended":
            return bool(parties(reading.text) & (asked.certain - BODIES))
        return type != "position" or may_speak(reading.text, asked)
    if type == "list":
        return _LIST.search(folded) is not None or folded.endswith(":")
    if type == "name":
        return _CAPITALISED.search(reading.text) is not None
    return False


def figures(text: str) -> frozenset[str]:
    """The runs of digits in ``text``, thousands joined."""
    return frozenset(_DIGITS.findall(_GROUPED.sub("", unicodedata.normalize("NFKC", text))))


def _holds_figure(type: str, folded: str, asked: Wanted) -> bool:
    """A figure that the question does not name, of what it counts if it says so."""
    if type == "date":
        pattern = _DATE
    elif asked.measure is not None:
        pattern = _figure_before(asked.measure)
    else:
        pattern = _NUMBER
    found = (figures(match.group()) for match in pattern.finditer(folded))
    return any(not digits or digits - asked.figures for digits in found)


def may_speak(text: str, asked: Wanted) -> bool:
    """Whether ``text`` can give the position of the parties asked for: one of them is among those
    it names first, or it names none ('it also stressed …')."""
    if not asked.speakers:
        return True
    speakers = first_parties(text)
    return not speakers or bool(speakers & asked.speakers)


def may_be_heard(texts: Iterable[str], asked: Wanted) -> bool:
    """Whether any of ``texts`` names a State whose position or proposal is certainly asked for, and
    not only among all those that were there; True where none is. A body's own documents need not
    name it."""
    states = asked.certain - BODIES
    if not states or not _HEARD.intersection(asked.types):
        return True
    meant = states | (_RUSSIA if states & _RUSSIA else frozenset())
    told = (each for text in texts for each in _ENDS.split(text))
    return any(meant & parties(each) for each in told if not _lists_who_was_there(each))


def _lists_who_was_there(sentence: str) -> bool:
    if len(parties(sentence)) <= _LISTED:
        return False
    folded = _folded(sentence)
    return any(_patterns("saying", each)["attended"].search(folded) for each in LANGUAGES)


def _speakers(question: str) -> frozenset[str]:
    """The parties that a question names before what it says the position is on, or if it does not
    say that, all of them."""
    cased = _cased(question)
    on = _ON.search(cased.casefold())
    return parties(cased[: on.start()] if on else cased)


@cache
def _figure_before(measure: str) -> re.Pattern[str]:
    also = {"人": "人名位", "个": "个国项种名"}.get(measure, measure + "个")
    return re.compile(rf"(?!一[个种项])(?:\d|[{_HAN_NUMBER}]) ?(?:多|余)?[{also}]")


@cache
def _patterns(which: str, language: str) -> Mapping[str, re.Pattern[str]]:
    """By type; none for a language without words."""
    words = _words()[which].get(language, {})
    return {type: re.compile(_merged("|".join(any_of))) for type, any_of in words.items()}


@cache
def _words() -> dict[str, dict[str, dict[str, list[str]]]]:
    return tomllib.loads(_WORDS.read_text(encoding="utf-8"))


def _folded(text: str) -> str:
    """Case, width, spacing and letter variants made one, traditional characters among them."""
    return _cased(text).casefold()


def _cased(text: str) -> str:
    """The same with the case kept."""
    text = _merged(simplified(unicodedata.normalize("NFKC", text)))
    return _SPACES.sub(" ", text.translate(_VARIANTS))


def _merged(text: str) -> str:
    """Arabic letters without the signs above and below them; what is not Arabic as it was."""
    if _ARABIC.search(text) is None:
        return text
    split = unicodedata.normalize("NFD", text)
    bare = "".join(ch for ch in split if not unicodedata.combining(ch))
    return bare.replace("ى", "ي").replace("ـ", "")
