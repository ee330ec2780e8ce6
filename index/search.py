"""Question -> hits, over one open generation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from corpus import (
    BadFilter,
    BadRange,
    Document,
    EmptyQuestion,
    Hit,
    IndexUnavailable,
    Passage,
    UnknownDocument,
    UnknownPassage,
    Work,
    detect_language,
)
from index import generation
from index.chunk import embedding_text
from index.collapse import Versions, collapse, versions_of
from index.dense import DenseIndex
from index.embed import Encoder, TokenEncoder
from index.filters import Filters, matching_rows
from index.fuse import Fusion, FusionSettings, Ranking, evidence, fuse
from index.late import TokenStore
from index.lexical import LexicalIndex
from index.numbered import paragraphs_named
from index.opening import check_encoder, load
from index.pinpoint import Pinpoint
from index.rerank import LATE, RERANKER, SENTENCE, Reranker, RerankSettings, reranked
from index.result import SearchResult
from index.spans import Near, SpanReader, span_reader
from index.views import asides, beside, places, works_of

LEGS = ("dense", "lexical")
MOST_HITS = 100  # and the least depth to which each leg is asked
MOST_NEIGHBOURS = 50  # passages before, and after
_DEPTH_PER_HIT = 5  # candidates of each leg for one hit asked for


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """One generation, open; nothing in it changes, so any number of threads may search it.

    ``documents`` and ``works`` are by id, in order of id; a passage's place in ``passages`` is
    its row in both legs.
    """

    generation: str
    documents: Mapping[str, Document]
    works: Mapping[str, Work]
    passages: Sequence[Passage]
    encoder: Encoder
    _data: Path
    _dense: DenseIndex
    _lexical: LexicalIndex
    _late: TokenStore | None
    _spans: SpanReader | None
    _versions: Versions
    _row_of: Mapping[str, int]
    _owners: NDArray[np.int64]  # (passages,): the place in ``documents`` of each one's document
    _places: NDArray[np.int64]  # (passages,): the place of each one's id among all ids, sorted
    _pinpoint: Pinpoint
    _asides: NDArray[np.float32]  # (passages,): 1 for notes and back matter, 0 for the rest
    fusion: FusionSettings = field(default_factory=FusionSettings)
    rerank: RerankSettings = field(default_factory=RerankSettings)
    reranker: Reranker | None = None  # instead of late interaction

    @classmethod
    def open(
        cls,
        data: Path,
        encoder: Encoder,
        *,
        verify: bool = True,
        rerank: RerankSettings = RerankSettings(),  # noqa: B008  (frozen)
        reranker: Reranker | None = None,
    ) -> "Index":
        """The current generation under ``data``; ``verify`` checks every file's checksum.

        Raises IndexMissing, IndexCorrupt, or EncoderMismatch when it was built with another
        encoder than ``encoder``.
        """
        loaded = load(data, verify=verify)
        check_encoder(loaded, encoder)
        documents, passages = loaded.documents, loaded.passages
        works = works_of(documents)
        place = {id: at for at, id in enumerate(documents)}
        return cls(
            generation=loaded.pointer.name,
            documents=documents,
            works=works,
            passages=passages,
            encoder=encoder,
            _data=data,
            _dense=loaded.dense,
            _lexical=loaded.lexical,
            _late=loaded.late,
            _spans=span_reader(encoder, loaded.late, passages, documents),
            _versions=Versions.of(passages, documents, works),
            _row_of={passage.id: row for row, passage in enumerate(passages)},
            _owners=np.asarray([place[p.document_id] for p in passages], dtype=np.int64),
            _places=places([passage.id for passage in passages]),
            _pinpoint=Pinpoint(passages, documents),
            _asides=asides(passages),
            rerank=rerank,
            reranker=reranker,
        )

    @property
    def reranked_by(self) -> str | None:
        """``LATE`` for late interaction, a reranker's own name, or None when nothing reorders."""
        if not self.rerank.depth:
            return None
        if self.reranker is not None:
            return self.reranker.name
        tokens = self._late is not None and isinstance(self.encoder, TokenEncoder)
        return LATE if tokens and (self.rerank.weight or self.rerank.sentence) else None

    def is_current(self) -> bool:
        """Whether no newer generation was published; reads one short file.

        A pointer that cannot be read names no newer one: True.
        """
        try:
            return generation.current(self._data).name == self.generation
        except IndexUnavailable:
            return True

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        filters: Filters = Filters(),  # noqa: B008  (frozen)
        collapse: bool = True,
        language: str | None = None,
        legs: tuple[str, ...] = LEGS,
        rerank: bool = True,
    ) -> SearchResult:
        """The ``k`` best passages, 1 to 100, best first; ties by passage id.

        ``language`` is the query's (None: detected). ``collapse`` shows one language version of
        a paragraph, in the query's language where the corpus has it, else English, else the one
        that ranks best. ``rerank`` lets the reranker, if there is one, reorder what both legs
        together found, and puts the paragraph that the query names first; a leg alone is left as
        it is. Raises EmptyQuestion, BadRange, BadFilter.
        """
        began = perf_counter()
        self._check(query, k, legs)
        rows = matching_rows(filters, self.documents, self._owners)
        language = language or detect_language(query)
        encoding = perf_counter()
        rerank = rerank and set(legs) == set(LEGS)
        vector, tokens = self._encoded(query) if "dense" in legs else (None, None)
        searching = perf_counter()
        depth = max(MOST_HITS, _DEPTH_PER_HIT * k)
        ranked = self._ranked(query, language, vector, depth, rows, lexical="lexical" in legs)
        if rerank:
            ranked, tokens = self._reranked(query, tokens, ranked)
            ranked = self._pinpoint.named_first(query, ranked, rows)
        hits = self._hits(ranked, k, collapse, language, rows)
        ended = perf_counter()
        took = {"encode": searching - encoding, "search": ended - searching, "total": ended - began}
        took = {name: 1000 * seconds for name, seconds in took.items()}
        near = None if vector is None else Near(vector, tokens, self._spans, self._row_of)
        return SearchResult(query, language, hits, took, self.generation, near)

    def lacks_paragraph(self, query: str, filters: Filters = Filters()) -> bool:  # noqa: B008
        """Whether ``query`` names paragraphs that the documents it names have not, or where it
        names none, no document."""
        if not paragraphs_named(query):
            return False
        return self._pinpoint.lacks(query, matching_rows(filters, self.documents, self._owners))

    def document(self, id: str) -> Document:
        """Raises UnknownDocument."""
        if id not in self.documents:
            raise UnknownDocument(id)
        return self.documents[id]

    def passage(self, id: str) -> Passage:
        """Raises UnknownPassage."""
        return self.passages[self._row(id)]

    def neighbours(
        self, passage_id: str, n: int
    ) -> tuple[tuple[Passage, ...], tuple[Passage, ...]]:
        """Up to ``n`` passages before and after, in reading order, in the same document.

        Neighbours of running text are running text, those of a note are notes. Raises
        UnknownPassage, and BadRange for ``n`` outside 0 to 50.
        """
        if not 0 <= n <= MOST_NEIGHBOURS:
            raise BadRange("context", n, 0, MOST_NEIGHBOURS)
        return beside(self.passages, self._row(passage_id), n)

    def _row(self, id: str) -> int:
        if id not in self._row_of:
            raise UnknownPassage(id)
        return self._row_of[id]

    def _check(self, query: str, k: int, legs: tuple[str, ...]) -> None:
        if not query.strip():
            raise EmptyQuestion
        if not 1 <= k <= MOST_HITS:
            raise BadRange("k", k, 1, MOST_HITS)
        unknown = [leg for leg in legs if leg not in LEGS]
        if unknown or not legs:
            why = f"unknown value '{unknown[0]}'" if unknown else "it is empty"
            raise BadFilter("legs", f"{why}. Allowed: {', '.join(LEGS)}.")

    def _encoded(self, query: str) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """The question's vector and, where passages have them too, its tokens'."""
        if self._late is not None and isinstance(self.encoder, TokenEncoder):
            return self.encoder.encode_query_tokens(query)
        return self.encoder.encode_queries([query])[0], None

    def _reranked(
        self, query: str, tokens: NDArray[np.float32] | None, found: Fusion
    ) -> tuple[Fusion, NDArray[np.float32] | None]:
        """The new order, and the question's tokens as they were weighed for it."""
        rows = found.rows[: self.rerank.depth]
        if self.reranker is not None and len(rows):
            read = [self.passages[row] for row in rows.tolist()]
            texts = [embedding_text(each, self.documents[each.document_id]) for each in read]
            new = {RERANKER: self.reranker.scores(query, texts)}
            return reranked(found, new, {RERANKER: 1.0}, keep=0.0, ties=self._places), tokens
        if tokens is None or self._late is None or self.reranked_by != LATE:
            return found, tokens
        late, by = self._late.scores(tokens, rows), self.rerank
        new = {LATE: late.whole, SENTENCE: late.sentence}
        weights = {LATE: by.weight, SENTENCE: by.sentence}
        return reranked(found, new, weights, ties=self._places), late.question

    def _ranked(
        self,
        query: str,
        language: str,
        vector: NDArray[np.float32] | None,
        depth: int,
        rows: NDArray[np.int64] | None,
        *,
        lexical: bool,
    ) -> Fusion:
        """Candidates, best first, of the legs asked: dense with ``vector``, ``lexical``."""
        none = Ranking(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32))
        words = none
        if lexical:
            words = evidence(self._lexical.search(query, language, depth, rows))
        near = none
        if vector is not None and vector.any():
            found, scores = self._dense.search(vector, depth, rows)
            # What only the other leg found has a cosine too: no need to guess it.
            missing = np.ones(len(self.passages), dtype=bool)
            missing[found] = False
            others = np.sort(words.rows[missing[words.rows]])
            scores = np.concatenate([scores, self._dense.scores(vector, others)])
            near = Ranking(np.concatenate([found, others]), scores)
        by, costs = self.fusion, self.fusion.aside_cost * self._asides
        return fuse(near, words, method=by.method, weight=by.weight, costs=costs, ties=self._places)

    def _hits(
        self,
        ranked: Fusion,
        k: int,
        collapsing: bool,
        language: str,
        rows: NDArray[np.int64] | None,
    ) -> tuple[Hit, ...]:
        order: list[int] = ranked.rows.tolist()
        shown = [(row, row) for row in order[:k]]
        if collapsing:
            shown = collapse(
                order,
                self._versions,
                self.passages,
                self.documents,
                prefer=(language, "en"),
                allowed=None if rows is None else frozenset(rows.tolist()),
                most=k,
            )
        place = {row: at for at, row in enumerate(order)}
        hits = []
        for rank, (row, best) in enumerate(shown, 1):
            passage = self.passages[row]
            scores = ranked[place[row if row in place else best]].scores
            document = self.documents[passage.document_id]
            score = float(ranked.scores[place[best]])
            versions = versions_of(row, self._versions, self.passages, self.documents)
            hits.append(Hit(rank, score, scores, passage, document, versions))
        return tuple(hits)
