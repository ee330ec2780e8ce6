"""Downloads what the catalogue names: public http(s) only, checked, resumable, atomic.

A file is written to ``NAME.part`` beside its place, with what the server said of its version in
``NAME.part.version``, and takes its place only when it is whole and its hash is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from corpus.catalogue import Entry
from corpus.errors import FetchFailed

if TYPE_CHECKING:
    import httpx

MAX_BYTES = 64 * 1024 * 1024
TIMEOUT = 30.0  # seconds without a byte

Progress = Callable[[str, int, int | None], None]
"""Called with the file, the bytes there so far, and the bytes in all or None if unknown."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """``size`` is in bytes. ``failure`` is set when, and only when, ``status`` is 'failed'."""

    file: str
    status: Literal["downloaded", "current", "failed"]
    size: int
    failure: FetchFailed | None = None


def fetch(
    entries: Iterable[Entry],
    folder: Path,
    *,
    allow_private: bool = False,
    max_bytes: int = MAX_BYTES,
    timeout: float = TIMEOUT,
    progress: Progress | None = None,
    client: httpx.Client | None = None,
) -> tuple[Fetched, ...]:
    """Every entry that has a url, in order; one that fails does not stop the others.

    A file that is there with the right hash is not downloaded again; nor is one that is there
    when its entry has no hash. ``client`` makes the requests in place of the one that connects
    only to the addresses it has checked: whoever passes one answers for where it connects.
    """
    from corpus.address import pinned_client  # with httpx, which nothing else here needs
    from corpus.download import fetch_one

    folder.mkdir(parents=True, exist_ok=True)
    own = client or pinned_client(timeout, allow_private=allow_private)
    done: list[Fetched] = []
    try:
        for entry in entries:
            if entry.url is None:
                continue
            try:
                done.append(fetch_one(own, entry, folder, max_bytes=max_bytes, progress=progress))
            except FetchFailed as failure:
                done.append(Fetched(entry.file, "failed", 0, failure))
    finally:
        if client is None:
            own.close()
    return tuple(done)
