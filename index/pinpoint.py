"""A question that names a document by its symbol or a paragraph by its number, and the passages
that hold it; pure.

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

_ONE = r"\d{1,3}(?:\s?\([a-z]\))?"
_MORE = rf"(?:{_ONE}|\([a-z]\))"  # '33(a) and (b)'
_END = r"(?![\d/(]|[.,]\d)"
_TO = r"[\-–—−‐‑~]|to|through|à|al?|по|до|至|到|إلى|الى|حتى"
_AND = r"[,،](?:\s*(?:and|or|et|ou|y|o|и|или|و))?|[、和及与&]|以及|或|and|or|et|ou|y|e|o|и|или|و|أو"
_FROM = r"(?:(?:from|del?|du|с|от|من)\s+)?"
_BETWEEN = r"(?:\s*段)?\s*"
_SPAN = rf"({_ONE}(?:{_BETWEEN}(?:{_TO})\s*第?\s*{_MORE})?+){_END}"
_LIST = rf"({_ONE}(?:{_BETWEEN}(?:{_TO}|{_AND})\s*第?\s*{_MORE})*+){_END}"
_ITEM = re.compile(rf"(?P<to>{_TO})?\s*第?\s*(?P<one>{_MORE})", re.IGNORECASE)
_PARAGRAPH = re.compile(
    rf"第\s*{_LIST}\s*段(?![视录轨时话])|\A\s*{_LIST}\s*段(?![视录轨时话])"
    rf"|\b(?:para(?:graphe?)?|párrafo|para\.|par\.|párr\.|п\.)\s*{_SPAN}"
    rf"|\b(?:paragraphe?s|paras\.?|párrafos|párrs\.?|pars\.?|пп\.)\s*{_FROM}{_LIST}"
    rf"|\bпункт(?:а|е|у|ом)?\s+{_SPAN}(?!\s*повестк)"
    rf"|\bпункт(?:ы|ах|ов|ам|ами)\s+{_FROM}{_LIST}(?!\s*повестк)"
    rf"|فقرة\s*{_SPAN}|فقر(?:تان|تين|ات)\s*{_FROM}{_LIST}",
    re.IGNORECASE,
)
_MOST = 10  # paragraphs of one question
# Paragraphs of an article are numbered anew in each; and a resolution's number is no symbol.
_OTHERS = re.compile(
    r"\bart(?:icles?|ículos?|\.)|\bстат(?:ья|ьи|ье|ью|ей)\b|المادة|第\s*[\d一二三四五六七八九十]+\s*条"
    r"|r[eé]solu|резолюц|决议|قرار",
    re.IGNORECASE,
)
Span = tuple[int, int]


def paragraphs_named(question: str) -> tuple[str, ...]:
    """The labels of the paragraphs that ``question`` names, in its order: '38', '33(a)'; of '38 to
    40' all three, of '9 to 7' those two; the first ten. Empty when it names none, or those of an
    article or a resolution."""
    text = unicodedata.normalize("NFKC", question)
    if _OTHERS.search(text):
        return ()
    labels: list[str] = []
    for match in _PARAGRAPH.finditer(text):
        before = ""
        for item in _ITEM.finditer(next(group for group in match.groups() if group)):
            label = _label(item["one"], before)
            labels += _between(before, label) if item["to"] else ()
            labels.append(label)
            before = label
    return tuple(dict.fromkeys(labels))[:_MOST]


def _label(written: str, before: str) -> str:
    """Of '33 (A)'; of '(b)' after 33(a) 33(b)."""
    digits, letter, rest = written.lower().replace(" ", "").partition("(")
    return f"{int(digits or before.partition('(')[0])}{letter}{rest}"


def _between(first: str, last: str) -> list[str]:
    """What stands between the ends of a range: numbers, or letters of one number."""
    if first.isdigit() and last.isdigit():
        return [str(n) for n in range(int(first) + 1, min(int(last), int(first) + _MOST))]
    number, _, letter = first.partition("(")
    if letter and last.startswith(f"{number}("):
        return [f"{number}({chr(n)})" for n in range(ord(letter[0]) + 1, ord(last[-2]))]
    return []


def paragraph_spans(question: str) -> list[Span]:
    """Where paragraphs are named by number, in reading order."""
    return [match.span() for match in _PARAGRAPH.finditer(question)]


def names_document(question: str, symbol: str | None) -> bool:
    """Whether ``question`` names the document of this symbol, or none by symbol at all."""
    end = r"(?![A-Za-z0-9/])"  # A/AC.1/1 is not named by A/AC.1/12
    if symbol and symbol in question and re.search(re.escape(symbol) + end, question):
        return True
    return SYMBOL.search(question) is None


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
        """Whether ``question`` names a document that is here, and paragraphs none of which it
        has."""
        labels = paragraphs_named(question)
        named = self._named(question) if labels else frozenset()
        held = (row for label in labels for row in self._held.get(label, []))
        return bool(named) and not any(self._symbols[row] in named for row in held)

    def _named(self, question: str) -> frozenset[str | None]:
        """The symbols of documents that ``question`` names."""
        if SYMBOL.search(question) is None:
            return frozenset()
        return frozenset(symbol for symbol in self._known if names_document(question, symbol))

    def named_first(
        self, question: str, ranked: Fusion, allowed: NDArray[np.int64] | None = None
    ) -> Fusion:
        """``ranked`` with what ``question`` names at its head: the running text of paragraphs and
        of their sub-paragraphs, with the score of the first before, document by document; then
        whatever is of the documents that it names by symbols, with no less than the others' best.

        Paragraphs of a document named by a symbol that is here are there, ranked or not
        (``allowed``, None: all, are the rows that may be); of one that is not here, they are not;
        where none is named, they are those that were ranked.
        """
        labels = paragraphs_named(question)
        named = self._named(question) if SYMBOL.search(question) is not None else None
        if not (labels or named) or not len(ranked):
            return ranked
        place = {row: at for at, row in enumerate(ranked.rows.tolist())}
        head = self._paragraphs(labels, named, place, allowed)
        taken = frozenset(head)
        rest = [at for row, at in place.items() if row not in taken]
        own = [at for at in rest if named and self._symbols[ranked.rows[at]] in named]
        others = sorted(frozenset(rest).difference(own))
        at_head = np.asarray([place.get(row, -1) for row in head], dtype=np.int64)
        after = np.asarray(own + others, dtype=np.int64)
        legs = {
            name: np.concatenate([np.where(at_head < 0, np.nan, scores[at_head]), scores[after]])
            for name, scores in ranked.legs.items()
        }
        least = max(ranked.scores[others].tolist(), default=-np.inf)
        return Fusion(
            np.concatenate([np.asarray(head, dtype=np.int64), ranked.rows[after]]),
            np.concatenate(
                [
                    np.full(len(head), ranked.scores[0]),
                    np.maximum(ranked.scores[own], least),
                    ranked.scores[others],
                ]
            ),
            legs,
        )

    def _paragraphs(
        self,
        labels: Sequence[str],
        named: frozenset[str | None] | None,
        place: Mapping[int, int],
        allowed: NDArray[np.int64] | None,
    ) -> list[int]:
        """The rows of the paragraphs, in documents of the symbols ``named``; None: in any."""
        may = None if allowed is None else frozenset(allowed.tolist())

        def wanted(row: int) -> bool:
            if named is None:
                return row in place
            return self._symbols[row] in named and (may is None or row in may)

        held = {label: self._held.get(label, []) for label in labels}
        kept = {label: [row for row in rows if wanted(row)] for label, rows in held.items()}
        return self._in_order(kept, place)

    def _in_order(self, held: Mapping[str, Sequence[int]], place: Mapping[int, int]) -> list[int]:
        """The rows of each label with their parts, each once: the documents as their best row
        stands in ``place``, a document's in the order of the labels."""
        best: dict[str, int] = {}
        for row in (row for rows in held.values() for row in rows):
            document = self._passages[row].document_id
            at = place.get(row, len(place))
            best[document] = min(best.get(document, at), at)
        found: list[tuple[tuple[int, str, int, int, int], list[int]]] = []
        for nth, (label, rows) in enumerate(held.items()):
            for row in rows:
                document = self._passages[row].document_id
                key = (best[document], document, nth, place.get(row, len(place)), row)
                found.append((key, self._with_parts(row, label)))
        return list(dict.fromkeys(part for _, parts in sorted(found) for part in parts))

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
