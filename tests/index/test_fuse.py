import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fuse import ASIDE_COST, LEXICAL_WEIGHT, RRF_K, Fused, Method, Ranking, evidence, fuse
from index.lexical import LexicalIndex, LexicalResult

METHODS: tuple[Method, ...] = ("weighted", "rrf")
EMPTY = Ranking(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))

cosines = st.dictionaries(
    st.integers(0, 30), st.integers(-64, 64).map(lambda n: n / 64), max_size=15
)
shares = st.dictionaries(st.integers(0, 30), st.integers(1, 64).map(lambda n: n / 64), max_size=15)
methods = st.sampled_from(METHODS)


def ranking(scores: dict[int, float], order: list[int] | None = None) -> Ranking:
    rows = list(scores) if order is None else order
    return Ranking(
        np.array(rows, dtype=np.int64), np.array([scores[r] for r in rows], dtype=np.float32)
    )


def best_first(scores: dict[int, float]) -> list[int]:
    return sorted(scores, key=lambda row: (-scores[row], row))


@given(cosines, shares, methods, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(dense, lexical, method, random):
    shuffled = [random.sample(list(leg), len(leg)) for leg in (dense, lexical)]
    again = fuse(ranking(dense, shuffled[0]), ranking(lexical, shuffled[1]), method=method)
    assert list(fuse(ranking(dense), ranking(lexical), method=method)) == list(again)


@given(cosines, methods)
def test_an_empty_lexical_leg_leaves_the_dense_order(dense, method):
    assert [f.row for f in fuse(ranking(dense), EMPTY, method=method)] == best_first(dense)


@given(shares, methods)
def test_an_empty_dense_leg_leaves_the_lexical_order(lexical, method):
    assert [f.row for f in fuse(EMPTY, ranking(lexical), method=method)] == best_first(lexical)


@given(cosines, shares, methods)
def test_every_row_of_either_leg_comes_once_sorted_ties_by_row(dense, lexical, method):
    fused = fuse(ranking(dense), ranking(lexical), method=method)
    assert {f.row for f in fused} == dense.keys() | lexical.keys()
    keys = [(-f.score, f.row) for f in fused]
    assert keys == sorted(set(keys))
    for one in fused:
        assert one.scores.get("dense") == dense.get(one.row)
        assert one.scores.get("lexical") == lexical.get(one.row)


@given(cosines, shares, methods, st.data())
def test_a_better_score_in_a_leg_never_costs_a_place(dense, lexical, method, data):
    leg = data.draw(st.sampled_from([leg for leg in (dense, lexical) if leg] or [{0: 0.0}]))
    row = data.draw(st.sampled_from(sorted(leg)))
    raised = {**leg, row: leg[row] + data.draw(st.integers(0, 32)) / 64}
    before = [f.row for f in fuse(ranking(dense), ranking(lexical), method=method)]
    legs = (raised if leg is dense else dense, raised if leg is lexical else lexical)
    after = [f.row for f in fuse(ranking(legs[0]), ranking(legs[1]), method=method)]
    if row in before:
        assert after.index(row) <= before.index(row)


@given(cosines, shares, methods, st.permutations(range(31)))
def test_ties_go_to_the_lower_tie_when_it_is_given(dense, lexical, method, places):
    ties = np.array(places, dtype=np.int64)
    plain = fuse(ranking(dense), ranking(lexical), method=method)
    fused = fuse(ranking(dense), ranking(lexical), method=method, ties=ties)
    assert list(fused) == sorted(plain, key=lambda one: (-one.score, places[one.row]))


def test_costs_are_taken_off_weighted_scores_alone():
    dense, lexical = ranking({0: 0.5, 2: 0.75}), ranking({2: 0.5})
    costs = np.array([0.0, 0.0, 0.5], dtype=np.float32)
    fused = fuse(dense, lexical, weight=0.25, costs=costs)
    assert [(f.row, f.score) for f in fused] == [(0, 0.5), (2, 0.375)]
    assert list(fuse(dense, lexical, method="rrf", costs=costs)) == list(
        fuse(dense, lexical, method="rrf")
    )


def test_a_fusion_is_a_sequence_of_its_rows():
    fused = fuse(ranking({1: 0.75, 2: 0.5}), ranking({2: 0.5, 9: 1.0}), weight=0.25)
    assert fused[0] == Fused(1, 0.75, {"dense": 0.75})
    assert fused[-1] == Fused(2, 0.625, {"dense": 0.5, "lexical": 0.5})
    assert fused[1:] == list(fused)[1:]


def test_weighted_by_hand():
    dense, lexical = ranking({1: 0.75, 2: 0.5}), ranking({2: 0.5, 9: 1.0})
    fused = fuse(dense, lexical, weight=0.25)
    assert [(f.row, f.score) for f in fused] == [(1, 0.75), (9, 0.75), (2, 0.625)]
    assert fuse(dense, lexical)[0].score == 0.5 + LEXICAL_WEIGHT * 1.0


def test_reciprocal_ranks_by_hand():
    fused = fuse(ranking({1: 0.9, 2: 0.5}), ranking({2: 0.8, 9: 0.1}), method="rrf")
    assert [f.row for f in fused] == [2, 1, 9]
    assert [f.score for f in fused] == pytest.approx(
        [1 / (RRF_K + 2) + 1 / (RRF_K + 1), 1 / (RRF_K + 1), 1 / (RRF_K + 2)]
    )


def test_evidence_is_the_share_attained_times_coverage():
    result = LexicalResult(
        rows=np.array([4, 7]),
        scores=np.array([2.0, 1.0], dtype=np.float32),
        coverage=np.array([0.5, 1.0], dtype=np.float32),
        attainable=4.0,
    )
    assert evidence(result).scores.tolist() == [0.25, 0.25]
    assert evidence(result).rows.tolist() == [4, 7]


def test_no_terms_no_evidence():
    nothing = LexicalResult(EMPTY.rows, EMPTY.scores, EMPTY.scores, 0.0)
    assert len(evidence(nothing).rows) == 0


def test_one_shared_number_hardly_moves_the_dense_leg():
    index = LexicalIndex.build(["2019年发射了四颗卫星", "空间碎片减缓准则"] * 5, ["zh"] * 10)
    found = index.search("Какие спутники были разрушены в 2019 году?", "ru", 10)
    assert set(found.rows.tolist()) == {0, 2, 4, 6, 8}
    assert evidence(found).scores.max() * LEXICAL_WEIGHT < ASIDE_COST / 2
