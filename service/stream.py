"""An answer as server-sent events: what was found, then the text as it is written, then all of it.

Events, each with JSON data: ``start``, ``hits`` (as ``POST /api/search`` answers), ``text`` (the
next piece; all of them together are the answer's text), ``answer`` (as ``POST /api/ask`` answers),
or ``problem`` (problem details) in place of what did not come.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import orjson

from corpus import Answer, SextantError
from index import SearchResult
from service.problems import INTERNAL, INTERNAL_DETAIL, body_of, problem
from service.serialise import answer_json, search_json

MEDIA_TYPE = "text/event-stream"

Found = Callable[[SearchResult], None]

_log = logging.getLogger(__name__)


class _Gone(Exception):
    """The client has gone: nothing more is worth doing."""


async def events(ask: Callable[[Found], Answer], path: str) -> AsyncIterator[bytes]:
    """The events of ``ask(found)``, which runs in a thread; the first comes before it begins.

    When the reader goes away, nothing is written any more. ``path`` is the request's.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    gone = False

    def put(sent: bytes | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, sent)

    def found(result: SearchResult) -> None:
        if gone:
            raise _Gone
        put(event("hits", search_json(result)))

    def work() -> None:
        try:
            answer = ask(found)
            for piece in pieces(answer):
                put(event("text", {"text": piece}))
            put(event("answer", answer_json(answer)))
        except _Gone:
            _log.debug("Nobody waits for this answer any more.")
        except SextantError as error:
            put(event("problem", body_of(error, path)))
        except Exception:
            _log.exception("The answer to a streamed question failed")
            put(event("problem", problem(INTERNAL, INTERNAL_DETAIL, path)))
        put(None)

    yield event("start", {})
    working = loop.run_in_executor(None, work)
    try:
        while (sent := await queue.get()) is not None:
            yield sent
        await working
    finally:
        gone = True


def event(name: str, data: Mapping[str, Any]) -> bytes:
    """One event; JSON has no raw line break, so its data is one line."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))


def pieces(answer: Answer) -> Iterator[str]:
    """The text cut before and after every quote, so that each comes with what leads in to it."""
    at = 0
    for citation in sorted(answer.citations, key=lambda each: each.answer_start):
        for cut in (citation.answer_start, citation.answer_end):
            if cut > at:
                yield answer.text[at:cut]
                at = cut
    if at < len(answer.text):
        yield answer.text[at:]
