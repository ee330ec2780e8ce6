"""Sentences compared with the question by the token vectors of the passage they stand in."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.documents import Builder
from support.fake_encoder import BagOfTokensEncoder, BagOfWordsEncoder

from index import Index, RerankSettings, build_index
from index.late import had
from index.spans import SpanReader

SENTENCES = (
    "Debris endangers every satellite in low orbit.",
    "Operators register launches with the secretariat.",
    "月球资源应当造福全人类。",
    "…",
)
DOCUMENT = (
    Builder("orbits.en", "en")
    .heading("I. Launches of debris")
    .paragraph(" ".join(SENTENCES), "1")
    .paragraph("Interference with radio signals is forbidden. " * 30, "2")
    .build()
)
ENCODER = BagOfTokensEncoder(1024, token_dim=1024)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    data = tmp_path_factory.mktemp("spans")
    build_index([DOCUMENT], ENCODER, data)
    return Index.open(data, ENCODER)


def spans() -> list[tuple[int, int]]:
    starts = [DOCUMENT.text.index(sentence) for sentence in SENTENCES]
    return [(at, at + len(text)) for at, text in zip(starts, SENTENCES, strict=True)]


def passage(index: Index) -> str:
    return next(each.id for each in index.passages if SENTENCES[0] in each.text)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("debris orbit", ["debris orbit", "", ""]),  # 'debris' of the heading is in no sentence
        ("operators and debris", ["debris", "operators", ""]),
        ("secretariat", ["", "secretariat", ""]),
        ("月球资源", ["", "", "月球资源"]),
        ("trout", ["", "", ""]),
    ],
)
def test_a_span_has_the_share_of_the_question_that_it_says(
    index: Index, question: str, said: list[str]
) -> None:
    near = index.search(question).near
    assert near is not None
    assert near.tokens is not None
    weighs = dict(zip(question.split(), np.linalg.norm(near.tokens, axis=1), strict=False))
    if " " not in question:
        weighs = {question: 1.0}
    absent, there = had(np.array([0.0, 1.0])).tolist()
    shares = [sum(float(weighs[word]) for word in each.split()) for each in said]
    shares = [share * there + (1 - share) * absent for share in shares]
    for _ in range(2):  # the second time from what was kept
        found = near.spans(passage(index), spans())
        assert found is not None
        assert found.tolist() == pytest.approx([*shares, -1], abs=1e-6)  # the last says no word


def test_no_span_no_score(index: Index) -> None:
    near = index.search("debris").near
    assert near is not None
    found = near.spans(passage(index), [])
    assert found is not None
    assert found.shape == (0,)


class Counting(BagOfTokensEncoder):
    """Remembers the texts whose tokens were placed, by their last word but one."""

    def __init__(self) -> None:
        super().__init__(1024, token_dim=1024)
        self.placed: list[str] = []

    def token_places(self, text: str) -> NDArray[np.int64]:
        self.placed.append(text.split()[-2])
        return super().token_places(text)


def test_the_passages_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.spans.KEPT_PASSAGES", 2)
    words = ("alpha", "bravo", "charlie")
    builder = Builder("three.en", "en")
    for label, word in enumerate(words, 1):
        builder.paragraph(f"{'Debris is counted. ' * 50}{word} end", str(label))
    encoder = Counting()
    build_index([builder.build()], encoder, tmp_path)
    encoder.placed.clear()  # the build places every passage's
    opened = Index.open(tmp_path, encoder)
    near = opened.search("debris").near
    assert near is not None
    assert len(opened.passages) == len(words)
    a, b, c = opened.passages
    for each in (a, b, a, c, a, b):  # for c goes b, the least lately used
        found = near.spans(each.id, [(each.start, each.end)])
        assert found is not None
        assert found.tolist() == pytest.approx([1], abs=0.01)
    assert encoder.placed == ["alpha", "bravo", "charlie", "bravo"]


def test_without_token_vectors_there_is_nothing_to_compare(tmp_path: Path) -> None:
    encoder = BagOfWordsEncoder()
    build_index([DOCUMENT], encoder, tmp_path)
    near = Index.open(tmp_path, encoder).search("debris").near
    assert near is not None
    assert (near.tokens, near.reader) == (None, None)
    assert near.spans("any", [(0, 1)]) is None


def test_another_reranker_leaves_the_token_vectors_to_be_compared(tmp_path: Path) -> None:
    build_index([DOCUMENT], ENCODER, tmp_path)
    index = Index.open(tmp_path, ENCODER, rerank=RerankSettings(depth=0))
    result = index.search("debris orbit")
    assert result.near is not None
    assert isinstance(result.near.reader, SpanReader)
    found = result.near.spans(passage(index), spans()[:1])
    assert found is not None
    assert found.tolist() == pytest.approx([1], abs=0.01)
    assert not any("late" in hit.scores for hit in result.hits)
