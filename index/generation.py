"""A generation on disk: an immutable directory, and the one pointer file that names it.

    <data>/CURRENT                        "<generation> <sha256 of its manifest>"
    <data>/.lock                          held by the one build that runs
    <data>/cache/                         see cache.py
    <data>/generations/<generation>/
        manifest.json                     what it was made from, and every file's size and sha256
        documents.jsonl passages.jsonl    see records.py
        dense.faiss lexical/              the two legs' own files
        late/                             token vectors, see late.py; not for every encoder
    <data>/generations/.tmp-…/            a build that did not end

The pointer is replaced in one step after everything it leads to is on the disk, so a crash at any
instant leaves the old generation or the new one.
"""

import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from corpus import IndexCorrupt, IndexMissing, IndexUnavailable
from index.records import canonical

FORMAT = 6  # of the files, the analysers and the passages' text; a change here remakes every index
MANIFEST = "manifest.json"
_POINTER = "CURRENT"
_POINTER_LINE = re.compile(r"([0-9a-f]{16}(?:\.[0-9]+)?) ([0-9a-f]{64})\n")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """``size`` in bytes, ``sha256`` in hexadecimal."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation was made from; ``documents`` maps an id to file, sha256 and hash.

    ``sha256`` is the corpus file's, ``hash`` the whole Document's as read. ``files`` has every
    file but the manifest, by its path inside the generation.
    """

    format: int
    id: str
    encoder: dict[str, str | int]  # name, fingerprint, dim
    chunk: dict[str, int]
    documents: dict[str, dict[str, str]]
    passages: int
    files: dict[str, FileRecord]


@dataclass(frozen=True, slots=True)
class Pointer:
    """The generation that is current, and the sha256 of its manifest."""

    name: str
    manifest: str


def folder_of(data: Path, name: str) -> Path:
    return data / "generations" / name


def current(data: Path) -> Pointer:
    """Raises IndexMissing when nothing was built, IndexCorrupt when the pointer is damaged."""
    file = data / _POINTER
    try:
        line = file.read_text(encoding="ascii")
    except FileNotFoundError:
        raise IndexMissing(data) from None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexCorrupt(file, f"cannot be read ({error})") from error
    match = _POINTER_LINE.fullmatch(line)
    if match is None:
        raise IndexCorrupt(file, "does not name a generation")
    return Pointer(match[1], match[2])


def read_manifest(folder: Path, expected: str | None = None) -> Manifest:
    """``expected``: the manifest's sha256, when it is known. Raises IndexCorrupt."""
    file = folder / MANIFEST
    content = read_bytes(file)
    if expected is not None and sha256(content).hexdigest() != expected:
        raise IndexCorrupt(file, "does not match its checksum")
    try:
        record = json.loads(content)
        if record["format"] != FORMAT:
            raise IndexCorrupt(
                file, f"has format {record['format']}, and this version reads format {FORMAT}"
            )
        files = {name: FileRecord(**entry) for name, entry in record.pop("files").items()}
        return Manifest(**record, files=files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexCorrupt(file, "is not a manifest") from error


def verify(folder: Path, manifest: Manifest, *, checksums: bool) -> None:
    """Every file there, with its size and, when ``checksums``, its sha256; else IndexCorrupt."""
    for name, expected in manifest.files.items():
        file = folder / name
        try:
            size = file.stat().st_size
        except OSError as error:
            raise IndexCorrupt(file, "is missing") from error
        if size != expected.size:
            raise IndexCorrupt(file, f"has {size} bytes instead of {expected.size}")
        if checksums and _file_digest(file) != expected.sha256:
            raise IndexCorrupt(file, "does not match its checksum")


def read_bytes(file: Path) -> bytes:
    """The file's content; raises IndexCorrupt when it is missing or cannot be read."""
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise IndexCorrupt(file, "is missing") from error
    except OSError as error:
        raise IndexCorrupt(file, f"cannot be read ({error.strerror})") from error


@contextmanager
def lock(data: Path) -> Iterator[None]:
    """One build at a time; raises IndexUnavailable when another holds the lock."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IndexUnavailable(
                f"Another build is running on '{data}'. Wait for it to end, then run: sextant build"
            ) from None
        yield


def begin(data: Path, id: str) -> Path:
    """An empty directory to write a generation into; clears what broken builds left."""
    for left in (data / "generations").glob(".tmp-*"):
        shutil.rmtree(left)
    folder = folder_of(data, f".tmp-{id}")
    folder.mkdir(parents=True)
    return folder


def discard(folder: Path) -> None:
    """Deletes a directory that ``begin`` made and nothing points to, as far as it can."""
    shutil.rmtree(folder, ignore_errors=True)


def files_of(folder: Path) -> dict[str, FileRecord]:
    """Every file but the manifest, by its path inside ``folder``, in order of path."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != MANIFEST)
    return {
        file.relative_to(folder).as_posix(): FileRecord(file.stat().st_size, _file_digest(file))
        for file in files
    }


def seal(folder: Path, manifest: Manifest) -> Pointer:
    """Writes the manifest and syncs all to the disk; the pointer that would name the result."""
    content = canonical(asdict(manifest)) + b"\n"
    (folder / MANIFEST).write_bytes(content)
    for path in sorted(folder.rglob("*")):
        _sync(path)
    _sync(folder)
    return Pointer(manifest.id, sha256(content).hexdigest())


def publish(data: Path, folder: Path, pointer: Pointer) -> Pointer:
    """Gives a sealed ``folder`` its final name, then makes it current.

    A directory that has the name already is left as it is, and a suffix added, so that a reader
    never sees a generation change.
    """
    name, copy = pointer.name, 1
    while folder_of(data, name).exists():
        copy += 1
        name = f"{pointer.name}.{copy}"
    os.rename(folder, folder_of(data, name))
    _sync(data / "generations")
    named = Pointer(name, pointer.manifest)
    point(data, named)
    return named


def point(data: Path, pointer: Pointer) -> None:
    """Makes ``pointer`` current in one step."""
    temporary = data / f".{_POINTER}.tmp"
    temporary.write_text(f"{pointer.name} {pointer.manifest}\n", encoding="ascii")
    _sync(temporary)
    os.replace(temporary, data / _POINTER)
    _sync(data)


def drop_others(data: Path, keep: set[str]) -> None:
    """Deletes the generations not named in ``keep``; one that cannot be deleted stays."""
    for folder in sorted((data / "generations").iterdir()):
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _file_digest(file: Path) -> str:
    digest, block = sha256(), 1 << 20
    try:
        with file.open("rb") as handle:
            while chunk := handle.read(block):
                digest.update(chunk)
    except OSError as error:
        raise IndexCorrupt(file, f"cannot be read ({error.strerror})") from error
    return digest.hexdigest()
