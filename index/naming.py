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
        self._kinds = {
            each.id: _kinds(f"{each.title} {each.text[:_OPENING]}") for each in documents
        }

    def by(self, question: str) -> frozenset[str] | None:
        """Ids of the documents that ``question`` names; None when it names none, and an empty set
        when the symbol is that of none of these."""
        if SYMBOL.search(question) is not None:
            known = self._symbols.items()
            return frozenset(id for id, each in known if each and names_document(question, each))
        kinds = _kinds(question)
        return frozenset(id for id, own in self._kinds.items() if own & kinds) or None


def _kinds(text: str) -> frozenset[int]:
    """Which of the kinds ``text`` names."""
    folded = _folded(text)
    return frozenset(n for n, kind in enumerate(_KINDS) if kind.search(folded) is not None)


def _folded(text: str) -> str:
    """Without case, accents, and spaces between Chinese characters; hamzas dropped."""
    text = simplified(unicodedata.normalize("NFKC", text)).casefold()
    bare = "".join(ch for ch in unicodedata.normalize("NFD", text) if not unicodedata.combining(ch))
    return " ".join(_BETWEEN_HAN.sub("", bare).split())
