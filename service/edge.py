"""The outermost layer of the app, as plain ASGI: body limit, security headers, metrics, and the
last resort against an exception that nothing else caught."""

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any

from service.metrics import Metrics
from service.problems import INTERNAL, INTERNAL_DETAIL, TOO_LARGE, problem, rendered

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

UNMATCHED = "unmatched"
CONVERSATION = 16  # a chat client sends all that was said before with every question
_CHATS = ("/v1/", "/mcp")
_THROWN_AWAY = 1 << 20  # bytes of a refused body that are still read

_HEADERS = [
    (
        b"content-security-policy",
        b"default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        b"object-src 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
]

_log = logging.getLogger(__name__)


class Edge:
    """Wraps ``app``; ``body_limit`` is in bytes, counted as they come when no length is given.

    The chat interfaces may send ``CONVERSATION`` times as much.
    """

    def __init__(self, app: App, *, metrics: Metrics, body_limit: int) -> None:
        self._app = app
        self._metrics = metrics
        self._body_limit = body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        self._metrics.begin()
        try:
            await self._answer(scope, receive, send_with_headers)
        except Exception:
            _log.exception("%s %s failed", scope["method"], scope["path"])
            if status:  # a response has begun: all that is left is to cut it off
                raise
            body = problem(INTERNAL, INTERNAL_DETAIL, scope["path"])
            await _send_problem(send_with_headers, body)
        finally:
            seconds = perf_counter() - started
            self._metrics.end(route_of(scope), method_of(scope), status or 500, seconds)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        if b"content-length" not in headers and b"transfer-encoding" not in headers:
            await self._app(scope, receive, send)
            return
        chats = scope["path"].startswith(_CHATS)
        limit = self._body_limit * (CONVERSATION if chats else 1)
        body = await _body(headers, receive, limit)
        if body is not None:
            await self._app(scope, _replay(body, receive), send)
            return
        detail = f"The body has more than {limit} bytes. Send a shorter one."
        refusal = problem(TOO_LARGE, detail, scope["path"], limit=limit)
        await _send_problem(send, refusal, (b"connection", b"close"))


def route_of(scope: Scope) -> str:
    """The template of the route that matched, such as '/api/documents/{id}'."""
    route = scope.get("route")
    return getattr(route, "path_format", None) or getattr(route, "path", None) or UNMATCHED


def method_of(scope: Scope) -> str:
    """The method, or 'OTHER' for an invented one, so that it makes no new series."""
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    return scope["method"] if scope["method"] in known else "OTHER"


async def _body(headers: dict[bytes, bytes], receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it has more than ``limit`` bytes.

    A body that is only somewhat too large is read to its end and thrown away: a connection
    closed on unread bytes is reset, and the client would not see why.
    """
    length = headers.get(b"content-length", b"")
    if length.isdigit() and int(length) > limit + _THROWN_AWAY:
        return None
    body, size, more = bytearray(), 0, True
    while more and size <= limit + _THROWN_AWAY:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)  # False also when the client has gone
        if size <= limit:
            body += message.get("body", b"")
    return bytes(body) if size <= limit else None


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def next_message() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return next_message


async def _send_problem(send: Send, body: dict[str, Any], *headers: tuple[bytes, bytes]) -> None:
    status, media_type, content = rendered(body)
    kept = [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content))]
    start = {"type": "http.response.start", "status": status, "headers": [*kept, *headers]}
    await send(start)
    await send({"type": "http.response.body", "body": content})
