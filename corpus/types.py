"""The nouns. Every offset is in Unicode code points into ``Document.text``, end exclusive.

Always true, and tested as properties:

* ``document.text[x.start:x.end] == x.text`` for every paragraph, note, passage and citation;
* ``document.text`` is the running text in reading order, then the notes, one a line.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

LANGUAGES = ("zh", "en", "fr", "es", "ru", "ar")

Part = Literal["front", "body", "contents", "back"]
"""Where a paragraph stands: title page, running text, table of contents, back matter."""


@dataclass(frozen=True, slots=True)
class RawDocument:
    """What a loader gives: text as extracted, page by page.

    ``pages`` has one item for a format without pages; ``page_numbers`` tells whether the
    items are real pages. ``markup`` names the syntax still in the text.
    """

    pages: tuple[str, ...]
    page_numbers: bool = False
    markup: Literal["plain", "markdown"] = "plain"
    title: str | None = None  # from the file's own metadata, when it has any


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote or endnote of the paragraph that calls it; its text stands after the body."""

    label: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A numbered paragraph or sub-paragraph, or one without a number (``label`` is None).

    ``label`` is the official one, sub-labels joined on: ``48``, ``33(a)``, ``12(b)㈡a``.
    ``heading`` is the path of headings above it, outermost first. ``page`` is 1-based, or None
    when the format has none.
    """

    label: str | None
    heading: tuple[str, ...]
    start: int
    end: int
    page: int | None
    text: str
    notes: tuple[Note, ...] = ()
    part: Part = "body"


@dataclass(frozen=True, slots=True)
class Heading:
    """``level`` is 1-based; the text stands in ``Document.text`` too."""

    level: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Work:
    """What has a symbol; its documents are its language versions."""

    id: str
    symbol: str | None
    title: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One language version of a work. ``file`` is the corpus file's name, ``sha256`` its bytes'."""

    id: str
    work: str
    file: str
    sha256: str
    symbol: str | None
    title: str
    date: date | None
    publisher: str | None
    language: str
    url: str | None
    licence: str | None
    text: str
    paragraphs: tuple[Paragraph, ...]
    headings: tuple[Heading, ...] = ()
    notes: tuple[Note, ...] = ()  # every note, in order; paragraphs hold those they call
    digest: bool = False  # True when the text digests the official document


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one document: what is indexed and ranked.

    ``paragraphs`` are the labels it covers, in order; ``note`` is set when the passage is a
    note (then ``paragraphs`` holds the label of the paragraph that calls it).
    """

    id: str
    document_id: str
    ordinal: int  # position among the document's passages, 0-based
    start: int
    end: int
    text: str
    heading: tuple[str, ...]
    paragraphs: tuple[str, ...]
    page: int | None
    note: str | None = None
    part: Part = "body"


@dataclass(frozen=True, slots=True)
class Version:
    """The passage of another language version of the work that has the same official label."""

    language: str
    document_id: str
    passage_id: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its rank (1-based) and scores; higher is better everywhere.

    ``scores`` maps a leg ('dense', 'lexical', …) to its own score, absent when the leg did not
    return the passage. A version that no leg returned has the scores of the one it is shown for.
    ``versions`` are the same paragraph in other languages, in the order of LANGUAGES; empty where
    the work has one language version only.
    """

    rank: int
    score: float
    scores: dict[str, float]
    passage: Passage
    document: Document
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote that can be checked: ``document.text[start:end] == quote``.

    ``answer_start``/``answer_end`` say where the quote stands in the answer's text; in one that a
    model wrote, where the sentence that rests on it does.
    """

    n: int
    quote: str
    start: int
    end: int
    answer_start: int
    answer_end: int
    passage: Passage
    document: Document
    paragraph: str | None
    page: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence in a model's words: ``answer.text[start:end]``, without its markers.

    ``citations`` are the numbers of those it rests on; none when it is not ``supported``.
    """

    start: int
    end: int
    supported: bool
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said, and on what grounds; or that nothing can be said, and why.

    ``confidence`` is in [0, 1], and ``uncertain`` that answers this unsure are wrong more often
    than right; ``related`` are the nearest passages of an answer withheld; ``rewritten`` is the
    question that was searched for where earlier turns completed it.

    Where a model wrote, ``claims`` are its sentences (else every word is quoted), ``prompt`` the
    version and hash of what it was told, ``dropped_citations`` how many of its quotes stand
    nowhere. ``writer_reason`` is why another writer than the one that is set wrote, or why the
    model's sentences break off.
    """

    question: str
    language: str
    text: str
    abstained: bool
    reason: str | None
    citations: tuple[Citation, ...]
    hits: tuple[Hit, ...]
    writer: str
    generation: str
    took_ms: dict[str, float] = field(default_factory=dict)
    confidence: float = 0.0
    uncertain: bool = False
    related: tuple[Hit, ...] = ()
    rewritten: str | None = None
    claims: tuple[Claim, ...] = ()
    writer_reason: str | None = None
    prompt: str | None = None
    dropped_citations: int = 0
