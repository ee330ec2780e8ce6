"""Follow-up questions: what earlier turns said, and a question that stands alone; pure.

The rule has two moves. A bare 'And China?' takes the place of what is of its kind in the question
before it. A question that points back, or says too little to be searched for, is given the subject
of the question before it, in brackets, less what it names anew. Any other is left as it is.
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Protocol

from corpus import SYMBOL, detect_language, simplified
from index import analyse, paragraph_spans
from service.articles import in_its_form
from service.parties import parties
from service.party_spans import party_spans

MOST_TURNS = 12  # looked at; further back is another subject
LONGEST_TURN = 2_000  # characters of one
LONGEST_CARRIED = 200  # characters
_ANSWER_LOOKED_AT = 400  # characters of an answer, for whom 'they' may be
_MOST_PARTIES = 3
_LONGEST_AND = 12  # characters between two names of one list
_FEW, _FEW_AFTER_AND, _BARE = 1, 3, 4  # terms of a question, without the parties it names
_HAN_TERMS = 2.0  # characters that say about as much as a term
_WORDS = Path(__file__).with_name("followup_words.toml")
_HAN = re.compile(r"[\u3400-\u9fff]")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NAME = re.compile(r"(?<=\w\W)(?:[A-ZÀ-ÞА-ЯЁ][\w’'-]+|[A-Z]{2,}\w*)|\b[A-ZА-Я]{2,}\w*")
_APART = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_ARTICLE = re.compile(r"\b[Tt]he \Z")
_CAPITALS = re.compile(r"(?<![A-Za-z])[A-Z]{2,}(?![a-z])")
_BRACKETS = re.compile(r"[()（）]")
_ENDS = " \t\n?!.。？！؟…¿¡,，;；:："

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before, oldest first; ``assistant`` is whoever answered."""

    role: Literal["user", "assistant"]
    text: str


class Rewriter(Protocol):
    def standalone(self, question: str, history: Sequence[Turn]) -> str:
        """The question with what it leaves unsaid; itself when nothing is missing."""
        ...


class RuleRewriter:
    """Carries over what is missing from the question before, which it completes first."""

    def standalone(self, question: str, history: Sequence[Turn]) -> str:
        before, answer = None, ""
        for turn in recent(history):
            if turn.role == "user":
                before, answer = complete(turn.text, before, answer), ""
            else:
                answer = turn.text
        return complete(question, before, answer)


def language_of(question: str, history: Sequence[Turn]) -> str:
    """The language ``question`` is asked in, one of LANGUAGES, as far as earlier ones tell."""
    asked = [turn.text for turn in recent(history) if turn.role == "user"]
    return _language(question, asked[-1] if asked else question)


def recent(history: Sequence[Turn]) -> list[Turn]:
    """The last turns that say something, cut to a length, without what no encoder can read."""
    said = [turn for turn in history if any(ch.isalnum() for ch in turn.text)]
    return [
        Turn(turn.role, turn.text[:LONGEST_TURN].encode("utf-8", "replace").decode("utf-8").strip())
        for turn in said[-MOST_TURNS:]
    ]


def complete(question: str, before: str | None, answer: str = "") -> str:
    """``question`` as it can be understood after ``before``, to which ``answer`` was given.

    What is completed has simplified Chinese characters; what needs nothing is left as it was.
    """
    if before is None:
        return question
    asked = simplified(question)
    made = _completed(asked, simplified(before), simplified(answer))
    return question if made == asked else made


def _completed(question: str, before: str, answer: str) -> str:
    words = _words(_language(question, before))
    core, opened = _without_opening(question, words)
    own = _terms(core, words)
    asks = words.asks.search(core) is not None
    if opened and not asks and own <= _BARE and not words.refers.search(core):
        return _in_its_place(core, before)
    few = own <= (_FEW_AFTER_AND if opened else _FEW) and not _names_something(core)
    if not few and not _points_back(core, words):
        return question
    carried = _carried(core, before, words)
    if words.many.search(core) and not parties(core) and not parties(before):
        looked_at = answer[:_ANSWER_LOOKED_AT]
        found = [looked_at[start:end] for start, end in party_spans(looked_at)]
        carried = ", ".join([*dict.fromkeys(found[:_MOST_PARTIES]), carried])
    return _with(question, carried) if carried else question


@dataclass(frozen=True, slots=True)
class _Words:
    language: str
    opens: re.Pattern[str]
    closes: re.Pattern[str]
    refers: re.Pattern[str]
    owns: re.Pattern[str]
    many: re.Pattern[str]
    asks: re.Pattern[str]


@cache
def _words(language: str) -> _Words:
    held: dict[str, str] = tomllib.loads(_WORDS.read_text(encoding="utf-8"))[language]
    end = r"\W*\Z"
    anchored = {"opens": rf"\A\W*(?:{held['opens']})", "closes": rf"(?:{held['closes']}){end}"}
    if not held["closes"]:
        anchored["closes"] = r"(?!)"
    made = {name: re.compile(text, re.IGNORECASE) for name, text in (held | anchored).items()}
    return _Words(language, **made)


def _language(question: str, before: str) -> str:
    """Four words tell little: those before help, where they are in the same letters. Names in
    capitals are the same in every language."""
    spoken = _CAPITALS.sub(" ", _without(question, _symbols(question)))
    found = detect_language(spoken if any(map(str.isalpha, spoken)) else before)
    if found not in ("en", "fr", "es"):
        return found
    both = detect_language(f"{before} {question}")
    return both if both in ("en", "fr", "es") else found


def _without_opening(question: str, words: _Words) -> tuple[str, bool]:
    """The question without 'and', 'what about', 呢; and whether it had one."""
    text = unicodedata.normalize("NFKC", question).strip()
    opening, closing = words.opens.match(text), words.closes.search(text)
    core = text[opening.end() if opening else 0 : closing.start() if closing else len(text)]
    return core.strip(_ENDS), (opening or closing) is not None


def _terms(core: str, words: _Words) -> float:
    """How many terms it has of its own, without question words and parties."""
    rest = words.asks.sub(" ", _without(core, [*party_spans(core), *_symbols(core)]))
    rest = words.owns.sub(" ", words.refers.sub(" ", rest))
    others = [term for term in analyse(_HAN.sub(" ", rest), words.language) if term.strip()]
    han = sum(ch not in "的了是在有对和与或将被把个" for ch in _HAN.findall(rest))
    return len(others) + han / _HAN_TERMS


def _names_something(core: str) -> bool:
    """Whether it names what is neither a party nor a year: an acronym, a title, a symbol."""
    rest = _without(core, party_spans(core))
    return SYMBOL.search(rest) is not None or _NAME.search(rest) is not None


def _points_back(core: str, words: _Words) -> bool:
    if words.refers.search(core):
        return True
    own = words.owns.search(core)
    return (
        own is not None
        and not _terms(core[: own.start()], words)
        and not parties(core[: own.start()])
    )


def _in_its_place(core: str, before: str) -> str:
    """``before`` with ``core`` where something of its kind stood; else beside it."""
    for spans in (party_spans, _years, _symbols, paragraph_spans):
        new, old = spans(core), spans(before)
        if new and old:
            end = _end_of_list(before, old)
            first, at = new[0][0], old[0][0]
            form = None
            if spans is party_spans:
                form = in_its_form(before, at, core, first, detect_language(before))
                first, at = (first, at) if form else (_article(core, first), _article(before, at))
            at, between = form or (at, "")
            return before[:at] + between + core[first : new[-1][1]] + before[end:]
    return _with(before, core)


def _article(text: str, start: int) -> int:
    """Where what begins at ``start`` does with the English article that a State's name may have."""
    found = _ARTICLE.search(text, 0, start)
    return found.start() if found else start


def _end_of_list(text: str, spans: Sequence[Span]) -> int:
    """The end of the last span that only an 'and' or a comma parts from the one before."""
    end = spans[0][1]
    language = detect_language(text)
    for start, to in spans[1:]:
        between = text[end:start]
        if len(between) > _LONGEST_AND or analyse(between.strip("和与及、"), language):
            break
        end = to
    return end


def _carried(core: str, before: str, words: _Words) -> str:
    """The subject of ``before``: without its question words, and without what ``core`` replaces."""
    asked = _words(detect_language(before))
    drop = [
        span for spans in (party_spans, _years, _symbols) if spans(core) for span in spans(before)
    ]
    text = _without(before, drop)
    opening = asked.opens.match(text)
    text = text[opening.end() if opening else 0 :]
    for left_out in (asked.asks, asked.refers, asked.owns, _BRACKETS):
        text = left_out.sub(" ", text)
    pieces = text.strip(_ENDS).split()
    while pieces and not analyse(pieces[0].strip(_ENDS), asked.language):
        pieces.pop(0)
    while pieces and not analyse(pieces[-1].strip(_ENDS), asked.language):
        pieces.pop()
    joined = _APART.sub("", " ".join(pieces)).strip(_ENDS)
    if len(joined) > LONGEST_CARRIED:
        joined = joined[:LONGEST_CARRIED].rsplit(" ", 1)[0]
    return "" if joined.casefold() in core.casefold() else joined


def _with(question: str, more: str) -> str:
    """``more`` in brackets before the mark that ends the question."""
    body = question.rstrip(_ENDS)
    added = f"（{more}）" if _HAN.search(question) else f" ({more})"
    return body + added + question[len(body) :].strip()


def _without(text: str, spans: Sequence[Span]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return text


def _years(text: str) -> list[Span]:
    return [match.span() for match in _YEAR.finditer(text)]


def _symbols(text: str) -> list[Span]:
    return [match.span() for match in SYMBOL.finditer(text)]
