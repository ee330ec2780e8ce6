"""Measures against arithmetic done by hand."""

from math import log2

import numpy as np
import pytest

from eval.metrics import (
    answer_f1,
    auroc,
    difference,
    interval,
    mean,
    percentiles,
    ranking_scores,
)

RANKED = [f"p{n}" for n in range(1, 13)]


def scores(ranking: list[str], *relevant: str) -> dict[str, float]:
    return ranking_scores({"q": ranking}, {"q": frozenset(relevant)})["q"]


def test_one_relevant_passage_at_rank_three() -> None:
    found = scores(RANKED, "p3")
    assert found == pytest.approx(
        {
            "success@1": 0,
            "success@5": 1,
            "success@10": 1,
            "success@100": 1,
            "ndcg@10": 1 / log2(4),
            "rr@10": 1 / 3,
        }
    )


def test_two_relevant_passages_one_of_them_below_the_cutoff() -> None:
    found = scores(RANKED, "p6", "p12")
    assert found["success@5"] == 0
    assert found["success@10"] == 1
    assert found["ndcg@10"] == pytest.approx((1 / log2(7)) / (1 + 1 / log2(3)))
    assert found["rr@10"] == pytest.approx(1 / 6)


def test_what_is_found_below_ten_counts_for_success_at_a_hundred_alone() -> None:
    found = scores(RANKED, "p11")
    assert (found["success@10"], found["success@100"]) == (0, 1)
    assert (found["ndcg@10"], found["rr@10"]) == (0, 0)


def test_ranks_count_and_not_names() -> None:
    assert scores(["z", "a"], "z")["success@1"] == 1
    assert scores(["a", "z"], "z")["success@1"] == 0


def test_a_passage_ranked_twice_counts_once() -> None:
    assert scores(["a", "a", "b"], "b")["rr@10"] == 0.5


def test_queries_with_nothing_found_or_nothing_relevant_score_zero_and_stay() -> None:
    qrels = {"found": frozenset({"p1"}), "silent": frozenset({"p1"}), "lost": frozenset[str]()}
    found = ranking_scores({"found": ["p1"], "lost": ["p1"]}, qrels)
    assert list(found) == ["found", "silent", "lost"]
    assert set(found["found"].values()) == {1.0}
    assert set(found["silent"].values()) == set(found["lost"].values()) == {0.0}
    assert set(ranking_scores({}, {"q": frozenset({"p"})})["q"].values()) == {0.0}


def test_success_agrees_with_its_definition_on_many_rankings() -> None:
    random = np.random.default_rng(5)
    rankings = {str(q): [f"p{n}" for n in random.permutation(150)] for q in range(40)}
    qrels = {q: frozenset({f"p{n}" for n in random.integers(150, size=2)}) for q in rankings}
    for query, found in ranking_scores(rankings, qrels).items():
        first = min(rankings[query].index(p) for p in qrels[query]) + 1
        assert [found[f"success@{k}"] for k in (1, 5, 10, 100)] == [
            float(first <= k) for k in (1, 5, 10, 100)
        ]
        assert found["rr@10"] == pytest.approx(1 / first if first <= 10 else 0)


def test_the_mean_of_nothing_is_none() -> None:
    assert mean([]) is None
    assert mean([True, False]) == 0.5


def test_an_interval_is_repeatable_and_holds_the_mean() -> None:
    values = [1.0] * 30 + [0.0] * 70
    low, high = interval(values) or (1, 0)
    assert (low, high) == interval(values)
    assert low < 0.3 < high
    # Of a share p of n, the standard error is sqrt(p(1-p)/n): 0.0458 here.
    assert (low, high) == pytest.approx((0.3 - 1.96 * 0.0458, 0.3 + 1.96 * 0.0458), abs=0.02)
    assert interval([]) is None
    assert interval([0.5] * 9) == (0.5, 0.5)


def test_a_difference_is_paired() -> None:
    noisy = [float(n % 7) for n in range(50)]
    assert difference([n + 0.25 for n in noisy], noisy) == (0.25, 0.25, 0.25)
    assert difference([], []) is None
    with pytest.raises(ValueError, match="zip"):
        difference([1.0], [])


def test_auroc_counts_pairs() -> None:
    # 0.9 beats both; 0.4 beats 0.2 and ties with 0.4; 0.1 beats none: 3.5 of 6.
    assert auroc([0.9, 0.4, 0.1], [0.2, 0.4]) == pytest.approx(3.5 / 6)
    assert auroc([1.0], [0.0]) == 1.0
    assert auroc([], [0.0]) is None
    assert auroc([0.0], []) is None


def test_chinese_answers_share_characters() -> None:
    # Said 4 characters, wanted 6, shared 3: precision 3/4, recall 3/6.
    assert answer_f1("六月十日", "六月十五至七", "zh") == pytest.approx(2 * 0.75 * 0.5 / 1.25)
    assert answer_f1("(月),。", "月", "zh") == 1.0


def test_other_answers_share_words() -> None:
    # Said 4 words, wanted 2, shared 2: precision 1/2, recall 1.
    assert answer_f1("The Committee of States [1].", "committee, STATES", "en") == pytest.approx(
        2 * 0.5 / 1.5
    )
    assert answer_f1("no no", "no", "en") == pytest.approx(2 * 0.5 / 1.5)
    assert answer_f1("", "yes", "en") == 0.0
    assert answer_f1("Комитет", "комитет", "ru") == 1.0


def test_percentiles() -> None:
    assert percentiles([float(n) for n in range(101)]) == {"p50": 50.0, "p95": 95.0, "p99": 99.0}
    assert percentiles([]) == {"p50": None, "p95": None, "p99": None}
