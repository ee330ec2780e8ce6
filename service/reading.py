"""Reads the body of a request, and turns its filters into what a search takes."""

from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from index import Filters
from service.problems import invalid
from service.schema import FiltersIn, fields_at

_Shape = TypeVar("_Shape", bound=BaseModel)


async def read_body(request: Request, shape: type[_Shape]) -> _Shape:
    """The body as ``shape``; raises what ``service/problems.py`` turns into 415, 400 and 422."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given != "application/json" and not given.endswith("+json"):
        raise HTTPException(415)
    try:
        return shape.model_validate_json(await request.body())
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise invalid(
            {
                **each,
                "loc": ("body", *each["loc"]),
                "ctx": {"allowed": fields_at(shape, each["loc"]), **each.get("ctx", {})},
            }
            for each in found
        ) from None


def filters_of(given: FiltersIn | None) -> Filters:
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
