"""The few sentences Sextant says itself, in the six languages; everything else is quoted."""

import re
from collections.abc import Iterable, Sequence

from corpus import Document, Passage

_PARAGRAPH = {
    "en": "para. {}",
    "fr": "par. {}",
    "es": "párr. {}",
    "ru": "п. {}",
    "zh": "第{}段",
    "ar": "الفقرة {}",
}
_NOTE = {
    "en": "note {}",
    "fr": "note {}",
    "es": "nota {}",
    "ru": "сноска {}",
    "zh": "注{}",
    "ar": "الحاشية {}",
}
_PAGE = {
    "en": "p. {}",
    "fr": "p. {}",
    "es": "pág. {}",
    "ru": "с. {}",
    "zh": "第{}页",
    "ar": "ص {}",
}
_DIGEST = {
    "en": " (digest)",
    "fr": " (résumé)",
    "es": " (resumen)",
    "ru": " (краткое изложение)",
    "zh": "（摘要）",
    "ar": " (ملخّص)",
}
_COMMA = {"zh": "，", "ar": "، "}
_COLON = {"fr": "\u00a0:", "zh": "："}
_TITLE = {
    "en": "“{}”",
    "fr": "«\u00a0{}\u00a0»",
    "es": "«{}»",
    "ru": "«{}»",
    "zh": "《{}》",
    "ar": "«{}»",
}
# One pair around all of it, in whichever language's marks.
_QUOTED = re.compile(
    r"“[^“”]*”|‘[^‘’]*’|„[^„“”]*[“”]|«[^«»]*»|《[^《》]*》|「[^「」]*」|『[^『』]*』|\"[^\"]*\""
)
_SAYS = {
    "en": "{}{comma} says:",
    "fr": "{}{comma} indique\u00a0:",
    "es": "{}{comma} señala:",
    "ru": "В документе {}{comma} говорится:",
    "zh": "{}指出：",
    "ar": "جاء في {}:",
}
_ABSTENTIONS = {
    "nothing_close": {
        "en": "The documents do not answer this question: no passage is close to it.",
        "fr": "Les documents ne répondent pas à cette question : aucun passage ne s’en approche.",
        "es": "Los documentos no responden a esta pregunta: ningún pasaje se le acerca.",
        "ru": "В документах нет ответа на этот вопрос: близких по смыслу фрагментов не найдено.",
        "zh": "文件没有回答这个问题：没有找到相近的段落。",
        "ar": "لا تجيب الوثائق عن هذا السؤال: لم يُعثر على مقطع قريب منه.",
    },
    "topic_covered_fact_missing": {
        "en": "The documents speak of this subject, but what is asked was not found in them.",
        "fr": "Les documents traitent de ce sujet, mais ce qui est demandé n’y a pas été trouvé.",
        "es": "Los documentos tratan este tema, pero no se halló en ellos lo que se pregunta.",
        "ru": "В документах говорится об этом, но того, о чём спрашивают, в них не найдено.",
        "zh": "文件涉及这个主题，但没有找到所问的内容。",
        "ar": "تتناول الوثائق هذا الموضوع، لكن لم يُعثر فيها على ما سُئل عنه.",
    },
    "no_clear_answer": {
        "en": "The documents hold no clear answer to this question.",
        "fr": "Les documents ne contiennent pas de réponse claire à cette question.",
        "es": "Los documentos no contienen una respuesta clara a esta pregunta.",
        "ru": "Ясного ответа на этот вопрос в документах нет.",
        "zh": "文件对这个问题没有明确的回答。",
        "ar": "لا تتضمن الوثائق إجابة واضحة عن هذا السؤال.",
    },
}
_SOURCES = {
    "en": "Sources:",
    "fr": "Sources\u00a0:",
    "es": "Fuentes:",
    "ru": "Источники:",
    "zh": "来源：",
    "ar": "المصادر:",
}
_UNSUPPORTED = {
    "en": "(not supported by the documents)",
    "fr": "(non étayé par les documents)",
    "es": "(sin respaldo en los documentos)",
    "ru": "(не подтверждается документами)",
    "zh": "（文件中没有依据）",
    "ar": "(لا تسنده الوثائق)",
}
_BROKEN_OFF = {
    "en": "(The answer breaks off here.)",
    "fr": "(La réponse s’interrompt ici.)",
    "es": "(La respuesta se interrumpe aquí.)",
    "ru": "(На этом ответ обрывается.)",
    "zh": "（回答在此中断。）",
    "ar": "(ينقطع الجواب هنا.)",
}
_UNCERTAIN = {
    "en": "Uncertain: answers this unsure are wrong more often than right. Check the sources.",
    "fr": "Incertain : une réponse aussi peu sûre est plus souvent fausse que juste. "
    "Vérifiez les sources.",
    "es": "Dudoso: una respuesta tan poco segura falla más veces de las que acierta. "
    "Compruebe las fuentes.",
    "ru": "Ненадёжно: при такой уверенности ответ чаще неверен, чем верен. Проверьте источники.",
    "zh": "不确定：把握这样低的回答，错的多于对的。请核对来源。",
    "ar": "غير مؤكد: الجواب بهذا القدر من اليقين يخطئ أكثر مما يصيب. تحقق من المصادر.",
}
_EXAMPLE = {
    "en": "What is said about “{}”?",
    "fr": "Que dit-on au sujet de « {} » ?",
    "es": "¿Qué se dice sobre «{}»?",
    "ru": "Что говорится о теме «{}»?",
    "zh": "关于“{}”，文件是怎么说的？",
    "ar": "ماذا يقال عن «{}»؟",
}
_NUMBER = re.compile(r"^[(（]?\w{1,5}[.、)）]\s*")  # 'IV. ', '(a) ', '四、'
_EXAMPLE_HEADING = range(6, 61)  # characters: neither 'Annex' nor a paragraph's worth


def abstention(reason: str, language: str) -> str:
    """What is said instead of an answer, for one of the reasons of ``service.confidence``."""
    return _in(_ABSTENTIONS[reason], language)


def place(
    document: Document, paragraph: str | None, note: str | None, page: int | None, language: str
) -> str:
    """Where a quote stands, as one would cite it: 'A/AC.105/1235, para. 34, note 8'.

    A document without a symbol is named by its title, in quotation marks. The page is named only
    when there is no paragraph label to name. A digest says that it is one, since the words quoted
    are not the official document's: 'A/AC.105/1235, para. 38 (digest)'.
    """
    name = document.symbol or _titled(document.title, language)
    return _cited([name, *_spot(paragraph, note, page, language)], document, language)


def lead_in(
    document: Document,
    paragraph: str | None,
    note: str | None,
    page: int | None,
    language: str,
    *,
    follows: bool = False,
) -> str:
    """The line before a quote: 'A/AC.105/1235, para. 38, says:'.

    ``follows``: the quote before is of the same document, which is not named again: 'para. 39:';
    unless nothing else tells where this one stands.
    """
    spot = _spot(paragraph, note, page, language)
    if follows and spot:
        return _cited(spot, document, language) + _COLON.get(language, ":")
    cited_as = place(document, paragraph, note, page, language)
    return _in(_SAYS, language).format(cited_as, comma="," if spot else "")


def passage_place(passage: Passage, document: Document, language: str) -> str:
    """Where a passage stands; 'para. 38–40' when it covers several."""
    labels = passage.paragraphs
    span = labels[0] if len(labels) == 1 else f"{labels[0]}–{labels[-1]}" if labels else None
    return place(document, span, passage.note, passage.page, language)


def sources(language: str) -> str:
    """What stands above a list of sources."""
    return _in(_SOURCES, language)


def unsupported(language: str) -> str:
    """What stands after a sentence of a model that no passage supports."""
    return _in(_UNSUPPORTED, language)


def broken_off(language: str) -> str:
    """What stands below the sentences of a model that failed before it was done."""
    return _in(_BROKEN_OFF, language)


def uncertain(language: str) -> str:
    """What is said below an answer that is wrong more often than right."""
    return _in(_UNCERTAIN, language)


def example_question(documents: Iterable[Document]) -> str | None:
    """A question these documents can be asked: about their first one's longest fair heading,
    which says more than a short one; about its title when there is none."""
    known = sorted(documents, key=lambda document: document.id)
    for document in known:
        named = [_NUMBER.sub("", heading.text) for heading in document.headings]
        fair = [name for name in named if len(name) in _EXAMPLE_HEADING]
        if fair:
            return _in(_EXAMPLE, document.language).format(max(fair, key=len))
    return _in(_EXAMPLE, known[0].language).format(known[0].title) if known else None


def _spot(paragraph: str | None, note: str | None, page: int | None, language: str) -> list[str]:
    """The parts of a ``place`` that stand after the document's name; none when nothing tells."""
    parts = []
    if paragraph:
        parts.append(_in(_PARAGRAPH, language).format(paragraph))
    if note:
        parts.append(_in(_NOTE, language).format(note))
    if page is not None and not paragraph:
        parts.append(_in(_PAGE, language).format(page))
    return parts


def _cited(parts: Sequence[str], document: Document, language: str) -> str:
    cited = _COMMA.get(language, ", ").join(parts)
    return cited + _in(_DIGEST, language) if document.digest else cited


def _titled(title: str, language: str) -> str:
    """In the marks of ``language``, whatever the title's own; as it is when it stands in marks
    already, or would begin with two alike."""
    marks = _in(_TITLE, language)
    alone = not title or title.startswith(marks[0]) or _QUOTED.fullmatch(title)
    return title if alone else marks.format(title)


def _in(texts: dict[str, str], language: str) -> str:
    return texts.get(language, texts["en"])
