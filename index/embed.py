"""Text -> vectors: the ``Encoder`` seam and the encoder that needs neither torch nor a network.

``StaticEncoder`` reads the StaticEmbedding layout of sentence-transformers and gives the same
vectors: the mean of the token vectors, made a unit row. ``open_encoder`` chooses between it and
``SentenceTransformerEncoder`` (index/embed_st.py), which alone imports torch, and
``ContextualEncoder`` (index/contextual.py), which alone imports onnxruntime.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus import EncoderUnavailable

SHIPPED = Path(__file__).parent / "encoder"  # what the name 'default' stands for
BATCH = 256  # texts tokenised together, and the step of `progress`
TOKEN_BUDGET = 8192  # token vectors upcast to float32 at a time: 12 MiB at 384 dimensions
DTYPES = {"F16": "<f2", "F32": "<f4"}  # safetensors name -> NumPy name
PASSAGE_PROMPTS = ("document", "passage", "corpus")  # the order sentence-transformers looks in
LOCAL_HINT = "give the path of a folder that holds the model, or use 'default'"


class Encoder(Protocol):
    """What turns questions and passages into vectors of one space."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """SHA-256, hex, of all that decides the vectors: weights, tokenizer, prompts."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; the zero row for a blank text."""

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; ``progress`` gets the number newly encoded, per batch."""


@runtime_checkable
class TokenEncoder(Encoder, Protocol):
    """An encoder that also gives a vector for each token, for late interaction."""

    @property
    def token_dim(self) -> int: ...

    def encode_query_tokens(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The question's unit vector (dim,), and its tokens' (length, token_dim) float32.

        The length of a token's vector is its weight.
        """

    def encode_tokens(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.int8]]]:
        """Passages -> unit rows (n, dim) float32, and a text's tokens (length, token_dim) int8."""

    def token_places(self, text: str) -> NDArray[np.int64]:
        """(length,) int64: the last code point of ``text`` that each token of a passage covers."""


class StaticEncoder:
    """One vector a token, read from disk as they are used; the text is their mean.

    The matrix stays memory-mapped in its own dtype (float16 or float32): only the rows of the
    tokens at hand are upcast, so memory grows with the text and not with the vocabulary.
    Raises EncoderUnavailable when the folder does not hold what its modules.json promises.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self.name = name or str(folder)
        module = static_module(folder)
        if module is None:
            raise EncoderUnavailable(self.name, f"'{folder}' holds no StaticEmbedding model.")
        weights, tokenizer = module / "model.safetensors", module / "tokenizer.json"
        for file in (weights, tokenizer):
            if not file.is_file():
                raise EncoderUnavailable(self.name, f"'{file}' is missing; copy the model anew.")
        try:
            self._matrix = _map_matrix(weights)
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._query, self._passage = choose_prompts(configured_prompts(folder))
        except Exception as error:  # the tokenizers library raises bare Exception
            why = f"'{folder}' is damaged ({error}); copy the model anew."
            raise EncoderUnavailable(self.name, why) from error
        self._tokenizer.no_padding()
        if self._tokenizer.get_vocab_size() > len(self._matrix):
            raise EncoderUnavailable(self.name, f"'{tokenizer}' has more tokens than vectors.")
        self.dim = int(self._matrix.shape[1])
        self.fingerprint = fingerprint(
            chain(blocks(weights), blocks(tokenizer)), self._query, self._passage
        )

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; the zero row for a blank text."""
        return self._encode(texts, self._query, None)

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; ``progress`` gets the number newly encoded, per batch."""
        return self._encode(texts, self._passage, progress)

    def _encode(
        self, texts: Sequence[str], prompt: str, progress: Callable[[int], None] | None
    ) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for first in range(0, len(texts), BATCH):
            batch = [prompt + text if text.strip() else "" for text in texts[first : first + BATCH]]
            tokens = self._tokens(batch)
            for start, end in _within_budget(tokens):
                rows[first + start : first + end] = self._means(tokens[start:end])
            if progress is not None:
                progress(len(batch))
        return rows

    def _tokens(self, batch: list[str]) -> list[list[int]]:
        if len(batch) == 1:  # spares a lone question the start of a thread pool
            return [self._tokenizer.encode(batch[0], add_special_tokens=False).ids]
        encodings = self._tokenizer.encode_batch_fast(batch, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def _means(self, tokens: Sequence[list[int]]) -> NDArray[np.float32]:
        """Unit rows of the means; dividing by the length first would cancel out, so is left.

        Summed in float64: a float32 sum of thousands of like vectors drifts by 1e-5.
        """
        rows = np.zeros((len(tokens), self.dim), dtype=np.float32)
        filled = [i for i, ids in enumerate(tokens) if ids]
        if not filled:
            return rows
        lengths = [len(tokens[i]) for i in filled]
        flat = np.concatenate([np.asarray(tokens[i], dtype=np.int64) for i in filled])
        vectors = self._matrix[flat].astype(np.float32)
        starts = np.cumsum([0, *lengths[:-1]])
        rows[filled] = np.add.reduceat(vectors, starts, axis=0, dtype=np.float64)
        return unit_rows(rows)


def open_encoder(
    name: str = "default", *, device: str = "auto", precision: str = "fp32"
) -> Encoder:
    """The encoder called ``name``: 'default' (shipped), the path of a folder, or a hub id.

    ``device`` ('auto', 'cpu', 'cuda', …) and ``precision`` ('fp32', 'bf16') matter to
    sentence-transformers models only. Raises EncoderUnavailable.
    """
    folder = SHIPPED if name == "default" else Path(name).expanduser()
    if not folder.is_dir() and (name == "default" or looks_like_path(name)):
        raise EncoderUnavailable(name, f"there is no folder '{folder}'; {LOCAL_HINT}.")
    if static_module(folder) is not None:
        return StaticEncoder(folder, name)
    if name == "default" or (folder / "late.json").is_file():
        from index.contextual import ContextualEncoder  # onnxruntime, only when used

        return ContextualEncoder(folder, name)
    from index.embed_st import SentenceTransformerEncoder  # slow to import, so only when used

    return SentenceTransformerEncoder(name, device=device, precision=precision)


def static_module(folder: Path) -> Path | None:
    """The folder of the StaticEmbedding module, when the model is that and at most Normalize."""
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        kinds = [str(module["type"]).rsplit(".", 1)[-1] for module in modules]
        inner = str(modules[0]["path"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    if kinds not in (["StaticEmbedding"], ["StaticEmbedding", "Normalize"]):
        return None
    return folder / inner


def choose_prompts(prompts: Mapping[str, str]) -> tuple[str, str]:
    """(query prompt, passage prompt) out of a model's named prompts; '' for one it lacks."""
    passage = next((prompts[key] for key in PASSAGE_PROMPTS if prompts.get(key)), "")
    return prompts.get("query") or "", passage


def fingerprint(parts: Iterable[bytes | memoryview], *labels: str) -> str:
    """SHA-256, hex, of the parts in order and then of the labels."""
    digest = sha256()
    for part in parts:
        digest.update(part)
    digest.update(json.dumps(labels).encode())
    return digest.hexdigest()


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, dim) float32 with every row of length 1, the zero row left as it is."""
    norms = np.linalg.norm(rows, axis=1, keepdims=True)
    units = np.zeros_like(rows)
    np.divide(rows, norms, out=units, where=norms > 0)
    return units


def configured_prompts(folder: Path) -> dict[str, str]:
    file = folder / "config_sentence_transformers.json"
    if not file.is_file():
        return {}
    found = json.loads(file.read_text(encoding="utf-8")).get("prompts") or {}
    return {str(key): str(value) for key, value in found.items() if value}


def _map_matrix(file: Path) -> NDArray[Any]:
    """(tokens, dim) float16 or float32, memory-mapped out of a safetensors file.

    The format: eight bytes with the header's length, the header (JSON), the tensors' bytes.
    Read here and not with the safetensors package, which copies the tensor into memory.
    """
    size = file.stat().st_size
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > size - 8:
            raise ValueError("model.safetensors is truncated")
        header = json.loads(stream.read(length))
    entry = header.get("embedding.weight")
    if entry is None or entry["dtype"] not in DTYPES or len(entry["shape"]) != 2:
        raise ValueError("model.safetensors has no float16 or float32 matrix 'embedding.weight'")
    start, end = entry["data_offsets"]
    dtype, shape = np.dtype(DTYPES[entry["dtype"]]), tuple(entry["shape"])
    if end - start != dtype.itemsize * shape[0] * shape[1] or 8 + length + end > size:
        raise ValueError("model.safetensors is truncated")
    return np.memmap(file, dtype=dtype, mode="r", offset=8 + length + start, shape=shape)


def blocks(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while block := stream.read(1 << 20):
            yield block


def _within_budget(tokens: Sequence[list[int]]) -> Iterator[tuple[int, int]]:
    """Spans of texts with at most TOKEN_BUDGET tokens in all; one longer text stands alone."""
    start, used = 0, 0
    for i, ids in enumerate(tokens):
        if i > start and used + len(ids) > TOKEN_BUDGET:
            yield start, i
            start, used = i, 0
        used += len(ids)
    if start < len(tokens):
        yield start, len(tokens)


def looks_like_path(name: str) -> bool:
    """A hub id is 'owner/name' or 'name'; anything else with separators can only be a path."""
    return name.startswith((".", "~", os.sep)) or "\\" in name or name.count("/") > 1
