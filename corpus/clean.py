"""Raw text -> blocks: normalised, without page furniture, unwrapped, notes set apart."""

from collections import Counter
from dataclasses import dataclass, replace

from corpus.blocks import Block, is_aside, is_closed
from corpus.furniture import drop_furniture
from corpus.labels import heading_label, item_label, paragraph_label
from corpus.markup import mark_sup, markdown_blocks, strip_tags, unlink
from corpus.normalise import is_cjk, normalise, width
from corpus.notes import split_notes
from corpus.types import RawDocument
from corpus.unwrap import join_lines, plain_blocks

_HEADING_COLUMNS = 90  # a line wider than this is a paragraph, whatever it ends with


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Blocks in reading order, notes where they stood; ``symbols`` stood alone on lines."""

    blocks: tuple[Block, ...]
    symbols: Counter[str]
    title: str | None = None


def clean(raw: RawDocument) -> Cleaned:
    """Blocks of the running text and of the notes; a sentence that a page broke is whole again."""
    pages, symbols = drop_furniture(tuple(normalise(page) for page in raw.pages))
    if raw.markup == "markdown":
        blocks = markdown_blocks(tuple(mark_sup(page) for page in pages), raw.page_numbers)
        airy = True
    else:
        blocks, airy = plain_blocks(pages, raw.page_numbers)
    blocks = [replace(block, text=strip_tags(unlink(block.text))) for block in blocks]
    blocks = split_notes([block for block in blocks if block.text.strip()])
    blocks = _mend(blocks, airy)
    return Cleaned(tuple(block for block in blocks if block.text.strip()), symbols, raw.title)


def _is_open(block: Block) -> bool:
    """Whether a paragraph stops in mid-sentence."""
    if block.note or block.level or block.bold or block.ended or is_closed(block.plain):
        return False
    long = width(block.plain) > _HEADING_COLUMNS
    return long or (paragraph_label(block.plain) is not None and width(block.plain) > 40)


def _continues(block: Block) -> bool:
    """Whether a block may be the rest of the sentence before it."""
    text = block.plain
    if block.note or block.level or block.bold or text.startswith("•"):
        return False
    return not (heading_label(text) or paragraph_label(text) or item_label(text))


def _mend(blocks: list[Block], airy: bool) -> list[Block]:
    """Join the two parts of a paragraph that notes, a box or a page break came between."""
    out: list[Block] = []
    open_at: int | None = None  # where in ``out`` the paragraph in mid-sentence stands
    aside = False
    for block in blocks:
        if block.note:
            out.append(block)
            continue
        if open_at is not None:
            if is_aside(block):
                aside = True
            elif aside and not block.gap:
                pass
            elif _continues(block):
                whole = _joined(out[open_at], block, airy)
                out[open_at] = whole
                open_at = open_at if _is_open(whole) else None
                aside = False
                continue
            else:
                open_at, aside = None, False
        out.append(block)
        if open_at is None and _is_open(block):
            open_at = len(out) - 1
    return out


def _joined(left: Block, right: Block, airy: bool) -> Block:
    a, b = left.text.rstrip(), right.text.lstrip()
    if a.endswith("\x03") and b:  # a note is called just where the page broke
        glue = "" if is_cjk(left.plain.rstrip()[-1]) or is_cjk(right.plain.lstrip()[0]) else " "
        return replace(left, text=f"{a}{glue}{b}")
    return replace(left, text=join_lines(a, b, airy))
