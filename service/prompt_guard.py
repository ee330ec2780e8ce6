"""Sentences of a document that speak to a language model: kept from it, and no ground at all.

One line of defence among several (docs/llm.md): what gets past these patterns meets a model that
is told not to obey, and an answer of which every sentence is checked. Pure.
"""

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from corpus import detect_language, sentences, simplified

_FILE = Path(__file__).with_name("prompt_guard.toml")
_INSTEAD = "[…]"
_SPACES = re.compile(r"[\s_*`]+")


def masked(text: str) -> str:
    """``text`` with such sentences as '[…]'."""
    done, at = "", 0
    for start, end in addressed_to_a_model(text):
        done, at = done + text[at:start] + _INSTEAD, end
    return done + text[at:]


def addressed_to_a_model(text: str) -> list[tuple[int, int]]:
    """Spans of the sentences that tell a model what to do, in reading order."""
    if not _speaks_to_a_model(text):
        return []
    language = detect_language(text)
    spans = [
        (line_start + start, line_start + end)
        for line_start, line in _lines(text)
        for start, end in sentences(line, language)
    ]
    found = [(start, end) for start, end in spans if _speaks_to_a_model(text[start:end])]
    # What only neighbouring sentences together say cannot be cut out of them.
    return found or [(0, len(text))]


def _lines(text: str) -> list[tuple[int, str]]:
    lines, at = [], 0
    for line in text.splitlines(keepends=True):
        lines.append((at, line))
        at += len(line)
    return lines


def _speaks_to_a_model(text: str) -> bool:
    seen = "".join(ch for ch in text if unicodedata.category(ch) != "Cf")
    plain = simplified(unicodedata.normalize("NFKC", seen).casefold().replace("’", "'"))
    folded = _SPACES.sub(" ", plain)
    return any(pattern.search(folded) for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Those of every language: an injection need not be in the language of its document."""
    held: dict[str, list[str]] = tomllib.loads(_FILE.read_text(encoding="utf-8"))["patterns"]
    return tuple(re.compile("|".join(any_of)) for any_of in held.values())
