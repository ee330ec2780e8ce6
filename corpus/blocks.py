"""What cleaning hands to structure: blocks, one a paragraph, heading, list item or note."""

import re
from dataclasses import dataclass

# Calls of notes stay in a block's text between these two marks until structure takes them out.
CALL_OPEN, CALL_CLOSE = "\x02", "\x03"
CALL = re.compile(f"{CALL_OPEN}([^{CALL_CLOSE}]+){CALL_CLOSE}")


@dataclass(frozen=True, slots=True)
class Block:
    """One logical unit of text, unwrapped.

    ``level`` is a Markdown heading's (0: not marked as one); ``indent`` counts leading spaces of
    its first line; ``gap`` says that a page break or a large space stood before it; ``ended`` says
    that the layout marks its end; ``note`` is the label when the block is a note.
    """

    text: str
    page: int | None = None
    level: int = 0
    indent: int = 0
    gap: bool = False
    bold: bool = False
    ended: bool = False
    note: str | None = None

    @property
    def plain(self) -> str:
        """The text without calls of notes."""
        return CALL.sub("", self.text)


_CLOSERS = "”’」』）)]\"'»›》*"
_TERMINAL = "。！？!?؟.；;：:…"


def is_closed(text: str) -> bool:
    """Whether a block's text ends as a sentence or a list item does."""
    bare = CALL.sub("", text).rstrip()
    stripped = bare.rstrip(_CLOSERS)
    return bool(stripped) and stripped[-1] in _TERMINAL


_ASIDES = frozenset(("摘要", "summary", "abstract", "résumé", "resumen", "резюме", "ملخص"))


def is_aside(block: Block) -> bool:
    """Whether a block heads a summary, which may stand in a box in the middle of a page."""
    return block.plain.strip().casefold() in _ASIDES
