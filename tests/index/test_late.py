"""Late interaction against brute force, and the two files it reads."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import IndexCorrupt
from index.embed import unit_rows
from index.late import SENTENCES, STARTS, TOKENS, TokenStore, had, writing

DIM = 16
LENGTHS = (3, 0, 7, 1, 0, 12)
SAID = (((0, 2), (2, 3)), (), ((1, 4), (4, 6)), (), (), ((0, 5), (5, 5), (7, 12)))


def states(rng: np.random.Generator, length: int) -> NDArray[np.float32]:
    return rng.normal(size=(length, DIM)).astype(np.float32)


def passages(seed: int = 3) -> list[NDArray[np.int8]]:
    rng = np.random.default_rng(seed)
    rows = (unit_rows(states(rng, length)) for length in LENGTHS)
    return [np.rint(127 * each).astype(np.int8) for each in rows]


def saved(folder: Path, tokens: Sequence[NDArray[np.int8]] | None = None) -> Path:
    with writing(folder, DIM) as add:
        if tokens is None:
            for each, ranges in zip(passages(), SAID, strict=True):
                add(each, ranges)
        else:
            for each in tokens:
                add(each, [(0, len(each))])
    return folder


def stored(folder: Path, tokens: Sequence[NDArray[np.int8]] | None = None) -> TokenStore:
    return TokenStore.open(saved(folder / "late", tokens))


def held_by(question: NDArray[np.float32], tokens: NDArray[np.int8]) -> list[float]:
    """How far the tokens have each of the question's, one by one in float64."""
    held = tokens.astype(np.float64) / 127
    unit = [token / np.sqrt(token @ token) for token in question.astype(np.float64)]
    best = [max(float(token @ other) for other in held) for token in unit]
    return [1 / (1 + math.exp((0.35 - cosine) / 0.1)) for cosine in best]


def weighed(question: NDArray[np.float32], passages: Sequence[NDArray[np.int8]]) -> list[float]:
    """The formula, written out."""
    held = [held_by(question, passage) for passage in passages]
    found = []
    for at, token in enumerate(question.astype(np.float64)):
        rarity = math.log(1 + len(held) / (0.5 + sum(each[at] for each in held)))
        found.append(math.sqrt(token @ token) ** 1.5 * math.sqrt(rarity))
    return [weight / sum(found) for weight in found]


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4, 5], [5, 3, 1, 0], [2], [4, 1], [3, 3]])
def test_scores_are_those_of_brute_force(rows: list[int], tmp_path: Path) -> None:
    tokens = passages()
    store = stored(tmp_path)
    question = states(np.random.default_rng(9), 5)
    late = store.scores(question, np.asarray(rows))
    assert late.whole.dtype == late.sentence.dtype == late.question.dtype == np.float32
    weights = weighed(question, [tokens[row] for row in rows if len(tokens[row])] or tokens[2:3])

    def score(held: NDArray[np.int8]) -> float:
        return float(np.dot(held_by(question, held), weights)) if len(held) else 0.0

    assert late.whole.tolist() == pytest.approx([score(tokens[row]) for row in rows], abs=1e-5)
    said = [[tokens[row][a:b] for a, b in SAID[row] if a < b] or [tokens[row]] for row in rows]
    wanted = [max(score(sentence) for sentence in each) for each in said]
    assert late.sentence.tolist() == pytest.approx(wanted, abs=1e-5)
    if any(len(tokens[row]) for row in rows):
        assert np.linalg.norm(late.question, axis=1).tolist() == pytest.approx(weights, abs=1e-5)
        for row in rows:
            if len(tokens[row]):
                held = had(store.cosines(late.question, row).max(axis=0))
                assert held @ weights == pytest.approx(score(tokens[row]), abs=1e-5)


def test_a_passage_that_has_every_word_scores_one(tmp_path: Path) -> None:
    tokens = passages()
    store = stored(tmp_path)
    question = np.array([[2.0], [0.5]]) * (tokens[5][[2, 8]] / 127)
    scores = store.scores(question.astype(np.float32), np.arange(6)).whole
    assert scores[5] == pytest.approx(1, abs=0.02)
    assert scores.argmax() == 5
    assert scores.min() >= 0


def test_a_longer_token_counts_more(tmp_path: Path) -> None:
    tokens = [np.eye(2, DIM, k, dtype=np.int8)[:1] * 127 for k in (0, 1)]
    question = np.array([[3.0, 0.0], [0.0, 1.0]]) @ np.eye(2, DIM)
    scores = stored(tmp_path, tokens).scores(question.astype(np.float32), np.arange(2)).whole
    absent, there = had(np.array([0.0, 1.0])).tolist()
    share = 3**1.5 / (3**1.5 + 1)
    assert scores.tolist() == pytest.approx(
        [share * there + (1 - share) * absent, share * absent + (1 - share) * there]
    )


def test_a_token_that_few_passages_have_counts_more(tmp_path: Path) -> None:
    common, rare = (np.eye(1, DIM, k, dtype=np.int8) * 127 for k in (0, 1))
    tokens = [common, common, common, rare]
    question = np.eye(2, DIM, dtype=np.float32)
    scores = stored(tmp_path, tokens).scores(question, np.arange(4)).whole.tolist()
    assert scores[:3] == [scores[0]] * 3
    assert scores[3] > 1.2 * scores[0] > 0
    alike = stored(tmp_path / "two", [common, rare]).scores(question, np.arange(2)).whole
    assert alike[0] == pytest.approx(alike[1])


def test_a_word_counts_hardly_more_than_its_translation() -> None:
    unlike, kin, translated, same = had(np.array([0.1, 0.3, 0.65, 1.0])).tolist()
    assert same < 1.1 * translated
    assert translated > 2 * kin > 8 * unlike
    assert had(np.array([0.35])).tolist() == pytest.approx([0.5])


def test_no_tokens_asked_or_held_score_nothing(tmp_path: Path) -> None:
    store = stored(tmp_path)
    rows = np.arange(6)
    for length in (0, 2):
        late = store.scores(np.zeros((length, DIM), dtype=np.float32), rows)
        assert late.whole.tolist() == late.sentence.tolist() == [0] * 6
    question = states(np.random.default_rng(1), 2)
    assert store.scores(question, rows[:0]).whole.shape == (0,)
    blank = store.scores(question, np.array([1, 4]))
    assert blank.whole.tolist() == blank.sentence.tolist() == [0, 0]
    assert blank.question is question


@pytest.mark.parametrize(
    "tokens", [passages(), [], [np.zeros((0, DIM), dtype=np.int8)] * 2], ids=["some", "no", "blank"]
)
def test_the_files_are_what_numpy_saves(tokens: list[NDArray[np.int8]], tmp_path: Path) -> None:
    folder = saved(tmp_path / "late", tokens)
    rows = np.concatenate([np.zeros((0, DIM), dtype=np.int8), *tokens])
    starts = np.cumsum([0, *map(len, tokens)], dtype=np.int64)
    ranges = np.asarray([(a, b) for a, b in pairwise(starts) if a < b]).reshape(-1, 2)
    for name, array in ((TOKENS, rows), (STARTS, starts), (SENTENCES, ranges.astype(np.int64))):
        np.save(tmp_path / name, array)
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()
    opened = TokenStore.open(folder)
    assert (len(opened), opened.dim) == (len(tokens), DIM)


def test_what_is_half_written_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "late"

    def write() -> None:
        with writing(folder, DIM) as add:
            add(passages()[0], [])
            with pytest.raises(IndexCorrupt, match="token vectors"):
                TokenStore.open(folder)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    with pytest.raises(IndexCorrupt, match="token vectors"):
        TokenStore.open(folder)


def test_tokens_of_another_dimension_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="reshape"), writing(tmp_path / "late", DIM) as add:
        add(np.zeros((3, DIM + 1), dtype=np.int8), [])


@pytest.mark.parametrize("name", [TOKENS, STARTS, SENTENCES])
@pytest.mark.parametrize("content", [None, b"", b"no array", b"PK\x03\x04 a zip, it seems"])
def test_a_missing_or_damaged_file_is_named(
    name: str, content: bytes | None, tmp_path: Path
) -> None:
    file = saved(tmp_path / "late") / name
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(IndexCorrupt, match=r"late.*token vectors"):
        TokenStore.open(tmp_path / "late")


@pytest.mark.parametrize("name", [TOKENS, STARTS, SENTENCES])
def test_a_truncated_file_is_damaged(name: str, tmp_path: Path) -> None:
    file = saved(tmp_path / "late") / name
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(IndexCorrupt, match="token vectors"):
        TokenStore.open(tmp_path / "late")


@pytest.mark.parametrize(
    ("name", "array"),
    [
        (TOKENS, np.zeros((23, DIM), dtype=np.float32)),
        (TOKENS, np.zeros(23, dtype=np.int8)),
        (TOKENS, np.zeros((22, DIM), dtype=np.int8)),
        (STARTS, np.array([0, 3, 3, 10, 11, 11, 24])),
        (STARTS, np.array([1, 3, 3, 10, 11, 11, 23])),
        (STARTS, np.array([0, 3, 12, 10, 11, 11, 23])),
        (STARTS, np.array([[0, 23]])),
        (STARTS, np.zeros(0, dtype=np.int64)),
        (STARTS, np.array([0.0, 23.0])),
        (SENTENCES, np.zeros((0, 3), dtype=np.int64)),
        (SENTENCES, np.array([0, 2])),
        (SENTENCES, np.array([[0.0, 2.0]])),
        (SENTENCES, np.array([[0, 2], [1, 3]])),
        (SENTENCES, np.array([[2, 2]])),
        (SENTENCES, np.array([[2, 4]])),
        (SENTENCES, np.array([[22, 24]])),
        (SENTENCES, np.array([[-1, 2]])),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(
    name: str, array: NDArray[np.generic], tmp_path: Path
) -> None:
    np.save(saved(tmp_path / "late") / name, array)
    with pytest.raises(IndexCorrupt, match="token vectors of its passages"):
        TokenStore.open(tmp_path / "late")
