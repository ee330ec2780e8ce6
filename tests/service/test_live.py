"""Generations swapped under a running server: when it looks, what it serves, what it survives."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.fake_encoder import BagOfWordsEncoder
from support.fake_index import Clock, FakeStore, Later

from corpus import IndexCorrupt, IndexMissing
from service.live import CHECK_SECONDS, LONGEST_WAIT_SECONDS, LiveIndex

DATA = Path("data")
CORRUPT = IndexCorrupt(Path("passages.jsonl"), "does not match its checksum")


def live_index(
    store: FakeStore, clock: Clock, background: Callable[[Callable[[], None]], None]
) -> LiveIndex:
    return LiveIndex(
        DATA, BagOfWordsEncoder(), clock=clock, opener=store.open, background=background
    )


def now(work: Callable[[], None]) -> None:
    work()


def test_it_opens_on_first_use_and_only_once() -> None:
    store, clock = FakeStore(), Clock()
    live = live_index(store, clock, now)
    assert live.peek() is None
    first = live.current()
    assert live.current() is first
    assert live.peek() is first
    assert store.opened == 1


def test_it_looks_at_most_once_a_second() -> None:
    store, clock = FakeStore(), Clock()
    live = live_index(store, clock, now)
    live.current()
    for _ in range(50):
        clock.now += CHECK_SECONDS / 10
        live.current()
    assert 4 <= store.checks <= 5
    assert store.opened == 1


def test_a_new_generation_is_served_after_the_next_look() -> None:
    store, clock = FakeStore(), Clock()
    live = live_index(store, clock, now)
    live.current()
    store.generation = "g2"
    assert live.current().generation == "g1"
    clock.now += CHECK_SECONDS
    assert live.current().generation == "g2"


def test_the_old_generation_serves_while_the_new_one_opens_and_it_opens_once() -> None:
    store, clock, later = FakeStore(), Clock(), Later()
    live = live_index(store, clock, later)
    live.current()
    store.generation = "g2"
    for _ in range(3):
        clock.now += CHECK_SECONDS
        assert live.current().generation == "g1"
    assert len(later.work) == 1
    later.run()
    assert live.current().generation == "g2"
    assert store.opened == 2


def test_without_an_index_it_says_so_and_recovers_when_one_is_built() -> None:
    store, clock = FakeStore(), Clock()
    store.error = IndexMissing(DATA)
    live = live_index(store, clock, now)
    for _ in range(3):
        with pytest.raises(IndexMissing):
            live.current()
    assert store.opened == 1
    store.error = None
    clock.now += CHECK_SECONDS
    assert live.current().generation == "g1"


def test_a_corrupt_new_generation_is_logged_once_and_the_old_one_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, clock = FakeStore(), Clock()
    live = live_index(store, clock, now)
    live.current()
    store.generation, store.error = "g2", CORRUPT
    for _ in range(8):
        clock.now += LONGEST_WAIT_SECONDS
        assert live.current().generation == "g1"
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(errors) == 1
    assert "passages.jsonl" in errors[0].getMessage()
    store.error = None
    clock.now += LONGEST_WAIT_SECONDS
    assert live.current().generation == "g2"


def test_it_waits_longer_after_each_failure_up_to_a_limit() -> None:
    store, clock = FakeStore(), Clock()
    store.error = CORRUPT
    live = live_index(store, clock, now)
    tries = []
    for second in range(300):
        clock.now = 100.0 + second
        before = store.opened
        with pytest.raises(IndexCorrupt):
            live.current()
        if store.opened > before:
            tries.append(second)
    assert tries == [0, 2, 6, 14, 30, 62, 122, 182, 242]


def test_an_unforeseen_error_while_swapping_is_logged_and_the_old_one_stays(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store, clock = FakeStore(), Clock()
    live = live_index(store, clock, now)
    live.current()
    store.generation, store.error = "g2", OSError("the disk went away")
    clock.now += CHECK_SECONDS
    assert live.current().generation == "g1"
    assert "the disk went away" in caplog.text
    store.error = None
    clock.now += LONGEST_WAIT_SECONDS
    assert live.current().generation == "g2"


def test_many_first_requests_open_one_index() -> None:
    store, clients = FakeStore(), 8
    arrived = threading.Semaphore(0)
    found: list[object] = []

    def opener(data: Path, encoder: object) -> object:
        for _ in range(clients):
            arrived.acquire()
        return store.open(data, encoder)

    def ask() -> None:
        arrived.release()
        found.append(live.current())

    live = LiveIndex(DATA, BagOfWordsEncoder(), clock=Clock(), opener=opener)
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.opened == 1
    assert len(found) == clients
    assert len({id(each) for each in found}) == 1


def test_by_default_the_new_generation_opens_in_a_thread_of_its_own() -> None:
    store, clock = FakeStore(), Clock()
    opened_in: list[str] = []
    swapped = threading.Event()

    def opener(data: Path, encoder: object) -> object:
        opened_in.append(threading.current_thread().name)
        index = store.open(data, encoder)
        if len(opened_in) == 2:
            swapped.set()
        return index

    live = LiveIndex(DATA, BagOfWordsEncoder(), clock=clock, opener=opener)
    live.current()
    store.generation = "g2"
    clock.now += CHECK_SECONDS
    live.current()
    assert swapped.wait(10)
    for thread in threading.enumerate():
        if thread.name == opened_in[1]:
            thread.join(10)
    assert opened_in == [threading.current_thread().name, "sextant-swap"]
    assert live.current().generation == "g2"
