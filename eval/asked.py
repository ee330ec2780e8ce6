"""What was asked and what came back, the same from the pipeline in process and over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from corpus import Answer, Citation, Hit


@dataclass(frozen=True, slots=True)
class Found:
    """A hit: a span of a document's text, best first in its list; ``scores`` is by leg.

    ``versions`` are the ids of the same paragraph's passages in other languages.
    """

    passage_id: str
    document_id: str
    work_id: str
    file: str
    language: str
    start: int
    end: int
    scores: Mapping[str, float]
    versions: tuple[str, ...] = ()

    @classmethod
    def of(cls, hit: Hit) -> "Found":
        passage, document = hit.passage, hit.document
        return cls(
            passage.id,
            document.id,
            document.work,
            document.file,
            document.language,
            passage.start,
            passage.end,
            dict(hit.scores),
            tuple(version.passage_id for version in hit.versions),
        )

    @classmethod
    def of_json(cls, hit: Mapping[str, Any]) -> "Found":
        return cls(
            hit["passage_id"],
            hit["document_id"],
            hit["work_id"],
            hit["file"],
            hit["language"],
            hit["start"],
            hit["end"],
            dict(hit["scores"]),
            tuple(version["passage_id"] for version in hit.get("versions", ())),
        )


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote: a span of a document's text, and the label of the paragraph it is cited by."""

    document_id: str
    file: str
    start: int
    end: int
    paragraph: str | None

    @classmethod
    def of(cls, citation: Citation) -> "Cited":
        document = citation.document
        return cls(document.id, document.file, citation.start, citation.end, citation.paragraph)

    @classmethod
    def of_json(cls, citation: Mapping[str, Any]) -> "Cited":
        return cls(
            citation["document_id"],
            citation["file"],
            citation["start"],
            citation["end"],
            citation["paragraph"],
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer as it is graded; ``confidence`` is None when the system states none."""

    hits: tuple[Found, ...]
    citations: tuple[Cited, ...]
    answer: str
    abstained: bool
    confidence: float | None
    took_ms: float

    @classmethod
    def of(cls, answer: Answer) -> "Asked":
        return cls(
            tuple(Found.of(hit) for hit in answer.hits),
            tuple(Cited.of(citation) for citation in answer.citations),
            answer.text,
            answer.abstained,
            answer.confidence,
            answer.took_ms["total"],
        )

    @classmethod
    def of_json(cls, body: Mapping[str, Any]) -> "Asked":
        """From the body of ``POST /api/ask``."""
        return cls(
            tuple(Found.of_json(hit) for hit in body["hits"]),
            tuple(Cited.of_json(citation) for citation in body["citations"]),
            body["answer"],
            body["abstained"],
            body.get("confidence"),
            body["took_ms"]["total"],
        )
