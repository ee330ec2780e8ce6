"""The corpus that ships: language versions of a work answer to each other by paragraph."""

from pathlib import Path

import pytest

from corpus import Document, Passage, Work, detect_language, read_corpus
from index import ChunkSettings
from index.chunk import passages
from index.collapse import Versions, versions_of

DOCUMENTS = Path(__file__).resolve().parents[2] / "corpus" / "documents"


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {document.id: document for document in read_corpus(DOCUMENTS).documents}


def test_every_labelled_passage_has_its_versions(documents: dict[str, Document]) -> None:
    ids: dict[str, list[str]] = {}
    for document in documents.values():
        ids.setdefault(document.work, []).append(document.id)
    works = {id: Work(id, None, "", tuple(versions)) for id, versions in ids.items()}
    assert any(len(work.documents) > 1 for work in works.values())
    cut = [p for document in documents.values() for p in passages(document, ChunkSettings())]
    versions = Versions.of(cut, documents, works)

    def others(row: int, passage: Passage) -> set[str]:
        return {one.document_id for one in versions_of(row, versions, cut, documents)}

    alone = [
        passage.id
        for row, passage in enumerate(cut)
        if passage.paragraphs
        and others(row, passage) | {passage.document_id}
        != set(works[documents[passage.document_id].work].documents)
    ]
    assert alone == []


def test_a_version_is_in_the_language_it_is_filed_under(documents: dict[str, Document]) -> None:
    wrong = [one.id for one in documents.values() if detect_language(one.text) != one.language]
    assert wrong == []
