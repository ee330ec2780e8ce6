"""The JSON of the API, field by field, and the documented shapes that it must keep to."""

import json
from datetime import date

import numpy as np
import pytest

from corpus import Answer, Citation, Claim, Document, Hit, Note, Paragraph, Passage, Version
from index import SearchResult
from service import schema, serialise

TEXT = "One. Two 𝄞 three.\n1 A note."
NOTE = Note("1", "A note.", 20, 27)
DOCUMENT = Document(
    id="a-1-en",
    work="a-1",
    file="a.pdf",
    sha256="0" * 64,
    symbol="A/1",
    title="Título",
    date=date(2021, 7, 9),
    publisher="Office",
    language="en",
    url="https://example.org/a.pdf",
    licence="free",
    text=TEXT,
    paragraphs=(Paragraph("7(a)", ("I", "B"), 0, 17, 3, TEXT[:17], (NOTE,)),),
    notes=(NOTE,),
    digest=True,
)
PASSAGE = Passage("a-1-en:0", "a-1-en", 0, 0, 17, TEXT[:17], ("I", "B"), ("7(a)",), 3)
FOOTNOTE = Passage("a-1-en:1", "a-1-en", 1, 20, 27, "A note.", (), ("7(a)",), 3, note="1")
VERSION = Version("fr", "a-1-fr", "a-1-fr:0")
HIT = Hit(1, np.float32(0.5), {"dense": np.float32(0.25)}, PASSAGE, DOCUMENT, (VERSION,))

HIT_JSON = {
    "rank": 1,
    "score": 0.5,
    "scores": {"dense": 0.25},
    "passage_id": "a-1-en:0",
    "document_id": "a-1-en",
    "work_id": "a-1",
    "file": "a.pdf",
    "symbol": "A/1",
    "title": "Título",
    "digest": True,
    "publisher": "Office",
    "date": "2021-07-09",
    "language": "en",
    "heading": ["I", "B"],
    "paragraphs": ["7(a)"],
    "note": None,
    "part": "body",
    "page": 3,
    "start": 0,
    "end": 17,
    "text": TEXT[:17],
    "url": "https://example.org/a.pdf#page=3",
    "versions": [{"language": "fr", "document_id": "a-1-fr", "passage_id": "a-1-fr:0"}],
}


def test_search_has_every_field_and_nothing_more() -> None:
    result = SearchResult("q", "en", (HIT,), {"encode": 0.12345, "total": np.float64(2)}, "g1")
    assert serialise.search_json(result) == {
        "query": "q",
        "language": "en",
        "hits": [HIT_JSON],
        "took_ms": {"encode": 0.123, "total": 2.0},
        "generation": "g1",
    }
    json.dumps(serialise.search_json(result))
    schema.SearchOut.model_validate(serialise.search_json(result))


def test_answer_has_every_field_and_nothing_more() -> None:
    citation = Citation(1, "Two 𝄞", 5, 10, 0, 5, PASSAGE, DOCUMENT, "7(a)", 3)
    answer = Answer(
        "q?",
        "en",
        "Two 𝄞 [1]",
        False,
        None,
        (citation,),
        (HIT,),
        "w",
        "g1",
        {"total": 1.0},
        rewritten="q, of what?",
        claims=(Claim(0, 5, True, (1,)),),
        writer_reason="llm_timeout",
        prompt="1:0",
        dropped_citations=2,
    )
    body = serialise.answer_json(answer)
    assert body == {
        "question": "q?",
        "rewritten_question": "q, of what?",
        "language": "en",
        "answer": "Two 𝄞 [1]",
        "abstained": False,
        "reason": None,
        "confidence": 0.0,
        "uncertain": False,
        "citations": [
            {
                "n": 1,
                "quote": "Two 𝄞",
                "start": 5,
                "end": 10,
                "answer_start": 0,
                "answer_end": 5,
                "passage_id": "a-1-en:0",
                "document_id": "a-1-en",
                "symbol": "A/1",
                "title": "Título",
                "digest": True,
                "paragraph": "7(a)",
                "note": None,
                "page": 3,
                "url": "https://example.org/a.pdf#page=3",
                "file": "a.pdf",
            }
        ],
        "hits": [HIT_JSON],
        "related": [],
        "claims": [{"start": 0, "end": 5, "supported": True, "citations": [1]}],
        "dropped_citations": 2,
        "writer": "w",
        "writer_reason": "llm_timeout",
        "prompt": "1:0",
        "took_ms": {"total": 1.0},
        "generation": "g1",
    }
    schema.AskOut.model_validate(body)


def test_offsets_are_code_points_also_outside_the_basic_plane() -> None:
    body = json.loads(json.dumps(serialise.document_json(DOCUMENT), ensure_ascii=False))
    for paragraph in body["paragraphs"]:
        assert body["text"][paragraph["start"] : paragraph["end"]] == paragraph["text"]
        for note in paragraph["notes"]:
            assert body["text"][note["start"] : note["end"]] == note["text"]


def test_a_document_and_its_summary_keep_to_their_shapes() -> None:
    whole = serialise.document_json(DOCUMENT)
    schema.DocumentOut.model_validate(whole)
    assert whole["paragraphs"][0]["label"] == "7(a)"
    assert whole["paragraphs"][0]["notes"] == [
        {"label": "1", "text": "A note.", "start": 20, "end": 27}
    ]
    summary = serialise.document_summary_json(DOCUMENT)
    schema.DocumentSummary.model_validate(summary)
    assert (summary["characters"], summary["paragraphs"], summary["notes"]) == (27, 1, 1)
    assert summary["digest"] is True


def test_a_document_without_a_date_says_null() -> None:
    undated = Document(
        **{
            name: getattr(DOCUMENT, name)
            for name in DOCUMENT.__dataclass_fields__
            if name not in {"date", "url", "symbol"}
        },
        date=None,
        url=None,
        symbol=None,
    )
    body = serialise.document_summary_json(undated)
    assert (body["date"], body["url"], body["symbol"]) == (None, None, None)


def test_a_passage_comes_with_its_neighbours_in_order() -> None:
    body = serialise.passage_json(FOOTNOTE, DOCUMENT, before=(PASSAGE,), generation="g1")
    schema.PassageWithNeighbours.model_validate(body)
    assert body["note"] == "1"
    assert [each["passage_id"] for each in body["before"]] == ["a-1-en:0"]
    assert body["after"] == []


@pytest.mark.parametrize(
    ("url", "page", "expected"),
    [
        (None, 3, None),
        ("https://example.org/a.pdf", None, "https://example.org/a.pdf"),
        ("https://example.org/a.pdf", 3, "https://example.org/a.pdf#page=3"),
        ("https://example.org/a.PDF?x=1", 3, "https://example.org/a.PDF?x=1#page=3"),
        ("https://example.org/a.pdf#", 3, "https://example.org/a.pdf#page=3"),
        ("https://example.org/a.pdf#annex", 3, "https://example.org/a.pdf#annex"),
        ("https://example.org/a.html", 3, "https://example.org/a.html"),
    ],
)
def test_a_link_names_the_page_of_a_pdf_only(
    url: str | None, page: int | None, expected: str | None
) -> None:
    assert serialise.link(url, page) == expected
