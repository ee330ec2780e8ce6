"""One download: redirects, types, sizes, resuming, the hash, and the place of the file."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from corpus.address import AddressRefused
from corpus.catalogue import Entry, sha256_of
from corpus.errors import FetchFailed
from corpus.fetch import MAX_BYTES, Fetched, Progress

DEADLINE = 900.0  # seconds for one file
REDIRECTS = 5
_CHUNK = 64 * 1024
_TYPES = {
    ".txt": ("text/plain",),
    ".text": ("text/plain",),
    ".md": ("text/markdown", "text/plain"),
    ".markdown": ("text/markdown", "text/plain"),
    ".html": ("text/html", "application/xhtml+xml"),
    ".htm": ("text/html", "application/xhtml+xml"),
    ".xhtml": ("application/xhtml+xml", "text/html"),
    ".pdf": ("application/pdf", "application/octet-stream"),
    ".docx": (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/octet-stream",
    ),
}


class _Failed(Exception):
    """Why one download failed; ``fetch_one`` adds the url. ``keep`` leaves what was received."""

    def __init__(self, why: str, *, keep: bool = False) -> None:
        super().__init__(why)
        self.keep = keep


def fetch_one(
    client: httpx.Client,
    entry: Entry,
    folder: Path,
    *,
    max_bytes: int = MAX_BYTES,
    deadline: float = DEADLINE,
    progress: Progress | None = None,
) -> Fetched:
    """One entry. Raises FetchFailed; what was received by then is kept only if it can go on."""
    url = entry.url or ""
    target = folder / entry.file
    if target.is_file() and entry.sha256 in (None, sha256_of(target)):
        return Fetched(entry.file, "current", target.stat().st_size)
    part = folder / f"{entry.file}.part"
    try:
        types = _TYPES.get(target.suffix.lower())
        if types is None or target.name != entry.file:
            raise _Failed(f"'{entry.file}' is not a file name with a known extension.")
        last = time.monotonic() + deadline
        try:
            _download(client, url, part, _Limits(types, max_bytes, last), progress)
        except _RangeRefused:
            _discard(part)
            _download(client, url, part, _Limits(types, max_bytes, last), progress)
        size = _publish(part, target, entry.sha256)
    except _Failed as error:
        if not error.keep:
            _discard(part)
        raise FetchFailed(url, str(error)) from None
    except AddressRefused as error:
        raise FetchFailed(url, str(error)) from None
    except httpx.TimeoutException:
        raise FetchFailed(url, "the server did not answer in time. Try again later.") from None
    except httpx.InvalidURL as error:
        raise FetchFailed(url, f"it is, or leads to, no valid address ({error}).") from None
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise FetchFailed(url, f"the connection failed ({error}). Try again later.") from None
    except OSError as error:
        why = f"'{target}' cannot be written: {error.strerror or error}."
        raise FetchFailed(url, why) from None
    return Fetched(entry.file, "downloaded", size)


class _RangeRefused(Exception):
    """The server does not have the rest of what was begun; begin anew."""


@dataclass(frozen=True, slots=True)
class _Limits:
    types: tuple[str, ...]
    max_bytes: int
    deadline: float  # on the monotonic clock


def _download(
    client: httpx.Client, url: str, part: Path, limits: _Limits, progress: Progress | None
) -> None:
    """Fills ``part``; follows redirects itself, so that each hop is checked."""
    have, version = _begun(part)
    headers = {"Accept-Encoding": "identity", "Accept": ", ".join(limits.types)}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": version}
    at = httpx.URL(url)
    for _ in range(REDIRECTS + 1):
        _check_url(at)
        with client.stream("GET", at, headers=headers, follow_redirects=False) as response:
            if not response.has_redirect_location:
                _receive(response, part, have, limits, progress)
                return
            onward = at.join(response.headers["Location"])
        if at.scheme == "https" and onward.scheme == "http":
            raise _Failed(f"it leads from https to http ({onward}).")
        at = onward
    raise _Failed(f"it leads on more than {REDIRECTS} times. Enter the address it ends at.")


def _check_url(url: httpx.URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise _Failed(f"only http and https addresses are fetched, not '{url}'.")
    if url.userinfo:
        raise _Failed("the address holds a user name or password. Leave them out.")


def _receive(
    response: httpx.Response,
    part: Path,
    have: int,
    limits: _Limits,
    progress: Progress | None,
) -> None:
    if response.status_code == 416:
        raise _RangeRefused
    if response.status_code not in (200, 206) or (response.status_code == 206 and not have):
        why = f"the server answered {response.status_code} {response.reason_phrase}."
        raise _Failed(why, keep=response.status_code >= 429)
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind not in limits.types:
        expected = " or ".join(limits.types)
        raise _Failed(f"the server sent '{kind or 'no type'}', not {expected}.")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise _Failed("the server sent a compressed body, which was not asked for.")
    start = _start(response, have)
    length = response.headers.get("Content-Length", "")
    total = start + int(length) if length.isdecimal() else None
    if total is not None and total > limits.max_bytes:
        raise _Failed(f"it has {total} bytes; at most {limits.max_bytes} are fetched.")
    if not start:
        _discard(part)
        _version_file(part).write_text(_version(response), encoding="utf-8")
    size = start
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        for chunk in _chunks(response):
            size += len(chunk)
            if size > limits.max_bytes:
                raise _Failed(f"it goes on after {limits.max_bytes} bytes, the most accepted.")
            if time.monotonic() > limits.deadline:
                raise _Failed("it takes too long. Try again later.", keep=True)
            file.write(chunk)
            if progress:
                progress(part.name.removesuffix(".part"), size, total)
        file.flush()
        os.fsync(file.fileno())
    if total is not None and size != total:
        raise _Failed(f"it ended after {size} of {total} bytes. Try again.", keep=True)


def _chunks(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_raw(_CHUNK)
    except httpx.RemoteProtocolError:
        raise _Failed("it ended before all of it had come. Try again.", keep=True) from None
    except httpx.TransportError:
        raise _Failed("the connection broke off. Try again.", keep=True) from None


def _start(response: httpx.Response, have: int) -> int:
    """The byte at which the body begins: 0, or where the part kept from before ends."""
    if response.status_code == 200:
        return 0
    match = re.match(r"bytes (\d+)-\d+/(?:\d+|\*)$", response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != have:
        raise _RangeRefused
    return have


def _begun(part: Path) -> tuple[int, str]:
    """Bytes kept from before and the version they are of; (0, '') when it cannot go on."""
    try:
        version = _version_file(part).read_text(encoding="utf-8").strip()
        size = part.stat().st_size
    except (OSError, UnicodeDecodeError):
        return 0, ""
    return (size, version) if version and version.isascii() and version.isprintable() else (0, "")


def _version(response: httpx.Response) -> str:
    """What If-Range takes: a strong ETag, else Last-Modified (RFC 9110, 13.1.5)."""
    tag = str(response.headers.get("ETag", ""))
    return tag if tag.startswith('"') else str(response.headers.get("Last-Modified", ""))


def _version_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.version")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _version_file(part).unlink(missing_ok=True)


def _publish(part: Path, target: Path, expected: str | None) -> int:
    size, actual = part.stat().st_size, sha256_of(part)
    if size == 0:
        raise _Failed("the server sent an empty file.")
    if expected is not None and actual != expected:
        raise _Failed(
            f"its SHA-256 is {actual}, but the catalogue says {expected}. If the new version is "
            "wanted, correct the catalogue."
        )
    os.replace(part, target)
    _version_file(part).unlink(missing_ok=True)
    return size
