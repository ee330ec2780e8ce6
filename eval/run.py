"""Asks every question of the gold sets in every language, and judges what comes back.

What is judged is never imported: a ``System`` is a few callables, so that the pipeline in
process, a live server and an old release are graded alike.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from corpus import BadGoldLine
from eval.asked import Asked, Found
from eval.gold import GoldQuestion, GoldSet
from eval.locate import Source, Span, is_relevant, locate, named

Ask = Callable[[str, str], Asked]
"""(question, its language) -> what came back, hits to a depth of 100 if the system can."""

Search = Callable[[str, str], Sequence[Found]]
"""(question, leg) -> hits of one leg alone, to a depth of 100."""

Progress = Callable[[int, int], None]
"""(questions done, of how many)"""

FUSED, RERANKED = "fused", "reranked"


@dataclass(frozen=True, slots=True)
class System:
    """What is graded: how to ask it, and what it holds.

    ``legs`` are asked one by one through ``search``; ``final`` names what the hits of ``ask``
    are: 'fused', or 'reranked' where something reorders them. ``threshold`` is that below which it
    abstains, None when it has none. ``fingerprints`` say what exactly it is.
    """

    ask: Ask
    sources: tuple[Source, ...]
    search: Search | None = None
    legs: tuple[str, ...] = ()
    final: str = FUSED
    threshold: float | None = None
    fingerprints: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One question in one language; ``key`` is unlike any other's.

    ``id`` is the gold id, with the set's name before it when two sets use the same.
    ``spans`` is where the evidence stands.
    """

    id: str
    language: str
    gold: GoldQuestion
    spans: tuple[Span, ...]

    @property
    def key(self) -> str:
        return f"{self.id}.{self.language}"

    @property
    def answerable(self) -> bool:
        return self.gold.doc is not None


@dataclass(frozen=True, slots=True)
class Outcome:
    """``asked`` is None when asking failed; ``error`` says why, or that the evidence was not
    found. ``rankings`` is by leg, the final one being the hits of ``asked``."""

    case: Case
    asked: Asked | None
    error: str | None
    rankings: Mapping[str, tuple[Found, ...]]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was asked and judged, in the order of the sets; figures are drawn from it.

    ``qrels`` maps an answerable case's key to the ids of its relevant passages; ``passages`` a
    document's id to the ids of all its passages that are known. ``legs`` ends with ``final``.
    """

    sets: tuple[GoldSet, ...]
    fingerprints: Mapping[str, str | None]
    sources: Mapping[str, Source]
    outcomes: tuple[Outcome, ...]
    qrels: Mapping[str, frozenset[str]]
    passages: Mapping[str, Mapping[str, tuple[int, int]]]
    legs: tuple[str, ...]
    final: str
    threshold: float | None


def evaluate(system: System, sets: Sequence[GoldSet], progress: Progress | None = None) -> Report:
    """Raises BadGoldLine when a gold line names a document that the system does not hold.

    A question that cannot be asked, or whose evidence is not in its document, becomes an outcome
    with an error and scores 0.
    """
    cases = _cases(sets, system.sources)
    outcomes = []
    for done, case in enumerate(cases, 1):
        outcomes.append(_outcome(system, case))
        if progress is not None:
            progress(done, len(cases))
    sources = {source.id: source for source in system.sources}
    passages = _passages(system.sources, outcomes)
    qrels = {c.key: _relevant(c, sources, passages) for c in cases if c.answerable}
    return Report(
        sets=tuple(sets),
        fingerprints=system.fingerprints,
        sources=sources,
        outcomes=tuple(outcomes),
        qrels=qrels,
        passages=passages,
        legs=(*(leg for leg in system.legs if leg != system.final), system.final),
        final=system.final,
        threshold=system.threshold,
    )


def _cases(sets: Sequence[GoldSet], sources: Sequence[Source]) -> list[Case]:
    cases = []
    taken: set[str] = set()
    for number, one in enumerate(sets, 1):
        own: set[str] = set()
        for gold in one.questions:
            id = gold.id if gold.id not in taken else f"{one.path.stem}:{gold.id}"
            id = id if id not in taken else f"{number}:{id}"
            own.add(id)
            spans = _spans(gold, sources)
            cases += [Case(id, language, gold, spans) for language in gold.question]
        taken |= own
    return cases


def _spans(gold: GoldQuestion, sources: Sequence[Source]) -> tuple[Span, ...]:
    if gold.doc is None:
        return ()
    documents = named(gold.doc, sources)
    if not documents:
        held = ", ".join(source.file for source in sources[:5])
        more = " …" if len(sources) > 5 else ""
        why = f"the corpus has no document '{gold.doc}'; it has {held}{more}"
        raise BadGoldLine(gold.path, gold.line, why)
    return tuple(span for evidence in gold.evidence for span in locate(evidence, documents))


def _outcome(system: System, case: Case) -> Outcome:
    question = case.gold.question[case.language]
    try:
        asked = system.ask(question, case.language)
        rankings = {system.final: asked.hits}
        if system.search is not None and case.answerable:
            for leg in (one for one in system.legs if one != system.final):
                rankings[leg] = tuple(system.search(question, leg))
    except Exception as error:  # whatever goes wrong is a result, to be counted and shown
        return Outcome(case, None, f"{type(error).__name__}: {error}", {})
    missing = case.answerable and not case.spans
    why = f"none of its evidence is in the text of '{case.gold.doc}'" if missing else None
    return Outcome(case, asked, why, rankings)


def _passages(
    sources: Sequence[Source], outcomes: Sequence[Outcome]
) -> dict[str, dict[str, tuple[int, int]]]:
    """Those that the documents are known to have, and those that were found."""
    passages = {source.id: dict(source.passages) for source in sources}
    for hit in (h for o in outcomes for hits in o.rankings.values() for h in hits):
        passages.setdefault(hit.document_id, {})[hit.passage_id] = (hit.start, hit.end)
    return passages


def _relevant(
    case: Case,
    sources: Mapping[str, Source],
    passages: Mapping[str, Mapping[str, tuple[int, int]]],
) -> frozenset[str]:
    return frozenset(
        id
        for span in case.spans
        for id, (start, end) in passages[span.document_id].items()
        if is_relevant(Span(span.document_id, start, end), span, sources[span.document_id].folded)
    )
