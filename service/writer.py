"""Writers: from the passages found to the sentences that answer.

A writer only points: it names spans of documents. ``service.answer`` checks every span, drops
what cannot be checked, and sets the rest into text; so no writer can put words in a document's
mouth.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Hit, Passage
from index import Bounded, Encoder, Near
from service.answer_type import Reading, Wanted, holds, may_be_heard, wanted
from service.calibration import Calibration, shipped
from service.confidence import DEPTH, NAMED
from service.extract import MOST_ENCODED, chances, choose, features
from service.pool import (
    MOST_SENTENCES,
    TOP_PASSAGES,
    Candidate,
    Run,
    candidates,
    of_paragraphs,
    openings,
    telling,
)
from service.sentences import SentenceReader
from service.years import has_year

_ATTENDED = "attended"
_BY_WORD = ("author", _ATTENDED)  # types of which only a sentence with the very words will do
_KEPT_VECTORS = 16_384  # sentences; at 384 dimensions 24 MiB


@dataclass(frozen=True, slots=True)
class Quote:
    """A span claimed to be quoted: ``text`` should be ``document.text[start:end]``."""

    text: str
    start: int
    end: int
    passage: Passage
    document: Document


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence in the writer's own words, and the quotes it rests on: none if unsupported."""

    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer would say, in the order it would say it.

    ``signals`` tell, by name, how sure it can be (``service.confidence``); a writer that knows
    none leaves them out, and one that builds on another's draft passes them on. ``statements``,
    where there are any, are said instead of ``quotes``; ``silent`` means that the writer read the
    passages and found no answer. ``writer`` names who wrote, when it is not the one asked, and
    ``writer_reason`` why; with ``statements`` it is why there are no more of them. ``prompt`` is
    that of a model, ``dropped`` counts its quotes that could not be located.
    """

    quotes: tuple[Quote, ...]
    signals: Mapping[str, float] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    silent: bool = False
    writer: str | None = None
    writer_reason: str | None = None
    prompt: str | None = None
    dropped: int = 0


Say = Callable[[Statement, Mapping[str, float]], None]


class Writer(Protocol):
    @property
    def name(self) -> str: ...

    def write(
        self,
        question: str,
        language: str,
        hits: Sequence[Hit],
        near: Near | None = None,
        say: Say | None = None,
    ) -> Draft:
        """A draft from ``hits`` (best first); an empty one when they hold no answer.

        ``near``: what the search knows of the question already. A writer that takes its time tells
        ``say`` each statement of its draft as soon as it stands, in order, with the draft's
        signals; the draft is the same when nobody is told.
        """
        ...


@dataclass(frozen=True, slots=True)
class Weighed:
    """The sentences among which to choose, and what is known of each: (n, FEATURES) float64;
    where they are of paragraphs that the question names, ``named`` has those of each."""

    asked: Wanted
    pool: tuple[Candidate, ...]
    table: NDArray[np.float64]
    named: tuple[tuple[Candidate, ...], ...] = ()


class ExtractiveWriter:
    """Quotes the sentences of the first passages that are likeliest to answer the question."""

    name = "extractive"

    def __init__(self, encoder: Encoder, calibration: Calibration | None = None) -> None:
        self._encoder = encoder
        self._weights = (calibration or shipped()).sentence
        self._reader = SentenceReader()
        self._vectors: Bounded[str, NDArray[np.float32]] = Bounded(_KEPT_VECTORS)

    def write(
        self,
        question: str,
        language: str,
        hits: Sequence[Hit],
        near: Near | None = None,
        say: Say | None = None,
    ) -> Draft:
        return draft(self.weigh(question, language, hits, near), self._weights)

    def weigh(
        self,
        question: str,
        language: str,
        hits: Sequence[Hit],
        near: Near | None = None,
    ) -> Weighed:
        """The sentences of the first passages, with the features that decide between them."""
        asked = wanted(question, language)
        by_word = any(type in asked.types for type in _BY_WORD)
        read = telling(
            hits, titles="author" in asked.types, most=2 * DEPTH if by_word else TOP_PASSAGES
        )
        pool = candidates(read, self._reader.of(read))
        named = of_paragraphs(pool, question)
        pool = list(chain.from_iterable(named)) or _on_point(pool, asked) or pool
        if not pool:
            return Weighed(asked, (), np.zeros((0, 0)))
        if near is not None and near.tokens is not None:
            chosen, table = features(question, language, asked, pool, partial(_compared, near))
        else:
            vector = self._encoder.encode_queries([question])[0] if near is None else near.vector
            some = partial(self._encoded, vector)
            chosen, table = features(question, language, asked, pool, some, most=MOST_ENCODED)
        return Weighed(asked, tuple(chosen), table, tuple(map(tuple, named)))

    def _encoded(
        self, vector: NDArray[np.float32], pool: Sequence[Candidate]
    ) -> NDArray[np.float64]:
        """(n,): cosines with the question; sentences in one batch, but for those read lately."""
        texts = [candidate.sentence.without_address for candidate in pool]
        known = self._vectors.get_all(texts, self._encoder.encode_passages)
        return (np.stack([known[text] for text in texts]) @ vector).astype(np.float64)


def _on_point(pool: Sequence[Candidate], asked: Wanted) -> list[Candidate]:
    """Those that say who wrote something, or name a State that may have been there, if that is
    asked for: a line of a title page, a list of States are near to no question."""
    for type in _BY_WORD:
        if type in asked.types:
            return [one for one in pool if holds(type, one.sentence.reading, asked)]
    return []


def _compared(near: Near, pool: Sequence[Candidate]) -> NDArray[np.float64]:
    """(n,): late interaction of the question with each sentence, as it stands in its passage."""
    found = np.zeros(len(pool))
    of_passage: dict[str, list[int]] = {}
    for at, candidate in enumerate(pool):
        of_passage.setdefault(candidate.hit.passage.id, []).append(at)
    for passage, places in of_passage.items():
        spans = [(pool[at].sentence.start, pool[at].sentence.end) for at in places]
        found[places] = near.spans(passage, spans)
    return found


def draft(weighed: Weighed, weights: Mapping[str, float]) -> Draft:
    """The quotes that ``weights`` choose, with the signals of how sure the choice is."""
    if not weighed.pool:
        return Draft((), _signals(weighed.asked, (), (), 0.0))
    chance = chances(weighed.table, weights)
    held = sum(map(len, weighed.named))
    if len(weighed.named) > 1 or 0 < held <= MOST_SENTENCES or (held and weighed.asked.whole):
        runs = openings(weighed.named)
    else:
        runs = choose(weighed.pool, chance, weighed.asked)
    cosine = float(weighed.table[int(np.argmax(chance)), 0])
    signals = _signals(weighed.asked, runs, weighed.pool, cosine)
    signals[NAMED] = float(bool(weighed.named))
    silent = not weighed.named and _beside_the_point(weighed.asked, runs)
    return Draft(tuple(map(_quote, runs)), signals, silent=silent)


def _beside_the_point(asked: Wanted, runs: Sequence[Run]) -> bool:
    """Whether neither the passages quoted nor their headings and titles name the State whose
    position is asked for, what they hold being then another's, or one that may have been there; or
    their documents none of the years that are."""
    hits = [run.members[0].hit for run in runs]
    told = ((hit.passage.text, *hit.passage.heading, hit.document.title) for hit in hits)
    if hits and not may_be_heard(chain.from_iterable(told), asked):
        return True
    dated = ((hit.document.text, hit.document.title, str(hit.document.date)) for hit in hits)
    if hits and not has_year(chain.from_iterable(dated), asked.years):
        return True
    readings = (member.sentence.reading for run in runs for member in run.members)
    return _ATTENDED in asked.types and not any(holds(_ATTENDED, each, asked) for each in readings)


def _quote(run: Run) -> Quote:
    first, last = run.members[0], run.members[-1]
    start, end = first.sentence.start, last.sentence.end
    document = first.hit.document
    return Quote(document.text[start:end], start, end, first.hit.passage, document)


def _signals(
    asked: Wanted, runs: Sequence[Run], pool: Sequence[Candidate], cosine: float
) -> dict[str, float]:
    """Per name; docs/answers.md says what each means."""
    quoted = [member.sentence.reading for run in runs for member in run.members]
    near = [candidate.sentence.reading for candidate in pool]

    def missing(type: str, among: Sequence[Reading]) -> bool:
        return not any(holds(type, reading, asked) for reading in among)

    exact = asked.exact
    return {
        "exact": float(len(exact)),
        "unmet": float(sum(missing(type, quoted) for type in exact)),
        "absent": float(sum(missing(type, near) for type in exact)),
        "chance": max((run.chance for run in runs), default=0.0),
        "cosine": cosine,
    }
