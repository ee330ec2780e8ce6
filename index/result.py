"""What a search gives back."""

from dataclasses import dataclass, field

from corpus import Hit
from index.spans import Near


@dataclass(frozen=True, slots=True)
class SearchResult:
    """``took_ms``: 'encode', 'search' and 'total', in milliseconds.

    ``near``: what comparing the query further takes; None when the dense leg was not asked.
    """

    query: str
    language: str
    hits: tuple[Hit, ...]
    took_ms: dict[str, float]
    generation: str
    near: Near | None = field(default=None, compare=False, repr=False)
