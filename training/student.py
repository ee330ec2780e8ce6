"""The contextual encoder while it is trained: a small ModernBERT that starts as the static one.

Every residual branch ends in zeros, and two dimensions of each token vector fill it up to one
norm, so that the layer norms change nothing at the start: the model's first output is the mean
of the static vectors, weights of the tokens (their norms) included.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, ModernBertConfig

from training.batches import Ints, Texts

FILLERS = 2  # dimensions, +f and -f
LOUDEST = 0.995  # quantile of the token norms that is left room for; the few above are cut
PADDING = 0
LONG = 96  # tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder; ``output`` is the text vector's dimension."""

    vocabulary: int
    hidden: int = 320
    layers: int = 3
    heads: int = 5
    intermediate: int = 640
    output: int = 384
    positions: int = 512
    token_dim: int = 128  # of the hidden state, for late interaction


def configuration(shape: Shape) -> ModernBertConfig:
    """The configuration that transformers reads from config.json."""
    return ModernBertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        hidden_activation="silu",
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        max_position_embeddings=shape.positions,
        layer_types=["full_attention"] * shape.layers,
        rope_parameters={
            "full_attention": {"rope_type": "default", "rope_theta": 10_000.0},
            "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
        },
        pad_token_id=PADDING,
        bos_token_id=None,
        eos_token_id=None,
        cls_token_id=None,
        sep_token_id=None,
        norm_eps=1e-5,
    )


class Student(nn.Module):
    """Tokens -> token states and text vectors."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        settings = configuration(shape)
        self.bert = AutoModel.from_config(  # type: ignore[no-untyped-call]
            settings, attn_implementation="eager"
        )
        self.dense = nn.Linear(shape.hidden, shape.output, bias=False)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(n, length) -> states (n, length, hidden) float32, vectors (n, output) unit rows."""
        # Plain products beat the fused kernel while the matrices of scores are small.
        long = ids.shape[1] > LONG
        self.bert.set_attn_implementation("sdpa" if long else "eager")
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weight = mask.unsqueeze(-1).float()
        pooled = (states * weight).sum(1) / weight.sum(1).clamp(min=1)
        return states, functional.normalize(self.dense(pooled).float(), dim=-1)


def padded(texts: Texts, ids: Ints, positions: int) -> tuple[Tensor, Tensor]:
    """Tokens (n, longest) and mask (n, longest) of the texts ``ids``."""
    lengths = np.minimum(texts.starts[ids + 1] - texts.starts[ids], positions)
    longest = int(lengths.max())
    at = np.arange(longest)
    mask = at < lengths[:, None]
    index = np.minimum(texts.starts[ids][:, None] + at, len(texts.tokens) - 1)
    tokens = np.where(mask, texts.tokens[index], PADDING).astype(np.int64)
    return torch.from_numpy(tokens), torch.from_numpy(mask)


def warm_start(
    student: Student,
    static: NDArray[np.float32],
    sample: NDArray[np.float32],
    taught: NDArray[np.float32],
) -> Mapping[str, float]:
    """Make the student equal to the static model.

    ``static`` is (vocabulary, dim), ``sample`` (n, dim) text vectors of it (unit rows) and
    ``taught`` (n, output) what the teacher says of the same texts. The hidden dimensions are the
    principal axes of the sample, the largest first; the dense layer is the least-squares map
    from there to the teacher's vectors.
    """
    room = student.shape.hidden - FILLERS
    _, values, axes = np.linalg.svd(sample.T @ sample)
    basis = axes[: min(room, len(axes))].T.astype(np.float32)  # (dim, kept)
    kept = basis.shape[1]
    norms = np.linalg.norm(static, axis=1)
    loudest = float(np.quantile(norms[norms > 0], LOUDEST))
    rows = np.zeros((len(static), student.shape.hidden), dtype=np.float32)
    scale = np.sqrt(student.shape.hidden) / loudest
    cut = np.minimum(1, loudest / np.maximum(norms, 1e-9))[:, None]
    rows[:, :kept] = (static @ basis) * cut * scale
    rest = student.shape.hidden - (rows**2).sum(1)
    filler = np.sqrt(np.maximum(rest, 0) / 2)
    rows[:, -2], rows[:, -1] = filler, -filler
    inside = sample @ basis
    ridge = 1e-2 * len(inside) / kept * np.eye(kept, dtype=np.float32)
    mapped = np.linalg.solve(inside.T @ inside + ridge, inside.T @ taught)  # (kept, output)
    with torch.no_grad():
        student.bert.embeddings.tok_embeddings.weight.copy_(torch.from_numpy(rows))
        student.dense.weight.zero_()
        student.dense.weight[:, :kept] = torch.from_numpy(mapped.T.astype(np.float32))
        for layer in student.bert.layers:
            for part in (layer.attn.Wqkv, layer.mlp.Wi):
                nn.init.normal_(part.weight, std=student.shape.hidden**-0.5)
            for part in (layer.attn.Wo, layer.mlp.Wo):
                nn.init.zeros_(part.weight)
    guess = inside @ mapped
    guess /= np.linalg.norm(guess, axis=1, keepdims=True)
    return {
        "explained": float(values[:kept].sum() / values.sum()),
        "teacher_cosine": float((guess * taught).sum(1).mean()),
    }
