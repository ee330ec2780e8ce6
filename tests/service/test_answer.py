"""Asker: what it refuses, what it cites, when it abstains."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from support.fake_encoder import BagOfWordsEncoder
from support.fixed_index import FixedIndex
from support.small_documents import hits_on, note_hit, small_document

from corpus import LANGUAGES, BadRange, Document, EmptyQuestion, Hit, QuestionTooLong
from index import Filters
from service.answer import Asker
from service.compose import can_be_checked, compose
from service.confidence import DEPTH, NOT_CLEAR, NOTHING_CLOSE
from service.writer import Draft, ExtractiveWriter, Quote

DUST = small_document(
    "dust.en",
    "Lunar dust wears out seals. It clings to every suit.",
    "Robots should sweep it away.",
    symbol="A/1",
    note="Dust was weighed in 1972.",
)
TREE = small_document("tree.en", "Oaks lose their leaves in autumn.", labelled=False, page=4)


class FixedWriter:
    """Writes the same quotes whatever it is given."""

    name = "fixed"

    def __init__(self, *quotes: Quote) -> None:
        self.draft = Draft(quotes)

    def write(self, question: str, language: str, hits: Sequence[Hit], *_: Any) -> Draft:
        return self.draft


def asker(index: Any, writer: Any = None, **how: Any) -> Asker:
    return Asker(index, writer or ExtractiveWriter(BagOfWordsEncoder()), **how)


def quote(document: Document, text: str) -> Quote:
    start = document.text.index(text)
    return Quote(text, start, start + len(text), hits_on(document)[0].passage, document)


@pytest.mark.parametrize("question", ["", "  \n\t", "\u200b\u200e", "\x00"])
def test_an_empty_question_is_refused(question: str) -> None:
    index = FixedIndex(hits_on(DUST))
    for method in (asker(index).ask, asker(index).search):
        with pytest.raises(EmptyQuestion):
            method(question)
    assert index.asked == []


def test_the_limit_counts_characters() -> None:
    index = FixedIndex(hits_on(DUST))
    limited = asker(index, question_limit=5)
    assert limited.search(" 月尘月尘𝄞 ").query == "月尘月尘𝄞"
    with pytest.raises(QuestionTooLong) as caught:
        limited.ask("月尘月尘月尘")
    assert (caught.value.length, caught.value.limit) == (6, 5)


@pytest.mark.parametrize("k", [0, -1, 101])
def test_k_has_a_range(k: int) -> None:
    with pytest.raises(BadRange) as caught:
        asker(FixedIndex(hits_on(DUST))).ask("dust", k)
    assert caught.value.field == "k"


def test_a_lone_surrogate_reaches_nobody() -> None:
    index = FixedIndex(hits_on(DUST))
    assert asker(index).ask("dust \ud800").question == "dust ?"
    assert index.asked[0][0] == "dust ?"


def test_the_search_is_passed_on_as_asked() -> None:
    index = FixedIndex(hits_on(DUST))
    only = Filters(language=("en",))
    asker(index).ask("dust", 3, only, collapse=False, language="fr")
    asker(index).search("dust")
    how = {"filters": only, "collapse": False, "language": "fr"}
    unfiltered = {"filters": Filters(), "collapse": True, "language": None}
    assert index.asked == [("dust", DEPTH, how), ("dust", 10, unfiltered)]


def test_every_citation_can_be_checked() -> None:
    hits = [*hits_on(DUST, TREE), note_hit(DUST)]
    for question in ("What wears out seals?", "When do oaks lose leaves?", "dust weighed in 1972"):
        answer = asker(FixedIndex(hits)).ask(question)
        assert answer.citations
        assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
        for cited in answer.citations:
            assert cited.document.text[cited.start : cited.end] == cited.quote
            assert answer.text[cited.answer_start : cited.answer_end] == cited.quote
            assert answer.text[cited.answer_end :].startswith(f" [{cited.n}]")


def test_an_answer_tells_all_about_itself() -> None:
    answer = asker(FixedIndex(hits_on(DUST), generation="g7")).ask("What wears out seals?")
    assert (answer.question, answer.language) == ("What wears out seals?", "en")
    assert (answer.abstained, answer.reason) == (False, None)
    assert (answer.writer, answer.generation) == ("extractive", "g7")
    assert answer.hits == tuple(hits_on(DUST))
    assert list(answer.took_ms) == ["encode", "search", "write", "total"]
    assert (answer.took_ms["encode"], answer.took_ms["search"]) == (1.0, 2.0)
    assert 0 <= answer.took_ms["write"] <= answer.took_ms["total"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_found_is_an_abstention_in_the_language_of_the_question(language: str) -> None:
    answer = asker(FixedIndex([], language)).ask("x?")
    others = {asker(FixedIndex([], other)).ask("x?").text for other in LANGUAGES}
    assert (answer.abstained, answer.reason, answer.citations) == (True, NOTHING_CLOSE, ())
    assert answer.text.strip()
    assert len(others) == len(LANGUAGES)


def test_what_cannot_be_checked_is_left_out() -> None:
    good = quote(DUST, "Robots should sweep it away.")
    invented = replace(good, text="Robots should never sweep it.")
    shifted = replace(good, start=good.start + 1, end=good.end + 1)
    writer = FixedWriter(invented, good, shifted)
    answer = asker(FixedIndex(hits_on(DUST)), writer).ask("dust")
    assert answer.text == "A/1, para. 2, says:\nRobots should sweep it away. [1]"
    assert [c.quote for c in answer.citations] == [good.text]


def test_a_draft_of_inventions_is_an_abstention() -> None:
    good = quote(DUST, "Robots should sweep it away.")
    writer = FixedWriter(replace(good, text="Robots should never sweep it."))
    answer = asker(FixedIndex(hits_on(DUST)), writer).ask("dust")
    assert (answer.abstained, answer.reason, answer.citations) == (True, NOT_CLEAR, ())
    assert answer.hits


def test_an_answer_that_is_not_sure_is_withheld() -> None:
    hits = hits_on(DUST, TREE, replace(TREE, id="oak.en"), replace(TREE, id="elm.en"))
    given = asker(FixedIndex(hits)).ask("What wears out seals?")
    assert (given.abstained, given.related) == (False, ())
    assert 0 < given.confidence < 1
    just_sure = asker(FixedIndex(hits), threshold=given.confidence).ask("What wears out seals?")
    assert just_sure.citations == given.citations
    withheld = asker(FixedIndex(hits), threshold=1.0).ask("What wears out seals?")
    assert (withheld.abstained, withheld.citations) == (True, ())
    assert withheld.confidence == given.confidence
    assert withheld.related == tuple(hits[:3])
    assert "seals" not in withheld.text


def test_an_answer_that_is_hardly_sure_is_uncertain() -> None:
    index = FixedIndex(hits_on(DUST, TREE))
    given = asker(index).ask("What wears out seals?")
    assert not given.uncertain
    assert not asker(index, doubt=given.confidence).ask("What wears out seals?").uncertain
    unsure = asker(index, doubt=1.0).ask("What wears out seals?")
    assert (unsure.uncertain, unsure.text) == (True, given.text)
    withheld = asker(index, doubt=1.0, threshold=1.0).ask("What wears out seals?")
    assert (withheld.abstained, withheld.uncertain) == (True, False)
    another = FixedWriter(quote(DUST, "Lunar dust wears out seals."))  # not ours
    assert asker(index, another).ask("What wears out seals?").citations
    assert not asker(index, another, doubt=1.0).ask("What wears out seals?").uncertain


@pytest.mark.parametrize("k", [1, 2, 50])
def test_what_is_answered_does_not_depend_on_how_many_hits_are_shown(k: int) -> None:
    hits = hits_on(TREE, DUST, replace(TREE, id="oak.en"))
    shown = asker(FixedIndex(hits)).ask("What wears out seals?", k)
    usual = asker(FixedIndex(hits)).ask("What wears out seals?")
    assert shown.hits == usual.hits[:k]
    assert replace(shown, hits=(), took_ms={}) == replace(usual, hits=(), took_ms={})


def test_what_can_be_checked() -> None:
    index: Any = FixedIndex(hits_on(DUST))
    good = quote(DUST, "Robots should sweep it away.")
    assert can_be_checked(good, index)
    outside = replace(good.passage, start=good.start + 1)
    assert not can_be_checked(replace(good, passage=outside), index)
    assert not can_be_checked(replace(good, end=good.start, text=""), index)
    assert not can_be_checked(replace(good, passage=replace(good.passage, document_id="b")), index)
    assert not can_be_checked(replace(good, document=TREE), index)
    rebuilt: Any = FixedIndex(hits_on(replace(DUST, text=DUST.text.upper())))
    assert not can_be_checked(good, rebuilt)


def test_a_request_keeps_to_one_index() -> None:
    old, new = FixedIndex(hits_on(DUST)), FixedIndex(hits_on(TREE), generation="g2")
    given: list[FixedIndex] = []

    def current() -> Any:
        given.append(new if given else old)
        return given[-1]

    answer = asker(current).ask("What wears out seals?")
    assert given == [old]
    assert (answer.generation, answer.citations[0].document.id) == ("g1", "dust.en")
    assert asker(current).search("oaks").generation == "g2"


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "A/1, para. 1, says:"),
        ("fr", "A/1, par. 1, indique\u00a0:"),
        ("es", "A/1, párr. 1, señala:"),
        ("ru", "В документе A/1, п. 1, говорится:"),
        ("zh", "A/1，第1段指出："),
        ("ar", "جاء في A/1، الفقرة 1:"),
    ],
)
def test_the_place_is_named_in_the_language_of_the_question(language: str, line: str) -> None:
    text, _ = compose([quote(DUST, "Lunar dust wears out seals.")], language)
    assert text == f"{line}\nLunar dust wears out seals. [1]"


def test_one_paragraph_has_one_line_before_it() -> None:
    said = (
        "Lunar dust wears out seals.",
        "It clings to every suit.",
        "Robots should sweep it away.",
    )
    text, citations = compose([quote(DUST, each) for each in said], "en")
    assert text == (
        "A/1, para. 1, says:\nLunar dust wears out seals. [1] It clings to every suit. [2]\n\n"
        "para. 2:\nRobots should sweep it away. [3]"
    )
    assert [c.paragraph for c in citations] == ["1", "1", "2"]


def test_a_document_is_named_again_after_another() -> None:
    said = ("Lunar dust wears out seals.", "Robots should sweep it away.")
    first, second = (quote(DUST, each) for each in said)
    passage = note_hit(DUST).passage
    noted = Quote(passage.text, passage.start, passage.end, passage, DUST)
    version = replace(DUST, id="dust.fr")  # has the same symbol
    text, _ = compose([first, second, noted, quote(version, said[1]), first], "en")
    assert [part.split("\n")[0] for part in text.split("\n\n")] == [
        "A/1, para. 1, says:",
        "para. 2:",
        "para. 2, note 7:",
        "A/1, para. 2, says:",
        "A/1, para. 1, says:",
    ]


def test_a_document_is_named_again_where_nothing_else_tells_the_place() -> None:
    half = replace(DUST, paragraphs=DUST.paragraphs[:1])  # the second has no label
    known, unknown = quote(half, "Lunar dust wears out seals."), quote(half, "Robots should")
    unknown = replace(unknown, passage=replace(unknown.passage, paragraphs=(), page=None))
    text, _ = compose([known, unknown, known], "en")
    assert [part.split("\n")[0] for part in text.split("\n\n")] == [
        "A/1, para. 1, says:",
        "A/1 says:",
        "para. 1:",
    ]


def test_a_note_is_cited_with_the_paragraph_that_calls_it() -> None:
    passage = note_hit(DUST).passage
    noted = Quote(passage.text, passage.start, passage.end, passage, DUST)
    text, (citation,) = compose([noted], "en")
    assert text == "A/1, para. 2, note 7, says:\nDust was weighed in 1972. [1]"
    assert citation.paragraph == "2"


def test_without_label_or_symbol_title_and_page_are_named() -> None:
    text, (citation,) = compose([quote(TREE, "Oaks lose their leaves in autumn.")], "en")
    assert text.startswith("“Title of tree.en”, p. 4, says:\n")
    assert (citation.paragraph, citation.page) == (None, 4)


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("en", "“Title of ash.en” says:"),
        ("fr", "«\u00a0Title of ash.en\u00a0» indique\u00a0:"),
        ("es", "«Title of ash.en» señala:"),
        ("ru", "В документе «Title of ash.en» говорится:"),
        ("zh", "《Title of ash.en》指出："),
        ("ar", "جاء في «Title of ash.en»:"),
    ],
)
def test_no_comma_follows_a_document_alone(language: str, line: str) -> None:
    ash = small_document("ash.en", "Ashes lose theirs late.", labelled=False)
    text, _ = compose([quote(ash, "Ashes lose theirs late.")], language)
    assert text == f"{line}\nAshes lose theirs late. [1]"


def test_offsets_are_code_points() -> None:
    beyond = small_document("𝄞.en", "A 𝄞 opens the 𐤀 score. Then it ends.", symbol="𝄢/1")
    text, (citation,) = compose([quote(beyond, "Then it ends.")], "en")
    assert text[citation.answer_start : citation.answer_end] == "Then it ends."
    assert beyond.text[citation.start : citation.end] == "Then it ends."
