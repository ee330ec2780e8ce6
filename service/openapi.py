"""What ``/openapi.json`` says beyond the routes' own signatures: errors and request bodies."""

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from corpus import (
    BadFilter,
    BadRange,
    EmptyQuestion,
    IndexCorrupt,
    IndexMissing,
    QuestionTooLong,
    SextantError,
    UnknownDocument,
    UnknownPassage,
)
from service import examples, problems, schema
from service.feedback_shapes import FeedbackIn, FeedbackOut
from service.openai_errors import OpenAIErrorOut
from service.openai_requests import ChatIn, EmbeddingsIn, ResponsesIn

_SCHEMAS = "#/components/schemas/"
_BODIES: tuple[type[BaseModel], ...] = (
    schema.SearchIn,
    schema.AskIn,
    FeedbackIn,
    schema.ProblemOut,
    ChatIn,
    ResponsesIn,
    EmbeddingsIn,
    OpenAIErrorOut,
)
_SHOWN: Mapping[type[BaseModel], Mapping[str, object]] = {
    schema.SearchOut: examples.SEARCH,
    schema.AskOut: examples.ANSWER,
    schema.DocumentsOut: examples.DOCUMENTS,
    schema.DocumentOut: examples.DOCUMENT,
    schema.PassageWithNeighbours: examples.PASSAGE,
    FeedbackOut: examples.FEEDBACK,
    schema.HealthOut: examples.HEALTH,
    schema.ReadyOut: examples.READY,
}

Example = tuple[problems.Kind, str, Mapping[str, object]]


def _ours(error: SextantError, **more: object) -> Example:
    return problems.kind_of(error), str(error), more


_FIELDS = ", ".join(schema.SearchIn.model_fields)
_EXAMPLES: Mapping[int, Mapping[str, Example]] = {
    400: {"malformed": (problems.MALFORMED, "The body is not JSON: EOF while parsing.", {})},
    404: {
        "document": _ours(UnknownDocument("a-105-9999-en")),
        "passage": _ours(UnknownPassage("a-105-9999-en:7")),
    },
    413: {
        "large": (
            problems.TOO_LARGE,
            "The body has more than 65536 bytes. Send a shorter one.",
            {"limit": 65_536},
        )
    },
    415: {"type": (problems.NOT_JSON, problems.NOT_JSON_DETAIL, {})},
    422: {
        "empty": _ours(EmptyQuestion()),
        "too_long": _ours(QuestionTooLong(2_345, 2_000), limit=2_000),
        "filter": _ours(
            BadFilter("language", "unknown value 'xx'. Allowed: en, zh."),
            field="filters.language",
        ),
        "range": (
            problems.KINDS[BadRange],
            "'k': Input should be less than or equal to 100.",
            {"field": "k", "limit": schema.K_LIMIT},
        ),
        "field": (
            problems.INVALID,
            f"'top' is not a field of this request. Fields: {_FIELDS}.",
            {"field": "top", "allowed": list(schema.SearchIn.model_fields)},
        ),
    },
    500: {"internal": (problems.INTERNAL, problems.INTERNAL_DETAIL, {})},
    503: {
        "missing": _ours(IndexMissing(Path("data"))),
        "corrupt": _ours(IndexCorrupt(Path("manifest.json"), "does not match its checksum")),
    },
}


def errors(*statuses: int, only: tuple[str, ...] = ()) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: each error with its examples, or those named by ``only``."""
    return {status: _response(_EXAMPLES[status], only) for status in statuses}


def chat_errors() -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route of the OpenAI-compatible API, whose errors are OpenAI's."""
    statuses = (400, 404, 413, 415, 500, 503)
    shape = {"$ref": _SCHEMAS + OpenAIErrorOut.__name__}
    content = {"application/json": {"schema": shape}}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": content}
        for status in statuses
    }


def request_body(shape: type[BaseModel]) -> dict[str, Any]:
    """The ``openapi_extra`` of a route that reads its body itself."""
    content = {"application/json": {"schema": {"$ref": _SCHEMAS + shape.__name__}}}
    return {"requestBody": {"required": True, "content": content}}


def with_shapes(document: dict[str, Any]) -> dict[str, Any]:
    """Adds to an OpenAPI document the shapes that ``errors`` and ``request_body`` point to, and
    examples; takes out the error that FastAPI adds to every route with a parameter."""
    schemas = document["components"]["schemas"]
    for shape in _BODIES:
        described = shape.model_json_schema(ref_template=_SCHEMAS + "{model}")
        schemas.update(described.pop("$defs", {}))
        schemas[shape.__name__] = described
    for shape, example in _SHOWN.items():
        schemas[shape.__name__]["examples"] = [example]
    for operation in (each for path in document["paths"].values() for each in path.values()):
        if "application/json" in operation["responses"].get("422", {}).get("content", {}):
            del operation["responses"]["422"]
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    return document


def _response(examples: Mapping[str, Example], only: tuple[str, ...]) -> dict[str, Any]:
    shown = {
        name: {"summary": kind.title, "value": problems.problem(kind, detail, "/api/…", **more)}
        for name, (kind, detail, more) in examples.items()
        if not only or name in only or len(examples) == 1
    }
    described = {"schema": {"$ref": _SCHEMAS + schema.ProblemOut.__name__}, "examples": shown}
    summary = "; ".join(dict.fromkeys(examples[name][0].title for name in shown))
    return {"description": summary, "content": {problems.MEDIA_TYPE: described}}
