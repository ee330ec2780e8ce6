"""The files that the last build could not read, remembered beside the index by their content.

``<data>/unreadable.json``: file name -> sha256 of its content (null when it cannot be opened) and
why. So ``serve`` can tell a bad file it knows from a new one without reading the corpus again.
"""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus import UnreadableDocument, sha256_of

FILE = "unreadable.json"


@dataclass(frozen=True, slots=True)
class Unreadable:
    sha256: str | None
    why: str


def remember(data: Path, failures: Iterable[UnreadableDocument]) -> None:
    """Keeps just these. A disk that does not take them costs time at the next start, no more."""
    found = {each.path.name: asdict(Unreadable(digest(each.path), each.why)) for each in failures}
    temporary = data / f".{FILE}.tmp"
    with suppress(OSError):
        temporary.write_text(json.dumps(found, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(temporary, data / FILE)


def recall(data: Path) -> Mapping[str, Unreadable]:
    """By file name, in its order; nothing when nothing is kept that can be read."""
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
        return {name: Unreadable(**each) for name, each in sorted(found.items())}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def digest(path: Path) -> str | None:
    """SHA-256 of the content, hex; None when it cannot be opened."""
    try:
        return sha256_of(path)
    except OSError:
        return None
