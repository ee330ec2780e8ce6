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
        ("zh", "然而，这一术语尚无定义。"),
        ("zh", "但它也设有两个办事处。"),
        ("zh", "相比之下，“威胁”是另一回事。"),
        ("en", "This initiative found support."),
        ("en", "However, they were not adopted."),
        ("fr", "En revanche, la menace est réelle."),
        ("es", "Sin embargo, esta iniciativa fracasó."),
        ("ru", "Однако это не так."),
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
        ("zh", "但许多国家表示支持这项倡议。"),
        ("en", "Italy supported the initiative."),
        ("en", "However, Italy supported the initiative."),
        ("en", "Butane is a gas of many uses."),
        ("es", "Asia apoyó la iniciativa presentada."),
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


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Keeper, The Harbour Book, at https://example.org/harbour."),
        ("en", "M. Keeper, “Lamps and ships”, Harbour Press, 8 November 2024."),
        ("en", "M. Keeper and others, “Tides”, Ports, vol. 9, No. 4 (December 2023);"),
        ("en", "See the harbour report, p. 12."),
        ("fr", "M. Gardien, « Lampes et navires », Éditions du port, mars 2021."),
        ("es", "M. Farero, «Lámparas y barcos», Puerto, 3 de mayo de 2020."),
        ("ru", "М. Смотритель, «Лампы и корабли», Порт, 2022 г."),
        ("zh", "守塔人，《灯与船》，港口出版社，2024年10月。"),
        ("zh", "参见港务局：《港口志》（注释5），第117页。"),
        ("zh", "参见港务局：《港口志》（海事出版社：2025年）。"),
        ("zh", "港口工作组（注释38）。"),
    ],
)
def test_what_names_a_source(language: str, text: str) -> None:
    (hit,) = hits_on(small_document("one", text, language=language))
    assert all(one.names_a_source for one in split(hit.passage, hit.document))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The keeper left the harbour in 1804."),
        ("en", "The lamp burns 12 litres a night."),
        ("zh", "会合通常指物体在彼此附近机动但不连接。"),
        ("zh", "该规则于2019年通过，有效期至2024年。"),
        ("zh", "《港口公约》，第四条；《灯塔公约》，第一(1)(a)条。"),
    ],
)
def test_what_says_something_names_no_source(language: str, text: str) -> None:
    (hit,) = hits_on(small_document("one", text, language=language))
    assert not any(one.names_a_source for one in split(hit.passage, hit.document))
