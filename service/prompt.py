"""What is sent to a language model: the text of ``service/prompt.toml``, and passages as data.

Passages and earlier turns travel inside one JSON string: nothing in them can end it. What a chat
template would take for its own marks is broken up, and what a reader cannot see is left out.
"""

import hashlib
import json
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpus import Hit
from service.prompt_guard import masked
from service.wording import passage_place

_FILE = Path(__file__).with_name("prompt.toml")
_HASH_LETTERS = 12  # of a SHA-256: enough to tell versions apart
# Marks of chat templates: <|im_start|>, [INST], <<SYS>>, </s>, <start_of_turn>, <think>.
_TEMPLATE = re.compile(
    r"<(?=\||/?s>|<|/?(?:think|start_of_turn|end_of_turn|tool_call|function|system|bos|eos)\b)"
    r"|\[(?=/?(?:INST|SYS|SYSTEM|TOOL)\w*\])|(?<=\|)>",
    re.IGNORECASE,
)

Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class Prompt:
    """``id`` is its version and hash: '1:0123456789ab'."""

    id: str
    answer: str
    rewrite: str


@cache
def shipped_prompt() -> Prompt:
    text = _FILE.read_bytes()
    held = tomllib.loads(text.decode("utf-8"))
    digest = hashlib.sha256(text).hexdigest()[:_HASH_LETTERS]
    return Prompt(
        f"{held['version']}:{digest}",
        held["answer"]["system"].strip(),
        held["rewrite"]["system"].strip(),
    )


def answer_messages(question: str, language: str, hits: Sequence[Hit]) -> list[Message]:
    """Passages are numbered from 1 in the order of ``hits``."""
    passages = [
        {
            "n": n,
            "source": harmless(passage_place(hit.passage, hit.document, "en")),
            "language": hit.document.language,
            "text": harmless(masked(hit.passage.text)),
        }
        for n, hit in enumerate(hits, 1)
    ]
    asked = {"question": harmless(question), "language": language, "passages": passages}
    return _messages(shipped_prompt().answer, asked)


def rewrite_messages(question: str, turns: Sequence[tuple[str, str]]) -> list[Message]:
    """``turns`` are (role, text), oldest first."""
    said = [{"role": role, "text": harmless(text)} for role, text in turns]
    return _messages(shipped_prompt().rewrite, {"turns": said, "question": harmless(question)})


def harmless(text: str) -> str:
    """``text`` without control and invisible characters, its template marks set apart."""
    kept = "".join(
        ch for ch in text if ch in "\n\t" or unicodedata.category(ch) not in ("Cc", "Cf", "Co")
    )
    return _TEMPLATE.sub(lambda mark: f"{mark.group()} " if mark.group() != ">" else " >", kept)


def _messages(system: str, data: object) -> list[Message]:
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
    ]
