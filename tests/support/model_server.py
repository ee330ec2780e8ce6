"""A small OpenAI-compatible endpoint whose replies are scripted, served over real HTTP.

``Endpoint`` answers the n-th request with the n-th script (the last one again and again), and keeps
every request. A script is given the request's body and returns how to answer it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from support.server import Running

Body = dict[str, Any]
Script = Callable[[Body], Response]
Said = str | Callable[[Body], str]  # text, or what makes it of the request


def line(sentence: str, *quotes: tuple[int, str]) -> str:
    """One line of the form a model is asked for."""
    listed = [{"passage": n, "quote": quote} for n, quote in quotes]
    return json.dumps({"sentence": sentence, "quotes": listed}, ensure_ascii=False) + "\n"


def passages(body: Body) -> list[dict[str, Any]]:
    """The passages that a request holds."""
    found: list[dict[str, Any]] = json.loads(body["messages"][-1]["content"])["passages"]
    return found


def says(text: Said, *, finish: str | None = "stop") -> Script:
    """Streams ``text`` in pieces that cut words and characters' escapes anywhere."""

    def script(body: Body) -> Response:
        whole = text if isinstance(text, str) else text(body)
        deltas: list[Body] = [{"role": "assistant", "content": ""}]
        deltas += [{"content": whole[at : at + 7]} for at in range(0, len(whole), 7)]
        return streamed(*map(chunk, deltas), *([chunk({}, finish)] if finish else []))

    return script


def chunks(*deltas: Body, finish: str | None = "stop") -> Script:
    """Streams ``deltas`` as they are."""
    return lambda body: streamed(*map(chunk, deltas), chunk({}, finish))


def fails(status: int, error: Mapping[str, Any] | None = None, **headers: str) -> Script:
    body = {"error": {"message": "no", "type": "t", "param": None, "code": "c", **(error or {})}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: JSONResponse(body, status, headers=named)


def sends(*events: str) -> Script:
    """Streams raw events, whatever they are, and ends."""
    return lambda body: streamed(*events)


def never_ends(event: str) -> Script:
    """Streams ``event`` until nobody listens."""

    async def forever() -> AsyncIterator[str]:
        while True:
            yield event
            await asyncio.sleep(0)

    return lambda body: StreamingResponse(forever(), media_type="text/event-stream")


def never_answers() -> Script:
    """Takes the request and says nothing until nobody listens."""

    async def silent() -> AsyncIterator[str]:
        await asyncio.Event().wait()
        yield ""

    return lambda body: StreamingResponse(silent(), media_type="text/event-stream")


@dataclass
class Pause:
    """Where a script stops until ``go_on``; ``left`` is set if whoever listens leaves before."""

    go_on: Event = field(default_factory=Event)
    left: Event = field(default_factory=Event)


def pauses(before: Said, pause: Pause, *after: str) -> Script:
    """Streams ``before``, and the raw events ``after`` once the pause is over; meanwhile comments,
    as a server that keeps its connection alive sends them."""

    def script(body: Body) -> Response:
        first = before if isinstance(before, str) else before(body)

        async def told() -> AsyncIterator[str]:
            yield chunk({"content": first})
            try:
                while not pause.go_on.is_set():
                    yield ": still here\n\n"
                    await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pause.left.set()
                raise
            for each in after:
                yield each

        return StreamingResponse(told(), media_type="text/event-stream")

    return script


def chunk(delta: Body, finish: str | None = None) -> str:
    held = {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "scripted",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }
    return f"data: {json.dumps(held)}\n\n"


def streamed(*events: str) -> Response:
    async def body() -> AsyncIterator[str]:
        for event in events:
            yield event
        yield "data: [DONE]\n\n"

    return StreamingResponse(body(), media_type="text/event-stream")


@dataclass
class Scripted:
    """The endpoint; ``url`` is its base address, ``requests`` what came, ``paths`` where to."""

    scripts: list[Script]
    url: str = ""
    requests: list[Body] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        self.paths.append(f"{request.method} {request.url.path}")
        self.headers.append(dict(request.headers))
        body = await request.body()
        self.requests.append(json.loads(body) if body else {})
        script = self.scripts[min(len(self.requests), len(self.scripts)) - 1]
        return script(self.requests[-1])


@contextmanager
def model_server(*scripts: Script) -> Iterator[Scripted]:
    """Any path and method is taken, so that a stray request is seen."""
    scripted = Scripted(list(scripts))
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    running = Running(Starlette(routes=[Route("/{path:path}", scripted.answer, methods=methods)]))
    scripted.url = f"{running.url}/v1"
    try:
        yield scripted
    finally:
        running.stop()
