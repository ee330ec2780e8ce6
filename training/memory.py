"""Vectors of the latest batches, which are negatives for the next ones.

A batch of a few dozen paragraphs holds few negatives, and the losses of such batches soon say
nothing. The weights change little in a hundred steps, so the vectors of those steps still serve.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from training.batches import Ints
from training.losses import Others

TRANSLATIONS = ("text", "joined", "told")


def kinds(stream: str) -> tuple[str, str]:
    """The memories that the left and the right side of a stream belong to.

    One for each language of translated texts, and one for each side of anything else: a question
    is no negative of a question.
    """
    kind, _, languages = stream.partition(".")
    left, _, right = languages.partition("-")
    if kind in TRANSLATIONS:
        return left, right
    return f"{kind} {languages} left", f"{kind} {right or left} right"


class Memory:
    """Rings of unit rows, by kind: at most ``size`` rows each, the oldest replaced first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._vectors: dict[str, Tensor] = {}  # (m, dim) float16
        self._names: dict[str, Ints] = {}  # (m, 2): text number, group

    def others(self, kind: str, texts: tuple[Ints, Ints], groups: Ints) -> Others | None:
        """What is remembered of ``kind``, for a batch of pairs (both sides' numbers, groups).

        None where nothing is. A remembered text that is either side of a pair, or of the pair's
        group, is no negative of that pair.
        """
        if kind not in self._vectors:
            return None
        names = self._names[kind]
        same = np.equal.outer(groups, names[:, 1])
        for side in texts:
            same |= np.equal.outer(side, names[:, 0])
        return Others(self._vectors[kind].float(), torch.from_numpy(same))

    def add(self, kind: str, vectors: Tensor, texts: Ints, groups: Ints) -> None:
        """Remember the rows of a batch; ``vectors`` (n, dim)."""
        if not self._size:
            return
        new = vectors.detach().half()
        names = np.stack([texts, groups], axis=1)
        if kind in self._vectors:
            new = torch.cat([self._vectors[kind], new])[-self._size :]
            names = np.concatenate([self._names[kind], names])[-self._size :]
        self._vectors[kind], self._names[kind] = new, names

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        names = {kind: torch.from_numpy(rows) for kind, rows in self._names.items()}
        return {"vectors": self._vectors, "names": names}

    def load(self, state: dict[str, Any]) -> None:
        """Take up what a checkpoint kept."""
        self._vectors = dict(state["vectors"])
        self._names = {kind: rows.numpy() for kind, rows in state["names"].items()}
