"""Error class -> problem details: the table covers the tree, and nothing leaks."""

import json
from pathlib import Path

import pytest

from corpus import (
    BadFilter,
    EmptyQuestion,
    IndexCorrupt,
    IndexMissing,
    IndexUnavailable,
    InputError,
    QuestionTooLong,
    SextantError,
    UnknownDocument,
    UnreadableDocument,
)
from service import problems


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (EmptyQuestion(), 422, "empty-question"),
        (QuestionTooLong(3, 2), 422, "question-too-long"),
        (BadFilter("work", "no"), 422, "bad-filter"),
        (UnknownDocument("x"), 404, "unknown-document"),
        (IndexMissing(Path("data")), 503, "index-missing"),
        (IndexCorrupt(Path("f"), "is gone"), 503, "index-corrupt"),
        (UnreadableDocument(Path("f.pdf"), "is empty"), 500, "internal"),
    ],
)
def test_each_error_has_its_status(error: SextantError, status: int, name: str) -> None:
    kind = problems.kind_of(error)
    assert (kind.status, kind.name) == (status, name)


def test_an_error_added_later_takes_the_status_of_its_parent() -> None:
    class NewInput(InputError): ...

    class NewIndex(IndexUnavailable): ...

    assert problems.kind_of(NewInput("?")).status == 422
    assert problems.kind_of(NewIndex("?")).status == 503


def test_no_two_kinds_share_a_type() -> None:
    kinds = set(problems.KINDS.values())
    assert len({kind.name for kind in kinds}) == len(kinds)


def test_a_problem_has_the_five_members_and_leaves_out_what_is_none() -> None:
    kind = problems.KINDS[IndexMissing]
    body = problems.problem(kind, "No index.", "/api/ask", field=None, limit=3)
    assert body == {
        "type": "urn:problem-type:sextant:index-missing",
        "title": "There is no index",
        "status": 503,
        "detail": "No index.",
        "instance": "/api/ask",
        "command": "sextant build",
        "limit": 3,
    }


def test_the_instance_is_a_uri_reference() -> None:
    body = problems.problem(problems.INTERNAL, "?", "/api/documents/文 \ud800")
    assert body["instance"] == "/api/documents/%E6%96%87%20%3F"


def test_a_lone_surrogate_can_be_answered() -> None:
    content = problems.encode({"detail": "a 文 \ud800"})
    assert json.loads(content) == {"detail": "a 文 \ud800"}
    assert "文".encode() in content
