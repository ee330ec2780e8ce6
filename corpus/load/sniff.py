"""What kind of file the bytes say they are, whatever the file is called."""

import io
import re
import zipfile

_MAGIC = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old or encrypted Office file (OLE)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\x1f\x8b\x08", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"BZh", "a bzip2 archive"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\0", "a SQLite database"),
)
_PDF_WINDOW = 1024  # bytes before '%PDF-' that readers allow (PDF 1.7, Annex H, note 13)
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]",
    re.IGNORECASE | re.DOTALL,
)


def content_kind(data: bytes) -> str | None:
    """'PDF', 'docx', 'HTML', the name of a kind that is not read, or None: text or unknown."""
    for magic, name in _MAGIC:
        if data.startswith(magic) and not (magic == b"BZh" and not data[3:4].isdigit()):
            return name
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_kind(data)
    if re.match(rb"[^\n]{0,64}%PDF-\d", data) or (
        b"%PDF-" in data[:_PDF_WINDOW] and b"startxref" in data
    ):
        return "PDF"
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:].replace(b"\0", b"")
    return "HTML" if _HTML.match(head) else None


def _zip_kind(data: bytes) -> str:
    try:
        names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        # Truncated: the directory stands at the end; the first names stand at the beginning.
        head = data[: 64 * 1024]
        office = b"[Content_Types].xml" in head or b"word/" in head
        return "docx" if office else "a zip archive"
    if "word/document.xml" in names:
        return "docx"
    for folder, name in (("xl/", "an Excel workbook"), ("ppt/", "a PowerPoint file")):
        if any(item.startswith(folder) for item in names):
            return name
    if "mimetype" in names and "content.xml" in names:
        return "an OpenDocument file"
    return "docx" if "[Content_Types].xml" in names else "a zip archive"
