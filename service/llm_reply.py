"""What a model writes, read as the sentences and quotes it was asked for, as they come; pure.

The form is one JSON object a line. Small models wrap it in code fences, an array, a few words or
their thoughts aloud: what is around the objects is passed over, since none of it is ever shown.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from corpus import simplified

MOST_SENTENCES = 8  # five are asked for
MOST_QUOTES = 6  # for one sentence; three are asked for
LONGEST_SENTENCE = 1_000  # characters
_LOOKED_AT = 1_600  # characters at the end of a text in which a loop is looked for
_LOOP = re.compile(r"(.{2,260}?)\1{5,}\Z", re.DOTALL)
_LONG = 200  # characters of it: a rule of dashes or an indented line is none
_SAME_AGAIN = 3  # times one sentence may not be said
_MARKERS = re.compile(r"\s*\[\d{1,3}\]")  # ours are set when the quotes are checked
_THINKS = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_THOUGHT = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_LONGEST_MARK = len("</thinking>")
_REFUSES = re.compile(
    r"\b(?:can(?:no|.)t|unable|won.t|sorry|decline)\b|无法|不能|抱歉|对不起"
    r"|\b(?:ne (?:peux|puis)|désolée?|lo siento|no puedo)\b|не могу|извините|к сожалению"
    r"|لا أستطيع|لا يمكنني|آسف|عذرا",
    re.IGNORECASE,
)
_DECODER = json.JSONDecoder(strict=False)


class ModelFailed(Exception):
    """A model gave no answer that can be used; ``reason`` is a code of docs/llm.md."""

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}" if detail else reason)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What the model says stands in the passage numbered ``passage``, from 1."""

    passage: int
    quote: str


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, and what it is said to rest on."""

    text: str
    quotes: tuple[Claimed, ...]


def read_reply(pieces: Iterable[str]) -> Iterator[Said]:
    """The sentences of a reply that comes in ``pieces``, each as soon as it is whole; none when the
    model says that the passages do not answer. No more of it is read than is needed.

    Raises ``ModelFailed``: ``llm_truncated``, ``llm_malformed``, ``llm_refused``, ``llm_looping``,
    after what could be read; and what ``pieces`` raise.
    """
    heard: list[str] = []
    said: list[Said] = []
    silent = False
    for each in _objects(_kept(pieces, heard)):
        if "sentence" not in each:
            silent = silent or each.get("answered") is False
            continue
        one = _said(each)
        said.append(one)
        if [other.text for other in said].count(one.text) >= _SAME_AGAIN:
            raise ModelFailed("llm_looping", "one sentence over and over")
        if one not in said[:-1]:
            yield one
            if len(set(said)) == MOST_SENTENCES:
                return
    if not said and not silent:
        refused = _REFUSES.search(simplified("".join(heard)))
        raise ModelFailed("llm_refused" if refused else "llm_malformed", "no sentence")


def read_question(text: str) -> str:
    """The rewritten question; raises ``ModelFailed``."""
    for each in _objects([text]):
        question = each.get("question")
        if isinstance(question, str) and question.strip():
            return " ".join(_visible(question).split())
    raise ModelFailed("llm_malformed", "no question")


def loops(text: str) -> bool:
    """Whether ``text`` ends in the same piece over and over."""
    found = _LOOP.search(text[-_LOOKED_AT:])
    return found is not None and len(found.group()) >= _LONG


def _kept(pieces: Iterable[str], heard: list[str]) -> Iterator[str]:
    for piece in pieces:
        heard.append(piece)
        yield piece


def _objects(pieces: Iterable[str]) -> Iterator[Mapping[str, Any]]:
    """The JSON objects, each when it is whole; those inside an array or under one key taken out."""
    rest, found = "", False
    for piece in pieces:
        rest = _from_object(rest + piece)
        closes = "}" in piece
        while closes and rest.startswith("{"):
            try:
                value, end = _DECODER.raw_decode(rest)
            except json.JSONDecodeError:
                break  # there may be more to come
            except RecursionError as error:
                raise ModelFailed("llm_malformed", str(error)) from None
            found = True
            yield from _unwrapped(value)
            rest = _from_object(rest[end:])
    if rest.startswith("{"):
        cut_off = found and "}" not in rest
        raise ModelFailed("llm_truncated" if cut_off else "llm_malformed", "no whole object")


def _from_object(text: str) -> str:
    """``text`` from the first object on, outside thoughts; where there is none, what may yet turn
    out to be the beginning of one or of a thought."""
    while thinks := _THINKS.search(text[: _before(text, "{")]):
        over = _THOUGHT.search(text, thinks.end())
        if over is None:
            return thinks.group() + text[thinks.end() :][-_LONGEST_MARK:]
        text = text[over.end() :]
    if "{" in text:
        return text[text.index("{") :]
    mark = text.rfind("<", -_LONGEST_MARK)
    return text[mark:] if mark >= 0 else ""


def _before(text: str, mark: str) -> int:
    at = text.find(mark)
    return at if at >= 0 else len(text)


def _unwrapped(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = next((v for v in value.values() if _is_list_of_objects(v)), None)
    return [value] if inner is None or "sentence" in value else inner


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and value != [] and all(isinstance(v, dict) for v in value)


def _said(given: Mapping[str, Any]) -> Said:
    sentence, quotes = given["sentence"], given.get("quotes", [])
    if not isinstance(sentence, str) or not isinstance(quotes, list):
        raise ModelFailed("llm_malformed", "a field of the wrong type")
    text = " ".join(_MARKERS.sub("", _visible(sentence)).split())
    if not any(ch.isalnum() for ch in text) or len(text) > LONGEST_SENTENCE:
        raise ModelFailed("llm_malformed", f"a sentence of {len(text)} characters")
    return Said(text, tuple(_claimed(quote) for quote in quotes[:MOST_QUOTES]))


def _visible(text: str) -> str:
    """Without controls, direction marks and lone surrogates, which no response can carry."""
    return "".join(
        ch for ch in text if ch.isspace() or unicodedata.category(ch) not in ("Cc", "Cf", "Cs")
    )


def _claimed(given: Any) -> Claimed:
    """A quote without a usable number or text is one that cannot be located."""
    held = given if isinstance(given, dict) else {}
    number, quote = held.get("passage"), held.get("quote")
    if isinstance(number, str) and re.fullmatch(r"\[?\d{1,3}\]?", number):
        number = int(number.strip("[]"))
    if isinstance(number, bool) or not isinstance(number, int) or not isinstance(quote, str):
        return Claimed(0, "")
    return Claimed(number, quote)
