"""The bounded cache: what it keeps, what it makes, and that threads may share it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from index.bounded import Bounded


class Maker:
    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, missing: Sequence[int]) -> list[str]:
        self.asked.append(list(missing))
        return [str(key) for key in missing]


def test_only_what_is_missing_is_made_and_once() -> None:
    cache, make = Bounded[int, str](10), Maker()
    assert cache.get_all([1, 2, 1], make) == {1: "1", 2: "2"}
    assert cache.get_all([2, 3], make) == {2: "2", 3: "3"}
    assert cache.get_all([], make) == {}
    assert cache.get_all([1, 3], make) == {1: "1", 3: "3"}
    assert make.asked == [[1, 2], [3]]


def test_the_least_lately_used_goes_first() -> None:
    cache, make = Bounded[int, str](2), Maker()
    cache.get_all([1, 2], make)
    cache.get_all([1], make)
    cache.get_all([3], make)
    assert len(cache) == 2
    cache.get_all([1], make)
    cache.get_all([2], make)
    assert make.asked == [[1, 2], [3], [2]]


def test_more_than_it_keeps_is_still_given() -> None:
    cache, make = Bounded[int, str](2), Maker()
    assert cache.get_all(range(5), make) == {key: str(key) for key in range(5)}
    assert len(cache) == 2


def test_threads_share_it() -> None:
    cache = Bounded[int, str](50)

    def ask(first: int) -> bool:
        keys = range(first, first + 40)
        return cache.get_all(keys, Maker()) == {key: str(key) for key in keys}

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, [at % 100 for at in range(400)]))
    assert len(cache) <= 50
