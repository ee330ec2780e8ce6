"""The reranker as a setting: which one is opened, and that every command uses it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.documents import small_corpus
from support.fake_encoder import BagOfTokensEncoder

from index import Index, build_index
from service import cli_eval, commands
from service.answer import Asker
from service.cli import main
from service.commands import index_opener
from service.settings import Settings
from service.writer import ExtractiveWriter

QUESTION = "Who should register launches with the secretariat?"


class RadioFirst:
    """A reranker that likes texts about radio."""

    name, fingerprint = "radio", "f" * 64

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.asarray([8.0 if "radio" in text else -8.0 for text in texts], dtype=np.float32)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Settings]:
    """Settings with a reranker, over an index that was built; RadioFirst is the model there is."""
    build_index(small_corpus(), BagOfTokensEncoder(), tmp_path)
    monkeypatch.setattr(commands, "open_encoder", lambda name, **_: BagOfTokensEncoder())
    monkeypatch.setattr(commands, "open_reranker", lambda name, **_: RadioFirst())
    return lambda rerank: Settings(corpus=tmp_path, data=tmp_path, rerank=rerank)


@pytest.mark.parametrize(
    ("given", "read"),
    [("OFF", "off"), ("Late", "late"), ("BAAI/bge-reranker-v2-m3", "BAAI/bge-reranker-v2-m3")],
)
def test_it_is_a_word_or_a_name(given: str, read: str) -> None:
    assert Settings.from_environment({"rerank": given}, environ={}).rerank == read
    assert Settings.from_environment(environ={"SEXTANT_RERANK": given}).rerank == read
    assert Settings.from_environment(environ={}).rerank == "late"


@pytest.mark.parametrize(
    ("rerank", "by"), [("late", "late"), ("off", None), ("some/model", "radio")]
)
def test_the_index_is_opened_with_it(
    settings: Callable[[str], Settings], rerank: str, by: str | None
) -> None:
    wanted = settings(rerank)
    index = index_opener(wanted)(wanted.data, BagOfTokensEncoder())
    assert index.reranked_by == by
    hits = index.search(QUESTION, collapse=False).hits
    named = {"late": "late", "radio": "reranker", None: "dense"}[by]
    assert all(named in hit.scores for hit in hits)
    assert ("radio" in hits[0].passage.text) == (by == "radio")


def test_a_model_is_loaded_once_for_every_generation(
    settings: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[tuple[str, dict[str, str]]] = []

    def load(name: str, **how: str) -> RadioFirst:
        loaded.append((name, how))
        return RadioFirst()

    monkeypatch.setattr(commands, "open_reranker", load)
    wanted = settings("some/model")
    opener = index_opener(wanted)
    first, second = (opener(wanted.data, BagOfTokensEncoder()) for _ in range(2))
    assert first.reranker is second.reranker
    assert loaded == [("some/model", {"device": "auto", "precision": "fp32"})]


def test_the_command_line_takes_it(
    settings: Callable[[str], Settings], capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(settings("late").data)
    found = {}
    for rerank in ("late", "off", "some/model"):
        flags = ["--json", "--no-collapse", "--data", data, "--rerank", rerank]
        assert main(["search", *flags, QUESTION]) == 0
        found[rerank] = json.loads(capsys.readouterr().out)["hits"]
    assert {name for hit in found["off"] for name in hit["scores"]} == {"dense", "lexical"}
    assert found["late"][0]["scores"]["late"] > 0.5
    assert found["some/model"][0]["scores"]["reranker"] == 8


def test_a_model_that_is_not_there_is_named(
    settings: Callable[[str], Settings],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from index import open_reranker

    monkeypatch.setattr(commands, "open_reranker", open_reranker)
    data = str(settings("late").data)
    assert main(["ask", "--data", data, "--rerank", "./nowhere", QUESTION]) == 1
    told = capsys.readouterr().err
    assert told.startswith("sextant: Reranker './nowhere' cannot be loaded: there is no folder")
    assert told.count("\n") == 1


def test_an_evaluation_says_what_reranked(settings: Callable[[str], Settings]) -> None:
    prints = {
        rerank: cli_eval.in_process(settings(rerank)).fingerprints["settings"]
        for rerank in ("late", "off", "some/model")
    }
    assert len(set(prints.values())) == 3


class Counting(BagOfTokensEncoder):
    """Counts how often it is asked to encode the question."""

    asked = 0

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += list(texts).count(QUESTION)
        return super().encode_queries(texts)


def test_a_question_is_encoded_once(tmp_path: Path) -> None:
    encoder = Counting()
    build_index(small_corpus(), encoder, tmp_path)
    passages = encoder.calls
    answer = Asker(Index.open(tmp_path, encoder), ExtractiveWriter(encoder)).ask(QUESTION)
    assert "register launches" in answer.citations[0].quote
    assert encoder.asked == 1
    assert encoder.calls == passages  # no sentence was encoded either
