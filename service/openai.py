"""The OpenAI-compatible API: /v1/chat/completions, /v1/responses, /v1/embeddings, /v1/models.

Thin over Asker. The models are ``sextant``, which answers, ``sextant-search``, which gives ranked
passages without prose, and the encoder under its own name, for embeddings.
"""

import logging
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from corpus import Hit, SextantError, UnknownModel
from index import Encoder, Filters, SearchResult
from service.answer import Asker
from service.followup import Turn
from service.openai_chat import Completion
from service.openai_embeddings import embed, model_name
from service.openai_errors import openai_error
from service.openai_reply import (
    Reply,
    Spoken,
    count_tokens,
    reply_to_answer,
    reply_to_search,
    spoken,
)
from service.openai_requests import ChatIn, EmbeddingsIn, ResponsesIn, SextantOptions, conversation
from service.openai_responses import ResponseDraft
from service.problems import INTERNAL, INTERNAL_DETAIL, body_of, problem
from service.reading import filters_of, read_body
from service.underway import News, Underway, unless_gone

ANSWERS, PASSAGES = "sextant", "sextant-search"  # the names of the models that chat

_CLIENT_GONE = 499  # as nginx logs it; nobody reads the response

Replied = tuple[Reply, Sequence[Hit]]  # with the hits behind it
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a chat or responses request asks, whoever's form it has."""

    model: str
    question: str
    history: tuple[Turn, ...]
    options: SextantOptions
    filters: Filters
    site: str  # this server's address, as the client knows it

    def tokens(self) -> int:
        return count_tokens(self.question, *(turn.text for turn in self.history))


@dataclass(frozen=True, slots=True)
class Route:
    """``shape`` is that of the request's body."""

    method: str
    path: str
    endpoint: Callable[[Request], Awaitable[Response]]
    shape: type[BaseModel] | None
    summary: str


class OpenAI:
    """The routes of ``/v1``."""

    def __init__(self, asker: Asker, encoder: Encoder) -> None:
        self._asker = asker
        self._encoder = encoder
        self._started = int(time.time())
        self._names = (ANSWERS, PASSAGES, model_name(encoder))

    async def models(self, _request: Request) -> Response:
        return _json({"object": "list", "data": [self._model(name) for name in self._names]})

    async def model(self, request: Request) -> Response:
        name = request.path_params["model"]
        self._check(name, self._names)
        return _json(self._model(name))

    async def embeddings(self, request: Request) -> Response:
        wanted = await read_body(request, EmbeddingsIn)
        self._check(wanted.model, self._names[2:])
        return _json(await run_in_threadpool(embed, self._encoder, wanted))

    async def chat(self, request: Request) -> Response:
        wanted = await read_body(request, ChatIn)
        asked = self._asked(request, wanted)
        base = Completion(f"chatcmpl-{uuid4().hex}", int(time.time()), asked.model, asked.tokens())
        if not wanted.stream:
            return await self._whole(request, asked, lambda reply, _: base.whole(reply))
        usage = bool(wanted.stream_options and wanted.stream_options.include_usage)
        return await self._streamed(
            request,
            asked,
            opening=[_data(base.opening())],
            part=lambda part: map(_data, base.spoken(part)),
            rest=lambda reply, _, since: map(
                _data, base.chunks(reply, include_usage=usage, since=since)
            ),
            closing=b"data: [DONE]\n\n",
            failure=lambda body: _data(openai_error(body)[1]),
        )

    async def responses(self, request: Request) -> Response:
        wanted = await read_body(request, ResponsesIn)
        asked = self._asked(request, wanted)
        draft = ResponseDraft(
            token=uuid4().hex,
            created=int(time.time()),
            model=asked.model,
            prompt_tokens=asked.tokens(),
            instructions=wanted.instructions,
            metadata=wanted.metadata,
        )
        if not wanted.stream:
            return await self._whole(request, asked, draft.whole)
        return await self._streamed(
            request,
            asked,
            opening=map(_event, draft.opening()),
            part=lambda part: map(_event, draft.spoken(part)),
            rest=lambda reply, hits, since: map(_event, draft.events(reply, hits, since)),
            closing=b"",
            failure=lambda body: _event(draft.failure(body["detail"])),
        )

    def routes(self) -> tuple[Route, ...]:
        return (
            Route("GET", "/v1/models", self.models, None, "The models there are"),
            Route("GET", "/v1/models/{model:path}", self.model, None, "One model"),
            Route("POST", "/v1/chat/completions", self.chat, ChatIn, "An answer to a chat"),
            Route("POST", "/v1/responses", self.responses, ResponsesIn, "An answer to an input"),
            Route("POST", "/v1/embeddings", self.embeddings, EmbeddingsIn, "Vectors of texts"),
        )

    def _asked(self, request: Request, wanted: ChatIn | ResponsesIn) -> Asked:
        self._check(wanted.model, (ANSWERS, PASSAGES))
        question, history = conversation(wanted)
        filters = filters_of(wanted.sextant.filters)
        site = str(request.base_url)
        return Asked(wanted.model, question, history, wanted.sextant, filters, site)

    async def _whole(
        self,
        request: Request,
        asked: Asked,
        body: Callable[[Reply, Sequence[Hit]], Mapping[str, Any]],
    ) -> Response:
        work = self._start(asked)
        try:
            return _json(body(*await unless_gone(request, work.done())))
        except ClientDisconnect:
            return Response(status_code=_CLIENT_GONE)
        finally:
            work.abandon()

    async def _streamed(
        self,
        request: Request,
        asked: Asked,
        *,
        opening: Iterable[bytes],
        part: Callable[[Spoken], Iterator[bytes]],
        rest: Callable[[Reply, Sequence[Hit], int], Iterator[bytes]],
        closing: bytes,
        failure: Callable[[Mapping[str, Any]], bytes],
    ) -> Response:
        """Begins before anything is searched for; what cannot be asked has its own status."""
        check = self._asker.check
        await run_in_threadpool(check, asked.question, asked.options.k, asked.filters)
        work = self._start(asked)

        async def sent() -> AsyncIterator[bytes]:
            try:
                for piece in opening:
                    yield piece
                since = 0
                async for told in work.news():
                    for piece in part(told):
                        yield piece
                    since = told.start + len(told.text)
                for piece in rest(*await work.done(), since):
                    yield piece
                yield closing
            except Exception as error:
                yield failure(_described(error, request.scope["path"]))

        return _Events(sent(), work.abandon)

    def _start(self, asked: Asked) -> Underway[Replied, Spoken]:
        work = _answer if asked.model == ANSWERS else _search
        return Underway(lambda news: work(self._asker, asked, news))

    def _check(self, name: str, allowed: Sequence[str]) -> None:
        if name not in allowed:
            raise UnknownModel(name, allowed)

    def _model(self, name: str) -> dict[str, Any]:
        return {"id": name, "object": "model", "created": self._started, "owned_by": "sextant"}


class _Events(StreamingResponse):
    """Server-sent events; ``abandon`` is called at their end, even if none was ever sent."""

    def __init__(self, sent: AsyncIterator[bytes], abandon: Callable[[], None]) -> None:
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}  # no proxy may wait
        super().__init__(sent, media_type="text/event-stream", headers=headers)
        self._abandon = abandon

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._abandon()


def _answer(asker: Asker, asked: Asked, news: News[Spoken]) -> Replied:
    options = asked.options
    results: list[SearchResult] = []

    def on_found(result: SearchResult) -> None:
        news.go_on()
        results.append(result)

    answer = asker.ask(
        asked.question,
        options.k,
        asked.filters,
        history=asked.history,
        on_found=on_found,
        on_part=lambda part: news.tell(spoken(part, results[0], options.k, asked.site)),
    )
    return reply_to_answer(answer, asked.site, source_list=options.source_list), answer.hits


def _search(asker: Asker, asked: Asked, news: News[Spoken]) -> Replied:
    result = asker.search(asked.question, asked.options.k, asked.filters)
    news.go_on()
    return reply_to_search(result, asked.site), result.hits


def _described(error: Exception, path: str) -> Mapping[str, Any]:
    if isinstance(error, SextantError):
        return body_of(error, path)
    _log.error("A streamed answer failed", exc_info=error)
    return problem(INTERNAL, INTERNAL_DETAIL, path)


def _data(body: Mapping[str, Any]) -> bytes:
    return b"data: %s\n\n" % orjson.dumps(body)


def _event(body: Mapping[str, Any]) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (body["type"].encode(), orjson.dumps(body))


def _json(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
