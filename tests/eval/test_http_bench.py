"""The HTTP bench against a real server: what it asks, counts and prints; no time is asserted."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.server import Running

from eval.bench import http
from index import build_index, open_encoder
from service.app import create_app
from service.live import LiveIndex
from service.settings import Settings

COUNT = len(http.QUESTIONS)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    build_index(small_corpus(), BagOfWordsEncoder(), tmp_path)
    app = create_app(
        LiveIndex(tmp_path, BagOfWordsEncoder()), Settings(corpus=tmp_path, data=tmp_path)
    )
    http.add_memory(app)
    running = Running(app)
    yield running
    running.stop()


async def ask_twice(port: int, path: str, body: dict[str, object]) -> list[bytes]:
    connection = await http.Connection.open(port)
    try:
        request = http.request_bytes(path, body)
        return [(await connection.post(request))[1] for _ in range(2)]
    finally:
        await connection.close()


def test_the_memory_endpoint_returns_the_same_json(running: Running) -> None:
    body: dict[str, object] = {"query": http.QUESTIONS[0], "k": 3}
    kept = asyncio.run(ask_twice(running.address[1], http.MEMORY, body))
    assert kept[0] == kept[1]
    searched = json.loads(asyncio.run(ask_twice(running.address[1], http.SEARCH, body))[0])
    assert json.loads(kept[0])["hits"] == searched["hits"]


def test_a_refusal_stops_the_bench(running: Running) -> None:
    with pytest.raises(RuntimeError, match="empty-question"):
        asyncio.run(ask_twice(running.address[1], http.SEARCH, {"query": ""}))


def test_each_endpoint_is_asked_as_often_as_told(running: Running) -> None:
    timings = asyncio.run(http.measure(running.address[1], k=3, rounds=2, count=COUNT))
    assert [(each.path, each.connections) for each in timings] == [
        (path, width) for width in http.CONNECTIONS for path in (http.MEMORY, http.SEARCH, http.ASK)
    ]
    assert {each.requests for each in timings} == {2 * COUNT}
    assert all(0 < each.p50 <= each.p95 for each in timings)


def test_ratios_divide_the_medians(capsys: pytest.CaptureFixture[str]) -> None:
    timings = [
        http.Timing(path, width, 5, p50 * width, 9.0, 1.0)
        for width in http.CONNECTIONS
        for path, p50 in ((http.MEMORY, 0.5), (http.SEARCH, 1.0), (http.ASK, 3.0))
    ]
    found = http.ratios(timings)
    assert found["1"] == found["16"] == {"search/memory": 2.0, "ask/search": 3.0}
    http.show(timings, found)
    assert "search/memory 2.00×" in capsys.readouterr().out


def test_the_program_measures_an_app_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build_index(small_corpus(), open_encoder(), tmp_path)
    monkeypatch.setenv("SEXTANT_DATA", str(tmp_path))
    few = ["--rounds", "1", "--count", str(COUNT), "--json"]
    assert http.main([*few, "--limit", "1000000"]) == 0
    assert set(json.loads(capsys.readouterr().out)["p50_ratios"]) == {"1", "16"}
    assert http.main([*few, "--limit", "0"]) == 1
