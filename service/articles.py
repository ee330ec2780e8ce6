"""The article and preposition before a State's name, in French and in Spanish; pure.

'La position de la Chine' and 'celle du Royaume-Uni' make 'la position du Royaume-Uni'.
"""

_FORMS = {
    "fr": {
        "": {"la": "la ", "le": "le ", "les": "les ", "l'": "l'"},
        "de": {"la": "de la ", "le": "du ", "les": "des ", "l'": "de l'"},
        "à": {"la": "à la ", "le": "au ", "les": "aux ", "l'": "à l'"},
    },
    "es": {
        "": {"la": "la ", "el": "el ", "los": "los ", "las": "las ", "": ""},
        "de": {"la": "de la ", "el": "del ", "los": "de los ", "las": "de las ", "": "de "},
        "a": {"la": "a la ", "el": "al ", "los": "a los ", "las": "a las ", "": "a "},
    },
}


def in_its_form(
    text: str, at: int, other: str, named: int, language: str
) -> tuple[int, str] | None:
    """Where to cut ``text``, in which a name begins at ``at``, and what to write between there and
    the name that begins at ``named`` in ``other``; None where the two tell too little."""
    here, there = _form(text[:at], language), _form(other[:named], language)
    if here is None or there is None:
        return None
    preposition, article = here
    return at - len(_FORMS[language][preposition][article]), _FORMS[language][preposition][there[1]]


def _form(before: str, language: str) -> tuple[str, str] | None:
    """Preposition and article that ``before`` ends with: the longest there are."""
    folded = " " + before.casefold().replace("’", "'")
    known = [
        (len(form), preposition, article)
        for preposition, articles in _FORMS.get(language, {}).items()
        for article, form in articles.items()
        if folded.endswith(f" {form}" if form else "")
    ]
    return max(known)[1:] if known else None
