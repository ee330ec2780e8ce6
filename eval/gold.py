"""Gold question sets: JSON Lines -> ``GoldSet``. Every fault is a ``BadGoldLine``."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpus import LANGUAGES, BadGoldLine

KINDS = ("factoid", "list", "position", "why", "definition", "unanswerable")


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words of the document that hold the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Locator:
    """The shortest span that begins and ends so, inside ``paragraph`` when it is named."""

    begins: str
    ends: str
    paragraph: str | None


Evidence = Quotation | Locator


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """One line of a set: one question in one or more languages.

    ``doc`` is a file name, a document id or a work id; None when no document answers, and then
    ``evidence`` is empty. ``answer`` is by language and may be empty. ``line`` is 1-based.
    """

    id: str
    doc: str | None
    kind: str
    paraphrased: bool
    question: Mapping[str, str]
    evidence: tuple[Evidence, ...]
    answer: Mapping[str, str]
    paragraph: str | None
    path: Path
    line: int


@dataclass(frozen=True, slots=True)
class GoldSet:
    """``sha256`` is of the file's bytes, in hexadecimal."""

    path: Path
    sha256: str
    questions: tuple[GoldQuestion, ...]


def read_gold(path: Path) -> GoldSet:
    """Reads one set; blank lines count for nothing but their number.

    Raises BadGoldLine for the first thing that is not as docs/evaluation.md says, OSError for a
    file that cannot be read.
    """
    content = path.read_bytes()
    questions: list[GoldQuestion] = []
    first_line: dict[str, int] = {}
    for number, raw in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not raw.strip():
            continue
        question = _Line(path, number).read(raw)
        if question.id in first_line:
            why = f"the id '{question.id}' is that of line {first_line[question.id]} too."
            raise BadGoldLine(path, number, why)
        first_line[question.id] = number
        questions.append(question)
    if not questions:
        raise BadGoldLine(path, 1, "the file holds no question.")
    return GoldSet(path, sha256(content).hexdigest(), tuple(questions))


class _Line:
    """Reads one line, and says where and why it cannot be read."""

    def __init__(self, path: Path, number: int) -> None:
        self._path, self._number = path, number

    def read(self, raw: bytes) -> GoldQuestion:
        try:
            line = json.loads(raw.decode("utf-8"))
        except UnicodeDecodeError:
            raise self._bad("it is not UTF-8.") from None
        except (ValueError, RecursionError) as error:
            raise self._bad(f"it is not JSON ({error}).") from None
        if not isinstance(line, dict):
            raise self._bad("it is not a JSON object.")
        kind = self._text(line, "kind")
        if kind not in KINDS:
            raise self._bad(f"'kind' is '{kind}'; it must be one of {', '.join(KINDS)}.")
        question = GoldQuestion(
            id=self._text(line, "id"),
            doc=self._text_or_none(line, "doc"),
            kind=kind,
            paraphrased=self._flag(line, "paraphrased"),
            question=self._by_language(line, "question"),
            evidence=self._evidence(line),
            answer=self._by_language(line, "answer") if line.get("answer") is not None else {},
            paragraph=self._text_or_none(line, "paragraph"),
            path=self._path,
            line=self._number,
        )
        self._agrees(question)
        return question

    def _agrees(self, question: GoldQuestion) -> None:
        """That what is unanswerable has no answer, and what is not has a place."""
        if question.kind == "unanswerable":
            if question.doc is not None or question.evidence or question.answer:
                raise self._bad("an unanswerable question has no 'doc', 'evidence' or 'answer'.")
        elif question.doc is None:
            raise self._bad("'doc' is missing; only an unanswerable question has none.")
        elif not question.evidence:
            raise self._bad("'evidence' is empty; only an unanswerable question has none.")

    def _text(self, line: Mapping[str, Any], key: str) -> str:
        value = line.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self._bad(f"'{key}' must be text that is not empty.")
        return value

    def _text_or_none(self, line: Mapping[str, Any], key: str) -> str | None:
        return None if line.get(key) is None else self._text(line, key)

    def _flag(self, line: Mapping[str, Any], key: str) -> bool:
        value = line.get(key, False)
        if not isinstance(value, bool):
            raise self._bad(f"'{key}' must be true or false.")
        return value

    def _by_language(self, line: Mapping[str, Any], key: str) -> dict[str, str]:
        value = line.get(key)
        if not isinstance(value, dict) or not value:
            raise self._bad(f"'{key}' must map one or more languages to text.")
        for language in value:
            if language not in LANGUAGES:
                allowed = ", ".join(LANGUAGES)
                raise self._bad(f"'{key}' has the language '{language}'; allowed: {allowed}.")
            self._text(value, language)
        return {language: value[language] for language in LANGUAGES if language in value}

    def _evidence(self, line: Mapping[str, Any]) -> tuple[Evidence, ...]:
        items = line.get("evidence")
        if not isinstance(items, list):
            raise self._bad("'evidence' must be a list.")
        return tuple(self._item(item) for item in items)

    def _item(self, item: object) -> Evidence:
        if isinstance(item, str) and item.strip():
            return Quotation(item)
        if isinstance(item, dict):
            paragraph = self._text_or_none(item, "paragraph")
            return Locator(self._text(item, "from"), self._text(item, "to"), paragraph)
        raise self._bad("an item of 'evidence' must be a quotation, or have 'from' and 'to'.")

    def _bad(self, why: str) -> BadGoldLine:
        return BadGoldLine(self._path, self._number, why)
