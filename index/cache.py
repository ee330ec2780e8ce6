"""Vectors already made, kept between builds: (encoder fingerprint, text) -> vector, token vectors.

One SQLite file an encoder, ``cache/<first 16 hex digits of the fingerprint>/vectors.sqlite``;
its journal makes a crash harmless. It is only a cache: a damaged file is thrown away.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embed import Encoder, TokenEncoder

_BATCH = 512  # passages between two commits, so that a stopped build keeps its work
_LOOKUP = 500  # keys in one query; SQLite allows 999 parameters in its older versions
_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class Embedded:
    """``vectors``: (n, dim) float32, one row a text; how many were encoded, and how many found."""

    vectors: NDArray[np.float32]
    embedded: int
    cached: int


_Made = tuple[NDArray[np.float32], NDArray[np.int8]]  # of one text: (dim,), (length, token_dim)


def embed(
    texts: Sequence[str],
    encoder: Encoder,
    data: Path,
    progress: Callable[[int, int], None] | None = None,
    keep: Callable[[NDArray[np.int8]], None] | None = None,
) -> Embedded:
    """The passage vectors of ``texts``; only texts not met before are encoded.

    ``progress`` is called with (texts done, texts in all), ``keep`` with each text's token
    vectors, (length, token_dim) int8, in the order of the texts, as they come: of a large corpus
    they take gigabytes, so no more than a batch of them is in memory. Without a TokenEncoder they
    are (0, 0). Raises OSError or sqlite3.OperationalError when the disk does not take the file.
    """
    file = data / "cache" / encoder.fingerprint[:16] / "vectors.sqlite"
    file.parent.mkdir(parents=True, exist_ok=True)
    vectors = np.empty((len(texts), encoder.dim), dtype=np.float32)
    embedded = 0
    with closing(_open(file)) as store:
        for first in range(0, len(texts), _BATCH):
            if progress is not None:
                progress(first, len(texts))
            made, new = _batch(store, texts[first : first + _BATCH], encoder)
            embedded += new
            for row, (vector, tokens) in enumerate(made, first):
                vectors[row] = vector
                if keep is not None:
                    keep(tokens)
        if progress is not None:
            progress(len(texts), len(texts))
    return Embedded(vectors, embedded, cached=len(texts) - embedded)


def _batch(
    store: sqlite3.Connection, texts: Sequence[str], encoder: Encoder
) -> tuple[list[_Made], int]:
    """What is made of each text, and how many had to be encoded, which the store now has."""
    keys = [sha256(text.encode("utf-8")).digest() for text in texts]
    token_dim = encoder.token_dim if isinstance(encoder, TokenEncoder) else 0
    known = _find(store, sorted(set(keys)), encoder.dim, token_dim)
    new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if new:
        made = _encode(list(new.values()), encoder)
        _add(store, list(new), made)
        known.update(zip(new, made, strict=True))
    return [known[key] for key in keys], len(new)


def _encode(texts: list[str], encoder: Encoder) -> list[_Made]:
    if isinstance(encoder, TokenEncoder):
        rows, tokens = encoder.encode_tokens(texts)
    else:
        rows = encoder.encode_passages(texts)
        tokens = [np.zeros((0, 0), dtype=np.int8)] * len(rows)
    return list(zip(rows, tokens, strict=True))


def _open(file: Path) -> sqlite3.Connection:
    """The open store; a file that is not a sound database is replaced by an empty one."""
    try:
        return _prepared(file)
    except sqlite3.OperationalError:
        raise  # a full disk or a lock, not damage
    except sqlite3.DatabaseError:
        for part in file.parent.glob(file.name + "*"):
            part.unlink()
        return _prepared(file)


def _prepared(file: Path) -> sqlite3.Connection:
    store = sqlite3.connect(file)
    try:
        store.execute(_SCHEMA)
        if store.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("damaged")
    except sqlite3.DatabaseError:
        store.close()
        raise
    return store


def _find(
    store: sqlite3.Connection, keys: Sequence[bytes], dim: int, token_dim: int
) -> dict[bytes, _Made]:
    found = ((key, _unpack(blob, dim, token_dim)) for key, blob in _rows(store, keys))
    return {key: made for key, made in found if made is not None}


def _pack(made: _Made) -> bytes:
    """The vector as little-endian float32, the tokens' int8, then their CRC-32 in four bytes."""
    content = np.ascontiguousarray(made[0], dtype="<f4").tobytes() + made[1].tobytes()
    return content + zlib.crc32(content).to_bytes(4, "little")


def _unpack(blob: bytes, dim: int, token_dim: int) -> _Made | None:
    """None when the blob is not what ``_pack`` made of vectors of these dimensions."""
    content, check = blob[:-4], int.from_bytes(blob[-4:], "little")
    rest = len(content) - 4 * dim
    whole = rest % token_dim == 0 if token_dim else rest == 0
    if rest < 0 or not whole or zlib.crc32(content) != check:
        return None
    vector = np.frombuffer(content, dtype="<f4", count=dim).astype(np.float32, copy=False)
    tokens = np.frombuffer(content, dtype=np.int8, offset=4 * dim)
    return vector, tokens.reshape(-1, token_dim) if token_dim else tokens.reshape(0, 0)


def _rows(store: sqlite3.Connection, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for at in range(0, len(keys), _LOOKUP):
        some = keys[at : at + _LOOKUP]
        marks = ",".join("?" * len(some))
        yield from store.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", some)


def _add(store: sqlite3.Connection, keys: Sequence[bytes], made: Sequence[_Made]) -> None:
    pairs = zip(keys, map(_pack, made), strict=True)
    with store:
        store.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", pairs)
