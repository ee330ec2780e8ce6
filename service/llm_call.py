"""One call to a model, as the HTTP client makes it: it ends in time, and when it is hung up on.

A client's time limits are for each read; a server that keeps a stream alive with nothing in it
would hold us for ever. And a thread that waits for a silent server sees nothing else: hanging up
shuts the connection under it.
"""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

MOST_BYTES = 8 * 1024 * 1024  # of one response, as sent
_OPENED = ("connect_tcp.complete", "connect_unix_socket.complete", "start_tls.complete")
_call: ContextVar["Call"] = ContextVar("call")  # the one made in this context


class Late(Exception):
    """The time is over, or too much has come."""


class Call:
    """``until`` is in seconds of ``clock``; safe among threads."""

    def __init__(self, until: float, clock: Callable[[], float]) -> None:
        self._until, self._clock = until, clock
        self._connection: socket.socket | None = None
        self._hung_up = False

    def begin(self) -> None:
        """From here on requests made in this context are of this call."""
        _call.set(self)

    def hang_up(self) -> None:
        """Whoever reads, or waits for something to read, gets an error of the connection."""
        self._hung_up = True
        connection = self._connection
        if connection is not None:
            with suppress(OSError):  # it is closed already
                connection.shutdown(socket.SHUT_RDWR)

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told of every step of the connection: httpcore's 'trace' extension."""
        if event.endswith(_OPENED):
            self._connection = info["return_value"].get_extra_info("socket")
            if self._hung_up:
                self.hang_up()

    def in_time(self, stream: Any) -> Any:
        """``stream``, ended by ``Late``."""
        import httpx2

        until, clock = self._until, self._clock

        class Watched(httpx2.SyncByteStream):
            def __iter__(self) -> Iterator[bytes]:
                seen = 0
                for piece in stream:
                    seen += len(piece)
                    if clock() >= until or seen > MOST_BYTES:
                        raise Late
                    yield piece

            def close(self) -> None:
                stream.close()

        return Watched()


def on_request(request: Any) -> None:
    """A hook of the client: the call sees the connection."""
    request.extensions = {**request.extensions, "trace": _call.get().trace}


def on_response(response: Any) -> None:
    """A hook of the client: the call ends the response when its time is over."""
    response.stream = _call.get().in_time(response.stream)
