"""What is written loads in sentence-transformers and in Sextant, to the same vectors."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from support.made_up import SMALL, say
from tokenizers import Tokenizer

from index import open_encoder
from training import card
from training.batches import Texts
from training.contextual import WEIGHTS
from training.export_contextual import LATE
from training.layout import CARD, fresh_folder, publish
from training.recipe import LANGUAGES
from training.student import Shape, Student, padded
from training.tokenizer import TOKENIZER


@pytest.fixture(scope="module")
def texts() -> list[str]:
    rng = np.random.default_rng(9)
    made = [say(rng, length)[language] for language in LANGUAGES for length in (3, 20)]
    return [*made, "(Moon) 2019, dust?", "月球2019年", "والقمر"]


def test_the_static_folder_gives_the_vectors_of_sentence_transformers(
    run: Path, texts: list[str]
) -> None:
    folder = run / "work" / "export" / "static"
    theirs = SentenceTransformer(str(folder), device="cpu").encode(texts, convert_to_numpy=True)
    assert theirs.shape == (len(texts), SMALL.dim)
    np.testing.assert_allclose(open_encoder(str(folder)).encode_passages(texts), theirs, atol=1e-5)


def test_the_graph_gives_nearly_the_vectors_of_sentence_transformers(
    run: Path, texts: list[str]
) -> None:
    folder = run / "encoder"
    theirs = SentenceTransformer(str(folder), device="cpu").encode(texts, convert_to_numpy=True)
    ours = open_encoder(str(folder)).encode_passages(texts)
    assert ours.shape == theirs.shape == (len(texts), SMALL.shape["output"])
    assert (ours * theirs).sum(1).min() > 0.995  # the layers are int8


def test_sentence_transformers_gives_the_vectors_of_the_student(
    run: Path, texts: list[str]
) -> None:
    saved = torch.load(run / "work" / "refine" / WEIGHTS, weights_only=True)
    student = Student(Shape(**saved["shape"])).eval()
    student.load_state_dict(saved["student"])
    model = SentenceTransformer(str(run / "encoder"), device="cpu")
    tokenizer = Tokenizer.from_file(str(run / "encoder" / TOKENIZER))
    tokens = [tokenizer.encode(text).ids for text in texts]
    flat = np.array([token for one in tokens for token in one], np.int32)
    starts = np.cumsum([0, *(len(one) for one in tokens)])
    with torch.inference_mode():
        _, vectors, _ = student(*padded(Texts(flat, starts), np.arange(len(texts)), 64))
    theirs = model.encode(texts, convert_to_numpy=True)
    np.testing.assert_allclose(vectors.numpy(), theirs, atol=5e-3)  # weights are stored as float16


def test_token_states_are_the_first_dimensions_of_the_last_layer(
    run: Path, texts: list[str]
) -> None:
    model = SentenceTransformer(str(run / "encoder"), device="cpu")
    encoder = open_encoder(str(run / "encoder"))
    dim = json.loads((run / "encoder" / LATE).read_text(encoding="utf-8"))["token_dim"]
    assert dim == SMALL.shape["token_dim"]
    for text in texts:
        states = np.asarray(model.encode(text, output_value="token_embeddings"))[:, :dim]
        _, tokens = encoder.encode_query_tokens(text)  # type: ignore[attr-defined]
        assert tokens.shape == states.shape
        cosines = (tokens * states).sum(1)
        cosines /= np.linalg.norm(tokens, axis=1) * np.linalg.norm(states, axis=1)
        assert cosines.min() > 0.99


def test_a_folder_is_replaced_whole_and_everyone_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / "old.txt").write_text("old")
    fresh = fresh_folder(folder)
    (fresh / "new.txt").write_text("new")
    (fresh / "new.txt").chmod(0o600)
    (fresh / CARD).write_text("card")
    assert publish(fresh, folder) == 3  # without the card
    assert sorted(path.name for path in folder.iterdir()) == [CARD, "new.txt"]
    assert (folder / "new.txt").stat().st_mode & 0o777 == 0o644
    assert [path.name for path in tmp_path.iterdir()] == ["encoder"]


def test_the_card_counts_the_parameters_that_there_are() -> None:
    shape = Shape(300, hidden=32, layers=3, heads=2, intermediate=48, output=40, kept=8)
    student = Student(shape)
    there = sum(parameter.numel() for parameter in student.parameters())
    assert card.parameters(shape) == there - student.guess.weight.numel()
