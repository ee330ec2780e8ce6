"""Traditional Chinese characters and the simplified ones they are read as, one for one.

The table is OpenCC's, of single characters: most of what a whole-phrase conversion would do, and
no text changes its length, so that offsets into it hold.
"""

from functools import cache

from opencc import OpenCC

IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))  # half-open ranges


@cache
def simpler_characters() -> dict[int, str]:
    """Code point -> the simplified character, for ``str.translate``; only those that differ."""
    characters = [chr(code) for first, end in IDEOGRAPHS for code in range(first, end)]
    read = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, read, strict=True)
    return {ord(old): new for old, new in pairs if old != new and len(new) == 1}


def simplified(text: str) -> str:
    """``text`` with its traditional characters simplified; the length stays."""
    return text.translate(simpler_characters())
