"""Quick work moves onto the event loop, slow work back to the pool; time is told, not measured."""

import asyncio
import threading

import pytest

from service.offload import QUICK_SECONDS, REMEMBERED, Offload

QUICK, SLOW = QUICK_SECONDS / 2, QUICK_SECONDS * 2


class Clock:
    """Moves on by ``takes`` between a run's start and its end."""

    def __init__(self) -> None:
        self.now = self.takes = 0.0
        self._running = False

    def __call__(self) -> float:
        self.now += self.takes if self._running else 0.0
        self._running = not self._running
        return self.now


def runs(offload: Offload, clock: Clock, takes: float, count: int = REMEMBERED) -> set[bool]:
    """Whether each of ``count`` runs was on the loop's own thread."""

    async def go() -> set[bool]:
        here = threading.get_ident()
        clock.takes = takes
        return {await offload.run(threading.get_ident) == here for _ in range(count)}

    return asyncio.run(go())


def test_it_starts_in_the_pool_and_moves_onto_the_loop_when_quick() -> None:
    clock = Clock()
    offload = Offload(clock=clock)
    assert runs(offload, clock, QUICK) == {False}
    assert runs(offload, clock, QUICK) == {True}


def test_slow_work_stays_in_the_pool() -> None:
    clock = Clock()
    offload = Offload(clock=clock)
    assert runs(offload, clock, SLOW, 3 * REMEMBERED) == {False}


def test_in_the_pool_the_quickest_run_tells() -> None:
    clock = Clock()
    offload = Offload(clock=clock)
    runs(offload, clock, SLOW, REMEMBERED - 1)
    runs(offload, clock, QUICK, 1)
    assert offload.inline


def test_work_that_becomes_slow_moves_back_but_one_slow_run_does_not_move_it() -> None:
    clock = Clock()
    offload = Offload(clock=clock)
    runs(offload, clock, QUICK, 2 * REMEMBERED)
    runs(offload, clock, SLOW, 1)
    assert offload.inline
    runs(offload, clock, SLOW)
    assert not offload.inline
    assert runs(offload, clock, SLOW, 1) == {False}


def test_a_run_that_raises_is_passed_on_and_not_remembered() -> None:
    def fails() -> None:
        raise ValueError("no")

    offload = Offload()
    for _ in range(REMEMBERED + 1):
        with pytest.raises(ValueError, match="no"):
            asyncio.run(offload.run(fails))
    assert not offload.inline


def test_a_run_that_ends_under_the_other_rule_does_not_count() -> None:
    offload = Offload(clock=lambda: 0.0)
    entered, go_on = threading.Event(), threading.Event()

    def waits() -> str:
        entered.set()
        go_on.wait(30)
        return "done"

    async def go() -> str:
        late = asyncio.ensure_future(offload.run(waits))
        await asyncio.to_thread(entered.wait, 30)
        for _ in range(REMEMBERED):
            await offload.run(int)
        assert offload.inline
        go_on.set()
        return await late

    assert asyncio.run(go()) == "done"
    assert offload.inline
