"""An index that finds what it was made with, for tests of what is made of hits."""

from collections.abc import Sequence
from typing import Any

from corpus import Hit
from index import SearchResult


class FixedIndex:
    """Finds the same hits whatever is asked, and remembers how it was asked."""

    def __init__(self, hits: Sequence[Hit], language: str = "en", generation: str = "g1") -> None:
        self.hits, self.language, self.generation = tuple(hits), language, generation
        self.documents = {hit.document.id: hit.document for hit in hits}
        self.asked: list[tuple[str, int, dict[str, Any]]] = []

    def search(self, query: str, k: int, **how: Any) -> SearchResult:
        self.asked.append((query, k, how))
        took = {"encode": 1.0, "search": 2.0, "total": 3.0}
        return SearchResult(query, self.language, self.hits, took, self.generation)

    def lacks_paragraph(self, query: str, *_: Any) -> bool:
        return False
