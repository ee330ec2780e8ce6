"""From the passages found to the sentences that answer: candidates, their chances, the choice.

Pure: vectors and weights are given. The weights are fitted on the development questions by
``python -m service.cli_calibrate``; docs/answers.md tells what each feature is.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus import Hit
from index import analyse, is_part, names_document, paragraphs_named
from service.answer_type import Wanted, holds, may_speak
from service.sentences import Sentence, plain

TOP_PASSAGES = 5  # further down, a sentence is more often off the point than on it
MOST_ENCODED = 24  # candidates of one question: what an encoder is asked to read at most
MOST_SENTENCES = 5
FEATURES = ("cosine", "overlap", "types", "rank", "passage", "dense", "late")
_NEIGHBOUR = 0.01  # of the best sentence's chance: what a neighbour needs to be quoted with it
_SECOND = 0.95  # of it: what a sentence elsewhere needs to be quoted too
_RUN = 3  # sentences quoted together, but for lists
_SAME = 0.8  # Jaccard of terms at which two sentences say the same words


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


def telling(hits: Sequence[Hit], *, titles: bool = False) -> list[Hit]:
    """The passages to read: tables of contents only name, so they wait; and so do title pages,
    unless ``titles`` are asked for, which say who wrote a document."""
    parts = ("front", "body", "back") if titles else ("body", "back")
    found = [hit for hit in hits if hit.passage.part in parts]
    return (found or list(hits))[:TOP_PASSAGES]


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
        at = _paragraph_at(one, starts) if one.hit.document.id == first.document.id else -1
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


def features(
    question: str,
    language: str,
    asked: Wanted,
    pool: Sequence[Candidate],
    nearness: Callable[[Sequence[Candidate]], NDArray[np.float64]],
    *,
    most: int | None = None,
) -> tuple[list[Candidate], NDArray[np.float64]]:
    """The ``most`` candidates worth reading (None: all) and their (n, len(FEATURES)) float64.

    ``cosine`` is the sentence's ``nearness`` to the question; ``overlap`` and ``types`` are shares
    in [0, 1] of the question's terms and of the types it asks for, rare ones counting more;
    ``rank`` is one over the passage's rank, ``passage`` the best cosine of a sentence in it,
    ``dense`` and ``late`` what the search scored it (0 where it did not). Which are read is chosen
    without the encoder, and the same whatever is cached.
    """
    terms = sorted(frozenset(analyse(question, language)))
    overlap = _shares([[term in c.sentence.terms for term in terms] for c in pool])
    types = _shares([[holds(t, c.sentence.reading, asked) for t in asked.types] for c in pool])
    rank = np.asarray([1 / candidate.rank for candidate in pool])
    order = np.argsort(-(overlap + types + rank), kind="stable")[:most]
    kept = np.sort(order)
    chosen = [pool[at] for at in kept]
    cosine = nearness(chosen)
    best: dict[int, float] = {}
    for candidate, value in zip(chosen, cosine.tolist(), strict=True):
        best[candidate.rank] = max(best.get(candidate.rank, -1.0), value)
    passage = np.asarray([best[candidate.rank] for candidate in chosen])
    scored = [
        np.asarray([candidate.hit.scores.get(leg, 0.0) for candidate in chosen])
        for leg in ("dense", "late")
    ]
    columns = [cosine, overlap[kept], types[kept], rank[kept], passage, *scored]
    return chosen, np.stack(columns, axis=1)


def chances(table: NDArray[np.float64], weights: Mapping[str, float]) -> NDArray[np.float64]:
    """(n,): how likely each candidate is the one that answers, if one does; they add up to 1."""
    scores = table @ np.asarray([weights[name] for name in FEATURES])
    shares = np.exp(scores - scores.max())
    found: NDArray[np.float64] = shares / shares.sum()
    return found


def choose(pool: Sequence[Candidate], chance: NDArray[np.float64], asked: Wanted) -> list[Run]:
    """What to quote, in the order of the answer: the best run first; its document's other runs as
    they stand there, then those of other documents, best first."""
    order = sorted(range(len(pool)), key=lambda at: (-chance[at], at))
    at_place = {_place(candidate): at for at, candidate in enumerate(pool)}
    runs: list[Run] = []
    used: set[int] = set()
    for at in order:
        room = MOST_SENTENCES - len(used)
        if room <= 0 or (runs and chance[at] < _SECOND * runs[0].chance):
            break
        if at in used or any(_repeats(pool[at], pool[other]) for other in used):
            continue
        members = _grown(at, pool, at_place, chance, room, used, asked)
        lists = not runs and "list" in asked.types
        if lists and len(members) < room - 1:
            members += _announcer_after(members[-1], pool, at_place)
        used.update(members)
        runs.append(Run(tuple(pool[each] for each in members), float(chance[at])))
        if len(runs) == 1 and (lists or runs[0].members[-1].sentence.announces):
            items = _items_after(runs[0].members[-1], pool)[: MOST_SENTENCES - len(used)]
            used.update(items)
            runs += [Run((pool[each],), float(chance[each])) for each in items]
    return _in_order(runs)


def _announcer_after(at: int, pool: Sequence[Candidate], at_place: Mapping[Any, int]) -> list[int]:
    """The next sentence of the paragraph, if it announces sub-paragraphs; else nothing."""
    after = at_place.get(_place(pool[at], 1))
    if pool[at].sentence.goes_on or after is None or not pool[after].sentence.announces:
        return []
    return [after] if _items_after(pool[after], pool) else []


def _paragraph_at(candidate: Candidate, starts: Sequence[int]) -> int:
    """Which of its document's paragraphs, which begin at ``starts``, it stands in; -1: none, as a
    note does."""
    if candidate.hit.passage.note is not None:
        return -1
    return bisect_right(starts, candidate.sentence.start) - 1


def _items_after(last: Candidate, pool: Sequence[Candidate]) -> list[int]:
    """The first sentences of the sub-paragraphs that ``last`` announces ('… are: (a) …; (b) …'),
    or that go on with the list in which it stands; as far as they are in ``pool``."""
    document = last.hit.document
    starts = [paragraph.start for paragraph in document.paragraphs]
    firsts: dict[int, int] = {}  # of the pool, by paragraph
    for at, candidate in enumerate(pool):
        if candidate.hit.document.id == document.id:
            firsts.setdefault(_paragraph_at(candidate, starts), at)
    number = _paragraph_at(last, starts)
    if number < 0 or document.text[last.sentence.end : document.paragraphs[number].end].strip():
        return []
    label = document.paragraphs[number].label
    items: list[int] = []
    inner = ""  # label of the last item
    for following in range(number + 1, len(starts)):
        own = document.paragraphs[following].label
        if own is not None and inner and is_part(own, inner):
            continue  # part of the item
        announced = own is not None and (is_part(own, label) if label else not own.isdigit())
        before = pool[items[-1]] if items else last
        if following not in firsts or not (announced or before.sentence.goes_on):
            break
        items.append(firsts[following])
        inner = own or ""
    return items


def _grown(
    at: int,
    pool: Sequence[Candidate],
    at_place: Mapping[Any, int],
    chance: NDArray[np.float64],
    room: int,
    used: set[int],
    asked: Wanted,
) -> list[int]:
    """``at`` with the neighbours that belong to it, in reading order, ``room`` at most: what it
    refers back to, what refers back to it, the other parts of what a semicolon or colon divides,
    and what is likely too."""
    run = [at]

    def beside(step: int) -> int | None:
        edge = pool[run[0] if step < 0 else run[-1]]
        other = at_place.get(_place(edge, step))
        if other is None or other in used or len(run) >= room:
            return None
        # Beside the position of one party stands that of another.
        spoken = "position" not in asked.types or may_speak(pool[other].sentence.text, asked)
        return other if spoken else None

    before = beside(-1)
    if pool[at].sentence.refers_back and before is not None:
        run.insert(0, before)
    for step in (1, -1):
        while (other := beside(step)) is not None:
            opener = pool[run[-1]] if step > 0 else pool[other]
            belongs = chance[other] >= _NEIGHBOUR * chance[at] or (
                step > 0 and pool[other].sentence.refers_back
            )
            if not (belongs and len(run) < _RUN) and not opener.sentence.goes_on:
                break
            run.insert(len(run) if step > 0 else 0, other)
    return run


def _place(candidate: Candidate, step: int = 0) -> tuple[str, int, int]:
    """Passage, paragraph in it, and position; of the neighbour with a ``step``."""
    return candidate.hit.passage.id, candidate.sentence.block, candidate.place + step


def _repeats(one: Candidate, other: Candidate) -> bool:
    a, b = one.sentence, other.sentence
    same_text = one.hit.document.id == other.hit.document.id and a.start < b.end and b.start < a.end
    return same_text or len(a.terms & b.terms) >= _SAME * max(1, len(a.terms | b.terms))


def _in_order(runs: Sequence[Run]) -> list[Run]:
    """``runs`` are best first."""
    documents = list(dict.fromkeys(run.members[0].hit.document.id for run in runs))

    def key(run: Run) -> tuple[int, bool, int]:
        first = run.members[0]
        return documents.index(first.hit.document.id), run is not runs[0], first.sentence.start

    return sorted(runs, key=key)


def _shares(held: Sequence[Sequence[bool]]) -> NDArray[np.float64]:
    """(n,): per candidate the share in [0, 1] of what is sought that it holds; what all hold
    tells nothing and weighs little, what none holds could have told most."""
    table = np.asarray(held, dtype=np.float64).reshape(len(held), -1)
    weights = np.log1p(len(held) / np.maximum(1, table.sum(axis=0)))
    found: NDArray[np.float64] = table @ weights / max(float(weights.sum()), 1e-9)
    return found
