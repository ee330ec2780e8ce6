"""Which of the six languages a text is in, from its script and, for Latin script, its words."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

_WORD = re.compile(r"[^\W\d_]+")

# The commonest function words of each language that the other two do not share, and question
# words, so that a question of three words is placed as surely as a page.
_LATIN_WORDS = {
    "en": "the of and to in is are was were be been by on with that this which who what when where"
    " why how does did do has have had it its their from at as or an not should would will can"
    " many much about between under any",
    "fr": "le la les des du de et est sont une un au aux que qui quoi quel quelle quels quelles"
    " dans pour par sur avec ne pas ce cette ces son ses leur leurs été ont pourquoi comment"
    " combien où quand il elle entre sous selon ou à y d l qu n s",
    "es": "el la los las de del y es son una un al que qué quién quiénes cuál cuáles cómo cuándo"
    " dónde cuánto cuántos cuántas por para con en no se su sus lo fue fueron han ha entre sobre"
    " según ante o este esta estos",
}
_VOTES = {lang: dict.fromkeys(words.split(), 1.0) for lang, words in _LATIN_WORDS.items()}
_LETTERS = {"fr": "çœêëèàùâîôû", "es": "ñ¿¡áíóú"}


@lru_cache(maxsize=8192)
def _script(ch: str) -> str | None:
    code = ord(ch)
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x3FFFF:
        return "zh"
    if 0x0600 <= code <= 0x06FF or 0x0750 <= code <= 0x077F or 0xFB50 <= code <= 0xFEFF:
        return "ar"
    if 0x0400 <= code <= 0x052F:
        return "ru"
    if ch.isalpha() and unicodedata.name(ch, "").startswith("LATIN"):
        return "latin"
    return None


def detect_language(text: str) -> str:
    """One of the six languages; 'en' when the text has no letters.

    A Chinese character counts as three letters and an Arabic one as two, so that a Latin name
    or two in a question does not decide it.
    """
    weight = {"zh": 3.0, "ar": 2.0, "ru": 1.0, "latin": 1.0}
    seen: Counter[str] = Counter()
    for ch in text[:20_000]:
        script = _script(ch)
        if script:
            seen[script] += 1
    if not seen:
        return "en"
    best = max(sorted(seen), key=lambda script: seen[script] * weight[script])
    return best if best != "latin" else _latin_language(text[:20_000].casefold())


def _latin_language(text: str) -> str:
    words = Counter(_WORD.findall(text))
    score = {
        lang: sum(votes[word] * count for word, count in words.items() if word in votes)
        for lang, votes in _VOTES.items()
    }
    for lang, letters in _LETTERS.items():
        score[lang] += 0.7 * sum(text.count(letter) for letter in letters)
    return max(("en", "fr", "es"), key=lambda lang: score[lang])
