"""A LlamaIndex retriever over a running Sextant: ``SextantRetriever(base_url=...)``.

It asks ``POST /api/search`` and gives nodes with their scores, whose metadata holds all that the
hit says of itself. Needs the extra ``llamaindex``.
"""

from typing import Any

from llama_index.core.retrievers import BaseRetriever
from llama_index.core.schema import (
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from service.remote import Hit, Remote, about

# What a model that answers from the node is told of it; all of it is in the metadata.
_TOLD = ("symbol", "title", "date", "heading", "paragraphs", "source")


class SextantRetriever(BaseRetriever):
    """The ``k`` passages nearest to a query, best first.

    ``filters`` are those of the API, such as ``{"language": ["zh", "en"]}``; ``collapse`` gives
    one language version of a paragraph; ``timeout`` is in seconds; ``more`` are arguments of every
    LlamaIndex retriever. Raises what ``Remote`` raises.
    """

    def __init__(
        self,
        base_url: str = "http://127.0.0.1:8000",
        k: int = 4,
        filters: dict[str, Any] | None = None,
        collapse: bool = True,
        timeout: float = 30.0,
        **more: Any,
    ) -> None:
        self._remote = Remote(base_url, k, filters or {}, collapse, timeout)
        super().__init__(**more)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(hit) for hit in self._remote.search(query_bundle.query_str)]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [_node(hit) for hit in await self._remote.asearch(query_bundle.query_str)]


def _node(hit: Hit) -> NodeWithScore:
    """Its document is the node's source, in whose text its offsets count."""
    metadata = about(hit)
    node = TextNode(
        id_=hit["passage_id"],
        text=hit["text"],
        start_char_idx=hit["start"],
        end_char_idx=hit["end"],
        metadata=metadata,
        excluded_llm_metadata_keys=[name for name in metadata if name not in _TOLD],
        excluded_embed_metadata_keys=list(metadata),
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=hit["document_id"])},
    )
    return NodeWithScore(node=node, score=hit["score"])
