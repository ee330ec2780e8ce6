"""Late interaction against brute force, and the two files it reads."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import IndexCorrupt
from index.embed import unit_rows
from index.late import SENTENCES, STARTS, TOKENS, TokenStore, writing

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


def brute(question: NDArray[np.float32], tokens: NDArray[np.int8]) -> float:
    """Token by token, in float64."""
    if not len(tokens):
        return 0.0
    total = weight = 0.0
    for token in question.astype(np.float64):
        total += max(float(token @ other) / 127 for other in tokens.astype(np.float64))
        weight += float(np.sqrt(token @ token))
    return total / weight


@pytest.mark.parametrize("rows", [[0, 1, 2, 3, 4, 5], [5, 3, 1, 0], [2], [4, 1], [3, 3]])
def test_scores_are_those_of_brute_force(rows: list[int], tmp_path: Path) -> None:
    tokens = passages()
    store = stored(tmp_path)
    question = states(np.random.default_rng(9), 5)
    found, best = store.scores(question, np.asarray(rows))
    assert found.dtype == best.dtype == np.float32
    assert found.tolist() == pytest.approx([brute(question, tokens[row]) for row in rows], abs=1e-5)
    said = [[tokens[row][a:b] for a, b in SAID[row] if a < b] or [tokens[row]] for row in rows]
    wanted = [max(brute(question, sentence) for sentence in each) for each in said]
    assert best.tolist() == pytest.approx(wanted, abs=1e-5)


def test_a_passage_that_has_every_word_scores_one(tmp_path: Path) -> None:
    tokens = passages()
    store = stored(tmp_path)
    question = np.array([[2.0], [0.5]]) * (tokens[5][[2, 8]] / 127)
    scores, _ = store.scores(question.astype(np.float32), np.arange(6))
    assert scores[5] == pytest.approx(1, abs=0.02)
    assert scores.argmax() == 5
    assert scores.min() >= -1.02


def test_a_longer_token_counts_more(tmp_path: Path) -> None:
    tokens = [np.eye(2, DIM, k, dtype=np.int8)[:1] * 127 for k in (0, 1)]
    question = np.array([[3.0, 0.0], [0.0, 1.0]]) @ np.eye(2, DIM)
    scores, _ = stored(tmp_path, tokens).scores(question.astype(np.float32), np.arange(2))
    assert scores.tolist() == pytest.approx([0.75, 0.25])


def test_no_tokens_asked_or_held_score_nothing(tmp_path: Path) -> None:
    store = stored(tmp_path)
    rows = np.arange(6)
    for length in (0, 2):
        for found in store.scores(np.zeros((length, DIM), dtype=np.float32), rows):
            assert found.tolist() == [0] * 6
    question = states(np.random.default_rng(1), 2)
    assert [found.shape for found in store.scores(question, rows[:0])] == [(0,), (0,)]
    assert [found.tolist() for found in store.scores(question, np.array([1, 4]))] == [[0, 0]] * 2


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
