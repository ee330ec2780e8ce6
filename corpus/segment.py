"""Sentence segmentation for the six languages: spans into the text as given; pure."""

import re

# Abbreviations after which a full stop does not end a sentence, casefolded, without the stop.
_ABBREVIATION_LIST = (
    # en
    "mr mrs ms dr prof st no nos art arts para paras sect sects ch chap vol vols ed eds p pp fig"
    " figs cf e.g i.e etc al ibid op cit inc ltd co corp jan feb mar apr jun jul aug sep sept oct"
    " nov dec add rev corr u.s u.k u.n vs approx gen lt col amb res doc docs sess mtg sec secs incl"
    " resp suppl hon sen rep gov ph.d a.m"
    # fr, es
    " m mm mme mlle n° nº art al par chap éd env réf rés ann sr sra sres dra lic pág págs párr"
    " párrs núm núms cap ee.uu ee uu etc ej excmo excma"
    # ru
    " г гг ст стр п пп ч гл рис табл им т тт др пр см ср напр тыс млн млрд д-р проф ул т.е т.д"
    " т.п т.к н.э долл руб рез док разд прим акад стб"
)
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())
# What closes a title (》) or goes on with a comma is a mark inside a sentence, not its end.
_HARD_END = re.compile(r"[。！？!?؟…]+(?![》〉])[”’」』）)\]\"'»›]*(?![，、；,;》〉])|\n+")
_STOP = re.compile(r"\.+[”’)\]\"'»›]*(?=\s|$)")
# A capital with a stop is an initial ('M. Dupont'), not a label.
_LEADING_LABEL = re.compile(
    r"\s*(?:\d{1,3}[.)]|\([A-Za-z]{1,3}\)|（[A-Za-z一-十]{1,3}）|[㈠-㈩]|[a-z]\.|•)\s+"
)
_NEXT_OPENS = re.compile(r"\s+[“‘«‹(\[\"'¿¡]*(?P<first>\w)")


def _stop_ends(text: str, stop: int, end: int) -> bool:
    """Whether the full stop at ``text[stop]`` ends a sentence."""
    before = re.search(r"[\w.°º-]+$", text[max(0, stop - 20) : stop])
    token = before.group().casefold() if before else ""
    if token in _ABBREVIATIONS or token.rstrip(".") in _ABBREVIATIONS:
        return False
    if re.fullmatch(r"\w|(?:\w\.)+\w", token) and not token.isdigit():
        return False  # an initial, or U.S
    following = _NEXT_OPENS.match(text, end)
    if following is None:
        return True
    first = following.group("first")
    return not first.islower()


def _ends(text: str) -> list[int]:
    ends = {match.end() for match in _HARD_END.finditer(text)}
    for match in _STOP.finditer(text):
        if _stop_ends(text, match.start(), match.end()):
            ends.add(match.end())
    ends.add(len(text))
    return sorted(ends)


def sentences(text: str, language: str) -> list[tuple[int, int]]:
    """Spans (start, end) of the sentences of ``text``, in order, in code points.

    Spans hold no surrounding white space and no leading paragraph label ('38.', '(a)', '㈡').
    ``language`` is one of the six; a newline always ends a sentence, and in Chinese a
    semicolon does where the sentence up to it has forty characters or more.
    """
    ends = _ends(text)
    if language == "zh":
        ends = _with_semicolons(text, ends)
    spans = []
    start = 0
    for end in ends:
        label = _LEADING_LABEL.match(text, start)
        left = label.end() if label else start
        if left >= end:
            continue  # the stop of the label itself
        piece = text[left:end]
        left += len(piece) - len(piece.lstrip())
        right = end - (len(piece) - len(piece.rstrip()))
        if right > left and any(ch.isalnum() for ch in text[left:right]):
            spans.append((left, right))
        start = end
    return spans


def _with_semicolons(text: str, ends: list[int]) -> list[int]:
    out: list[int] = []
    start = 0
    for end in ends:
        for match in re.finditer("[；;]", text[start:end]):
            if match.end() + start - (out[-1] if out else 0) >= 40:
                out.append(match.end() + start)
        out.append(end)
        start = end
    return sorted(set(out))
