"""How a place is cited, in the six languages."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.small_documents import small_document

import service
from corpus import Passage
from service.wording import passage_place, place, uncertain

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
    assert place(untitled, None, None, None, "en") == "Title of a.en (digest)"
    assert place(untitled, None, None, None, "zh").startswith("《Title of a.en》")


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
