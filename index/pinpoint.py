"""A question that names a paragraph by its number, and the passages that hold it; pure.

'What does paragraph 38 of A/AC.105/1235 say?' shares next to no word with what it asks for.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus import SYMBOL, Document, Passage
from index.fuse import Fusion

_NUMBER = r"(\d{1,3}(?:[(（][a-z][)）])?)(?![\d(（])"
_PARAGRAPH = re.compile(
    rf"第\s*{_NUMBER}\s*段|(?<!\d){_NUMBER}\s*段"
    r"|(?:\bpara(?:graph|graphe|s|graphs)?|\bpar|\bpárr(?:afo)?|\bпункт\w*|\bп|الفقرة)\.?\s*"
    + _NUMBER,
    re.IGNORECASE,
)
# Paragraphs of an article are numbered anew in each; treaties are cited otherwise.
_ARTICLE = re.compile(
    r"\bart(?:icles?|ículos?|\.)|стать|المادة|第\s*[\d一二三四五六七八九十]+\s*条", re.IGNORECASE
)


def paragraph_named(question: str) -> str | None:
    """The label of the paragraph that ``question`` names: '38', '33(a)'; None when it names none,
    or one of an article."""
    if _ARTICLE.search(question):
        return None
    found = _PARAGRAPH.search(question)
    if found is None:
        return None
    label: str = next(group for group in found.groups() if group)
    return label.replace("（", "(").replace("）", ")")


class Pinpoint:
    """The paragraphs of an index by their labels; immutable."""

    def __init__(self, passages: Sequence[Passage], documents: Mapping[str, Document]) -> None:
        symbol = {document.id: document.symbol for document in documents.values()}
        self._symbols = [symbol[passage.document_id] for passage in passages]
        self._held: defaultdict[str, list[int]] = defaultdict(list)
        for row, passage in enumerate(passages):
            if passage.note is None:
                for label in passage.paragraphs:
                    self._held[label].append(row)

    def lacks(self, question: str) -> bool:
        """Whether ``question`` names a document that is here, and a paragraph it has not."""
        label = paragraph_named(question)
        if label is None:
            return False
        symbols = set(SYMBOL.findall(question)) & set(self._symbols)
        held = self._held.get(label, [])
        return bool(symbols) and not any(self._symbols[row] in symbols for row in held)

    def named_first(
        self, question: str, ranked: Fusion, allowed: NDArray[np.int64] | None = None
    ) -> Fusion:
        """``ranked`` with the running text of the paragraph that ``question`` names at its head.

        Where it names a document by a symbol that is here, that is all of the document's passages
        with the paragraph, ranked or not (``allowed``, None: all, are the rows that may be); else
        those of them that were ranked. Best first, with the score of the first before.
        """
        label = paragraph_named(question)
        if label is None or not len(ranked):
            return ranked
        place = {row: at for at, row in enumerate(ranked.rows.tolist())}
        symbols = set(SYMBOL.findall(question)) & set(self._symbols)
        held = self._held.get(label, [])
        if symbols:
            may = None if allowed is None else frozenset(allowed.tolist())
            held = [r for r in held if self._symbols[r] in symbols and (may is None or r in may)]
        else:
            held = [row for row in held if row in place]
        head = sorted(held, key=lambda row: (place.get(row, len(place)), row))
        rest = [at for row, at in place.items() if row not in set(head)]
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
