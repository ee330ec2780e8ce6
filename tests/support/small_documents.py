"""Documents written out in a test, whose spans are right by construction, and hits on them."""

from collections.abc import Sequence
from datetime import date

from corpus import Document, Hit, Note, Paragraph, Passage


def small_document(
    id: str,
    *paragraphs: str,
    language: str = "en",
    symbol: str | None = None,
    note: str | None = None,
    page: int | None = None,
    labelled: bool = True,
) -> Document:
    """Paragraphs labelled 1, 2, …, one a line; ``note``, when given, is called by the last."""
    made: list[Paragraph] = []
    text = ""
    for number, body in enumerate(paragraphs, 1):
        start, text = len(text), text + body + "\n"
        label = str(number) if labelled else None
        made.append(Paragraph(label, (), start, start + len(body), page, body))
    notes: tuple[Note, ...] = ()
    if note is not None:
        notes = (Note("7", note, len(text), len(text) + len(note)),)
        text += note + "\n"
        last = made[-1]
        made[-1] = Paragraph(last.label, (), last.start, last.end, page, last.text, notes)
    return Document(
        id=id,
        work=id.split(".")[0],
        file=f"{id}.txt",
        sha256="0" * 64,
        symbol=symbol,
        title=f"Title of {id}",
        date=date(2021, 7, 9),
        publisher=None,
        language=language,
        url=None,
        licence=None,
        text=text,
        paragraphs=tuple(made),
        notes=notes,
    )


def hits_on(*documents: Document, part: str = "body") -> list[Hit]:
    """One hit a document, in the order given, on a passage that covers its paragraphs."""
    return [_hit(rank, document, part) for rank, document in enumerate(documents, 1)]


def note_hit(document: Document) -> Hit:
    """A hit on the passage of the document's only note."""
    note = document.notes[0]
    labels = tuple(p.label for p in document.paragraphs if note in p.notes and p.label)
    passage = Passage(
        f"{document.id}:note",
        document.id,
        1,
        note.start,
        note.end,
        note.text,
        (),
        labels,
        None,
        note=note.label,
    )
    return Hit(1, 1.0, {}, passage, document)


def _hit(rank: int, document: Document, part: str) -> Hit:
    first, last = document.paragraphs[0], document.paragraphs[-1]
    labels: Sequence[str] = [p.label for p in document.paragraphs if p.label]
    passage = Passage(
        f"{document.id}:0",
        document.id,
        0,
        first.start,
        last.end,
        document.text[first.start : last.end],
        (),
        tuple(labels),
        first.page,
        part=part,
    )
    return Hit(rank, 1.0 / rank, {"dense": 1.0 / rank}, passage, document)
