"""An answer, or a list of passages, as a chat client shows it: text, and sources with offsets.

Pure. Offsets count Unicode code points of the text, end exclusive.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from corpus import Answer, Citation, Document, Hit, Passage
from index import SearchResult
from service.compose import Part
from service.serialise import link
from service.stream import pieces
from service.wording import passage_place, place, sources, uncertain

SOURCES_RULE = "\n\n---\n"  # stands before the list of sources, and nowhere else

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Source:
    """What the marker ``[n]`` stands for; ``start`` and ``end`` are of its quote in the text."""

    n: int
    name: str  # 'A/AC.105/1235, para. 38'
    url: str
    start: int
    end: int
    score: float | None  # None when no leg found the passage itself
    passage: Passage
    document: Document

    @property
    def key(self) -> str:
        """Clients put sources of one key together; ``[n]`` counts keys, so none is shared."""
        return f"{self.passage.id} [{self.n}]"


@dataclass(frozen=True, slots=True)
class Reply:
    """``text`` is all that is shown; ``parts`` are its pieces in order, the list of sources
    last; ``about`` is what else our own clients may want to know."""

    text: str
    parts: tuple[str, ...]
    sources: tuple[Source, ...]
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """A part of a reply that is still being written: how its text goes on from ``start``.

    ``query`` is what was searched for, ``hits`` what the reply will show.
    """

    start: int
    text: str
    sources: tuple[Source, ...]
    query: str
    hits: tuple[Hit, ...]


def reply_to_answer(answer: Answer, site: str | None, *, source_list: bool = True) -> Reply:
    """``site`` is the address of this server, if it has one: see ``address``."""
    listed = _sources(answer.citations, answer.hits, answer.language, site)
    about = {
        "question": answer.question,
        "rewritten": answer.rewritten,
        "language": answer.language,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "confidence": answer.confidence,
        "uncertain": answer.uncertain,
        "writer": answer.writer,
        "writer_reason": answer.writer_reason,
        "generation": answer.generation,
    }
    doubt = f"\n\n{uncertain(answer.language)}" if answer.uncertain else ""
    ending = source_lines(listed, answer.language) if source_list else ""
    return _reply([*pieces(answer), doubt, ending], listed, about)


def spoken(part: Part, result: SearchResult, k: int, site: str | None) -> Spoken:
    """``part`` as the reply to its answer will hold it; ``k`` hits of ``result`` are shown."""
    hits = result.hits[:k]
    listed = _sources(part.citations, hits, result.language, site)
    return Spoken(part.start, part.text, listed, result.query, hits)


def reply_to_search(result: SearchResult, site: str | None) -> Reply:
    """The ranked passages themselves, each under its number and place; no prose, so no list."""
    parts: list[str] = []
    found: list[Source] = []
    at = 0
    for hit in result.hits:
        passage, document = hit.passage, hit.document
        name = passage_place(passage, document, result.language)
        url = address_of(passage, document, site)
        lead = ("\n\n" if parts else "") + _marked(hit.rank, name, url) + "\n\n"
        start, end = at + len(lead), at + len(lead) + len(passage.text)
        score = float(hit.score)
        found.append(Source(hit.rank, name, url, start, end, score, passage, document))
        parts += [lead, passage.text]
        at = end
    about = {
        "question": result.query,
        "language": result.language,
        "generation": result.generation,
    }
    return _reply(parts, tuple(found), about)


def address(document: Document, label: str | None, page: int | None, site: str | None) -> str:
    """Where a reader checks it: the official address; without one, our page of the document; for
    a client that reaches us by no address, a name. ``label`` is the paragraph's."""
    official = link(document.url, page)
    if official is not None:
        return official
    fragment = f"#para-{quote(label)}" if label else ""
    if site is None:
        return f"urn:sextant:{quote(document.id)}{fragment}"
    return f"{site.rstrip('/')}/d/{quote(document.id)}{fragment}"


def address_of(passage: Passage, document: Document, site: str | None) -> str:
    """The ``address`` of a passage: of the first paragraph it covers."""
    return address(document, next(iter(passage.paragraphs), None), passage.page, site)


def source_lines(listed: Sequence[Source], language: str) -> str:
    """The list at the end of an answer, in Markdown, a line for each marker; '' without any."""
    if not listed:
        return ""
    lines = [_marked(source.n, source.name, source.url) for source in listed]
    return SOURCES_RULE + "  \n".join([sources(language), *lines])


def count_tokens(*texts: str) -> int:
    """What ``usage`` reports: words, ideographs and marks; nothing here is billed by them."""
    return sum(len(_WORD.findall(text)) for text in texts)


def steps(reply: Reply, since: int = 0) -> Iterator[tuple[str, tuple[Source, ...]]]:
    """Each part with the sources whose quote ends in it; from the character ``since`` on."""
    before = 0
    for part in reply.parts:
        after = before + len(part)
        if after > since:
            begin = max(before, since)
            cited = tuple(source for source in reply.sources if begin < source.end <= after)
            yield part[begin - before :], cited
        before = after


def _marked(n: int, name: str, url: str) -> str:
    """The marker and a Markdown link, in which no character of ours ends the link early."""
    shown = name.replace("[", "(").replace("]", ")")
    return f"[{n}] [{shown}]({url.replace('(', '%28').replace(')', '%29').replace(' ', '%20')})"


def _reply(parts: Sequence[str], listed: tuple[Source, ...], about: dict[str, Any]) -> Reply:
    kept = tuple(part for part in parts if part)
    return Reply("".join(kept), kept, listed, about)


def _sources(
    citations: Sequence[Citation], hits: Sequence[Hit], language: str, site: str | None
) -> tuple[Source, ...]:
    scores = {hit.passage.id: float(hit.score) for hit in hits}
    return tuple(
        Source(
            n=citation.n,
            name=_cited_as(citation, language),
            url=address(citation.document, citation.paragraph, citation.page, site),
            start=citation.answer_start,
            end=citation.answer_end,
            score=scores.get(citation.passage.id),
            passage=citation.passage,
            document=citation.document,
        )
        for citation in citations
    )


def _cited_as(citation: Citation, language: str) -> str:
    return place(
        citation.document, citation.paragraph, citation.passage.note, citation.page, language
    )
