"""Asker: search, write, check every citation, or say that the documents do not answer."""

from collections.abc import Callable, Collection, Sequence
from time import perf_counter

from corpus import (
    Answer,
    BadRange,
    Citation,
    Claim,
    EmptyQuestion,
    Paragraph,
    QuestionTooLong,
)
from index import Filters, Index, SearchResult, check_filters
from service.calibration import shipped
from service.confidence import DEPTH, FACT_MISSING, confidence, reason
from service.followup import Rewriter, RuleRewriter, Turn, language_of
from service.wording import abstention, lead_in, place, unsupported
from service.writer import Draft, Quote, Statement, Writer

MOST_HITS = 100
RELATED = 3  # nearest passages shown with an abstention
_EVERYTHING = Filters()


class Asker:
    """Answers questions from one index, or from whichever one ``index()`` gives.

    A request uses a single index from beginning to end, so that it never mixes generations.
    ``question_limit`` is in characters. An answer whose confidence is below ``threshold`` is
    withheld; with 0, only the lack of anything to quote is an abstention.
    """

    def __init__(
        self,
        index: Index | Callable[[], Index],
        writer: Writer,
        *,
        question_limit: int = 2_000,
        threshold: float = 0.0,
        rewriter: Rewriter | None = None,
    ) -> None:
        self._current: Callable[[], Index] = index if callable(index) else lambda: index
        self._writer = writer
        self._question_limit = question_limit
        self._threshold = threshold
        self._rewriter = rewriter or RuleRewriter()

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

    def check(self, question: str, k: int = 10, filters: Filters = _EVERYTHING) -> None:
        """Raises what ``search`` and ``ask`` would for such a request, and looks for nothing."""
        self._checked(question, k)
        check_filters(filters, self._current().documents)

    def ask(
        self,
        question: str,
        k: int = 10,
        filters: Filters = _EVERYTHING,
        *,
        collapse: bool = True,
        language: str | None = None,
        history: Sequence[Turn] = (),
        on_found: Callable[[SearchResult], None] | None = None,
    ) -> Answer:
        """An answer of checked quotations, or an abstention; raises what ``search`` raises.

        ``k`` is how many hits to show: what is answered, and how surely, does not depend on it.
        ``history`` are earlier turns, oldest first: a question that leans on them is searched for
        as ``rewritten`` says. ``on_found`` is told what was found before anything is written; an
        exception that it raises ends the work.
        """
        started = perf_counter()
        question = self._checked(question, k)
        asked = self._rewriter.standalone(question, history) if history else question
        if asked != question:  # what was added may be in another language
            language = language or language_of(question, history)
        index = self._current()
        result = index.search(
            asked, max(k, DEPTH), filters=filters, collapse=collapse, language=language
        )
        found = perf_counter()
        if on_found is not None:
            on_found(result)
        draft = self._draft(asked, result)
        quotes = [quote for quote in draft.quotes if can_be_checked(quote, index)]
        sure = 0.0 if draft.silent else confidence(result.hits, draft.signals, shipped())
        withheld = not quotes or sure < self._threshold
        text, citations, claims = said([] if withheld else quotes, draft, result.language)
        why = None
        if withheld:  # a writer that read the passages knows better than what retrieval tells
            told = reason(result.hits, draft.signals, shipped())
            why = FACT_MISSING if draft.silent else told
        done = perf_counter()
        return Answer(
            question=question,
            language=result.language,
            text=text if why is None else abstention(why, result.language),
            abstained=withheld,
            reason=why,
            citations=citations,
            hits=result.hits[:k],
            writer=draft.writer or self._writer.name,
            generation=result.generation,
            took_ms={
                "encode": result.took_ms.get("encode", 0.0),
                "search": result.took_ms.get("search", 0.0),
                "write": (done - found) * 1000,
                "total": (done - started) * 1000,
            },
            confidence=sure,
            related=result.hits[:RELATED] if withheld else (),
            rewritten=asked if asked != question else None,
            claims=claims,
            writer_reason=draft.writer_reason,
            prompt=draft.prompt,
            dropped_citations=draft.dropped,
        )

    def _draft(self, question: str, result: SearchResult) -> Draft:
        if not result.hits:
            return Draft(())
        return self._writer.write(question, result.language, result.hits, result.near)

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
        citations.append(_cite(quote, n, len(text), len(text) + len(quote.text)))
        text += f"{quote.text} [{n}]"
    return text, tuple(citations)


def compose_claims(
    statements: Sequence[Statement], quotes: Collection[Quote], language: str
) -> tuple[str, tuple[Citation, ...], tuple[Claim, ...]]:
    """Sets a model's sentences into text, each followed by the numbers of those of its quotes that
    are among ``quotes``, the checked ones; one without any says that it is unsupported."""
    text = ""
    citations: list[Citation] = []
    claims: list[Claim] = []
    for statement in statements:
        own = [quote for quote in statement.quotes if quote in quotes]
        text += " " if text else ""
        start, end = len(text), len(text) + len(statement.text)
        numbers = range(len(citations) + 1, len(citations) + 1 + len(own))
        citations += [_cite(quote, n, start, end) for quote, n in zip(own, numbers, strict=True)]
        claims.append(Claim(start, end, bool(own), tuple(numbers)))
        text += f"{statement.text} "
        text += "".join(f"[{n}]" for n in numbers) or unsupported(language)
    return text, tuple(citations), tuple(claims)


def said(
    quotes: Sequence[Quote], draft: Draft, language: str
) -> tuple[str, tuple[Citation, ...], tuple[Claim, ...]]:
    """The text of an answer: the draft's statements if it has any, else the checked quotes."""
    if quotes and draft.statements:
        return compose_claims(draft.statements, quotes, language)
    return (*compose(quotes, language), ())


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
