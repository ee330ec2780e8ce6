"""Asker: search, write, check every citation, or say that the documents do not answer."""

from collections.abc import Callable, Sequence
from time import perf_counter

from corpus import Answer, BadRange, Citation, EmptyQuestion, Paragraph, QuestionTooLong
from index import Filters, Index, SearchResult
from service.wording import lead_in, nothing_close, place
from service.writer import Quote, Writer

MOST_HITS = 100
NOTHING_CLOSE = "nothing_close"
_EVERYTHING = Filters()


class Asker:
    """Answers questions from one index, or from whichever one ``index()`` gives.

    A request uses a single index from beginning to end, so that it never mixes generations.
    ``question_limit`` is in characters.
    """

    def __init__(
        self, index: Index | Callable[[], Index], writer: Writer, *, question_limit: int = 2_000
    ) -> None:
        self._current: Callable[[], Index] = index if callable(index) else lambda: index
        self._writer = writer
        self._question_limit = question_limit

    def search(
        self,
        query: str,
        k: int = 10,
        filters: Filters = _EVERYTHING,
        *,
        collapse: bool = True,
        language: str | None = None,
    ) -> SearchResult:
        """The ``k`` best passages, best first.

        Raises ``EmptyQuestion``, ``QuestionTooLong``, ``BadRange`` (k), ``BadFilter``.
        """
        query = self._checked(query, k)
        return self._current().search(
            query, k, filters=filters, collapse=collapse, language=language
        )

    def ask(
        self,
        question: str,
        k: int = 10,
        filters: Filters = _EVERYTHING,
        *,
        collapse: bool = True,
        language: str | None = None,
    ) -> Answer:
        """An answer of checked quotations, or an abstention; raises what ``search`` raises."""
        started = perf_counter()
        question = self._checked(question, k)
        index = self._current()
        result = index.search(question, k, filters=filters, collapse=collapse, language=language)
        found = perf_counter()
        quotes = self._quotes(question, result, index)
        text, citations = compose(quotes, result.language)
        done = perf_counter()
        return Answer(
            question=question,
            language=result.language,
            text=text if citations else nothing_close(result.language),
            abstained=not citations,
            reason=None if citations else NOTHING_CLOSE,
            citations=citations,
            hits=result.hits,
            writer=self._writer.name,
            generation=result.generation,
            took_ms={
                "encode": result.took_ms.get("encode", 0.0),
                "search": result.took_ms.get("search", 0.0),
                "write": (done - found) * 1000,
                "total": (done - started) * 1000,
            },
        )

    def _quotes(self, question: str, result: SearchResult, index: Index) -> list[Quote]:
        if not result.hits:
            return []
        draft = self._writer.write(question, result.language, result.hits)
        return [quote for quote in draft.quotes if can_be_checked(quote, index)]

    def _checked(self, question: str, k: int) -> str:
        """The question without surrounding space, and without lone surrogates, which no
        encoder can read and no response can carry."""
        question = question.encode("utf-8", "replace").decode("utf-8").strip()
        if not any(ch.isalnum() for ch in question):
            raise EmptyQuestion
        if len(question) > self._question_limit:
            raise QuestionTooLong(len(question), self._question_limit)
        if not 1 <= k <= MOST_HITS:
            raise BadRange("k", k, 1, MOST_HITS)
        return question


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
    comes before those of one paragraph. Offsets are in characters of the text."""
    text, cited_before = "", None
    citations: list[Citation] = []
    for n, quote in enumerate(quotes, start=1):
        paragraph = _paragraph_of(quote)
        label, page = _label_and_page(quote, paragraph)
        cited_as = place(quote.document, label, quote.passage.note, page, language)
        if cited_as == cited_before:
            text += " "
        else:
            text += ("\n\n" if text else "") + lead_in(cited_as, language) + "\n"
        cited_before = cited_as
        citations.append(
            Citation(
                n=n,
                quote=quote.text,
                start=quote.start,
                end=quote.end,
                answer_start=len(text),
                answer_end=len(text) + len(quote.text),
                passage=quote.passage,
                document=quote.document,
                paragraph=label,
                page=page,
            )
        )
        text += f"{quote.text} [{n}]"
    return text, tuple(citations)


def _paragraph_of(quote: Quote) -> Paragraph | None:
    return next((p for p in quote.document.paragraphs if p.start <= quote.start < p.end), None)


def _label_and_page(quote: Quote, paragraph: Paragraph | None) -> tuple[str | None, int | None]:
    """Of the paragraph the quote stands in; of the one that calls it, when it is a note."""
    if paragraph is not None:
        return paragraph.label, paragraph.page
    labels = quote.passage.paragraphs
    return (labels[0] if labels else None), quote.passage.page
