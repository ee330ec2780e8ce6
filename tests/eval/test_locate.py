"""Evidence -> spans, and spans -> judgements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.documents import Builder

from corpus import Document
from eval import Folded, Locator, Quotation, Source, Span, locate, named, places
from eval.locate import covered, is_relevant


def source(document: Document) -> Source:
    return Source.of(document, {})


def found(evidence: Quotation | Locator, document: Document) -> list[str]:
    spans = places(evidence, source(document))
    assert all(span.document_id == document.id for span in spans)
    return [document.text[span.start : span.end] for span in spans]


REPORT = (
    Builder("r.en")
    .paragraph("12. Chapeau of the list, as agreed:", "12")
    .paragraph("(a) The first of the points;", "12(a)")
    .paragraph("㈠ The first of the\nsmaller points;", "12(a)㈠")
    .paragraph("1. The first of all, to the last of the points.", "1", notes={"3": "A first note."})
    .build(file="report.txt", work="r")
)


def test_folding_drops_whitespace_and_compatibility_forms() -> None:
    folded = Folded.of("Ａ b\n①\u00a0e\u0301ﬁ")
    assert folded.text == "Ab1éfi"
    assert folded.original(2, 3) == (4, 5)
    assert folded.original(3, 4) == (6, 8)  # a letter and its accent
    assert folded.original(4, 5) == folded.original(5, 6) == (8, 9)  # one ligature


@given(st.text())
def test_every_folded_character_leads_back_to_what_it_was(text: str) -> None:
    folded = Folded.of(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert folded.count(0, len(text)) == len(folded.text)
    for at, ch in enumerate(folded.text):
        start, end = folded.original(at, at + 1)
        assert ch in Folded.of(text[start:end]).text


def test_a_quotation_is_found_across_line_breaks_and_forms() -> None:
    assert found(Quotation("of thesmaller points"), REPORT) == ["of the\nsmaller points"]
    assert found(Quotation("(一) The first"), REPORT) == ["㈠ The first"]
    assert found(Quotation("nowhere"), REPORT) == []


def test_a_quotation_with_a_note_mark_is_found_by_its_ends() -> None:
    marked = "The first of all,³ to the last of the points."
    assert found(Quotation(marked), REPORT) == ["The first of all, to the last of the points."]
    assert found(Quotation("The first of all," + "x" * 60 + "last of the points."), REPORT) == []


def test_a_locator_is_the_shortest_span() -> None:
    assert found(Locator("The first", "points", None), REPORT) == ["The first of the points"]
    assert found(Locator("first of", "of the", None), REPORT) == ["first of the"] * 2


def test_ends_may_overlap_but_not_swap() -> None:
    document = Builder("d").paragraph("one two three").build()
    assert found(Locator("one two", "two three", None), document) == ["one two three"]
    assert found(Locator("two", "two", None), document) == ["two"]
    assert found(Locator("three", "one", None), document) == []


@pytest.mark.parametrize(
    ("paragraph", "text"),
    [
        ("12", "The first of the points"),
        ("12(a)", "The first of the points"),
        ("12(a)㈠", "The first of the\nsmaller points"),
        ("12(a)(一)", "The first of the\nsmaller points"),
        ("1", "The first of all, to the last of the points"),
    ],
)
def test_a_named_paragraph_holds_its_own_and_not_its_namesakes(paragraph: str, text: str) -> None:
    assert found(Locator("The first", "points", paragraph), REPORT) == [text]


def test_a_paragraph_holds_the_notes_it_calls() -> None:
    assert found(Locator("A first", "note.", "1"), REPORT) == ["A first note."]
    assert found(Locator("A first", "note.", "12"), REPORT) == []


def test_a_document_is_named_by_file_id_or_work() -> None:
    french = Builder("r.fr").paragraph("Rien.").build(file="rapport.txt", work="r")
    both = [source(REPORT), source(french)]
    for name, ids in (("report.txt", ["r.en"]), ("r.fr", ["r.fr"]), ("r", ["r.en", "r.fr"])):
        assert [one.id for one in named(name, both)] == ids
    assert named("other", both) == []
    assert [span.document_id for span in locate(Quotation("Rien."), both)] == ["r.fr"]


PLAIN = Folded.of("abcdefghij klmnopqrst")
EVIDENCE = Span("d", 5, 16)  # ten characters and a space


@pytest.mark.parametrize(
    ("start", "end", "relevant"),
    [
        (0, 11, True),  # five of the ten
        (0, 9, False),  # four
        (0, 21, True),  # all of it
        (6, 7, True),  # wholly inside
        (4, 7, False),
        (16, 21, False),
        (10, 11, False),  # nothing but a space
    ],
)
def test_relevance_is_half_of_the_evidence_or_wholly_inside(
    start: int, end: int, relevant: bool
) -> None:
    assert is_relevant(Span("d", start, end), EVIDENCE, PLAIN) is relevant
    assert not is_relevant(Span("other", start, end), EVIDENCE, PLAIN)


@pytest.mark.parametrize(
    ("quotes", "enough"),
    [
        ([(5, 7), (12, 15)], True),  # two and three
        ([(5, 8), (5, 8), (6, 8)], False),  # the same three
        ([(0, 11)], True),
        ([], False),
        ([(0, 5), (16, 20)], False),
    ],
)
def test_quotes_cover_together_and_count_once(quotes: list[tuple[int, int]], enough: bool) -> None:
    assert covered([Span("d", *quote) for quote in quotes], EVIDENCE, PLAIN) is enough
    assert not covered([Span("e", *quote) for quote in quotes], EVIDENCE, PLAIN)
