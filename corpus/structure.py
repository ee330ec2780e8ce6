"""Blocks -> a document's text, paragraphs with official labels, headings and notes; pure.

The text is built here and nowhere else, so every span is right by construction.
"""

import re
from dataclasses import dataclass, field

from corpus.blocks import CALL, Block
from corpus.clean import Cleaned
from corpus.labels import Label, item_label, paragraph_label
from corpus.normalise import is_cjk
from corpus.outline import Item, outline
from corpus.types import Heading, Note, Paragraph, Part

_BACK_LINES = 700  # characters up to which short lines of the back matter stand together


@dataclass(frozen=True, slots=True)
class Structure:
    text: str
    paragraphs: tuple[Paragraph, ...]
    headings: tuple[Heading, ...]
    notes: tuple[Note, ...]
    front: tuple[Block, ...]


@dataclass(slots=True)
class _Draft:
    """A paragraph while it is being put together."""

    label: str | None
    heading: tuple[str, ...]
    start: int
    end: int
    page: int | None
    part: Part
    calls: list[str] = field(default_factory=list)


class _Numbering:
    """The number of the paragraph and the path of sub-labels at this point of the text."""

    def __init__(self) -> None:
        self.number: str | None = None
        self._path: list[tuple[str, str]] = []
        self._fresh = True

    def under_new_section(self) -> None:
        self._fresh = True

    def take_number(self, text: str) -> Label | None:
        """The block's own paragraph number when it is the next one, or a new count from 1."""
        label = paragraph_label(text)
        if label is None:
            return None
        value, last = int(label.text), int(self.number) if self.number else 0
        if not (last < value <= last + 3 or (value == 1 and self._fresh) or last == 0):
            return None
        self.number, self._path, self._fresh = label.text, [], False
        return label

    def take_item(self, text: str) -> Label | None:
        after = next((mark for kind, mark in self._path if kind == "letter"), None)
        label = item_label(text, after)
        if label is None:
            return None
        kinds = [kind for kind, _ in self._path]
        if label.kind in kinds:
            del self._path[kinds.index(label.kind) :]
        self._path.append((label.kind, label.text))
        return label

    def leave(self) -> None:
        """A heading ends the paragraph before it; counting goes on after it."""
        self._path = []

    @property
    def label(self) -> str | None:
        path = "".join(mark for _, mark in self._path)
        return f"{self.number or ''}{path}" or None


class _Builder:
    def __init__(self) -> None:
        self.text = ""
        self.headings: list[Heading] = []
        self.drafts: list[_Draft] = []
        self._path: list[tuple[int, str]] = []
        self._numbering = _Numbering()
        self._after_heading = True

    @property
    def _heading_path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def _write(self, text: str, glue: str) -> tuple[int, int]:
        self.text += (glue if self.text else "") + text
        return len(self.text) - len(text), len(self.text)

    def heading(self, item: Item) -> None:
        text = " ".join(item.block.plain.split())
        start, end = self._write(text, "\n\n")
        self.headings.append(Heading(item.level, text, start, end))
        while self._path and self._path[-1][0] >= item.level:
            self._path.pop()
        self._path.append((item.level, text))
        if item.level == 1:
            self._numbering.under_new_section()
        self._numbering.leave()
        self._after_heading = True

    def paragraph(self, item: Item) -> None:
        clean, calls = _take_calls(item.block.text)
        in_body = item.part == "body"
        number = self._numbering.take_number(clean) if in_body else None
        sub = None if number or not in_body else self._numbering.take_item(clean)
        mark = number or sub
        if mark is None and self._continues(item):
            draft = self.drafts[-1]
            self._write(clean, "\n")
            draft.end = len(self.text)
            draft.calls.extend(calls)
            return
        body_at = mark.end if mark else 0
        start, end = self._write(clean, "\n" if sub else "\n\n")
        label = self._numbering.label if in_body else None
        if in_body and mark is None and self._numbering.number is None:
            label = None
            self._numbering.leave()
        path = self._heading_path if item.part != "front" else ()
        self.drafts.append(
            _Draft(label, path, start + body_at, end, item.block.page, item.part, calls)
        )
        self._after_heading = False

    def _continues(self, item: Item) -> bool:
        """An unlabelled block of a numbered text belongs to the paragraph before it."""
        if not self.drafts or self._after_heading:
            return False
        last = self.drafts[-1]
        if item.part == "body":
            return last.part == "body" and self._numbering.number is not None
        if item.part in ("back", "contents"):
            size = last.end - last.start + len(item.block.plain)
            return last.part == item.part and not item.block.gap and size <= _BACK_LINES
        return False

    def leave_body(self) -> None:
        self._path = []


def _take_calls(text: str) -> tuple[str, list[str]]:
    """The text without calls of notes, and the labels called, in order."""
    calls = CALL.findall(text)
    out, at = "", 0
    for match in CALL.finditer(text):
        out += text[at : match.start()]
        at = match.end()
        if text[at : at + 1] == " " and out and is_cjk(out[-1]):
            at += 1
    return (out + text[at:]).strip(), calls


def structure(cleaned: Cleaned) -> Structure:
    """A document's text and what stands where in it.

    The running text comes first: paragraphs apart by a blank line, sub-paragraphs and list items
    by a newline, each with its label before it; a paragraph's span leaves the label out. Then
    the notes, one a line, each after its number in brackets.
    """
    running = [block for block in cleaned.blocks if block.note is None]
    items = outline(running)
    builder = _Builder()
    for item in items:
        if item.part == "back":
            builder.leave_body()
        if item.level:
            builder.heading(item)
        else:
            builder.paragraph(item)
    notes = _write_notes(builder, [block for block in cleaned.blocks if block.note])
    paragraphs = _paragraphs(builder, notes)
    cut = next((at for at, item in enumerate(items) if item.part == "body"), len(items))
    front = running[:cut] or running
    return Structure(builder.text, paragraphs, tuple(builder.headings), notes, tuple(front))


def _write_notes(builder: _Builder, blocks: list[Block]) -> tuple[Note, ...]:
    notes = []
    for at, block in enumerate(blocks):
        text = re.sub(r"\s*\n\s*", " ", block.plain).strip()
        prefix = f"[{block.note}] "
        builder.text += ("\n\n" if at == 0 and builder.text else "\n") + prefix
        start = len(builder.text)
        builder.text += text
        notes.append(Note(block.note or "", text, start, len(builder.text)))
    return tuple(notes)


def _paragraphs(builder: _Builder, notes: tuple[Note, ...]) -> tuple[Paragraph, ...]:
    by_label: dict[str, list[Note]] = {}
    for note in notes:
        by_label.setdefault(note.label, []).append(note)
    out = []
    for draft in builder.drafts:
        called = [by_label[label].pop(0) for label in draft.calls if by_label.get(label)]
        text = builder.text[draft.start : draft.end]
        out.append(
            Paragraph(
                draft.label, draft.heading, draft.start, draft.end, draft.page, text,
                tuple(called), draft.part,
            )
        )  # fmt: skip
    return tuple(paragraph for paragraph in out if paragraph.text)
