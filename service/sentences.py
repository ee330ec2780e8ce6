"""Passages -> sentences with what the writer asks of them, each passage read once.

Spans are code points into the document's text. A sentence never crosses the border of a
paragraph, nor that of its passage.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from corpus import WEB_ADDRESS, Document, Hit, Passage, simplified
from index import Bounded, analyse, sentence_spans
from service.answer_type import Reading, read

KEPT_PASSAGES = 2_048  # some tens of megabytes
_FEWEST_LETTERS = 12  # fewer is a number, a bullet or a stray heading
_HAN_LETTERS = 2.5  # a Chinese character says about as much as this many letters
_HAN = re.compile(r"[\u3400-\u9fff]")
_LETTER = re.compile(r"[^\W\d_]")
# A sentence that begins so speaks of something named before it, also after a word that joins it on;
# and so does one that begins by setting itself against what was said.
_REFERS_BACK = {
    "zh": r"它|他|她|该|这|此(?!外|次|后)|其(?!他|它|中|次)|上述|前者|后者|两者",
    "en": r"(?:it|its|this|these|those|that|they|their|he|she|such|the (?:former|latter))\b",
    "fr": r"(?:ils?|elles?|ce|cet|cette|ces|cela|ceci|celui|celles?|ceux|c'|son|sa|ses|leurs?)\b",
    "es": r"(?:est[eao]s?|es[eao]s?|ello|ell[ao]s?|él|dich[ao]s?|sus?|tal|tales)\b",
    "ru": r"(?:эт(?:о|от|а|и|ому|им|их)|он|она|оно|они|его|её|ее|их|так(?:ой|ая|ое|ие)"
    r"|данн\w+|указанн\w+)\b",
    "ar": r"[وف]?(?:هذا|هذه|هؤلاء|ذلك|تلك|هو|هي|هم|وهو|وهي)\b",
}
_JOINS_ON = {
    "zh": "然而|但是?|不过|此外|同时|因此|对此|为此|相比之下|在这方面",
    "en": "however|but|yet|moreover|furthermore|therefore|thus|accordingly|at the same time"
    "|in (?:this|that) (?:regard|connection)",
    "fr": "cependant|toutefois|mais|or|néanmoins|de plus|en outre|par conséquent|ainsi|donc"
    "|à cet égard",
    "es": "sin embargo|no obstante|pero|además|por (?:lo )?tanto|por consiguiente|así|(?:a este|al)"
    " respecto",
    "ru": "однако|но|кроме того|поэтому|таким образом|тем не менее|вместе с тем|в этой связи",
    "ar": "غير أن|و?لكن|ومع ذلك|لذلك|وبالتالي|وفي هذا الصدد",
}
_AGAINST = {
    "zh": "相比之下|相反",
    "en": r"(?:(?:by|in) contrast|conversely|on the contrary)\b",
    "fr": r"(?:en revanche|au contraire|à l['’]inverse)\b",
    "es": r"(?:en cambio|por el contrario|a la inversa)\b",
    "ru": r"(?:напротив|наоборот)\b",
    "ar": r"و?(?:في المقابل|بالمقابل|على العكس)\b",
}
_BACK = {
    language: re.compile(
        rf"(?:(?:{_JOINS_ON[language]})[，,،]?{'' if language == 'zh' else '[ ]'})?(?:{words})"
        rf"|{_AGAINST[language]}",
        re.IGNORECASE,
    )
    for language, words in _REFERS_BACK.items()
}
# What a source that is named ends with: after a comma or in brackets a date, page or paragraph, or
# an earlier note.
_PLACE = re.compile(
    r"(?:[,(:]\s*(?:\d{1,2}(?:er)?\s+(?:de\s+)?)?(?:[^\W\d]+\s+(?:de\s+)?)?(?:19|20)\d\d(?:\s*г)?"
    r"|[,(:]\s*(?:19|20)\d\d\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*日)?(?:\s*第\s*\d+\s*期)?"
    r"|[,)]\s*第[\w().\-–、 ]+[页段节]"
    r"|[,)]\s*(?:pp?|paras?|párrs?|págs?|пп?|стр?)\.\s*\d[\d–-]*"
    r"|\(注释\s*\d+|\b(?:ibid|idem|op\. cit))"
    r"[\s)\]。.;,]*$",
    re.IGNORECASE,
)
_COLONS = ":："
_OPEN_ENDS = f";；؛{_COLONS}"  # a list goes on after these


@dataclass(frozen=True)
class Sentence:
    """One sentence; ``block`` tells the paragraphs of a passage apart, and ``plain`` is what is
    said: without addresses, width, case and spacing. What costs time is worked out when it is
    asked for, and kept."""

    text: str
    start: int
    end: int
    block: int
    language: str

    @cached_property
    def plain(self) -> str:
        return _folded(self.without_address)

    @cached_property
    def without_address(self) -> str:
        return _without_addresses(self.text)

    @cached_property
    def names_a_source(self) -> bool:
        """Whether it has a web address, or ends as a reference does: a date, page or paragraph."""
        if WEB_ADDRESS.search(self.text) is not None:
            return True
        return _PLACE.search(unicodedata.normalize("NFKC", self.text)) is not None

    @cached_property
    def terms(self) -> frozenset[str]:
        return frozenset(analyse(self.plain, self.language))

    @cached_property
    def reading(self) -> Reading:
        return read(self.without_address, self.language)

    @cached_property
    def refers_back(self) -> bool:
        pattern = _BACK.get(self.language)
        return pattern is not None and pattern.match(simplified(self.text)) is not None

    @property
    def goes_on(self) -> bool:
        return self.text[-1] in _OPEN_ENDS

    @property
    def announces(self) -> bool:
        """Whether what it says comes after it."""
        return self.text[-1] in _COLONS

    @cached_property
    def says_something(self) -> bool:
        letters = len(_LETTER.findall(self.plain))
        return letters + (_HAN_LETTERS - 1) * len(_HAN.findall(self.plain)) >= _FEWEST_LETTERS


class SentenceReader:
    """Splits passages into sentences, and remembers the last ones. Safe among threads."""

    def __init__(self, kept: int = KEPT_PASSAGES) -> None:
        self._known: Bounded[tuple[str, str, str], tuple[Sentence, ...]] = Bounded(kept)

    def of(self, hits: Sequence[Hit]) -> list[tuple[Sentence, ...]]:
        """The sentences of each hit's passage, in reading order."""
        keys = [_key(hit) for hit in hits]
        by_key = dict(zip(keys, hits, strict=True))
        found = self._known.get_all(
            keys,
            lambda missing: [split(by_key[key].passage, by_key[key].document) for key in missing],
        )
        return [found[key] for key in keys]


def _key(hit: Hit) -> tuple[str, str, str]:
    """The same passage of the same text: a rebuilt document may keep its id and not its words."""
    return hit.document.id, hit.passage.id, hit.passage.text


def split(passage: Passage, document: Document) -> tuple[Sentence, ...]:
    """The sentences of ``passage`` that say something, in reading order."""
    found = [
        Sentence(document.text[start:end], start, end, block, document.language)
        for block, start, end in sentence_spans(passage, document)
    ]
    return tuple(sentence for sentence in found if sentence.says_something)


def plain(text: str) -> str:
    """What is said: without addresses, width, case and spacing."""
    return _folded(_without_addresses(text))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _without_addresses(text: str) -> str:
    return unicodedata.normalize("NFKC", WEB_ADDRESS.sub(" ", text))
