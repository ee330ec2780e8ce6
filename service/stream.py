"""An answer as server-sent events: what was found, then the text as it is written, then all of it.

Events, each with JSON data: ``start``, ``hits`` (as ``POST /api/search`` answers), ``text`` (the
next piece; all of them together are the answer's text), ``answer`` (as ``POST /api/ask`` answers),
or ``problem`` (problem details) in place of what did not come. What a model writes is sent sentence
by sentence, each once its citations are checked.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import orjson

from corpus import Answer, SextantError
from index import SearchResult
from service.compose import Part
from service.problems import INTERNAL, INTERNAL_DETAIL, body_of, problem
from service.serialise import answer_json, search_json
from service.waiting import Gone, Waiting, working_for

MEDIA_TYPE = "text/event-stream"

Found = Callable[[SearchResult], None]
Wrote = Callable[[Part], None]

_log = logging.getLogger(__name__)


async def events(ask: Callable[[Found, Wrote], Answer], path: str) -> AsyncIterator[bytes]:
    """The events of ``ask(found, wrote)``, which runs in a thread; the first comes before it
    begins. It tells what it found, and the parts of the text that it has finished before the rest.

    When the reader goes away, nothing is written any more. ``path`` is the request's.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    reader = Waiting()

    def put(sent: bytes | None) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, sent)

    def found(result: SearchResult) -> None:
        reader.check()
        put(event("hits", search_json(result)))

    def work() -> None:
        since = 0

        def wrote(part: Part) -> None:
            nonlocal since
            reader.check()
            put(event("text", {"text": part.text}))
            since = part.start + len(part.text)

        try:
            with working_for(reader):
                answer = ask(found, wrote)
            for piece in pieces(answer, since):
                put(event("text", {"text": piece}))
            put(event("answer", answer_json(answer)))
        except Gone:
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
        reader.leave()


def event(name: str, data: Mapping[str, Any]) -> bytes:
    """One event; JSON has no raw line break, so its data is one line."""
    return b"event: %s\ndata: %s\n\n" % (name.encode(), orjson.dumps(data))


def pieces(answer: Answer, since: int = 0) -> Iterator[str]:
    """The text from the character ``since`` on, cut before and after every quote, so that each
    comes with what leads in to it."""
    at = since
    for citation in sorted(answer.citations, key=lambda each: each.answer_start):
        for cut in (citation.answer_start, citation.answer_end):
            if cut > at:
                yield answer.text[at:cut]
                at = cut
    if at < len(answer.text):
        yield answer.text[at:]
