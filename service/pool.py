"""The sentences that may be quoted: of which passages, and of which paragraphs; pure."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus import Hit
from index import is_part, names_document, paragraphs_named
from service.sentences import Sentence, plain

TOP_PASSAGES = 5  # further down, a sentence is more often off the point than on it
MOST_SENTENCES = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted; ``rank`` is that of its passage among those read, 1-based,
    ``place`` its own position among the sentences of the passage."""

    sentence: Sentence
    hit: Hit
    rank: int
    place: int


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring candidates of one paragraph, to be quoted as one."""

    members: tuple[Candidate, ...]
    chance: float  # of its best member


def telling(hits: Sequence[Hit], *, titles: bool = False, most: int = TOP_PASSAGES) -> list[Hit]:
    """The passages to read: tables of contents only name, so they wait; and so do title pages,
    unless ``titles`` are asked for, which say who wrote a document."""
    parts = ("front", "body", "back") if titles else ("body", "back")
    found = [hit for hit in hits if hit.passage.part in parts]
    return (found or list(hits))[:most]


def candidates(hits: Sequence[Hit], read: Sequence[Sequence[Sentence]]) -> list[Candidate]:
    """Every sentence of the passages once, in their order; ``read[i]`` are those of ``hits[i]``.

    What only names (a title, a heading) or only refers (a note that names its source) answers
    nothing, and is left out while there is anything else.
    """
    found: dict[str, Candidate] = {}
    says: list[Candidate] = []
    for rank, (hit, own) in enumerate(zip(hits, read, strict=True), 1):
        names = {_unspaced(plain(name)) for name in (hit.document.title, *hit.passage.heading)}
        for place, sentence in enumerate(own):
            if sentence.plain in found:
                continue
            found[sentence.plain] = candidate = Candidate(sentence, hit, rank, place)
            refers = hit.passage.note is not None and sentence.names_a_source
            if not refers and _unspaced(sentence.plain) not in names:
                says.append(candidate)
    return says or list(found.values())


def of_paragraphs(pool: Sequence[Candidate], question: str) -> list[list[Candidate]]:
    """For each paragraph that ``question`` names and ``pool`` has, its sentences and those of its
    sub-paragraphs, in the document found first, if it may be the one meant and the passage found
    first holds one."""
    labels = paragraphs_named(question)
    first = next((one.hit for one in pool if one.rank == 1), None)
    if first is None or not set(labels) & set(first.passage.paragraphs):
        return []
    if not names_document(question, first.document.symbol):
        return []
    starts = [paragraph.start for paragraph in first.document.paragraphs]
    groups: dict[str, list[Candidate]] = {label: [] for label in labels}
    for one in pool:
        at = paragraph_at(one, starts) if one.hit.document.id == first.document.id else -1
        own = first.document.paragraphs[at].label if at >= 0 else None
        meant = next((each for each in labels if own is not None and is_part(own, each)), None)
        if meant is not None:
            groups[meant].append(one)
    return [group for group in groups.values() if group]


def openings(groups: Sequence[Sequence[Candidate]]) -> list[Run]:
    """The first sentences of each group, as many of each, MOST_SENTENCES at most together; what
    one paragraph holds as one run."""
    runs: list[Run] = []
    for group in groups[:MOST_SENTENCES]:
        by_block: dict[tuple[str, int], list[Candidate]] = {}
        for one in group[: max(1, MOST_SENTENCES // len(groups))]:
            by_block.setdefault((one.hit.passage.id, one.sentence.block), []).append(one)
        runs += [Run(tuple(members), 1.0) for members in by_block.values()]
    return runs


def _unspaced(text: str) -> str:
    """Extractions space Chinese and figures as they please: '2017 年' and '2017年'."""
    return "".join(text.split())


def paragraph_at(candidate: Candidate, starts: Sequence[int]) -> int:
    """Which of its document's paragraphs, which begin at ``starts``, it stands in; -1: none, as a
    note does."""
    if candidate.hit.passage.note is not None:
        return -1
    return bisect_right(starts, candidate.sentence.start) - 1
