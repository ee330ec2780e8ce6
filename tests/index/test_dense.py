import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import index.dense as dense
from corpus import IndexCorrupt
from index.dense import DECIMALS, Ann, DenseIndex

SMALL_TABLE = (Ann(rows=100, kind="exact", probes=0), Ann(rows=math.inf, kind="ivf-sq8", probes=16))


def clustered(count: int, dim: int, clusters: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    centres = random.normal(size=(clusters, dim))
    rows = centres[random.integers(0, clusters, count)] + 0.5 * random.normal(size=(count, dim))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def brute_force(vectors, query, k, rows=None):
    rows = np.arange(len(vectors)) if rows is None else np.unique(rows)
    scores = np.round(vectors[rows] @ query, DECIMALS)
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120), st.integers(1, 20), st.integers(0, 10_000), st.booleans())
def test_exact_search_is_brute_force(count, k, seed, narrowed):
    random = np.random.default_rng(seed)
    # Coordinates in eighths have exact products, so ties are exact for both.
    vectors = (random.integers(-3, 4, size=(count, 8)) / 8).astype(np.float32)
    query = np.round(random.normal(size=8) * 8).astype(np.float32) / 8
    query[0] += 4
    rows = random.choice(count, max(1, count // 3), replace=False) if narrowed else None
    index = DenseIndex.build(vectors)
    found, scores = index.search(query, k, rows)
    expected, expected_scores = brute_force(vectors, query, k, rows)
    assert index.kind == "exact"
    assert found.tolist() == expected.tolist()
    assert scores.tolist() == pytest.approx(expected_scores.tolist(), abs=1e-5)


def test_ties_beyond_the_kth_row_go_to_the_lower_rows():
    vectors = np.tile(np.array([[0.6, 0.8]], dtype=np.float32), (50, 1))
    found, scores = DenseIndex.build(vectors).search(vectors[0], 3)
    assert found.tolist() == [0, 1, 2]
    assert scores.tolist() == pytest.approx([1, 1, 1])


def test_opened_is_built(tmp_path):
    vectors = clustered(300, 16, 10, seed=1)
    built = DenseIndex.build(vectors)
    built.save(tmp_path / "dense.faiss")
    opened = DenseIndex.open(tmp_path / "dense.faiss")
    assert (len(opened), opened.dim, opened.kind) == (300, 16, "exact")
    for query in vectors[:20]:
        for rows in (None, np.arange(0, 300, 7)):
            one, other = built.search(query, 10, rows), opened.search(query, 10, rows)
            assert one[0].tolist() == other[0].tolist()
            assert one[1].tolist() == other[1].tolist()


@pytest.mark.parametrize("narrowed", [False, True])
def test_the_approximate_index_finds_nine_in_ten(monkeypatch, tmp_path, narrowed):
    monkeypatch.setattr(dense, "ANN_TABLE", SMALL_TABLE)
    vectors = clustered(6000, 32, 60, seed=2)
    DenseIndex.build(vectors).save(tmp_path / "dense.faiss")
    index = DenseIndex.open(tmp_path / "dense.faiss")
    assert index.kind == "ivf-sq8"
    rows = np.arange(5, 6000, 200) if narrowed else None
    random = np.random.default_rng(3)
    recalled = 0
    for seed in range(100):
        query = vectors[seed] + 0.2 * random.normal(size=32).astype(np.float32)
        found, _ = index.search(query, 10, rows)
        assert len(found) == 10
        assert rows is None or np.isin(found, rows).all()
        recalled += len(
            set(found.tolist()) & set(brute_force(vectors, query, 10, rows)[0].tolist())
        )
    assert recalled / 1000 >= 0.9


@pytest.mark.parametrize("table", [dense.ANN_TABLE, SMALL_TABLE])
def test_the_same_vectors_give_the_same_bytes(monkeypatch, tmp_path, table):
    monkeypatch.setattr(dense, "ANN_TABLE", table)
    for name in ("one", "two"):
        DenseIndex.build(clustered(2000, 16, 20, seed=4)).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.parametrize(("table", "error"), [(dense.ANN_TABLE, 1e-6), (SMALL_TABLE, 0.02)])
def test_scores_of_given_rows(monkeypatch, table, error):
    monkeypatch.setattr(dense, "ANN_TABLE", table)
    vectors = clustered(1000, 16, 20, seed=5)
    rows = np.array([900, 3, 77])
    scores = DenseIndex.build(vectors).scores(vectors[3], rows)
    assert scores.tolist() == pytest.approx((vectors[rows] @ vectors[3]).tolist(), abs=error)
    assert len(DenseIndex.build(vectors).scores(vectors[3], rows[:0])) == 0


def test_nothing_is_near_the_zero_query_or_in_no_rows(tmp_path):
    index = DenseIndex.build(clustered(20, 8, 2, seed=6))
    ones = np.ones(8, dtype=np.float32)
    assert len(index.search(np.zeros(8, dtype=np.float32), 5)[0]) == 0
    assert len(index.search(ones, 5, np.zeros(0, dtype=np.int64))[0]) == 0
    assert len(index.search(ones, 0)[0]) == 0
    assert len(index.search(ones, 99)[0]) == 20
    DenseIndex.build(np.zeros((0, 8), dtype=np.float32)).save(tmp_path / "empty")
    assert len(DenseIndex.open(tmp_path / "empty").search(ones, 5)[0]) == 0


def test_the_table_ends_with_a_row_for_every_size():
    sizes = [ann.rows for ann in dense.ANN_TABLE]
    assert sizes == sorted(sizes)
    assert sizes[-1] == math.inf


def test_a_missing_or_damaged_file_is_named(tmp_path):
    with pytest.raises(IndexCorrupt, match=r"dense\.faiss' is missing"):
        DenseIndex.open(tmp_path / "dense.faiss")
    (tmp_path / "dense.faiss").write_bytes(b"no index at all")
    with pytest.raises(IndexCorrupt, match="damaged"):
        DenseIndex.open(tmp_path / "dense.faiss")
