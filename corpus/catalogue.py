"""catalogue.toml: what is known about each document of a corpus, and the check of its hashes.

[[document]]
file = "report.pdf"          # the only key that must be there: a name, not a path
work = "a-ac105-1235"        # shared by the language versions of one work
language = "zh"
sha256 = "…"                 # 64 hexadecimal digits, of the file's bytes
symbol = "A/AC.105/1235"
title = "…"
publisher = "…"
date = 2021-05-01            # or the same as a string
url = "https://…"
licence = "…"
digest = false               # true when the text digests the official document
"""

import datetime as dt
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.errors import BadCatalogue
from corpus.types import LANGUAGES

_TEXT_KEYS = ("work", "symbol", "title", "publisher", "licence")
_KEYS = ("file", "work", "language", "sha256", "symbol", "title", "publisher", "date", "url")
_ALL_KEYS = (*_KEYS, "licence", "digest")
_SHA256 = re.compile("[0-9a-f]{64}")
_HEADER = re.compile(r"\s*\[\[\s*document\s*\]\]")

Status = Literal["ok", "changed", "missing", "uncatalogued"]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue states of one file; None where it states nothing."""

    file: str
    work: str | None = None
    language: str | None = None
    sha256: str | None = None
    symbol: str | None = None
    title: str | None = None
    publisher: str | None = None
    date: dt.date | None = None
    url: str | None = None
    licence: str | None = None
    digest: bool = False


@dataclass(frozen=True, slots=True)
class Verified:
    """One file compared with its entry; the hashes are hexadecimal SHA-256.

    ``status`` is 'uncatalogued' when no entry vouches for the file: it has none, or one
    without a hash.
    """

    file: str
    status: Status
    expected: str | None
    actual: str | None


class _BadEntry(Exception):
    """What is wrong inside one entry; ``read_catalogue`` says which one."""


def read_catalogue(path: Path) -> dict[str, Entry]:
    """File name -> Entry, in the catalogue's order.

    Raises BadCatalogue, naming the line or the entry and what is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise BadCatalogue(path, f"cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise BadCatalogue(path, f"byte {error.start} is not UTF-8; save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadCatalogue(path, f"is not valid TOML: {error}.") from None
    unknown = sorted(set(tables) - {"document"})
    if unknown:
        raise BadCatalogue(path, f"unknown key '{unknown[0]}'; entries are [[document]] tables.")
    documents = tables.get("document", [])
    if not isinstance(documents, list) or not all(isinstance(item, dict) for item in documents):
        raise BadCatalogue(path, "'document' must be [[document]] tables, with two brackets.")
    lines = [n for n, line in enumerate(text.splitlines(), start=1) if _HEADER.match(line)]
    entries: dict[str, Entry] = {}
    for number, table in enumerate(documents, start=1):
        line = f", line {lines[number - 1]}" if len(lines) == len(documents) else ""
        where = f"entry {number}{line}" + (f" ('{table['file']}')" if "file" in table else "")
        try:
            entry = _entry(table)
        except _BadEntry as error:
            raise BadCatalogue(path, f"{where}: {error}") from None
        if entry.file in entries:
            raise BadCatalogue(path, f"{where}: the file has an entry already; keep one of them.")
        entries[entry.file] = entry
    return entries


def _entry(table: Mapping[str, Any]) -> Entry:
    for key in table:
        if key not in _ALL_KEYS:
            raise _BadEntry(f"unknown key '{key}'; the keys are {', '.join(_ALL_KEYS)}.")
    for key in ("file", "language", "sha256", "url", *_TEXT_KEYS):
        if key in table and (not isinstance(table[key], str) or not table[key].strip()):
            raise _BadEntry(f"'{key}' must be a non-empty string.")
    language, sha256, url = table.get("language"), table.get("sha256"), table.get("url")
    if language is not None and language not in LANGUAGES:
        raise _BadEntry(f"unknown language '{language}'; use one of {', '.join(LANGUAGES)}.")
    if sha256 is not None and not _SHA256.fullmatch(sha256.lower()):
        raise _BadEntry("'sha256' must be 64 hexadecimal digits.")
    if url is not None and not re.match(r"https?://[^/\s]+", url, re.IGNORECASE):
        raise _BadEntry("'url' must begin with https:// or http:// and a host.")
    digest = table.get("digest", False)
    if not isinstance(digest, bool):
        raise _BadEntry("'digest' must be true or false.")
    return Entry(
        file=_file(table),
        language=language,
        sha256=sha256.lower() if sha256 else None,
        date=_date(table.get("date")),
        url=url,
        digest=digest,
        **{key: table.get(key) for key in _TEXT_KEYS},
    )


def _file(table: Mapping[str, Any]) -> str:
    file = table.get("file")
    if file is None:
        raise _BadEntry("'file' is missing; give the document's file name.")
    name = str(file)
    if re.search(r"[/\\\x00-\x1f\x7f]", name) or ".." in name or re.match("[A-Za-z]:", name):
        raise _BadEntry("'file' must be a plain file name, without a folder or '..'.")
    return name


def _date(value: object) -> dt.date | None:
    if value is None or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    try:
        if isinstance(value, str) and len(value) == 10:
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise _BadEntry(f"'date' is '{value}'; write a day that exists as YYYY-MM-DD.")


def verify_catalogue(
    folder: Path, entries: Mapping[str, Entry], suffixes: tuple[str, ...] | None = None
) -> tuple[Verified, ...]:
    """Every file of the catalogue and every other document of the folder, sorted by name.

    Only files with one of ``suffixes`` (lower case, with the dot; None: those that ``load``
    reads) count as documents.
    """
    from corpus.load import SUFFIXES

    known = SUFFIXES if suffixes is None else suffixes
    files = folder.iterdir() if folder.is_dir() else iter(())
    present = {path.name for path in files if path.is_file()}
    documents = {name for name in present if Path(name).suffix.lower() in known}
    return tuple(
        _verify(folder / name, entries.get(name), name in present)
        for name in sorted(documents | set(entries))
    )


def _verify(path: Path, entry: Entry | None, present: bool) -> Verified:
    expected = entry.sha256 if entry else None
    if not present:
        return Verified(path.name, "missing", expected, None)
    actual = sha256_of(path)
    if expected is None:
        return Verified(path.name, "uncatalogued", None, actual)
    return Verified(path.name, "ok" if actual == expected else "changed", expected, actual)


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def render_entry(entry: Entry) -> str:
    """The entry as TOML that ``read_catalogue`` reads back to the same Entry."""
    lines = ["[[document]]"]
    for key in _ALL_KEYS:
        value = getattr(entry, key)
        if isinstance(value, dt.date):
            lines.append(f"{key} = {value.isoformat()}")
        elif isinstance(value, str):
            lines.append(f"{key} = {_quoted(value)}")
        elif value:
            lines.append(f"{key} = true")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + re.sub("[\x00-\x1f\x7f]", lambda m: f"\\u{ord(m.group()):04X}", escaped) + '"'
