"""Characters: NFKC where it is safe, odd spaces and invisible marks; line structure is kept."""

import re
import unicodedata

# Full-width letters and digits, radicals and compatibility ideographs, Latin ligatures and
# Arabic presentation forms mean what their NFKC form means. Full-width punctuation, superscripts,
# circled and parenthesised numerals carry meaning of their own and stay.
_SAFE = re.compile(
    "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u2e80-\u2fdf\uf900-\ufaff"
    "\ufb00-\ufb06\ufb50-\ufdfb\ufe70-\ufefc]"
)
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t\v]")
_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x08\x0e-\x1f]"
)
_BULLET = re.compile("(?m)^([ ]*)[\ue000-\uf8ff\u25cf\u25aa\u25a0\u2023\u2043\u00b7][ ]*")
_PRIVATE = re.compile("[\ue000-\uf8ff]")
_LETTER_SPACED = re.compile(
    r"(?:(?<=\s)|(?<=^)|(?<=[.、]))((?:[\u4e00-\u9fff] ){4,}[\u4e00-\u9fff])"
)


def normalise(text: str) -> str:
    """The same text in plain characters; every line break is a newline and stays where it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    text = _INVISIBLE.sub("", text)
    text = _SPACES.sub(" ", text)
    text = _SAFE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), text)
    text = _BULLET.sub("\\1• ", text)
    text = _PRIVATE.sub("", text)
    return _LETTER_SPACED.sub(lambda match: match.group().replace(" ", ""), text)


def is_cjk(ch: str) -> bool:
    """A Chinese character or punctuation set without spaces around it."""
    code = ord(ch)
    return (
        0x3000 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xFF01 <= code <= 0xFF65
        or 0x20000 <= code <= 0x3FFFF
        or ch in "“”‘’—…"
    )


def is_ideograph(ch: str) -> bool:
    """A Chinese character, not punctuation."""
    return 0x3400 <= ord(ch) <= 0x9FFF or 0x20000 <= ord(ch) <= 0x3FFFF


def width(text: str) -> int:
    """Columns that the text takes on a page: a Chinese character takes two."""
    return sum(2 if is_cjk(ch) else 1 for ch in text)
