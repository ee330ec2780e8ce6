"""A cache of bounded size that any number of threads may use."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Bounded(Generic[Key, Value]):
    """Keeps the ``most`` values that were used last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Key, Value] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def get_all(
        self, keys: Iterable[Key], make: Callable[[Sequence[Key]], Iterable[Value]]
    ) -> Mapping[Key, Value]:
        """The value of every key; ``make`` is called once, outside the lock, with the keys that
        are missing, if any. Two threads that miss the same key both make it; they get equals."""
        wanted = list(dict.fromkeys(keys))
        with self._lock:
            found = {key: self._kept[key] for key in wanted if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        missing = [key for key in wanted if key not in found]
        if missing:
            fresh = dict(zip(missing, make(missing), strict=True))
            found |= fresh
            with self._lock:
                self._kept.update(fresh)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        return found
