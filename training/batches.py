"""Prepared pairs as token arrays, and the batches of an epoch."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.manifest import Progress
from training.recipe import Recipe

SHORT = 4  # tokens; a text of fewer says too little to lose any
SMALLEST_BATCH = 32  # pairs; a smaller rest of a stream is left for another epoch
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Texts:
    """Distinct texts as tokens: text n is ``tokens[starts[n]:starts[n + 1]]``."""

    tokens: NDArray[np.int32]
    starts: Ints

    def bag(self, ids: Ints) -> tuple[Ints, Ints]:
        """(tokens, offsets) of the texts ``ids``, as an embedding bag takes them."""
        lengths = self.starts[ids + 1] - self.starts[ids]
        offsets = np.zeros(len(ids), dtype=np.int64)
        np.cumsum(lengths[:-1], out=offsets[1:])
        at = np.arange(lengths.sum()) + np.repeat(self.starts[ids] - offsets, lengths)
        return self.tokens[at].astype(np.int64), offsets

    def thinned(self, ids: Ints, share: float, rng: np.random.Generator) -> "Texts":
        """The texts ``ids``, each without about ``share`` of its tokens; short ones are whole."""
        tokens, offsets = self.bag(ids)
        lengths = self.starts[ids + 1] - self.starts[ids]
        owners = np.repeat(np.arange(len(ids)), lengths)
        kept = (rng.random(len(tokens)) >= share) | (lengths < SHORT)[owners]
        left = np.bincount(owners[kept], minlength=len(ids))
        kept[offsets[(left == 0) & (lengths > 0)]] = True
        starts = np.zeros(len(ids) + 1, dtype=np.int64)
        np.cumsum(np.bincount(owners[kept], minlength=len(ids)), out=starts[1:])
        return Texts(tokens[kept].astype(np.int32), starts)


def all_of(texts: Texts) -> Ints:
    """The numbers of all texts."""
    return np.arange(len(texts.starts) - 1)


@dataclass(frozen=True, slots=True)
class Stream:
    """Pairs that may share a batch; all arrays (n,)."""

    name: str
    left: Ints  # text number
    right: Ints
    group: Ints  # pairs with the same number say the same
    weight: NDArray[np.float64]  # visits per epoch


@dataclass(frozen=True, slots=True)
class Batch:
    stream: str
    left: Ints
    right: Ints
    group: Ints


def weight_of(kind: str, source: str, recipe: Recipe) -> float:
    """Visits per epoch of a pair of this source in a stream of this kind."""
    if kind in ("find", "pick", "told"):
        return recipe.document_weight
    if source in recipe.own:
        return recipe.own[source]
    row = recipe.qa[source] if source in recipe.qa else recipe.sources[source]
    factor = {"joined": recipe.joined_weight, "part": recipe.part_weight}.get(kind, 1.0)
    return row.weight * factor


def read(
    pairs: Path, tokenizer: Tokenizer, recipe: Recipe, say: Progress
) -> tuple[Texts, list[Stream]]:
    """Read and tokenize every stream; a text without tokens drops its pair."""
    texts, _, streams, _ = read_numbered(pairs, tokenizer, recipe, say)
    return texts, streams


def read_numbered(
    pairs: Path, tokenizer: Tokenizer, recipe: Recipe, say: Progress
) -> tuple[Texts, dict[str, int], list[Stream], dict[str, list[str]]]:
    """As ``read``, with the number of each text and the source of each row of each stream."""
    numbers: dict[str, int] = {}
    groups: dict[str, int] = {}
    raw: list[tuple[str, list[tuple[int, int, int, float]], list[str]]] = []
    for path in sorted(pairs.glob("*.tsv")):
        lines, named = [], []
        kind = path.stem.partition(".")[0]
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
            source, group, a, b = line.split("\t")
            first = numbers.setdefault(a, len(numbers))
            second = numbers.setdefault(b, len(numbers))
            same = groups.setdefault(group or f"{path.stem} {n}", len(groups))
            lines.append((first, second, same, weight_of(kind, source, recipe)))
            named.append(source)
        raw.append((path.stem, lines, named))
    texts = _tokenize(list(numbers), tokenizer, say)
    lengths = np.diff(texts.starts)
    streams, sources = [], {}
    for name, lines, named in raw:
        left, right, same_as = (np.array([row[n] for row in lines], np.int64) for n in range(3))
        weight = np.array([row[3] for row in lines], np.float64)
        keep = (lengths[left] > 0) & (lengths[right] > 0)
        streams.append(Stream(name, left[keep], right[keep], same_as[keep], weight[keep]))
        sources[name] = [source for source, kept in zip(named, keep, strict=True) if kept]
    return texts, numbers, streams, sources


def _tokenize(texts: list[str], tokenizer: Tokenizer, say: Progress) -> Texts:
    parts, lengths = [], []
    for start in range(0, len(texts), 20_000):
        for encoding in tokenizer.encode_batch_fast(
            texts[start : start + 20_000], add_special_tokens=False
        ):
            parts.append(np.array(encoding.ids, dtype=np.int32))
            lengths.append(len(encoding.ids))
        if start % 400_000 == 0:
            say(f"tokenized {start} of {len(texts)} texts")
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Texts(np.concatenate(parts), starts)


def epoch(streams: list[Stream], number: int, recipe: Recipe) -> Iterator[Batch]:
    """The batches of one epoch in their order: the same for the same seed and number."""
    rng = np.random.default_rng((recipe.seed, number))
    planned: list[tuple[int, Ints]] = []
    for at, stream in enumerate(streams):
        whole = np.floor(stream.weight).astype(np.int64)
        visits = whole + (rng.random(len(whole)) < stream.weight - whole)
        rows = rng.permutation(np.repeat(np.arange(len(whole)), visits))
        count = max(1, round(len(rows) / recipe.batch))
        planned += [
            (at, part) for part in np.array_split(rows, count) if len(part) >= SMALLEST_BATCH
        ]
    for turn in rng.permutation(len(planned)):
        at, rows = planned[turn]
        stream = streams[at]
        yield Batch(stream.name, stream.left[rows], stream.right[rows], stream.group[rows])


def batches_per_epoch(streams: list[Stream], number: int, recipe: Recipe) -> int:
    """How many batches ``epoch`` yields."""
    return sum(1 for _ in epoch(streams, number, recipe))
