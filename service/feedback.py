"""What readers thought of answers: kept in SQLite beside the index, given back as gold candidates.

Nothing about the reader is kept, only the question, the verdict and the places that were cited.
A quote is stored only when the indexed document says exactly that, exactly there.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from corpus import BadCitation, Document, FeedbackUnavailable, UnknownDocument

Verdict = Literal["up", "down"]
Reason = Literal["wrong_citation", "missing_citation", "incomplete", "out_of_scope"]

FILE = "feedback.sqlite"
MOST_KEPT = 100_000  # opinions, about 1 kB each: a stranger must not be able to fill the disk
_WAIT_SECONDS = 5.0  # for another process that is writing
_TABLE = """
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, question TEXT NOT NULL, language TEXT NOT NULL,
    verdict TEXT NOT NULL, reason TEXT, comment TEXT, abstained INTEGER NOT NULL,
    cited TEXT NOT NULL, generation TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote as it stood in the document; offsets are in code points of its text."""

    document_id: str
    file: str
    start: int
    end: int
    quote: str
    paragraph: str | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """One reader's opinion of one answer; ``id`` is the client's, so that it can be changed."""

    id: str
    question: str
    language: str
    verdict: Verdict
    reason: Reason | None
    comment: str | None
    abstained: bool
    cited: tuple[Cited, ...]
    generation: str


@dataclass(frozen=True, slots=True)
class Stored:
    """An opinion and when it was last given, in UTC."""

    at: datetime
    feedback: Feedback


def cited(
    documents: Mapping[str, Document], document_id: str, start: int, end: int, quote: str
) -> Cited:
    """The place named, checked; raises ``UnknownDocument``, ``BadCitation``."""
    document = documents.get(document_id)
    if document is None:
        raise UnknownDocument(document_id)
    if not 0 <= start < end or document.text[start:end] != quote:
        raise BadCitation(document_id, start, end)
    label = next((p.label for p in document.paragraphs if p.start <= start < p.end), None)
    return Cited(document_id, document.file, start, end, quote, label)


class FeedbackStore:
    """Opinions in one SQLite file, made when the first one comes; safe from several threads.

    ``clock`` gives the time in UTC. Everything raises ``FeedbackUnavailable`` when the file cannot
    be read or written.
    """

    def __init__(
        self,
        path: Path,
        *,
        most: int = MOST_KEPT,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._path = path
        self._most = most
        self._clock = clock

    def add(self, feedback: Feedback) -> None:
        """Keeps the opinion, in place of an earlier one with the same id."""
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")  # nobody else writes between count and insert
            known = connection.execute("SELECT 1 FROM feedback WHERE id = ?", (feedback.id,))
            if known.fetchone() is None:
                (count,) = connection.execute("SELECT COUNT(*) FROM feedback").fetchone()
                if count >= self._most:
                    why = f"it holds {count} opinions. Export them and move the file away."
                    raise FeedbackUnavailable(self._path, why)
            connection.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    feedback.id,
                    self._clock().isoformat(timespec="seconds"),
                    feedback.question,
                    feedback.language,
                    feedback.verdict,
                    feedback.reason,
                    feedback.comment,
                    feedback.abstained,
                    json.dumps([asdict(each) for each in feedback.cited], ensure_ascii=False),
                    feedback.generation,
                ),
            )

    def all(self) -> list[Stored]:
        """Every opinion, oldest first; none where nobody has given one."""
        if not self._path.exists():
            return []
        with self._opened() as connection:
            rows = connection.execute(
                "SELECT at, id, question, language, verdict, reason, comment, abstained, cited,"
                " generation FROM feedback ORDER BY at, id"
            ).fetchall()
        return [_stored(row) for row in rows]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """A connection of this call's own, committed when the call succeeds."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            opened = sqlite3.connect(self._path, timeout=_WAIT_SECONDS)
            with closing(opened) as connection, connection:
                connection.execute(_TABLE)
                yield connection
        except (sqlite3.Error, OSError) as error:
            raise FeedbackUnavailable(self._path, f"{error}.") from error


def _stored(row: Sequence[Any]) -> Stored:
    at, id, question, language, verdict, reason, comment, abstained, places, generation = row
    feedback = Feedback(
        id=id,
        question=question,
        language=language,
        verdict=verdict,
        reason=reason,
        comment=comment,
        abstained=bool(abstained),
        cited=tuple(Cited(**place) for place in json.loads(places)),
        generation=generation,
    )
    return Stored(datetime.fromisoformat(at), feedback)


def candidates(stored: Sequence[Stored]) -> list[dict[str, Any]]:
    """Lines of a gold set, for a person to complete, in the order in which they were first said.

    Opinions that agree (same question, verdict, reason and places) are one line, with ``votes``.
    ``feedback.ready`` says that the line reads as gold as it stands: the reader found the quotes
    right, or that the documents do not answer. The others lack evidence, and say what is missing.
    """
    together: dict[str, list[Stored]] = {}
    for each in stored:
        together.setdefault(_key(each.feedback), []).append(each)
    return [_candidate(key, alike) for key, alike in together.items()]


def _key(feedback: Feedback) -> str:
    """What opinions that agree have in common, as a short name."""
    places = [[place.document_id, place.start, place.end] for place in feedback.cited]
    words = " ".join(feedback.question.split())
    told = [words, feedback.language, feedback.verdict, feedback.reason, feedback.abstained, places]
    return "feedback-" + sha256(json.dumps(told).encode()).hexdigest()[:12]


def _candidate(key: str, alike: Sequence[Stored]) -> dict[str, Any]:
    said = alike[-1].feedback
    agreed = said.verdict == "up" and said.abstained
    unanswerable = agreed or said.reason == "out_of_scope"
    kept = [] if unanswerable or said.reason == "wrong_citation" else list(said.cited)
    document = said.cited[0].file if said.cited and not unanswerable else None
    evidence = [place.quote for place in kept if place.file == document]
    return {
        "id": key,
        "doc": document,
        "kind": "unanswerable" if unanswerable else "factoid",
        "paraphrased": False,
        "question": {said.language: said.question},
        "evidence": evidence,
        "answer": None,
        "paragraph": kept[0].paragraph if kept else None,
        "feedback": {
            "verdict": said.verdict,
            "reason": said.reason,
            "abstained": said.abstained,
            "comments": [each.feedback.comment for each in alike if each.feedback.comment],
            "votes": len(alike),
            "last": alike[-1].at.isoformat(),
            "generation": said.generation,
            "ready": unanswerable or (said.verdict == "up" and bool(evidence)),
            "missing": None if unanswerable else _missing(said, evidence),
        },
    }


def _missing(said: Feedback, evidence: Sequence[str]) -> str | None:
    """What a person must add before the line is gold."""
    if said.verdict == "up" and evidence:
        return None
    if not said.cited:
        return "doc, evidence"
    return "evidence" if not evidence else "more evidence, or none: look at each quote"
