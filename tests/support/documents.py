"""Documents for tests, made from a few lines instead of a file."""

from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

from corpus import Document, Heading, Note, Paragraph


@dataclass
class Builder:
    """Adds headings, paragraphs and notes in reading order; ``build`` puts the notes last.

    >>> builder = Builder("d1", language="en")
    >>> builder.heading("I. Scope").paragraph("1. It applies.", "1", notes={"1": "See above."})
    """

    id: str
    language: str = "en"
    text: str = ""
    path: tuple[str, ...] = ()
    headings: list[Heading] = field(default_factory=list)
    paragraphs: list[Paragraph] = field(default_factory=list)
    called: list[tuple[int, str, str]] = field(default_factory=list)

    def heading(self, text: str, level: int = 1) -> "Builder":
        start, end = self._add(text)
        self.headings.append(Heading(level, text, start, end))
        self.path = (*self.path[: level - 1], text)
        return self

    def paragraph(
        self,
        text: str,
        label: str | None = None,
        *,
        notes: dict[str, str] | None = None,
        part: str = "body",
        page: int | None = None,
        marker: str = "",
    ) -> "Builder":
        """``marker``: the label as printed, which stands before the paragraph's span."""
        start, end = self._add(marker + text)
        start += len(marker)
        self.paragraphs.append(Paragraph(label, self.path, start, end, page, text, (), part))
        for mark, note in (notes or {}).items():
            self.called.append((len(self.paragraphs) - 1, mark, note))
        return self

    def build(self, **changes: object) -> Document:
        """``changes`` replace any field: work, symbol, publisher, date …"""
        notes = []
        paragraphs = list(self.paragraphs)
        for index, mark, text in self.called:
            note = Note(mark, text, *self._add(text))
            notes.append(note)
            caller = paragraphs[index]
            paragraphs[index] = replace(caller, notes=(*caller.notes, note))
        document = Document(
            id=self.id,
            work=self.id,
            file=f"{self.id}.txt",
            sha256=sha256(self.text.encode()).hexdigest(),
            symbol=None,
            title=f"Report {self.id}",
            date=None,
            publisher=None,
            language=self.language,
            url=None,
            licence=None,
            text=self.text,
            paragraphs=tuple(paragraphs),
            headings=tuple(self.headings),
            notes=tuple(notes),
        )
        return replace(document, **changes)

    def _add(self, text: str) -> tuple[int, int]:
        self.text += "\n" if self.text else ""
        start = len(self.text)
        self.text += text
        return start, len(self.text)


def small_corpus() -> tuple[Document, ...]:
    """A work in English and French, and another in Chinese; every paragraph has its own words."""
    english = (
        Builder("orbits.en", "en")
        .heading("I. Debris")
        .paragraph("1. Debris in low orbit endangers every active satellite. " * 4, "1")
        .paragraph("2. Operators should register launches with the secretariat. " * 4, "2")
        .heading("II. Radio")
        .paragraph(
            "3. Interference with radio signals is forbidden. " * 5, "3", notes={"1": "Sic."}
        )
        .build(
            work="orbits",
            symbol="A/XX.1/77",
            publisher="Assembly",
            date=date(2020, 5, 1),
        )
    )
    french = (
        Builder("orbits.fr", "fr")
        .heading("I. Débris")
        .paragraph("1. Les débris en orbite basse menacent chaque satellite actif. " * 4, "1")
        .paragraph("2. Les exploitants devraient immatriculer leurs lancements. " * 4, "2")
        .heading("II. Radio")
        .paragraph("3. Le brouillage des signaux est interdit. " * 5, "3", notes={"1": "Ainsi."})
        .build(
            work="orbits",
            symbol="A/XX.1/77",
            publisher="Assembly",
            date=date(2020, 5, 1),
        )
    )
    chinese = (
        Builder("moon.zh", "zh")
        .heading("一. 月球")
        .paragraph("1. 月球资源的利用应当造福全人类。" * 6, "1")
        .paragraph("2. 各国应当公布其月球任务的信息。" * 6, "2")
        .build(work="moon", symbol="B/2021/9", publisher="Council", date=date(2021, 3, 4))
    )
    return english, french, chinese
