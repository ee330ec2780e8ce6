"""Asker: search, write, check every citation, or say that the documents do not answer."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

from corpus import Answer, BadRange, EmptyQuestion, QuestionTooLong
from index import Filters, Index, SearchResult, check_filters
from service.besides import to_read
from service.calibration import shipped
from service.compose import Aloud, Part, can_be_checked, said
from service.confidence import DEPTH, FACT_MISSING, confidence, reason
from service.followup import Rewriter, RuleRewriter, Turn, language_of
from service.wording import abstention
from service.writer import Draft, ExtractiveWriter, Say, Statement, Writer

MOST_HITS = 100
RELATED = 3  # nearest passages shown with an abstention
_EVERYTHING = Filters()


class Asker:
    """Answers questions from one index, or from whichever one ``index()`` gives.

    A request uses a single index from beginning to end, so that it never mixes generations.
    ``question_limit`` is in characters. An answer whose confidence is below ``threshold`` is
    withheld; with 0, only the lack of anything to quote is an abstention. What is quoted with a
    confidence below ``doubt`` is ``uncertain``.
    """

    def __init__(
        self,
        index: Index | Callable[[], Index],
        writer: Writer,
        *,
        question_limit: int = 2_000,
        threshold: float = 0.0,
        doubt: float = 0.0,
        rewriter: Rewriter | None = None,
    ) -> None:
        self._current: Callable[[], Index] = index if callable(index) else lambda: index
        self._writer = writer
        self._question_limit = question_limit
        self._threshold = threshold
        self._doubt = doubt
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
        on_part: Callable[[Part], None] | None = None,
    ) -> Answer:
        """An answer of checked quotations, or an abstention; raises what ``search`` raises.

        ``k`` is how many hits to show: what is answered, and how surely, does not depend on it.
        ``history`` are earlier turns, oldest first: a question that leans on them is searched for
        as ``rewritten`` says. ``on_found`` is told what was found before anything is written, and
        ``on_part`` the text with its citations, as far as it is known for certain while the rest
        is still being written; an exception that either raises ends the work.
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
        say = self._say(result, index, on_part) if on_part is not None else None
        missing = index.lacks_paragraph(asked, filters)
        draft = (
            Draft((), silent=True) if missing else self._draft(asked, result, index, filters, say)
        )
        quotes = [quote for quote in draft.quotes if can_be_checked(quote, index)]
        sure = 0.0 if draft.silent else confidence(result.hits, draft.signals, shipped())
        withheld = not quotes or sure < self._threshold
        text, citations, claims = said([] if withheld else quotes, draft, result.language)
        why = None
        if withheld:  # a writer that read the passages knows better than what retrieval tells
            told = reason(result.hits, draft.signals, shipped())
            why = FACT_MISSING if draft.silent else told
        writer = draft.writer or self._writer.name
        done = perf_counter()
        return Answer(
            question=question,
            language=result.language,
            text=text if why is None else abstention(why, result.language),
            abstained=withheld,
            reason=why,
            citations=citations,
            hits=result.hits[:k],
            writer=writer,
            generation=result.generation,
            took_ms={
                "encode": result.took_ms.get("encode", 0.0),
                "search": result.took_ms.get("search", 0.0),
                "write": (done - found) * 1000,
                "total": (done - started) * 1000,
            },
            confidence=sure,
            uncertain=not withheld and writer == ExtractiveWriter.name and sure < self._doubt,
            related=result.hits[:RELATED] if withheld else (),
            rewritten=asked if asked != question else None,
            claims=claims,
            writer_reason=draft.writer_reason,
            prompt=draft.prompt,
            dropped_citations=draft.dropped,
        )

    def _draft(
        self,
        question: str,
        result: SearchResult,
        index: Index,
        filters: Filters,
        say: Say | None,
    ) -> Draft:
        if not result.hits:
            return Draft(())
        hits = to_read(question, result, index, filters)
        return self._writer.write(question, result.language, hits, result.near, say)

    def _say(self, result: SearchResult, index: Index, on_part: Callable[[Part], None]) -> Say:
        """Tells ``on_part`` what a writer says, unless the answer will be withheld."""
        aloud = Aloud(result.language, index, on_part)

        def say(statement: Statement, signals: Mapping[str, float]) -> None:
            if confidence(result.hits, signals, shipped()) >= self._threshold:
                aloud.say(statement)

        return say

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
