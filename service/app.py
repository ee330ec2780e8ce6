"""The HTTP API and the page: routes, lifespan, and the OpenAPI document.

Routes are thin: check the request with pydantic, do the work off the event loop (a search, where
it is quick: see ``service/offload.py``), write the JSON of ``service/serialise.py``. The response
models only document.
"""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, PlainTextResponse
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from corpus import SextantError
from index import Filters, open_encoder
from service import problems, schema, serialise
from service.answer import Asker
from service.edge import Edge
from service.live import LiveIndex
from service.metrics import CONTENT_TYPE, Metrics
from service.offload import Offload
from service.openapi import errors, request_body, with_shapes
from service.settings import Settings
from service.writer import ExtractiveWriter, Writer

WEB = Path(__file__).parent / "web"

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
_Shape = TypeVar("_Shape", bound=BaseModel)
_log = logging.getLogger(__name__)


class _App(FastAPI):
    def openapi(self) -> dict[str, Any]:
        return with_shapes(super().openapi())


def create_app(live: LiveIndex, settings: Settings, *, writer: Writer | None = None) -> FastAPI:
    """The app; ``writer`` is the extractive one unless another is given.

    Starts without an index, and serves from one as soon as it is built.
    """
    app = _App(
        title="Sextant",
        description="Answers from official documents in six languages, cited to the paragraph. "
        "Offsets are Unicode code points, end exclusive.",
        docs_url=None,  # these two load from other hosts
        redoc_url=None,
        lifespan=_opening(live),
    )
    metrics = Metrics(live.peek)
    asker = Asker(
        live.current,
        writer or ExtractiveWriter(live.encoder),
        question_limit=settings.question_limit,
    )
    app.add_middleware(Edge, metrics=metrics, body_limit=settings.body_limit)
    problems.install(app)
    _add_questions(app, asker)
    _add_documents(app, live)
    _add_operations(app, live, metrics)
    _add_page(app)
    return app


def from_environment() -> FastAPI:
    """The app with the settings of the environment, for ``uvicorn --factory``.

    Raises ``BadSetting``, ``EncoderUnavailable``.
    """
    settings = Settings.from_environment()
    encoder = open_encoder(settings.encoder, device=settings.device, precision=settings.precision)
    return create_app(LiveIndex(settings.data, encoder), settings)


def _opening(live: LiveIndex) -> Lifespan:
    """Opens the index before the first request; without one the server starts all the same."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await run_in_threadpool(live.current)
        except SextantError:
            _log.warning("Serving without an index until there is one.")
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
        wanted = await _read(request, schema.SearchIn)
        return await searching.run(_search, asker, wanted)

    @app.post(
        "/api/ask",
        response_model=schema.AskOut,
        responses=errors(400, 413, 415, 422, 500, 503),
        openapi_extra=request_body(schema.AskIn),
        summary="An answer of quotations, each with its citation",
    )
    async def ask(request: Request) -> Response:
        wanted = await _read(request, schema.AskIn)
        return await run_in_threadpool(_ask, asker, wanted)


def _search(asker: Asker, wanted: schema.SearchIn) -> Response:
    filters = _filters(wanted.filters)
    result = asker.search(wanted.query, wanted.k, filters, collapse=wanted.collapse)
    return _json(serialise.search_json(result))


def _ask(asker: Asker, wanted: schema.AskIn) -> Response:
    answer = asker.ask(wanted.question, wanted.k, _filters(wanted.filters))
    return _json(serialise.answer_json(answer))


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


def _add_page(app: FastAPI) -> None:
    app.mount("/web", StaticFiles(directory=WEB), name="web")

    @app.get("/", include_in_schema=False)
    async def page() -> Response:
        return FileResponse(WEB / "index.html", headers={"cache-control": "no-cache"})


async def _read(request: Request, shape: type[_Shape]) -> _Shape:
    """The body as ``shape``; raises what ``service/problems.py`` turns into 415, 400 and 422."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json" and not given.endswith("+json"):
        raise HTTPException(415)
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError(
            [
                {
                    **each,
                    "loc": ("body", *each["loc"]),
                    "ctx": {"allowed": schema.fields_at(shape, each["loc"]), **each.get("ctx", {})},
                }
                for each in error.errors(include_url=False, include_input=False)
            ]
        ) from None


def _filters(given: schema.FiltersIn | None) -> Filters:
    if given is None:
        return Filters()
    return Filters(
        document=tuple(given.document),
        work=tuple(given.work),
        language=tuple(given.language),
        publisher=tuple(given.publisher),
        date_from=given.date_from,
        date_to=given.date_to,
        symbol_prefix=given.symbol_prefix,
    )


def _json(body: Mapping[str, Any]) -> Response:
    return Response(orjson.dumps(body), media_type="application/json")
