"""Nouns -> plain dicts, ready for ``json.dumps``: what the HTTP API and ``--json`` both print.

Offsets are Unicode code points into the document's text, end exclusive. Times are milliseconds.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from corpus import Answer, Citation, Document, Hit, Paragraph, Passage
from index import SearchResult

Json = dict[str, Any]


def search_json(result: SearchResult) -> Json:
    """The body of ``POST /api/search``."""
    return {
        "query": result.query,
        "language": result.language,
        "hits": [hit_json(hit) for hit in result.hits],
        "took_ms": _took(result.took_ms),
        "generation": result.generation,
    }


def answer_json(answer: Answer) -> Json:
    """The body of ``POST /api/ask``."""
    return {
        "question": answer.question,
        "rewritten_question": answer.rewritten,
        "language": answer.language,
        "answer": answer.text,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "confidence": answer.confidence,
        "uncertain": answer.uncertain,
        "citations": [citation_json(citation) for citation in answer.citations],
        "hits": [hit_json(hit) for hit in answer.hits],
        "related": [hit_json(hit) for hit in answer.related],
        "claims": [
            {
                "start": claim.start,
                "end": claim.end,
                "supported": claim.supported,
                "citations": list(claim.citations),
            }
            for claim in answer.claims
        ],
        "dropped_citations": answer.dropped_citations,
        "writer": answer.writer,
        "writer_reason": answer.writer_reason,
        "prompt": answer.prompt,
        "took_ms": _took(answer.took_ms),
        "generation": answer.generation,
    }


def hit_json(hit: Hit) -> Json:
    """One hit, flat: its place and scores, then its passage."""
    return {
        "rank": hit.rank,
        "score": float(hit.score),
        "scores": {leg: float(score) for leg, score in hit.scores.items()},
        **_passage(hit.passage, hit.document),
        "versions": [
            {
                "language": version.language,
                "document_id": version.document_id,
                "passage_id": version.passage_id,
            }
            for version in hit.versions
        ],
    }


def citation_json(citation: Citation) -> Json:
    """One citation; ``answer_start`` and ``answer_end`` are offsets into the answer."""
    document = citation.document
    return {
        "n": citation.n,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "answer_start": citation.answer_start,
        "answer_end": citation.answer_end,
        "passage_id": citation.passage.id,
        "document_id": document.id,
        "symbol": document.symbol,
        "title": document.title,
        "digest": document.digest,
        "paragraph": citation.paragraph,
        "note": citation.passage.note,
        "page": citation.page,
        "url": link(document.url, citation.page),
        "file": document.file,
    }


def passage_json(
    passage: Passage,
    document: Document,
    *,
    before: Sequence[Passage] = (),
    after: Sequence[Passage] = (),
    generation: str | None = None,
) -> Json:
    """A passage with its neighbours in the same document, both lists in reading order."""
    return {
        **_passage(passage, document),
        "before": [_passage(neighbour, document) for neighbour in before],
        "after": [_passage(neighbour, document) for neighbour in after],
        "generation": generation,
    }


def document_summary_json(document: Document) -> Json:
    """A document without its text; ``characters``, ``paragraphs`` and ``notes`` are counts."""
    return {
        **_about(document),
        "characters": len(document.text),
        "paragraphs": len(document.paragraphs),
        "notes": len(document.notes),
    }


def document_json(document: Document) -> Json:
    """A whole document: its text and every paragraph with its notes."""
    return {
        **_about(document),
        "text": document.text,
        "paragraphs": [_paragraph(paragraph) for paragraph in document.paragraphs],
    }


def link(url: str | None, page: int | None) -> str | None:
    """The document's address; that of the page when the address is a PDF's and it is known."""
    if url is None or page is None:
        return url
    parts = urlsplit(url)
    if parts.fragment or not parts.path.lower().endswith(".pdf"):
        return url
    return f"{url.removesuffix('#')}#page={page}"


def _passage(passage: Passage, document: Document) -> Json:
    return {
        "passage_id": passage.id,
        "document_id": document.id,
        "work_id": document.work,
        "file": document.file,
        "symbol": document.symbol,
        "title": document.title,
        "digest": document.digest,
        "publisher": document.publisher,
        "date": _date(document),
        "language": document.language,
        "heading": list(passage.heading),
        "paragraphs": list(passage.paragraphs),
        "note": passage.note,
        "part": passage.part,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "url": link(document.url, passage.page),
    }


def _about(document: Document) -> Json:
    return {
        "id": document.id,
        "work": document.work,
        "file": document.file,
        "sha256": document.sha256,
        "symbol": document.symbol,
        "title": document.title,
        "date": _date(document),
        "publisher": document.publisher,
        "language": document.language,
        "url": document.url,
        "licence": document.licence,
        "digest": document.digest,
    }


def _paragraph(paragraph: Paragraph) -> Json:
    return {
        "label": paragraph.label,
        "heading": list(paragraph.heading),
        "start": paragraph.start,
        "end": paragraph.end,
        "page": paragraph.page,
        "part": paragraph.part,
        "text": paragraph.text,
        "notes": [
            {"label": note.label, "text": note.text, "start": note.start, "end": note.end}
            for note in paragraph.notes
        ],
    }


def _date(document: Document) -> str | None:
    return document.date.isoformat() if document.date else None


def _took(took_ms: Mapping[str, float]) -> dict[str, float]:
    return {step: round(float(milliseconds), 3) for step, milliseconds in took_ms.items()}
