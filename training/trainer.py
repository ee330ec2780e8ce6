"""The contextual encoder's training: the student, its losses, its batches and its checkpoints."""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional

from training import batches, losses, memory
from training.batches import Ints, Texts, all_of
from training.beside import Beside
from training.families import ASYMMETRIC, Drawn, Sampler, families
from training.manifest import Progress
from training.recipe import Recipe
from training.student import Read, Shape, Student, padded, warm_start
from training.teach import TEXTS, VECTORS

UNTAUGHT = -1
WARM_SAMPLE = 60_000  # texts, at most, whose vectors set the starting point
WARM_SHORTEST = 4  # tokens
EVEN_SAMPLE = 8192  # texts
FEWEST = 8  # pairs; fewer tell too little


class Trainer:
    """The student, its optimiser and its data."""

    def __init__(self, pairs: Path, tokenizer: Path, taught: Path, recipe: Recipe, say: Progress):
        torch.set_num_threads(recipe.threads)
        torch.manual_seed(recipe.seed)
        self.recipe, self._say = recipe, say
        loaded = Tokenizer.from_file(str(tokenizer))
        self.texts, numbers, self.streams, sources = batches.read_numbered(
            pairs, loaded, recipe, say
        )
        self.shape = Shape(loaded.get_vocab_size(), **recipe.shape)
        self.student = Student(self.shape)
        self.taught: NDArray[np.float16] = np.load(taught / VECTORS, mmap_mode="r")
        self.taught_row = np.full(len(self.texts.starts) - 1, UNTAUGHT, dtype=np.int64)
        known = json.loads((taught / TEXTS).read_text(encoding="utf-8"))
        for row, text in enumerate(known):
            if text in numbers:
                self.taught_row[numbers[text]] = row
        self.sampler = Sampler(
            self.streams, families(self.streams, sources, recipe), self.texts, recipe.seed
        )
        self.memory = memory.Memory(recipe.remembered)
        self.beside = Beside(self.texts, self.streams, loaded, recipe.seed, recipe.beside)
        tokens = self.student.bert.embeddings.tok_embeddings.weight
        learnt = [p for p in self.student.parameters() if p.requires_grad]
        others = [p for p in learnt if p is not tokens]
        groups: list[dict[str, Any]] = [
            {"params": [tokens], "of_rate": recipe.tokens_rate},
            {"params": [p for p in others if p.dim() > 1], "weight_decay": recipe.weight_decay},
            {"params": [p for p in others if p.dim() <= 1]},
        ]
        self.optimiser = torch.optim.AdamW(
            groups,
            lr=0.0,
            betas=(0.9, 0.98),
            weight_decay=0.0,
            fused=True,
        )

    def warm(self, static: NDArray[np.float32]) -> None:
        """Set the student to the static model."""
        rng = np.random.default_rng(self.recipe.seed)
        rows: Ints = np.flatnonzero(self.taught_row >= 0)
        lengths = np.diff(self.texts.starts)[rows]
        rows = rows[lengths >= WARM_SHORTEST]
        rows = np.sort(rng.choice(rows, min(len(rows), WARM_SAMPLE), replace=False))
        sample = np.stack([static[self._tokens(int(row))].mean(0) for row in rows])
        sample /= np.linalg.norm(sample, axis=1, keepdims=True)
        taught = self.taught[self.taught_row[rows]].astype(np.float32)
        self._say(f"contextual: start {warm_start(self.student, static, sample, taught)}")
        with torch.no_grad():
            tokens = self.student.bert.embeddings.tok_embeddings.weight
            self._origin = (tokens @ self.student.dense.weight.T).clone()

    def _tokens(self, text: int) -> NDArray[np.int32]:
        return self.texts.tokens[self.texts.starts[text] : self.texts.starts[text + 1]]

    def step(self, drawn: Drawn, rate: float, at: int) -> dict[str, float]:
        """One update; returns each loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate * group.get("of_rate", 1.0)
        parts = self._losses(drawn, at)
        total = torch.stack([self.recipe.loss_weights[name] * part for name, part in parts.items()])
        self.optimiser.zero_grad(set_to_none=True)
        total.sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.student.parameters(), 1.0)
        self.optimiser.step()
        return {name: float(part.detach()) for name, part in parts.items()}

    def _losses(self, drawn: Drawn, at: int) -> dict[str, Tensor]:
        rng = np.random.default_rng((self.recipe.seed, 19, at))
        left, right = (self._read(self.texts, ids, rng) for ids in (drawn.left, drawn.right))
        same = _same(drawn.left) | _same(drawn.right) | _same(drawn.group)
        np.fill_diagonal(same, False)
        same_text = torch.from_numpy(same)
        stand = self.beside.draw(drawn, at) if drawn.family == "pick" else None
        beside = None if stand is None else self._read(stand, all_of(stand), rng)
        parts = {
            "contrast": self._contrast(drawn, left, right, same_text, beside),
            "stay": (self._strayed(drawn.left, left) + self._strayed(drawn.right, right)) / 2,
        }
        imitated = self._imitated(drawn, left.guesses, right.guesses, same_text, at)
        if imitated is not None:
            parts["imitate"] = imitated
        late = self._late(left, right, same_text, beside)
        if late is not None:
            parts["late"] = late
        return parts

    def _read(self, texts: Texts, ids: Ints, rng: np.random.Generator) -> Read:
        """The texts ``ids``, each without some of its tokens, as the student reads them."""
        return self.student.read(texts.thinned(ids, self.recipe.thinned, rng))

    def _late(self, left: Read, right: Read, same: Tensor, beside: Read | None) -> Tensor | None:
        """The first pairs of a batch, as many as late interaction has room for; None: too few."""
        cells = left.mask.shape[1] * right.mask.shape[1]
        few = _few(len(left.mask), cells, self.recipe.late_cells)
        if few < FEWEST:
            return None
        asked = left.states[:few], left.mask[:few]
        scores = losses.late(*asked, right.states[:few], right.mask[:few])
        scores = scores.masked_fill(same[:few, :few], losses.MASKED)
        if beside is not None:
            other = losses.late(*asked, beside.states, beside.mask)
            scores = torch.cat([scores, other], dim=1)
        return functional.cross_entropy(self.recipe.scale * scores, torch.arange(few))

    def _strayed(self, ids: Ints, read: Read) -> Tensor:
        """How much less near than ``leash`` the vectors are to those of the static model, which
        has the whole texts."""
        tokens, offsets = map(torch.from_numpy, self.texts.bag(ids))
        means = functional.embedding_bag(tokens, self._origin, offsets, mode="mean")
        cosines = functional.cosine_similarity(means, read.vectors)
        return (self.recipe.leash - cosines).clamp(min=0).mean()

    def _contrast(
        self, drawn: Drawn, left: Read, right: Read, same: Tensor, beside: Read | None
    ) -> Tensor:
        """Each side finds the other in the batch, among what is remembered and stands beside."""
        kinds = memory.kinds(drawn.stream)
        sides = (drawn.left, drawn.right)
        others = [self.memory.others(kind, sides, drawn.group) for kind in kinds]
        for kind, read, side in zip(kinds, (left, right), sides, strict=True):
            self.memory.add(kind, read.vectors, side, drawn.group)
        if beside is not None:
            others[1] = losses.joined(others[1], beside.vectors, len(same))
        return losses.contrast(left.vectors, right.vectors, same, self.recipe.scale, *others)

    def _imitated(
        self, drawn: Drawn, left: Tensor, right: Tensor, mask: Tensor, at: int
    ) -> Tensor | None:
        """The teacher's vectors: of each side's own text, or of a translation's English side."""
        sides = [self.taught_row[drawn.left], self.taught_row[drawn.right]]
        if drawn.family not in ASYMMETRIC:
            both = np.where(sides[0] >= 0, sides[0], sides[1])
            sides = [both, both]
        rng = np.random.default_rng((self.recipe.seed, 11, at))
        bank_rows = np.sort(rng.integers(0, len(self.taught), self.recipe.bank))
        bank = torch.from_numpy(self.taught[bank_rows].astype(np.float32))
        found = []
        for rows, vectors in zip(sides, (left, right), strict=True):
            has = np.flatnonzero(rows >= 0)
            if len(has) >= FEWEST:
                taught = torch.from_numpy(self.taught[rows[has]].astype(np.float32))
                same = _same(rows[has])
                np.fill_diagonal(same, False)
                both_masks = torch.from_numpy(same) | mask[has][:, has]
                found.append(
                    losses.imitate(
                        vectors[torch.from_numpy(has)], taught, both_masks, bank, self.recipe.scale
                    )
                )
        return torch.stack(found).mean() if found else None

    def take_up(self, student: Mapping[str, Tensor], factors: Tensor) -> None:
        """Go on from a student that was trained before; ``factors`` are what evened it."""
        self.student.load_state_dict(student)
        with torch.no_grad():
            self.student.dense.weight.div_(factors[:, None])
        self._begun = {name: each.clone() for name, each in self.student.state_dict().items()}

    def blend(self) -> None:
        """Go back part of the way to the student that was taken up (after Wortsman et al. 2022):
        weights between the two do better on what neither has seen than either."""
        with torch.no_grad():
            for name, tensor in self.student.state_dict().items():
                if tensor.is_floating_point():
                    tensor.lerp_(self._begun[name], 1 - self.recipe.blended)

    def even(self) -> Tensor:
        """Scale the dimensions of the text vectors towards one variance, over a sample of texts.

        ``evened`` of the recipe says how far: 0 leaves them, 1 makes them equal. The dimensions
        that vary little hold rare words, which tell one paragraph from the next. Returns the
        factors, one a dimension.
        """
        rng = np.random.default_rng((self.recipe.seed, 13))
        texts = np.flatnonzero(np.diff(self.texts.starts))
        texts = rng.choice(texts, min(len(texts), EVEN_SAMPLE), replace=False)
        texts = texts[np.argsort(np.diff(self.texts.starts)[texts], kind="stable")]
        squares = torch.zeros(self.shape.output)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            for part in np.array_split(texts, max(1, len(texts) // 64)):
                _, vectors, _ = self.student(*padded(self.texts, part, self.shape.positions))
                squares += vectors.square().sum(0)
        factors = (squares / len(texts)).clamp(min=1e-8) ** (-self.recipe.evened / 2)
        self.student.dense.weight.mul_(factors[:, None])
        return factors

    def save(self, path: Path, step: int) -> None:
        """Write a checkpoint atomically."""
        partial = path.with_name(path.name + ".new.partial")
        state = {
            "step": step,
            "student": self.student.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "memory": self.memory.state(),
        }
        torch.save(state, partial)
        os.replace(partial, path)

    def load(self, path: Path) -> int:
        """Take up a checkpoint; returns the steps done."""
        state = torch.load(path, weights_only=True)
        self.student.load_state_dict(state["student"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.memory.load(state["memory"])
        return int(state["step"])


def _few(size: int, cells: int, most: int) -> int:
    """How many pairs of a batch fit late interaction: few² x cells <= most."""
    return min(size, int(math.sqrt(most / max(1, cells))))


def _same(ids: Ints) -> NDArray[np.bool_]:
    return np.equal.outer(ids, ids)
