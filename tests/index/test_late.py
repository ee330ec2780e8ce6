"""Late interaction against brute force, and the two files it reads."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus import IndexCorrupt
from index.embed import unit_rows
from index.late import STARTS, TOKENS, TokenStore

DIM = 16
LENGTHS = (3, 0, 7, 1, 0, 12)


def states(rng: np.random.Generator, length: int) -> NDArray[np.float32]:
    return rng.normal(size=(length, DIM)).astype(np.float32)


def passages(seed: int = 3) -> list[NDArray[np.int8]]:
    rng = np.random.default_rng(seed)
    rows = (unit_rows(states(rng, length)) for length in LENGTHS)
    return [np.rint(127 * each).astype(np.int8) for each in rows]


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
def test_scores_are_those_of_brute_force(rows: list[int]) -> None:
    tokens = passages()
    store = TokenStore.build(tokens, DIM)
    question = states(np.random.default_rng(9), 5)
    found = store.scores(question, np.asarray(rows))
    assert found.dtype == np.float32
    assert found.tolist() == pytest.approx([brute(question, tokens[row]) for row in rows], abs=1e-5)


def test_a_passage_that_has_every_word_scores_one() -> None:
    tokens = passages()
    store = TokenStore.build(tokens, DIM)
    question = np.array([[2.0], [0.5]]) * (tokens[5][[2, 8]] / 127)
    scores = store.scores(question.astype(np.float32), np.arange(6))
    assert scores[5] == pytest.approx(1, abs=0.02)
    assert scores.argmax() == 5
    assert scores.min() >= -1.02


def test_a_longer_token_counts_more() -> None:
    tokens = [np.eye(2, DIM, k, dtype=np.int8)[:1] * 127 for k in (0, 1)]
    question = np.array([[3.0, 0.0], [0.0, 1.0]]) @ np.eye(2, DIM)
    scores = TokenStore.build(tokens, DIM).scores(question.astype(np.float32), np.arange(2))
    assert scores.tolist() == pytest.approx([0.75, 0.25])


def test_no_tokens_asked_or_held_score_nothing() -> None:
    store = TokenStore.build(passages(), DIM)
    rows = np.arange(6)
    assert store.scores(np.zeros((0, DIM), dtype=np.float32), rows).tolist() == [0] * 6
    assert store.scores(np.zeros((2, DIM), dtype=np.float32), rows).tolist() == [0] * 6
    question = states(np.random.default_rng(1), 2)
    assert store.scores(question, rows[:0]).shape == (0,)
    assert store.scores(question, np.array([1, 4])).tolist() == [0, 0]


@pytest.mark.parametrize(
    "tokens", [passages(), [], [np.zeros((0, DIM), dtype=np.int8)] * 2], ids=["some", "no", "blank"]
)
def test_what_is_opened_is_what_was_saved(tokens: list[NDArray[np.int8]], tmp_path: Path) -> None:
    store = TokenStore.build(tokens, DIM)
    store.save(tmp_path / "late")
    opened = TokenStore.open(tmp_path / "late")
    assert (len(opened), opened.dim) == (len(store), store.dim) == (len(tokens), DIM)
    question, rows = states(np.random.default_rng(2), 4), np.arange(len(tokens))
    assert opened.scores(question, rows).tolist() == store.scores(question, rows).tolist()


def _saved(folder: Path) -> Path:
    TokenStore.build(passages(), DIM).save(folder)
    return folder


@pytest.mark.parametrize("name", [TOKENS, STARTS])
@pytest.mark.parametrize("content", [None, b"", b"no array", b"PK\x03\x04 a zip, it seems"])
def test_a_missing_or_damaged_file_is_named(
    name: str, content: bytes | None, tmp_path: Path
) -> None:
    file = _saved(tmp_path / "late") / name
    file.unlink() if content is None else file.write_bytes(content)
    with pytest.raises(IndexCorrupt, match=r"late.*token vectors"):
        TokenStore.open(tmp_path / "late")


@pytest.mark.parametrize("name", [TOKENS, STARTS])
def test_a_truncated_file_is_damaged(name: str, tmp_path: Path) -> None:
    file = _saved(tmp_path / "late") / name
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
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(
    name: str, array: NDArray[np.generic], tmp_path: Path
) -> None:
    np.save(_saved(tmp_path / "late") / name, array)
    with pytest.raises(IndexCorrupt, match="token vectors of its passages"):
        TokenStore.open(tmp_path / "late")
