"""The vector cache: what is encoded once is not encoded again, and damage costs only time."""

import sqlite3
import tracemalloc
import zlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from support.fake_encoder import BagOfTokensEncoder, BagOfWordsEncoder

from index.cache import Embedded, embed

TEXTS = ["one two", "three", "one two", ""]


def store(data: Path) -> Path:
    (file,) = (data / "cache").glob("*/vectors.sqlite")
    return file


def same(found: NDArray[np.float32], texts: Sequence[str] = TEXTS) -> bool:
    return found.dtype == np.float32 and np.array_equal(
        found, BagOfWordsEncoder().encode_passages(texts)
    )


def test_a_text_is_encoded_once(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    first = embed(TEXTS, BagOfWordsEncoder(), tmp_path, lambda *step: seen.append(step))
    again = embed([*TEXTS, "new"], BagOfWordsEncoder(), tmp_path)
    assert (first.embedded, first.cached) == (3, 1)
    assert (again.embedded, again.cached) == (1, 4)
    assert same(first.vectors)
    assert same(again.vectors, [*TEXTS, "new"])
    assert (seen[0], seen[-1]) == ((0, 4), (4, 4))
    assert store(tmp_path).parent.name == BagOfWordsEncoder().fingerprint[:16]


def test_encoders_do_not_share(tmp_path: Path) -> None:
    embed(TEXTS, BagOfWordsEncoder(), tmp_path)
    assert embed(TEXTS, BagOfWordsEncoder(name="other"), tmp_path).embedded == 3


def test_no_texts(tmp_path: Path) -> None:
    assert embed([], BagOfWordsEncoder(dim=8), tmp_path).vectors.shape == (0, 8)


def test_more_texts_than_one_query_or_batch_holds(tmp_path: Path) -> None:
    texts = [f"text {n}" for n in range(1300)]
    assert embed(texts, BagOfWordsEncoder(dim=16), tmp_path).embedded == 1300
    again = embed(texts, BagOfWordsEncoder(dim=16), tmp_path)
    assert (again.embedded, again.cached) == (0, 1300)
    assert np.array_equal(again.vectors, BagOfWordsEncoder(dim=16).encode_passages(texts))


class Stopping(BagOfWordsEncoder):
    """Fails after its first batch."""

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        if self.calls:
            raise KeyboardInterrupt
        return super().encode_passages(texts, progress)


def test_a_stopped_build_keeps_what_it_encoded(tmp_path: Path) -> None:
    texts = [f"text {n}" for n in range(700)]
    encoder = Stopping(dim=16)
    with pytest.raises(KeyboardInterrupt):
        embed(texts, encoder, tmp_path)
    after = embed(texts, BagOfWordsEncoder(dim=16), tmp_path)
    assert after.cached == encoder.calls > 0
    assert after.embedded == 700 - encoder.calls


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100, b"SQLite format 3\0" * 9])
def test_a_file_that_is_no_database_is_replaced(content: bytes, tmp_path: Path) -> None:
    embed(TEXTS, BagOfWordsEncoder(), tmp_path)
    store(tmp_path).write_bytes(content)
    assert same(embed(TEXTS, BagOfWordsEncoder(), tmp_path).vectors)
    assert embed(TEXTS, BagOfWordsEncoder(), tmp_path).embedded == 0


@pytest.mark.parametrize("vector", [b"", b"123", b"\0" * (4 * 256 + 4 - 1) + b"\1"])
def test_a_damaged_vector_is_made_again(vector: bytes, tmp_path: Path) -> None:
    embed(TEXTS, BagOfWordsEncoder(), tmp_path)
    database = sqlite3.connect(store(tmp_path))
    with database:
        database.execute("UPDATE vectors SET vector = ?", [vector])
    database.close()
    again = embed(TEXTS, BagOfWordsEncoder(), tmp_path)
    assert again.embedded == 3
    assert same(again.vectors)


def embed_tokens(
    texts: Sequence[str], encoder: BagOfTokensEncoder, data: Path
) -> tuple[Embedded, list[NDArray[np.int8]]]:
    kept: list[NDArray[np.int8]] = []
    return embed(texts, encoder, data, keep=kept.append), kept


def same_tokens(found: list[NDArray[np.int8]], texts: Sequence[str] = TEXTS) -> bool:
    expected = BagOfTokensEncoder().encode_tokens(texts)[1]
    return all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))


def test_token_vectors_are_kept_beside_the_vector(tmp_path: Path) -> None:
    encoder = BagOfTokensEncoder()
    first, made = embed_tokens(TEXTS, encoder, tmp_path)
    again, found = embed_tokens([*TEXTS, "new one"], encoder, tmp_path)
    assert (again.embedded, again.cached, encoder.calls) == (1, 4, 4)
    assert same_tokens(made)
    assert same_tokens(found, [*TEXTS, "new one"])
    assert np.array_equal(again.vectors[:4], first.vectors)
    assert [each.shape for each in found] == [(n, 128) for n in (2, 1, 2, 0, 2)]
    assert all(each.dtype == np.int8 for each in found)


def test_a_text_met_again_in_a_later_batch_is_not_encoded_again(tmp_path: Path) -> None:
    texts = [f"text {n}" for n in range(700)] * 2
    encoder = BagOfTokensEncoder(16)
    made, kept = embed_tokens(texts, encoder, tmp_path)
    assert (made.embedded, made.cached, encoder.calls) == (700, 700, 700)
    assert np.array_equal(made.vectors[:700], made.vectors[700:])
    assert all(np.array_equal(*pair) for pair in zip(kept[:700], kept[700:], strict=True))


@pytest.mark.parametrize("cached", [False, True], ids=["encoded", "cached"])
def test_no_more_than_a_batch_of_token_vectors_is_held(cached: bool, tmp_path: Path) -> None:
    texts = [f"{n} {'many words to encode ' * 5}" for n in range(4000)]
    encoder = BagOfTokensEncoder(8)
    if cached:
        embed(texts, encoder, tmp_path)
    sizes: list[int] = []
    tracemalloc.start()
    embed(texts, encoder, tmp_path, keep=lambda tokens: sizes.append(tokens.nbytes))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(sizes) == len(texts)
    assert most < sum(sizes) * 0.6


def _blob(data: Path, text: str) -> bytes:
    with sqlite3.connect(store(data)) as database:
        key = sha256(text.encode()).digest()
        (blob,) = database.execute("SELECT vector FROM vectors WHERE key = ?", [key]).fetchone()
    database.close()
    return bytes(blob)


@pytest.mark.parametrize("at", [0, 4 * 256 + 1, -5, -1], ids=["vector", "token", "last", "check"])
def test_damaged_token_vectors_are_made_again(at: int, tmp_path: Path) -> None:
    embed(TEXTS, BagOfTokensEncoder(), tmp_path)
    blob = bytearray(_blob(tmp_path, "one two"))
    blob[at] ^= 1
    database = sqlite3.connect(store(tmp_path))
    with database:
        key = sha256(b"one two").digest()
        database.execute("UPDATE vectors SET vector = ? WHERE key = ?", [bytes(blob), key])
    database.close()
    again, tokens = embed_tokens(TEXTS, BagOfTokensEncoder(), tmp_path)
    assert (again.embedded, again.cached) == (1, 3)
    assert same_tokens(tokens)
    assert embed(TEXTS, BagOfTokensEncoder(), tmp_path).embedded == 0


def test_tokens_that_are_cut_short_are_made_again(tmp_path: Path) -> None:
    embed(TEXTS, BagOfTokensEncoder(), tmp_path)
    content = _blob(tmp_path, "one two")[: 4 * 256 + 100]  # with a check of its own, all the same
    database = sqlite3.connect(store(tmp_path))
    with database:
        database.execute(
            "UPDATE vectors SET vector = ? WHERE key = ?",
            [content + zlib.crc32(content).to_bytes(4, "little"), sha256(b"one two").digest()],
        )
    database.close()
    assert same_tokens(embed_tokens(TEXTS, BagOfTokensEncoder(), tmp_path)[1])
