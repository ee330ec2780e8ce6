"""Calibration on a small corpus of our own: what it prints, what it writes, and that it repeats."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_encoder import BagOfWordsEncoder

from corpus import read_corpus
from index import Index, build_index
from service import cli_calibrate, commands
from service.answer import Asker
from service.calibration import Calibration
from service.cli_calibrate import ask_all, cross_validated, main
from service.cli_judged import MOST_WRONG, Judged, chosen_doubt, chosen_threshold, report
from service.writer import ExtractiveWriter

KEEPERS = "# A paper on beacons\n\n" + "\n\n".join(
    f"{n}. Beacon number {n} was lit in {1800 + n}. Its keeper {n * 7} reports to bureau {n * 3}."
    " Gulls are not counted there."
    for n in range(1, 25)
)


def question(n: int) -> dict[str, object]:
    return {
        "id": f"b{n}",
        "doc": "beacons.md",
        "kind": "factoid",
        "question": {"en": f"When was beacon number {n} lit?", "fr": f"beacon number {n} lit"},
        "evidence": [f"Beacon number {n} was lit in {1800 + n}."],
        "answer": {"en": str(1800 + n)},
        "paragraph": str(n),
    }


def unanswerable(n: int) -> dict[str, object]:
    asked = {"en": f"How much money did lighthouse {n} cost?"}
    kind = {"id": f"u{n}", "doc": None, "kind": "unanswerable", "evidence": [], "answer": None}
    return {**kind, "question": asked}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "set.jsonl"
    lines = [question(n) for n in range(1, 13)] + [unanswerable(n) for n in range(90, 96)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "beacons.md").write_text(KEEPERS, encoding="utf-8")
    build_index(read_corpus(corpus).documents, BagOfWordsEncoder(), tmp_path / "data")
    monkeypatch.setattr(commands, "open_encoder", lambda *_, **__: BagOfWordsEncoder())
    return tmp_path / "data"


def judged(data: Path, gold: Path) -> list[Judged]:
    encoder = BagOfWordsEncoder()
    index = Index.open(data, encoder)
    writer = ExtractiveWriter(encoder)
    return cross_validated(ask_all(Asker(index, writer), writer, index, [gold]), index)


def test_what_is_written_can_be_read_and_repeats(
    data: Path, gold: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "one.json", tmp_path / "two.json"]
    for file in files:
        assert main([str(gold), "--data", str(data), "--out", str(file)]) == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    calibration = Calibration.of_json(files[0].read_text(encoding="utf-8"))
    assert calibration.encoder == BagOfWordsEncoder().fingerprint
    assert set(calibration.signals) == set(cli_calibrate.SIGNALS)
    assert set(calibration.topic) == set(cli_calibrate.TOPIC)
    assert calibration.topic["dense"].weight > 0  # nothing off the subject is near
    out = capsys.readouterr().out
    assert f"| **{calibration.threshold:.3f}** |" in out
    assert "| en |" in out
    assert "| all |" in out
    assert "Off the subject: " in out


def test_a_dry_run_writes_nothing(data: Path, gold: Path, tmp_path: Path) -> None:
    file = tmp_path / "none.json"
    assert main([str(gold), "--data", str(data), "--out", str(file), "--dry-run"]) == 0
    assert not file.exists()


def test_questions_about_other_documents_are_refused(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other, file = tmp_path / "other.jsonl", tmp_path / "none.json"
    lines = [{**question(n), "evidence": [f"Not a word of this, {n}."]} for n in range(1, 13)]
    lines[0] = question(1)  # one alone leaves nothing to learn from where it is held out
    other.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert main([str(other), "--data", str(data), "--out", str(file)]) == 2
    assert "build it from their documents" in capsys.readouterr().err
    assert not file.exists()


def test_what_can_be_learnt_is_learnt(data: Path, gold: Path) -> None:
    """The right sentence is that with the number and a year; the rest cost money."""
    found = judged(data, gold)
    answerable = [one for one in found if one.answerable]
    assert (len(answerable), len(found)) == (24, 30)
    assert sum(one.found for one in answerable) >= 20
    assert sum(one.right for one in answerable) <= sum(one.cited for one in answerable)
    assert sum(bool(one.labelled) for one in answerable) >= 20
    sure = [one.confidence for one in answerable]
    unsure = [one.confidence for one in found if not one.answerable]
    assert sum(a > b for a in sure for b in unsure) > 0.9 * len(sure) * len(unsure)
    assert not any(one.found or one.labelled for one in found if not one.answerable)


def test_what_is_off_the_subject_is_turned_away(data: Path, gold: Path, tmp_path: Path) -> None:
    strange = tmp_path / "strange.jsonl"
    row = {"doc": None, "kind": "unanswerable", "evidence": [], "answer": None}
    asked = ("braised pork recipe", "penalty shoot-out rules", "aspirin dose", "income tax")
    lines = [{**row, "id": f"s{n}", "question": {"en": each}} for n, each in enumerate(asked)]
    strange.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    encoder = BagOfWordsEncoder()
    index = Index.open(data, encoder)
    writer = ExtractiveWriter(encoder)
    asker = Asker(index, writer)
    every = ask_all(asker, writer, index, [gold])
    every += ask_all(asker, writer, index, [strange], strange=True)
    found = cross_validated(every, index)
    home = [one.confidence for one in found if not one.asked.strange and one.answerable]
    away = [one.confidence for one in found if one.asked.strange]
    assert len(away) == len(asked)
    assert max(away) < min(home)


def test_the_threshold_costs_few_answerable_questions(data: Path, gold: Path) -> None:
    found = judged(data, gold)
    threshold = chosen_threshold(found)
    lost = [one for one in found if one.answerable and one.confidence < threshold]
    assert len(lost) <= MOST_WRONG * 24
    assert chosen_threshold([]) == 0.0


def test_doubt_begins_where_answers_are_more_often_wrong(data: Path, gold: Path) -> None:
    one = judged(data, gold)[0]

    def doubt(*told: tuple[float, bool]) -> float:
        return chosen_doubt([replace(one, confidence=sure, found=ok) for sure, ok in told])

    assert doubt((0.2, False), (0.4, True), (0.5, False), (0.6, False), (0.9, True)) == 0.6
    assert doubt((0.9, True), (0.2, True), (0.3, False)) == 0.0
    assert doubt((0.1, False), (0.3, False)) == 0.3
    assert doubt() == 0.0


def test_the_table_by_hand(data: Path, gold: Path) -> None:
    found = judged(data, gold)
    rows = [line.split("|")[1:-1] for line in report(found, 0.5)]
    curve = {
        row[0].strip(" *"): [float(cell) for cell in row[1:]]
        for row in rows
        if len(row) == 5 and row[0].strip(" *")[0].isdigit()
    }
    coverage, risk, wrong, right = curve["0.000"]
    share = sum(one.found for one in found) / len(found)
    assert (coverage, wrong, right) == (1.0, 0.0, 0.0)
    assert risk == pytest.approx(1 - share, abs=0.005)
    withheld = [one for one in found if one.confidence < 0.5]
    assert curve["0.500"][0] == pytest.approx(1 - len(withheld) / len(found), abs=0.005)
    assert list(curve) == sorted(curve)


def test_no_index_is_said(
    data: Path, gold: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(gold), "--data", str(tmp_path / "nowhere")]) == 2
    assert "No index" in capsys.readouterr().err
