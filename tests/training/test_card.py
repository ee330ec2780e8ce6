"""Measuring an encoder, and the card made of it."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.made_up import SMALL

from corpus import BadSetting
from index import open_encoder
from training import card, prepare
from training.evaluate import evaluate, means, speed, table
from training.layout import CARD
from training.recipe import LANGUAGES


class Numbered:
    """An encoder of texts that end in a number: the unit vector of that number."""

    name, dim, fingerprint = "numbered", 8, "0"

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.eye(self.dim, dtype=np.float32)[[int(text[-1]) for text in texts]]

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        return self.encode_queries(texts)


def _held(question: int, passage: int) -> dict[str, object]:
    return {
        "at": f"made {passage}",
        "q": {la: f"{la} {question}" for la in LANGUAGES},
        "p": {la: f"{la} {passage}" for la in ("zh", "en")},
    }


def test_found_ranks_each_question_among_all_held_out_passages(tmp_path: Path) -> None:
    # Two questions on passage 0, one of them beside the point: it finds passage 3 first.
    held = [_held(0, 0), _held(3, 0), _held(1, 1), _held(3, 3)]
    (tmp_path / prepare.FOUND_DEV).write_text(json.dumps(held))
    figures = evaluate(Numbered(), tmp_path / "none", tmp_path)
    assert set(figures) == {"found", "found_mrr"}
    assert set(figures["found"]) == {f"{a}>{b}" for a in LANGUAGES for b in ("zh", "en")}
    assert set(figures["found"].values()) == {0.75}
    assert set(figures["found_mrr"].values()) == {(3 + 1 / 2) / 4}
    assert set(speed(Numbered(), tmp_path)) == {"query_ms", "passages_per_second"}
    assert speed(Numbered(), tmp_path / "none") == {}


def test_bitext_and_squad_by_hand(tmp_path: Path) -> None:
    dev = tmp_path / "dev"
    dev.mkdir()
    # The third line's partner is the second's too, and so is nobody's nearest.
    lines = "one 0\tun 0\ntwo 1\tdeux 1\nthree 2\ttrois 1\n"
    (dev / "flores101_devtest.fr.tsv").write_text(lines)
    paragraphs = [
        {"context": "a 0", "qas": [{"question": "q 0"}, {"question": "q 1"}]},
        {"context": "b 1", "qas": []},
    ]
    squad = {"data": [{"paragraphs": paragraphs}]}
    (dev / "cmrc2018_trial.zh.json").write_text(json.dumps(squad))
    figures = evaluate(Numbered(), tmp_path, tmp_path)
    assert figures["flores"]["fr"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert figures["cmrc"]["ndcg@10"] == pytest.approx((1 + 1 / np.log2(3)) / 2)


def test_means_tell_the_same_language_from_others() -> None:
    figures = {"flores": {"fr": 0.5, "ru": 1.0}, "own": {"en>en": 1.0, "en>zh": 0.5, "zh>en": 0.0}}
    assert means(figures) == {"flores": 0.75, "own_same": 1.0, "own_across": 0.25}
    assert "| own_same | 1.000 | en>en 1.000 |" in table(figures)


def test_the_card_names_every_source_licence_and_figure(run: Path) -> None:
    text = (run / "encoder" / CARD).read_text(encoding="utf-8")
    for name in ("un_v1_dev", "tico19", "own/qa", "cmrc2018", "Ziemski", "CC BY-SA 4.0"):
        assert name in text
    assert "sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0)" in text
    assert "| training/own/qa_space |" in text
    measured = json.loads((run / "work" / "evaluate" / "encoder.json").read_text("utf-8"))
    assert table(measured["sets"]) in text
    assert f"| encoder | {SMALL.shape['output']} |" in text
    assert f"| static | {SMALL.dim} |" in text
    assert "{" not in text


def test_the_card_takes_tables_that_were_measured_elsewhere(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder, work = open_encoder(str(run / "encoder")), run / "work"
    measured = work / "evaluate" / "encoder.json"
    monkeypatch.setattr(card, "TABLES", tmp_path / "card_tables.md")
    without = card.write(work, SMALL, measured, encoder)
    (tmp_path / "card_tables.md").write_text("### Whole system\n\n| set | success@5 |\n")
    assert "### Whole system\n\n| set | success@5 |\n" in card.write(work, SMALL, measured, encoder)
    assert "### Whole system" not in without


def test_a_card_of_other_weights_or_without_figures_is_refused(run: Path, tmp_path: Path) -> None:
    other = open_encoder(str(run / "work" / "export" / "static"))
    measured = run / "work" / "evaluate" / "encoder.json"
    with pytest.raises(BadSetting, match="other weights"):
        card.write(run / "work", SMALL, measured, other)
    with pytest.raises(BadSetting, match="not measured yet"):
        card.write(run / "work", SMALL, tmp_path / "none.json", other)
    encoder = open_encoder(str(run / "encoder"))
    with pytest.raises(BadSetting, match="is missing"):
        card.write(tmp_path, SMALL, measured, encoder)
