"""The outermost layer alone, against an ASGI app made for the case."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from service.edge import UNMATCHED, Edge, method_of, route_of
from service.metrics import Metrics

LIMIT = 10
Sent = list[dict[str, Any]]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def call(
    app: Callable[..., Awaitable[None]],
    messages: Sent,
    headers: list[tuple[bytes, bytes]],
    metrics: Metrics | None = None,
) -> Sent:
    sent: Sent = []
    waiting = iter(messages)

    async def receive() -> Any:
        return next(waiting)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/x", "headers": headers}
    edge = Edge(app, metrics=metrics or Metrics(lambda: None), body_limit=LIMIT)
    asyncio.run(edge(scope, receive, send))
    return sent


def chunks(*bodies: bytes) -> Sent:
    last = len(bodies) - 1
    return [
        {"type": "http.request", "body": body, "more_body": at < last}
        for at, body in enumerate(bodies)
    ]


CHUNKED = [(b"transfer-encoding", b"chunked")]


def test_a_body_at_the_limit_passes_whole() -> None:
    sent = call(echo, chunks(b"12345", b"67890"), CHUNKED)
    assert sent[0]["status"] == 200
    assert sent[1]["body"] == b"1234567890"


def test_a_chunked_body_over_the_limit_is_refused_after_its_end() -> None:
    sent = call(echo, chunks(b"123456", b"123456", b"123456"), CHUNKED)
    assert sent[0]["status"] == 413
    assert (b"connection", b"close") in sent[0]["headers"]


def test_an_endless_body_is_refused_without_its_end() -> None:
    endless = [{"type": "http.request", "body": b"1" * (1 << 19), "more_body": True}] * 3
    assert call(echo, endless, CHUNKED)[0]["status"] == 413


def test_a_declared_length_over_the_limit_is_refused_after_the_body() -> None:
    sent = call(echo, chunks(b"12345678901"), [(b"content-length", b"11")])
    assert sent[0]["status"] == 413


def test_a_huge_declared_length_is_refused_unread() -> None:
    assert call(echo, [], [(b"content-length", b"9999999")])[0]["status"] == 413


def test_a_client_that_leaves_does_not_hold_the_request() -> None:
    gone = [{"type": "http.request", "body": b"1", "more_body": True}, {"type": "http.disconnect"}]
    assert call(echo, gone, CHUNKED)[1]["body"] == b"1"


def test_after_the_body_the_app_hears_the_client() -> None:
    async def listens(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        heard.append(await receive())

    heard: Sent = []
    call(listens, [*chunks(b"1"), {"type": "http.disconnect"}], CHUNKED)
    assert heard == [{"type": "http.disconnect"}]


def test_an_exception_becomes_a_problem() -> None:
    async def fails(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("secret")

    metrics = Metrics(lambda: None)
    sent = call(fails, [], [], metrics)
    assert sent[0]["status"] == 500
    assert b"secret" not in sent[1]["body"]
    assert b'route="unmatched",status="500"' in metrics.text()
    assert b"sextant_requests_in_flight 0.0" in metrics.text()


def test_an_exception_inside_a_response_cuts_it_off() -> None:
    async def fails_late(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        raise RuntimeError("late")

    with pytest.raises(RuntimeError, match="late"):
        call(fails_late, [], [])


def test_what_is_not_http_passes_untouched() -> None:
    seen: Sent = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    edge = Edge(app, metrics=Metrics(lambda: None), body_limit=LIMIT)
    asyncio.run(edge({"type": "lifespan"}, None, None))  # neither is used
    assert seen == [{"type": "lifespan"}]


def test_labels_cannot_be_invented() -> None:
    assert route_of({}) == UNMATCHED
    assert method_of({"method": "BREW"}) == "OTHER"
    assert method_of({"method": "GET"}) == "GET"
