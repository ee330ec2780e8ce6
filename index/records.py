"""Documents and passages as JSON records and back. Pure.

Text is stored once, in the document; spans give it back, so a record that reads back at all
keeps ``document.text[x.start:x.end] == x.text``.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from hashlib import sha256
from typing import Any

from corpus import Document, Heading, Note, Paragraph, Passage

Record = dict[str, Any]

_PLAIN = tuple(
    field.name
    for field in fields(Document)
    if field.name not in ("date", "paragraphs", "headings", "notes")
)


def canonical(value: object) -> bytes:
    """One line of UTF-8 JSON, the same for equal values whatever their order of keys."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def digest(value: object) -> str:
    """sha256 of ``canonical(value)``, hexadecimal."""
    return sha256(canonical(value)).hexdigest()


def lines(records: Iterable[Record]) -> bytes:
    """A .jsonl file's bytes."""
    return b"".join(canonical(record) + b"\n" for record in records)


def from_lines(content: bytes) -> list[Record]:
    """The records of a .jsonl file; raises ValueError when one is not JSON."""
    return [json.loads(line) for line in content.decode("utf-8").split("\n") if line]


def document_record(document: Document) -> Record:
    """Everything in ``document``, its text once."""
    record: Record = {name: getattr(document, name) for name in _PLAIN}
    record["date"] = document.date.isoformat() if document.date else None
    record["headings"] = [[h.level, h.start, h.end] for h in document.headings]
    record["notes"] = [[n.label, n.start, n.end] for n in document.notes]
    record["paragraphs"] = [_paragraph_record(p) for p in document.paragraphs]
    return record


def document_from(record: Record) -> Document:
    """The document; raises KeyError, TypeError or ValueError when the record is not one."""
    text: str = record["text"]
    return Document(
        **{name: record[name] for name in _PLAIN},
        date=date.fromisoformat(record["date"]) if record["date"] else None,
        headings=tuple(Heading(level, text[a:b], a, b) for level, a, b in record["headings"]),
        notes=tuple(Note(label, text[a:b], a, b) for label, a, b in record["notes"]),
        paragraphs=tuple(_paragraph_from(paragraph, text) for paragraph in record["paragraphs"]),
    )


def passage_record(passage: Passage) -> Record:
    """Everything in ``passage`` but its text."""
    return {name: getattr(passage, name) for name in Passage.__dataclass_fields__ if name != "text"}


def passage_from(record: Record, documents: Mapping[str, Document]) -> Passage:
    """The passage; raises KeyError or TypeError when the record is not one."""
    text = documents[record["document_id"]].text[record["start"] : record["end"]]
    tuples = {name: tuple(record[name]) for name in ("heading", "paragraphs")}
    return Passage(**{**record, **tuples, "text": text})


def _paragraph_record(paragraph: Paragraph) -> Record:
    return {
        "label": paragraph.label,
        "heading": paragraph.heading,
        "start": paragraph.start,
        "end": paragraph.end,
        "page": paragraph.page,
        "notes": [[n.label, n.start, n.end] for n in paragraph.notes],
        "part": paragraph.part,
    }


def _paragraph_from(record: Record, text: str) -> Paragraph:
    return Paragraph(
        label=record["label"],
        heading=tuple(record["heading"]),
        start=record["start"],
        end=record["end"],
        page=record["page"],
        text=text[record["start"] : record["end"]],
        notes=tuple(Note(label, text[a:b], a, b) for label, a, b in record["notes"]),
        part=record["part"],
    )
