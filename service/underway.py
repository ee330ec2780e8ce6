"""Work under way in a thread, for a client that may leave before it is done."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Generic, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request

from service.waiting import Gone, Waiting, working_for

_T = TypeVar("_T")
_N = TypeVar("_N")


class News(Generic[_N]):
    """What work tells while it goes on. Called in its thread, which it ends once abandoned."""

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[_N | None] = asyncio.Queue()

    def tell(self, told: _N) -> None:
        self.go_on()
        self._loop.call_soon_threadsafe(self.queue.put_nowait, told)

    def go_on(self) -> None:
        self._waiting.check()
        anyio.from_thread.check_cancelled()


class Underway(Generic[_T, _N]):
    """Runs ``work(news)`` in a thread, from when its news are read or ``done`` is awaited.

    After ``abandon`` the work ends at its next step: where it tells something, or wherever else it
    calls ``anyio.from_thread.check_cancelled``; what it waits for is stopped (``service.waiting``).
    Made on the event loop.
    """

    def __init__(self, work: Callable[[News[_N]], _T]) -> None:
        self._scope = anyio.CancelScope()
        self._waiting = Waiting()
        self._news: News[_N] = News(self._waiting)
        self._work = work
        self._task: asyncio.Task[_T] | None = None

    async def news(self) -> AsyncIterator[_N]:
        """What the work tells, until it is done."""
        self._begin()
        while (told := await self._news.queue.get()) is not None:
            yield told

    async def done(self) -> _T:
        """What ``work`` returns; awaited once."""
        return await asyncio.shield(self._begin())

    def abandon(self) -> None:
        """Does nothing when the work is done."""
        self._waiting.leave()
        self._scope.cancel()

    def _begin(self) -> asyncio.Task[_T]:
        if self._task is None:
            self._task = asyncio.create_task(self._run())
            self._task.add_done_callback(_retrieve)
        return self._task

    async def _run(self) -> _T:
        try:
            with self._scope:
                return await anyio.to_thread.run_sync(self._in_thread)
        except Gone:
            pass
        finally:
            self._news.queue.put_nowait(None)
        raise ClientDisconnect  # the scope was cancelled, and has swallowed that

    def _in_thread(self) -> _T:
        with working_for(self._waiting):
            return self._work(self._news)


async def unless_gone(request: Request, work: Awaitable[_T]) -> _T:
    """What ``work`` gives; raises ``ClientDisconnect`` when the client leaves first.

    The request's body must have been read.
    """
    leaving = asyncio.ensure_future(_disconnected(request))
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({leaving, working}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise ClientDisconnect
    finally:
        leaving.cancel()
        working.cancel()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _retrieve(task: asyncio.Task[Any]) -> None:
    """Nobody waits for abandoned work; asyncio would complain of its exception."""
    if not task.cancelled():
        task.exception()
