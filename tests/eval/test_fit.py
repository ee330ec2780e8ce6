"""The collection that is fitted on: every question whole, every quotation in its document."""

from pathlib import Path

import pytest

from corpus import LANGUAGES, Document, read_corpus
from eval import Source, locate, named, read_gold

ROOT = Path(__file__).resolve().parents[2]
FIT = ROOT / "eval" / "fit"
SETS = sorted(FIT.glob("f?.jsonl"))


@pytest.fixture(scope="module")
def documents() -> tuple[Document, ...]:
    return tuple(read_corpus(FIT / "documents").documents)


def test_every_document_is_read(documents: tuple[Document, ...]) -> None:
    assert len(documents) == len(list((FIT / "documents").glob("*.md"))) == 20
    assert {document.language for document in documents} == set(LANGUAGES)


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_evidence_stands_in_its_document(path: Path, documents: tuple[Document, ...]) -> None:
    sources = [Source.of(document, {}) for document in documents]
    questions = read_gold(path).questions
    assert len(questions) == 75
    for question in questions:
        assert set(question.question) == set(LANGUAGES), question.id
        within = named(question.doc, sources) if question.doc else []
        assert bool(within) == bool(question.evidence), question.id
        for evidence in question.evidence:
            assert list(locate(evidence, within)), question.id


def test_what_is_off_the_subject_has_no_answer() -> None:
    questions = read_gold(FIT / "off_topic.jsonl").questions
    assert len(questions) == 24
    for question in questions:
        assert set(question.question) == set(LANGUAGES), question.id
        assert question.doc is None


def test_no_question_is_one_of_a_gold_set() -> None:
    def asked(paths: list[Path]) -> set[str]:
        sets = [read_gold(path).questions for path in paths]
        return {text for one in sets for each in one for text in each.question.values()}

    gold = asked(sorted((ROOT / "eval" / "gold").glob("*.jsonl")))
    assert gold
    assert not gold & asked([*SETS, FIT / "off_topic.jsonl"])
