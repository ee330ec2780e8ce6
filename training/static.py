"""static: token vectors such that the mean over a text is near that of its partner."""

import math
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from training import batches
from training.batches import Batch, Texts
from training.manifest import Progress
from training.recipe import Recipe

VECTORS = "vectors.npy"
CHECKPOINT = "checkpoint.partial"  # a part of a run, never an output
MASKED = -1e4


def static(
    pairs: Path,
    tokenizer: Path,
    folder: Path,
    recipe: Recipe,
    say: Progress,
    *,
    stop_after: int | None = None,
) -> dict[str, object]:
    """Train from the checkpoint, if there is one, to the end; writes ``vectors.npy``.

    The vectors are (vocabulary, dim) float32. ``stop_after`` ends the run after that many steps
    with a checkpoint and no vectors, as an interruption would.
    """
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(True)
    loaded = Tokenizer.from_file(str(tokenizer))
    texts, streams = batches.read(pairs, loaded, recipe, say)
    lengths = [
        batches.batches_per_epoch(streams, n, recipe) for n in range(len(recipe.learning_rates))
    ]
    total = sum(lengths)
    trainer = _Trainer(loaded.get_vocab_size(), texts, recipe)
    step = trainer.load(folder / CHECKPOINT)
    say(f"static: step {step} of {total}, {len(texts.starts) - 1} texts")
    began, from_step, saved = time.monotonic(), step, time.monotonic()
    loss = 0.0
    for number in range(len(lengths)):
        first = sum(lengths[:number])
        for at, batch in enumerate(batches.epoch(streams, number, recipe), first):
            if at < step:
                continue
            if at == first:
                trainer.restart()
            loss = trainer.step(batch, trainer.rate(number, at - first, lengths[number]), at)
            step = at + 1
            if step % 50 == 0 or step == total:
                pace = (time.monotonic() - began) / (step - from_step)
                say(f"static: step {step}/{total} {batch.stream} loss {loss:.3f} {pace:.3f} s/step")
            if time.monotonic() - saved > recipe.checkpoint_seconds or step == stop_after:
                trainer.save(folder / CHECKPOINT, step)
                saved = time.monotonic()
            if step == stop_after:
                return {"steps": step}
    np.save(folder / VECTORS, trainer.vectors())
    (folder / CHECKPOINT).unlink(missing_ok=True)
    pairs_seen = {s.name: round(float(s.weight.sum())) for s in streams}
    return {"steps": total, "last_loss": round(loss, 4), "pairs_per_epoch": pairs_seen}


class _Trainer:
    """The bag of token vectors and its optimiser."""

    def __init__(self, vocabulary: int, texts: Texts, recipe: Recipe) -> None:
        random.seed(recipe.seed)
        torch.manual_seed(recipe.seed)
        self._texts, self._recipe = texts, recipe
        self._bag = nn.EmbeddingBag(vocabulary, recipe.dim, mode="mean")
        nn.init.normal_(self._bag.weight, std=recipe.init_noise)
        self.restart()

    def restart(self) -> None:
        """Forget the moments: an epoch begins."""
        self._optimiser = torch.optim.Adam(self._bag.parameters(), lr=0.0, fused=True)

    def step(self, batch: Batch, rate: float, at: int) -> float:
        """One update, number ``at`` of the run; returns the loss."""
        for group in self._optimiser.param_groups:
            group["lr"] = rate
        self._optimiser.zero_grad(set_to_none=True)
        loss = self._loss(batch, np.random.default_rng((self._recipe.seed, 23, at)))
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return float(loss.detach())

    def rate(self, epoch: int, at: int, steps: int) -> float:
        """At a step of an epoch: a linear warm-up, then a cosine down to nothing."""
        most = self._recipe.learning_rates[epoch]
        rise = max(1, round(self._recipe.warm_up * steps))
        if at < rise:
            return most * (at + 1) / rise
        done = (at - rise) / max(1, steps - rise)
        return most * 0.5 * (1 + math.cos(math.pi * done))

    def _loss(self, batch: Batch, rng: np.random.Generator) -> Tensor:
        """Symmetric InfoNCE at every matryoshka size; texts that say the same are no negatives."""
        size = len(batch.left)
        both = np.concatenate([batch.left, batch.right])
        read = self._texts.thinned(both, self._recipe.thinned, rng)
        vectors = self._bag(*(torch.from_numpy(part) for part in read.bag(batches.all_of(read))))
        same = _same(batch.left) | _same(batch.right) | _same(batch.group)
        np.fill_diagonal(same, False)
        mask = torch.from_numpy(same)
        gold = torch.arange(size)
        total = torch.zeros(())
        for dim in self._recipe.matryoshka:
            unit = functional.normalize(vectors[:, :dim], dim=1)
            scores = self._recipe.scale * unit[:size] @ unit[size:].T
            scores = scores.masked_fill(mask, MASKED)
            there = functional.cross_entropy(scores, gold)
            back = functional.cross_entropy(scores.T, gold)
            total = total + (there + back) / (2 * len(self._recipe.matryoshka))
        return total

    def save(self, path: Path, step: int) -> None:
        """Write a checkpoint atomically."""
        partial = path.with_name(path.name + ".partial")
        state = {
            "step": step,
            "bag": self._bag.state_dict(),
            "optimiser": self._optimiser.state_dict(),
        }
        torch.save(state, partial)
        os.replace(partial, path)

    def load(self, path: Path) -> int:
        """Take up a checkpoint if there is one; returns the steps already done."""
        if not path.is_file():
            return 0
        state = torch.load(path, weights_only=True)
        self._bag.load_state_dict(state["bag"])
        self._optimiser.load_state_dict(state["optimiser"])
        return int(state["step"])

    def vectors(self) -> NDArray[np.float32]:
        """(vocabulary, dim) float32."""
        return self._bag.weight.detach().numpy()


def _same(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(n, n): whether two numbers are equal."""
    return np.equal.outer(ids, ids)
