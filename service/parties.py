"""States and bodies that take positions, and the names they go by in six languages; pure.

A question in one language and a sentence in another share hardly a word, but they do share whom
they speak of. A party's capital stands for it ('Beijing abstained'), and so do its adjectives.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from corpus import simplified

BODIES = frozenset({"un", "sg", "oosa", "copuos", "cd", "unidir"})
"""Codes of the parties that are no States but write documents."""

_TABLE = Path(__file__).with_name("parties.toml")
_NONE = "none"  # code of the names that are no party's
_SCRIPTS = ("zh", "latin", "ru", "ar")
_BREVE = "\u0306"  # what makes й of и
_KEPT = 8_192  # sentences; the same ones are read again and again
_SPACES = re.compile(r"[\s\-]+")


@lru_cache(maxsize=_KEPT)
def parties(text: str) -> frozenset[str]:
    """Codes of the parties that ``text`` names, whatever its language."""
    return frozenset(_in_order(text))


@lru_cache(maxsize=_KEPT)
def first_party(text: str) -> str | None:
    """The party that is named first: in most sentences the one that speaks; None without any."""
    return next(_in_order(text), None)


def _in_order(text: str) -> Iterator[str]:
    codes, pattern = _names()
    for match in pattern.finditer(plain_name(text)):
        code = codes[match[match.lastindex or 0]]
        if code != _NONE:
            yield code


def plain_name(text: str) -> str:
    """Without case, accents, Arabic letter variants, with simplified Chinese characters; spaces
    and hyphens made one space."""
    text = simplified(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))
    split = unicodedata.normalize("NFD", text)
    kept = "".join(ch for ch in split if ch == _BREVE or not unicodedata.combining(ch))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", kept).replace("ى", "ي"))


@cache
def _names() -> tuple[dict[str, str], re.Pattern[str]]:
    """Code by name, and the pattern whose one matching group is a name: Chinese ones anywhere,
    Latin ones as words, Russian ones with any ending, Arabic ones with prefixes and endings."""
    codes: dict[str, str] = {}
    by_script: dict[str, list[str]] = {script: [] for script in _SCRIPTS}
    for code, names_of in tomllib.loads(_TABLE.read_text(encoding="utf-8")).items():
        for script, names in names_of.items():
            folded = [plain_name(name) for name in names]
            if script == "ar":  # after ل the article is written لل
                folded += ["لل" + name[2:] for name in folded if name.startswith("ال")]
            codes.update(dict.fromkeys(folded, code))
            by_script[script] += folded
    either = {
        script: "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
        for script, names in by_script.items()
    }
    whole = (
        rf"({either['zh']})|(?<!\w)({either['latin']})(?!\w)|(?<!\w)({either['ru']})\w{{0,6}}(?!\w)"
        rf"|(?<!\w)[وفبلك]{{0,2}}({either['ar']})\w{{0,4}}(?!\w)"
    )
    return codes, re.compile(whole)
