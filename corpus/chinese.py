"""Traditional Chinese characters and the simplified ones they are read as, one for one.

The table is OpenCC's, of single characters: most of what a whole-phrase conversion would do, and
no text changes its length, so that offsets into it hold.
"""

import re
from functools import cache

IDEOGRAPHS = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0x20000, 0x323B0))  # half-open ranges
# What single characters cannot tell: 著 is 着 in 著陆 and 意味著, and stays in 著作.
_BY_NEIGHBOUR = re.compile(r"甚(?=么)|瞭(?=解)|著(?=[陆手重眼])|(?<=[味随绕沿])著")
_READ_AS = {"甚": "什", "瞭": "了", "著": "着"}


@cache
def simpler_characters() -> dict[int, str]:
    """Code point -> the simplified character, for ``str.translate``; only those that differ."""
    from opencc import OpenCC  # not before there is Chinese to read

    characters = [chr(code) for first, end in IDEOGRAPHS for code in range(first, end)]
    read = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, read, strict=True)
    return {ord(old): new for old, new in pairs if old != new and len(new) == 1}


def simplified(text: str) -> str:
    """``text`` with its traditional characters simplified; the length stays."""
    if text.isascii():
        return text
    plain = text.translate(simpler_characters())
    return _BY_NEIGHBOUR.sub(lambda match: _READ_AS[match.group()], plain)
