"""Search over an index built from a few small documents with an encoder that counts words."""

from dataclasses import replace
from pathlib import Path

import pytest
from support.documents import Builder, small_corpus
from support.fake_encoder import BagOfWordsEncoder

from corpus import (
    BadFilter,
    BadRange,
    EmptyQuestion,
    EncoderMismatch,
    IndexMissing,
    UnknownDocument,
    UnknownPassage,
)
from index import LEGS, ChunkSettings, Filters, Index, build_index

ENCODER = BagOfWordsEncoder(dim=1024, synonyms={"débris": "debris", "brouillage": "interference"})
# Sizes that make each paragraph of the small corpus a passage, whatever the defaults are.
CHUNK = ChunkSettings(max_han=350, max_other=900, min_han=60, min_other=160)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    data = tmp_path_factory.mktemp("data")
    build_index(small_corpus(), ENCODER, data, chunk=CHUNK)
    return Index.open(data, ENCODER)


def places(index: Index, query: str, **options: object) -> list[tuple[str, tuple[str, ...]]]:
    hits = index.search(query, **options).hits
    return [(hit.document.id, hit.passage.paragraphs) for hit in hits]


def test_the_passage_that_says_it_is_first(index: Index) -> None:
    result = index.search("Who should register launches with the secretariat?", k=3)
    assert [hit.rank for hit in result.hits] == [1, 2, 3]
    first = result.hits[0]
    assert (first.document.id, first.passage.paragraphs) == ("orbits.en", ("2",))
    assert first.document.text[first.passage.start : first.passage.end] == first.passage.text
    assert set(first.scores) == set(LEGS)
    assert (result.language, result.generation) == ("en", index.generation)
    assert result.took_ms.keys() == {"encode", "search", "total"}
    assert result.took_ms["encode"] + result.took_ms["search"] <= result.took_ms["total"]


def test_scores_fall_and_ties_go_by_passage_id(index: Index) -> None:
    hits = index.search("zzzz", k=100, collapse=False).hits
    order = [(-hit.score, hit.passage.id) for hit in hits]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("query", "language"),
    [("debris in low orbit", "en"), ("Quels débris en orbite basse ?", "fr")],
)
def test_one_version_is_shown_in_the_language_of_the_query(
    index: Index, query: str, language: str
) -> None:
    hits = index.search(query, k=20).hits
    assert (hits[0].document.id, hits[0].passage.paragraphs) == (f"orbits.{language}", ("1",))
    keys = [(hit.document.work, hit.passage.paragraphs, hit.passage.note) for hit in hits]
    assert len(set(keys)) == len(keys)
    assert {hit.document.id for hit in hits} == {f"orbits.{language}", "moon.zh"}


def test_a_hit_offers_the_other_versions_of_its_paragraph(index: Index) -> None:
    for query, own, other in (("debris low orbit", "en", "fr"), ("débris orbite", "fr", "en")):
        hit = index.search(query, k=1, language=own).hits[0]
        assert hit.document.language == own
        version = hit.versions[0]
        assert [(v.language, v.document_id) for v in hit.versions] == [(other, f"orbits.{other}")]
        assert index.passage(version.passage_id).document_id == version.document_id
        assert index.passage(version.passage_id).paragraphs == hit.passage.paragraphs
    assert index.search("月球资源", k=1).hits[0].versions == ()
    spread = index.search("debris", collapse=False, filters=Filters(language=("en",))).hits
    assert all([v.language for v in hit.versions] == ["fr"] for hit in spread)


def test_english_stands_in_for_a_language_without_a_version(index: Index) -> None:
    found = places(index, "débris orbite basse satellite", k=3, language="ru")
    assert found[0] == ("orbits.en", ("1",))


def test_without_collapse_every_version_is_a_hit(index: Index) -> None:
    found = places(index, "debris", k=10, collapse=False)
    assert ("orbits.en", ("1",)) in found
    assert ("orbits.fr", ("1",)) in found


def test_a_note_collapses_with_its_own_translation_only(index: Index) -> None:
    hits = index.search("sic ainsi", k=20, language="fr").hits
    notes = [(hit.document.id, hit.passage.note) for hit in hits if hit.passage.note]
    assert notes == [("orbits.fr", "1")]
    assert ("orbits.fr", ("3",)) in [(h.document.id, h.passage.paragraphs) for h in hits]


def test_pieces_of_one_paragraph_are_separate_hits(tmp_path: Path) -> None:
    long = Builder("long").paragraph("1. " + "Debris endangers every satellite. " * 60, "1").build()
    build_index([long], ENCODER, tmp_path, chunk=CHUNK)
    found = Index.open(tmp_path, ENCODER).search("debris satellite").hits
    assert len(found) > 1
    assert {hit.passage.paragraphs for hit in found} == {("1",)}


def test_filters_bind_both_legs_and_the_choice_of_version(index: Index) -> None:
    only = Filters(language=("fr",))
    for legs in (LEGS, ("dense",), ("lexical",)):
        found = places(index, "satellite debris", k=50, filters=only, legs=legs)
        assert {document for document, _ in found} == {"orbits.fr"}
    assert places(index, "debris", filters=Filters(symbol_prefix="Z/")) == []


def test_one_leg_alone_gives_its_scores_alone(index: Index) -> None:
    for leg in LEGS:
        hits = index.search("register launches", legs=(leg,), collapse=False).hits
        assert hits[0].passage.paragraphs == ("2",)
        assert {name for hit in hits for name in hit.scores} == {leg}


def test_chinese_is_found_and_detected(index: Index) -> None:
    result = index.search("月球资源由谁利用？")
    assert result.language == "zh"
    assert result.hits[0].passage.paragraphs == ("1",)
    assert result.hits[0].document.id == "moon.zh"


@pytest.mark.parametrize("k", [0, 101, -1])
def test_k_out_of_range(index: Index, k: int) -> None:
    with pytest.raises(BadRange, match="between 1 and 100"):
        index.search("debris", k)


def test_wrong_requests(index: Index) -> None:
    with pytest.raises(EmptyQuestion):
        index.search(" \n")
    with pytest.raises(BadFilter, match="Allowed: dense, lexical"):
        index.search("debris", legs=("sparse",))
    with pytest.raises(BadFilter, match="empty"):
        index.search("debris", legs=())
    with pytest.raises(BadFilter, match="Allowed: en, fr, zh"):
        index.search("debris", filters=Filters(language=("de",)))


def test_look_ups(index: Index) -> None:
    passage = index.passages[0]
    assert index.passage(passage.id) == passage
    assert index.document(passage.document_id).id == passage.document_id
    assert index.works["orbits"].documents == ("orbits.en", "orbits.fr")
    assert index.works["orbits"].symbol == "A/XX.1/77"
    with pytest.raises(UnknownPassage):
        index.passage("nothing:0-1")
    with pytest.raises(UnknownDocument):
        index.document("nothing")


def test_neighbours_keep_to_the_document_and_the_kind(index: Index) -> None:
    body = [p for p in index.passages if p.document_id == "orbits.en" and p.note is None]
    note = next(p for p in index.passages if p.document_id == "orbits.en" and p.note)
    assert index.neighbours(body[1].id, 1) == ((body[0],), (body[2],))
    assert index.neighbours(body[0].id, 9) == ((), tuple(body[1:]))
    assert index.neighbours(note.id, 2) == ((), ())
    assert index.neighbours(body[1].id, 0) == ((), ())
    with pytest.raises(BadRange):
        index.neighbours(body[0].id, 51)


def test_the_wrong_encoder_is_named_with_the_right_one(tmp_path: Path) -> None:
    build_index(small_corpus(), ENCODER, tmp_path)
    with pytest.raises(EncoderMismatch, match=r"'bag-of-words'.*'other'"):
        Index.open(tmp_path, BagOfWordsEncoder(name="other"))


def test_no_index(tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="sextant build"):
        Index.open(tmp_path, ENCODER)


def test_a_newer_generation_is_noticed_and_the_old_one_still_answers(tmp_path: Path) -> None:
    documents = small_corpus()
    build_index(documents, ENCODER, tmp_path)
    old = Index.open(tmp_path, ENCODER)
    assert old.is_current()
    build_index([replace(documents[0], title="Another")], ENCODER, tmp_path)
    assert not old.is_current()
    assert old.search("月球").hits[0].document.id == "moon.zh"
    new = Index.open(tmp_path, ENCODER)
    assert new.is_current()
    (tmp_path / "CURRENT").unlink()
    assert new.is_current()  # nothing newer is named


def test_a_version_that_was_not_found_has_the_scores_of_the_one_that_was(index: Index) -> None:
    # The word is in French alone, and asked for in English: shown is the English paragraph.
    options = {"legs": ("lexical",), "k": 1}
    hit = index.search("brouillage", language="en", **options).hits[0]
    found = index.search("brouillage", collapse=False, language="en", **options).hits[0]
    assert (hit.document.language, found.document.language) == ("en", "fr")
    assert (hit.score, hit.scores) == (found.score, found.scores)
    assert hit.scores["lexical"] > 0
