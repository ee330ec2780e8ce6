"""A server under load while its index is rebuilt, and one that stops with a request in flight."""

import json
import socket
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from support.documents import Builder, small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.server import Running, serving

from corpus import Document, Hit
from index import build_index
from service.app import create_app
from service.live import LiveIndex
from service.settings import Settings
from service.writer import Draft

CLIENTS, BUILDS, MOST_TRIES = 4, 5, 5_000


def edition(number: int) -> tuple[Document, ...]:
    """Documents whose ids and texts tell which build they are of."""
    return tuple(
        Builder(f"edition{number}.{name}", "en")
        .paragraph(f"1. Edition {number} {name} says that debris is dangerous. " * 3, "1")
        .paragraph(f"2. Edition {number} {name} says that orbits are crowded. " * 3, "2")
        .build(symbol=f"E/{number}", title=f"Edition {number}")
        for name in ("one", "two")
    )


class Load:
    """Clients that search until told to stop, and keep every response."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stop = threading.Event()
        self.responses: list[httpx.Response] = []
        self.errors: list[Exception] = []
        self._threads = [threading.Thread(target=self._run) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _run(self) -> None:
        try:
            with httpx.Client(base_url=self._url, timeout=30) as client:
                while not self._stop.is_set():
                    sent = {"query": "edition debris orbits", "k": 20}
                    self.responses.append(client.post("/api/search", json=sent))
        except httpx.HTTPError as error:
            self.errors.append(error)

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)


def test_generations_swap_under_load_without_a_dropped_or_mixed_response(tmp_path: Path) -> None:
    encoder = BagOfWordsEncoder()
    texts = {document.id: document.text for n in range(BUILDS) for document in edition(n)}
    edition_of = {build_index(edition(0), encoder, tmp_path).generation: 0}
    app = create_app(
        LiveIndex(tmp_path, encoder, check_seconds=0), Settings(corpus=tmp_path, data=tmp_path)
    )
    with serving(app) as client:
        load = Load(str(client.base_url))
        try:
            for number in range(1, BUILDS):
                built = build_index(edition(number), encoder, tmp_path).generation
                edition_of[built] = number
                served = (client.get("/readyz").json()["generation"] for _ in range(MOST_TRIES))
                assert any(generation == built for generation in served)
        finally:
            load.stop()
    assert not load.errors
    assert len(edition_of) == BUILDS
    seen = set()
    for response in load.responses:
        assert response.status_code == 200
        body = response.json()
        number = edition_of[body["generation"]]
        seen.add(number)
        assert body["hits"]
        for hit in body["hits"]:
            assert hit["symbol"] == f"E/{number}"
            assert texts[hit["document_id"]][hit["start"] : hit["end"]] == hit["text"]
    assert seen


def test_a_damaged_rebuild_leaves_the_old_generation_serving(tmp_path: Path) -> None:
    encoder = BagOfWordsEncoder()
    first = build_index(edition(0), encoder, tmp_path).generation
    live = LiveIndex(tmp_path, encoder, check_seconds=0, background=lambda work: work())
    with serving(create_app(live, Settings(corpus=tmp_path, data=tmp_path))) as client:
        assert client.get("/readyz").json()["generation"] == first
        second = build_index(edition(1), encoder, tmp_path).generation
        for file in sorted((tmp_path / "generations" / second).rglob("*.jsonl")):
            file.write_bytes(b"damaged")
        for _ in range(3):
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["generation"]) == (200, first)


def test_an_index_built_while_serving_is_found(tmp_path: Path) -> None:
    encoder = BagOfWordsEncoder()
    live = LiveIndex(tmp_path, encoder, check_seconds=0)
    with serving(create_app(live, Settings(corpus=tmp_path, data=tmp_path))) as client:
        assert client.get("/readyz").status_code == 503
        built = build_index(edition(0), encoder, tmp_path).generation
        assert client.get("/readyz").json()["generation"] == built


class SlowWriter:
    """Holds an answer until told."""

    name = "slow"

    def __init__(self) -> None:
        self.entered, self.go_on = threading.Event(), threading.Event()

    def write(self, question: str, language: str, hits: Sequence[Hit], *_: Any) -> Draft:
        self.entered.set()
        self.go_on.wait(30)
        return Draft(())


def accepts(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError:
        return False
    return True


def test_stopping_finishes_the_request_in_flight(tmp_path: Path) -> None:
    encoder, writer = BagOfWordsEncoder(), SlowWriter()
    build_index(small_corpus(), encoder, tmp_path)
    settings = Settings(corpus=tmp_path, data=tmp_path)
    running = Running(create_app(LiveIndex(tmp_path, encoder), settings, writer=writer))
    responses: list[httpx.Response] = []

    def ask() -> None:
        url = f"{running.url}/api/ask"
        responses.append(httpx.post(url, json={"question": "debris in orbit"}, timeout=30))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        assert writer.entered.wait(30)
        running.server.should_exit = True
        while accepts(running.address):
            pass  # until it is stopping; our answer is not out yet
        assert not responses
    finally:
        writer.go_on.set()
        asking.join(30)
        running.stop()
    assert [response.status_code for response in responses] == [200]
    assert json.loads(responses[0].content)["writer"] == "slow"
