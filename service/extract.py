"""From the sentences that may be quoted to those that answer: their features, chances, the choice.

Pure: vectors and weights are given. The weights are fitted on the development questions by
``python -m service.cli_calibrate``; docs/answers.md tells what each feature is.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import analyse, is_part
from service.answer_type import Wanted, holds, may_speak
from service.pool import MOST_SENTENCES, Candidate, Run, paragraph_at

MOST_ENCODED = 24  # candidates of one question: what an encoder is asked to read at most
MOST_ITEMS = 12  # of a list: they are parts of the sentence that announces them
FEATURES = ("cosine", "overlap", "types", "rank", "passage", "dense", "late")
_NEIGHBOUR = 0.01  # of the best sentence's chance: what a neighbour needs to be quoted with it
_SECOND = 0.95  # of it: what a sentence elsewhere needs to be quoted too
_RUN = 3  # sentences quoted together, but for lists
_LISTED = 0.5  # of it: what a sentence that announces a list needs, if one is asked for
_SAME = 0.8  # Jaccard of terms at which two sentences say the same words


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
    if "list" in asked.types:
        best = order[0]
        order.sort(key=lambda at: not _opens_list(at, best, pool, chance))
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
            items = _items_after(runs[0].members[-1], pool)[:MOST_ITEMS]
            used.update(items)
            runs += [Run((pool[each],), float(chance[each])) for each in items]
            if items:
                break
    return _in_order(runs)


def _opens_list(at: int, best: int, pool: Sequence[Candidate], chance: NDArray[np.float64]) -> bool:
    """Whether it announces items that follow, and is nearly as likely as the ``best``."""
    near = chance[at] >= _LISTED * chance[best] and pool[at].sentence.announces
    return bool(near) and bool(_items_after(pool[at], pool))


def _announcer_after(at: int, pool: Sequence[Candidate], at_place: Mapping[Any, int]) -> list[int]:
    """The next sentence of the paragraph, if it announces sub-paragraphs; else nothing."""
    after = at_place.get(_place(pool[at], 1))
    if pool[at].sentence.goes_on or after is None or not pool[after].sentence.announces:
        return []
    return [after] if _items_after(pool[after], pool) else []


def _items_after(last: Candidate, pool: Sequence[Candidate]) -> list[int]:
    """The first sentences of the sub-paragraphs that ``last`` announces ('… are: (a) …; (b) …'),
    or that go on with the list in which it stands; as far as they are in ``pool``."""
    document = last.hit.document
    starts = [paragraph.start for paragraph in document.paragraphs]
    firsts: dict[int, int] = {}  # of the pool, by paragraph
    for at, candidate in enumerate(pool):
        if candidate.hit.document.id == document.id:
            firsts.setdefault(paragraph_at(candidate, starts), at)
    number = paragraph_at(last, starts)
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
