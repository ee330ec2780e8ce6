"""Looks a zip through before anything parses it: sizes, ratios, checksums, entities."""

import io
import zipfile
import zlib

from corpus.load.failure import Unreadable

_MEMBERS = 10_000
_UNPACKED = 256 * 1024 * 1024  # bytes, all members together
_XML_PART = 64 * 1024 * 1024  # bytes, one XML part
_RATIO = 200  # unpacked to packed; the XML of Word packs ten- to fiftyfold
_RATIO_FROM = 1024 * 1024  # bytes below which a ratio harms nobody
_CHUNK = 1024 * 1024
_DTD = tuple("<!DOCTYPE".encode(name) for name in ("ascii", "utf-16-le", "utf-16-be"))
_BOMB = "it unpacks to far more than a document needs (a zip bomb). Do not use it."
_DAMAGED = "it is truncated or damaged. Get it again."


def check_archive(data: bytes) -> None:
    """Raises Unreadable for a bomb, a damaged or encrypted member, or a DTD in an XML part.

    Sizes are checked as declared, then by unpacking chunk by chunk without keeping anything.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            _check_declared(members)
            if "word/document.xml" not in archive.namelist():
                raise Unreadable("it has no Word document inside. Get it again.")
            total = 0
            for member in members:
                total += _unpacked(archive, member, _UNPACKED - total)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, OverflowError):
        raise Unreadable(_DAMAGED) from None
    except (NotImplementedError, RuntimeError):
        raise Unreadable("it is packed in a way that Word does not use. Save it again.") from None


def _check_declared(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & 1 for member in members):
        raise Unreadable("it is encrypted. Save it without a password and try again.")
    if len({member.filename for member in members}) < len(members):
        raise Unreadable(_DAMAGED)
    declared = sum(member.file_size for member in members)
    if len(members) > _MEMBERS or declared > _UNPACKED:
        raise Unreadable(_BOMB)
    for member in members:
        big = member.file_size > _RATIO_FROM
        if big and member.file_size > _RATIO * max(member.compress_size, 1):
            raise Unreadable(_BOMB)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowed: int) -> int:
    """Bytes that a member really unpacks to; its checksum is checked on the way."""
    is_xml = member.filename.endswith((".xml", ".rels"))
    limit = min(allowed, _XML_PART) if is_xml else allowed
    size, tail = 0, b""
    with archive.open(member) as stream:
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise Unreadable(_BOMB)
            if is_xml and any(mark in tail + chunk for mark in _DTD):
                raise Unreadable(
                    "its XML defines entities, which Word never writes and which can be made to "
                    "exhaust memory or read other files. Do not use it."
                )
            tail = chunk[-32:]
    return size
