"""Cleaning and structure on texts made here: characters, joins, labels, sentences, languages."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import (
    WEB_ADDRESS,
    RawDocument,
    detect_language,
    sentences,
    simpler_characters,
    simplified,
)
from corpus.clean import clean
from corpus.labels import SYMBOL, heading_label, item_label, paragraph_label
from corpus.normalise import normalise
from corpus.structure import Structure, structure
from corpus.unwrap import join_lines


def _structured(text: str, markup: str = "plain", pages: int = 1) -> Structure:
    parts = tuple(text.split("\f")) if pages > 1 else (text,)
    kind = "markdown" if markup == "markdown" else "plain"
    return structure(clean(RawDocument(parts, page_numbers=pages > 1, markup=kind)))


def test_only_safe_characters_are_folded() -> None:
    assert normalise("Ａ１２\u00a0ﬁ") == "A12 fi"
    assert normalise("㈠，“①”：½") == "㈠，“①”：½"
    assert normalise("\uf06c 提案") == "• 提案"
    assert normalise("所 有 专 题 介 绍") == "所有专题介绍"
    assert normalise("a\u200bb\u00adc") == "abc"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("见https://a.example/b?c=d，以及", "见，以及"),
        ("See www.a.example. It says", "See . It says"),
        ("(http://a.example/b_(c)).", "())."),
        ("“http://a.example”the", "“”the"),
        ("http://a.exampleنص، ثم", "نص، ثم"),
        ("https://a.example/c；A/RES/75/36", "；A/RES/75/36"),
        ("[https://a.example]text", "[]text"),
        ("awww.b.example or https:// alone", "awww.b.example or https:// alone"),
    ],
)
def test_a_web_address_ends_where_the_text_goes_on(text: str, left: str) -> None:
    assert WEB_ADDRESS.sub("", text) == left


def test_traditional_characters_are_simplified_in_place() -> None:
    assert simplified("聯合國《外層空間條約》第九條, 1967") == "联合国《外层空间条约》第九条, 1967"
    assert simplified("著作 und Œuvre") == "著作 und Œuvre"
    assert simplified("月球著陸器意味著甚麼？瞭解瞭望") == "月球着陆器意味着什么？了解瞭望"
    assert simpler_characters()[ord("聯")] == "联"


@given(st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x2FFFF)) | st.text())
def test_simplifying_keeps_the_length(text: str) -> None:
    assert len(simplified(text)) == len(text)


def test_a_traditional_report_has_its_structure() -> None:
    report = """聯合國

登記空間物體

第一編 概述

38. 與會者強調了登記的重要性，並請秘書處公布名冊。

參考文獻

《外空公約》，紐約，1974年。
"""
    result = _structured(report)
    parts = [(p.label, p.part) for p in result.paragraphs]
    assert parts == [(None, "front"), (None, "front"), ("38", "body"), (None, "back")]
    assert [h.text for h in result.headings] == ["第一編 概述"]
    label = heading_label("第一編 概述")
    assert label is not None
    assert label.text == "第一編"
    page = "{0}. 第{0}段說明登記空間物體的程序，並請各國遵守。\n第 {0} 頁"
    pages = _structured("\f".join(page.format(n) for n in range(1, 5)), pages=4)
    assert "頁" not in pages.text


@pytest.mark.parametrize(
    ("left", "right", "joined"),
    [
        ("外层空", "间论坛", "外层空间论坛"),
        ("the peaceful", "uses of", "the peaceful uses of"),
        ("见 A/RES/", "71/31)", "见 A/RES/71/31)"),
        ("A/AC.", "105/1235", "A/AC.105/1235"),
        ("anti-", "satellite", "anti-satellite"),
        ("会议，", "Lagos 先生", "会议，Lagos 先生"),
    ],
)
def test_lines_are_joined_as_their_script_wants(left: str, right: str, joined: str) -> None:
    assert join_lines(left, right) == joined


@pytest.mark.parametrize(
    "symbol",
    ["A/AC.105/1235", "CD/2090", "CD/2043/Rev.1", "A/RES/71/31", "S/PV.9630", "ST/SPACE/79",
     "A/AC.294/2022/WP.9", "A/C.1/79/L.7/Rev.1", "A/80/150", "A/CONF.192/2024/RC/3"],
)  # fmt: skip
def test_document_symbols_are_known_whole(symbol: str) -> None:
    match = SYMBOL.search(f"see {symbol}, para. 3")
    assert match is not None
    assert match.group() == symbol


def test_labels() -> None:
    found = [paragraph_label("38. 与会者"), item_label("㈡ 《框架》"), item_label("• 提案")]
    assert [(x.kind, x.text) for x in found if x] == [
        ("paragraph", "38"),
        ("circled", "㈡"),
        ("bullet", ""),
    ]
    assert paragraph_label("3.5 per cent") is None
    letters = [item_label("(i) first"), item_label("(i) ninth", after="(h)")]
    assert [x.kind for x in letters if x] == ["roman", "letter"]


ENGLISH = """A/AC.105/9999

I. Introduction

1. The Committee met on 3 May and heard statements by
   nineteen States about the registration of objects launched.
2. It agreed that:
(a) launches be notified in advance;
(b) the register be public.

II. Outcome

3. The report was adopted.¹

¹ See A/RES/1721, sect. B.
"""


def test_an_english_report_with_sub_paragraphs_and_a_note() -> None:
    result = _structured(ENGLISH)
    labels = [p.label for p in result.paragraphs]
    assert labels == ["1", "2", "2(a)", "2(b)", "3"]
    assert result.paragraphs[0].text.endswith(
        "nineteen States about the registration of objects launched."
    )
    assert [h.text for h in result.headings] == ["I. Introduction", "II. Outcome"]
    (note,) = result.paragraphs[-1].notes
    assert (note.label, note.text) == ("1", "See A/RES/1721, sect. B.")
    assert result.paragraphs[-1].text == "The report was adopted."


def test_pages_are_kept_and_running_headers_dropped() -> None:
    pages = "\f".join(
        f"A/77/20 Report\n{n}. Paragraph {n} says that one thing follows from another thing.\n{n}/4"
        for n in range(1, 5)
    )
    result = _structured(pages, pages=4)
    assert [(p.label, p.page) for p in result.paragraphs] == [
        ("1", 1),
        ("2", 2),
        ("3", 3),
        ("4", 4),
    ]
    assert "Report" not in result.text


def test_markdown_marks_go_and_units_are_no_notes() -> None:
    text = (
        "# Title of the paper\n\n## One\n\nAn area of 10 km² is *large*, see [79/1](#)"
        "<sup>2</sup> and a\\_b.\n\n<sup>2</sup> A note.\n"
    )
    result = _structured(text, "markdown")
    (paragraph,) = [p for p in result.paragraphs if p.part == "body"]
    assert paragraph.text == "An area of 10 km² is large, see 79/1 and a_b."
    assert [n.text for n in paragraph.notes] == ["A note."]


@given(st.lists(st.sampled_from([
    "1. One.", "2. Two goes on", "and on.", "(a) item;", "• bullet", "一. 标题", "正文。¹", "¹ 注",
    "", "", "A/AC.105/1", "http://undocs.org/A/1", "Lone heading", "结束", "3/7",
]), max_size=30))  # fmt: skip
def test_offsets_name_their_text_whatever_the_lines(lines: list[str]) -> None:
    result = _structured("\n".join(lines))
    for part in (*result.paragraphs, *result.headings, *result.notes):
        assert result.text[part.start : part.end] == part.text


@pytest.mark.parametrize(
    ("language", "text", "count"),
    [
        ("zh", "38. 会议通过了报告。“各国同意。”共有3.5亿人！", 3),
        ("en", "See art. IX and No. 5. The U.S. agreed (para. 3). Mr. Lagos left.", 3),
        ("fr", "Voir l’art. 2 du traité. M. Dupont a parlé ? Oui.", 3),
        ("es", "El Sr. Pérez votó. ¿Quién más? Nadie.", 3),
        ("ru", "В 1967 г. договор вступил в силу. См. ст. 4. Это так.", 3),
        ("ar", "انعقدت الدورة في جنيف. هل وافقت الدول؟ نعم.", 3),
    ],
)
def test_sentences_in_six_languages(language: str, text: str, count: int) -> None:
    spans = sentences(text, language)
    assert len(spans) == count
    for start, end in spans:
        assert text[start:end].strip() == text[start:end] != ""
    if language == "zh":
        assert text[spans[0][0] :].startswith("会议")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "See res. 2222 (XXI), doc. A/1 and the 72nd sess. Report."),
        ("fr", "M. Dupont cite la rés. 2222."),
        ("es", "EE. UU. votó en contra."),
        ("ru", "А. В. Иванов назвал 5 тыс. долл. США."),
    ],
)
def test_an_abbreviation_or_an_initial_ends_no_sentence(language: str, text: str) -> None:
    assert sentences(f"{text} {text}", language) == [
        (0, len(text)),
        (len(text) + 1, 2 * len(text) + 1),
    ]


@given(st.text(alphabet="ab。.！? \n38(a)", max_size=60))
def test_sentence_spans_are_ordered_and_inside(text: str) -> None:
    spans = sentences(text, "en")
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(x[1] <= y[0] for x, y in pairwise(spans))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("空间碎片怎么办", "zh"),
        ("中国对 Starlink 的担忧是什么", "zh"),
        ("Who chaired the forum?", "en"),
        ("What is China's position on PPWT?", "en"),
        ("Qui a coordonné les débats ?", "fr"),
        ("Combien d'États ont participé au Forum", "fr"),
        ("¿Cuántos Estados participaron?", "es"),
        ("Posición de la Unión Europea sobre el código", "es"),
        ("Сколько государств участвовало?", "ru"),
        ("كم عدد الدول المشاركة؟", "ar"),
        ("ما موقف SpaceX؟", "ar"),
        ("12 / 34", "en"),
    ],
)
def test_language_of_short_questions(text: str, language: str) -> None:
    assert detect_language(text) == language


def test_short_numbered_paragraphs_are_not_headings() -> None:
    result = _structured("A note on launches\n\n1. One thing\n2. Another\n3. A third thing.\n")
    assert [(p.label, p.text) for p in result.paragraphs if p.label] == [
        ("1", "One thing"),
        ("2", "Another"),
        ("3", "A third thing."),
    ]


def test_numbered_headings_are_no_paragraphs() -> None:
    text = "# Paper\n\n1. Scope\n\nThis is about launches.\n\n2. Means\n\nThey are many.\n"
    result = _structured(text, "markdown")
    assert [h.text for h in result.headings][-2:] == ["1. Scope", "2. Means"]
    assert [p.text for p in result.paragraphs][-2:] == ["This is about launches.", "They are many."]


def test_a_markdown_heading_before_paragraph_one_is_kept_as_its_heading() -> None:
    result = _structured("# T\n\n## Introduction\n\n1. The Committee met.\n", "markdown")
    (paragraph,) = [p for p in result.paragraphs if p.label == "1"]
    assert paragraph.heading[-1] == "Introduction"


def test_rows_of_a_table_stay_in_the_text() -> None:
    text = "# Launches\n\nAs follows.\n\n| State | Launches |\n|---|---|\n| Peru | 2 |\n"
    result = _structured(text, "markdown")
    assert "State | Launches" in "\n".join(p.text for p in result.paragraphs)


def test_rows_that_end_with_a_figure_are_no_table_of_contents() -> None:
    rows = "".join(f"| {year} | {year - 1900} | {year - 1990} |\n" for year in range(2001, 2008))
    text = f"# Launches\n\n1. As follows.\n\n| Year | Planned | Made |\n|---|---|---|\n{rows}"
    result = _structured(text, "markdown")
    assert {p.part for p in result.paragraphs if "2003 | 103" in p.text} == {"body"}
