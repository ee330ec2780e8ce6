"""Curves of risk, coverage and abstention, against points worked out by hand."""

from pathlib import Path

import pytest
from support.graded import ALPHA, DELTA, NOTHING, asked, system, write_gold

from eval import evaluate, figures, read_gold
from eval.abstention import abstention_curve, risk_coverage


def test_risk_rises_as_less_sure_answers_are_given() -> None:
    answers = [(0.9, True), (0.2, False), (0.5, True), (0.5, False)]
    # .9: 1 of 5 answered, none wrong. .5: 3 of 5, one wrong. .2: 4 of 5, two wrong.
    assert risk_coverage(answers, 5) == [(0.2, 0), (0.6, pytest.approx(1 / 3)), (0.8, 0.5)]
    assert risk_coverage([], 5) == []


def test_abstentions_are_counted_below_each_threshold() -> None:
    points = abstention_curve([0.2, 0.6], [0.2])
    assert points[:2] == [(0.2, 0, 0), (0.6, 0.5, 1)]
    threshold, wrong, right = points[2]
    assert 0.6 < threshold < 0.61
    assert (wrong, right) == (1, 1)  # above every confidence, nothing is answered
    assert abstention_curve([0.5], [])[0] == (0.5, 0, None)
    assert abstention_curve([], []) == []


def test_what_could_not_be_asked_is_counted_out_and_shown(tmp_path: Path) -> None:
    gold = read_gold(write_gold(tmp_path / "set.jsonl", ALPHA, DELTA, NOTHING))
    sure, unsure = asked("p1", answer="alpha", confidence=0.9), asked("p1", confidence=0.1)
    found = figures(evaluate(system({"alpha?": sure, "甲": unsure, "nothing?": unsure}), [gold]))
    abstention = found["abstention"]
    assert (abstention["answerable"], abstention["unanswerable"]) == (2, 1)
    assert (abstention["wrong_abstentions"], abstention["right_abstentions"]) == (0.5, 1)
    assert abstention["auroc"] == 0.75  # .9 is above .1, .1 ties with it
    assert [error["id"] for error in found["errors"]] == ["d"]
