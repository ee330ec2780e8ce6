"""One made-up document, and what the API would say of it: the examples of ``/openapi.json``.

They pass through ``service/serialise.py``, so they cannot drift from what is really sent.
"""

from datetime import date

from corpus import Answer, Citation, Document, Hit, Paragraph, Passage, Version
from index import SearchResult
from service import serialise

QUESTION = "Who registers an object launched into outer space?"

_SENTENCE = "The launching State enters the object in its national registry."
_DOCUMENT = Document(
    id="example-105-12.en",
    work="example-105-12",
    file="example-105-12.en.pdf",
    sha256="0" * 64,
    symbol="EX/AC.105/12",
    title="Example report on registration",
    date=date(2021, 6, 30),
    publisher="Example committee",
    language="en",
    url="https://example.org/ex-105-12.pdf",
    licence="made up for this page",
    text=_SENTENCE,
    paragraphs=(Paragraph("14", ("II. Registration",), 0, len(_SENTENCE), 4, _SENTENCE),),
)
_PASSAGE = Passage(
    id="example-105-12.en:0",
    document_id=_DOCUMENT.id,
    ordinal=0,
    start=0,
    end=len(_SENTENCE),
    text=_SENTENCE,
    heading=("II. Registration",),
    paragraphs=("14",),
    page=4,
)
_VERSIONS = (Version("fr", "example-105-12.fr", "example-105-12.fr:0"),)
_HIT = Hit(1, 0.0325, {"dense": 0.71, "lexical": 6.4}, _PASSAGE, _DOCUMENT, _VERSIONS)
_TOOK_MS = {"encode": 0.2, "search": 0.9, "total": 1.2}
_GENERATION = "6f1d2c3b4a596877"

SEARCH = serialise.search_json(SearchResult(QUESTION, "en", (_HIT,), _TOOK_MS, _GENERATION))
ANSWER = serialise.answer_json(
    Answer(
        question=QUESTION,
        language="en",
        text=f"{_SENTENCE} [1]",
        abstained=False,
        reason=None,
        citations=(
            Citation(
                n=1,
                quote=_SENTENCE,
                start=0,
                end=len(_SENTENCE),
                answer_start=0,
                answer_end=len(_SENTENCE),
                passage=_PASSAGE,
                document=_DOCUMENT,
                paragraph="14",
                page=4,
            ),
        ),
        hits=(_HIT,),
        writer="extractive",
        generation=_GENERATION,
        took_ms=_TOOK_MS,
    )
)
DOCUMENTS = {
    "documents": [serialise.document_summary_json(_DOCUMENT)],
    "generation": _GENERATION,
}
DOCUMENT = serialise.document_json(_DOCUMENT)
PASSAGE = serialise.passage_json(_PASSAGE, _DOCUMENT, generation=_GENERATION)
FEEDBACK = {"id": "3f2a9c5e71b04d6c", "verdict": "down", "reason": "incomplete"}
HEALTH = {"status": "ok"}
READY = {"status": "ready", "generation": _GENERATION, "documents": 1, "passages": 1}
