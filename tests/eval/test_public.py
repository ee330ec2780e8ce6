"""Public question sets in either form: what is read, what is refused, figures by hand."""

import json
from math import log2
from pathlib import Path
from typing import Any

import pytest
from support.graded import SOURCE

from corpus import BadEvalFile, BadRange, FetchFailed
from eval import Found, System
from eval.public import PublicSet, read_public
from eval.public_run import grade_public
from service.cli import main as sextant

MOON = "The Moon has no air.\n\nIt takes 27 days to go round."
MARS = "Mars has two small moons."
SUN = "Le Soleil est une étoile."


def squad(path: Path) -> Path:
    def qa(id: str, question: str, **more: Any) -> dict[str, Any]:
        return {"id": id, "question": question, "answers": [], **more}

    moon = [qa("q1", "How long does the Moon take?"), qa("q2", "?", is_impossible=True)]
    paragraphs = [{"context": MOON, "qas": moon}, {"context": MARS, "qas": [qa("q3", "Moons?")]}]
    again = [{"context": f" {MOON}\n", "qas": [qa("q4", "Has the Moon air?")]}]
    said = {"data": [{"paragraphs": paragraphs}, {"paragraphs": again}]}
    path.write_text(json.dumps(said), encoding="utf-8")
    return path


def mteb(folder: Path, judged: str = "q1\ta\t2\nq1\tb\t1\nq1\tc\t0\nq2\tc\t1\n") -> Path:
    (folder / "qrels").mkdir(parents=True)
    corpus = [
        {"_id": "a", "title": "Moon", "text": MOON},
        {"_id": "b", "title": "", "text": MARS},
        {"_id": "c", "text": SUN},
        {"_id": "empty", "title": "", "text": " "},
    ]
    queries = [
        {"_id": "q1", "text": "Which moons?"},
        {"_id": "q2", "text": "Qu’est-ce que le Soleil ?"},
        {"_id": "q3", "text": "Not judged."},
    ]
    for name, records in (("corpus", corpus), ("queries", queries)):
        lines = "\n".join(json.dumps(one) for one in records)
        (folder / f"{name}.jsonl").write_text(lines + "\n\n", encoding="utf-8")
    tsv = f"query-id\tcorpus-id\tscore\n{judged}"
    (folder / "qrels" / "test.tsv").write_text(tsv, encoding="utf-8")
    return folder


def test_every_different_context_of_squad_is_a_document(tmp_path: Path) -> None:
    found = read_public(squad(tmp_path / "s.json"))
    assert [document.text for document in found.documents] == [MOON, MARS]
    first, second = (document.id for document in found.documents)
    assert found.qrels == {"q1": {first: 1}, "q3": {second: 1}, "q4": {first: 1}}
    assert found.questions["q4"] == "Has the Moon air?"
    assert (found.form, found.left_out, len(found.sha256)) == ("squad", 1, 64)


def test_a_text_becomes_a_document_whose_spans_hold(tmp_path: Path) -> None:
    document = read_public(squad(tmp_path / "s.json")).documents[0]
    said = [document.text[p.start : p.end] for p in document.paragraphs]
    assert said == [p.text for p in document.paragraphs] == MOON.split("\n\n")
    assert document.language == "en"


def test_an_mteb_folder_has_grades_and_leaves_out_what_is_not_judged(tmp_path: Path) -> None:
    found = read_public(mteb(tmp_path))
    assert [document.id for document in found.documents] == ["a", "b", "c"]
    assert found.documents[0].text == f"Moon\n{MOON}"
    assert found.qrels == {"q1": {"a": 2, "b": 1}, "q2": {"c": 1}}
    assert list(found.questions) == ["q1", "q2"]
    assert (found.form, found.left_out) == ("mteb", 1)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "the file is not as SQuAD has it"),
        ('{"data": [{"paragraphs": [{"qas": []}]}]}', "item 1 of 'data' .* 'context'"),
        ('{"data": []}', "holds no question"),
        ("[]", "SQuAD"),
    ],
)
def test_what_is_not_squad_is_said(content: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(content, encoding="utf-8")
    with pytest.raises(BadEvalFile, match=why):
        read_public(tmp_path / "s.json")


def test_an_id_used_twice_is_said(tmp_path: Path) -> None:
    path = squad(tmp_path / "s.json")
    path.write_text(path.read_text("utf-8").replace('"q4"', '"q1"'), encoding="utf-8")
    with pytest.raises(BadEvalFile, match="'q1' is used twice"):
        read_public(path)


def test_what_is_missing_or_broken_in_an_mteb_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadEvalFile, match=r"no 'corpus\.jsonl'"):
        read_public(tmp_path)
    with pytest.raises(BadEvalFile, match="judges 'q9', which is not in"):
        read_public(mteb(tmp_path / "unknown", "q9\ta\t1\n"))
    with pytest.raises(BadEvalFile, match="line 3 is not"):
        read_public(mteb(tmp_path / "cells", "q1\ta\t1\nq1 a 1\n"))
    folder = mteb(tmp_path / "lines")
    (folder / "corpus.jsonl").write_text('{"_id": "a"}\n', encoding="utf-8")
    with pytest.raises(BadEvalFile, match=r"corpus\.jsonl: line 1 is no JSON object"):
        read_public(folder)
    with pytest.raises(BadEvalFile, match="holds no question"):
        read_public(mteb(tmp_path / "none", "q1\ta\t0\n"))


def hits(*documents: str) -> list[Found]:
    return [Found(f"{d}:{n}", d, d, "f", "en", 0, 1, {}) for n, d in enumerate(documents)]


def searched(public: PublicSet, table: dict[str, list[Found]], **more: Any) -> dict[str, Any]:
    """With the steps of the progress under 'steps'."""
    steps: list[tuple[int, int]] = []

    def search(question: str, leg: str) -> list[Found]:
        if question not in table:
            raise BadRange("k", 0, 1, 100)
        return table[question][:1] if leg == "dense" else table[question]

    nothing = System(ask=lambda *_: None, sources=(), search=search, **more)  # type: ignore
    found = grade_public(nothing, public, lambda *step: steps.append(step))
    return {**found, "steps": steps}


def test_a_document_stands_where_its_best_passage_does(tmp_path: Path) -> None:
    public = read_public(mteb(tmp_path))
    # Of q1 the passages rank c, b, b, a: the documents c, b, a with the grades 0, 1, 2.
    table = {"Which moons?": hits("c", "b", "b", "a"), "Qu’est-ce que le Soleil ?": hits("c")}
    found = searched(public, table, legs=("dense",))
    one = found["questions"][0]
    assert one["hits"] == ["c", "b", "a"]
    gained, ideal = 1 / log2(3) + 2 / log2(4), 2 + 1 / log2(3)
    assert one["scores"]["ndcg@10"] == pytest.approx(gained / ideal)
    assert (one["scores"]["recall@1"], one["scores"]["recall@5"]) == (0, 1)
    assert one["scores"]["rr@10"] == 0.5
    assert found["overall"]["ndcg@10"] == pytest.approx((gained / ideal + 1) / 2)
    assert found["by_leg"]["dense"]["en"]["recall@5"] == 0
    assert list(found["by_leg"]["fused"]) == ["en", "fr", "all"]
    assert found["by_leg"]["fused"]["fr"]["recall@1"] == 1
    assert (found["sets"][0]["documents"], found["errors"]) == (3, [])


def test_a_question_that_fails_is_counted_and_scores_nothing(tmp_path: Path) -> None:
    public = read_public(mteb(tmp_path))
    found = searched(public, {"Which moons?": hits("a", "b")})
    assert found["steps"] == [(1, 2), (2, 2)]
    assert found["overall"]["recall@10"] == 0.5
    assert [(e["id"], e["language"]) for e in found["errors"]] == [("q2", "fr")]
    assert "BadRange" in found["errors"][0]["error"]
    silent = System(ask=lambda *_: None, sources=(SOURCE,))  # type: ignore
    with pytest.raises(FetchFailed, match="in process"):
        grade_public(silent, public)


def test_the_command_indexes_and_searches_a_public_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, report = squad(tmp_path / "s.json"), tmp_path / "r.json"
    command = ["eval", "--squad", str(path), "--legs", "--data", str(tmp_path / "data")]
    assert sextant([*command, "--json", str(report)]) == 0
    found = json.loads(report.read_text(encoding="utf-8"))
    assert found["overall"]["ndcg@10"] == found["overall"]["recall@1"] == 1
    assert list(found["by_leg"]) == ["dense", "lexical", "fused", "reranked"]
    assert not (tmp_path / "data").exists()  # a temporary index is made, and none of ours touched
    out = capsys.readouterr().out
    assert "3 questions, 1 left out, 2 documents" in out
    assert "0 of 3 questions had an error" in out
    assert sextant([*command, "--json", "-"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["questions"] == found["questions"]
    assert again["fingerprints"] == found["fingerprints"]


def test_a_public_set_goes_with_no_gold_set(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(squad(tmp_path / "s.json"))
    assert sextant(["eval", "gold.jsonl", "--squad", path]) == 2
    assert "--squad does not go with GOLD" in capsys.readouterr().err
    assert sextant(["eval", "--squad", path, "--html", "x.html"]) == 2
    assert "does not go with --html" in capsys.readouterr().err
    assert sextant(["eval"]) == 2
    assert "name a gold set" in capsys.readouterr().err
    assert sextant(["eval", "--squad", str(tmp_path)]) == 2
    assert "no 'corpus.jsonl'" in capsys.readouterr().err
