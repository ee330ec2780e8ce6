"""Writers: from the passages found to the sentences that answer.

A writer only points: it names spans of documents. ``service.answer`` checks every span, drops
what cannot be checked, and sets the rest into text; so no writer can put words in a document's
mouth.
"""

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Hit, Passage, sentences
from index import Encoder

TOP_PASSAGES = 5  # further down, a sentence is more often off the point than on it
MOST_SENTENCES = 3
_OVERLAP_WEIGHT = 0.5  # beside a cosine in [-1, 1]
_RANK_WEIGHT = 0.2  # for the first passage; the n-th gets an n-th of it
_KEPT_VECTORS = 4_096  # sentences; some megabytes
_FAR_BELOW = 0.75  # a sentence scoring less than this share of the best one is left out
_SAME = 0.8  # Jaccard of terms at which two sentences say the same words
_FEWEST_LETTERS = 12  # fewer is a number, a bullet or a stray heading
_HAN_LETTERS = 2.5  # a Chinese character says about as much as this many letters
_HAN = re.compile(r"[\u3400-\u9fff]")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\u3000-\u303f\u3400-\u9fff]+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_TERM = re.compile(r"[\u3400-\u9fff]+|[^\W_\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Quote:
    """A span claimed to be quoted: ``text`` should be ``document.text[start:end]``."""

    text: str
    start: int
    end: int
    passage: Passage
    document: Document


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer would say, in the order it would say it."""

    quotes: tuple[Quote, ...]


class Writer(Protocol):
    @property
    def name(self) -> str: ...

    def write(self, question: str, language: str, hits: Sequence[Hit]) -> Draft:
        """A draft from ``hits`` (best first); an empty one when they hold no answer."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    quote: Quote
    rank: int
    terms: frozenset[str]


class ExtractiveWriter:
    """Quotes the sentences of the first passages that are nearest to the question."""

    name = "extractive"

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors = _SentenceVectors(encoder)

    def write(self, question: str, language: str, hits: Sequence[Hit]) -> Draft:
        candidates = _candidates(hits)
        if not candidates:
            return Draft(())
        order = _best_first(self._scores(question, candidates))
        return Draft(tuple(_reading_order(_pick(candidates, order))))

    def _scores(self, question: str, candidates: Sequence[_Candidate]) -> list[float]:
        """Per candidate: cosine + weighted overlap with the question + what its rank adds."""
        vectors = self._vectors.of([candidate.quote.text for candidate in candidates])
        cosines = vectors @ self._encoder.encode_queries([question])[0]
        overlaps = _overlaps(_terms(_plain(question)), candidates)
        return [
            float(cosine) + _OVERLAP_WEIGHT * overlap + _RANK_WEIGHT / candidate.rank
            for cosine, overlap, candidate in zip(cosines, overlaps, candidates, strict=True)
        ]


class _SentenceVectors:
    """Encodes in one batch what it has not encoded lately: the same passages are found again and
    again, and encoding their sentences costs more than finding them. Safe among threads."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = Lock()
        self._known: dict[str, NDArray[np.float32]] = {}  # oldest first

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dim) float32, unit rows."""
        with self._lock:
            found = {text: self._known[text] for text in texts if text in self._known}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            fresh = dict(zip(missing, self._encoder.encode_passages(missing), strict=True))
            found |= fresh
            with self._lock:
                self._known |= fresh
                for text in list(self._known)[: max(0, len(self._known) - _KEPT_VECTORS)]:
                    del self._known[text]
        return np.stack([found[text] for text in texts])


def _candidates(hits: Sequence[Hit]) -> list[_Candidate]:
    """Every sentence of the first passages, once; title pages and lists only name, so they wait."""
    telling = [hit for hit in hits if hit.passage.part == "body"] or list(hits)
    found: dict[str, _Candidate] = {}
    for rank, hit in enumerate(telling[:TOP_PASSAGES], start=1):
        for start, end in _sentence_spans(hit.passage, hit.document):
            text = hit.document.text[start:end]
            plain = _plain(text)
            if plain not in found and _letters(plain) >= _FEWEST_LETTERS:
                quote = Quote(text, start, end, hit.passage, hit.document)
                found[plain] = _Candidate(quote, rank, _terms(plain))
    return list(found.values())


def _sentence_spans(passage: Passage, document: Document) -> list[tuple[int, int]]:
    """Spans into ``document.text``; no sentence crosses the border of a paragraph."""
    blocks = [
        (max(paragraph.start, passage.start), min(paragraph.end, passage.end))
        for paragraph in document.paragraphs
        if paragraph.start < passage.end and passage.start < paragraph.end
    ]
    return [
        (block_start + start, block_start + end)
        for block_start, block_end in blocks or [(passage.start, passage.end)]
        for start, end in sentences(document.text[block_start:block_end], document.language)
    ]


def _overlaps(question: frozenset[str], candidates: Sequence[_Candidate]) -> list[float]:
    """Per candidate, the share in [0, 1] of the question's terms it holds, rare ones counting
    more: a term in every candidate tells nothing, one in none could have told most."""
    weights: dict[str, float] = {}
    for term in sorted(question):
        holders = sum(term in candidate.terms for candidate in candidates)
        weights[term] = math.log(1 + len(candidates) / max(1, holders))
    total = sum(weights.values()) or 1.0
    return [
        sum(weight for term, weight in weights.items() if term in candidate.terms) / total
        for candidate in candidates
    ]


def _best_first(scores: Sequence[float]) -> list[int]:
    """Positions of the candidates worth quoting, best first, ties by position."""
    least = max(scores) * _FAR_BELOW
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    return [i for i in order if scores[i] >= least] or order[:1]


def _pick(candidates: Sequence[_Candidate], order: Sequence[int]) -> list[Quote]:
    picked: list[_Candidate] = []
    for candidate in (candidates[i] for i in order):
        if len(picked) == MOST_SENTENCES:
            break
        if not any(_repeats(candidate, earlier) for earlier in picked):
            picked.append(candidate)
    return [candidate.quote for candidate in picked]


def _repeats(a: _Candidate, b: _Candidate) -> bool:
    overlapping_spans = (
        a.quote.document.id == b.quote.document.id
        and a.quote.start < b.quote.end
        and b.quote.start < a.quote.end
    )
    return overlapping_spans or len(a.terms & b.terms) >= _SAME * max(1, len(a.terms | b.terms))


def _reading_order(quotes: Sequence[Quote]) -> list[Quote]:
    """The document of the best quote first; within a document, as it stands there."""
    places: dict[str, int] = {}
    for quote in quotes:
        places.setdefault(quote.document.id, len(places))
    return sorted(quotes, key=lambda quote: (places[quote.document.id], quote.start))


def _terms(plain: str) -> frozenset[str]:
    """Words; Chinese as pairs of neighbouring characters."""
    terms: set[str] = set()
    for run in _TERM.findall(plain):
        if "\u3400" <= run[0] <= "\u9fff" and len(run) > 1:
            terms.update(map(str.__add__, run, run[1:]))
        else:
            terms.add(run)
    return frozenset(terms)


def _plain(text: str) -> str:
    """Without what does not change what is said: addresses, width, case, spacing."""
    return " ".join(_URL.sub(" ", unicodedata.normalize("NFKC", text)).casefold().split())


def _letters(plain: str) -> float:
    """How much is said, in letters of an alphabet."""
    return len(_LETTER.findall(plain)) + (_HAN_LETTERS - 1) * len(_HAN.findall(plain))
