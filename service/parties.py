"""States and bodies that take positions, and the names they go by in six languages; pure.

A question in one language and a sentence in another share hardly a word, but they do share whom
they speak of. A party's capital stands for it ('Beijing abstained'), and so do its adjectives.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from corpus import simplified

BODIES = frozenset({"un", "sg", "oosa", "copuos", "cd", "unidir", "eu", "nato", "brics", "eu-sa"})
"""Codes of the parties that are no States; in their own documents they need not name themselves."""

_TABLE = Path(__file__).with_name("parties.toml")
_NONE = "none"  # code of the names that are no party's
_SCRIPTS = ("zh", "latin", "ru", "ar")
_BREVE = "\u0306"  # what makes й of и
_KEPT = 8_192  # sentences; the same ones are read again and again
_SPACES = re.compile(r"[\s\-]+")
# Names that are known by their capitals alone: 'us' is a word.
_SHORT = {"US": "united states", "EU": "european union", "UE": "european union", "PRC": "china"}
_CAPITALS = re.compile(r"\b(?:U\.?S(?:\.?A)?\b\.?|EU\b|UE\b|PRC\b)")
# 中美两国: each character stands for a State, before a word that makes it certain.
_INITIALS = {
    "中": "中国", "美": "美国", "俄": "俄罗斯", "英": "英国", "法": "法国", "日": "日本",
    "韩": "韩国", "印": "印度", "德": "德国", "苏": "苏联",
}  # fmt: skip
_ANY = f"[{''.join(_INITIALS)}]"
TOGETHER = re.compile(
    rf"(?<!其)(?!法中){_ANY}(?:、?{_ANY}){{2}}(?=三[国方边])"
    rf"|(?<!其)(?!法中){_ANY}、?{_ANY}(?=两[国方个]|双[方边]|之间|间的|等国|关系|对话|(?:战略)?竞争"
    r"|合作|联合|共同|提案|草案|提出|冷战|太空|[都均在仍])"
)
"""Initials of Chinese names of States that stand together: the 中美 of 中美两国."""
# What stands between the names of those who speak together, with the rest of a full name.
_JOINED = re.compile(
    r"(?:\s|[、,،和与及同]|以及|联邦|共和国|合众国|北爱尔兰|l'|d'amerique|федерац\w{1,4}\b|америки"
    r"|а также|as well as|together with|ainsi que|asi como|جمهورية|الشعبية|الامريكية|كذلك"
    r"|\b(?:and|et|y|e|и|و|the|la|le|les|el|los|las|de|federation|federacion)\b"
    r"|\b(?:of america|america|of great|northern ireland)\b)*"
)


@lru_cache(maxsize=_KEPT)
def parties(text: str) -> frozenset[str]:
    """Codes of the parties that ``text`` names, whatever its language."""
    return frozenset(_in_order(text))


@lru_cache(maxsize=_KEPT)
def first_parties(text: str) -> frozenset[str]:
    """The party that is named first, with those named along with it ('China and Russia'): in most
    sentences who speaks; empty without any."""
    found: list[str] = []
    written, end = _written_out(text), 0
    for code, match in _named(written):
        if found and not _JOINED.fullmatch(written, end, match.start()):
            break
        found.append(code)
        end = match.end()
    return frozenset(found)


def _in_order(text: str) -> Iterator[str]:
    return (code for code, _ in _named(_written_out(text)))


def _named(written: str) -> Iterator[tuple[str, re.Match[str]]]:
    codes, pattern = _names()
    for match in pattern.finditer(written):
        code = codes[match[match.lastindex or 0]]
        if code != _NONE:
            yield code, match


def _written_out(text: str) -> str:
    """As ``plain_name``, with names for US and for initials: 中国、美国 for 中美两国's 中美."""
    text = _CAPITALS.sub(lambda m: _SHORT.get(m[0].replace(".", ""), "united states"), text)
    return TOGETHER.sub(
        lambda m: "、".join(_INITIALS[each] for each in m[0] if each in _INITIALS),
        plain_name(text),
    )


def plain_name(text: str) -> str:
    """Without case, accents, Arabic letter variants, with simplified Chinese characters; spaces
    and hyphens made one space."""
    text = simplified(unicodedata.normalize("NFKC", text).casefold().replace("’", "'"))
    split = unicodedata.normalize("NFD", text)
    kept = "".join(ch for ch in split if ch == _BREVE or not unicodedata.combining(ch))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", kept).replace("ى", "ي"))


def _any_of(names: Iterable[str]) -> str:
    """A pattern of them, the longest first, by their letters one after the other: two thousand
    names side by side would each be tried everywhere."""
    tree: dict[str, Any] = {}
    for name in names:
        node = tree
        for letter in name:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: Mapping[str, Any]) -> str:
    after = [re.escape(letter) + _branches(node[letter]) for letter in sorted(node) if letter]
    if not after:
        return ""
    return f"(?:{'|'.join(after)}){'?' if '' in node else ''}"


@cache
def names_of(code: str) -> tuple[str, ...]:
    """Every name of a party, in its table's forms; those in Russian and Arabic are stems."""
    names = tomllib.loads(_TABLE.read_text(encoding="utf-8"))[code]
    return tuple(name for script in _SCRIPTS for name in names.get(script, ()))


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
    either = {script: _any_of(names) for script, names in by_script.items()}
    whole = (
        rf"({either['zh']})|(?<!\w)({either['latin']})(?!\w)|(?<!\w)({either['ru']})\w{{0,6}}(?!\w)"
        rf"|(?<!\w)[وفبلك]{{0,2}}(?:ال)?({either['ar']})\w{{0,4}}(?!\w)"
    )
    return codes, re.compile(whole)
