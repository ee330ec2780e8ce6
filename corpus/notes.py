"""Notes out of the running text: note blocks become notes, their calls become marks; pure."""

import re
from dataclasses import replace

from corpus.blocks import CALL_CLOSE, CALL_OPEN, Block

_SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_TO_DIGITS = str.maketrans(_SUPERSCRIPT, "0123456789")
_CALL = re.compile(f"(?<=\\S)[ ]?([{_SUPERSCRIPT}]{{1,3}})")
_NOTE = re.compile(f"^([{_SUPERSCRIPT}]{{1,3}})\\s*(?=\\S)")
_PLAIN_NOTE = re.compile(r"^(\d{1,3})\s+(?=\S)")
_UNIT = re.compile(r"(?:(?<![\d/])10|\b(?:k|c|m|d)?m|\bs)$")  # 10², km², m³, s²


def _called(text: str, labels: set[str]) -> list[str]:
    found = (match.group(1).translate(_TO_DIGITS) for match in _CALL.finditer(text))
    return [label for label in found if not labels or label in labels]


def split_notes(blocks: list[Block]) -> list[Block]:
    """The same blocks with ``note`` set on those that are notes, and calls marked in the others.

    A note begins with its superscript number; one whose number lost its superscript is still a
    note when it is the next in order and the text before it has called it.
    """
    out: list[Block] = []
    last, called = 0, set[str]()
    for block in blocks:
        match = None if block.level else _NOTE.match(block.text)
        number = int(match.group(1).translate(_TO_DIGITS)) if match else None
        if match is None and not block.level:
            plain = _PLAIN_NOTE.match(block.text)
            if plain and int(plain.group(1)) == last + 1 and plain.group(1) in called:
                match, number = plain, last + 1
        if match and number is not None and (number > last or number == 1):
            out.append(replace(block, text=block.text[match.end() :], note=str(number)))
            last = number
            continue
        called.update(_called(block.text, set()))
        out.append(block)
    labels = {block.note for block in out if block.note is not None}
    return [block if block.note else _mark_calls(block, labels) for block in out]


def _mark_calls(block: Block, labels: set[str]) -> Block:
    def mark(match: re.Match[str]) -> str:
        label = match.group(1).translate(_TO_DIGITS)
        if label not in labels or _UNIT.search(block.text[: match.start()]):
            return match.group()
        return f"{CALL_OPEN}{label}{CALL_CLOSE}"

    return replace(block, text=_CALL.sub(mark, block.text))
