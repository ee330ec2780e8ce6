"""A model behind an OpenAI-compatible endpoint: messages in, text out, within a time limit.

The text comes in pieces, as the model writes it; whoever leaves ends the request made for them.
The only module that imports ``openai``, and only once a model is asked. One call to one address,
without tools; redirects are not followed.
"""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from service.llm_call import Call, Late, on_request, on_response
from service.llm_reply import ModelFailed, loops
from service.waiting import pause, stopped_by_leaving

if TYPE_CHECKING:
    from openai import OpenAI

MOST_TOKENS = 1_500  # five sentences with their quotes, in the script that needs most
MOST_CHARACTERS = 16_000  # of one reply; thoughts aloud included
_CONNECT_SECONDS = 5.0  # an endpoint that is there answers at once
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0  # seconds between tries; doubled each time
_LOOK_EVERY = 400  # characters between two looks for a loop
_WORTH_ANOTHER_TRY = (408, 409, 425, 429, 500, 502, 503, 504, 529)
_NO_KEY = "none"  # the client insists on one; local servers do not look

_log = logging.getLogger(__name__)


class Model(Protocol):
    def stream(self, messages: Sequence[Mapping[str, str]]) -> Generator[str]:
        """What the model replies, piece by piece; raises ``ModelFailed``, also midway, and
        ``Gone`` when nobody waits any more. Closing it ends the request."""
        ...


def complete(model: Model, messages: Sequence[Mapping[str, str]]) -> str:
    """The whole reply of ``model``; raises ``ModelFailed``."""
    with closing(model.stream(messages)) as pieces:
        return "".join(pieces)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """``seconds`` is for one reply with all its tries; ``retries`` are tries after the first."""

    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    seconds: float = 30.0
    retries: int = 2


class ChatModel:
    """Safe among threads. ``clock`` gives seconds, ``sleep`` waits them."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = pause,
    ) -> None:
        self._endpoint = endpoint
        self._clock, self._sleep = clock, sleep
        self._client: OpenAI | None = None
        self._options: dict[str, Any] = {"temperature": 0, "max_tokens": MOST_TOKENS}

    def stream(self, messages: Sequence[Mapping[str, str]]) -> Generator[str]:
        """The reply; tried again, with pauses that double, while nothing has been said.

        Raises ``ModelFailed``: ``llm_unreachable``, ``llm_timeout``, ``llm_http_NNN``,
        ``llm_error``, ``llm_truncated``, ``llm_malformed``, ``llm_refused``, ``llm_looping``.
        """
        self._opened()  # the first time that takes a while, which is not the model's
        until = self._clock() + self._endpoint.seconds
        tries_left, wait_next = self._endpoint.retries, _FIRST_PAUSE
        while True:
            said = False
            try:
                with closing(self._try(messages, until)) as pieces:
                    for piece in pieces:
                        said = True
                        yield piece
                return
            except _Passing as failed:
                wait = max(wait_next, failed.wait)
                if said or not tries_left or self._clock() + wait >= until:
                    raise ModelFailed(failed.reason, failed.detail) from None
                _log.info("The model will be asked again in %.1f s: %s", wait, failed)
                self._sleep(wait)
                tries_left, wait_next = tries_left - 1, min(2 * wait_next, _LONGEST_PAUSE)

    def _try(self, messages: Sequence[Mapping[str, str]], until: float) -> Generator[str]:
        import httpx2
        import openai

        call = Call(until, self._clock)
        call.begin()
        left = max(0.1, until - self._clock())
        timeout = httpx2.Timeout(left, connect=min(left, _CONNECT_SECONDS))
        try:
            client = self._opened().with_options(timeout=timeout)
            with (
                stopped_by_leaving(call.hang_up),
                self._stream(client, messages) as stream,
            ):
                yield from self._read(stream)
        except (openai.APITimeoutError, httpx2.TimeoutException, Late):
            raise ModelFailed(
                "llm_timeout", f"no whole reply in {self._endpoint.seconds} s"
            ) from None
        except openai.APIStatusError as error:
            raise _of_status(error) from None
        except (openai.APIConnectionError, httpx2.TransportError) as error:
            raise _Passing("llm_unreachable", type(error.__cause__ or error).__name__) from None
        except openai.APIError as error:  # an error event in the stream
            raise _Passing("llm_error", str(error.code or error.type or "unnamed")) from None
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise ModelFailed("llm_malformed", type(error).__name__) from None

    def _stream(self, client: "OpenAI", messages: Sequence[Mapping[str, str]]) -> Any:
        """The open stream; asks once more without what this endpoint says it does not take."""
        import openai

        create: Any = client.chat.completions.create
        said = [dict(message) for message in messages]
        while True:
            options = self._options
            try:
                return create(model=self._endpoint.model, messages=said, stream=True, **options)
            except openai.BadRequestError as error:
                self._options = _taken(options, f"{error.param} {error.message}")
                if self._options == options:  # it gets shorter each time, so this ends
                    raise

    def _read(self, stream: Iterable[Any]) -> Iterator[str]:
        text, looked, finish = "", 0, None
        for chunk in stream:
            for choice in (chunk.choices or [])[:1]:
                delta = choice.delta
                if getattr(delta, "refusal", None):
                    raise ModelFailed("llm_refused")
                if getattr(delta, "tool_calls", None) or getattr(delta, "function_call", None):
                    raise ModelFailed("llm_malformed", "it called a tool; there are none")
                finish = choice.finish_reason or finish
                if delta.content:
                    text += delta.content
                    yield delta.content
            if len(text) - looked >= _LOOK_EVERY:
                looked = len(text)
                if loops(text) or len(text) > MOST_CHARACTERS:
                    raise ModelFailed("llm_looping", f"after {len(text)} characters")
        _check_finished(text, finish)

    def _opened(self) -> "OpenAI":
        if self._client is None:
            import httpx2
            import openai

            self._client = openai.OpenAI(
                base_url=self._endpoint.url,
                api_key=self._endpoint.key or _NO_KEY,
                max_retries=0,  # ours keep to the time limit
                http_client=openai.DefaultHttpxClient(
                    follow_redirects=False,
                    limits=httpx2.Limits(max_keepalive_connections=0),  # a question now and then
                    event_hooks={"request": [on_request], "response": [on_response]},
                ),
            )
        return self._client


class _Passing(Exception):
    """A failure that may be over at the next try; ``wait`` is in seconds, as the server asks."""

    def __init__(self, reason: str, detail: str, wait: float = 0.0) -> None:
        self.reason, self.detail, self.wait = reason, detail, wait
        super().__init__(f"{reason}: {detail}")


def _check_finished(text: str, finish: str | None) -> None:
    if finish == "content_filter":
        raise ModelFailed("llm_refused", finish)
    if finish == "length" and loops(text):
        raise ModelFailed("llm_looping", f"after {len(text)} characters")
    if finish is None or finish == "length":
        raise ModelFailed("llm_truncated", f"after {len(text)} characters")
    if not text.strip():
        raise ModelFailed("llm_malformed", "an empty reply")


def _taken(options: Mapping[str, Any], complaint: str) -> dict[str, Any]:
    """``options`` without the one that ``complaint`` names: newer models take no temperature, and
    have another name for the limit."""
    left = dict(options)
    if "max_tokens" in left and "max_tokens" in complaint:
        left["max_completion_tokens"] = left.pop("max_tokens")
    elif "temperature" in complaint:
        left.pop("temperature", None)
    return left


def _of_status(error: Any) -> Exception:
    reason = f"llm_http_{error.status_code}"
    if error.status_code not in _WORTH_ANOTHER_TRY:
        return ModelFailed(reason, type(error).__name__)
    try:
        wait = float(error.response.headers.get("retry-after", "0"))
    except ValueError:  # a date
        wait = 0.0
    return _Passing(reason, type(error).__name__, max(0.0, wait))
