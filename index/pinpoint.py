"""A question that names a paragraph by its number, and the passages that hold it; pure.

'What does paragraph 38 of A/AC.105/1235 say?' shares next to no word with what it asks for.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus import SYMBOL, Document, Passage
from index.fuse import Fusion

_NUMBER = r"(\d{1,3}(?:\s?\([a-z]\))?)(?![\d/(]|[.,]\d)"
_PARAGRAPH = re.compile(
    rf"第\s*{_NUMBER}\s*段(?![视录轨时话])|\A\s*{_NUMBER}\s*段(?![视录轨时话])"
    rf"|\b(?:para(?:graphe?)?|párrafo|para\.|par\.|párr\.|п\.)\s*{_NUMBER}"
    rf"|\bпункт(?:а|е|у|ом)?\s+{_NUMBER}(?!\s*повестк)|فقرة\s*{_NUMBER}",
    re.IGNORECASE,
)
# Paragraphs of an article are numbered anew in each; and a resolution's number is no symbol.
_OTHERS = re.compile(
    r"\bart(?:icles?|ículos?|\.)|\bстат(?:ья|ьи|ье|ью|ей)\b|المادة|第\s*[\d一二三四五六七八九十]+\s*条"
    r"|r[eé]solu|резолюц|决议|قرار",
    re.IGNORECASE,
)
Span = tuple[int, int]


def paragraph_named(question: str) -> str | None:
    """The label of the paragraph that ``question`` names: '38', '33(a)'; None when it names none
    or several, or one of an article or of a resolution."""
    text = unicodedata.normalize("NFKC", question)
    if _OTHERS.search(text):
        return None
    found = {_label(match) for match in _PARAGRAPH.finditer(text)}
    return found.pop() if len(found) == 1 else None


def paragraph_spans(question: str) -> list[Span]:
    """Where paragraphs are named by number, in reading order."""
    return [match.span() for match in _PARAGRAPH.finditer(question)]


def names_document(question: str, symbol: str | None) -> bool:
    """Whether ``question`` names the document of this symbol, or none by symbol at all."""
    end = r"(?![A-Za-z0-9/])"  # A/AC.1/1 is not named by A/AC.1/12
    if symbol and symbol in question and re.search(re.escape(symbol) + end, question):
        return True
    return SYMBOL.search(question) is None


def _label(match: re.Match[str]) -> str:
    number: str = next(group for group in match.groups() if group)
    digits, letter, rest = number.lower().replace(" ", "").partition("(")
    return f"{int(digits)}{letter}{rest}"


def is_part(label: str, other: str) -> bool:
    """Whether a label is that of ``other`` or of a part of it: 33(a) of 33, and not 330."""
    return label.startswith(other) and not label[len(other) : len(other) + 1].isdecimal()


class Pinpoint:
    """The paragraphs of an index by their labels; immutable."""

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document]) -> None:
        symbol = {document.id: document.symbol for document in documents.values()}
        self._passages, self._symbols = passages, [symbol[p.document_id] for p in passages]
        self._known = frozenset(symbol.values()) - {None}
        self._held: defaultdict[str, list[int]] = defaultdict(list)
        for row, passage in enumerate(passages):
            if passage.note is None:
                for label in passage.paragraphs:
                    self._held[label].append(row)

    def lacks(self, question: str) -> bool:
        """Whether ``question`` names a document that is here, and a paragraph it has not."""
        label = paragraph_named(question)
        named = self._named(question) if label is not None else frozenset()
        held = self._held.get(label or "", [])
        return bool(named) and not any(self._symbols[row] in named for row in held)

    def _named(self, question: str) -> frozenset[str | None]:
        """The symbols of documents that ``question`` names."""
        if SYMBOL.search(question) is None:
            return frozenset()
        return frozenset(symbol for symbol in self._known if names_document(question, symbol))

    def named_first(
        self, question: str, ranked: Fusion, allowed: NDArray[np.int64] | None = None
    ) -> Fusion:
        """``ranked`` with the running text of the paragraph that ``question`` names at its head,
        and of its sub-paragraphs.

        Where it names a document by a symbol that is here, that is what the document holds of it,
        ranked or not (``allowed``, None: all, are the rows that may be); by one that is not here:
        nothing; by none: what was ranked. Best first, with the score of the first before.
        """
        label = paragraph_named(question)
        if label is None or not len(ranked):
            return ranked
        place = {row: at for at, row in enumerate(ranked.rows.tolist())}
        held = self._held.get(label, [])
        if SYMBOL.search(question) is not None:
            named = self._named(question)
            held = [row for row in held if self._symbols[row] in named]
            if allowed is not None:
                held = np.asarray(held, dtype=np.int64)[np.isin(held, allowed)].tolist()
        else:
            held = [row for row in held if row in place]
        head = sorted(held, key=lambda row: (place.get(row, len(place)), row))
        head = list(dict.fromkeys(part for row in head for part in self._with_parts(row, label)))
        taken = frozenset(head)
        rest = [at for row, at in place.items() if row not in taken]
        at_head = np.asarray([place.get(row, -1) for row in head], dtype=np.int64)
        legs = {
            name: np.concatenate([np.where(at_head < 0, np.nan, scores[at_head]), scores[rest]])
            for name, scores in ranked.legs.items()
        }
        return Fusion(
            np.concatenate([np.asarray(head, dtype=np.int64), ranked.rows[rest]]),
            np.concatenate([np.full(len(head), ranked.scores[0]), ranked.scores[rest]]),
            legs,
        )

    def _with_parts(self, row: int, label: str) -> list[int]:
        """The row, and those after it in its document that hold parts of its paragraph."""
        document, found = self._passages[row].document_id, [row]
        for after in range(row + 1, len(self._passages)):
            passage = self._passages[after]
            own = passage.document_id == document and passage.note is None
            if not own or not any(is_part(each, label) for each in passage.paragraphs):
                break
            found.append(after)
        return found
