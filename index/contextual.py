"""The contextual encoder: text and token vectors from onnxruntime, without torch.

Reads a folder that sentence-transformers loads too (a small ModernBERT, mean pooling, a dense
layer) and that holds the same model as ``model.onnx`` besides. Its layers are int8 there, so a
vector's cosine with sentence-transformers' own is about 0.999 and not 1. Texts go through one
at a time: a text's vector does not hang on its neighbours in a batch.
"""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from corpus import EncoderUnavailable
from index.embed import blocks, choose_prompts, configured_prompts, fingerprint, unit_rows

GRAPH, LATE = "model.onnx", "late.json"
BATCH = 64  # texts between two calls of `progress`
INT8 = 127


class ContextualEncoder:
    """Text -> unit vectors (``dim``), and a vector for each token (``token_dim``).

    Safe to use from several threads. Raises EncoderUnavailable when the folder is incomplete,
    damaged, or onnxruntime is not installed.
    """

    def __init__(self, folder: Path, name: str | None = None) -> None:
        self.name = name or str(folder)
        files = [folder / part for part in (GRAPH, "model.safetensors", "tokenizer.json", LATE)]
        for file in files:
            if not file.is_file():
                raise EncoderUnavailable(self.name, f"'{file}' is missing; copy the model anew.")
        try:
            import onnxruntime
        except ImportError as error:
            why = "onnxruntime is not installed; run: pip install onnxruntime"
            raise EncoderUnavailable(self.name, why) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1  # texts side by side use the cores better than one text
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            positions = int(config["max_position_embeddings"])
            self._query, self._passage = choose_prompts(configured_prompts(folder))
            vectors, tokens = self._session.get_outputs()
            self.dim, self.token_dim = int(vectors.shape[-1]), int(tokens.shape[-1])
        except Exception as error:  # both libraries raise bare Exception
            why = f"'{folder}' is damaged ({error}); copy the model anew."
            raise EncoderUnavailable(self.name, why) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(positions)
        self.fingerprint = fingerprint(
            chain.from_iterable(map(blocks, files)), self._query, self._passage, str(positions)
        )

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; the zero row for a blank text."""
        return self._encode([self._query + t if t.strip() else "" for t in texts], None)[0]

    def encode_passages(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows; ``progress`` gets the number newly encoded, per batch."""
        return self.encode_tokens(texts, progress)[0]

    def encode_query_tokens(self, text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The question's unit vector (dim,) and its tokens' (length, token_dim) float32.

        The length of a token's vector is its weight in late interaction.
        """
        rows, tokens = self._encode([self._query + text if text.strip() else ""], None)
        return rows[0], tokens[0]

    def encode_tokens(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.int8]]]:
        """Passages -> unit rows (n, dim) float32, and a text's tokens (length, token_dim) int8.

        A token's vector is of unit length times 127, rounded.
        """
        prompted = [self._passage + text if text.strip() else "" for text in texts]
        rows, tokens = self._encode(prompted, progress)
        return rows, [np.rint(INT8 * unit_rows(states)).astype(np.int8) for states in tokens]

    def token_places(self, text: str) -> NDArray[np.int64]:
        """(length,) int64: the last code point of ``text`` that each token of a passage covers.

        Not the first, which for many a word is the space before it.
        """
        encoding = self._tokenizer.encode(self._passage + text)
        ends = np.array([end for _, end in encoding.offsets], dtype=np.int64)
        return ends - 1 - len(self._passage)

    def _encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]:
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        tokens: list[NDArray[np.float32]] = []
        if len(texts) == 1:
            rows[0], found = self._run(self._tokenizer.encode(texts[0]).ids)
            tokens.append(found)
        else:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                for first in range(0, len(texts), BATCH):
                    batch = self._tokenizer.encode_batch_fast(texts[first : first + BATCH])
                    for at, (row, found) in enumerate(
                        pool.map(self._run, [encoding.ids for encoding in batch]), first
                    ):
                        rows[at] = row
                        tokens.append(found)
                    if progress is not None:
                        progress(len(batch))
        return unit_rows(rows), tokens

    def _run(self, ids: list[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        if not ids:
            empty = np.zeros((0, self.token_dim), dtype=np.float32)
            return np.zeros(self.dim, dtype=np.float32), empty
        vectors, tokens = self._session.run(None, {"ids": np.array([ids], dtype=np.int64)})
        return vectors[0], tokens[0]
