"""A running Sextant asked over HTTP, for the retrievers of other libraries."""

from dataclasses import dataclass, field
from typing import Any

import httpx

from corpus import InputError, SextantError

Hit = dict[str, Any]  # as ``POST /api/search`` gives it


@dataclass(frozen=True, slots=True)
class Remote:
    """Searches like a ``POST /api/search`` with these fields; ``timeout`` is in seconds.

    Raises ``InputError`` when the request is wrong, ``SextantError`` when the server cannot answer
    it, and what httpx raises when it cannot be reached.
    """

    base_url: str
    k: int
    filters: dict[str, Any] = field(default_factory=dict)
    collapse: bool = True
    timeout: float = 30.0

    def search(self, query: str) -> list[Hit]:
        with httpx.Client(timeout=self.timeout) as client:
            return _hits(client.post(self._address(), json=self._body(query)))

    async def asearch(self, query: str) -> list[Hit]:
        async with httpx.AsyncClient(timeout=self.timeout) as client:
            return _hits(await client.post(self._address(), json=self._body(query)))

    def _address(self) -> str:
        return f"{self.base_url.rstrip('/')}/api/search"

    def _body(self, query: str) -> dict[str, Any]:
        filters = self.filters or None
        return {"query": query, "k": self.k, "filters": filters, "collapse": self.collapse}


def about(hit: Hit) -> dict[str, Any]:
    """All that a hit says of its passage but the text, and ``source``: the official address, or
    the file's name."""
    known = {name: value for name, value in hit.items() if name != "text"}
    return {**known, "source": hit["url"] or hit["file"]}


def _hits(response: httpx.Response) -> list[Hit]:
    if response.is_error:
        raise _error(response)
    hits: list[Hit] = response.json()["hits"]
    return hits


def _error(response: httpx.Response) -> SextantError:
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):  # of a proxy, or of another server
        detail = f"{response.url} answered {response.status_code}; is a Sextant there?"
    return InputError(detail) if response.status_code < 500 else SextantError(detail)
