"""An index that is only its generation: for tests of what holds an index, not of searching."""

from collections.abc import Callable
from pathlib import Path
from typing import Any


class FakeIndex:
    def __init__(self, generation: str, store: "FakeStore", encoder: Any = None) -> None:
        self.generation = generation
        self.encoder = encoder
        self.reranked_by: str | None = None
        self.documents: dict[str, Any] = {}
        self.passages: tuple[Any, ...] = ()
        self._store = store

    def is_current(self) -> bool:
        self._store.checks += 1
        return self._store.generation == self.generation


class FakeStore:
    """What is on disk: set ``generation`` to build, ``error`` to make opening fail."""

    def __init__(self, generation: str = "g1") -> None:
        self.generation = generation
        self.error: Exception | None = None
        self.opened = 0
        self.checks = 0

    def open(self, data: Path, encoder: Any) -> Any:
        self.opened += 1
        if self.error is not None:
            raise self.error
        return FakeIndex(self.generation, self, encoder)


class Clock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Later:
    """Background work that is kept until ``run``."""

    def __init__(self) -> None:
        self.work: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.work.append(work)

    def run(self) -> None:
        while self.work:
            self.work.pop(0)()
