"""Every quote of every answer to the gold questions, of both halves, over the real documents: an
exact piece of its document, where it says. The questions are asked, and never shown."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from corpus import Answer, read_corpus
from eval import read_gold
from index import Index, build_index, open_encoder
from service.answer import Asker
from service.confidence import threshold_for
from service.extract import MOST_ITEMS
from service.pool import MOST_SENTENCES
from service.writer import ExtractiveWriter

GOLD = sorted((Path(__file__).resolve().parents[2] / "eval" / "gold").glob("un_space.*.jsonl"))


@pytest.fixture(scope="module")
def index(real_corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Index:
    data = tmp_path_factory.mktemp("gold-data")
    encoder = open_encoder()
    build_index(read_corpus(real_corpus).documents, encoder, data)
    return Index.open(data, encoder)


def answers(index: Index, threshold: float) -> Iterator[Answer]:
    """One for every question in every language; the asker remembers what it has read."""
    asker = Asker(index, ExtractiveWriter(index.encoder), threshold=threshold)
    for path in GOLD:
        for gold in read_gold(path).questions:
            for question in gold.question.values():
                yield asker.ask(question)


def test_every_quote_of_every_answer_is_exact(index: Index) -> None:
    assert len(GOLD) == 2
    asked = quoted = 0
    wrong: set[str] = set()
    for answer in answers(index, threshold=0.0):
        asked += 1
        for cited in answer.citations:
            quoted += 1
            text = index.documents[cited.document.id].text
            passage = cited.passage
            exact = (
                text[cited.start : cited.end] == cited.quote
                and answer.text[cited.answer_start : cited.answer_end] == cited.quote
                and answer.text[cited.answer_end :].startswith(f" [{cited.n}]")
                and passage.start <= cited.start < cited.end <= passage.end
            )
            if not exact:
                wrong.add(f"{cited.document.id} {cited.start}-{cited.end}")
        if not 1 <= len(answer.citations) <= MOST_SENTENCES + MOST_ITEMS:
            wrong.add(f"{len(answer.citations)} citations")
    assert wrong == set()
    assert asked > 700
    assert quoted >= asked


def test_an_abstention_quotes_nothing_and_shows_what_is_near(index: Index) -> None:
    shipped = threshold_for(index.encoder, None)
    withheld = [answer for answer in answers(index, shipped) if answer.abstained]
    assert withheld
    for answer in withheld:
        assert answer.confidence < shipped
        assert answer.citations == ()
        assert answer.related == answer.hits[:3]
        assert answer.reason


def test_the_same_question_is_answered_alike_whatever_was_asked_before(index: Index) -> None:
    """What is cached changes no answer."""
    question = next(iter(read_gold(GOLD[0]).questions[0].question.values()))
    fresh = Asker(index, ExtractiveWriter(index.encoder)).ask(question)
    worn = Asker(index, ExtractiveWriter(index.encoder))
    for path in GOLD:
        for gold in read_gold(path).questions[:10]:
            worn.ask(next(iter(gold.question.values())))
    assert replace(worn.ask(question), took_ms={}) == replace(fresh, took_ms={})
