"""Answers to questions that name a paragraph by its number."""

import pytest
from support.documents import Builder
from support.fake_encoder import BagOfTokensEncoder

from index import Index, build_index
from service.answer import Asker
from service.calibration import shipped
from service.confidence import FACT_MISSING, NAMED, confidence
from service.writer import ExtractiveWriter

RAIN = "It rained on the quay all the while and the gulls stayed away from it. " * 8


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Asker:
    ports = Builder("ports.en")
    ports.paragraph(RAIN.replace("rained", "snowed"), "1").paragraph(
        "The pier is a long one. It was mended in the spring.", "2"
    )
    ports.paragraph("with beams of old oak;", "2(a)").paragraph(
        "with bolts of iron.", "2(b)"
    ).paragraph(RAIN, "3")
    gulls = Builder("gulls.en").paragraph("Gulls nest on roofs.", "1").paragraph(RAIN, "2")
    documents = [ports.build(symbol="A/AC.1/1"), gulls.build(symbol="A/AC.1/2")]
    folder, encoder = tmp_path_factory.mktemp("named"), BagOfTokensEncoder()
    build_index(documents, encoder, folder)
    return Asker(Index.open(folder, encoder), ExtractiveWriter(encoder))


def test_a_short_paragraph_is_quoted_whole_with_its_parts(asker: Asker) -> None:
    answer = asker.ask("What does paragraph 2 of A/AC.1/1 say?")
    assert [(c.paragraph, c.quote) for c in answer.citations] == [
        ("2", "The pier is a long one. It was mended in the spring."),
        ("2(a)", "with beams of old oak;"),
        ("2(b)", "with bolts of iron."),
    ]


def test_a_long_one_by_the_sentences_that_answer(asker: Asker) -> None:
    answer = asker.ask("Does paragraph 3 of A/AC.1/1 tell of rain on the quay?")
    assert {citation.paragraph for citation in answer.citations} == {"3"}
    assert "rained" in answer.citations[0].quote


def test_of_several_the_first_sentences_of_each(asker: Asker) -> None:
    answer = asker.ask("What do paragraphs 2(a) and 3 of A/AC.1/1 say?")
    assert [citation.paragraph for citation in answer.citations] == ["2(a)", "3"]
    assert answer.citations[0].quote == "with beams of old oak;"
    parts = asker.ask("What do paragraphs 2 and 3 of A/AC.1/1 say?")
    assert [citation.paragraph for citation in parts.citations] == ["2", "3"]


def test_of_one_that_is_there_and_one_that_is_not_the_first(asker: Asker) -> None:
    answer = asker.ask("What do paragraphs 2 and 9 of A/AC.1/1 say?")
    assert [citation.paragraph for citation in answer.citations] == ["2", "2(a)", "2(b)"]


def test_a_paragraph_that_the_named_document_has_not_is_not_answered(asker: Asker) -> None:
    answer = asker.ask("What does paragraph 9 of A/AC.1/1 say of the pier?")
    assert (answer.abstained, answer.reason) == (True, FACT_MISSING)
    assert answer.related


def test_a_named_paragraph_is_of_the_subject(asker: Asker) -> None:
    hits = asker.search("paragraph 2 of A/AC.1/1", 5).hits
    plain = confidence(hits, {}, shipped())
    assert confidence(hits, {NAMED: 0.0}, shipped()) == plain
    assert confidence(hits, {NAMED: 1.0}, shipped()) > plain
