"""A LangChain retriever over a running Sextant: ``SextantRetriever(base_url=...)``.

It asks ``POST /api/search`` and gives LangChain documents, whose metadata holds all that the hit
says of itself: symbol, labels, offsets, page, link, scores.
"""

from typing import Any

import httpx
from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from corpus import InputError, SextantError


class SextantRetriever(BaseRetriever):
    """The ``k`` passages nearest to a query, best first.

    ``filters`` are those of the API, such as ``{"language": ["zh", "en"]}``; ``collapse`` gives
    one language version of a paragraph; ``timeout`` is in seconds. Raises ``InputError`` when the
    request is wrong, ``SextantError`` when the server cannot answer it, and what httpx raises
    when it cannot be reached.
    """

    base_url: str = "http://127.0.0.1:8000"
    k: int = 4
    filters: dict[str, Any] = Field(default_factory=dict)
    collapse: bool = True
    timeout: float = 30.0

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        with httpx.Client(timeout=self.timeout) as client:
            return _documents(client.post(self._address(), json=self._body(query)))

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        async with httpx.AsyncClient(timeout=self.timeout) as client:
            return _documents(await client.post(self._address(), json=self._body(query)))

    def _address(self) -> str:
        return f"{self.base_url.rstrip('/')}/api/search"

    def _body(self, query: str) -> dict[str, Any]:
        filters = self.filters or None
        return {"query": query, "k": self.k, "filters": filters, "collapse": self.collapse}


def _documents(response: httpx.Response) -> list[Document]:
    if response.is_error:
        raise _error(response)
    return [_document(hit) for hit in response.json()["hits"]]


def _document(hit: dict[str, Any]) -> Document:
    """``source`` is where LangChain's own tools look for an address."""
    about = {name: value for name, value in hit.items() if name != "text"}
    about["source"] = hit["url"] or hit["file"]
    return Document(id=hit["passage_id"], page_content=hit["text"], metadata=about)


def _error(response: httpx.Response) -> SextantError:
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):  # of a proxy, or of another server
        detail = f"{response.url} answered {response.status_code}; is a Sextant there?"
    return InputError(detail) if response.status_code < 500 else SextantError(detail)
