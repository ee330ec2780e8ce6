"""Chunking: what a passage covers, where it ends, and what it may never do."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.documents import Builder

from corpus import Document
from index.chunk import ChunkSettings, embedding_text, indexed_text, passages

SMALL = ChunkSettings(max_han=40, max_other=80, min_han=8, min_other=20)
SENTENCE = "States shall keep a register of launches. "  # 42 characters


def spans(document: Document, chunk: ChunkSettings = SMALL) -> list[str]:
    return [passage.text for passage in passages(document, chunk)]


def test_a_numbered_paragraph_is_a_passage() -> None:
    one, two = "1. " + "a" * 30, "2. " + "b" * 30
    document = Builder("d").paragraph(one, "1").paragraph(two, "2", page=3).build()
    first, second = passages(document, SMALL)
    assert (first.text, first.paragraphs, first.ordinal) == (one, ("1",), 0)
    assert (second.text, second.paragraphs, second.ordinal) == (two, ("2",), 1)
    assert (second.page, second.id) == (3, f"d:{second.start}-{second.end}")


def test_short_neighbours_are_merged_with_the_space_between() -> None:
    document = Builder("d").paragraph("1. Yes.", "1").paragraph("2. No.", "2").build()
    (only,) = passages(document, SMALL)
    assert (only.text, only.paragraphs) == ("1. Yes.\n2. No.", ("1", "2"))


def test_sub_paragraphs_stay_with_their_parent_while_they_fit() -> None:
    parts = ["3. The following are needed:", "(a) " + "x" * 30, "(b) " + "y" * 30, "4. " + "z" * 30]
    builder = Builder("d")
    for label, text in zip(("3", "3(a)", "3(b)", "4"), parts, strict=True):
        builder.paragraph(text, label)
    found = passages(builder.build(), SMALL)
    assert [passage.paragraphs for passage in found] == [("3", "3(a)"), ("3(b)",), ("4",)]


def test_a_printed_label_outside_the_span_does_not_part() -> None:
    builder = Builder("d").paragraph("Needed are:", "3", marker="3. ")
    document = builder.paragraph("a register", "3(a)", marker="- (a) ").build()
    assert spans(document) == ["Needed are:\n- (a) a register"]


def test_other_text_between_paragraphs_parts_them() -> None:
    builder = Builder("d").paragraph("Yes.", "1")
    document = builder.paragraph("No.", "2", marker="A line that is not a paragraph\n").build()
    assert spans(document) == ["Yes.", "No."]


def test_items_without_a_numbered_parent_are_merged() -> None:
    document = Builder("d").paragraph("(a) " + "x" * 20, "(a)").paragraph("(b) " + "y" * 20, "(b)")
    assert [p.paragraphs for p in passages(document.build(), SMALL)] == [("(a)", "(b)")]


def test_a_heading_parts_even_two_short_paragraphs() -> None:
    builder = Builder("d").heading("Same").paragraph("Yes.").heading("Same").paragraph("No.")
    document = builder.build()
    assert spans(document) == ["Yes.", "No."]
    assert [p.heading for p in passages(document, SMALL)] == [("Same",), ("Same",)]


def test_a_part_parts_and_contents_are_left_out() -> None:
    builder = Builder("d").paragraph("Title", part="front").paragraph("1 … 7", part="contents")
    found = passages(builder.paragraph("Yes.").paragraph("Sign.", part="back").build(), SMALL)
    assert [(p.text, p.part) for p in found] == [
        ("Title", "front"),
        ("Yes.", "body"),
        ("Sign.", "back"),
    ]


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    found = spans(Builder("d").paragraph("7. " + SENTENCE * 5, "7").build())
    assert len(found) >= 3
    assert all(text.endswith("launches.") and len(text) <= 80 for text in found)


@pytest.mark.parametrize(
    ("language", "sentence", "end"),
    [
        ("zh", "各国应当登记其发射的物体。", "。"),
        ("fr", "Les États tiennent un registre. ", "."),
        ("es", "¿Quién lleva el registro de objetos? ", "?"),
        ("ru", "Государства ведут реестр объектов! ", "!"),
        ("ar", "هل تحتفظ الدول بسجل للأجسام المطلقة؟ ", "؟"),
    ],
)
def test_sentence_ends_of_each_language(language: str, sentence: str, end: str) -> None:
    found = spans(Builder("d", language).paragraph(sentence * 8).build())
    assert len(found) > 1
    assert all(text.endswith(end) for text in found)


def test_an_abbreviation_is_not_a_sentence_end() -> None:
    text = "The rule of para. 3 applies to it, as does art. 5 of the same and nothing else. " * 2
    assert not [t for t in spans(Builder("d").paragraph(text).build()) if t.endswith("para.")]


def test_what_cannot_be_cut_stays_whole() -> None:
    link = "https://example.org/" + "a" * 100
    assert spans(Builder("d").paragraph(f"See {link} now").build())[1] == link


def test_a_note_is_a_passage_that_knows_its_caller() -> None:
    builder = Builder("d").heading("I").paragraph("1. " + "a" * 30, "1", notes={"4": "See b."})
    found = passages(builder.paragraph("2. " + "c" * 30, "2", page=2).build(), SMALL)
    assert [p.note for p in found] == [None, None, "4"]
    assert (found[2].text, found[2].paragraphs, found[2].heading) == ("See b.", ("1",), ("I",))


def test_embedding_text_puts_title_and_headings_above() -> None:
    document = Builder("d").heading("A").heading("B", 2).heading("C", 3).paragraph("Yes.").build()
    (passage,) = passages(document, SMALL)
    assert embedding_text(passage, document) == "Report d\nB\nC\nYes."
    assert indexed_text(passage, document) == "Report d\nB\nC\nYes."


def test_a_web_address_is_indexed_and_not_encoded() -> None:
    text = "见https://a.example/b?c=d，以及 www.example.org/e (f)。"
    document = Builder("d").paragraph(text).build()
    (passage,) = passages(document, ChunkSettings())
    assert indexed_text(passage, document).endswith(text)
    encoded = embedding_text(passage, document)
    assert encoded.split() == ["Report", "d", "见", "，以及", "(f)。"]
    assert len(encoded) == len(indexed_text(passage, document))  # tokens keep their places


SYMBOLS = ("A/AC.105/1235", "CD/2090", "A/RES/75/36")
NUMBERS = ("1 000 000", "3.14", "12,500", "2021", "79/23", "一百二十三")
PLAIN = ("debris", "Orbit", "States", "para.", "月球资源", "反卫星武器", "спутник", "قمر")
WORDS = st.sampled_from([*SYMBOLS, *NUMBERS, *PLAIN])
JOINTS = st.sampled_from([" ", ", ", ". ", "。", "；", "，", "; ", "! ", "؟ ", ": ", "\n"])


MARKERS = st.sampled_from(["", "3. ", "- (a) ", "㈡ "])


@st.composite
def texts(draw: st.DrawFn) -> str:
    pairs = draw(st.lists(st.tuples(WORDS, JOINTS), min_size=1, max_size=40))
    return "".join(word + joint for word, joint in pairs).strip()


@st.composite
def documents(draw: st.DrawFn) -> Document:
    builder = Builder("d", draw(st.sampled_from(["zh", "en", "ar"])))
    for number in range(draw(st.integers(1, 6))):
        if draw(st.booleans()):
            builder.heading(draw(st.sampled_from(["I", "II"])), draw(st.integers(1, 2)))
        label = draw(st.sampled_from([None, f"{number}", f"{number // 2}(a)", "(b)"]))
        part = draw(st.sampled_from(["body", "body", "front", "contents"]))
        notes = {"1": draw(texts())} if draw(st.booleans()) else None
        builder.paragraph(draw(texts()), label, notes=notes, part=part, marker=draw(MARKERS))
    return builder.build()


@given(documents())
@settings(max_examples=150, deadline=None)
def test_offsets_give_the_text_and_ids_are_unique(document: Document) -> None:
    found = passages(document, SMALL)
    assert all(document.text[p.start : p.end] == p.text == p.text.strip() for p in found)
    assert all(p.text for p in found)
    assert len({p.id for p in found}) == len(found)
    assert [p.ordinal for p in found] == list(range(len(found)))
    assert all(a.end <= b.start for a, b in pairwise(found))


@given(documents())
@settings(max_examples=150, deadline=None)
def test_paragraphs_are_covered_and_headings_are_not_crossed(document: Document) -> None:
    found = passages(document, SMALL)
    covered = {at for p in found for at in range(p.start, p.end)}
    for paragraph in document.paragraphs:
        inside = {at for at in range(paragraph.start, paragraph.end) if document.text[at].strip()}
        assert inside <= covered if paragraph.part != "contents" else not inside & covered
    for heading in document.headings:
        assert not covered & set(range(heading.start, heading.end))
    for note in document.notes:
        assert [p.text for p in found if p.start == note.start] == [note.text]


WHOLE = re.compile(r"[A-Z]+(?:/[\w.]*\w)+|\d+(?:[ .,/]\d+)*|[一二三十百]+")


@given(documents())
@settings(max_examples=150, deadline=None)
def test_symbols_and_numbers_are_never_cut(document: Document) -> None:
    edges = {edge for p in passages(document, SMALL) for edge in (p.start, p.end)}
    for match in WHOLE.finditer(document.text):
        assert not edges & set(range(match.start() + 1, match.end()))


@given(documents())
@settings(max_examples=100, deadline=None)
def test_passages_keep_to_the_longest_size_unless_one_word_does_not(document: Document) -> None:
    longest = SMALL.sizes(document.language)[1]
    for passage in passages(document, SMALL):
        if passage.note is None and len(passage.text) > longest:
            assert not re.search(r"[。！？；]|(?<!\d) (?!\d)", passage.text.strip("。！？；"))
