"""Finding passages: documents in, a generation on disk, hits out."""

from index.analyse import analyse
from index.bounded import Bounded
from index.chunk import ChunkSettings
from index.embed import Encoder, open_encoder
from index.filters import Filters
from index.filters import check as check_filters
from index.fuse import FusionSettings
from index.naming import names_document
from index.numbered import is_part, paragraph_spans, paragraphs_named
from index.rerank import Reranker, RerankSettings, open_reranker
from index.result import SearchResult
from index.search import LEGS, Index
from index.segments import sentence_spans
from index.spans import Near
from index.store import BuildReport, build_index

__all__ = [
    "LEGS",
    "Bounded",
    "BuildReport",
    "ChunkSettings",
    "Encoder",
    "Filters",
    "FusionSettings",
    "Index",
    "Near",
    "RerankSettings",
    "Reranker",
    "SearchResult",
    "analyse",
    "build_index",
    "check_filters",
    "is_part",
    "names_document",
    "open_encoder",
    "open_reranker",
    "paragraph_spans",
    "paragraphs_named",
    "sentence_spans",
]
