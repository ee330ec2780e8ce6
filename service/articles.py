"""The article and preposition before a State's name, in French and in Spanish; pure.

'La position de la Chine' and 'celle du Royaume-Uni' make 'la position du Royaume-Uni'.
"""

import unicodedata
from collections.abc import Mapping

_Forms = Mapping[str, Mapping[str, str]]  # what stands before a name, by preposition and article
_FORMS: Mapping[str, _Forms] = {
    "fr": {
        "": {"la": "la ", "le": "le ", "les": "les ", "l'": "l'", "": ""},
        "de": {"la": "de la ", "le": "du ", "les": "des ", "l'": "de l'", "": "de ", "'": "d'"},
        "à": {"la": "à la ", "le": "au ", "les": "aux ", "l'": "à l'", "": "à "},
    },
    "es": {
        "": {"la": "la ", "el": "el ", "los": "los ", "las": "las ", "": ""},
        "de": {"la": "de la ", "el": "del ", "los": "de los ", "las": "de las ", "": "de "},
        "a": {"la": "a la ", "el": "al ", "los": "a los ", "las": "a las ", "": "a "},
    },
}
_NONE = ("", "'")  # article; the second before a vowel: d'Israël


def in_its_form(
    text: str, at: int, other: str, named: int, language: str
) -> tuple[int, str] | None:
    """To put the name that begins at ``named`` in ``other`` in the place of that at ``at`` in
    ``text``: where to cut ``text``, and what to write between there and the name. None for
    adjectives and for other languages."""
    forms = _FORMS.get(language)
    if forms is None or not (text[at].isupper() and other[named].isupper()):
        return None
    preposition, before = _form(text[:at], forms)
    _, article = _form(other[:named], forms)
    written = forms[preposition]
    if article in _NONE:
        vowel = unicodedata.normalize("NFD", other[named])[0] in "AEIOU"
        article = "'" if vowel and "'" in written else ""
    return at - len(written[before]), written[article]


def _form(before: str, forms: _Forms) -> tuple[str, str]:
    """Preposition and article that ``before`` ends with: the longest there are."""
    folded = " " + before.casefold().replace("’", "'")
    known = [
        (len(form), preposition, article)
        for preposition, articles in forms.items()
        for article, form in articles.items()
        if folded.endswith(f" {form}" if form else "")
    ]
    return max(known)[1:]
