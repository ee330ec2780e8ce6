"""Vectors in the form of OpenAI's embeddings, and the name their model has."""

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import BadRange
from index import Encoder
from service.openai_reply import count_tokens
from service.openai_requests import EmbeddingsIn


def model_name(encoder: Encoder) -> str:
    """The encoder's name; of an encoder in a folder, the folder's, since paths are private."""
    is_path = encoder.name.startswith((".", "~")) or Path(encoder.name).is_absolute()
    return Path(encoder.name).name if is_path else encoder.name


def embed(encoder: Encoder, wanted: EmbeddingsIn) -> dict[str, Any]:
    """The body of the response; vectors are unit rows, or zero for a blank text.

    Raises BadRange for more dimensions than the encoder has, UnsupportedParameter for an input
    that is not text.
    """
    texts, dim = wanted.texts(), wanted.dimensions or encoder.dim
    if dim > encoder.dim:
        raise BadRange("dimensions", dim, 1, encoder.dim)
    asks = wanted.input_type == "query"
    rows = shortened((encoder.encode_queries if asks else encoder.encode_passages)(texts), dim)
    tokens = count_tokens(*texts)
    return {
        "object": "list",
        "data": [
            {"object": "embedding", "index": at, "embedding": vector}
            for at, vector in enumerate(_vectors(rows, wanted.encoding_format))
        ],
        "model": model_name(encoder),
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def shortened(rows: NDArray[np.float32], dim: int) -> NDArray[np.float32]:
    """(n, dim) float32: the first coordinates of unit rows, made unit rows again; zeros stay."""
    if dim == rows.shape[1]:
        return rows
    cut = np.ascontiguousarray(rows[:, :dim])
    lengths = np.linalg.norm(cut, axis=1, keepdims=True)
    units = np.zeros_like(cut)
    np.divide(cut, lengths, out=units, where=lengths > 0)
    return units


def _vectors(rows: NDArray[np.float32], encoding: str) -> list[Any]:
    """Lists of numbers, or base64 of little-endian float32."""
    if encoding == "float":
        return [row.tolist() for row in rows]
    return [base64.b64encode(row.astype("<f4").tobytes()).decode("ascii") for row in rows]
