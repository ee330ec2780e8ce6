"""HTTP shapes only: what requests are checked against, and what ``/openapi.json`` documents.

Responses are written by ``service/serialise.py``; the models here describe them, and the tests
hold the two together. Offsets are Unicode code points, end exclusive.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr

K_LIMIT = 100  # hits in one response
CONTEXT_LIMIT = 20  # neighbours on either side of a passage
TURNS_LIMIT = 100  # earlier turns of a conversation

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def _day(value: object) -> object:
    if value is None or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise ValueError("must be a date written YYYY-MM-DD")


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Day = Annotated[date | None, BeforeValidator(_day)]
Values = Annotated[list[StrictStr], BeforeValidator(_listed)]
K = Annotated[StrictInt, Field(ge=1, le=K_LIMIT, description="How many hits to return.")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Response(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FiltersIn(_Request):
    """A passage must match one value of every field that is set."""

    document: Values = Field(default=[], description="Document ids.")
    work: Values = Field(default=[], description="Work ids.")
    language: Values = Field(default=[], description="zh, en, fr, es, ru, ar.")
    publisher: Values = Field(default=[], description="Publishers, as documents name them.")
    date_from: Day = Field(default=None, description="First day, included.")
    date_to: Day = Field(default=None, description="Last day, included.")
    symbol_prefix: StrictStr | None = Field(default=None, description="Such as 'A/AC.105/'.")


class SearchIn(_Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "query": "Who registers an object launched into outer space?",
                    "k": 5,
                    "filters": {"language": ["en", "zh"], "date_from": "2010-01-01"},
                }
            ]
        }
    )
    query: StrictStr = Field(description="What to look for, in any of the six languages.")
    k: K = 10
    filters: FiltersIn | None = None
    collapse: StrictBool = Field(
        default=True, description="Show one language version of a paragraph, not all."
    )


class TurnIn(_Request):
    role: Literal["user", "assistant"]
    content: StrictStr


class AskIn(_Request):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"question": "Who registers an object launched into outer space?"}]
        }
    )
    question: StrictStr = Field(description="The question, in any of the six languages.")
    k: K = 10
    filters: FiltersIn | None = None
    history: list[TurnIn] = Field(
        default=[], max_length=TURNS_LIMIT, description="Earlier turns, oldest first."
    )


def fields_at(shape: type[BaseModel], place: tuple[int | str, ...]) -> list[str]:
    """The fields of a request of this ``shape`` where pydantic found an error."""
    for name in place[:-1]:
        if name in shape.model_fields:
            shape = next(_models(shape.model_fields[str(name)].annotation), shape)
    return list(shape.model_fields)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


class PassageOut(_Response):
    """A span of one document's text: ``text`` is its ``text[start:end]``."""

    passage_id: str
    document_id: str
    work_id: str
    file: str = Field(description="The corpus file's name.")
    symbol: str | None
    title: str
    digest: bool = Field(description="True when the text digests the official document.")
    publisher: str | None
    date: str | None = Field(description="YYYY-MM-DD")
    language: str
    heading: list[str] = Field(description="The headings above it, outermost first.")
    paragraphs: list[str] = Field(description="Official labels of the paragraphs it covers.")
    note: str | None = Field(description="The note's label, when the passage is a note.")
    part: str = Field(description="front, body, contents or back")
    page: int | None = Field(description="1-based; null when the format has no pages.")
    start: int
    end: int
    text: str
    url: str | None = Field(description="With #page=N where it is a PDF's and the page is known.")


class VersionOut(_Response):
    """A passage of another language version of the same work, matched by official label."""

    language: str
    document_id: str
    passage_id: str


class HitOut(PassageOut):
    rank: int = Field(description="1-based")
    score: float = Field(description="Higher is better.")
    scores: dict[str, float] = Field(description="The score of each leg that found it.")
    versions: list[VersionOut] = Field(
        description="The same paragraph in other languages, one passage each; may be empty."
    )


class PassageWithNeighbours(PassageOut):
    before: list[PassageOut]
    after: list[PassageOut]
    generation: str


class SearchOut(_Response):
    query: str
    language: str = Field(description="The language the query was read as.")
    hits: list[HitOut] = Field(description="Best first; may be empty.")
    took_ms: dict[str, float] = Field(description="Milliseconds: encode, search, total.")
    generation: str = Field(description="The index generation that answered.")


class CitationOut(_Response):
    """``quote`` is the document's ``text[start:end]`` and stands in the answer."""

    n: int = Field(description="The number of its [n] marker.")
    quote: str
    start: int
    end: int
    answer_start: int
    answer_end: int
    passage_id: str
    document_id: str
    symbol: str | None
    title: str
    digest: bool = Field(description="True when the text digests the official document.")
    paragraph: str | None
    note: str | None = Field(description="The note's label, when the quote is of a note.")
    page: int | None
    url: str | None
    file: str


class ClaimOut(_Response):
    """A sentence that a model wrote: the answer's ``[start:end]``, without its markers."""

    start: int
    end: int
    supported: bool = Field(description="False when none of its quotes could be checked.")
    citations: list[int] = Field(description="The numbers of the citations it rests on.")


class AskOut(_Response):
    question: str
    rewritten_question: str | None = Field(
        description="What was searched for, where earlier turns completed the question."
    )
    language: str
    answer: str
    abstained: bool = Field(description="True when the corpus does not answer.")
    reason: str | None = Field(
        description="Why it abstained: nothing_close, topic_covered_fact_missing, no_clear_answer."
    )
    confidence: float = Field(description="How sure the answer is, 0 to 1.")
    uncertain: bool = Field(
        description="True for an answer so unsure that it is wrong more often than right."
    )
    citations: list[CitationOut]
    hits: list[HitOut]
    related: list[HitOut] = Field(description="The nearest passages, when it abstained.")
    claims: list[ClaimOut] = Field(
        description="The sentences of an answer that a model wrote; else every word is quoted."
    )
    dropped_citations: int = Field(description="Quotes of a model that stand nowhere.")
    writer: str = Field(description="extractive or llm")
    writer_reason: str | None = Field(
        description="Why the extractive writer stepped in, or why an answer of the writer llm "
        "breaks off: llm_timeout, llm_malformed, …"
    )
    prompt: str | None = Field(description="Version and hash of the prompt, where a model wrote.")
    took_ms: dict[str, float]
    generation: str


class DocumentAbout(_Response):
    id: str
    work: str
    file: str
    sha256: str
    symbol: str | None
    title: str
    date: str | None
    publisher: str | None
    language: str
    url: str | None
    licence: str | None
    digest: bool = Field(description="True when the text digests the official document.")


class DocumentSummary(DocumentAbout):
    characters: int
    paragraphs: int
    notes: int


class DocumentsOut(_Response):
    documents: list[DocumentSummary]
    generation: str


class NoteOut(_Response):
    label: str
    text: str
    start: int
    end: int


class ParagraphOut(_Response):
    label: str | None
    heading: list[str]
    start: int
    end: int
    page: int | None
    part: str
    text: str
    notes: list[NoteOut]


class DocumentOut(DocumentAbout):
    text: str
    paragraphs: list[ParagraphOut]


class HealthOut(_Response):
    status: str


class ReadyOut(_Response):
    status: str
    generation: str
    documents: int
    passages: int


class ProblemOut(BaseModel):
    """RFC 9457 problem details; ``field``, ``allowed`` and ``limit`` where they help."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    field: str | None = None
    allowed: list[Any] | None = None
    limit: int | None = None
    command: str | None = None
