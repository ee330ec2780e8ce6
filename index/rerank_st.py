"""Question and passage read together by any CrossEncoder of sentence-transformers.

The library, and torch with it, is imported when a reranker is made, not before: it costs seconds.
"""

from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import BadSetting, RerankerUnavailable
from index.embed import fingerprint
from index.embed_st import PRECISIONS, contents
from index.rerank import LOCAL_HINT

BATCH = 16  # pairs a forward pass


class CrossEncoderReranker:
    """``name`` is a hub id or the path of a folder; ``device`` 'auto' takes a GPU if there is one.

    Raises RerankerUnavailable when the libraries or the model cannot be had or the model does not
    give one score for a pair, BadSetting on an unknown precision.
    """

    def __init__(self, name: str, *, device: str = "auto", precision: str = "fp32") -> None:
        if precision not in PRECISIONS:
            raise BadSetting("precision", f"'{precision}' is not one of {', '.join(PRECISIONS)}.")
        self.name = name
        self._model = _load(name, device, precision)
        _check(name, self._model)
        self.fingerprint = fingerprint(contents(self._model), precision)
        self._lock = Lock()  # one pass has every core; tokenizers may not be shared while they cut

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(len(texts),) float32: the model's logits, which tell near-certain passages apart."""
        if not texts:
            return np.zeros(0, dtype=np.float32)
        pairs = [(question, text) for text in texts]
        with self._lock:
            found = self._model.predict(
                pairs, batch_size=BATCH, activation_fn=_as_it_is, show_progress_bar=False
            )
        scores: NDArray[np.float32] = np.asarray(found, dtype=np.float32)
        return scores


def _as_it_is(scores: Any) -> Any:
    """Instead of the sigmoid, which makes 1.0 of every score that is high enough."""
    return scores


def _load(name: str, device: str, precision: str) -> Any:
    """The CrossEncoder; any failure of the libraries becomes RerankerUnavailable."""
    try:
        from sentence_transformers import CrossEncoder
    except ImportError as error:
        why = f"{error.name or 'sentence-transformers'} is not installed; run: pip install "
        raise RerankerUnavailable(name, why + "sentence-transformers") from error
    folder = Path(name).expanduser()
    source = str(folder) if folder.is_dir() else name
    try:
        model = CrossEncoder(source, device=None if device == "auto" else device)
        return (model.bfloat16() if precision == "bf16" else model.float()).eval()
    except Exception as error:  # the hub, torch and transformers raise some dozen unrelated types
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        if folder.is_dir():
            why = f"'{folder}' is not a CrossEncoder that sentence-transformers opens ({reason})."
        else:
            why = (
                f"it is no folder here and the model hub did not give it ({reason}); {LOCAL_HINT}."
            )
        raise RerankerUnavailable(name, why) from error


def _check(name: str, model: Any) -> None:
    """An encoder opens as a CrossEncoder too, with a head of random numbers: refuse it."""
    if model.num_labels != 1:
        why = f"it gives {model.num_labels} labels for a pair and not one score; {LOCAL_HINT}."
        raise RerankerUnavailable(name, why)
    kinds = getattr(model.config, "architectures", None) or []
    classifies = getattr(model[0], "transformer_task", "") == "sequence-classification"
    if classifies and not any(str(k).endswith("ForSequenceClassification") for k in kinds):
        why = f"it is no CrossEncoder but a {', '.join(kinds) or 'model without a head'}"
        raise RerankerUnavailable(name, f"{why}, which gives no scores; {LOCAL_HINT}.")
