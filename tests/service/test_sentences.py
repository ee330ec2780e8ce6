"""Sentences of a passage: their spans, what they refer to, and that a passage is read once."""

from dataclasses import replace

import pytest
from support.small_documents import hits_on, small_document

from corpus import Hit
from service import sentences
from service.sentences import SentenceReader, split

DUST = small_document(
    "dust.en",
    "Dust wears out seals, see https://dust.example/a.html for more. It clings to suits:",
    "12.",
    "sweep it away; brush it off.",
)


def texts(hit: Hit) -> list[str]:
    return [sentence.text for sentence in split(hit.passage, hit.document)]


def test_spans_are_of_the_document_and_blocks_are_its_paragraphs() -> None:
    (hit,) = hits_on(DUST)
    found = split(hit.passage, hit.document)
    assert [DUST.text[one.start : one.end] for one in found] == [one.text for one in found]
    assert [one.block for one in found] == [0, 0, 2]


def test_what_says_nothing_is_left_out() -> None:
    (hit,) = hits_on(DUST)
    assert "12." not in texts(hit)


def test_addresses_are_not_what_is_said() -> None:
    (hit,) = hits_on(DUST)
    first = split(hit.passage, hit.document)[0]
    assert "dust.example" in first.text
    assert "dust.example" not in first.plain
    assert "seal" in first.terms


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "该倡议得到许多国家的支持。"),
        ("zh", "它还设有两个办事处。"),
        ("zh", "該倡議得到許多國家的支持。"),
        ("zh", "後者設有兩個辦事處。"),
        ("en", "This initiative found support."),
        ("fr", "Cette initiative a été soutenue."),
        ("es", "Esta iniciativa recibió apoyo."),
        ("ru", "Эта инициатива получила поддержку."),
        ("ar", "وهذه المبادرة لقيت تأييدا واسعا."),
    ],
)
def test_what_refers_back(language: str, text: str) -> None:
    (hit,) = hits_on(small_document("one", text, language=language))
    assert split(hit.passage, hit.document)[0].refers_back


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("zh", "此外，许多国家表示支持这项倡议。"),
        ("zh", "此後，許多國家表示支持這項倡議。"),
        ("zh", "其他国家表示支持这项倡议。"),
        ("en", "Italy supported the initiative."),
        ("ru", "Онтарио поддержала инициативу."),
        ("xx", "This initiative found support."),
    ],
)
def test_what_does_not(language: str, text: str) -> None:
    (hit,) = hits_on(small_document("one", text, language=language))
    assert not split(hit.passage, hit.document)[0].refers_back


def test_a_colon_or_semicolon_goes_on() -> None:
    (hit,) = hits_on(DUST)
    assert [one.goes_on for one in split(hit.passage, hit.document)] == [False, True, False]


def test_a_passage_is_read_once_and_a_changed_one_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def counting(passage, document):
        read.append(passage.text)
        return split(passage, document)

    monkeypatch.setattr(sentences, "split", counting)
    reader = SentenceReader()
    (hit,) = hits_on(DUST)
    assert reader.of([hit, hit]) == [split(hit.passage, DUST)] * 2
    reader.of([hit])
    assert len(read) == 1
    changed = replace(DUST, text=DUST.text.replace("wears", "tears"))
    (again,) = hits_on(changed)
    assert "Dust tears out seals" in reader.of([again])[0][0].text
    assert len(read) == 2
