"""Text -> vectors with any sentence-transformers model, the only file that imports torch.

Both libraries are imported when an encoder is made, not before: they cost seconds.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import BadSetting, EncoderUnavailable
from index.embed import LOCAL_HINT, choose_prompts, fingerprint, unit_rows

BATCH = 32  # texts a forward pass
PRECISIONS = ("fp32", "bf16")

FAMILY_PROMPTS = (
    # (what the model's name holds, query prompt, passage prompt), from the model cards; used
    # only when the model's own configuration names no prompt. First match wins.
    (
        "e5-large-instruct",
        "Instruct: Given a web search query, retrieve relevant passages that answer the query\n"
        "Query: ",
        "",
    ),
    ("multilingual-e5", "query: ", "passage: "),
    ("e5-small", "query: ", "passage: "),
    ("e5-base", "query: ", "passage: "),
    ("e5-large", "query: ", "passage: "),
    ("arctic-embed", "query: ", ""),
    ("nomic-embed", "search_query: ", "search_document: "),
    ("bge-m3", "", ""),
    ("gte-multilingual", "", ""),
)


class SentenceTransformerEncoder:
    """``name`` is a hub id or the path of a folder; ``device`` 'auto' takes a GPU if there is one.

    Raises EncoderUnavailable when the libraries or the model cannot be had, BadSetting on an
    unknown precision.
    """

    def __init__(self, name: str, *, device: str = "auto", precision: str = "fp32") -> None:
        if precision not in PRECISIONS:
            raise BadSetting("precision", f"'{precision}' is not one of {', '.join(PRECISIONS)}.")
        self.name = name
        self._model = _load(name, device, precision)
        self._query, self._passage = _prompts(name, dict(self._model.prompts or {}))
        self.fingerprint = fingerprint(contents(self._model), self._query, self._passage, precision)
        self.dim = int(self._rows(["a"]).shape[1])

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
        """Longest texts first, so that a batch pads little and memory runs out at once or never."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda i: (-len(texts[i]), i))
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            filled = [i for i in batch if texts[i].strip()]
            if filled:
                rows[filled] = self._rows([prompt + texts[i] for i in filled])
            if progress is not None:
                progress(len(batch))
        return unit_rows(rows)

    def _rows(self, texts: list[str]) -> NDArray[np.float32]:
        """(n, dim) float32 as the model gives them; the prompt is in the text already."""
        import torch

        # prompt="" keeps the model's default prompt, if it has one, from coming on top.
        found = self._model.encode(
            texts, prompt="", batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False
        )
        rows: NDArray[np.float32] = found.to(device="cpu", dtype=torch.float32).numpy()
        return rows


def _load(name: str, device: str, precision: str) -> Any:
    """The SentenceTransformer; any failure of the libraries becomes EncoderUnavailable."""
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        why = f"{error.name or 'sentence-transformers'} is not installed; run: pip install "
        raise EncoderUnavailable(name, why + "sentence-transformers") from error
    folder = Path(name).expanduser()
    source = str(folder) if folder.is_dir() else name
    try:
        model = SentenceTransformer(source, device=None if device == "auto" else device)
        return model.to(torch.bfloat16 if precision == "bf16" else torch.float32).eval()
    except Exception as error:  # the hub, torch and transformers raise some dozen unrelated types
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        if folder.is_dir():
            why = f"'{folder}' is not a model that sentence-transformers can open ({reason})."
        else:
            why = (
                f"it is no folder here and the model hub did not give it ({reason}); {LOCAL_HINT}."
            )
        raise EncoderUnavailable(name, why) from error


def _prompts(name: str, configured: dict[str, str]) -> tuple[str, str]:
    chosen = choose_prompts(configured)
    if any(chosen):
        return chosen
    for family, query, passage in FAMILY_PROMPTS:
        if family in name.casefold():
            return query, passage
    return "", ""


def contents(model: Any) -> Iterator[bytes | memoryview]:
    """All that decides a vector or a score besides the prompts, in an order that does not vary.

    The tensors themselves and not their files, which differ in format between machines that
    hold the same model. Padding and truncation are left out of the tokenizer's state: the
    library sets them anew at every call, from the maximal length, which is in.
    """
    yield json.dumps([[type(m).__name__ for m in model], str(model.max_seq_length)]).encode()
    for key, tensor in sorted(model.state_dict().items()):
        yield json.dumps([key, str(tensor.dtype), list(tensor.shape)]).encode()
        yield _bytes(tensor)
    tokenizer = getattr(model.tokenizer, "backend_tokenizer", model.tokenizer)
    if hasattr(tokenizer, "to_str"):
        state = json.loads(tokenizer.to_str())
        state.pop("padding", None)
        state.pop("truncation", None)
        yield json.dumps(state, sort_keys=True).encode()
    else:
        yield json.dumps(tokenizer.get_vocab(), sort_keys=True).encode()


def _bytes(tensor: Any) -> memoryview:
    import torch

    flat = tensor.detach().to("cpu").contiguous().reshape(-1)
    return memoryview(flat.view(torch.uint8).numpy())
