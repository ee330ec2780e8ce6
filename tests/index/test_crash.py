"""A build that dies at any step leaves the old generation or the new one, whole."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder

from corpus import IndexMissing
from index import Index, build_index

OLD, NEW = small_corpus()[:2], small_corpus()
STEPS = ("rename", "replace", "fsync")


class Crash(BaseException):
    """Not an Exception: no handler in the code under test may notice it and tidy up."""


class Fault:
    """Counts the calls that change what is on the disk, and dies before or after the n-th."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int | None, *, after: bool) -> None:
        self.at, self.after, self.calls = at, after, 0
        for name in STEPS:
            monkeypatch.setattr(os, name, self.wrap(getattr(os, name)))

    def wrap(self, real: Callable[..., object]) -> Callable[..., object]:
        def step(*arguments: object) -> object:
            self.calls += 1
            due = self.calls == self.at
            if due and not self.after:
                raise Crash
            result = real(*arguments)
            if due:
                raise Crash
            return result

        return step


def opened(data: Path) -> tuple[str, ...]:
    index = Index.open(data, BagOfWordsEncoder(), verify=True)
    assert index.search("debris").hits
    return tuple(index.documents)


def ids(documents: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(sorted(document.id for document in documents))


def steps_of_a_build(data: Path) -> int:
    build_index(OLD, BagOfWordsEncoder(), data)
    with pytest.MonkeyPatch.context() as patch:
        fault = Fault(patch, None, after=False)
        build_index(NEW, BagOfWordsEncoder(), data)
    return fault.calls


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_every_step_leaves_old_or_new(after: bool, tmp_path: Path) -> None:
    steps = steps_of_a_build(tmp_path / "count")
    assert steps > 10
    left = []
    for at in range(1, steps + 1):
        data = tmp_path / f"crash{at}"
        build_index(OLD, BagOfWordsEncoder(), data)
        with pytest.MonkeyPatch.context() as patch:
            Fault(patch, at, after=after)
            with pytest.raises(Crash):
                build_index(NEW, BagOfWordsEncoder(), data)
        left.append(opened(data))
        assert build_index(NEW, BagOfWordsEncoder(), data).documents == len(NEW)
        assert opened(data) == ids(NEW)
        names = [folder.name for folder in (data / "generations").iterdir()]
        assert not [name for name in names if name.startswith(".tmp")]
    assert set(left) == {ids(OLD), ids(NEW)}
    assert left == sorted(left, key=lambda found: found == ids(NEW))  # old, then new, for good


def test_a_crash_of_the_first_build_leaves_none(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        Fault(patch, 3, after=False)
        with pytest.raises(Crash):
            build_index(NEW, BagOfWordsEncoder(), tmp_path)
    with pytest.raises(IndexMissing):
        opened(tmp_path)
    assert build_index(NEW, BagOfWordsEncoder(), tmp_path).changed
