"""A step of the pipeline and its manifest: what went in, with which settings, what came out."""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MANIFEST = "manifest.json"
BEGUN = "begun.partial"  # what an interrupted run was made from
Progress = Callable[[str], None]


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(files: Iterable[Path], root: Path) -> dict[str, str]:
    """Path relative to ``root`` -> hex digest, in order of the names."""
    return {path.relative_to(root).as_posix(): sha256(path) for path in sorted(files)}


def write_json(path: Path, value: object) -> None:
    """Write ``value`` so that a reader sees the old file or the new one, never half of one."""
    partial = path.with_name(path.name + ".partial")
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the pipeline; ``folder`` holds its outputs and its manifest."""

    name: str
    folder: Path
    inputs: Mapping[str, str]  # name -> sha256
    settings: Mapping[str, object]  # JSON values; the seed is one of them

    def is_current(self) -> bool:
        """Whether the outputs on disk are those of the same inputs and settings."""
        path = self.folder / MANIFEST
        if not path.is_file():
            return False
        made = json.loads(path.read_text(encoding="utf-8"))
        same = made["inputs"] == dict(self.inputs) and made["settings"] == _plain(self.settings)
        return same and all(
            (self.folder / name).is_file() and sha256(self.folder / name) == digest
            for name, digest in made["outputs"].items()
        )

    def run(self, work: Callable[[Path], Mapping[str, object]], say: Progress) -> bool:
        """Do the work unless its manifest is current; returns whether anything was done.

        ``work`` gets the folder, writes its outputs there and returns the counts. What an
        interrupted run left (``*.partial``) is kept for it, if that was the same run.
        """
        if self.is_current():
            say(f"{self.name}: current, nothing to do")
            return False
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / MANIFEST).unlink(missing_ok=True)
        self._begin()
        start = time.monotonic()
        counts = work(self.folder)
        seconds = round(time.monotonic() - start, 1)
        self.record(counts, seconds)
        (self.folder / BEGUN).unlink()
        say(f"{self.name}: done in {seconds} s")
        return True

    def record(self, counts: Mapping[str, object], seconds: float) -> None:
        """Write the manifest of the outputs that are in the folder."""
        outputs = digests(
            (p for p in self.folder.rglob("*") if p.is_file() and not self._is_apart(p)),
            self.folder,
        )
        manifest = {
            "step": self.name,
            "inputs": dict(self.inputs),
            "settings": _plain(self.settings),
            "outputs": outputs,
            "counts": dict(counts),
            "seconds": seconds,
        }
        write_json(self.folder / MANIFEST, manifest)

    def _is_apart(self, path: Path) -> bool:
        """Whether a file of the folder is no output."""
        return path.suffix == ".partial" or path == self.folder / MANIFEST

    def _begin(self) -> None:
        """Note what this run is made from; drop the checkpoints of a run made from other things."""
        made_from = _plain({"inputs": dict(self.inputs), "settings": self.settings})
        note = self.folder / BEGUN
        if note.is_file() and json.loads(note.read_text(encoding="utf-8")) != made_from:
            for left in self.folder.rglob("*.partial"):
                left.unlink()
        write_json(note, made_from)


def _plain(value: object) -> object:
    return json.loads(json.dumps(value))
