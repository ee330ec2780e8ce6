"""Passages that stand for their other language versions, against figures worked out by hand."""

from dataclasses import replace
from math import log2
from pathlib import Path

import pytest
from support.graded import ALPHA, SOURCE, asked, system, write_gold

from eval import Asked, Report, System, evaluate, figures, read_gold

FRENCH = replace(SOURCE, id="d.fr", language="fr", passages={"f1": (0, 11), "f2": (12, 25)})
FRENCH = replace(FRENCH, file="d.fr.txt")


def answering(*passages: tuple[str, tuple[str, ...]]) -> Asked:
    """Hits as (passage, its versions); those that begin with 'f' are of the French document."""
    hits = []
    for id, versions in passages:
        hit = replace(asked("p" + id[1:]).hits[0], passage_id=id, versions=versions)
        hits.append(replace(hit, document_id="d.fr", language="fr") if id[0] == "f" else hit)
    return replace(asked(), hits=tuple(hits))


def graded(tmp_path: Path, answer: Asked, doc: str = "d.txt") -> Report:
    line = {**ALPHA, "doc": doc, "question": {"fr": "?"}}
    gold = read_gold(write_gold(tmp_path / "set.jsonl", line))
    both = System(ask=lambda question, language: answer, sources=(SOURCE, FRENCH))
    return evaluate(both, [gold])


def test_the_version_of_a_relevant_passage_counts_beside_the_strict_figures(
    tmp_path: Path,
) -> None:
    found = figures(graded(tmp_path, answering(("f2", ("p2",)), ("f1", ("p1",)))))
    assert found["by_language"]["fr"]["success@5"] == 0  # the evidence stands in English
    counted = found["any_version"]["fr"]
    assert (counted["success@1"], counted["success@5"]) == (0, 1)
    assert counted["ndcg@10"] == pytest.approx(1 / log2(3))


def test_versions_of_one_paragraph_are_one_thing_to_find(tmp_path: Path) -> None:
    # Evidence in both versions, which are shown as one: nothing more can be found.
    found = figures(graded(tmp_path, answering(("f1", ("p1",))), doc="d"))
    assert found["by_language"]["fr"]["ndcg@10"] == pytest.approx(1 / (1 + 1 / log2(3)))
    assert found["any_version"]["fr"]["ndcg@10"] == 1


def test_without_versions_there_is_nothing_beside(tmp_path: Path) -> None:
    assert figures(graded(tmp_path, answering(("p1", ()))))["any_version"] == {}
    gold = read_gold(write_gold(tmp_path / "set.jsonl", ALPHA))
    assert figures(evaluate(system({}), [gold]))["any_version"] == {}
