"""How a place is cited, in the six languages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.small_documents import small_document

import service
from corpus import Document, Passage
from service.wording import lead_in, passage_place, place, uncertain

WORDS = Path(service.__file__).parent / "web" / "words"
DOCUMENT = small_document("a.en", "One.", "Two.", symbol="A/AC.105/1235")
DIGEST = replace(DOCUMENT, digest=True)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "A/AC.105/1235, para. 38 (digest)"),
        ("fr", "A/AC.105/1235, par. 38 (résumé)"),
        ("es", "A/AC.105/1235, párr. 38 (resumen)"),
        ("ru", "A/AC.105/1235, п. 38 (краткое изложение)"),
        ("zh", "A/AC.105/1235，第38段（摘要）"),
        ("ar", "A/AC.105/1235، الفقرة 38 (ملخّص)"),
    ],
)
def test_a_citation_of_a_digest_says_so(language: str, expected: str) -> None:
    assert place(DIGEST, "38", None, None, language) == expected
    official = place(DOCUMENT, "38", None, None, language)
    assert expected.startswith(official)
    assert official.endswith("38" if language != "zh" else "38段")


def test_notes_pages_and_spans_of_paragraphs_of_a_digest() -> None:
    assert place(DIGEST, "34", "8", 3, "en") == "A/AC.105/1235, para. 34, note 8 (digest)"
    assert place(DIGEST, None, None, 3, "en") == "A/AC.105/1235, p. 3 (digest)"
    untitled = replace(DIGEST, symbol=None)
    assert place(untitled, None, None, None, "en") == "“Title of a.en” (digest)"
    assert place(untitled, None, None, None, "zh").startswith("《Title of a.en》")


@pytest.mark.parametrize(
    ("language", "first", "after", "noted", "paged"),
    [
        ("en", "A/AC.105/1235, para. 13(a), says:", "para. 13(b):", "note 8", "p. 3:"),
        (
            "fr",
            "A/AC.105/1235, par. 13(a), indique\u00a0:",
            "par. 13(b)\u00a0:",
            "note 8",
            "p. 3\u00a0:",
        ),
        ("es", "A/AC.105/1235, párr. 13(a), señala:", "párr. 13(b):", "nota 8", "pág. 3:"),
        (
            "ru",
            "В документе A/AC.105/1235, п. 13(a), говорится:",
            "п. 13(b):",
            "сноска 8",
            "с. 3:",
        ),
        ("zh", "A/AC.105/1235，第13(a)段指出：", "第13(b)段：", "注8", "第3页："),
        ("ar", "جاء في A/AC.105/1235، الفقرة 13(a):", "الفقرة 13(b):", "الحاشية 8", "ص 3:"),
    ],
)
def test_a_document_is_named_once(
    language: str, first: str, after: str, noted: str, paged: str
) -> None:
    colon = after[after.index(")") + 1 :].removeprefix("段")
    comma = {"zh": "，", "ar": "، "}.get(language, ", ")

    def line(
        paragraph: str | None,
        note: str | None = None,
        page: int | None = None,
        *,
        about: Document = DOCUMENT,
    ) -> str:
        return lead_in(about, paragraph, note, page, language, follows=True)

    assert lead_in(DOCUMENT, "13(a)", None, 3, language) == first
    assert line("13(b)", None, 3) == after
    assert line("13(b)", "8") == f"{after.removesuffix(colon)}{comma}{noted}{colon}"
    assert line(None, "8") == f"{noted}{colon}"
    assert line(None, None, 3) == paged
    assert line(None) == lead_in(DOCUMENT, None, None, None, language)
    digest = place(DIGEST, None, None, None, language).removeprefix("A/AC.105/1235")
    assert line("13(b)", about=DIGEST) == after.removesuffix(colon) + digest + colon


MARKS = {
    "en": "“{}”",
    "fr": "«\u00a0{}\u00a0»",
    "es": "«{}»",
    "ru": "«{}»",
    "zh": "《{}》",
    "ar": "«{}»",
}


@pytest.mark.parametrize("language", MARKS)
@pytest.mark.parametrize(
    "title",
    [
        "Space and law",
        "太空与法律",
        "On “law” in space",
        "О «праве» и “law”",
        "1967年《外空条约》逐条说明",
    ],
)
def test_a_title_stands_in_the_marks_of_the_line(language: str, title: str) -> None:
    named = replace(DOCUMENT, symbol=None, title=title)
    assert place(named, None, None, None, language) == MARKS[language].format(title)
    assert MARKS[language].format(title) in lead_in(named, "1", None, None, language)
    with_symbol = replace(DOCUMENT, title=title)
    assert place(with_symbol, None, None, None, language) == "A/AC.105/1235"


@pytest.mark.parametrize("language", MARKS)
@pytest.mark.parametrize(
    "title", ["“Law”", "« Droit »", "«Право»", "《法》", "„Recht“", '"Law"', "‘Law’"]
)
def test_a_title_in_marks_gets_no_others(language: str, title: str) -> None:
    named = replace(DOCUMENT, symbol=None, title=title)
    assert place(named, None, None, None, language) == title


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "“Law” in “space”"), ("ru", "«“Law” in “space”»"), ("zh", "《“Law” in “space”》")],
)
def test_no_title_begins_with_two_marks_alike(language: str, expected: str) -> None:
    named = replace(DOCUMENT, symbol=None, title="“Law” in “space”")
    assert place(named, None, None, None, language) == expected


def test_a_passage_of_several_paragraphs() -> None:
    passage = Passage("p", "a.en", 0, 0, 4, "One.", (), ("1", "2"), None)
    assert passage_place(passage, DIGEST, "en") == "A/AC.105/1235, para. 1–2 (digest)"


def test_doubt_is_said_on_the_page_in_the_same_words() -> None:
    languages = ("zh", "en", "fr", "es", "ru", "ar")
    assert len({uncertain(language) for language in languages}) == len(languages)
    for language in languages:
        words = json.loads((WORDS / f"{language}.json").read_text(encoding="utf-8"))
        assert words["uncertain"] == uncertain(language)
        assert uncertain(language) in (WORDS.parent / "widget.js").read_text(encoding="utf-8")
