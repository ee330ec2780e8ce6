"""Questions that name a paragraph by its number."""

from pathlib import Path

import numpy as np
import pytest
from support.documents import Builder
from support.fake_encoder import BagOfWordsEncoder

from corpus import Document
from index import Filters, Index, build_index, names_document, paragraphs_named
from index.naming import Named


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("A/AC.105/1235第38段说了什么？", "38"),
        ("34段区分了哪三个层面？", "34"),
        ("第33（a）段", "33(a)"),
        ("What does paragraph 48 of the report say?", "48"),
        ("para. 33(a) of A/80/237", "33(a)"),
        ("Que dit le paragraphe 12 ?", "12"),
        ("¿Qué dice el párrafo 7?", "7"),
        ("Что говорится в пункте 15?", "15"),
        ("ماذا تقول الفقرة 9؟", "9"),
        ("ماذا تقول الفقرة ٣٨ من الوثيقة؟", "38"),
        ("第３８段", "38"),
        ("A/AC.105/1235, par. 12", "12"),
        ("paragraph 33 (A)", "33(a)"),
        ("¿Qué dice el párrafo 5 c)?", "5(c)"),
        ("le paragraphe 12 b) du rapport", "12(b)"),
        ("пункт 5 с)", "5(c)"),
        ("الفقرة 5(ج)", "5(c)"),
        ("inciso c) del párrafo 5", "5(c)"),
        ("subparagraph (c) of paragraph 5", "5(c)"),
        ("l'alinéa c) du paragraphe 5", "5(c)"),
        ("подпункт (b) пункта 33", "33(b)"),
        ("الفقرة الفرعية (ب) من الفقرة 33", "33(b)"),
        ("第5段(c)项", "5(c)"),
        ("第5段c项", "5(c)"),
        ("letra c) del párrafo 5", "5(c)"),
        ("подпункт в) пункта 5", "5(c)"),
    ],
)
def test_the_paragraph_that_a_question_names(question: str, label: str) -> None:
    assert paragraphs_named(question) == (label,)


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("Compare paragraph 38 and paragraph 40.", "38 40"),
        ("What do paragraphs 38 and 40 of A/AC.105/1235 say?", "38 40"),
        ("paras. 7, 9 and 33(a)", "7 9 33(a)"),
        ("paragraphs 38-40", "38 39 40"),
        ("paragraph 38 and 12 States", "38"),
        ("Que disent les paragraphes 5 à 7 ?", "5 6 7"),
        ("¿Qué dicen los párrafos 2 y 4?", "2 4"),
        ("Что говорится в пунктах 15 и 17?", "15 17"),
        ("ماذا تقول الفقرتان 9 و11؟", "9 11"),
        ("ماذا تقول الفقرات 9 إلى 11؟", "9 10 11"),
        ("第38段和第40段说了什么？", "38 40"),
        ("第38至40段", "38 39 40"),
        ("第3段至第5段", "3 4 5"),
        ("paragraphs 1 to 80", "1 2 3 4 5 6 7 8 9 10"),
        ("paragraphs 9 to 7", "9 7"),
        ("para. 38-40", "38 39 40"),
        ("paragraph 38 to 40", "38 39 40"),
        ("par. 5 à 7", "5 6 7"),
        ("párr. 7 a 9", "7 8 9"),
        ("п. 15–17", "15 16 17"),
        ("los párrafos del 5 al 7", "5 6 7"),
        ("paragraphs from 5 to 7", "5 6 7"),
        ("пункты с 15 по 17", "15 16 17"),
        ("الفقرات من 9 إلى 11", "9 10 11"),
        ("الفقرات 9، 10 و11", "9 10 11"),
        ("第38～40段", "38 39 40"),
        ("第38以及40段", "38 40"),
        ("paragraphs 38 or 40", "38 40"),
        ("paragraphs 33(a) and (b)", "33(a) 33(b)"),
        ("los párrafos 5 a) y b)", "5(a) 5(b)"),
        ("пункты 5 а) и б)", "5(a) 5(b)"),
        ("paragraphs 33(a) to (c)", "33(a) 33(b) 33(c)"),
        ("paragraphs 38 and 40 of A/AC.105/1235, para. 5", "38 40 5"),
    ],
)
def test_several_paragraphs_and_ranges(question: str, labels: str) -> None:
    assert paragraphs_named(question) == tuple(labels.split())


@pytest.mark.parametrize(
    "question",
    [
        "article VII, paragraph 2",
        "《巴黎协定》第七条第7款，第2段",
        "2015年3月发生了什么？",
        "Which of the 48 paragraphs is it?",
        "Comparison of 3 ports",
        "paragraph 1235/1",
        "Quels satellites ont été détruits par 3 pays ?",
        "по пункту 5 повестки дня",
        "пункты 3 и 4 повестки дня",
        "по пунктам 13, 14 и 15 повестки дня",
        "第3和4段视频",
        "发布了3段视频",
        "大会第75/36号决议第5段",
        "paragraph 5 of resolution 75/36",
        "paragraph 12.5 or 10,000",
    ],
)
def test_no_paragraph_is_named(question: str) -> None:
    assert paragraphs_named(question) == ()


def report(id: str, symbol: str, *texts: str) -> Document:
    builder = Builder(id)
    for number, text in enumerate(texts, 1):
        builder.paragraph(f"{number}. {text} " + "It rained all the while. " * 20, str(number))
    return builder.build(symbol=symbol)


@pytest.fixture
def index(tmp_path: Path) -> Index:
    documents = [
        report("ports.en", "A/AC.1/1", "Ports are deep.", "Piers are long.", "Locks are old."),
        report("gulls.en", "A/AC.1/2", "Gulls nest on roofs.", "Terns dive.", "Storks clatter."),
    ]
    build_index(documents, BagOfWordsEncoder(), tmp_path)
    return Index.open(tmp_path, BagOfWordsEncoder())


def first(index: Index, question: str, **how: object) -> str:
    return index.search(question, 3, **how).hits[0].passage.text  # type: ignore[arg-type]


def test_it_comes_first_in_the_document_that_is_named(index: Index) -> None:
    assert "Piers" in first(index, "What does paragraph 2 of A/AC.1/1 say?")
    assert "Terns" in first(index, "What does paragraph 2 of A/AC.1/2 say?")


def test_without_a_symbol_it_comes_first_where_it_fits_best(index: Index) -> None:
    assert "Storks" in first(index, "paragraph 3 on storks")
    assert "Locks" in first(index, "paragraph 3 on locks")


def test_the_rest_follows_as_it_was_and_scores_do_not_rise(index: Index) -> None:
    hits = index.search("paragraph 3 on gulls that nest on roofs", 6).hits
    assert [hit.rank for hit in hits] == list(range(1, 7))
    assert len({hit.passage.id for hit in hits}) == 6
    assert (np.diff([hit.score for hit in hits]) <= 0).all()
    assert "Gulls" in hits[2].passage.text


def test_several_come_first_in_the_order_of_the_question(index: Index) -> None:
    hits = index.search("paragraphs 3 and 1 of A/AC.1/1", 6).hits
    assert ["Locks" in hits[0].passage.text, "Ports" in hits[1].passage.text] == [True, True]
    hits = index.search("storks that clatter, paragraphs 1 to 3", 6).hits
    assert {hit.document.id for hit in hits[:3]} == {"gulls.en"}


def test_the_document_that_is_named_comes_first(index: Index) -> None:
    hits = index.search("gulls that nest on roofs, in A/AC.1/1", 6).hits
    assert [hit.document.id for hit in hits[:3]] == ["ports.en"] * 3
    assert "Gulls" in hits[3].passage.text
    assert (np.diff([hit.score for hit in hits]) <= 0).all()
    assert "Gulls" in first(index, "gulls that nest on roofs, in A/AC.1/77")
    assert "Gulls" in first(index, "gulls that nest on roofs, A/AC.1/1 and A/AC.1/2")
    mixed = index.search("gulls, paragraph 3 of A/AC.1/1", 6).hits
    assert "Locks" in mixed[0].passage.text
    assert {hit.document.id for hit in mixed[:3]} == {"ports.en"}


def test_filters_and_single_legs_are_kept_to(index: Index) -> None:
    only = Filters(document=("gulls.en",))
    assert "Ports" not in first(index, "paragraph 1 of A/AC.1/1", filters=only)
    assert "Gulls" in first(index, "gulls on roofs, paragraph 3", legs=("lexical",))


def test_another_document_does_not_answer_for_one_that_is_not_here(index: Index) -> None:
    question = "storks clatter, paragraph 1 of A/AC.1/77"
    assert "Storks" in first(index, question)
    assert names_document("paragraph 1 of A/AC.1/1", "A/AC.1/1")
    assert names_document("A/AC.1/1第1段", "A/AC.1/1")
    assert names_document("paragraph 1 of the report", "A/AC.1/1")
    assert not names_document("paragraph 1 of A/AC.1/12", "A/AC.1/1")
    assert names_document("paragraph 1 of A/RES/1(XX)", "A/RES/1(XX)")


def test_a_paragraph_that_is_nowhere_is_lacking(index: Index) -> None:
    plain = [hit.passage.id for hit in index.search("storks clatter", 6).hits]
    assert index.lacks_paragraph("storks clatter, paragraph 99")
    assert index.lacks_paragraph("storks clatter, paragraph 99 of A/AC.1/2")
    assert not index.lacks_paragraph("storks clatter, paragraph 3")
    assert not index.lacks_paragraph("storks clatter, paragraph 3 of A/AC.1/2")
    assert not index.lacks_paragraph("storks clatter, paragraphs 3 and 99 of A/AC.1/2")
    assert index.lacks_paragraph("storks clatter, paragraphs 98 and 99 of A/AC.1/2")
    assert not index.lacks_paragraph("paragraph 99 of A/AC.1/7, which is not here")
    assert plain[0] == index.search("storks clatter, paragraph 99", 6).hits[0].passage.id


KINDS = [
    ("秘书处的说明", "the note by the Secretariat", "秘书处说明第2段说了什么？"),
    ("普通 照会", "the note verbale", "la nota verbal"),
    ("工作文件", "the working paper", "рабочего документа"),
    ("秘书长 的报告", "the Secretary-General's 2025 report", "تقرير الأمين العام"),
    ("Note du Secrétariat", "the note by the Secretariat", "مذكرة الأمانة"),
    ("Report of the Secretary-General", "доклада Генерального секретаря", "秘书长报告"),
]


@pytest.mark.parametrize(("opening", "one", "other"), KINDS)
def test_a_document_is_named_by_what_it_says_it_is(opening: str, one: str, other: str) -> None:
    documents = [
        Builder("meant").paragraph(f"General\n{opening}\n").build(),
        Builder("other").paragraph(f"Ports, of which {opening} speaks, are deep.").build(),
    ]
    named = Named(documents)
    assert named.by_kind(f"paragraph 2 of {one}") == named.by_kind(f"{other}, 2") == {"meant"}
    assert named.by_kind("paragraph 2 of the report") is None
    assert named.by_kind(f"paragraph 2 of the document that answers {one}") is None
    assert Named(documents[1:]).by_kind(f"paragraph 2 of {one}") is None


def test_paragraphs_of_a_document_named_by_its_kind(tmp_path: Path) -> None:
    note = Builder("note.en").paragraph("Note by the Secretariat").paragraph("7. Oars.", "7")
    report_ = Builder("report.en").paragraph("7. Gulls nest, says the Secretariat in a note.", "7")
    build_index([note.build(), report_.build()], BagOfWordsEncoder(), tmp_path)
    index = Index.open(tmp_path, BagOfWordsEncoder())
    question = "What does paragraph 7 of the note by the Secretariat say?"
    assert "Oars" in first(index, question)
    assert "Gulls" in first(index, "In what note by the Secretariat do gulls nest?")
    assert not index.lacks_paragraph(question)
    assert index.lacks_paragraph(question.replace("7", "8"))
    assert index.lacks_paragraph(question, Filters(document=("report.en",)))


def test_a_part_without_a_label_of_its_own_is_looked_for_in_its_paragraph(index: Index) -> None:
    question = "What does paragraph 2 b) of A/AC.1/2 say?"
    assert "Terns" in first(index, question)
    assert not index.lacks_paragraph(question)
    assert index.lacks_paragraph("paragraph 9 b) of A/AC.1/2")


def test_what_comes_first_does_not_hang_on_how_many_are_asked_for(tmp_path: Path) -> None:
    long = report("long.en", "A/AC.1/3", *(f"Moles dig the hole {n}." for n in range(150)))
    build_index([long], BagOfWordsEncoder(), tmp_path)
    index = Index.open(tmp_path, BagOfWordsEncoder())
    tops = {
        index.search("Moles, paragraph 140", k).hits[0].passage.paragraphs for k in (1, 10, 100)
    }
    assert tops == {("140",)}


def test_no_question_takes_long() -> None:
    assert paragraphs_named("paragraphs 38" + " " * 1_900 + "of it") == ("38",)
    assert paragraphs_named("paragraphs " + "38, " * 400) == ("38",)
    assert paragraphs_named("paragraph 5 item a)" + " " * 1_900) == ("5",)
