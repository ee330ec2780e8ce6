"""What a writer points at, checked and set into text with its citations.

Pure. Offsets count characters of the text, end exclusive.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpus import Citation, Claim, Paragraph
from index import Index
from service.wording import broken_off, lead_in, place, unsupported
from service.writer import Draft, Quote, Statement


@dataclass(frozen=True, slots=True)
class Part:
    """The next piece of an answer's text, which begins at ``start``, and what it cites; offsets of
    citations are into the whole text."""

    start: int
    text: str
    citations: tuple[Citation, ...]


class Wording:
    """A model's sentences set into text one after the other: ``text``, ``citations``, ``claims``
    so far."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.text = ""
        self.citations: list[Citation] = []
        self.claims: list[Claim] = []

    def add(self, statement: Statement, quotes: Sequence[Quote]) -> Part:
        """The sentence, followed by the numbers of ``quotes``, those of its own that were checked;
        without any it says that it is unsupported."""
        before = len(self.text)
        lead = " " if before else ""
        start = before + len(lead)
        end = start + len(statement.text)
        numbers = range(len(self.citations) + 1, len(self.citations) + 1 + len(quotes))
        cited = [_cite(quote, n, start, end) for quote, n in zip(quotes, numbers, strict=True)]
        marks = "".join(f"[{n}]" for n in numbers) or unsupported(self._language)
        added = f"{lead}{statement.text} {marks}"
        self.text += added
        self.citations += cited
        self.claims.append(Claim(start, end, bool(quotes), tuple(numbers)))
        return Part(before, added, tuple(cited))


class Aloud:
    """Tells ``on_part`` of the parts of an answer that is still being written.

    What it tells is how ``said`` begins once all is written: nothing before the first sentence that
    rests on something, since without one there will be another answer.
    """

    def __init__(self, language: str, index: Index, on_part: Callable[[Part], None]) -> None:
        self._wording = Wording(language)
        self._index, self._on_part = index, on_part
        self._held: list[tuple[Statement, list[Quote]]] = []

    def say(self, statement: Statement) -> None:
        quotes = [quote for quote in statement.quotes if can_be_checked(quote, self._index)]
        self._held.append((statement, quotes))
        if quotes or self._wording.text:
            held, self._held = self._held, []
            for each in held:
                self._on_part(self._wording.add(*each))


def can_be_checked(quote: Quote, index: Index) -> bool:
    """Whether the indexed document says exactly this, exactly there, in the passage named."""
    stored = index.documents.get(quote.document.id)
    return (
        stored is not None
        and quote.passage.document_id == stored.id
        and quote.passage.start <= quote.start < quote.end <= quote.passage.end
        and stored.text[quote.start : quote.end] == quote.text
    )


def compose(quotes: Sequence[Quote], language: str) -> tuple[str, tuple[Citation, ...]]:
    """Sets quotes into text, each followed by its number; a line that says where they stand
    comes before those of one paragraph, and names their document only where it is another than
    before. Offsets are in characters of the text."""
    text, before = "", ("", "")
    citations: list[Citation] = []
    for n, quote in enumerate(quotes, start=1):
        paragraph = _paragraph_of(quote)
        label, page = _label_and_page(quote, paragraph)
        where = (quote.document, label, quote.passage.note, page, language)
        stands = (quote.document.id, place(*where))
        if stands == before:
            text += " "
        else:
            line = lead_in(*where, follows=stands[0] == before[0])
            text += ("\n\n" if text else "") + line + "\n"
        before = stands
        citations.append(_cite(quote, n, len(text), len(text) + len(quote.text)))
        text += f"{quote.text} [{n}]"
    return text, tuple(citations)


def said(
    quotes: Sequence[Quote], draft: Draft, language: str
) -> tuple[str, tuple[Citation, ...], tuple[Claim, ...]]:
    """The text of an answer: the draft's statements if it has any, else the checked quotes.

    Statements after which something failed are followed by a line that says so.
    """
    if not (quotes and draft.statements):
        return (*compose(quotes, language), ())
    wording = Wording(language)
    for statement in draft.statements:
        wording.add(statement, [quote for quote in statement.quotes if quote in quotes])
    text = wording.text
    if draft.writer_reason is not None:
        text += f"\n\n{broken_off(language)}"
    return text, tuple(wording.citations), tuple(wording.claims)


def _cite(quote: Quote, n: int, answer_start: int, answer_end: int) -> Citation:
    label, page = _label_and_page(quote, _paragraph_of(quote))
    return Citation(
        n=n,
        quote=quote.text,
        start=quote.start,
        end=quote.end,
        answer_start=answer_start,
        answer_end=answer_end,
        passage=quote.passage,
        document=quote.document,
        paragraph=label,
        page=page,
    )


def _paragraph_of(quote: Quote) -> Paragraph | None:
    return next((p for p in quote.document.paragraphs if p.start <= quote.start < p.end), None)


def _label_and_page(quote: Quote, paragraph: Paragraph | None) -> tuple[str | None, int | None]:
    """Of the paragraph the quote stands in; of the one that calls it, when it is a note."""
    if paragraph is not None:
        return paragraph.label, paragraph.page
    labels = quote.passage.paragraphs
    return (labels[0] if labels else None), quote.passage.page
