"""The contextual encoder beside sentence-transformers, on a small model that training exports."""

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from support.documents import small_corpus
from support.models import SPOKEN, write_contextual_model, write_static

from corpus import EncoderUnavailable
from index import Index, build_index
from index.contextual import BATCH, ContextualEncoder
from index.embed import StaticEncoder, TokenEncoder, open_encoder, unit_rows

TEXTS = [
    "satellite orbit debris",
    "卫星 轨道 moon",
    "спутник قمر état órbita unheard words",
    "moon",
]
LONG = " ".join((SPOKEN[2:] * 4)[:40])
POSITIONS = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_contextual_model(tmp_path_factory.mktemp("contextual"))


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ContextualEncoder:
    found = open_encoder(str(folder))
    assert isinstance(found, ContextualEncoder)
    return found


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_it_is_a_token_encoder_and_a_static_one_is_not(
    encoder: ContextualEncoder, tmp_path: Path
) -> None:
    assert isinstance(encoder, TokenEncoder)
    assert not isinstance(StaticEncoder(write_static(tmp_path)), TokenEncoder)
    assert (encoder.dim, encoder.token_dim) == (24, 8)


def test_vectors_are_those_of_sentence_transformers(
    encoder: ContextualEncoder, folder: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(folder), device="cpu")
    texts = [*TEXTS, LONG]
    rows, tokens = encoder.encode_tokens(texts)
    theirs = model.encode(texts)
    assert (rows * theirs).sum(axis=1).min() > 0.99
    between = rows @ rows.T
    assert between[~np.eye(len(texts), dtype=bool)].max() < 0.98  # so that the above says much
    for text, own in zip(texts, tokens, strict=True):
        states = model.encode(text, output_value="token_embeddings").numpy()[:, : encoder.token_dim]
        assert own.shape == states.shape
        assert (unit_rows(own.astype(np.float32)) * unit_rows(states)).sum(axis=1).min() > 0.97


def test_a_text_alone_is_as_in_a_batch(encoder: ContextualEncoder) -> None:
    texts = [*TEXTS, *(f"{'orbit ' * (n % 9)}moon" for n in range(BATCH + 9)), LONG]
    seen: list[int] = []
    rows, tokens = encoder.encode_tokens(texts, seen.append)
    assert (sum(seen), len(seen)) == (len(texts), 2)
    for at in (0, 2, 40, BATCH + 5, len(texts) - 1):
        assert np.array_equal(rows[at], encoder.encode_queries([texts[at]])[0])
        assert np.array_equal(tokens[at], encoder.encode_tokens([texts[at]])[1][0])
    assert np.array_equal(rows, encoder.encode_passages(texts))


def test_rows_are_unit_and_blank_texts_give_nothing(encoder: ContextualEncoder) -> None:
    rows, tokens = encoder.encode_tokens([*TEXTS, "", " \n"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 1, 0, 0], abs=1e-6)
    assert [len(each) for each in tokens] == [3, 3, 6, 1, 0, 0]
    assert all(each.dtype == np.int8 and each.shape[1] == 8 for each in tokens)
    lengths = np.linalg.norm(np.concatenate(tokens).astype(np.float32), axis=1)
    assert lengths == pytest.approx(np.full(13, 127), abs=2)
    assert encoder.encode_passages([]).shape == (0, 24)
    vector, states = encoder.encode_query_tokens(" ")
    assert (vector.any(), states.shape) == (False, (0, 8))


def test_a_question_has_its_vector_and_the_weights_of_its_tokens(
    encoder: ContextualEncoder,
) -> None:
    vector, states = encoder.encode_query_tokens(TEXTS[0])
    assert np.array_equal(vector, encoder.encode_queries([TEXTS[0]])[0])
    as_stored = encoder.encode_tokens([TEXTS[0]])[1][0]
    assert np.array_equal(np.rint(127 * unit_rows(states)).astype(np.int8), as_stored)
    assert len({round(float(length), 3) for length in np.linalg.norm(states, axis=1)}) == 3


def test_a_long_text_is_cut_at_the_last_position(encoder: ContextualEncoder) -> None:
    cut = " ".join(LONG.split()[:POSITIONS])
    assert np.array_equal(encoder.encode_queries([LONG]), encoder.encode_queries([cut]))
    assert len(encoder.encode_tokens([LONG])[1][0]) == POSITIONS
    shorter = " ".join(LONG.split()[: POSITIONS - 1])
    assert not np.array_equal(encoder.encode_queries([cut]), encoder.encode_queries([shorter]))


@pytest.mark.parametrize("spaced", [False, True])
def test_a_token_stands_on_its_last_letter(spaced: bool, tmp_path: Path) -> None:
    folder = write_contextual_model(tmp_path, spaced=spaced)
    text = "moon 卫星 órbita, debris"
    encoder = ContextualEncoder(folder)
    assert encoder.token_places(text).tolist() == [3, 6, 14, 21]
    assert len(encoder.token_places(LONG)) == POSITIONS
    config = {"prompts": {"query": "a b c ", "document": "passage : "}}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(config), encoding="utf-8")
    assert ContextualEncoder(folder).token_places(text).tolist() == [-4, -2, 3, 6, 14, 21]


def test_threads_do_not_disturb_one_another(encoder: ContextualEncoder) -> None:
    texts = [" ".join(SPOKEN[2 + n % 9 : 4 + n % 13]) + " moon" for n in range(60)]
    alone = [encoder.encode_queries([text])[0] for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: encoder.encode_queries([text])[0], texts))
    assert np.array_equal(np.stack(alone), np.stack(together))


def test_prompts_come_before_the_text(copy: Path, encoder: ContextualEncoder) -> None:
    config = {"prompts": {"query": "query : ", "document": "passage : "}}
    (copy / "config_sentence_transformers.json").write_text(json.dumps(config), encoding="utf-8")
    prompted = ContextualEncoder(copy)
    for encode, prompt in (("encode_queries", "query : "), ("encode_passages", "passage : ")):
        expected = getattr(encoder, encode)([prompt + "moon"])
        assert np.array_equal(getattr(prompted, encode)(["moon"]), expected)
    assert len(prompted.encode_query_tokens("moon")[1]) == 3
    assert not prompted.encode_queries([" "]).any()
    assert prompted.fingerprint != encoder.fingerprint


def test_the_fingerprint_is_of_what_decides_the_vectors(
    copy: Path, encoder: ContextualEncoder, tmp_path: Path
) -> None:
    assert ContextualEncoder(copy).fingerprint == encoder.fingerprint
    other = write_contextual_model(tmp_path / "other", seed=4)
    assert ContextualEncoder(other).fingerprint != encoder.fingerprint
    config = json.loads((copy / "config.json").read_text(encoding="utf-8"))
    config["max_position_embeddings"] = 12
    (copy / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert ContextualEncoder(copy).fingerprint != encoder.fingerprint


@pytest.mark.parametrize("name", ["model.onnx", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(name: str, copy: Path) -> None:
    (copy / name).unlink()
    with pytest.raises(EncoderUnavailable, match=f"{name}' is missing; copy the model anew"):
        open_encoder(str(copy))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("model.onnx", b"no graph"),
        ("model.safetensors", b"\0" * 64),
        ("tokenizer.json", b"{}"),
        ("config.json", b"{}"),
        ("config_sentence_transformers.json", b"["),
    ],
)
def test_a_damaged_file_is_an_error_that_says_so(name: str, content: bytes, copy: Path) -> None:
    (copy / name).write_bytes(content)
    with pytest.raises(EncoderUnavailable, match="is damaged"):
        open_encoder(str(copy))


def test_a_missing_library_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(EncoderUnavailable, match="pip install onnxruntime"):
        open_encoder(str(folder))


def test_torch_is_not_imported(folder: Path) -> None:
    code = (
        "import sys; from index import open_encoder; "
        "open_encoder(sys.argv[1]).encode_queries(['moon']); print('torch' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(folder)], check=True, capture_output=True, text=True
    )
    assert told.stdout.strip() == "False"


def test_an_index_is_built_and_searched_with_it(encoder: ContextualEncoder, tmp_path: Path) -> None:
    first = build_index(small_corpus(), encoder, tmp_path)
    index = Index.open(tmp_path, encoder)
    assert index.reranked_by == "late"
    hits = index.search("debris in orbit").hits
    assert all(-1.02 <= hit.scores["late"] <= 1.02 for hit in hits)
    again = build_index(small_corpus(), encoder, tmp_path, force=True)
    assert (again.embedded, again.cached) == (0, first.passages)
