"""The HTTP API and the page: routes, lifespan, and the OpenAPI document.

Routes are thin: check the request with pydantic, do the work off the event loop (a search, where
it is quick: see ``service/offload.py``), write the JSON of ``service/serialise.py``. The response
models only document.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import PlainTextResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.middleware.cors import CORSMiddleware

from corpus import Answer, SextantError
from service import page, problems, schema, serialise, stream
from service.answer import Asker
from service.commands import index_opener, open_settings_encoder
from service.edge import CONVERSATION, Edge
from service.feedback import FILE, FeedbackStore
from service.feedback_shapes import FeedbackIn, FeedbackOut, opinion
from service.followup import Turn
from service.live import LiveIndex
from service.mcp import McpHttp
from service.mcp_tools import Toolbox
from service.metrics import CONTENT_TYPE, Metrics
from service.offload import Offload
from service.openai import OpenAI
from service.openapi import chat_errors, errors, request_body, with_shapes
from service.reading import filters_of, read_body
from service.settings import Settings
from service.writer import Writer
from service.writers import asker_of

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_log = logging.getLogger(__name__)


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        return with_shapes(super().openapi())


def create_app(live: LiveIndex, settings: Settings, *, writer: Writer | None = None) -> FastAPI:
    """The app; ``writer`` is the one that the settings name unless another is given.

    Starts without an index, and serves from one as soon as it is built.
    """
    asker = asker_of(live.current, live.encoder, settings, writer)
    tools = McpHttp(
        Toolbox(asker, live.current), settings, body_limit=settings.body_limit * CONVERSATION
    )
    app = _App(
        title="Sextant",
        description="Answers from official documents in six languages, cited to the paragraph. "
        "Offsets are Unicode code points, end exclusive.",
        docs_url=None,  # these two load from other hosts
        redoc_url=None,
        lifespan=_opening(live, tools),
    )
    metrics = Metrics(live.peek)
    if settings.widget_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.widget_origins,
            allow_methods=["GET", "POST"],
            allow_headers=["content-type"],
        )
    app.add_middleware(Edge, metrics=metrics, body_limit=settings.body_limit)
    problems.install(app)
    _add_questions(app, asker)
    _add_chat(app, OpenAI(asker, live.encoder))
    methods = ["GET", "POST", "DELETE"]
    app.add_api_route("/mcp", tools.answer, methods=methods, include_in_schema=False)
    _add_documents(app, live)
    _add_feedback(app, live, settings)
    _add_operations(app, live, metrics)
    page.install(app)
    return app


def from_environment() -> FastAPI:
    """The app with the settings of the environment, for ``uvicorn --factory``.

    Raises ``BadSetting``, ``EncoderUnavailable``, ``RerankerUnavailable``.
    """
    settings = Settings.from_environment()
    encoder = open_settings_encoder(settings)
    live = LiveIndex(settings.data, encoder, opener=index_opener(settings))
    return create_app(live, settings)


def _opening(live: LiveIndex, tools: McpHttp) -> Lifespan:
    """Opens the index before the first request; without one the server starts all the same."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await run_in_threadpool(live.current)
        except SextantError:
            _log.warning("Serving without an index until there is one.")
        async with tools.running():
            yield

    return lifespan


def _add_questions(app: FastAPI, asker: Asker) -> None:
    searching = Offload()

    @app.post(
        "/api/search",
        response_model=schema.SearchOut,
        responses=errors(400, 413, 415, 422, 500, 503),
        openapi_extra=request_body(schema.SearchIn),
        summary="The passages nearest to a query",
    )
    async def search(request: Request) -> Response:
        wanted = await read_body(request, schema.SearchIn)
        return await searching.run(_search, asker, wanted)

    @app.post(
        "/api/ask",
        response_model=schema.AskOut,
        responses=errors(400, 413, 415, 422, 500, 503),
        openapi_extra=request_body(schema.AskIn),
        summary="An answer of quotations, each with its citation",
        description="With the header Accept: text/event-stream the answer comes as events: "
        "start, hits, text (pieces, in order), answer (what is described here), or problem.",
    )
    async def ask(request: Request) -> Response:
        wanted = await read_body(request, schema.AskIn)
        if stream.MEDIA_TYPE in request.headers.get("accept", ""):
            return _stream(asker, wanted, request.scope["path"])
        return await run_in_threadpool(_ask, asker, wanted)


def _search(asker: Asker, wanted: schema.SearchIn) -> Response:
    filters = filters_of(wanted.filters)
    result = asker.search(wanted.query, wanted.k, filters, collapse=wanted.collapse)
    return _json(serialise.search_json(result))


def _ask(asker: Asker, wanted: schema.AskIn) -> Response:
    filters = filters_of(wanted.filters)
    answer = asker.ask(wanted.question, wanted.k, filters, history=_turns(wanted))
    return _json(serialise.answer_json(answer))


def _turns(wanted: schema.AskIn) -> list[Turn]:
    return [Turn(turn.role, turn.content) for turn in wanted.history]


def _stream(asker: Asker, wanted: schema.AskIn, path: str) -> Response:
    filters = filters_of(wanted.filters)

    def ask(found: stream.Found, wrote: stream.Wrote) -> Answer:
        return asker.ask(
            wanted.question,
            wanted.k,
            filters,
            history=_turns(wanted),
            on_found=found,
            on_part=wrote,
        )

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}  # a proxy must not wait
    return StreamingResponse(
        stream.events(ask, path), media_type=stream.MEDIA_TYPE, headers=headers
    )


def _add_chat(app: FastAPI, api: OpenAI) -> None:
    for route in api.routes():
        app.add_api_route(
            route.path,
            route.endpoint,
            methods=[route.method],
            response_model=None,
            responses=chat_errors(),
            openapi_extra=request_body(route.shape) if route.shape else None,
            summary=route.summary,
        )


def _add_documents(app: FastAPI, live: LiveIndex) -> None:
    @app.get(
        "/api/documents",
        response_model=schema.DocumentsOut,
        responses=errors(500, 503),
        summary="Every document, without its text",
    )
    def documents() -> Response:
        index = live.current()
        listed = [serialise.document_summary_json(each) for each in index.documents.values()]
        return _json({"documents": listed, "generation": index.generation})

    @app.get(
        "/api/documents/{id:path}",
        response_model=schema.DocumentOut,
        responses=errors(404, 500, 503, only=("document", "missing")),
        summary="One document with its paragraphs",
    )
    def document(id: str) -> Response:
        return _json(serialise.document_json(live.current().document(id)))

    @app.get(
        "/api/passages/{id:path}",
        response_model=schema.PassageWithNeighbours,
        responses=errors(404, 422, 500, 503, only=("passage", "range", "missing")),
        summary="One passage, with its neighbours",
    )
    def passage(
        id: str,
        context: Annotated[
            int,
            Query(ge=0, le=schema.CONTEXT_LIMIT, description="How many neighbours on each side."),
        ] = 0,
    ) -> Response:
        index = live.current()
        found = index.passage(id)
        before, after = index.neighbours(id, context)
        return _json(
            serialise.passage_json(
                found,
                index.document(found.document_id),
                before=before,
                after=after,
                generation=index.generation,
            )
        )


def _add_feedback(app: FastAPI, live: LiveIndex, settings: Settings) -> None:
    store = FeedbackStore(settings.data / FILE)

    def keep(told: FeedbackIn) -> Response:
        given = opinion(told, live.current().documents, settings.question_limit)
        store.add(given)
        return _json({"id": given.id, "verdict": given.verdict, "reason": given.reason})

    @app.post(
        "/api/feedback",
        response_model=FeedbackOut,
        responses=errors(400, 413, 415, 422, 500, 503),
        openapi_extra=request_body(FeedbackIn),
        summary="What a reader thought of an answer",
    )
    async def feedback(request: Request) -> Response:
        return await run_in_threadpool(keep, await read_body(request, FeedbackIn))


def _add_operations(app: FastAPI, live: LiveIndex, metrics: Metrics) -> None:
    @app.get("/healthz", response_model=schema.HealthOut, summary="The process answers")
    async def healthz() -> Response:
        return _json({"status": "ok"})

    @app.get(
        "/readyz",
        response_model=schema.ReadyOut,
        responses=errors(503),
        summary="An index is open",
    )
    def readyz() -> Response:
        index = live.current()
        return _json(
            {
                "status": "ready",
                "generation": index.generation,
                "documents": len(index.documents),
                "passages": len(index.passages),
            }
        )

    @app.get(
        "/metrics",
        response_class=PlainTextResponse,
        summary="Figures in the Prometheus text format",
    )
    def metrics_text() -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})


def _json(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
