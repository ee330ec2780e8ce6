"""A LangChain retriever over a running Sextant: ``SextantRetriever(base_url=...)``.

It asks ``POST /api/search`` and gives LangChain documents, whose metadata holds all that the hit
says of itself: symbol, labels, offsets, page, link, scores.
"""

from typing import Any

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from service.remote import Hit, Remote, about


class SextantRetriever(BaseRetriever):
    """The ``k`` passages nearest to a query, best first.

    ``filters`` are those of the API, such as ``{"language": ["zh", "en"]}``; ``collapse`` gives
    one language version of a paragraph; ``timeout`` is in seconds. Raises what ``Remote`` raises.
    """

    base_url: str = "http://127.0.0.1:8000"
    k: int = 4
    filters: dict[str, Any] = Field(default_factory=dict)
    collapse: bool = True
    timeout: float = 30.0

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_document(hit) for hit in self._remote().search(query)]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        return [_document(hit) for hit in await self._remote().asearch(query)]

    def _remote(self) -> Remote:
        return Remote(self.base_url, self.k, self.filters, self.collapse, self.timeout)


def _document(hit: Hit) -> Document:
    """``source`` is where LangChain's own tools look for an address."""
    return Document(id=hit["passage_id"], page_content=hit["text"], metadata=about(hit))
