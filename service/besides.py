"""Passages that a writer has to read though the question is near to none of their words: lists of
those who took part, pages that say who wrote a document."""

from collections.abc import Sequence

from corpus import Hit
from index import Filters, Index, SearchResult
from service.answer_type import wanted
from service.confidence import DEPTH
from service.parties import BODIES, names_of

# What stands in a list of those who took part, beside the names of States.
_TOOK_PART = "参加 出席 派代表 attended represented participants participaron участники المشاركون"


def to_read(question: str, result: SearchResult, index: Index, filters: Filters) -> Sequence[Hit]:
    """What was found for ``question`` (DEPTH of it where there is more to read), and what to read
    besides."""
    asked = wanted(question, result.language)
    more: tuple[Hit, ...] = ()
    if "attended" in asked.types:
        states = sorted(asked.certain - BODIES)
        names = " ".join([_TOOK_PART, *(name for state in states for name in names_of(state))])
        more = index.search(names, DEPTH, filters=filters, legs=("lexical",)).hits
    elif "author" in asked.types:
        more = tuple(_title_pages(result.hits[0], index))
    if not more:
        return result.hits
    return tuple({hit.passage.id: hit for hit in (*more, *result.hits[:DEPTH])}.values())


def _title_pages(first: Hit, index: Index) -> Sequence[Hit]:
    """Of the document found first."""
    own = (each for each in index.passages if each.document_id == first.document.id)
    pages = [each for each in own if each.part == "front"]
    return [Hit(n, 0.0, {}, page, first.document) for n, page in enumerate(pages, 1)]
