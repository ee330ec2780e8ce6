"""Invented documents: what is trained on, and what is held out."""

import json
from pathlib import Path

import pytest
from support.made_up import SMALL, silent, write_rows

from training import prepare
from training.recipe import LANGUAGES, Recipe


@pytest.fixture(scope="module")
def prepared(parallel: Path, documents: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    counts = prepare.prepare(parallel, sorted(documents.glob("qa_*.tsv")), folder, SMALL, silent)
    held = json.loads((folder / prepare.FOUND_DEV).read_text(encoding="utf-8"))
    assert counts["found_dev"] == len(held) > 0
    return folder


def _stream(prepared: Path, name: str) -> list[list[str]]:
    text = (prepared / "pairs" / f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()]


def _documents(prepared: Path) -> tuple[set[str], set[str]]:
    """Names of those held out and of those trained on."""
    held = json.loads((prepared / prepare.FOUND_DEV).read_text(encoding="utf-8"))
    trained = {row[1].split()[0] for row in _stream(prepared, "find.zh")}
    return {row["at"].split()[0] for row in held}, trained


def test_documents_are_held_out_whole(prepared: Path) -> None:
    held, trained = _documents(prepared)
    assert held
    assert not held & trained
    assert len(held | trained) == 40
    rows = json.loads((prepared / prepare.FOUND_DEV).read_text(encoding="utf-8"))
    assert len(rows) == 4 * len(held)  # both paragraphs, both questions
    kept_out = {text for row in rows for text in (*row["q"].values(), *row["p"].values())}
    for path in (prepared / "pairs").glob("*.tsv"):
        if path.stem.partition(".")[0] in ("find", "told"):
            used = {text for row in _stream(prepared, path.stem) for text in row[2:]}
            assert not used & kept_out


def test_a_question_is_asked_in_every_language_of_both_passages(prepared: Path) -> None:
    _, trained = _documents(prepared)
    for told in ("zh", "en"):
        rows = _stream(prepared, f"find.{told}")
        assert len(rows) == len(trained) * 2 * 2 * len(LANGUAGES)
        groups = {row[1] for row in rows}
        assert len(groups) == len(trained) * 2  # a paragraph's pairs are no negatives
        passages = {(row[1], row[3]) for row in rows}
        assert len(passages) == len(groups)


def test_a_question_picks_its_sentence(prepared: Path) -> None:
    _, trained = _documents(prepared)
    for told in ("zh", "en"):
        rows = _stream(prepared, f"pick.{told}")
        assert len(rows) == len(trained) * 2 * 2 * len(LANGUAGES)
        passages = {row[3] for row in _stream(prepared, f"find.{told}")}
        assert not passages & {row[3] for row in rows}
        assert len({row[1] for row in rows}) == len(trained) * 2 * 2  # a sentence is a group


def test_questions_and_passages_are_translations_too(prepared: Path) -> None:
    _, trained = _documents(prepared)
    questions, passages = len(trained) * 4, len(trained) * 2
    assert len(_stream(prepared, "told.fr-ru")) == questions
    assert len(_stream(prepared, "told.en-zh")) == questions + passages


def test_articles_in_one_language_are_asked_in_every_language(
    parallel: Path, tmp_path: Path
) -> None:
    asked = [f"question {number} {language}" for number in (1, 2) for language in LANGUAGES]
    said = [("مقال. جملة.", "جملة."), ("نص آخر.", "نص آخر.")]
    lines = [
        ("article1", str(n + 1), *asked[n * 6 : n * 6 + 6], passage, sentence)
        for n, (passage, sentence) in enumerate(said)
    ]
    write_rows(tmp_path / "own" / "qa_articles.ar.tsv", lines)
    named = sorted((tmp_path / "own").glob("qa_*.tsv"))
    prepare.prepare(parallel, named, tmp_path, SMALL, silent)
    found = _stream(tmp_path, "find.ar")
    assert {row[2] for row in found} == set(asked)
    assert {(row[0], row[1], row[3]) for row in found} == {
        ("qa_articles", f"article1 {n + 1}", passage) for n, (passage, _) in enumerate(said)
    }
    assert {row[3] for row in _stream(tmp_path, "pick.ar")} == {answer for _, answer in said}
    assert len(_stream(tmp_path, "told.fr-ru")) == 2
    assert json.loads((tmp_path / prepare.FOUND_DEV).read_text(encoding="utf-8")) == []


def test_questions_share_a_batch_only_with_questions_on_texts_in_the_same_language(
    prepared: Path,
) -> None:
    for language in LANGUAGES:
        rows = _stream(prepared, f"ask.{language}")
        assert rows
        assert {row[0] for row in rows} <= {"qa", "cmrc2018"}
        assert ("cmrc2018" in {row[0] for row in rows}) == (language == "zh")


def test_the_families_of_invented_documents_are_our_own() -> None:
    assert Recipe().family("qa_space") == "own"
    assert Recipe().family("un_v1_dev") == "official"
    assert Recipe().family("cedict") == "dictionary"
    assert Recipe().family("tatoeba_cmn") == "prose"
