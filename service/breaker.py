"""A model that has failed several times in a row is left alone for a while.

Without that, every question would wait for a model that is down before it is answered.
"""

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing

from service.llm_client import Model
from service.llm_reply import ModelFailed

FAILURES = 3  # in a row
REST_SECONDS = 30.0
_DOWN = ("llm_unreachable", "llm_timeout", "llm_error", "llm_http_429", "llm_http_5")


class Breaker:
    """Safe among threads; one for all who ask the same endpoint. ``clock`` gives seconds.

    After a rest everybody may try again; one failure is then enough for the next rest.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._rests_until = float("-inf")

    @property
    def rests(self) -> bool:
        with self._lock:
            return self._clock() < self._rests_until

    def note(self, *, down: bool) -> None:
        """How a try went."""
        with self._lock:
            self._failed = self._failed + 1 if down else 0
            if self._failed >= FAILURES:
                self._rests_until = self._clock() + REST_SECONDS


class RestedModel:
    """``model``, asked only while ``breaker`` lets."""

    def __init__(self, model: Model, breaker: Breaker) -> None:
        self._model, self._breaker = model, breaker

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Generator[str]:
        """Raises what ``model`` raises, and ``ModelFailed`` (``llm_resting``) without asking."""
        if self._breaker.rests:
            raise ModelFailed("llm_resting", f"it failed {FAILURES} times in a row")
        try:
            with closing(self._model.stream(messages)) as pieces:
                yield from pieces
        except ModelFailed as failed:
            self._breaker.note(down=failed.reason.startswith(_DOWN))
            raise
        except GeneratorExit:  # enough was read, so that it is up; or the reader has gone
            self._breaker.note(down=False)
            raise
        self._breaker.note(down=False)
