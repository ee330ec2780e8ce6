"""Work under way in a thread, for a client that may leave before it is done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request

from index import SearchResult

_T = TypeVar("_T")

OnFound = Callable[[SearchResult], None]


class Underway(Generic[_T]):
    """Runs ``work(on_found)`` in a thread, from when ``done`` is awaited.

    After ``abandon`` the work ends at its next step: where it tells what was found, or wherever
    else it calls ``anyio.from_thread.check_cancelled``.
    """

    def __init__(self, work: Callable[[OnFound], _T]) -> None:
        self._scope = anyio.CancelScope()
        self._work = work

    async def done(self) -> _T:
        """What ``work`` returns; awaited once."""
        task = asyncio.create_task(self._run())
        task.add_done_callback(_retrieve)
        return await asyncio.shield(task)

    def abandon(self) -> None:
        """Does nothing when the work is done."""
        self._scope.cancel()

    async def _run(self) -> _T:
        with self._scope:
            return await anyio.to_thread.run_sync(self._work, _go_on)
        raise ClientDisconnect  # the scope was cancelled, and has swallowed that


def _go_on(_found: SearchResult) -> None:
    """Called in the thread; ends it when its work was abandoned."""
    anyio.from_thread.check_cancelled()


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
