"""The open index of a running server: notices a new generation and swaps it in between requests.

A request takes ``current()`` once and keeps that object to its end, so no response mixes two
generations; the old index is freed when its last request lets go of it.
"""

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from corpus import IndexMissing, SextantError
from index import Encoder, Index

CHECK_SECONDS = 1.0  # a check is one read of a small file; a second is soon enough for a rebuild
LONGEST_WAIT_SECONDS = 60.0  # between two tries at a generation that cannot be opened

_log = logging.getLogger(__name__)


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="sextant-swap", daemon=True).start()


class LiveIndex:
    """Opens the index under ``data`` on first use and keeps up with its generations.

    ``clock`` gives seconds; ``opener`` opens an index; ``background`` runs the opening of a new
    generation while the old one still serves.
    """

    def __init__(
        self,
        data: Path,
        encoder: Encoder,
        *,
        check_seconds: float = CHECK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        opener: Callable[[Path, Encoder], Index] = Index.open,
        background: Callable[[Callable[[], None]], None] = _in_thread,
    ) -> None:
        self.data = data
        self.encoder = encoder
        self._check_seconds = check_seconds
        self._clock = clock
        self._opener = opener
        self._background = background
        self._lock = threading.Lock()  # guards _due and _swapping: held for no more than a check
        self._opening = threading.Lock()  # held while the first index is opened
        self._index: Index | None = None
        self._error: Exception | None = None
        self._wait = check_seconds
        self._due = float("-inf")
        self._swapping = False

    def current(self) -> Index:
        """The index to answer one request from.

        Raises what opening raised (``IndexMissing``, ``IndexCorrupt``, ``EncoderMismatch``) while
        there is none to serve; once one is open, a later failure is logged and the open one stays.
        """
        index = self._index
        if index is None:
            return self._first()
        if self._clock() >= self._due and self._claim_swap(index):
            self._background(self._swap)
            return self._index or index
        return index

    def peek(self) -> Index | None:
        """The open index, if there is one; opens nothing, raises nothing."""
        return self._index

    def _first(self) -> Index:
        with self._opening:
            if self._index is not None:
                return self._index
            if self._error is not None and self._clock() < self._due:
                raise self._error.with_traceback(None)
            try:
                index = self._opener(self.data, self.encoder)
            except SextantError as error:
                self._failed(error)
                raise
            self._install(index)
            return index

    def _claim_swap(self, index: Index) -> bool:
        """Whether this caller found a new generation, and is the one to open it."""
        with self._lock:
            if self._swapping or self._clock() < self._due:
                return False
            self._due = self._clock() + self._check_seconds
            self._swapping = not index.is_current()
            return self._swapping

    def _swap(self) -> None:
        try:
            self._install(self._opener(self.data, self.encoder))
        except SextantError as error:
            self._failed(error)
        except Exception as error:  # whatever it is, the open index goes on serving
            _log.exception("The new index could not be opened; the open one stays.")
            self._failed(error)
        finally:
            self._swapping = False

    def _install(self, index: Index) -> None:
        self._error, self._wait = None, self._check_seconds
        self._due = self._clock() + self._check_seconds
        self._index = index
        _log.info("Serving index generation %s", index.generation)

    def _failed(self, error: Exception) -> None:
        """Says so once, and waits longer after each failure: opening reads every file."""
        if str(error) != str(self._error):
            _log.error("No new index generation: %s", error)
        missing = isinstance(error, IndexMissing)  # cheap to find out: look again soon
        self._wait = self._check_seconds if missing else min(2 * self._wait, LONGEST_WAIT_SECONDS)
        self._due = self._clock() + self._wait
        self._error = error
