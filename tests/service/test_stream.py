"""An answer as events: in order, whole, and with problems in place of what does not come."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.server import serving

from corpus import Answer, BadRange
from index import Index, SearchResult, build_index
from service import stream
from service.answer import Asker
from service.app import create_app
from service.live import LiveIndex
from service.settings import Settings
from service.writer import ExtractiveWriter

QUESTION = "What endangers satellites in low orbit?"
STREAMED = {"accept": stream.MEDIA_TYPE}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    build_index(small_corpus(), BagOfWordsEncoder(), data)
    return data


@pytest.fixture(scope="module")
def asker(data: Path) -> Asker:
    encoder = BagOfWordsEncoder()
    return Asker(Index.open(data, encoder), ExtractiveWriter(encoder))


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx.Client]:
    app = create_app(LiveIndex(data, BagOfWordsEncoder()), Settings(corpus=data, data=data))
    with serving(app) as client:
        yield client


def read(body: bytes) -> list[tuple[str, Any]]:
    events = []
    for block in body.decode().split("\n\n")[:-1]:
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


def collected(ask: Any) -> list[tuple[str, Any]]:
    async def run() -> bytes:
        return b"".join([sent async for sent in stream.events(ask, "/api/ask")])

    return read(asyncio.run(run()))


def test_the_pieces_are_the_answer_and_come_before_it(client: httpx.Client) -> None:
    response = client.post("/api/ask", json={"question": QUESTION}, headers=STREAMED)
    assert response.headers["content-type"].startswith(stream.MEDIA_TYPE)
    assert response.headers["cache-control"] == "no-store"
    events = read(response.content)
    names = [name for name, _ in events]
    assert names[:2] == ["start", "hits"]
    assert names[-1] == "answer"
    assert set(names[2:-1]) == {"text"}
    answer = events[-1][1]
    plain = client.post("/api/ask", json={"question": QUESTION}).json()
    assert {**answer, "took_ms": 0} == {**plain, "took_ms": 0}
    assert "".join(data["text"] for name, data in events if name == "text") == answer["answer"]
    hits = [hit["passage_id"] for hit in events[1][1]["hits"]]
    assert hits[: len(answer["hits"])] == [hit["passage_id"] for hit in answer["hits"]]


def test_a_problem_comes_in_place_of_the_answer(client: httpx.Client) -> None:
    response = client.post("/api/ask", json={"question": "?"}, headers=STREAMED)
    start, (name, problem) = read(response.content)
    assert start == ("start", {})
    assert name == "problem"
    assert problem["type"].endswith("empty-question")
    assert problem["instance"] == "/api/ask"


def test_a_request_that_is_wrong_is_refused_before_the_stream(client: httpx.Client) -> None:
    response = client.post("/api/ask", json={"query": QUESTION}, headers=STREAMED)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


def test_the_first_event_comes_before_the_work_begins(asker: Asker) -> None:
    asked = threading.Event()

    def ask(_found: stream.Found, _wrote: stream.Wrote) -> Answer:
        asked.set()
        return asker.ask(QUESTION)

    async def run() -> tuple[bytes, bool, list[bytes]]:
        events = stream.events(ask, "/api/ask")
        first = await anext(events)
        begun = asked.is_set()
        return first, begun, [sent async for sent in events]

    first, begun, rest = asyncio.run(run())
    assert first == stream.event("start", {})
    assert begun is False
    assert rest


def test_what_was_found_comes_before_anything_is_written(asker: Asker) -> None:
    read_hits = threading.Event()

    def ask(found: stream.Found, _wrote: stream.Wrote) -> Answer:
        def told(result: SearchResult) -> None:
            found(result)
            assert read_hits.wait(10)  # the writer begins when the reader has the passages

        return asker.ask(QUESTION, on_found=told)

    async def run() -> list[bytes]:
        events = stream.events(ask, "/api/ask")
        sent = [await anext(events), await anext(events)]
        assert sent[1].startswith(b"event: hits\n")
        read_hits.set()
        return sent + [each async for each in events]

    assert asyncio.run(run())[-1].startswith(b"event: answer\n")


def test_a_reader_who_goes_away_ends_the_work(asker: Asker) -> None:
    gone, written = threading.Event(), threading.Event()
    finished = threading.Event()

    def ask(found: stream.Found, _wrote: stream.Wrote) -> Answer:
        try:
            assert gone.wait(10)
            answer = asker.ask(QUESTION, on_found=found)
            written.set()
            return answer
        finally:
            finished.set()

    async def run() -> None:
        events = stream.events(ask, "/api/ask")
        await anext(events)
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        gone.set()
        assert await asyncio.to_thread(finished.wait, 10)

    asyncio.run(run())
    assert not written.is_set()


def test_an_unexpected_fault_tells_nothing_of_the_house() -> None:
    def ask(_found: stream.Found, _wrote: stream.Wrote) -> Answer:
        raise RuntimeError("secret of the house")

    (_, (name, problem)) = collected(ask)
    assert name == "problem"
    assert problem["status"] == 500
    assert "secret" not in json.dumps(problem)


def test_our_own_errors_keep_their_status() -> None:
    def ask(_found: stream.Found, _wrote: stream.Wrote) -> Answer:
        raise BadRange("k", 0, 1, 100)

    (_, (name, problem)) = collected(ask)
    assert (name, problem["status"], problem["field"]) == ("problem", 422, "k")


def test_the_text_is_cut_at_its_quotes(asker: Asker) -> None:
    answer = asker.ask(QUESTION)
    pieces = list(stream.pieces(answer))
    assert "".join(pieces) == answer.text
    assert {citation.quote for citation in answer.citations} <= set(pieces)
    assert list(stream.pieces(replace(answer, citations=()))) == [answer.text]
