"""The paragraphs that a question names by number, in six languages; pure."""

import re
import unicodedata
from functools import lru_cache

_ONE = r"\d{1,3}(?:\s?\([a-z]\))?"
_MORE = rf"(?:{_ONE}|\(?[a-z]\))"  # '33(a) and (b)', '5 a) y b)'
_END = r"(?![\d/(]|[.,]\d)"
_TO = r"[\-–—−‐‑~]|to|through|à|al?|по|до|至|到|إلى|الى|حتى"
_AND = r"[,،](?:\s*(?:and|or|et|ou|y|o|и|или|و))?|[、和及与&]|以及|或|and|or|et|ou|y|e|o|и|или|و|أو"
_FROM = r"(?:(?:from|del?|du|с|от|من)\s+)?"
_BETWEEN = r"(?:\s*段)?\s*"
_SPAN = rf"({_ONE}(?:{_BETWEEN}(?:{_TO})\s*第?\s*{_MORE})?+){_END}"
_LIST = rf"({_ONE}(?:{_BETWEEN}(?:{_TO}|{_AND})\s*第?\s*{_MORE})*+){_END}"
_ITEM = re.compile(rf"(?P<to>{_TO})?\s*第?\s*(?P<one>{_MORE})", re.IGNORECASE)
_PARAGRAPH = re.compile(
    rf"第\s*{_LIST}\s*段(?![视录轨时话])|\A\s*{_LIST}\s*段(?![视录轨时话])"
    rf"|\b(?:para(?:graphe?)?|párrafo|para\.|par\.|párr\.|п\.)\s*{_SPAN}"
    rf"|\b(?:paragraphe?s|paras\.?|párrafos|párrs\.?|pars\.?|пп\.)\s*{_FROM}{_LIST}"
    rf"|\bпункт(?:а|е|у|ом)?\s+{_SPAN}(?!\s*повестк)"
    rf"|\bпункт(?:ы|ах|ов|ам|ами)\s+{_FROM}{_LIST}(?!\s*повестк)"
    rf"|فقرة\s*{_SPAN}|فقر(?:تان|تين|ات)\s*{_FROM}{_LIST}",
    re.IGNORECASE,
)
_MOST = 10  # paragraphs of one question
_KEPT = 256  # questions: each is read more than once on its way
# Paragraphs of an article are numbered anew in each; and a resolution's number is no symbol.
_OTHERS = re.compile(
    r"\bart(?:icles?|ículos?|\.)|\bстат(?:ья|ьи|ье|ью|ей)\b|المادة|第\s*[\d一二三四五六七八九十]+\s*条"
    r"|r[eé]solu|резолюц|决议|قرار",
    re.IGNORECASE,
)
# '(c) of paragraph 5', 第5段(c)项 and '5 c)' all name 5(c).
_LETTER = r"\s*\(?([a-z])\)"
_WORD = r"(?:para(?:graphe?)?|párrafo|п(?:\.|ункт\w{0,2})|(?:ال)?فقرة)"
_PART_FIRST = re.compile(
    r"(?:\bsub-?para(?:graph)?|\bitem|\bpoint|\balinéa|\blettre|\binciso|\bapartado|\bletra|\bподпункт\w{0,2}"
    rf"|الفقرة الفرعية|البند){_LETTER}\s*(?:(?:of|in|du|de|del|al|من|في)\s+)?(?:the\s+)?({_WORD})"
    r"\s*(\d{1,3})(?![\d(])",
    re.IGNORECASE,
)
_PART_LAST = re.compile(r"(第\s*\d{1,3})\s*段\s*\(?([a-z])\)?\s*(?=项|分段|款|点)", re.IGNORECASE)
_HALF = re.compile(r"(?<=\d)\s?([a-z])\)", re.IGNORECASE)
# Letters as others write them: (ج) and (с) for (c).
_OTHER_LETTERS = dict(zip("أابجدهабвсгд", "aabcdeabccde", strict=True))
_OTHER_LETTER = re.compile(rf"(?<=[\d\s(])([{''.join(_OTHER_LETTERS)}])(?=\))")
Span = tuple[int, int]


@lru_cache(maxsize=_KEPT)
def paragraphs_named(question: str) -> tuple[str, ...]:
    """The labels of the paragraphs that ``question`` names, in its order: '38', '33(a)'; of '38 to
    40' all three, of '9 to 7' those two; the first ten. Empty when it names none, or those of an
    article or a resolution."""
    text = _latin_letters(unicodedata.normalize("NFKC", question))
    if _OTHERS.search(text):
        return ()
    labels: list[str] = []
    for match in _PARAGRAPH.finditer(text):
        before = ""
        for item in _ITEM.finditer(next(group for group in match.groups() if group)):
            label = _label(item["one"], before)
            labels += _between(before, label) if item["to"] else ()
            labels.append(label)
            before = label
    return tuple(dict.fromkeys(labels))[:_MOST]


def _label(written: str, before: str) -> str:
    """Of '33 (A)'; of '(b)' or 'b)' after 33(a) 33(b)."""
    plain = written.lower().replace(" ", "")
    if "(" not in plain and not plain.isdigit():
        plain = f"({plain}"
    digits, letter, rest = plain.partition("(")
    return f"{int(digits or before.partition('(')[0])}{letter}{rest}"


def _between(first: str, last: str) -> list[str]:
    """What stands between the ends of a range: numbers, or letters of one number."""
    if first.isdigit() and last.isdigit():
        return [str(n) for n in range(int(first) + 1, min(int(last), int(first) + _MOST))]
    number, _, letter = first.partition("(")
    if letter and last.startswith(f"{number}("):
        return [f"{number}({chr(n)})" for n in range(ord(letter[0]) + 1, ord(last[-2]))]
    return []


def paragraph_spans(question: str) -> list[Span]:
    """Where paragraphs are named by number, in reading order."""
    return [match.span() for match in _PARAGRAPH.finditer(question)]


def _latin_letters(text: str) -> str:
    """With every part of a paragraph written as 5(c)."""
    text = _OTHER_LETTER.sub(lambda match: _OTHER_LETTERS[match[1]], text)
    text = _PART_FIRST.sub(r"\2 \3(\1)", text)
    return _HALF.sub(r"(\1)", _PART_LAST.sub(r"\1(\2)段", text))


def is_part(label: str, other: str) -> bool:
    """Whether a label is that of ``other`` or of a part of it: 33(a) of 33, and not 330."""
    return label.startswith(other) and not label[len(other) : len(other) + 1].isdecimal()
