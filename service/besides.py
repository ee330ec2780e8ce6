"""Passages that a writer has to read though the question is near to none of their words: lists of
those who took part, pages that say who wrote a document."""

from collections.abc import Sequence

from corpus import Hit
from index import Filters, Index, SearchResult
from service.answer_type import wanted
from service.confidence import DEPTH
from service.parties import BODIES, names_of
from service.pool import TOP_PASSAGES

# What stands in a list of those who took part, beside the names of States.
_TOOK_PART = "参加 出席 派代表 attended represented participants participaron участники المشاركون"


def to_read(question: str, result: SearchResult, index: Index, filters: Filters) -> Sequence[Hit]:
    """What was found for ``question``; where there is more to read, DEPTH of it, and that."""
    asked = wanted(question, result.language)
    if "attended" in asked.types:
        states = sorted(asked.certain - BODIES)
        names = " ".join([question, _TOOK_PART, *(n for state in states for n in names_of(state))])
        found = index.search(names, DEPTH, filters=filters, legs=("lexical",))
        more: Sequence[Hit] = found.hits
    elif "author" in asked.types:
        more = _title_pages(result.hits[0], index)
    else:
        return result.hits
    first, rest = result.hits[:TOP_PASSAGES], result.hits[TOP_PASSAGES:DEPTH]
    read = (*first, *more[:TOP_PASSAGES], *rest, *more[TOP_PASSAGES:])
    return tuple({hit.passage.id: hit for hit in read}.values())


def _title_pages(first: Hit, index: Index) -> Sequence[Hit]:
    """Of the document found first."""
    own = (each for each in index.passages if each.document_id == first.document.id)
    pages = [each for each in own if each.part == "front"]
    return [Hit(n, 0.0, {}, page, first.document) for n, page in enumerate(pages, 1)]
