"""A system that answers from a table, and gold lines about its two documents."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from support.documents import Builder

from corpus import BadRange
from eval import Asked, Cited, Found, Source, System

TEXT = Builder("d.en").paragraph("alpha bravo", "1").paragraph("charlie delta", "2")
DOCUMENT = TEXT.build(work="d", file="d.txt")
PASSAGES = {"p1": (0, 11), "p2": (12, 25)}
SOURCE = Source.of(DOCUMENT, PASSAGES)

ALPHA = {
    "id": "a",
    "doc": "d.txt",
    "kind": "factoid",
    "question": {"zh": "甲", "en": "alpha?"},
    "evidence": ["alpha bravo"],
    "answer": {"en": "alpha bravo"},
    "paragraph": "1",
}
DELTA = {**ALPHA, "id": "d", "question": {"en": "delta?"}, "evidence": ["delta"], "paragraph": "2"}
NOTHING = {
    "id": "n",
    "doc": None,
    "kind": "unanswerable",
    "question": {"en": "nothing?"},
    "evidence": [],
    "answer": None,
}


def write_gold(path: Path, *lines: Mapping[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def found(passage: str) -> Found:
    start, end = PASSAGES[passage]
    return Found(passage, "d.en", "d", "d.txt", "en", start, end, {"dense": 1.0})


def asked(
    *passages: str,
    quotes: Sequence[tuple[int, int, str | None]] = (),
    answer: str = "",
    confidence: float | None = None,
) -> Asked:
    return Asked(
        hits=tuple(found(passage) for passage in passages),
        citations=tuple(Cited("d.en", "d.txt", *quote) for quote in quotes),
        answer=answer,
        abstained=not answer,
        confidence=confidence,
        took_ms=4.0,
    )


def system(answers: Mapping[str, Asked], **more: Any) -> System:
    """Fails on a question that ``answers`` does not have."""

    def ask(question: str, language: str) -> Asked:
        if question not in answers:
            raise BadRange("k", 0, 1, 100)
        return answers[question]

    return System(ask=ask, sources=(SOURCE,), **more)
