"""What the contextual encoder's batches are drawn from."""

from collections import Counter

import numpy as np
import pytest
from support.made_up import SMALL

from corpus import BadSetting
from training.batches import Stream, Texts
from training.families import Drawn, Sampler, families

PER_STREAM = 60
QUESTIONS, PARAGRAPHS = 4, 15  # of a paragraph; of all documents


def _stream(name: str, groups: np.ndarray, weight: float = 1.0) -> Stream:
    rows = np.arange(len(groups))
    return Stream(name, 2 * rows, 2 * rows + 1, groups, np.full(len(groups), weight))


@pytest.fixture
def world() -> tuple[Texts, list[Stream], dict[str, list[str]]]:
    lengths = np.random.default_rng(4).integers(2, 40, 2 * PER_STREAM)
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    texts = Texts(np.ones(int(starts[-1]), np.int32), starts)
    alone = np.arange(PER_STREAM)
    streams = [
        _stream("text.en-fr", alone),
        _stream("part.en-en", alone),
        _stream("find.zh", alone // QUESTIONS),
        _stream("ask.ar", alone),
    ]
    sources = {
        "text.en-fr": ["un_v1_dev"] * 20 + ["cedict"] * 20 + ["qa_space"] * 20,
        "part.en-en": ["un_v1_dev"] * PER_STREAM,
        "find.zh": ["qa_space"] * PER_STREAM,
        "ask.ar": ["arcd"] * PER_STREAM,
    }
    return texts, streams, sources


def _draw(
    world: tuple[Texts, list[Stream], dict[str, list[str]]],
    shares: dict[str, float],
    steps: int,
    seed: int = 1,
    tokens: int = 800,
) -> list[Drawn]:
    texts, streams, sources = world
    sampler = Sampler(streams, families(streams, sources, SMALL), texts, seed)
    return list(sampler.batches(shares, range(steps), tokens, 24))


def test_a_row_belongs_to_the_family_of_its_stream_or_of_its_source(world) -> None:
    _, streams, sources = world
    found = families(streams, sources, SMALL)
    assert {key: len(rows) for key, rows in found.items()} == {
        ("official", "text.en-fr"): 20,
        ("dictionary", "text.en-fr"): 20,
        ("own", "text.en-fr"): 20,
        ("part", "part.en-en"): PER_STREAM,
        ("find", "find.zh"): PER_STREAM,
        ("ask", "ask.ar"): PER_STREAM,
    }
    assert found["dictionary", "text.en-fr"].tolist() == list(range(20, 40))


def test_families_come_up_by_their_shares_and_never_mix(world) -> None:
    shares = {"official": 0.5, "dictionary": 0.2, "find": 0.3, "ask": 0.0}
    drawn = _draw(world, shares, 400)
    seen = Counter(batch.family for batch in drawn)
    assert set(seen) == {"official", "dictionary", "find"}
    for family, count in seen.items():
        assert abs(count / 400 - shares[family]) < 0.08
    rows = {row for batch in drawn if batch.family == "official" for row in batch.left // 2}
    assert rows <= set(range(20))  # and the shortest few may be left over
    assert len(rows) >= 12


def test_a_batch_keeps_to_its_tokens_and_pairs(world) -> None:
    texts = world[0]
    lengths = np.diff(texts.starts)
    for batch in _draw(world, {"part": 1.0}, 30):
        longest = max(lengths[batch.left].max(), lengths[batch.right].max())
        assert len(batch.left) <= 24
        assert len(batch.left) <= 8 or 2 * longest * len(batch.left) <= 800


def test_a_batch_of_documents_asks_each_paragraph_once(world) -> None:
    drawn = _draw(world, {"find": 1.0}, 40, tokens=100_000)
    for batch in drawn:
        assert len(set(batch.group.tolist())) == len(batch.group) == PARAGRAPHS
        turn = np.roll(batch.group, -int(batch.group.argmin()))
        assert turn.tolist() == sorted(turn.tolist())  # neighbours stay together
    asked = {row for batch in drawn for row in batch.left.tolist()}
    assert len(asked) > 0.9 * PER_STREAM


def test_the_seed_decides_every_batch(world) -> None:
    shares = {"official": 1.0, "find": 1.0, "part": 1.0}
    first, second, other = (_draw(world, shares, 50, seed) for seed in (1, 1, 2))
    for a, b in zip(first, second, strict=True):
        assert (a.family, a.left.tolist()) == (b.family, b.left.tolist())
    assert [b.left.tolist() for b in first] != [b.left.tolist() for b in other]


def test_too_few_pairs_make_no_source(world) -> None:
    texts, streams, _ = world
    sampler = Sampler(streams, {("ask", "ask.ar"): np.arange(7)}, texts, 1)
    with pytest.raises(BadSetting, match="no family"):
        next(sampler.batches({"ask": 1.0}, range(1), 800, 24))
