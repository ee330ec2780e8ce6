"""Paired tests against arithmetic done by hand, and what a comparison with a baseline says."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpus import BadEvalFile
from eval.compare import check_sets, compare, read_baseline
from eval.metrics import EXACT, holm, randomisation
from eval.report import render_baseline

SET = {"file": "g.jsonl", "sha256": "ab" * 32, "questions": 6}


def test_all_signs_are_tried_when_they_are_few() -> None:
    assert randomisation([1, 1, 1]) == 2 / 8  # only + + + and - - - are as far from 0
    assert randomisation([1, 1, 1, 1, 1]) == 2 / 32
    assert randomisation([0.5, 0.25]) == 2 / 4
    assert randomisation([0.5, -0.25]) == 1  # no choice of signs is nearer to 0
    # The sums are ±1.75, ±1.25, ±.75 and ±.25; the one observed is 1.25.
    assert randomisation([1, 0.5, -0.25]) == 4 / 8


def test_questions_that_did_not_change_weigh_nothing() -> None:
    assert randomisation([0.0] * 40 + [1, 1, 1]) == 2 / 8
    assert randomisation([0.0] * 40) == randomisation([]) == randomisation([1, -1]) == 1


def test_what_is_equal_but_for_rounding_is_equal() -> None:
    assert randomisation([0.1, 0.2, -0.3]) == 1  # 0.1 + 0.2 - 0.3 is not 0 in floats


def test_many_differences_are_sampled_the_same_way_each_time() -> None:
    gains = [1.0] * 14 + [-1.0] * 6
    assert len(gains) > EXACT
    # Twice the chance of 14 or more heads of 20: 2 * 60460 / 2**20.
    assert randomisation(gains) == pytest.approx(2 * 60460 / 2**20, abs=0.01)
    assert randomisation(gains) == randomisation(gains)
    assert randomisation([1.0] * 60) == pytest.approx(1 / 20_001)  # never 0


def test_holm() -> None:
    # Ascending: .01 * 3, .03 * 2, .04 * 1; none below the one before.
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def figures(scores: dict[str, list[float]], **more: Any) -> dict[str, Any]:
    """Question n in each language has its nth score, of both measures; one has no answer."""
    questions = [
        {"id": f"q{n}", "language": language, "scores": {"ndcg@10": one, "success@5": one}}
        for language, values in scores.items()
        for n, one in enumerate(values)
    ]
    questions.append({"id": "nothing", "language": "en", "scores": {}})
    return {"sets": [SET], "fingerprints": {"encoder": "e"}, "questions": questions, **more}


def kept(path: Path, found: dict[str, Any]) -> Path:
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


def test_wins_ties_and_losses(tmp_path: Path) -> None:
    before = figures({"en": [0.0, 0.5, 1.0, 0.25]})
    now = figures({"en": [1.0, 0.5, 0.5, 0.5]})
    found = compare(now, read_baseline(kept(tmp_path / "b.json", before)))
    row = found["measures"]["ndcg@10"]["en"]
    assert (row["wins"], row["ties"], row["losses"], row["n"]) == (2, 1, 1, 4)
    assert (row["baseline"], row["now"], row["difference"]) == (0.4375, 0.625, 0.1875)
    # Of the signs of (1, -.5, .25), 6 of 8 give a sum of .75 or more, either way.
    assert row["p"] == row["p_holm"] == 6 / 8
    assert row["significant"] is None
    assert found["measures"]["ndcg@10"]["all"] == row
    assert found["significant_losses"] == []
    assert (found["file"], found["fingerprints"]) == ("b.json", {"encoder": "e"})


def test_a_loss_in_one_of_two_languages_is_corrected_for_two_tests(tmp_path: Path) -> None:
    before = figures({"zh": [0.5] * 6, "en": [0.5] * 6})
    now = figures({"zh": [0.5] * 6, "en": [0.25] * 6})
    found = compare(now, read_baseline(kept(tmp_path / "b.json", before)))
    row = found["measures"]["success@5"]["en"]
    assert (row["p"], row["p_holm"], row["significant"]) == (2 / 64, 4 / 64, None)
    # Every question lost in the mean of its languages: one test, not corrected.
    assert found["measures"]["success@5"]["all"]["significant"] == "loss"
    assert found["measures"]["success@5"]["all"]["difference"] == -0.125
    assert found["significant_losses"] == [
        {"measure": measure, "language": "all"} for measure in ("ndcg@10", "success@5")
    ]


def test_a_gain_is_no_loss(tmp_path: Path) -> None:
    before, now = figures({"en": [0.0] * 7}), figures({"en": [1.0] * 7})
    found = compare(now, read_baseline(kept(tmp_path / "b.json", before)))
    assert found["measures"]["ndcg@10"]["en"]["significant"] == "gain"
    assert found["significant_losses"] == []
    back = compare(before, read_baseline(kept(tmp_path / "n.json", now)))
    assert {one["language"] for one in back["significant_losses"]} == {"en", "all"}


def test_nothing_answerable_is_nothing_to_compare(tmp_path: Path) -> None:
    found = figures({})
    compared = compare(found, read_baseline(kept(tmp_path / "b.json", found)))
    assert compared["measures"] == {"ndcg@10": {}, "success@5": {}}


def test_another_gold_set_is_refused_with_both_named(tmp_path: Path) -> None:
    baseline = read_baseline(kept(tmp_path / "b.json", figures({"en": [1.0]})))
    with pytest.raises(BadEvalFile, match=r"on g\.jsonl \(abababab\), not on h\.jsonl \(cdcdcdcd"):
        check_sets(baseline, {"cd" * 32: "h.jsonl"})
    with pytest.raises(BadEvalFile, match="questions have changed since"):
        check_sets(baseline, {"cd" * 32: "g.jsonl"})
    other = {**figures({"en": [1.0]}), "sets": [{**SET, "sha256": "cd" * 32}]}
    with pytest.raises(BadEvalFile, match="measure it again"):
        compare(other, baseline)


def test_other_questions_under_the_same_set_are_refused(tmp_path: Path) -> None:
    baseline = read_baseline(kept(tmp_path / "b.json", figures({"en": [1.0]})))
    with pytest.raises(BadEvalFile, match="'q1' in en is in one only"):
        compare(figures({"en": [1.0, 1.0]}), baseline)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"sets": [], "questions": [{}], "fingerprints": {}}', "\ud800"],
)
def test_what_is_no_baseline_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(BadEvalFile, match=r"no baseline\. Write one with"):
        read_baseline(path)


def test_a_kept_baseline_is_read_back_and_takes_a_line_a_question(tmp_path: Path) -> None:
    names = ("n", "success@1", "success@5", "success@10", "success@100", "ndcg@10", "rr@10")
    whole = figures(
        {"zh": [0.5, 1 / 3], "en": [1.0, 0.0]},
        by_language={"zh": {**dict.fromkeys(names, 0.5), "ci": {}}},
        latency_ms={"p50": 3.2},
    )
    path = tmp_path / "b.json"
    path.write_text(render_baseline(whole), encoding="utf-8")
    baseline = read_baseline(path)
    assert baseline.scores["q1", "zh"]["ndcg@10"] == 0.333333
    assert baseline.scores["nothing", "en"] == {}
    assert baseline.sets == {SET["sha256"]: "g.jsonl"}
    text = path.read_text(encoding="utf-8")
    assert "latency" not in text
    assert sum('"id"' in line for line in text.splitlines()) == 5
    assert json.loads(text)["by_language"]["zh"]["success@5"] == 0.5
