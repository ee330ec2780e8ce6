"""The contextual encoder while it is trained: a small ModernBERT that starts as the static one.

Every residual branch ends in zeros, and two dimensions of each token vector fill it up to one
norm, so that the layer norms change nothing at the start: the model's first output is the mean
of the static vectors, weights of the tokens (their norms) included. Some dimensions stay as they
are: no layer writes to them, so that what a bag of words knows (rare names, numbers) is not lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoModel, ModernBertConfig

from training.batches import Ints, Texts, all_of

FILLERS = 2  # dimensions at the end, +f and -f
LOUDEST = 0.995  # quantile of the token norms that is left room for; the few above are cut
PADDING = 0
LONG = 96  # tokens


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder; ``output`` is the text vector's dimension, ``taught`` the teacher's."""

    vocabulary: int
    hidden: int = 320
    layers: int = 3
    heads: int = 5
    intermediate: int = 640
    output: int = 320
    taught: int = 384
    positions: int = 512
    token_dim: int = 128  # of the hidden state, for late interaction
    kept: int = 128  # dimensions before the fillers that no layer writes to


@dataclass(frozen=True, slots=True)
class Read:
    """What the student makes of texts: ``states`` (n, length, token_dim) of the tokens that
    ``mask`` (n, length) marks, ``vectors`` (n, output) and ``guesses`` (n, taught)."""

    states: Tensor
    mask: Tensor
    vectors: Tensor
    guesses: Tensor


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
        self.dense = nn.Linear(shape.hidden, shape.output, bias=False).requires_grad_(False)
        self.guess = nn.Linear(shape.hidden, shape.taught, bias=False)  # while it is trained
        written = torch.ones(shape.hidden, 1)
        written[shape.hidden - FILLERS - shape.kept : shape.hidden - FILLERS] = 0
        for layer in self.bert.layers:
            for last in (layer.attn.Wo, layer.mlp.Wo):
                last.weight.register_hook(lambda slope: slope * written)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, length) -> states (n, length, hidden) float32, vectors and guesses, unit rows.

        ``vectors`` (n, output) are what the encoder is for; ``guesses`` (n, taught) are of the
        teacher's vectors, from the same mean of the states.
        """
        # Plain products beat the fused kernel while the matrices of scores are small.
        long = ids.shape[1] > LONG
        self.bert.set_attn_implementation("sdpa" if long else "eager")
        states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state.float()
        weight = mask.unsqueeze(-1).float()
        pooled = (states * weight).sum(1) / weight.sum(1).clamp(min=1)
        maps = (self.dense, self.guess)
        vectors, guesses = (functional.normalize(each(pooled).float(), dim=-1) for each in maps)
        return states, vectors, guesses

    def read(self, texts: Texts) -> Read:
        """All of ``texts``. The unit vectors are float32: cosines near one need more than the
        eight bits of bfloat16."""
        tokens, mask = padded(texts, all_of(texts), self.shape.positions)
        with torch.autocast("cpu", torch.bfloat16):
            states, vectors, guesses = self(tokens, mask)
        return Read(states[:, :, : self.shape.token_dim], mask, vectors, guesses)

    def quieten(self, factor: float) -> None:
        """Let every layer add only ``factor`` of what it adds to the token states."""
        with torch.no_grad():
            for layer in self.bert.layers:
                for last in (layer.attn.Wo, layer.mlp.Wo):
                    last.weight.mul_(factor)


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
    ``taught`` (n, taught) what the teacher says of the same texts. The hidden dimensions are the
    principal axes of the sample, dealt out evenly to those that layers write to and those that
    they do not, the largest first. The map to the text vector starts as the identity, the guess
    as the least-squares map to the teacher's vectors.
    """
    room = student.shape.hidden - FILLERS
    _, values, axes = np.linalg.svd(sample.T @ sample)
    axes = axes[: min(room, len(axes))]
    axes = axes[_dealt(len(axes), student.shape.kept * len(axes) // room)]
    basis = axes.T.astype(np.float32)  # (dim, kept)
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
    mapped = np.linalg.solve(inside.T @ inside + ridge, inside.T @ taught)  # (kept, taught)
    with torch.no_grad():
        student.bert.embeddings.tok_embeddings.weight.copy_(torch.from_numpy(rows))
        student.guess.weight.zero_()
        student.guess.weight[:, :kept] = torch.from_numpy(mapped.T.astype(np.float32))
        student.dense.weight.zero_()
        student.dense.weight[:kept, :kept] = torch.eye(kept)[: student.shape.output]
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


def _dealt(count: int, kept: int) -> Ints:
    """An order of ``count`` axes: first those to write to, then ``kept`` ones spread evenly."""
    turn = np.arange(count) * kept // max(1, count)
    stays = np.diff(turn, append=kept) > 0
    return np.concatenate([np.flatnonzero(~stays), np.flatnonzero(stays)])
