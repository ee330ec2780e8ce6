"""Asking and judging, against figures worked out by hand."""

from math import log2
from pathlib import Path

import pytest
from support.graded import ALPHA, DELTA, DOCUMENT, NOTHING, asked, found, system, write_gold

from corpus import Answer, BadGoldLine, Citation, Hit, Passage, Version
from eval import Asked, Cited, Found, Report, evaluate, figures, read_gold

GOOD = asked("p1", "p2", quotes=[(0, 11, "1"), (12, 19, "2")], answer="alpha bravo [1] charlie")
POOR = asked("p2", "p1", quotes=[(17, 18, "2")], answer="nothing in common", confidence=0.5)
SILENT = asked("p2", confidence=0.2)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    """Two good answers and a poor one, one failure, one right abstention."""
    gold = read_gold(write_gold(tmp_path / "set.jsonl", ALPHA, DELTA, NOTHING))
    return evaluate(system({"alpha?": GOOD, "甲": POOR, "nothing?": SILENT}), [gold])


def test_retrieval_by_language(report: Report) -> None:
    by_language = figures(report)["by_language"]
    assert list(by_language) == ["zh", "en"]
    chinese, english = by_language["zh"], by_language["en"]
    assert (chinese["n"], chinese["success@1"], chinese["success@5"]) == (1, 0, 1)
    assert chinese["ndcg@10"] == pytest.approx(1 / log2(3))
    assert chinese["rr@10"] == 0.5
    # The question about delta could not be asked: it counts, and scores nothing.
    assert (english["n"], english["success@1"], english["rr@10"]) == (2, 0.5, 0.5)
    assert english["ci"]["success@5"] == (0, 1)


def test_answers_by_language(report: Report) -> None:
    by_language = figures(report)["by_language"]
    english, chinese = by_language["en"], by_language["zh"]
    assert english["citation_precision"] == 0.5  # one of the two quotes
    assert english["citation_recall"] == 0.5  # one of the two questions
    assert english["paragraph_accuracy"] == 0.5
    assert english["answer_found"] == 0.5
    # 2 of the 3 words said are the 2 wanted, so 0.8; the failure scores 0.
    assert english["answer_f1"] == pytest.approx(0.4)
    assert [chinese[m] for m in ("citation_recall", "answer_found", "answer_f1")] == [0, 0, 0]


def test_overall_and_gap(report: Report) -> None:
    found = figures(report)
    assert found["overall"]["n"] == 3
    assert found["overall"]["success@1"] == pytest.approx(1 / 3)
    # Only the question asked in both languages is compared: 1/log2(3) in zh, 1 in en.
    gap = found["gap"]["zh-en"]["ndcg@10"]
    assert gap["difference"] == pytest.approx(1 / log2(3) - 1)


def test_errors_are_shown_with_their_reason(report: Report) -> None:
    (error,) = figures(report)["errors"]
    assert (error["id"], error["language"]) == ("d", "en")
    assert "BadRange" in error["error"]


def test_the_report_has_the_shape_that_is_agreed(report: Report) -> None:
    said = figures(report)
    ranking = {"n", "success@1", "success@5", "success@10", "success@100", "ndcg@10", "rr@10", "ci"}
    answers = {"citation_precision", "citation_recall", "paragraph_accuracy", "answer_found"}
    named = {
        "sets": {"file", "sha256", "questions"},
        "abstention": {
            *("auroc", "threshold", "wrong_abstentions", "right_abstentions", "by_language")
        },
        "latency_ms": {"p50", "p95", "p99"},
        "errors": {"id", "language", "error"},
        "questions": {
            *("id", "language", "hits", "relevant_ranks", "answer", "citations", "abstained"),
            "confidence",
        },
    }
    for field, keys in named.items():
        one = said[field][0] if isinstance(said[field], list) else said[field]
        assert keys <= one.keys(), field
    assert ranking | answers | {"answer_f1"} <= said["by_language"]["zh"].keys()
    assert ranking <= said["by_leg"]["fused"]["zh"].keys()
    assert ranking <= said["by_pair"]["zh>en"].keys()
    assert said["latency_ms"]["p50"] == 4.0
    assert said["sets"][0]["questions"] == 3
    assert "fingerprints" in said


def test_every_question_is_in_the_report(report: Report) -> None:
    questions = figures(report)["questions"]
    assert [(q["id"], q["language"]) for q in questions] == [
        ("a", "zh"),
        ("a", "en"),
        ("d", "en"),
        ("n", "en"),
    ]
    first, _, failed, unanswerable = questions
    assert (first["hits"], first["relevant_ranks"], first["relevant"]) == (["p2", "p1"], [2], 1)
    assert first["citations"][0]["overlaps"] is False
    assert (failed["hits"], failed["answer"], failed["abstained"]) == ([], None, None)
    assert (unanswerable["abstained"], unanswerable["scores"]) == (True, {})


def test_abstention(tmp_path: Path) -> None:
    gold = read_gold(write_gold(tmp_path / "set.jsonl", ALPHA, NOTHING))
    answers = {"alpha?": asked("p1", confidence=0.1), "甲": POOR, "nothing?": SILENT}
    found = figures(evaluate(system(answers, threshold=0.3), [gold]))["abstention"]
    assert found["auroc"] == 0.5  # of 0.1 and 0.5, one is above 0.2
    assert (found["wrong_abstentions"], found["right_abstentions"]) == (0.5, 1)
    assert found["threshold"] == 0.3
    assert found["by_language"]["zh"]["auroc"] is None


def test_legs_are_graded_alone(tmp_path: Path) -> None:
    gold = read_gold(write_gold(tmp_path / "set.jsonl", ALPHA, NOTHING))
    legs = {"dense": [found("p2")], "lexical": [found("p1")]}
    graded = system(
        {"alpha?": GOOD, "甲": GOOD, "nothing?": SILENT},
        search=lambda question, leg: legs[leg],
        legs=("dense", "lexical"),
    )
    by_leg = figures(evaluate(graded, [gold]))["by_leg"]
    assert {leg: one["en"]["success@1"] for leg, one in by_leg.items()} == {
        "dense": 0,
        "lexical": 1,
        "fused": 1,
    }


def test_pairs_are_of_question_and_evidence_language(report: Report) -> None:
    pairs = figures(report)["by_pair"]
    assert list(pairs) == ["zh>en", "en>en"]
    assert pairs["zh>en"]["rr@10"] == 0.5


def test_evidence_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    gold = read_gold(write_gold(tmp_path / "set.jsonl", {**ALPHA, "evidence": ["echo"]}))
    found = figures(evaluate(system({"alpha?": GOOD, "甲": GOOD}), [gold]))
    assert [error["error"] for error in found["errors"]] == [
        "none of its evidence is in the text of 'd.txt'"
    ] * 2
    assert found["by_language"]["en"]["success@100"] == 0


def test_a_document_the_system_has_not_is_refused(tmp_path: Path) -> None:
    path = write_gold(tmp_path / "set.jsonl", NOTHING, {**ALPHA, "doc": "other.txt"})
    with pytest.raises(BadGoldLine, match=r"no document 'other\.txt'; it has d\.txt") as caught:
        evaluate(system({}), [read_gold(path)])
    assert caught.value.line == 2


def test_ids_of_several_sets_do_not_collide(tmp_path: Path) -> None:
    sets = [read_gold(write_gold(tmp_path / f"{name}.jsonl", NOTHING)) for name in "xy"]
    steps: list[tuple[int, int]] = []
    report = evaluate(system({"nothing?": SILENT}), sets, lambda *step: steps.append(step))
    assert [outcome.case.key for outcome in report.outcomes] == ["n.en", "y:n.en"]
    assert steps == [(1, 2), (2, 2)]


def test_an_answer_is_read_as_it_is() -> None:
    passage = Passage("p1", "d.en", 0, 0, 11, "alpha bravo", (), ("1",), None)
    hit = Hit(1, 0.9, {"dense": 0.8}, passage, DOCUMENT, (Version("fr", "d.fr", "f1"),))
    citation = Citation(1, "alpha", 0, 5, 0, 5, passage, DOCUMENT, "1", None)
    answer = Answer(
        question="alpha?",
        language="en",
        text="alpha [1]",
        abstained=False,
        reason=None,
        citations=(citation,),
        hits=(hit,),
        writer="w",
        generation="g",
        took_ms={"total": 3.0},
        confidence=0.75,
    )
    assert Asked.of(answer) == Asked(
        hits=(Found("p1", "d.en", "d", "d.txt", "en", 0, 11, {"dense": 0.8}, ("f1",)),),
        citations=(Cited("d.en", "d.txt", 0, 5, "1"),),
        answer="alpha [1]",
        abstained=False,
        confidence=0.75,
        took_ms=3.0,
    )
