"""The page: what it shows of a report, that it is whole in one file and the same every time."""

import json
import re
from contextlib import nullcontext
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from support.graded import ALPHA, DELTA, NOTHING, PASSAGES, asked, found, system, write_gold

from corpus import BadEvalFile
from eval import Asked, Report, System, evaluate, figures, main, read_gold
from eval.page import render_html
from eval.page.charts import intervals, lines
from eval.page.payload import OUTCOMES, payload
from eval.report import rounded

QUOTED = asked("p1", "p2", quotes=[(0, 11, "1")], answer="alpha </script> bravo", confidence=0.9)
BESIDE = asked("p2", "p1", quotes=[(12, 19, "2")], answer="charlie", confidence=0.4)
SILENT = asked("p1", confidence=0.1)
ODD = {**NOTHING, "id": "o", "question": {"en": "odd & <b>bold</b>?"}}


def report(tmp_path: Path, answers: dict[str, Asked], *lines: Any, **more: Any) -> Report:
    gold = read_gold(write_gold(tmp_path / "set.jsonl", *lines))
    return evaluate(system(answers, **more), [gold])


@pytest.fixture
def mixed(tmp_path: Path) -> Report:
    """One of everything: found and quoted, found and not quoted, silent, an error, legs."""
    legs = {"dense": [found("p2")], "lexical": [found("p1")], "fused": [found("p1")]}
    answers = {"alpha?": QUOTED, "甲": BESIDE, "nothing?": SILENT, "odd & <b>bold</b>?": QUOTED}
    return report(
        tmp_path,
        answers,
        ALPHA,
        DELTA,
        NOTHING,
        ODD,
        search=lambda question, leg: legs[leg],
        legs=("dense", "lexical", "fused"),
        final="reranked",
        threshold=0.2,
        fingerprints={"encoder": "e" * 8, "index": None},
    )


def page(of: Report) -> str:
    return render_html(of, rounded(figures(of)))


def embedded(html: str) -> Any:
    said = re.search(r'<script type="application/json" id="payload">(.*?)</script>', html, re.S)
    assert said is not None
    return json.loads(said.group(1))


class Reader(HTMLParser):
    """Every tag with its attributes; raises when elements do not close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_asks_for_nothing(mixed: Report) -> None:
    html = page(mixed)
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    for tag, attributes in reader.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed"), tag
        assert not {"src", "srcset", "data"} & attributes.keys()
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|https?://|fetch\(|XMLHttp", html)


def test_the_same_report_gives_the_same_bytes_however_long_it_took(mixed: Report) -> None:
    slow = tuple(
        replace(one, asked=one.asked and replace(one.asked, took_ms=99.0)) for one in mixed.outcomes
    )
    assert page(mixed) == page(replace(mixed, outcomes=slow))


def test_every_leg_is_drawn_whatever_its_name(mixed: Report) -> None:
    html = page(mixed)
    for leg in ("dense", "lexical", "fused", "reranked"):
        assert f"</i>{leg}</span>" in html
    # Of two questions in English reranked finds one first, the other could not be asked.
    assert "<title>English, reranked: 0.500 (0.00 to 1.00)</title>" in html
    assert "<title>English, dense: 0.000 (0.00 to 0.00)</title>" in html


def test_what_is_said_cannot_become_markup(mixed: Report) -> None:
    html = page(mixed)
    assert html.count("</script>") == 2
    assert "<b>bold" not in html
    said = embedded(html)["questions"]
    assert said[0]["language"] == "zh"
    assert said[1]["answer"] == "alpha </script> bravo"
    assert said[-1]["question"] == "odd & <b>bold</b>?"


def test_every_question_has_its_outcome(mixed: Report) -> None:
    said = payload(mixed, rounded(figures(mixed)))
    assert [(q["id"], q["language"], q["outcome"]) for q in said["questions"]] == [
        ("a", "zh", "not_cited"),
        ("a", "en", "right"),
        ("d", "en", "error"),
        ("n", "en", "right_abstention"),
        ("o", "en", "false_answer"),
    ]
    assert set(said["failures"]) < set(OUTCOMES)
    assert said["questions"][2]["error"].startswith("BadRange")


def test_evidence_and_quotes_are_spans_of_the_passages_shown(mixed: Report) -> None:
    said = payload(mixed, rounded(figures(mixed)))
    first = said["questions"][1]
    assert (first["spans"], first["quotes"]) == ([["d.en", 0, 11]], [["d.en", 0, 11]])
    assert (first["hits"], first["relevant"], first["below"]) == (["p1", "p2"], ["p1"], [])
    assert said["passages"]["p1"] == ["d.en", 0, "alpha bravo", "1"]
    assert said["passages"]["p2"] == ["d.en", 12, "charlie delta", "2"]
    assert said["documents"] == {"d.en": {"file": "d.txt", "language": "en"}}


@pytest.mark.parametrize(
    ("passages", "answer", "outcome", "below"),
    [
        (["x"] * 5 + ["p1"], "alpha", "late", []),
        (["x"] * 10 + ["p1"], "alpha", "not_found", [("p1", 11)]),
        (["x"] * 3, "alpha", "not_found", [("p1", None)]),
        (["p1"], "", "wrong_abstention", []),
    ],
)
def test_failures_are_told_apart(
    passages: list[str], answer: str, outcome: str, below: list[Any], tmp_path: Path
) -> None:
    hits = []
    for rank, id in enumerate(passages):
        hit = found("p1" if id == "p1" else "p2")
        hits.append(hit if id == "p1" else replace(hit, passage_id=f"x{rank}"))
    given = replace(asked(answer=answer), hits=tuple(hits), citations=())
    one = report(tmp_path, {"alpha?": given}, {**ALPHA, "question": {"en": "alpha?"}})
    question = payload(one, rounded(figures(one)))["questions"][0]
    assert (question["outcome"], question["below"]) == (outcome, below)


def test_a_passage_of_several_paragraphs_and_one_of_none_are_named(tmp_path: Path) -> None:
    whole = replace(found("p1"), passage_id="whole", start=0, end=25)
    between = replace(found("p1"), passage_id="between", start=11, end=12)
    given = replace(asked(answer="?"), hits=(whole, between))
    one = report(tmp_path, {"alpha?": given}, {**ALPHA, "question": {"en": "alpha?"}})
    passages = payload(one, rounded(figures(one)))["passages"]
    assert passages["whole"][3] == "1–2"
    assert passages["between"][3] == ""
    assert PASSAGES["p1"][1] == 11


def test_curves_need_a_confidence(mixed: Report, tmp_path: Path) -> None:
    assert "share of questions answered" in page(mixed)
    assert ">threshold</text>" in page(mixed)
    mute = replace(QUOTED, confidence=None)
    one = report(tmp_path, {"alpha?": mute, "甲": mute}, ALPHA)
    assert "states no confidence" in page(one)


def test_a_set_without_answers_and_a_hit_with_versions(tmp_path: Path) -> None:
    assert "questions asked" in page(report(tmp_path, {"nothing?": SILENT}, NOTHING))
    hit = replace(found("p2"), versions=("p1",))
    one = report(tmp_path, {"alpha?": replace(BESIDE, hits=(hit,)), "甲": BESIDE}, ALPHA)
    assert "any version" in page(one)


def test_intervals_stand_where_their_figures_are() -> None:
    drawn = intervals("t", {"Row": {"one": (0.5, (0.25, 1.0))}, "None": {"one": (None, None)}})
    # The axis goes from 66 to 316 of 360.
    assert 'x1="128.5" x2="316.0"' in drawn
    assert 'cx="191.0"' in drawn
    assert "<title>Row, one: 0.500 (0.25 to 1.00)</title>" in drawn
    assert ">–</text>" in drawn
    assert ">.50</text>" in drawn


def test_lines_go_through_their_points() -> None:
    drawn = lines("t", [("l", "risk", [(2.0, 0.0), (4.0, 1.0)])], "x", low=2, high=4)
    assert 'points="66.0,238.0 316.0,8.0"' in drawn
    assert "mark" not in lines("t", [], "x", mark=(1.5, "outside"))
    for at, side in ((0.25, "start"), (0.75, "end")):
        assert f'text-anchor="{side}">here</text>' in lines("t", [], "x", mark=(at, "here"))


def no_documents(documents: Any, legs: bool) -> Any:
    raise AssertionError("nothing is to be indexed")


def test_the_command_writes_the_page_with_legs_and_the_comparison(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted: list[bool] = []

    def opened(url: str | None, legs: bool) -> Any:
        wanted.append(legs)
        return nullcontext(graded)

    def run(*flags: str) -> int:
        return main([gold, *flags], open_system=opened, open_documents=no_documents)

    lines = [{**ALPHA, "id": f"a{n}", "question": {"en": f"q{n}"}} for n in range(6)]
    gold = str(write_gold(tmp_path / "set.jsonl", *lines))
    html, base, full = (str(tmp_path / name) for name in ("r.html", "base.json", "full.json"))
    graded: System = system({f"q{n}": QUOTED for n in range(6)})
    assert run("--save-baseline", base, "--json", full) == 0
    for kept in (base, full):
        assert run("--baseline", kept) == 0
        assert "no significant loss" in capsys.readouterr().out
    graded = system({f"q{n}": BESIDE for n in range(6)})
    assert run("--baseline", base, "--html", html) == 1
    # Six questions of six fell: 2 of 64 choices of signs are as far from 0.
    out = capsys.readouterr().out
    assert "significant loss: ndcg@10 en, ndcg@10 all" in out
    assert "0.0312" in out
    assert wanted == [False, False, False, True]
    text = Path(html).read_text(encoding="utf-8")
    assert "2 significant losses" in text
    assert "0 / 0 / 6" in text
    other = str(write_gold(tmp_path / "other.jsonl", ALPHA))

    with pytest.raises(BadEvalFile, match=r"measured on set\.jsonl"):
        main([other, "--baseline", base], open_system=opened, open_documents=no_documents)
    assert len(wanted) == 4  # nothing was asked
