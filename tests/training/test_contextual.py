"""Teacher, student and the training of the one by the other."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from support.made_up import SMALL, silent

from training import teach
from training.batches import Texts
from training.contextual import CHECKPOINT, WEIGHTS, contextual
from training.manifest import sha256
from training.recipe import Stage
from training.student import LONG, Shape, Student, padded, warm_start
from training.trainer import Trainer

# Wide enough that a token vector's mean, which the first norm takes away, is next to nothing.
SHAPE = Shape(
    200, hidden=256, layers=2, heads=4, intermediate=32, output=32, taught=32, positions=64
)


def _texts(rng: np.random.Generator, count: int, longest: int = 12) -> Texts:
    lengths = rng.integers(1, longest, count)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Texts(rng.integers(2, 200, int(starts[-1])).astype(np.int32), starts)


def _means(static: np.ndarray, texts: Texts) -> np.ndarray:
    pairs = zip(texts.starts, texts.starts[1:], strict=False)
    rows = np.stack([static[texts.tokens[a:b]].mean(0) for a, b in pairs])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_the_student_starts_as_the_mean_of_the_static_vectors() -> None:
    rng = np.random.default_rng(1)
    static = rng.normal(size=(200, 32)).astype(np.float32)
    static *= rng.uniform(0.3, 1.0, size=(200, 1)).astype(np.float32)  # tokens weigh differently
    texts = _texts(rng, 2000)
    sample = _means(static, texts)
    torch.manual_seed(1)
    student = Student(SHAPE)
    told = warm_start(student, static, sample, sample)
    assert told["explained"] > 0.999
    assert told["teacher_cosine"] > 0.999
    ids = np.arange(100)
    with torch.inference_mode():
        states, vectors, guesses = student(*padded(texts, ids, SHAPE.positions))
    cosines = (guesses.numpy() * sample[:100]).sum(1)
    assert cosines.mean() > 0.999
    assert cosines.min() > 0.995  # the few loudest tokens are cut
    wanted = sample[:100] @ sample[:100].T  # the map to the vectors starts as the identity
    np.testing.assert_allclose((vectors @ vectors.T).numpy(), wanted, atol=0.06)
    norms = np.linalg.norm(states[0, : int(texts.starts[1])].numpy(), axis=1)
    np.testing.assert_allclose(norms, np.sqrt(SHAPE.hidden), rtol=0.01)


def test_both_ways_of_attention_give_the_same_vector() -> None:
    """A text alone (short), and padded beside one that is longer than LONG."""
    rng = np.random.default_rng(2)
    torch.manual_seed(2)
    student = Student(replace(SHAPE, positions=128)).eval()
    tokens = torch.from_numpy(rng.integers(2, 200, (2, LONG + 4)))
    mask = torch.ones_like(tokens, dtype=torch.bool)
    mask[1, 9:] = False
    with torch.inference_mode():
        _, both, _ = student(tokens, mask)
        _, alone, _ = student(tokens[1:, :9], mask[1:, :9])
    np.testing.assert_allclose(both[1].numpy(), alone[0].numpy(), atol=1e-5)


def test_no_layer_writes_to_what_is_kept() -> None:
    rng = np.random.default_rng(5)
    shape = replace(SHAPE, kept=10)
    torch.manual_seed(5)
    student = Student(shape)
    static = rng.normal(size=(200, 32)).astype(np.float32)
    texts = _texts(rng, 100)
    warm_start(student, static, _means(static, texts), _means(static, texts))
    optimiser = torch.optim.AdamW(student.parameters(), lr=1e-2, weight_decay=0.1)
    for _ in range(3):
        tokens, mask = padded(texts, np.arange(20), shape.positions)
        optimiser.zero_grad()
        states, vectors, _ = student(tokens, mask)
        (states.square().sum() + (vectors @ vectors.T).sum()).backward()
        optimiser.step()
    end = shape.hidden - 2
    for layer in student.bert.layers:
        for last in (layer.attn.Wo, layer.mlp.Wo):
            assert (last.weight[end - 10 : end] == 0).all()
            assert (last.weight[: end - 10] != 0).any()


def test_layers_are_quietened() -> None:
    torch.manual_seed(6)
    student = Student(SHAPE).eval()
    tokens = torch.tensor([[5, 6, 7]])
    mask = torch.ones_like(tokens, dtype=torch.bool)
    with torch.inference_mode():
        student.quieten(0.0)
        alone, _, _ = student(tokens[:, :1], mask[:, :1])
        beside, _, _ = student(tokens, mask)
    np.testing.assert_allclose(beside[0, 0].numpy(), alone[0, 0].numpy(), atol=1e-5)


def test_padding_stands_after_the_tokens_and_long_texts_are_cut() -> None:
    texts = Texts(np.arange(1, 10, dtype=np.int32), np.array([0, 2, 9], np.int64))
    tokens, mask = padded(texts, np.array([1, 0]), 4)
    assert tokens.tolist() == [[3, 4, 5, 6], [1, 2, 0, 0]]
    assert mask.tolist() == [[True] * 4, [True, True, False, False]]


def test_thinned_texts_keep_their_order_and_some_of_their_tokens() -> None:
    lengths = np.array([0, 3, 400, 12, 4])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    texts = Texts(np.arange(2, 2 + starts[-1], dtype=np.int32), starts)
    ids = np.array([2, 4, 1, 0, 2])
    thinned = texts.thinned(ids, 0.25, np.random.default_rng(3))
    pairs = pairwise(thinned.starts.tolist())
    for number, (first, last) in zip(ids.tolist(), pairs, strict=True):
        own = thinned.tokens[first:last]
        assert (np.diff(own) > 0).all()
        assert np.isin(own, texts.tokens[starts[number] : starts[number + 1]]).all()
    counts = np.diff(thinned.starts)
    assert counts[2] == 3  # too short to lose any
    assert counts[3] == 0  # had none
    assert 0.7 * 400 < counts[0] < 0.8 * 400
    assert thinned.tokens[: counts[0]].tolist() != thinned.tokens[-counts[4] :].tolist()


def test_a_thinned_text_is_never_empty() -> None:
    texts = Texts(np.arange(2, 10, dtype=np.int32), np.array([0, 8], np.int64))
    thinned = texts.thinned(np.zeros(50, np.int64), 1.0, np.random.default_rng(4))
    assert np.diff(thinned.starts).tolist() == [1] * 50


def test_each_step_leaves_out_other_tokens(run: Path) -> None:
    pairs, tokenizer, static, taught = _inputs(run)
    found = []
    for share in (0.0, 0.5):
        trainer = Trainer(pairs, tokenizer, taught, replace(SMALL, thinned=share), silent)
        trainer.warm(np.load(static))
        drawn = next(
            trainer.sampler.batches({"official": 1.0}, range(1), SMALL.tokens, SMALL.pairs)
        )
        found.append([trainer.step(drawn, 0.0, at)["stay"] for at in (0, 1, 0)])
    whole, thinned = found
    assert whole[0] == whole[1] == whole[2]
    assert thinned[0] == thinned[2] != thinned[1]
    assert min(thinned) > max(whole)  # the leash is of the whole texts


def test_the_learning_rate_rises_then_falls_to_the_floor() -> None:
    stage = Stage(100, 1e-3, {}, warm_up=10, floor=0.1)
    rates = [stage.rate(at) for at in range(101)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == rates[10] == pytest.approx(1e-3)
    assert rates[100] == pytest.approx(1e-4)
    assert all(a >= b for a, b in pairwise(rates[10:]))


def _inputs(run: Path) -> tuple[Path, Path, Path, Path]:
    work = run / "work"
    return (
        work / "prepare" / "pairs",
        work / "tokenizer" / "tokenizer.json",
        work / "train" / "vectors.npy",
        work / "teach",
    )


@pytest.mark.parametrize("stop", [3, 8], ids=["first stage", "second stage"])
def test_a_resumed_student_equals_an_undisturbed_one(run: Path, tmp_path: Path, stop: int) -> None:
    said: list[str] = []
    assert contextual(*_inputs(run), tmp_path, SMALL, said.append, stop_after=stop) == {
        "steps": stop
    }
    assert not (tmp_path / WEIGHTS).exists()
    counts = contextual(*_inputs(run), tmp_path, SMALL, said.append)
    assert counts["steps"] == 10
    assert f"contextual: goes on from step {stop}" in said
    assert not (tmp_path / CHECKPOINT).exists()
    whole = torch.load(run / "work" / "contextual" / WEIGHTS, weights_only=True)
    resumed = torch.load(tmp_path / WEIGHTS, weights_only=True)
    assert resumed["shape"] == whole["shape"]
    for name, tensor in whole["student"].items():
        assert torch.equal(tensor, resumed["student"][name]), name


def test_refining_goes_on_from_the_weights_before_they_were_evened(
    run: Path, tmp_path: Path
) -> None:
    pairs, tokenizer, static, taught = _inputs(run)
    begun = run / "work" / "contextual" / WEIGHTS
    saved = torch.load(begun, weights_only=True)
    trainer = Trainer(pairs, tokenizer, taught, SMALL, silent)
    trainer.warm(np.load(static))
    trainer.take_up(saved["student"], saved["factors"])
    factors = trainer.even()
    assert torch.allclose(factors, saved["factors"])
    assert torch.allclose(trainer.student.dense.weight, saved["student"]["dense.weight"])
    said: list[str] = []
    widened = run / "work" / "widen" / "pairs"
    inputs = (widened, tokenizer, static, taught, tmp_path, SMALL, said.append)
    assert contextual(*inputs, begun=begun, stop_after=12) == {"steps": 12}
    assert contextual(*inputs, begun=begun)["steps"] == 15
    assert "refine: goes on from step 12" in said
    refined = torch.load(run / "work" / "refine" / WEIGHTS, weights_only=True)
    resumed = torch.load(tmp_path / WEIGHTS, weights_only=True)
    for name, tensor in refined["student"].items():
        assert torch.equal(tensor, resumed["student"][name]), name
    assert not torch.equal(refined["student"]["dense.weight"], saved["student"]["dense.weight"])


def test_refined_weights_are_blended_with_those_before(run: Path) -> None:
    pairs, tokenizer, static, taught = _inputs(run)
    saved = torch.load(run / "work" / "contextual" / WEIGHTS, weights_only=True)
    trainer = Trainer(pairs, tokenizer, taught, replace(SMALL, blended=0.25), silent)
    trainer.warm(np.load(static))
    trainer.take_up(saved["student"], saved["factors"])
    name = "bert.embeddings.tok_embeddings.weight"
    before = trainer.student.state_dict()[name].clone()
    with torch.no_grad():
        trainer.student.state_dict()[name].add_(1.0)
    trainer.blend()
    assert torch.allclose(trainer.student.state_dict()[name], before + 0.25)


def test_the_student_comes_nearer_to_the_teacher(run: Path) -> None:
    pairs, tokenizer, static, taught = _inputs(run)
    trainer = Trainer(pairs, tokenizer, taught, SMALL, silent)
    trainer.warm(np.load(static))
    shares = {"official": 1.0}
    drawn = trainer.sampler.batches(shares, range(60), SMALL.tokens, SMALL.pairs)
    steps = [trainer.step(batch, 3e-3, at) for at, batch in enumerate(drawn)]
    losses = [found["imitate"] for found in steps if "imitate" in found]
    assert len(losses) > 16
    assert np.mean(losses[-8:]) < np.mean(losses[:8])


def test_dimensions_are_evened_out(run: Path) -> None:
    pairs, tokenizer, static, taught = _inputs(run)
    trainer = Trainer(pairs, tokenizer, taught, replace(SMALL, evened=1.0), silent)
    trainer.warm(np.load(static))
    ids = np.flatnonzero(np.diff(trainer.texts.starts))
    inputs = padded(trainer.texts, ids, trainer.shape.positions)

    def spread() -> float:
        with torch.inference_mode():
            squares = trainer.student(*inputs)[1].square().mean(0)
        used = squares[trainer.student.dense.weight.abs().sum(1) > 0]
        return float(used.std() / used.mean())

    before = spread()
    trainer.even()
    assert spread() < 0.5 * before


def test_taught_vectors_are_the_teachers(run: Path, teacher: Path) -> None:
    folder = run / "work" / "teach"
    vectors = np.load(folder / teach.VECTORS)
    texts = teach.english_texts(run / "work" / "prepare" / "pairs", SMALL)
    assert vectors.dtype == np.float16
    assert vectors.shape == (SMALL.taught_texts, 16)
    theirs = SentenceTransformer(str(teacher), device="cpu").encode(
        texts, normalize_embeddings=True
    )
    rows = vectors.astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)  # bfloat16 units are 1 % off
    assert (rows * theirs).sum(1).min() > 0.999


def test_teaching_goes_on_where_it_was_cut(
    run: Path, teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = run / "work" / "prepare" / "pairs"
    monkeypatch.setattr(teach, "CHUNK", 64)
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    teach.teach(pairs, teacher, whole, SMALL, silent)
    said: list[str] = []
    assert teach.teach(pairs, teacher, cut, SMALL, said.append, stop_after=100) == {"texts": 128}
    assert not (cut / teach.VECTORS).exists()
    teach.teach(pairs, teacher, cut, SMALL, said.append)
    assert said == [f"teach: {done} of 300 texts" for done in (64, 128, 192, 256, 300)]
    assert not list(cut.glob("*.partial"))
    for name in (teach.TEXTS, teach.VECTORS):
        assert sha256(cut / name) == sha256(whole / name)


def test_what_was_taught_of_other_texts_is_not_gone_on_with(
    run: Path, teacher: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = run / "work" / "prepare" / "pairs"
    monkeypatch.setattr(teach, "CHUNK", 32)
    teach.teach(pairs, teacher, tmp_path, SMALL, silent, stop_after=32)
    fewer = replace(SMALL, taught_texts=40)
    said: list[str] = []
    teach.teach(pairs, teacher, tmp_path, fewer, said.append)
    assert said[0] == "teach: 32 of 40 texts"
    assert len(np.load(tmp_path / teach.VECTORS)) == 40
