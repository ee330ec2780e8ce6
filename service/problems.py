"""Every error as RFC 9457 problem details: one table from error class to status.

The type is a URN that stays the same when the wording changes, so that a client can switch on it.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from corpus import (
    BadCitation,
    BadFilter,
    BadRange,
    EmptyQuestion,
    EncoderMismatch,
    EncoderUnavailable,
    FeedbackUnavailable,
    IndexCorrupt,
    IndexMissing,
    IndexUnavailable,
    InputError,
    QuestionTooLong,
    RerankerUnavailable,
    SextantError,
    UnknownDocument,
    UnknownModel,
    UnknownPassage,
    UnsupportedParameter,
)
from service.openai_errors import openai_error

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:problem-type:sextant:"
_BUILD = "sextant build"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """What all problems of one kind share; ``command`` is the one that puts things right."""

    status: int
    name: str
    title: str
    command: str | None = None


MALFORMED = Kind(400, "malformed-json", "The body is not JSON")
INVALID = Kind(422, "invalid-request", "A field is missing or wrong")
TOO_LARGE = Kind(413, "body-too-large", "The body is too large")
NOT_JSON = Kind(415, "unsupported-media-type", "The body is not declared as JSON")
INTERNAL = Kind(500, "internal", "Something went wrong")

KINDS: Mapping[type[SextantError], Kind] = {
    EmptyQuestion: Kind(422, "empty-question", "The question is empty"),
    QuestionTooLong: Kind(422, "question-too-long", "The question is too long"),
    BadFilter: Kind(422, "bad-filter", "A filter cannot be used"),
    BadRange: Kind(422, "out-of-range", "A number is outside its limits"),
    UnknownDocument: Kind(404, "unknown-document", "No such document"),
    UnknownPassage: Kind(404, "unknown-passage", "No such passage"),
    BadCitation: Kind(422, "bad-citation", "The document does not say this there"),
    UnknownModel: Kind(404, "model-not-found", "No such model"),
    UnsupportedParameter: Kind(422, "unsupported-parameter", "A parameter cannot be used here"),
    InputError: INVALID,
    IndexMissing: Kind(503, "index-missing", "There is no index", _BUILD),
    IndexCorrupt: Kind(503, "index-corrupt", "The index is damaged", f"{_BUILD} --force"),
    EncoderMismatch: Kind(503, "encoder-mismatch", "The index has another encoder", _BUILD),
    IndexUnavailable: Kind(503, "index-unavailable", "The index cannot be used", _BUILD),
    RerankerUnavailable: Kind(503, "reranker-unavailable", "The reranker cannot be loaded"),
    EncoderUnavailable: Kind(503, "encoder-unavailable", "The encoder cannot be loaded"),
    FeedbackUnavailable: Kind(503, "feedback-unavailable", "Feedback cannot be kept"),
    SextantError: INTERNAL,
}

NOT_JSON_DETAIL = "Send the header Content-Type: application/json."
INTERNAL_DETAIL = "The server could not answer; its log says why."

_HTTP = {
    400: MALFORMED,
    404: Kind(404, "unknown-route", "Nothing is served here"),
    405: Kind(405, "method-not-allowed", "The route does not take this method"),
    413: TOO_LARGE,
    415: NOT_JSON,
}
_HTTP_DETAIL = {
    404: "Nothing is served at this address; GET /openapi.json lists what is.",
    405: "This address does not take that method; the Allow header lists those it takes.",
    415: NOT_JSON_DETAIL,
}


_OUT_OF_RANGE = {"greater_than_equal", "less_than_equal"}


def kind_of(error: SextantError) -> Kind:
    """The table's entry for the error's class, or for its nearest base class there."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def problem(kind: Kind, detail: str, instance: str, **more: object) -> dict[str, Any]:
    """The body; ``instance`` is an unquoted path; what is None in ``more`` is left out."""
    body: dict[str, Any] = {
        "type": _TYPE + kind.name,
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": quote(instance, errors="replace"),
    }
    given = {"command": kind.command, **more}
    return body | {name: value for name, value in given.items() if value is not None}


def encode(body: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON; a lone surrogate that a client sent comes back as its escape."""
    return json.dumps(body, ensure_ascii=False).encode("utf-8", "backslashreplace")


def rendered(body: Mapping[str, Any]) -> tuple[int, str, bytes]:
    """(status, media type, content) of a problem, as the clients of its address read it: OpenAI's
    error object under ``/v1/``, problem details elsewhere."""
    if body["instance"].startswith("/v1/"):
        status, shown = openai_error(body)
        return status, "application/json", encode(shown)
    return body["status"], MEDIA_TYPE, encode(body)


def install(app: FastAPI) -> None:
    """Makes ``app`` answer every error with problem details."""
    app.add_exception_handler(SextantError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def body_of(error: SextantError, path: str) -> dict[str, Any]:
    """The problem details of one of our errors; what a client must not see goes to the log."""
    kind = kind_of(error)
    if kind is INTERNAL:
        _log.error("%s: %s", path, error)
        return problem(kind, INTERNAL_DETAIL, path)
    field = getattr(error, "field", None)
    if isinstance(error, BadFilter):
        field = f"filters.{field}"
    more = {name: getattr(error, name, None) for name in ("allowed", "limit")}
    return problem(kind, str(error), path, field=field, **more)


def invalid(errors: Iterable[Mapping[str, Any]]) -> Exception:
    """What to raise when pydantic finds ``errors``; their ``loc`` begins with 'body'."""
    return RequestValidationError([dict(each) for each in errors])


async def _ours(request: Request, error: Exception) -> Response:
    known = error if isinstance(error, SextantError) else SextantError(str(error))
    return _response(body_of(known, request.scope["path"]))


async def _invalid(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    types = {error["type"] for error in errors}
    kind = MALFORMED if "json_invalid" in types else INVALID
    if types and types <= _OUT_OF_RANGE:
        kind = KINDS[BadRange]
    found = [_one(e) for e in errors]
    first = found[0] if found else {"detail": kind.title}
    detail = str(first.pop("detail"))
    others = [{"field": f.get("field"), "detail": f["detail"]} for f in found[1:]] or None
    return _respond(request, kind, detail, **first, others=others)


async def _http(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    kind = _HTTP.get(status) or Kind(status, f"http-{status}", HTTPStatus(status).phrase)
    detail = _HTTP_DETAIL.get(status) or str(getattr(error, "detail", kind.title))
    response = _respond(request, kind, detail)
    response.headers.update(getattr(error, "headers", None) or {})
    return response


def _respond(request: Request, kind: Kind, detail: str, **more: object) -> Response:
    return _response(problem(kind, detail, request.scope["path"], **more))


def _response(body: Mapping[str, Any]) -> Response:
    status, media_type, content = rendered(body)
    return Response(content, status, media_type=media_type)


def _one(error: Mapping[str, Any]) -> dict[str, object]:
    """What pydantic found, in our words: field, detail, and what is allowed."""
    context = error.get("ctx") or {}
    if error["type"] == "json_invalid":
        return {"detail": f"The body is not JSON: {context.get('error', 'it cannot be parsed')}."}
    place: Sequence[object] = error["loc"]  # 'body', 'query' or 'path', then the field
    field = ".".join(str(part) for part in place[1:])
    name = field or "the body"
    match error["type"]:
        case "missing":
            detail = f"'{name}' is missing."
        case "extra_forbidden":
            allowed = context.get("allowed")
            detail = f"'{name}' is not a field of this request. Fields: {', '.join(allowed or ())}."
            return {"field": field, "detail": detail, "allowed": allowed}
        case "value_error":
            detail = f"'{name}' {context.get('error')}."
        case _:
            detail = f"'{name}': {error['msg']}."
    limit = context.get("le", context.get("ge"))
    return {"field": field or None, "detail": detail, "limit": limit}
