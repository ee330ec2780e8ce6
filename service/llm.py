"""LLMWriter: a model words the answer, this service checks it; else the extractive answer.

Nothing a model says is shown on its word. Its quotes are looked for in the passages and replaced by
what stands there; a sentence without one, or that says what its quotes do not let one check, is
left out or marked. Each is checked as soon as the model has finished it. A model that fails costs
an answer its wording, or, once a sentence stands, what would have followed.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from corpus import Hit
from index import Near
from service.confidence import DEPTH
from service.llm_client import Model
from service.llm_reply import Claimed, ModelFailed, Said, read_reply
from service.prompt import answer_messages, shipped_prompt
from service.prompt_guard import addressed_to_a_model
from service.verify import locate
from service.verify_claims import Ground, may_be_shown, rests_on
from service.writer import Draft, Quote, Say, Statement, Writer

MOST_PASSAGES = 8
MOST_CHARACTERS = 14_000  # of all passages sent: 4,000 to 9,000 tokens, by script
_PIECE, _STEP = 40, 10  # characters of the prompt that are not said by chance
_GAPS = ("[...]", "[…]", "(...)", "(…)", "...", "…")  # how models leave words out of a quote

_log = logging.getLogger(__name__)

Enough = Callable[[Sequence[Hit], Mapping[str, float]], bool]


class LLMWriter:
    """Writes with a model what ``fallback`` would quote; ``fallback``'s draft when that fails.

    ``enough`` tells from hits and signals whether there will be an answer at all: a model is not
    asked to word one that is withheld. ``mark`` keeps unsupported sentences, as such. ``secrets``
    are texts that no answer may hold.
    """

    name = "llm"

    def __init__(
        self,
        model: Model,
        fallback: Writer,
        *,
        enough: Enough | None = None,
        mark: bool = False,
        secrets: Sequence[str] = (),
    ) -> None:
        self._model, self._fallback = model, fallback
        self._enough, self._mark = enough, mark
        self._secrets = (*secrets, *_pieces(shipped_prompt().answer))

    def write(
        self,
        question: str,
        language: str,
        hits: Sequence[Hit],
        near: Near | None = None,
        say: Say | None = None,
    ) -> Draft:
        quoted = self._fallback.write(question, language, hits, near)
        if not quoted.quotes or (self._enough and not self._enough(hits, quoted.signals)):
            return self._instead(quoted, "llm_not_asked")
        read = passages_to_send(hits)
        messages = answer_messages(question, language, read)
        shown: list[Statement] = []
        heard, dropped, failure = 0, 0, None
        try:
            with closing(self._model.stream(messages)) as pieces:
                for said in read_reply(pieces):
                    heard += 1
                    statement, lost = check(said, question, read)
                    dropped += lost
                    if self._shows(statement):
                        shown.append(statement)
                        if say is not None:
                            say(statement, quoted.signals)
        except ModelFailed as failed:
            _log.warning("The model failed, after %d sentences: %s", heard, failed)
            failure = failed.reason
        prompt = shipped_prompt().id
        quotes = tuple(quote for each in shown for quote in each.quotes)
        if quotes:
            return Draft(
                quotes,
                quoted.signals,
                tuple(shown),
                writer_reason=failure,
                prompt=prompt,
                dropped=dropped,
            )
        if not heard and failure is None:
            return Draft((), quoted.signals, silent=True, prompt=prompt)
        _log.warning("The extractive writer answers: nothing can be shown of what the model said.")
        return replace(self._instead(quoted, failure or "llm_unsupported"), dropped=dropped)

    def _shows(self, statement: Statement) -> bool:
        if not may_be_shown(statement.text, self._secrets):
            return False
        if statement.quotes:
            return True
        return self._mark and not addressed_to_a_model(statement.text)

    def _instead(self, quoted: Draft, reason: str) -> Draft:
        return replace(quoted, writer=self._fallback.name, writer_reason=reason)


def passages_to_send(hits: Sequence[Hit]) -> list[Hit]:
    """The first passages of running text and back matter, as many as a model is given; whatever
    there is when there are none. Does not depend on how many hits were asked for."""
    first = hits[:DEPTH]
    found = [hit for hit in first if hit.passage.part in ("body", "back")] or list(first)
    sent: list[Hit] = []
    room = MOST_CHARACTERS
    for hit in found[:MOST_PASSAGES]:
        room -= len(hit.passage.text)
        if sent and room < 0:
            break
        sent.append(hit)
    return sent


def check(said: Said, question: str, read: Sequence[Hit]) -> tuple[Statement, int]:
    """The sentence with those of its quotes that stand where it says they do, none when they do
    not bear it; and how many stand nowhere."""
    located = [_located(claimed, read) for claimed in said.quotes]
    quotes = tuple(dict.fromkeys(quote for found in located for quote in found))
    grounds = [Ground(quote.text, quote.passage, quote.document) for quote in quotes]
    bears = rests_on(said.text, grounds, question)
    return Statement(said.text, quotes if bears else ()), sum(not found for found in located)


def _located(claimed: Claimed, read: Sequence[Hit]) -> list[Quote]:
    """The exact text in the passage it names; in parts where words were left out between them.

    A part that speaks to a model is no ground for anything.
    """
    if not 1 <= claimed.passage <= len(read):
        return []
    hit = read[claimed.passage - 1]
    text = hit.passage.text
    whole = locate(claimed.quote, text)
    spans = [whole] if whole else [locate(part, text) for part in _parts(claimed.quote)]
    found = [span for span in spans if span is not None]
    if len(found) < len(spans):
        return []
    orders = addressed_to_a_model(text)
    if any(start < to and since < end for start, end in found for since, to in orders):
        return []
    return [_quote(hit, start, end) for start, end in found]


def _quote(hit: Hit, start: int, end: int) -> Quote:
    """``start`` and ``end`` count in the passage's text."""
    at, to = hit.passage.start + start, hit.passage.start + end
    return Quote(hit.document.text[at:to], at, to, hit.passage, hit.document)


def _parts(quote: str) -> list[str]:
    """What stands between the gaps; itself when there are none."""
    for gap in _GAPS:
        quote = quote.replace(gap, "\0")
    return [part for part in quote.split("\0") if part.strip()]


def _pieces(prompt: str) -> list[str]:
    """Pieces of which whoever repeats a line of ``prompt`` repeats one."""
    return [prompt[at : at + _PIECE] for at in range(0, len(prompt) - _PIECE, _STEP)]
