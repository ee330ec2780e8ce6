"""Where the evidence stands: gold quotations and locators -> spans of a document's text.

Evidence is compared after NFKC and removal of all whitespace, and lengths are counted in what is
left, so that line breaks weigh nothing. Spans are offsets into the document's own text, in code
points, end exclusive.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus import Document
from eval.gold import Evidence, Locator

ANCHOR = 12  # characters at either end by which a quotation is found that is not there whole
_LEAST, _MOST = 0.8, 1.25  # length of what is found so, over the quotation's


@dataclass(frozen=True, slots=True)
class Span:
    """Offsets into one document's text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Folded:
    """A text after NFKC without whitespace, and the way back.

    ``starts[i]`` and ``ends[i]`` are the offsets, in the original, of what became ``text[i]``.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> "Folded":
        """Folds cluster by cluster (a character with its combining marks)."""
        characters: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        while at < len(text):
            end = at + 1
            while end < len(text) and unicodedata.combining(text[end]):
                end += 1
            kept = "".join(unicodedata.normalize("NFKC", text[at:end]).split())
            characters.append(kept)
            starts += [at] * len(kept)
            ends += [end] * len(kept)
            at = end
        return cls("".join(characters), tuple(starts), tuple(ends))

    def inside(self, start: int, end: int) -> tuple[int, int]:
        """The folded offsets of an original span."""
        return bisect_left(self.starts, start), bisect_left(self.starts, end)

    def count(self, start: int, end: int) -> int:
        """How many folded characters an original span holds; 0 when it is upside down."""
        if end <= start:
            return 0
        first, last = self.inside(start, end)
        return last - first

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The original span of a folded one that is not empty."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> str:
    return Folded.of(text).text


@dataclass(frozen=True, slots=True)
class Labelled:
    """A paragraph, or a note under the label of the paragraph that calls it."""

    label: str | None  # folded
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Source:
    """A document as evidence is sought in it; ``passages`` maps passage id to (start, end), in
    code points of ``text``."""

    id: str
    file: str
    work: str
    language: str
    text: str
    folded: Folded
    paragraphs: tuple[Labelled, ...]
    notes: tuple[Labelled, ...]
    passages: Mapping[str, tuple[int, int]]

    @classmethod
    def of(cls, document: Document, passages: Mapping[str, tuple[int, int]]) -> "Source":
        return cls(
            document.id,
            document.file,
            document.work,
            document.language,
            document.text,
            Folded.of(document.text),
            tuple(_labelled(p.label, p.start, p.end) for p in document.paragraphs),
            tuple(_labelled(p.label, n.start, n.end) for p in document.paragraphs for n in p.notes),
            passages,
        )

    @classmethod
    def of_json(cls, body: Mapping[str, Any], passages: Mapping[str, tuple[int, int]]) -> "Source":
        """From the body of ``GET /api/documents/{id}``."""
        paragraphs = body["paragraphs"]
        return cls(
            body["id"],
            body["file"],
            body["work"],
            body["language"],
            body["text"],
            Folded.of(body["text"]),
            tuple(_labelled(p["label"], p["start"], p["end"]) for p in paragraphs),
            tuple(
                _labelled(p["label"], n["start"], n["end"]) for p in paragraphs for n in p["notes"]
            ),
            passages,
        )


def named(doc: str, sources: Iterable[Source]) -> list[Source]:
    """The documents a gold line means: by file name, else document id, else work id."""
    sources = list(sources)
    for field in ("file", "id", "work"):
        found = [source for source in sources if getattr(source, field) == doc]
        if found:
            return found
    return []


def places(evidence: Evidence, source: Source) -> list[Span]:
    """Where the evidence stands: every equally short span of a locator, every occurrence of a
    quotation, in reading order; empty when it is not there."""
    folded = source.folded
    if isinstance(evidence, Locator):
        regions = _regions(evidence.paragraph, source)
        found = _shortest(fold(evidence.begins), fold(evidence.ends), folded, regions)
    else:
        found = _quoted(fold(evidence.text), folded)
    return [Span(source.id, *folded.original(*span)) for span in found]


def locate(evidence: Evidence, sources: Sequence[Source]) -> list[Span]:
    """The first place in each of the documents that hold the evidence."""
    found = (places(evidence, source) for source in sources)
    return [spans[0] for spans in found if spans]


def overlap(one: Span, other: Span, folded: Folded) -> int:
    """Characters, whitespace aside, that two spans share."""
    if one.document_id != other.document_id:
        return 0
    return folded.count(max(one.start, other.start), min(one.end, other.end))


def is_relevant(passage: Span, evidence: Span, folded: Folded) -> bool:
    """Whether the passage covers at least half of the evidence, or lies wholly inside it."""
    shared = overlap(passage, evidence, folded)
    if not shared:
        return False
    whole = folded.count(evidence.start, evidence.end)
    return 2 * shared >= whole or shared == folded.count(passage.start, passage.end)


def covered(quotes: Iterable[Span], evidence: Span, folded: Folded) -> bool:
    """Whether the quotes together cover at least half of the evidence."""
    reached, shared = evidence.start, 0
    for quote in sorted(quotes, key=lambda one: (one.start, one.end)):
        if quote.document_id != evidence.document_id or quote.end <= reached:
            continue
        shared += folded.count(max(quote.start, reached), min(quote.end, evidence.end))
        reached = quote.end
    return 0 < 2 * shared >= folded.count(evidence.start, evidence.end)


def _labelled(label: str | None, start: int, end: int) -> Labelled:
    return Labelled(None if label is None else fold(label), start, end)


def _regions(paragraph: str | None, source: Source) -> list[tuple[int, int]]:
    """Folded spans to look in: the whole text, or the paragraph named with its sub-paragraphs,
    then the notes that they call."""
    if paragraph is None:
        return [(0, len(source.folded.text))]
    label = fold(paragraph)
    found: list[tuple[int, int]] = []
    running = False
    for one in source.paragraphs:
        within = one.label is not None and _is_in(one.label, label)
        if within and running and one.label != label:
            found[-1] = (found[-1][0], one.end)
        elif within:
            found.append((one.start, one.end))
        running = within
    found += [(n.start, n.end) for n in source.notes if n.label and _is_in(n.label, label)]
    return [source.folded.inside(start, end) for start, end in found]


def _is_in(label: str, parent: str) -> bool:
    """Whether ``label`` is ``parent`` or a sub-paragraph of it: 12(a)b is in 12, 12(a) not in 1."""
    rest = label.removeprefix(parent)
    if not label.startswith(parent):
        return False
    return not rest or rest[0] == "(" or (parent.endswith(")") and rest[0].isalpha())


def _shortest(
    begins: str, ends: str, folded: Folded, regions: Iterable[tuple[int, int]]
) -> list[tuple[int, int]]:
    """The shortest folded spans that begin and end so; several when equally short."""
    spans = []
    for low, high in regions:
        openings = list(_occurrences(begins, folded.text, low, high))
        for at in _occurrences(ends, folded.text, low, high):
            end = at + len(ends)
            latest = bisect_left(openings, min(at, end - len(begins)) + 1) - 1
            if latest >= 0:
                spans.append((openings[latest], end))
    least = min((end - start for start, end in spans), default=0)
    return sorted({span for span in spans if span[1] - span[0] == least})


def _quoted(quotation: str, folded: Folded) -> list[tuple[int, int]]:
    """Occurrences of a quotation. One that is not there whole, because the document's note marks
    were cut out of it, say, is found by its two ends when what is between is about as long."""
    whole = (0, len(folded.text))
    exact = [(at, at + len(quotation)) for at in _occurrences(quotation, folded.text, *whole)]
    if exact or len(quotation) < 2 * ANCHOR:
        return exact
    near = _shortest(quotation[:ANCHOR], quotation[-ANCHOR:], folded, [whole])
    least, most = _LEAST * len(quotation), _MOST * len(quotation)
    return [(start, end) for start, end in near if least <= end - start <= most]


def _occurrences(part: str, text: str, low: int, high: int) -> Iterator[int]:
    at = text.find(part, low, high)
    while at >= 0:
        yield at
        at = text.find(part, at + 1, high)
