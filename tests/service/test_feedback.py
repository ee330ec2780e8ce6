"""Opinions of readers: stored, changed, checked against the documents, exported as candidates."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.server import serving

from corpus import BadCitation, FeedbackUnavailable, UnknownDocument
from eval import read_gold
from index import build_index
from service.app import create_app
from service.cli import main
from service.feedback import FILE, Cited, Feedback, FeedbackStore, candidates, cited
from service.live import LiveIndex
from service.settings import Settings

QUOTE = Cited("orbits.en", "orbits.en.txt", 10, 20, "0123456789", "1")
OPINION = Feedback(
    id="abcdefgh",
    question="Where is the Moon?",
    language="en",
    verdict="up",
    reason=None,
    comment=None,
    abstained=False,
    cited=(QUOTE,),
    generation="g1",
)
DOCUMENTS = {document.id: document for document in small_corpus()}


class Clock:
    """A second passes at every look."""

    def __init__(self) -> None:
        self.now = datetime(2024, 5, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@pytest.fixture
def store(tmp_path: Path) -> FeedbackStore:
    return FeedbackStore(tmp_path / "data" / FILE, clock=Clock())


# The store


def test_what_was_said_comes_back_in_order(store: FeedbackStore) -> None:
    assert store.all() == []
    second = replace(OPINION, id="second-1", language="zh", question="月球？", comment="𝔖 e\u0301")
    store.add(OPINION)
    store.add(second)
    assert [each.feedback for each in store.all()] == [OPINION, second]
    assert [each.at.second for each in store.all()] == [1, 2]


def test_a_change_of_mind_replaces_the_opinion(store: FeedbackStore) -> None:
    store.add(OPINION)
    changed = replace(OPINION, verdict="down", reason="incomplete")
    store.add(changed)
    assert [each.feedback for each in store.all()] == [changed]


def test_the_file_does_not_grow_without_end(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / FILE, most=2)
    for id in ("first-aa", "second-b"):
        store.add(replace(OPINION, id=id))
    with pytest.raises(FeedbackUnavailable, match="holds 2 opinions"):
        store.add(replace(OPINION, id="third-cc"))
    store.add(replace(OPINION, id="second-b", verdict="down"))  # known: no new row
    assert len(store.all()) == 2


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(b"not a database, but long enough to be read as one" * 30)
    with pytest.raises(FeedbackUnavailable, match=FILE):
        FeedbackStore(path).add(OPINION)
    with pytest.raises(FeedbackUnavailable, match=FILE):
        FeedbackStore(path).all()


def test_many_threads_may_write(store: FeedbackStore) -> None:
    def add(worker: int) -> None:
        for n in range(5):
            store.add(replace(OPINION, id=f"worker-{worker}-{n}"))

    threads = [threading.Thread(target=add, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.all()) == 20


def test_a_quote_is_kept_only_where_the_document_says_it() -> None:
    document = DOCUMENTS["orbits.en"]
    paragraph = document.paragraphs[1]
    start, end = paragraph.start + 3, paragraph.start + 12
    kept = cited(DOCUMENTS, document.id, start, end, document.text[start:end])
    assert kept.quote == document.text[start:end]
    assert (kept.file, kept.paragraph) == (document.file, "2")
    for quote, places in (("another", (start, end)), ("", (start, start)), ("x", (-1, 3))):
        with pytest.raises(BadCitation, match="does not say this"):
            cited(DOCUMENTS, document.id, *places, quote)
    with pytest.raises(UnknownDocument):
        cited(DOCUMENTS, "nowhere", start, end, "x")


# Candidates


def told(store: FeedbackStore, *opinions: Feedback) -> list[dict[str, Any]]:
    for n, opinion in enumerate(opinions):
        store.add(replace(opinion, id=f"opinion-{n}"))
    return candidates(store.all())


def test_a_good_answer_is_a_gold_line(store: FeedbackStore, tmp_path: Path) -> None:
    elsewhere = replace(QUOTE, document_id="moon.zh", file="moon.zh.txt", quote="月球")
    (line,) = told(store, replace(OPINION, cited=(QUOTE, elsewhere)))
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(line), "utf-8")
    (question,) = read_gold(path).questions
    assert question.doc == "orbits.en.txt"
    assert [item.text for item in question.evidence] == ["0123456789"]  # one document a line
    assert question.paragraph == "1"
    assert line["feedback"]["ready"] is True


@pytest.mark.parametrize(
    "opinion",
    [
        replace(OPINION, verdict="down", reason="out_of_scope"),
        replace(OPINION, abstained=True, cited=()),
        replace(OPINION, verdict="down", reason="out_of_scope", abstained=True, cited=()),
    ],
)
def test_out_of_scope_is_an_unanswerable_gold_line(
    store: FeedbackStore, tmp_path: Path, opinion: Feedback
) -> None:
    (line,) = told(store, opinion)
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps(line), "utf-8")
    (question,) = read_gold(path).questions
    assert (question.kind, question.doc, question.evidence) == ("unanswerable", None, ())
    assert line["feedback"]["ready"] is True


@pytest.mark.parametrize(
    ("opinion", "evidence", "missing"),
    [
        (replace(OPINION, verdict="down", reason="wrong_citation"), [], "evidence"),
        (replace(OPINION, verdict="down", reason="incomplete"), ["0123456789"], "more evidence"),
        (replace(OPINION, verdict="down"), ["0123456789"], "more evidence"),
        (replace(OPINION, verdict="down", abstained=True, cited=()), [], "doc, evidence"),
    ],
)
def test_a_bad_answer_says_what_a_person_must_add(
    store: FeedbackStore, opinion: Feedback, evidence: list[str], missing: str
) -> None:
    (line,) = told(store, opinion)
    assert line["evidence"] == evidence
    assert line["feedback"]["ready"] is False
    assert line["feedback"]["missing"].startswith(missing)


def test_opinions_that_agree_are_one_line(store: FeedbackStore) -> None:
    spaced = replace(OPINION, question="Where  is the Moon?", comment="yes")
    lines = told(store, OPINION, replace(OPINION, verdict="down"), spaced)
    assert [line["feedback"]["votes"] for line in lines] == [2, 1]
    assert lines[0]["feedback"]["comments"] == ["yes"]
    assert len({line["id"] for line in lines}) == 2


# Over HTTP and on the command line


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    build_index(small_corpus(), BagOfWordsEncoder(), data)
    return data


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx.Client]:
    settings = Settings(corpus=data, data=data, question_limit=100)
    with serving(create_app(LiveIndex(data, BagOfWordsEncoder()), settings)) as client:
        yield client


def body(answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    keys = ("document_id", "start", "end", "quote")
    return {
        "id": "0123456789abcdef",
        "question": answer["question"],
        "language": answer["language"],
        "verdict": "up",
        "citations": [{key: each[key] for key in keys} for each in answer["citations"]],
        "generation": answer["generation"],
        **more,
    }


@pytest.fixture(scope="module")
def answer(client: httpx.Client) -> dict[str, Any]:
    given = client.post("/api/ask", json={"question": "What endangers satellites in low orbit?"})
    answer: dict[str, Any] = given.json()
    assert answer["citations"]
    return answer


def test_an_answer_that_was_liked_comes_out_as_gold(
    client: httpx.Client,
    data: Path,
    answer: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    done = client.post("/api/feedback", json=body(answer))
    assert done.status_code == 200, done.text
    assert done.json() == {"id": "0123456789abcdef", "verdict": "up", "reason": None}
    bad = body(answer, id="fedcba9876543210", verdict="down", reason="wrong_citation")
    assert client.post("/api/feedback", json=bad).status_code == 200

    assert main(["feedback", "export", "--data", str(data)]) == 0
    every = capsys.readouterr()
    assert len(every.out.splitlines()) == 2
    assert "2 candidates" in every.err
    assert main(["feedback", "export", "--ready", "--data", str(data)]) == 0
    path = tmp_path / "gold.jsonl"
    path.write_text(capsys.readouterr().out, "utf-8")
    (question,) = read_gold(path).questions
    assert question.question == {"en": answer["question"]}
    assert [item.text for item in question.evidence] == [
        each["quote"] for each in answer["citations"] if each["file"] == question.doc
    ]


@pytest.mark.parametrize(
    ("more", "status", "kind"),
    [
        ({"question": "  "}, 422, "empty-question"),
        ({"question": "x" * 101}, 422, "question-too-long"),
        ({"verdict": "sideways"}, 422, "invalid-request"),
        ({"reason": "boring"}, 422, "invalid-request"),
        ({"id": "short"}, 422, "invalid-request"),
        ({"comment": "x" * 2_001}, 422, "invalid-request"),
        ({"language": "xx"}, 422, "invalid-request"),
        ({"surplus": 1}, 422, "invalid-request"),
        (
            {"citations": [{"document_id": "no", "start": 0, "end": 1, "quote": "x"}]},
            404,
            "unknown-document",
        ),
        (
            {"citations": [{"document_id": "orbits.en", "start": 0, "end": 1, "quote": "?"}]},
            422,
            "bad-citation",
        ),
    ],
)
def test_what_cannot_be_stored_is_refused(
    client: httpx.Client, answer: dict[str, Any], more: dict[str, Any], status: int, kind: str
) -> None:
    response = client.post("/api/feedback", json=body(answer, **more))
    assert response.status_code == status, response.text
    assert response.json()["type"].endswith(kind)


def test_a_reason_counts_only_against_an_answer(
    client: httpx.Client, answer: dict[str, Any]
) -> None:
    given = client.post("/api/feedback", json=body(answer, reason="incomplete"))
    assert given.json()["reason"] is None


def test_without_opinions_nothing_is_exported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["feedback", "export", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    assert not (tmp_path / FILE).exists()
