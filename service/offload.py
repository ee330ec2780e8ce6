"""Where blocking work runs: in the thread pool, or on the event loop when it is quick enough."""

from collections import deque
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

QUICK_SECONDS = 0.003  # a trip to a thread and back costs 0.3 to 0.5 ms; a health check can wait 3
REMEMBERED = 32  # runs

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Offload:
    """Runs one kind of work, on the event loop while it has been quick, else in the thread pool.

    It starts in the pool. Runs there wait for one another, so the quickest remembered one tells
    what the work itself takes; on the loop the median does. ``clock`` gives seconds.
    """

    def __init__(self, *, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._seconds: deque[float] = deque(maxlen=REMEMBERED)
        self.inline = False

    async def run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What ``work`` returns; a run that raises is not remembered."""

        def timed() -> tuple[_T, float]:
            started = self._clock()
            done = work(*args, **kwargs)
            return done, self._clock() - started

        inline = self.inline
        done, seconds = timed() if inline else await run_in_threadpool(timed)
        if inline == self.inline:  # else a run that began under the other rule
            self._seconds.append(seconds)
            self._decide()
        return done

    def _decide(self) -> None:
        if len(self._seconds) < REMEMBERED:
            return
        usual = median(self._seconds) if self.inline else min(self._seconds)
        if (usual < QUICK_SECONDS) != self.inline:
            self.inline = not self.inline
            self._seconds.clear()
