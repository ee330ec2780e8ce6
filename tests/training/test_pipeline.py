"""The whole pipeline on a tiny made-up world: a few dozen things, six invented dialects."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from training import batches, prepare, train
from training.__main__ import main
from training.evaluate import Bag, evaluate
from training.export import BAG, matrix, write_encoder
from training.manifest import MANIFEST, sha256
from training.pipeline import Pipeline
from training.recipe import LANGUAGES, Recipe, Source
from training.text import clean, rows

# One thing a column: the n-th word of a language is the translation of the n-th of any other.
SAID = {
    "en": "moon dust probe orbit launch debris panel signal state report treaty fund",
    "zh": "月球 尘埃 探测 轨道 发射 碎片 小组 信号 国家 报告 条约 基金",
    "fr": "lune poussière sonde orbite tir débris comité onde pays rapport traité fonds",
    "es": "luna polvo sonda órbita tiro basura mesa señal país informe tratado fondo",
    "ru": "луна пыль зонд орбита пуск мусор группа сигнал страна доклад договор фонд",
    "ar": "قمر غبار مسبار مدار إطلاق حطام فريق إشارة دولة تقرير معاهدة صندوق",
}
WORDS = {language: words.split(" ") for language, words in SAID.items()}
SMALL = Recipe(
    own_dev_share=0.2,
    vocabulary=240,
    tokenizer_lines=400,
    dim=16,
    matryoshka=(16, 8),
    shipped_dims={"float32": 12, "int8": 16},
    batch=64,
    epochs=2,
    threads=1,
    learning_rate=0.02,
    sources={
        "un_v1_dev": Source(2.0, "made up", joined=True),
        "tico19": Source(1.5, "made up", joined=True, pivoted=True),
    },
)


def _say(rng: np.random.Generator, length: int = 4) -> dict[str, str]:
    """One made-up sentence in the six languages."""
    picked = rng.integers(0, len(WORDS["en"]), length)
    return {
        language: ("" if language == "zh" else " ").join(words[n] for n in picked) + " ."
        for language, words in WORDS.items()
    }


def _write(path: Path, lines: Sequence[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def parallel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "parallel"
    rng = np.random.default_rng(1)
    for source in ("un_v1_dev", "tico19"):
        said = [_say(rng) for _ in range(120)]
        for language in LANGUAGES[1:]:
            lines = [(s["en"], s[language]) for s in said]
            _write(folder / f"{source}.{language}.tsv", lines)
    _write(folder / "unlisted.fr.tsv", [("secret words", "mots secrets")] * 3)
    asked = [(_say(rng, 3), _say(rng, 8)) for _ in range(20)]
    twelve = [tuple(t for la in LANGUAGES for t in (q[la], p[la])) for q, p in asked]
    _write(folder / "own" / "qa.tsv", twelve)
    _write(folder / "own" / "questions.tsv", [tuple(q[la] for la in LANGUAGES) for q, _ in asked])
    _write(folder / "own" / "terms_space.tsv", [tuple(_say(rng, 1)[la] for la in LANGUAGES)] * 2)
    _write(folder / "qa" / "cmrc2018.zh.tsv", [(q["zh"], p["zh"]) for q, p in asked])
    unseen = [_say(rng, 6) for _ in range(30)]
    for language in LANGUAGES[1:]:
        lines = [("devonly " + s["en"], s[language]) for s in unseen]
        _write(folder / "dev" / f"flores101_devtest.{language}.tsv", lines)
    squad = [{"context": s["ar"], "qas": [{"question": s["ar"][:12]}]} for s in unseen]
    text = json.dumps({"data": [{"paragraphs": squad}]})
    (folder / "dev" / "arcd_test.ar.json").write_text(text, encoding="utf-8")
    return folder


def _pipeline(parallel: Path, root: Path, said: list[str], recipe: Recipe = SMALL) -> Pipeline:
    return Pipeline(parallel, root / "work", root / "encoder", recipe, said.append)


@pytest.fixture(scope="module")
def run(parallel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("run")
    _pipeline(parallel, root, []).run("export")
    return root


def _pairs(root: Path) -> Iterator[tuple[str, list[str]]]:
    for path in sorted((root / "work" / "prepare" / "pairs").glob("*.tsv")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield path.stem, line.split("\t")


def test_same_seed_gives_the_same_bytes(parallel: Path, run: Path, tmp_path: Path) -> None:
    _pipeline(parallel, tmp_path, []).run("export")
    for name in ("model.safetensors", "tokenizer.json"):
        assert sha256(tmp_path / "encoder" / BAG / name) == sha256(run / "encoder" / BAG / name)


def test_another_seed_gives_other_vectors(parallel: Path, run: Path, tmp_path: Path) -> None:
    _pipeline(parallel, tmp_path, [], replace(SMALL, seed=21)).run("train")
    other = np.load(tmp_path / "work" / "train" / train.VECTORS)
    assert not np.array_equal(other, np.load(run / "work" / "train" / train.VECTORS))


def test_a_resumed_run_equals_an_undisturbed_one(run: Path, tmp_path: Path) -> None:
    pairs = run / "work" / "prepare" / "pairs"
    tokenizer = run / "work" / "tokenizer" / "tokenizer.json"
    said: list[str] = []
    counts = train.train(pairs, tokenizer, tmp_path, SMALL, said.append, stop_after=7)
    assert counts == {"steps": 7}
    assert not (tmp_path / train.VECTORS).exists()
    train.train(pairs, tokenizer, tmp_path, SMALL, said.append)
    assert any(line.startswith("train: step 7 of ") for line in said)
    assert not (tmp_path / train.CHECKPOINT).exists()
    assert sha256(tmp_path / train.VECTORS) == sha256(run / "work" / "train" / train.VECTORS)


@pytest.mark.parametrize(("layout", "dim"), [("float32", 12), ("int8", 16)])
def test_the_export_loads_in_sentence_transformers_and_agrees_with_numpy(
    run: Path, tmp_path: Path, layout: str, dim: int
) -> None:
    vectors = np.load(run / "work" / "train" / train.VECTORS)
    tokenizer = run / "work" / "tokenizer" / "tokenizer.json"
    folder = tmp_path / "encoder"
    recipe = replace(SMALL, layout=layout)
    write_encoder(vectors, tokenizer, folder, recipe, "", lambda line: None)
    texts = [_say(np.random.default_rng(9), 30)[language] for language in LANGUAGES]
    texts += ["(Moon) 2019, dust?", "月球2019年", "والقمر"]
    model = SentenceTransformer(str(folder), device="cpu")
    theirs = model.encode(texts, convert_to_numpy=True)
    assert theirs.shape == (len(texts), dim)
    np.testing.assert_allclose(Bag(folder).encode(texts), theirs, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(theirs, axis=1), 1, atol=1e-5)


def test_int8_rows_are_within_half_a_step_of_the_vectors(run: Path, tmp_path: Path) -> None:
    vectors = np.load(run / "work" / "train" / train.VECTORS)
    tokenizer = run / "work" / "tokenizer" / "tokenizer.json"
    recipe = replace(SMALL, layout="int8")
    write_encoder(vectors, tokenizer, tmp_path / "encoder", recipe, "", lambda line: None)
    off = np.abs(matrix(tmp_path / "encoder" / BAG / "model.safetensors") - vectors)
    assert (off <= np.abs(vectors).max(axis=1, keepdims=True) / 254 + 1e-6).all()


def test_prepare_reads_no_development_line_and_no_unlisted_source(run: Path) -> None:
    text = json.dumps([columns for _, columns in _pairs(run)])
    assert "devonly" not in text
    assert "secret" not in text
    manifest = json.loads((run / "work" / "prepare" / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["inputs"]
    assert not any(name.startswith("dev/") for name in manifest["inputs"])


def test_prepare_opens_only_its_inputs(
    parallel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: set[Path] = set()
    real = Path.open

    def watched(self: Path, *args: Any, **kwargs: Any) -> Any:
        opened.add(self)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", watched)
    (tmp_path / "out").mkdir()
    prepare.prepare(parallel, tmp_path / "out", SMALL, lambda line: None)
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


def test_a_current_step_does_nothing_and_a_changed_one_runs_again(
    parallel: Path, run: Path
) -> None:
    said: list[str] = []
    _pipeline(parallel, run, said).run("prepare")
    assert said == ["prepare: current, nothing to do"]
    spoilt = run / "work" / "prepare" / "pairs" / "ask.tsv"
    before = spoilt.read_bytes()
    spoilt.write_bytes(before + b"x")
    _pipeline(parallel, run, said).run("prepare")
    assert said[-1].startswith("prepare: done")
    assert spoilt.read_bytes() == before


def test_training_brings_translations_together(parallel: Path, run: Path) -> None:
    figures = evaluate(run / "encoder", parallel, run / "work" / "prepare")
    assert set(figures) == {"flores", "arcd", "own"}
    assert min(figures["flores"].values()) > 0.5  # chance: 1/30
    assert len(figures["own"]) == 36


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


def test_the_card_names_every_source_and_the_united_nations(run: Path) -> None:
    card = (run / "encoder" / "README.md").read_text(encoding="utf-8")
    for name in ("un_v1_dev", "tico19", "own/qa", "cmrc2018", "Ziemski", "CC BY-SA 4.0"):
        assert name in card
