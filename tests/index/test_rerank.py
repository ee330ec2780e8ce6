"""Reordering the top of a ranking, and a search that does it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support.documents import Builder
from support.fake_encoder import BagOfTokensEncoder

from corpus import RerankerUnavailable
from index import ChunkSettings, Index, RerankSettings, build_index, open_reranker
from index.fuse import Fusion
from index.late import had, weights
from index.rerank import LATE_WEIGHT, SENTENCE_WEIGHT, reranked

CHUNK = ChunkSettings(max_han=350, max_other=900, min_han=60, min_other=160)
SYNONYMS = {"balizas": "beacons", "puerto": "harbour", "luces": "lights"}
QUESTION = "balizas puerto luces"  # no word of which stands in the documents
ENCODER = BagOfTokensEncoder(1024, token_dim=1024, synonyms=SYNONYMS)
ABSENT, THERE = had(np.array([0.0, 1.0])).tolist()


def fusion(scores: Sequence[float]) -> Fusion:
    """Rows 10, 11, … with these scores, which one leg gave."""
    found = np.asarray(scores, dtype=np.float64)
    return Fusion(np.arange(10, 10 + len(found)), found, {"dense": found.copy()})


def as_scores(*scores: float) -> NDArray[np.float32]:
    return np.asarray(scores, dtype=np.float32)


def test_the_top_is_reordered_and_the_rest_follows() -> None:
    out = reranked(fusion([0.9, 0.8, 0.7, 0.6, 0.5]), {"late": as_scores(0, 0.5, 0)}, {"late": 2})
    assert out.rows.tolist() == [11, 10, 12, 13, 14]
    assert out.scores.tolist() == [1.8, 0.9, 0.7, 0.6, 0.5]
    assert out.legs["dense"].tolist() == [0.8, 0.9, 0.7, 0.6, 0.5]
    assert out.legs["late"][:3].tolist() == [0.5, 0, 0]
    assert [item.scores.keys() for item in out][2:4] == [{"dense", "late"}, {"dense"}]


def test_a_top_that_fell_is_still_above_the_rest() -> None:
    out = reranked(fusion([0.9, 0.8, 0.7, 0.7, 0.2]), {"late": as_scores(-3, -1, -2)}, {"late": 1})
    assert out.rows.tolist() == [11, 12, 10, 13, 14]
    assert out.scores[3] < out.scores[2] == pytest.approx(-2.1)
    assert out.scores[3] - out.scores[4] == pytest.approx(0.5)


def test_the_old_score_can_be_left_out() -> None:
    new = {"reranker": as_scores(-1, 3, -9, 1)}
    out = reranked(fusion([5, 4, 3, 2]), new, {"reranker": 1}, keep=0)
    assert out.rows.tolist() == [11, 13, 10, 12]
    assert out.scores.tolist() == [3, 1, -1, -9]


def test_ties_go_by_the_order_given() -> None:
    places = np.zeros(20, dtype=np.int64)
    places[10:14] = [3, 1, 2, 0]
    tied = fusion([1, 1, 1, 1])
    new, weights = {"late": as_scores(0, 0, 0)}, {"late": 1}
    assert reranked(tied, new, weights, ties=places).rows.tolist() == [11, 12, 10, 13]
    assert reranked(tied, new, weights).rows.tolist() == [10, 11, 12, 13]


def test_two_new_scores_add_up() -> None:
    new = {"late": as_scores(0, 1), "sentence": as_scores(3, 1)}
    out = reranked(fusion([1, 0.5, 0.2]), new, {"late": 2, "sentence": 0.5})
    assert out.rows.tolist() == [11, 10, 12]
    assert out.scores[:2].tolist() == [3, 2.5]
    assert out.legs["late"][:2].tolist() == [1, 0]
    assert out.legs["sentence"][:2].tolist() == [1, 3]


def test_without_scores_nothing_changes() -> None:
    found = fusion([3, 2])
    assert reranked(found, {"late": as_scores()}, {"late": 1}) is found


_SCORES = st.floats(-50, 50, width=32)


@settings(deadline=None)
@given(
    st.lists(_SCORES, min_size=1, max_size=12).map(lambda scores: sorted(scores, reverse=True)),
    st.lists(_SCORES, max_size=12),
    st.floats(0, 4),
    st.sampled_from([0.0, 1.0]),
)
def test_whatever_is_reordered(
    old: list[float], new: list[float], weight: float, keep: float
) -> None:
    top = min(len(old), len(new))
    before = fusion(old)
    after = reranked(before, {"late": as_scores(*new[:top])}, {"late": weight}, keep=keep)
    assert sorted(after.rows[:top].tolist()) == before.rows[:top].tolist()
    assert after.rows[top:].tolist() == before.rows[top:].tolist()
    assert (np.diff(after.scores) <= 0).all()
    assert not 0 < top < len(old) or after.scores[top] < after.scores[top - 1]
    assert after.legs["dense"].tolist() == [old[row - 10] for row in after.rows.tolist()]
    for at, row in enumerate(after.rows[:top].tolist()):
        expected = keep * old[row - 10] + weight * float(np.float32(new[row - 10]))
        assert after.scores[at] == pytest.approx(expected)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One paragraph is all about a third of the question, another says all of it in passing."""
    passing = (
        "2. At night the pilots who bring ships through the narrow channel look for the lights "
        "that the keepers of the northern harbour tend, count the painted beacons on either "
        "shore, and write in the log what they saw, as the rules of the port have long asked."
    )
    harbour = (
        Builder("marks.en", "en")
        .heading("I. Marks")
        .paragraph("1. " + "Beacons and beacons. " * 12, "1")
        .paragraph(passing, "2")
        .paragraph("3. Nets must have wide meshes, and whoever mends them is paid. " * 4, "3")
        .build()
    )
    folder = tmp_path_factory.mktemp("harbour")
    build_index([harbour], ENCODER, folder, chunk=CHUNK)
    return folder


@pytest.fixture(scope="module")
def index(data: Path) -> Index:
    return Index.open(data, ENCODER)


def labels(index: Index, **how: object) -> list[str]:
    hits = index.search(QUESTION, language="es", **how).hits
    return [hit.passage.paragraphs[0] for hit in hits]


def test_a_generation_holds_token_vectors(data: Path, index: Index) -> None:
    (folder,) = (data / "generations").iterdir()
    assert {file.name for file in (folder / "late").iterdir()} == {
        "tokens.npy", "starts.npy", "sentences.npy",
    }  # fmt: skip
    assert index.reranked_by == "late"


def test_late_interaction_changes_the_order(index: Index) -> None:
    assert labels(index, rerank=False) == ["1", "2", "3"]
    assert labels(index)[0] == "2"
    fused = {hit.passage.id: hit for hit in index.search(QUESTION, rerank=False).hits}
    # Three words: one that two of the three passages have, two that one has.
    table = [[THERE, ABSENT, ABSENT], [THERE] * 3, [ABSENT] * 3]
    both, one, other = weights(np.ones(3, np.float32), np.array(table)).tolist()
    assert both < one == other
    for hit in index.search(QUESTION).hits:
        share = {"1": both, "2": 1.0, "3": 0.0}[hit.passage.paragraphs[0]]
        held = share * THERE + (1 - share) * ABSENT
        assert hit.scores["late"] == pytest.approx(held, abs=1e-6)
        assert hit.scores["sentence"] == pytest.approx(held, abs=1e-6)  # each says it in one
        added = (LATE_WEIGHT + SENTENCE_WEIGHT) * held
        assert hit.score == pytest.approx(fused[hit.passage.id].score + added)
        assert not {"late", "sentence"} & fused[hit.passage.id].scores.keys()


def test_a_passage_that_says_it_in_one_sentence_comes_first(tmp_path: Path) -> None:
    filler = "Nets must have wide meshes, and whoever mends them is paid. " * 3
    scattered = (
        Builder("marks.en", "en")
        .paragraph(f"1. Beacons stand. {filler} The harbour froze. {filler} Lights are out.", "1")
        .paragraph(f"2. {filler} Beacons are the lights of the harbour. {filler}", "2")
        .build()
    )
    build_index([scattered], ENCODER, tmp_path, chunk=CHUNK)
    whole = RerankSettings(weight=1.0, sentence=0.0)
    first = Index.open(tmp_path, ENCODER, rerank=whole).search(QUESTION, language="es").hits
    assert [hit.scores["late"] for hit in first] == pytest.approx([THERE, THERE], abs=1e-6)
    found = Index.open(tmp_path, ENCODER).search(QUESTION, language="es").hits
    assert [hit.passage.paragraphs[0] for hit in found] == ["2", "1"]
    third = (THERE + 2 * ABSENT) / 3
    assert [hit.scores["sentence"] for hit in found] == pytest.approx([THERE, third], abs=1e-6)


def test_a_leg_alone_is_left_as_it_is(index: Index) -> None:
    assert labels(index, legs=("dense",)) == ["1", "2", "3"]
    for leg in ("dense", "lexical"):
        hits = index.search("beacons of the harbour", legs=(leg,)).hits
        assert {name for hit in hits for name in hit.scores} == {leg}


@pytest.mark.parametrize("off", [RerankSettings(depth=0), RerankSettings(weight=0.0, sentence=0.0)])
def test_it_can_be_off(data: Path, off: RerankSettings) -> None:
    index = Index.open(data, ENCODER, rerank=off)
    assert index.reranked_by is None
    assert labels(index) == ["1", "2", "3"]


def test_only_so_many_are_looked_at_again(data: Path) -> None:
    assert labels(Index.open(data, ENCODER, rerank=RerankSettings(depth=1))) == ["1", "2", "3"]
    assert labels(Index.open(data, ENCODER, rerank=RerankSettings(depth=2)))[0] == "2"


def test_the_vector_of_the_question_comes_with_the_hits(index: Index) -> None:
    made = ENCODER.encode_queries([QUESTION])[0].tolist()
    for how in ({}, {"rerank": False}, {"legs": ("dense",)}):
        near = index.search(QUESTION, **how).near
        assert near is not None
        assert near.vector.tolist() == made
    assert index.search(QUESTION, legs=("lexical",)).near is None


class NetsFirst:
    """A reranker that likes texts about nets, and remembers what it was given."""

    name = "nets"
    fingerprint = "0" * 64

    def __init__(self) -> None:
        self.read: list[tuple[str, list[str]]] = []

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.read.append((question, list(texts)))
        return np.asarray([8.0 if "Nets" in text else -8.0 for text in texts], dtype=np.float32)


def test_a_reranker_decides_alone(data: Path) -> None:
    reranker = NetsFirst()
    index = Index.open(data, ENCODER, reranker=reranker)
    assert index.reranked_by == "nets"
    hits = index.search(QUESTION, language="es").hits
    assert hits[0].passage.paragraphs == ("3",)
    assert hits[1].passage.id < hits[2].passage.id  # a tie
    assert [hit.scores["reranker"] for hit in hits] == [8, -8, -8]
    assert not any("late" in hit.scores for hit in hits)
    ((question, texts),) = reranker.read
    assert question == QUESTION
    assert texts[0].endswith(index.passages[0].text)
    assert texts[0].startswith("Report marks.en")  # what the passage is of, too
    labels(index, rerank=False)
    labels(replace(index, rerank=RerankSettings(depth=0)))
    assert len(reranker.read) == 1


def test_a_reranker_is_not_asked_about_nothing(data: Path) -> None:
    reranker = NetsFirst()
    index = Index.open(data, ENCODER, reranker=reranker)
    assert index.search("?!").hits == ()
    assert reranker.read == []


def test_a_folder_that_is_not_there_is_named() -> None:
    with pytest.raises(RerankerUnavailable, match=r"no folder 'not/there/at/all'.*'late' or 'off'"):
        open_reranker("not/there/at/all")
