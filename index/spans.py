"""How near each sentence of a passage is to the question, from token vectors already stored.

The tokens of a sentence were encoded within their passage, so they know what 'it' and 'the
Committee' stand for there, and nothing need be encoded to compare them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus import Document, Passage
from index.bounded import Bounded
from index.embed import Encoder, TokenEncoder
from index.late import TokenStore, had
from index.segments import token_places

KEPT_PASSAGES = 2048  # whose token offsets are remembered: some 2 KiB each


class SpanReader:
    """Where the tokens of each passage stand in its document. Safe to use from several threads."""

    def __init__(
        self,
        encoder: TokenEncoder,
        store: TokenStore,
        passages: Sequence[Passage],
        documents: Mapping[str, Document],
    ) -> None:
        self._encoder, self._store = encoder, store
        self._passages, self._documents = passages, documents
        self._kept: Bounded[int, NDArray[np.int64]] = Bounded(KEPT_PASSAGES)

    def scores(
        self, question: NDArray[np.float32], row: int, spans: Sequence[tuple[int, int]]
    ) -> NDArray[np.float32]:
        """(len(spans),) float32: late interaction of the question with the tokens in each span.

        ``question`` is (length, token_dim) float32, each token as long as it weighs; a span is
        code points into the document's text, end exclusive. -1 for a span without a token.
        """
        found = np.full(len(spans), -1, dtype=np.float32)
        cosines = self._store.cosines(question, row)
        weight = np.linalg.norm(question, axis=1)
        weight = weight / max(float(weight.sum()), 1e-9)
        places = self._kept.get_all([row], self._read)[row][: len(cosines)]
        for at, (start, end) in enumerate(spans):
            inside = cosines[: len(places)][(places >= start) & (places < end)]
            if len(inside):
                found[at] = had(inside.max(axis=0)) @ weight
        return found

    def _read(self, rows: Sequence[int]) -> list[NDArray[np.int64]]:
        return [self._places(self._passages[row]) for row in rows]

    def _places(self, passage: Passage) -> NDArray[np.int64]:
        document = self._documents[passage.document_id]
        return token_places(self._encoder, passage, document)


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """What a search knows of its question: ``vector`` (dim,) float32, ``tokens`` (length,
    token_dim) float32, each as long as it weighed in the search."""

    vector: NDArray[np.float32]
    tokens: NDArray[np.float32] | None
    reader: SpanReader | None
    rows: Mapping[str, int]  # passage id -> row

    def spans(self, passage: str, spans: Sequence[tuple[int, int]]) -> NDArray[np.float32] | None:
        """(len(spans),) float32, as ``SpanReader.scores``; None without token vectors."""
        if self.tokens is None or self.reader is None:
            return None
        return self.reader.scores(self.tokens, self.rows[passage], spans)


def span_reader(
    encoder: Encoder,
    store: TokenStore | None,
    passages: Sequence[Passage],
    documents: Mapping[str, Document],
) -> SpanReader | None:
    """None where the encoder or the generation has no token vectors."""
    if store is None or not isinstance(encoder, TokenEncoder):
        return None
    return SpanReader(encoder, store, passages, documents)
