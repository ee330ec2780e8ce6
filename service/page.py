"""The page: files as they are, and one document for every address that the page itself reads."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles

WEB = Path(__file__).parent / "web"
ADDRESSES = ("/", "/search", "/documents", "/history", "/d/{document:path}")

# Looked at again every time: a release changes all files at once, and a mixture would not work.
_FRESH = {"cache-control": "no-cache"}


class _Files(StaticFiles):
    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers.update(_FRESH)
        return response


def install(app: Starlette) -> None:
    """Serves the page and what it is made of."""
    app.mount("/web", _Files(directory=WEB), name="web")
    for address in ADDRESSES:
        app.add_route(address, _page, include_in_schema=False)


async def _page(_request: Request) -> Response:
    return FileResponse(WEB / "index.html", headers=_FRESH)
