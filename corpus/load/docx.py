"""docx -> Markdown: headings, numbered paragraphs, lists, tables and notes in reading order."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import OpcError
from docx.oxml.ns import qn
from docx.oxml.parser import parse_xml
from lxml import etree

from corpus.load.archive import check_archive
from corpus.load.failure import Unreadable
from corpus.load.marks import escape, escape_line, join_blocks, superscript
from corpus.load.numbering import Numbering
from corpus.types import RawDocument

_BREAKS = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_SKIPPED = frozenset(
    qn(name) for name in ("w:del", "w:moveFrom", "w:pPr", "w:rPr", "w:instrText", "w:txbxContent")
) | {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_NOTE_CALLS = {qn("w:footnoteReference"): "footnote", qn("w:endnoteReference"): "endnote"}


def read_docx(data: bytes) -> RawDocument:
    """One page of Markdown; deleted text of tracked changes is left out, inserted text is in.

    Raises Unreadable when it is encrypted, damaged or truncated, no Word document, or a bomb.
    """
    check_archive(data)
    try:
        document = docx.Document(io.BytesIO(data))
        reader = _Reader(document)
        blocks = list(reader.blocks(document.element.body))
        title = (document.core_properties.title or "").strip()
        text = join_blocks(blocks, reader.called_notes())
    except (OpcError, BadZipFile, etree.XMLSyntaxError, KeyError, ValueError, AttributeError):
        raise Unreadable("it is damaged: its parts do not fit together. Get it again.") from None
    return RawDocument((text,), markup="markdown", title=title or None)


@dataclass(frozen=True, slots=True)
class _Style:
    """``level`` of a heading, 1 to 6, or None; ``numbers`` is the style's own list."""

    level: int | None
    numbers: tuple[str, int] | None


class _Reader:
    """Walks one document; notes are numbered in the order in which they are called."""

    def __init__(self, document: Any) -> None:
        parts = {rel.reltype.rsplit("/", 1)[-1]: rel for rel in document.part.rels.values()}
        roots = {
            kind: parse_xml(parts[kind].target_part.blob)
            for kind in ("footnotes", "endnotes", "numbering")
            if kind in parts and not parts[kind].is_external
        }
        self._numbering = Numbering.read(roots.get("numbering"))
        self._notes = {
            (kind, item.get(qn("w:id"))): item
            for kind in ("footnote", "endnote")
            if f"{kind}s" in roots
            for item in roots[f"{kind}s"].findall(qn(f"w:{kind}"))
        }
        self._called: list[tuple[str, str]] = []
        self._styles = {style.style_id: _style(style) for style in document.styles}

    def blocks(self, parent: Any) -> Iterator[str]:
        """Paragraphs and table rows under an element, text boxes after their paragraph."""
        for child in parent:
            if child.tag == qn("w:p"):
                yield self._paragraph(child)
                for box in child.iter(qn("w:txbxContent")):
                    if not any(up.tag in _SKIPPED for up in _between(box, child)):
                        yield from self.blocks(box)
            elif child.tag == qn("w:tbl"):
                for row in child.iter(qn("w:tr")):
                    if next(row.iterancestors(qn("w:tbl"))) is child:
                        yield self._row(row)
            elif child.tag not in _SKIPPED:
                yield from self.blocks(child)

    def called_notes(self) -> list[tuple[str, str]]:
        """(label, text) of the notes that were called so far; a note may call no other."""
        found: list[tuple[str, str]] = []
        for label, key in enumerate(self._called, start=1):
            item = self._notes.get(key)
            texts = [self._text(p) for p in item.iter(qn("w:p"))] if item is not None else []
            text = " ".join(" ".join(texts).split())
            if text:
                found.append((str(label), text))
        return found

    def _row(self, row: Any) -> str:
        cells = [
            " ".join(" ".join(self.blocks(cell)).split())
            for cell in row
            if cell.tag in (qn("w:tc"), qn("w:sdt"))
        ]
        return " | ".join(cells) if any(cells) else ""

    def _paragraph(self, paragraph: Any) -> str:
        style = self._styles.get(_value(paragraph, "w:pStyle") or "", _Style(None, None))
        outline = _value(paragraph, "w:outlineLvl")
        level = min(int(outline) + 1, 6) if outline in tuple("012345") else style.level
        own = _numbers(paragraph)
        numbers = own if own is not None else style.numbers
        lines = [part.strip() for part in self._text(paragraph).split("\n") if part.strip()]
        if not lines:
            return ""
        label = self._numbering.label(*numbers) if numbers else ""
        if level is not None:
            return "#" * level + " " + " ".join([label, *lines]).strip()
        if label:
            return f"{label} " + "\n".join(lines)
        return "\n".join(escape_line(line) for line in lines)

    def _text(self, element: Any) -> str:
        """The escaped text of runs, hyperlinks, fields and insertions, in order."""
        out, was_raised = "", False
        for child in element:
            raised = False
            if child.tag == qn("w:t"):
                out += escape(child.text or "")
            elif child.tag in _BREAKS:
                out += _BREAKS[child.tag]
            elif child.tag in _NOTE_CALLS:
                key = (_NOTE_CALLS[child.tag], child.get(qn("w:id")))
                self._called.append(key)
                out += f"<sup>{len(self._called)}</sup>"
            elif child.tag == qn("w:r"):
                text = self._text(child)
                raised = _value(child, "w:vertAlign") == "superscript" and "<sup>" not in text
                text = superscript(text) if raised else text
                joins = was_raised and out.endswith("</sup>") and text.startswith("<sup>")
                out = out[:-6] + text[5:] if raised and joins else out + text
            elif child.tag not in _SKIPPED:
                out += self._text(child)
            was_raised = raised
        return out


def _between(inner: Any, outer: Any) -> Iterator[Any]:
    for parent in inner.iterancestors():
        if parent is outer:
            return
        yield parent


def _value(element: Any, name: str) -> str | None:
    """The w:val of a property of a paragraph or a run; None when it is not set."""
    for properties in (element.find(qn("w:pPr")), element.find(qn("w:rPr"))):
        found = properties.find(qn(name)) if properties is not None else None
        if found is not None:
            value: str | None = found.get(qn("w:val"))
            return value
    return None


def _numbers(element: Any) -> tuple[str, int] | None:
    """(list id, level) of a paragraph or a paragraph style; list '0' switches numbers off."""
    properties = element.find(qn("w:pPr"))
    found = properties.find(qn("w:numPr")) if properties is not None else None
    if found is None:
        return None
    number, level = found.find(qn("w:numId")), found.find(qn("w:ilvl"))
    if number is None:
        return None
    depth = int(level.get(qn("w:val"), "0")) if level is not None else 0
    return number.get(qn("w:val"), "0"), depth


def _style(style: Any) -> _Style:
    """Follows the chain of styles that a style is based on, for at most ten steps."""
    level: int | None = None
    numbers: tuple[str, int] | None = None
    for _ in range(10):
        if style is None:
            break
        heading = re.fullmatch(r"(?i)heading (\d)", style.name or "")
        outline = _value(style.element, "w:outlineLvl")
        if level is None and heading:
            level = min(int(heading[1]), 6)
        elif level is None and (style.name or "").lower() == "title":
            level = 1
        elif level is None and outline in tuple("012345"):
            level = int(outline) + 1
        numbers = numbers if numbers is not None else _numbers(style.element)
        style = getattr(style, "base_style", None)
    return _Style(level, numbers)
