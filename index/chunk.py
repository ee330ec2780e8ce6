"""Document -> Passages. Pure: no disk, no clock; offsets are code points into ``Document.text``.

A passage never crosses a heading or a change of part, and never begins or ends inside a document
symbol (``A/AC.105/1235``) or a number. A numbered paragraph is a passage of its own unless it is
short; its sub-paragraphs stay with it while they fit; a long paragraph is cut at sentence ends.
A note is a passage of its own.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus import WEB_ADDRESS, Document, Note, Paragraph, Part, Passage

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_NUMERALS = "〇零一二三四五六七八九十百千万亿两"
_CLOSERS = "[\"'”’»」』）)\\]]*"

# Where a long paragraph may be cut, best place first; every pattern ends the piece before it.
_SEPARATORS = (
    r"\n+",
    rf"[。！？]{_CLOSERS}\s*|[.!?؟۔…]{_CLOSERS}\s+(?![\s\d\W]*[a-zа-яё])(?!\s)",
    r"[；;؛]\s*(?!\s)",
    r"[，、：،](?!\d)\s*(?!\s)|[,:]\s+(?!\s)",
    r"(?<![\d\s])\s+(?!\s)|(?<!\s)\s+(?![\s\d])",
    rf"(?<=[{_HAN}])(?=[{_HAN}])(?<![{_NUMERALS}])(?![{_NUMERALS}])",
)
# What may stand between two paragraphs of one passage: space, and the second one's printed label,
# which is outside its span ("\n- (a) ", "\nArticle 12. ").
_GAP = re.compile(r"\s*(?:\S{1,10}\s+){0,3}")
_ROOT = re.compile(r"\s*([0-9]+|[^\W\d_]+)?")


@dataclass(frozen=True, slots=True)
class ChunkSettings:
    """Sizes of a passage in characters (Unicode code points), per script.

    ``max_…``: a passage is not longer, unless one unbreakable token or note is; ``min_…``: a
    paragraph shorter than this joins its neighbours. One Chinese character carries about as much
    as two to three Latin, Cyrillic or Arabic letters, hence two sets. Starting values: about one
    long paragraph of a report; to be settled by measurement on the development questions.
    """

    max_han: int = 500
    max_other: int = 1200
    min_han: int = 150
    min_other: int = 400

    def sizes(self, language: str) -> tuple[int, int]:
        """(shortest, longest) passage in characters for text in ``language``."""
        if language == "zh":
            return self.min_han, self.max_han
        return self.min_other, self.max_other


@dataclass(frozen=True, slots=True)
class _Piece:
    """A paragraph, or a part of a long one; ``index`` is the paragraph's in the document."""

    index: int
    paragraph: Paragraph
    start: int
    end: int


def passages(document: Document, settings: ChunkSettings) -> tuple[Passage, ...]:
    """The passages of ``document``: running text first, then notes, each in reading order.

    Every paragraph outside tables of contents is covered; ``text[start:end] == passage.text``.
    """
    shortest, longest = settings.sizes(document.language)
    found: list[Passage] = []
    for group in _groups(document):
        pieces = [
            _Piece(index, paragraph, start, end)
            for index, paragraph in group
            for start, end in _cut(paragraph.start, paragraph.text, longest)
        ]
        for run in _merge(pieces, shortest, longest):
            found.append(_passage(document, len(found), run))
    callers = {note: paragraph for paragraph in document.paragraphs for note in paragraph.notes}
    for note in document.notes:
        if note.text.strip():
            found.append(_note_passage(document, len(found), note, callers.get(note)))
    return tuple(found)


def embedding_text(passage: Passage, document: Document) -> str:
    """What is encoded for ``passage``: ``indexed_text`` with spaces for each web address.

    The letters of an address say nothing that the passage says; BM25 may still find them.
    """
    return WEB_ADDRESS.sub(lambda found: " " * len(found[0]), indexed_text(passage, document))


def indexed_text(passage: Passage, document: Document) -> str:
    """What is indexed for ``passage``: short title, innermost headings, its text.

    One line each. The title and each heading are clipped, so that they give the subject without
    outweighing the passage.
    """
    clip = 40 if document.language == "zh" else 100  # characters
    context = [document.title, *passage.heading[-2:]]
    lines = [line[:clip] for line in dict.fromkeys(" ".join(c.split()) for c in context) if line]
    return "\n".join([*lines, passage.text])


def _groups(document: Document) -> Iterator[list[tuple[int, Paragraph]]]:
    """Runs of (index, paragraph) with one heading path and part, and no other text between."""
    heading_starts = sorted(heading.start for heading in document.headings)
    group: list[tuple[int, Paragraph]] = []
    for index, paragraph in enumerate(document.paragraphs):
        if group and not _continues(document, group[-1][1], paragraph, heading_starts):
            yield group
            group = []
        if paragraph.part != "contents" and paragraph.text.strip():
            group.append((index, paragraph))
    if group:
        yield group


def _continues(
    document: Document, last: Paragraph, this: Paragraph, heading_starts: Sequence[int]
) -> bool:
    same = (last.heading, last.part) == (this.heading, this.part)
    between = bisect_left(heading_starts, last.end) < bisect_left(heading_starts, this.start + 1)
    gap = document.text[last.end : this.start]
    return same and not between and _GAP.fullmatch(gap) is not None


def _cut(offset: int, text: str, longest: int) -> list[tuple[int, int]]:
    """Spans of the pieces of one paragraph, trimmed of space; ``offset`` is where it begins."""
    pieces = [text] if len(text) <= longest else _split(text, longest)
    spans: list[tuple[int, int]] = []
    start = offset
    for piece in pieces:
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append((start + lead, start + len(piece.rstrip())))
        start += len(piece)
    return spans


def _split(text: str, longest: int) -> list[str]:
    """Pieces that joined give ``text`` back, of about equal length, none above ``longest``."""
    # Imported here because it takes half a second, and only a build cuts text.
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    count = -(-len(text) // longest)
    even = min(longest, len(text) // count + longest // 6)  # room to end at a sentence
    splitter = RecursiveCharacterTextSplitter(
        separators=list(_SEPARATORS),
        is_separator_regex=True,
        keep_separator="end",
        strip_whitespace=False,
        chunk_size=even,
        chunk_overlap=0,
    )
    return splitter.split_text(text)


def _merge(pieces: Sequence[_Piece], shortest: int, longest: int) -> Iterator[list[_Piece]]:
    """Runs of neighbouring pieces that make one passage each."""
    run: list[_Piece] = []
    for piece in pieces:
        if run:
            fits = piece.end - run[0].start <= longest
            short = run[-1].end - run[0].start < shortest or piece.end - piece.start < shortest
            if not (fits and (short or _related(run[-1], piece))):
                yield run
                run = []
        run.append(piece)
    if run:
        yield run


def _related(last: _Piece, this: _Piece) -> bool:
    """Whether both are of one numbered paragraph: 33 and 33(a), or (a) and (b) of a list."""
    if last.index == this.index:
        return True
    a, b = last.paragraph.label, this.paragraph.label
    return a is not None and b is not None and _root(a) == _root(b)


def _root(label: str) -> str:
    """'33' of '33(a)'; '' of '(a)', whose parent has no number."""
    match = _ROOT.match(label)
    return (match.group(1) or "") if match else ""


def _passage(document: Document, ordinal: int, run: Sequence[_Piece]) -> Passage:
    labels = (piece.paragraph.label for piece in run)
    first = run[0].paragraph
    return _make(
        document,
        ordinal,
        (run[0].start, run[-1].end),
        heading=first.heading,
        paragraphs=tuple(dict.fromkeys(label for label in labels if label is not None)),
        page=first.page,
        part=first.part,
    )


def _note_passage(
    document: Document, ordinal: int, note: Note, caller: Paragraph | None
) -> Passage:
    labelled = caller is not None and caller.label is not None
    return _make(
        document,
        ordinal,
        (note.start, note.end),
        heading=caller.heading if caller else (),
        paragraphs=(str(caller.label),) if caller and labelled else (),
        page=caller.page if caller else None,
        part=caller.part if caller else "body",
        note=note.label,
    )


def _make(
    document: Document,
    ordinal: int,
    span: tuple[int, int],
    *,
    heading: tuple[str, ...],
    paragraphs: tuple[str, ...],
    page: int | None,
    part: Part,
    note: str | None = None,
) -> Passage:
    start, end = span
    return Passage(
        id=f"{document.id}:{start}-{end}",
        document_id=document.id,
        ordinal=ordinal,
        start=start,
        end=end,
        text=document.text[start:end],
        heading=heading,
        paragraphs=paragraphs,
        page=page,
        note=note,
        part=part,
    )
