"""What a batch of the contextual encoder is drawn from: families of sources, and their turns.

A family is a set of sources that teach the same thing ('own', 'official', 'prose', 'dictionary',
'part', 'ask', 'find', 'pick'); the recipe says which share of the steps each family gets. A batch
holds pairs of one family and one stream, hence of one pair of languages, and of like length; those
of 'find' hold whole documents instead, one question a paragraph, in any language, and those of
'pick' the sentences that answer them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import BadSetting
from training.batches import Ints, Stream, Texts
from training.recipe import Recipe

FAMILIES = ("own", "official", "prose", "dictionary", "part", "ask", "find", "pick")
ASYMMETRIC = ("part", "ask", "find", "pick")  # the two sides do not say the same
SHUFFLED = 40  # batches whose pairs are sorted by length together


def families(
    streams: list[Stream], sources: dict[str, list[str]], recipe: Recipe
) -> dict[tuple[str, str], Ints]:
    """(family, stream) -> its rows; ``sources`` has the source of every row of each stream."""
    found: dict[tuple[str, str], list[int]] = {}
    for stream in streams:
        kind = stream.name.partition(".")[0]
        for row, source in enumerate(sources[stream.name]):
            family = kind if kind in ASYMMETRIC else recipe.family(source)
            found.setdefault((family, stream.name), []).append(row)
    return {key: np.array(rows, np.int64) for key, rows in found.items()}


@dataclass(frozen=True, slots=True)
class Drawn:
    """One batch: text numbers of both sides, (n,) each; ``group`` as in ``Stream``."""

    family: str
    stream: str
    left: Ints
    right: Ints
    group: Ints


class _Source:
    """The pairs of one family in one stream: endless batches, every pass in a new order."""

    def __init__(self, family: str, stream: Stream, rows: Ints, texts: Texts, seed: int) -> None:
        self._family, self._stream, self._rows = family, stream, rows
        lengths = np.diff(texts.starts)
        self._length = np.maximum(lengths[stream.left[rows]], lengths[stream.right[rows]])
        self.tokens = float((stream.weight[rows] * self._length).sum())
        self._seed, self._pass = seed, 0
        self._ready: list[Ints] = []

    def batch(self, tokens: int, pairs: int) -> Drawn:
        """At most ``pairs`` pairs, and ``tokens`` tokens with the padding, of both sides."""
        while not self._ready:
            self._ready = self._plan(tokens, pairs)
            self._pass += 1
        rows, stream = self._ready.pop(), self._stream
        return Drawn(
            self._family, stream.name, stream.left[rows], stream.right[rows], stream.group[rows]
        )

    def _plan(self, tokens: int, pairs: int) -> list[Ints]:
        rng = np.random.default_rng((self._seed, self._pass))
        if self._family in ("find", "pick"):
            return self._documents(rng, tokens, pairs)
        weight = self._stream.weight[self._rows]
        visits = np.floor(weight).astype(np.int64)
        visits += rng.random(len(weight)) < weight - visits
        order = rng.permutation(np.repeat(np.arange(len(weight)), visits))
        planned: list[Ints] = []
        mean = max(1.0, float(self._length.mean()))
        window = SHUFFLED * max(8, min(pairs, int(tokens / (2 * mean))))
        for start in range(0, len(order), window):
            part = order[start : start + window]
            part = part[np.argsort(self._length[part], kind="stable")]
            planned += self._cut(part, tokens, pairs)
        rng.shuffle(planned)
        return planned

    def _documents(self, rng: np.random.Generator, tokens: int, pairs: int) -> list[Ints]:
        """Documents in a new order, of each paragraph one question drawn anew."""
        group = self._stream.group[self._rows]  # numbered in reading order, so by document
        order = rng.permutation(len(group))
        _, first = np.unique(group[order], return_index=True)
        chosen = order[first]
        start = int(rng.integers(len(chosen)))
        chosen = np.roll(chosen, -start)
        size = max(8, min(pairs, int(tokens / (1.2 * self._length[chosen].mean()))))
        planned = [self._rows[chosen[n : n + size]] for n in range(0, len(chosen), size)]
        return [rows for rows in planned if len(rows) >= 8]

    def _cut(self, part: NDArray[np.int64], tokens: int, pairs: int) -> list[Ints]:
        """Sorted rows -> batches; from the longest down, since the longest sets the padding."""
        batches: list[Ints] = []
        end = len(part)
        while end > 0:
            longest = int(self._length[part[end - 1]])
            size = min(end, pairs, max(8, tokens // (2 * longest)))
            rows = self._rows[part[end - size : end]]
            if size >= 8 or not batches:
                batches.append(rows)
            end -= size
        return batches


class Sampler:
    """The batch of every step: a function of the seed and of the steps before it."""

    def __init__(
        self,
        streams: list[Stream],
        family_of: Mapping[tuple[str, str], NDArray[np.int64]],
        texts: Texts,
        seed: int,
    ) -> None:
        """``family_of``: (family, stream) -> rows of that stream, (n,)."""
        by_name = {stream.name: stream for stream in streams}
        self._sources: dict[str, list[_Source]] = {family: [] for family in FAMILIES}
        for number, ((family, name), rows) in enumerate(sorted(family_of.items())):
            if len(rows) >= 8:
                source = _Source(family, by_name[name], rows, texts, seed * 1000 + number)
                self._sources[family].append(source)
        self._seed = seed

    def batches(
        self, shares: Mapping[str, float], steps: range, tokens: int, pairs: int
    ) -> Iterator[Drawn]:
        """One batch for each of ``steps``, families drawn by their ``shares``.

        Raises BadSetting when none of these families has pairs.
        """
        families = [f for f in FAMILIES if self._sources[f] and shares.get(f, 0) > 0]
        if not families:
            raise BadSetting("stages", "no family with a share has pairs; look at the recipe.")
        share = np.array([shares[f] for f in families])
        weights = {f: np.array([source.tokens for source in self._sources[f]]) for f in families}
        for step in steps:
            rng = np.random.default_rng((self._seed, 7, step))
            family = families[rng.choice(len(families), p=share / share.sum())]
            weight = np.sqrt(weights[family])  # scarce pairs of languages come up more often
            source = rng.choice(len(weight), p=weight / weight.sum())
            yield self._sources[family][source].batch(tokens, pairs)
