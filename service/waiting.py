"""Whoever waits for an answer may leave: what is under way for them is then stopped.

A thread that works for somebody does so within ``working_for``. What it does there, such as
waiting for a model, need not know them: it says within ``stopped_by_leaving`` how it is stopped.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar


class Gone(Exception):
    """Nobody waits for this any more: nothing more is worth doing."""


class Waiting:
    """Somebody who waits; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = threading.Event()
        self._stops: list[Callable[[], None]] = []

    @property
    def gone(self) -> bool:
        return self._left.is_set()

    def check(self) -> None:
        """Raises ``Gone`` when they have left."""
        if self.gone:
            raise Gone

    def leave(self) -> None:
        """Stops what is under way; called in any thread, any number of times."""
        with self._lock:
            self._left.set()
            stops, self._stops = self._stops, []
        for stop in stops:
            stop()

    def pause(self, seconds: float) -> None:
        """Waits, no longer than they do; raises ``Gone``."""
        if self._left.wait(seconds):
            raise Gone

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Within, ``stop`` is called, in the thread of whoever notices, as soon as they leave."""
        with self._lock:
            self.check()
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock, suppress(ValueError):  # it was called
                self._stops.remove(stop)


_waits: ContextVar[Waiting | None] = ContextVar("waits", default=None)


@contextmanager
def working_for(waiting: Waiting) -> Iterator[None]:
    """Within, what this thread does is done for them; raises ``Gone`` when they left before."""
    waiting.check()
    token = _waits.set(waiting)
    try:
        yield
    finally:
        _waits.reset(token)


@contextmanager
def stopped_by_leaving(stop: Callable[[], None]) -> Iterator[None]:
    """Within, ``stop`` is called when whoever this thread works for leaves; whatever error that
    makes of what was under way, ``Gone`` is raised. Without anybody, nothing is changed."""
    waiting = _waits.get()
    if waiting is None:
        yield
        return
    with waiting.stopping(stop):
        try:
            yield
        except Exception:
            waiting.check()
            raise


def pause(seconds: float) -> None:
    """``time.sleep``, no longer than whoever this thread works for waits; raises ``Gone``."""
    waiting = _waits.get()
    if waiting is None:
        time.sleep(seconds)
    else:
        waiting.pause(seconds)
