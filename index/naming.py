"""Which documents a question names: by symbol ('A/AC.105/1235'), else by what they are ('the
report of the Secretary-General'), which they say of themselves at their beginning; pure.
"""

import re
import unicodedata
from collections.abc import Collection

from corpus import SYMBOL, Document, simplified

_OPENING = 1_200  # characters in which a document says what it is
# In the six languages, folded and without the spaces that extractions put between characters.
_KINDS = tuple(
    re.compile(kind)
    for kind in (
        r"秘书长的?(?:20\d\d年)?报告|report (?:of|by|from) the secretary[- ]general"
        r"|secretary[- ]general['’]s (?:20\d\d )?report|rapport du secretaire general"
        r"|informe del secretario general|доклад\w* генерального секретаря|تقرير (?:ال)?امين العام",
        r"秘书处的?说明|note (?:of|by|from) the secretariat|secretariat['’]s note"
        r"|note du secretariat|nota de la secretaria|записк\w+ секретариата"
        r"|مذكرة (?:من )?(?:ال)?امانة",
        r"普通照会|notes? verbales?|notas? verbal(?:es)?|вербальн\w+ нот\w+"
        r"|(?:ال)?مذكرة (?:ال)?شفوية",
        r"工作文件|working papers?|documents? de travail|documentos? de trabajo"
        r"|рабоч\w+ документ\w*|ورقة (?:ال)?عمل",
    )
)
# What may be another document than the one of that kind.
_ANY_DOCUMENT = re.compile(
    r"报告|文件|论文|\b(?:report|paper|document|rapport|informe|documento)s?\b|доклад|документ"
    r"|تقرير|وثيقة|ورقة"
)
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


def names_document(question: str, symbol: str | None) -> bool:
    """Whether ``question`` names the document of this symbol, or none by symbol at all."""
    end = r"(?![A-Za-z0-9/])"  # A/AC.1/1 is not named by A/AC.1/12
    if symbol and symbol in question and re.search(re.escape(symbol) + end, question):
        return True
    return SYMBOL.search(question) is None


class Named:
    """The documents of an index by what they are called; immutable."""

    def __init__(self, documents: Collection[Document]) -> None:
        self._symbols = {each.id: each.symbol for each in documents}
        self._kinds = {each.id: _says_it_is(each) for each in documents}

    def by_symbol(self, question: str) -> frozenset[str] | None:
        """Ids of the documents that ``question`` names by symbol; None when it names none so, and
        an empty set when the symbol is that of none of these."""
        if SYMBOL.search(question) is None:
            return None
        known = self._symbols.items()
        return frozenset(id for id, each in known if each and names_document(question, each))

    def by_kind(self, question: str) -> frozenset[str] | None:
        """Ids of the documents of the one kind that ``question`` names; None when it names none,
        or several documents, or when none of these is of that kind."""
        folded = _folded(question)
        kinds = [(n, kind) for n, kind in enumerate(_KINDS) if kind.search(folded) is not None]
        if len(kinds) != 1 or _ANY_DOCUMENT.search(kinds[0][1].sub(" ", folded)) is not None:
            return None
        return frozenset(id for id, own in self._kinds.items() if kinds[0][0] in own) or None


def _says_it_is(document: Document) -> frozenset[int]:
    """The kinds that its title names, or a line of its opening begins with."""
    title = _folded(document.title)
    lines = [_folded(line) for line in document.text[:_OPENING].splitlines()]
    return frozenset(
        n
        for n, kind in enumerate(_KINDS)
        if kind.search(title) or any(kind.match(line.lstrip("#* ")) for line in lines)
    )


def _folded(text: str) -> str:
    """Without case, accents, and spaces between Chinese characters; hamzas dropped."""
    text = simplified(unicodedata.normalize("NFKC", text)).casefold()
    bare = "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))
    return " ".join(_BETWEEN_HAN.sub("", bare).split())
