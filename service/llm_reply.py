"""What a model wrote, read as the sentences and quotes it was asked for; pure.

The form is one JSON object a line. Small models wrap it in code fences, an array, a few words or
their thoughts aloud: what is around the objects is passed over, since none of it is ever shown.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MOST_SENTENCES = 8  # five are asked for
MOST_QUOTES = 6  # for one sentence; three are asked for
LONGEST_SENTENCE = 1_000  # characters
_LOOKED_AT = 1_600  # characters at the end of a text in which a loop is looked for
_LOOP = re.compile(r"(.{2,260}?)\1{5,}\Z", re.DOTALL)
_LONG = 200  # characters of it: a rule of dashes or an indented line is none
_SAME_AGAIN = 3  # times one sentence may not be said
_MARKERS = re.compile(r"\s*\[\d{1,3}\]")  # ours are set when the quotes are checked
_THOUGHTS = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
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


def read_reply(text: str) -> tuple[Said, ...]:
    """The sentences in order; none when the model says that the passages do not answer.

    Raises ``ModelFailed``: ``llm_truncated``, ``llm_malformed``, ``llm_refused``, ``llm_looping``.
    """
    objects = _objects(_THOUGHTS.sub("", text))
    said = tuple(_said(each) for each in objects if "sentence" in each)
    if not said:
        if any(each.get("answered") is False for each in objects):
            return ()
        raise ModelFailed(
            "llm_refused" if _REFUSES.search(text) else "llm_malformed", "no sentence"
        )
    texts = [each.text for each in said]
    if any(texts.count(each) >= _SAME_AGAIN for each in texts):
        raise ModelFailed("llm_looping", "one sentence over and over")
    return tuple(dict.fromkeys(said))[:MOST_SENTENCES]


def read_question(text: str) -> str:
    """The rewritten question; raises ``ModelFailed``."""
    for each in _objects(_THOUGHTS.sub("", text)):
        question = each.get("question")
        if isinstance(question, str) and question.strip():
            return " ".join(_visible(question).split())
    raise ModelFailed("llm_malformed", "no question")


def loops(text: str) -> bool:
    """Whether ``text`` ends in the same piece over and over."""
    found = _LOOP.search(text[-_LOOKED_AT:])
    return found is not None and len(found.group()) >= _LONG


def _objects(text: str) -> list[Mapping[str, Any]]:
    """The JSON objects in ``text``, those inside an array or under one key taken out."""
    found: list[Mapping[str, Any]] = []
    at = text.find("{")
    while at >= 0:
        try:
            value, end = _DECODER.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError) as error:
            cut_off = found and "}" not in text[at:]
            raise ModelFailed("llm_truncated" if cut_off else "llm_malformed", str(error)) from None
        inner = next((v for v in value.values() if _is_list_of_objects(v)), None)
        wrapped = inner is not None and "sentence" not in value
        found += inner if inner is not None and wrapped else [value]
        at = text.find("{", end)
    return found


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
