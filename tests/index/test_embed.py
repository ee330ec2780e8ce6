import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from support.fake_encoder import BagOfWordsEncoder
from support.models import PROMPTS, WORDS, write_static

from corpus import EncoderUnavailable
from index.embed import Encoder, StaticEncoder, choose_prompts, open_encoder
from index.embed_st import SentenceTransformerEncoder

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [
    "satellite orbit debris",
    "卫星 轨道 moon",
    "спутник قمر état órbita unheard words",
    "",
    "   ",
    "a",
    "debris " * 500,
    "orbit debris",
]


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("prompts", [None, PROMPTS])
def test_static_and_sentence_transformers_give_the_same_vectors(tmp_path, dtype, prompts):
    folder = write_static(tmp_path / "static", dtype, prompts)
    ours, theirs = StaticEncoder(folder), SentenceTransformerEncoder(str(folder), device="cpu")
    assert ours.dim == theirs.dim == 16
    for encode in ("encode_queries", "encode_passages"):
        one, other = getattr(ours, encode)(TEXTS), getattr(theirs, encode)(TEXTS)
        assert one.dtype == other.dtype == np.float32
        assert np.abs(one - other).max() < 1e-5
    same = np.array_equal(ours.encode_queries(TEXTS), ours.encode_passages(TEXTS))
    assert same == (prompts is None)


def test_a_vector_is_the_unit_mean_of_the_token_vectors(tmp_path):
    folder = write_static(tmp_path / "static", prompts=PROMPTS)
    matrix = load_file(folder / "0_StaticEmbedding" / "model.safetensors")["embedding.weight"]
    rows = matrix[[WORDS.index(w) for w in ("query", ":", "卫星", "[UNK]", "orbit")]]
    expected = rows.mean(axis=0) / np.linalg.norm(rows.mean(axis=0))
    assert StaticEncoder(folder).encode_queries(["卫星 unheard orbit"])[0] == pytest.approx(
        expected
    )


def test_a_long_text_loses_no_precision(tmp_path):
    folder = write_static(tmp_path / "static")
    matrix = load_file(folder / "0_StaticEmbedding" / "model.safetensors")["embedding.weight"]
    exact = matrix[[WORDS.index("moon")] + [WORDS.index("debris")] * 20_000].sum(0, np.float64)
    found = StaticEncoder(folder).encode_passages(["moon" + " debris" * 20_000])[0]
    assert np.abs(found - exact / np.linalg.norm(exact)).max() < 1e-6


def test_rows_are_unit_and_blank_texts_give_zero_rows(tmp_path):
    encoder = StaticEncoder(write_static(tmp_path / "static", np.float16, PROMPTS))
    for encode in (encoder.encode_queries, encoder.encode_passages):
        norms = np.linalg.norm(encode(TEXTS), axis=1)
        assert norms == pytest.approx([float(bool(text.strip())) for text in TEXTS], abs=1e-6)
        assert encode([]).shape == (0, encoder.dim)


def test_a_vector_does_not_depend_on_its_neighbours(tmp_path):
    encoder = StaticEncoder(write_static(tmp_path / "static", np.float16))
    texts = [f"{TEXTS[i % 3]} {'orbit ' * (i % 50)}" for i in range(700)]
    together = encoder.encode_passages(texts)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts])
    assert np.array_equal(together, alone)


def test_progress_adds_up(tmp_path):
    seen: list[int] = []
    open_encoder(str(write_static(tmp_path / "static"))).encode_passages(
        ["orbit"] * 300, seen.append
    )
    assert sum(seen) == 300
    assert len(seen) > 1


def change_weights(folder: Path) -> None:
    file = folder / "0_StaticEmbedding" / "model.safetensors"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def change_tokenizer(folder: Path) -> None:
    file = folder / "0_StaticEmbedding" / "tokenizer.json"
    file.write_text(file.read_text(encoding="utf-8").replace("moon", "mond"), encoding="utf-8")


def change_prompts(folder: Path) -> None:
    file = folder / "config_sentence_transformers.json"
    file.write_text(json.dumps({"prompts": {"query": "q: "}}), encoding="utf-8")


@pytest.mark.parametrize("change", [change_weights, change_tokenizer, change_prompts])
def test_the_fingerprint_is_of_the_contents(tmp_path, change: Callable[[Path], None]):
    one, other = (write_static(tmp_path / name, prompts=PROMPTS) for name in ("one", "other"))
    assert StaticEncoder(one).fingerprint == StaticEncoder(other).fingerprint
    change(other)
    assert StaticEncoder(one).fingerprint != StaticEncoder(other).fingerprint


def test_a_static_folder_is_opened_without_torch(tmp_path):
    folder = write_static(tmp_path / "static", np.float16)
    script = (
        "import sys; from index.embed import open_encoder; "
        "rows = open_encoder(sys.argv[1]).encode_queries(['orbit']); "
        "assert rows.shape == (1, 16); "
        "print([name for name in ('torch', 'transformers', 'scipy') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda inner: (inner / "model.safetensors").unlink(), "is missing"),
        (lambda inner: (inner / "tokenizer.json").write_text("{}"), "damaged"),
        (lambda inner: os.truncate(inner / "model.safetensors", 700), "truncated"),
        (lambda inner: os.truncate(inner / "model.safetensors", 20), "truncated"),
        (
            lambda inner: save_file({"other": np.ones((2, 2))}, inner / "model.safetensors"),
            "no float16 or float32 matrix",
        ),
        (
            lambda inner: save_file(
                {"embedding.weight": np.ones((3, 2), np.float16)}, inner / "model.safetensors"
            ),
            "more tokens than vectors",
        ),
    ],
)
def test_a_broken_static_folder_says_why(tmp_path, break_it, why):
    folder = write_static(tmp_path / "static")
    break_it(folder / "0_StaticEmbedding")
    with pytest.raises(EncoderUnavailable, match=why):
        open_encoder(str(folder))


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~/nowhere", "a/b/c"])
def test_a_path_that_is_not_there_says_so(name):
    with pytest.raises(EncoderUnavailable, match="there is no folder"):
        open_encoder(name)


def test_a_folder_without_a_model_says_so(tmp_path):
    with pytest.raises(EncoderUnavailable, match="holds no StaticEmbedding"):
        StaticEncoder(tmp_path)
    with pytest.raises(EncoderUnavailable, match="not a model that sentence-transformers can open"):
        open_encoder(str(tmp_path))


@pytest.mark.parametrize(
    ("prompts", "chosen"),
    [
        ({}, ("", "")),
        ({"query": "q: ", "passage": "p: "}, ("q: ", "p: ")),
        ({"document": "d: ", "passage": "p: "}, ("", "d: ")),
        ({"query": "", "document": "", "corpus": "c: "}, ("", "c: ")),
    ],
)
def test_prompts_by_name(prompts, chosen):
    assert choose_prompts(prompts) == chosen


def test_the_fake_encoder_has_meaning():
    fake = BagOfWordsEncoder()
    encoder: Encoder = fake
    query = encoder.encode_queries(["卫星 debris"])[0]
    rows = encoder.encode_passages(["debris removal", "moon base", "一颗卫星", ""])
    assert rows.shape == (4, encoder.dim)
    assert (rows @ query)[[0, 2]].min() > (rows @ query)[[1, 3]].max()
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    assert fake.calls == 4
