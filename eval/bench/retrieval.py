"""Passage sizes, ways of joining the legs, late interaction: ``python -m eval.bench.retrieval``.

Builds the index of one corpus once for each size of passage, and asks it the development
questions in every language with each way of joining the legs, and, where the encoder gives token
vectors, with each way of late interaction on top of the usual one. The figure is success@5: the
share of questions of which a relevant passage is among the first five. docs/retrieval.md holds a
table made with it; the test questions are not for this.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from corpus import LANGUAGES, Document, SextantError, read_corpus
from eval import Asked, Found, GoldSet, Source, System, evaluate, figures, read_gold
from index import (
    LEGS,
    ChunkSettings,
    Encoder,
    FusionSettings,
    Index,
    RerankSettings,
    build_index,
    open_encoder,
)

SIZES = ((60, 350), (150, 350), (60, 500), (150, 500), (250, 600))
"""(shortest, longest) passage in Chinese characters; other scripts have 2.4 times as many."""
OTHER_SCRIPTS = 2.4
FUSIONS = {
    "dense": FusionSettings(),
    "lexical": FusionSettings(),
    "rrf": FusionSettings(method="rrf"),
    "weight 0.5": FusionSettings(weight=0.5),
    "weight 2": FusionSettings(weight=2.0),
    "weight 3, no aside cost": FusionSettings(weight=3.0, aside_cost=0.0),
    "weight 3": FusionSettings(weight=3.0),
    "weight 4": FusionSettings(weight=4.0),
    "weight 8": FusionSettings(weight=8.0),
}
PLAIN = "cosines alone"
"""Late interaction as it was published, with the weights that suit it best: a token of the
question counts as its best cosine, and weighs as its vector is long."""
LATE = {
    PLAIN: RerankSettings(weight=1.0, sentence=3.0),
    "passage 2": RerankSettings(weight=2.0, sentence=0.0),
    "sentence 2": RerankSettings(weight=0.0, sentence=2.0),
    "passage 1, sentence 1": RerankSettings(weight=1.0, sentence=1.0),
    "passage 3, sentence 3": RerankSettings(weight=3.0, sentence=3.0),
    "as it ships": RerankSettings(),
    "as it ships, of 20": RerankSettings(depth=20),
    "as it ships, of 100": RerankSettings(depth=100),
}
DEPTH = 10
DEVELOPMENT = Path(__file__).resolve().parents[1] / "gold" / "un_space.dev.jsonl"


@dataclass(frozen=True, slots=True)
class Row:
    """``success`` is success@5 by language of the question; ``rr`` is RR@10 over all of them."""

    shortest: int
    longest: int
    passages: int
    fusion: str
    success: dict[str, float]
    mean: float
    rr: float


def rows(documents: Sequence[Document], encoder: Encoder, gold: Sequence[GoldSet]) -> list[Row]:
    """One for each size and way of ranking, in the order of SIZES, FUSIONS and LATE."""
    out = []
    for shortest, longest in SIZES:
        print(f"passages of {shortest} to {longest}", file=sys.stderr)
        others = (int(OTHER_SCRIPTS * shortest), int(OTHER_SCRIPTS * longest))
        chunk = ChunkSettings(longest, others[1], shortest, others[0])
        with tempfile.TemporaryDirectory() as data:
            build_index(documents, encoder, Path(data), chunk=chunk)
            index = Index.open(Path(data), encoder)
            system = _system(index)
            by_fusion = figures(evaluate(system, gold))["by_leg"]
        for fusion in system.legs:
            by_language = by_fusion[fusion]
            success = {lang: by_language[lang]["success@5"] for lang in LANGUAGES}
            mean = sum(success.values()) / len(success)
            rr = sum(by_language[lang]["rr@10"] for lang in LANGUAGES) / len(LANGUAGES)
            size = len(index.passages)
            out.append(Row(shortest, longest, size, fusion, success, mean, rr))
    return out


def _system(index: Index) -> System:
    off = RerankSettings(depth=0)
    asked = {name: replace(index, fusion=by, rerank=off) for name, by in FUSIONS.items()}
    if index.reranked_by is not None:
        asked |= {name: replace(index, rerank=by) for name, by in LATE.items()}

    def search(question: str, name: str) -> list[Found]:
        legs = (name,) if name in LEGS else LEGS
        plainly = patch.multiple("index.late", had=lambda best: best, weights=_by_length)
        with plainly if name == PLAIN else nullcontext():
            return [Found.of(hit) for hit in asked[name].search(question, DEPTH, legs=legs).hits]

    def ask(question: str, language: str) -> Asked:
        hits = tuple(search(question, "weight 3"))
        return Asked(hits, (), "", abstained=False, confidence=None, took_ms=0.0)

    spans: dict[str, dict[str, tuple[int, int]]] = {id: {} for id in index.documents}
    for passage in index.passages:
        spans[passage.document_id][passage.id] = (passage.start, passage.end)
    sources = tuple(Source.of(document, spans[id]) for id, document in index.documents.items())
    return System(ask=ask, sources=sources, search=search, legs=tuple(asked))


def _by_length(lengths: NDArray[np.float32], _: NDArray[np.float32]) -> NDArray[np.float32]:
    shares: NDArray[np.float32] = lengths / lengths.sum()
    return shares


def _show(found: Sequence[Row]) -> None:
    table = Table("passages", "fusion", *LANGUAGES, "mean", "rr@10", title="success@5")
    for row in found:
        size = f"{row.shortest}-{row.longest} ({row.passages})"
        scores = [f"{row.success[lang]:.3f}" for lang in LANGUAGES]
        table.add_row(size, row.fusion, *scores, f"{row.mean:.3f}", f"{row.rr:.3f}")
    Console(width=120).print(table)


def main(argv: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 when the corpus, the encoder or the gold set cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench.retrieval", description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True, help="the folder the gold set is of")
    parser.add_argument("--catalogue", type=Path, help="its catalogue")
    parser.add_argument("--gold", type=Path, default=DEVELOPMENT, help="(default: %(default)s)")
    parser.add_argument("--encoder", default="default", help="(default: the shipped one)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    wanted = parser.parse_args(argv)
    try:
        documents = read_corpus(wanted.corpus, catalogue=wanted.catalogue).documents
        found = rows(documents, open_encoder(wanted.encoder), [read_gold(wanted.gold)])
    except SextantError as error:
        print(error, file=sys.stderr)
        return 2
    if wanted.json:
        print(json.dumps([asdict(row) for row in found], indent=2))
    else:
        _show(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
