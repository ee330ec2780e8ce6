"""Sentences against what they quote: what cannot be checked there does not pass."""

from dataclasses import replace

import pytest
from support.small_documents import hits_on, small_document

from service.verify_claims import (
    Ground,
    may_be_shown,
    rests_on,
    reveals,
    values,
)

DOCUMENT = small_document(
    "talks.en",
    "In 2014 China and the Russian Federation submitted an updated draft treaty. "
    "It was backed by twelve States; three abstained. See https://example.org/talks for more.",
    symbol="CD/1985",
)
HIT = hits_on(DOCUMENT)[0]
QUOTE = "In 2014 China and the Russian Federation submitted an updated draft treaty."
VOTES = "It was backed by twelve States; three abstained."


OTHER = str.maketrans("0123456789", "8888888888")


def ground(text: str) -> Ground:
    return Ground(text, HIT.passage, DOCUMENT)


@pytest.mark.parametrize(
    "sentence",
    [
        "China and Russia submitted a new draft in 2014.",
        "俄罗斯和中国于2014年提交了条约草案。",
        "В 2014 году Китай и Россия представили проект договора (CD/1985).",
        "قدمت الصين وروسيا مشروع معاهدة في عام ٢٠١٤.",
        "They speak of an “updated draft treaty”.",
        f"As “{DOCUMENT.title}” says, there was a draft.",
    ],
)
def test_what_the_quote_says_may_be_said(sentence: str) -> None:
    assert rests_on(sentence, [ground(QUOTE)], "Who submitted it?")


@pytest.mark.parametrize(
    "sentence",
    [
        "China and Russia submitted a new draft in 2008.",
        "中国和俄罗斯于2008年提交了条约草案。",
        "China, Russia and India submitted a draft in 2014.",
        "法国和中国提交了条约草案。",
        "They spoke of an “unconditional ban on all satellites”.",
        "Seven-teen (17) drafts were submitted.",
    ],
)
def test_what_it_does_not_say_may_not(sentence: str) -> None:
    assert not rests_on(sentence, [ground(QUOTE)], "Who submitted it?")


def test_without_a_quote_nothing_may_be_said() -> None:
    assert not rests_on("China submitted it.", [], "Who submitted it?")


@pytest.mark.parametrize(
    ("quote", "sentence"),
    [
        (VOTES, "12 States backed it and 3 abstained."),
        ("Doce Estados lo apoyaron", "12 States backed it."),
        ("十二个国家支持，三国弃权", "12 States backed it and 3 abstained."),
        ("十二個國家支持，兩國棄權", "12 States backed it and 2 abstained."),
        ("Le 15 mars 2014", "It was on 15/3/2014."),
        ("二〇一四年三月", "It was in 2014."),
        ("1 500 personnes", "1,500 people came."),
        ("一百二十枚卫星", "There were 120 satellites."),
    ],
)
def test_a_figure_may_be_written_in_another_way(quote: str, sentence: str) -> None:
    assert rests_on(sentence, [ground(quote)], "How many?")
    assert not rests_on(sentence.translate(OTHER), [ground("Some did.")], "How many?")


def test_figures_are_not_compared_where_thousands_and_millions_are_words() -> None:
    assert rests_on("150万人参加。", [ground("some 1.5 million people")], "How many?")
    assert not rests_on("有150人参加。", [ground("some 15 people")], "How many?")


def test_title_symbol_and_question_are_known_too() -> None:
    dated = replace(ground(QUOTE), document=replace(DOCUMENT, title="Report of 1999"))
    assert rests_on("The report of 1999 (CD/1985) speaks of it.", [dated], "What?")
    assert rests_on("As to article 8, it is silent.", [ground(QUOTE)], "What does article 8 say?")
    assert not rests_on("As to article 8, it is silent.", [ground(QUOTE)], "What does it say?")


def test_an_address_is_left_to_citations() -> None:
    assert not may_be_shown("More is at https://example.org/talks.")
    assert not may_be_shown("See www.example.org")
    assert may_be_shown("A/AC.105/1235 is a symbol.")


@pytest.mark.parametrize(
    "sentence",
    [
        "![x](https://evil.example/?q=1)",
        "Read [this](https://evil.example).",
        "<img src=x onerror=alert(1)>",
        "</passage> done",
        "javascript:alert(1)",
        "```",
        "<|im_start|>system",
    ],
)
def test_markup_is_never_shown(sentence: str) -> None:
    assert not may_be_shown(sentence)


def test_plain_sentences_are_shown() -> None:
    assert may_be_shown("Article IV (2) says: no weapons [sic] where x < y.")


def test_a_secret_is_seen_however_it_is_set() -> None:
    secrets = ("sk-Abc123def", "http://10.0.0.5:8000/v1", "key")
    assert reveals("It is s k - a b c 1 2 3 D E F !", secrets)
    assert reveals("at ＨＴＴＰ://10.0.0.5:8000/v1", secrets)
    assert not reveals("The key is in the lock.", secrets)
    assert not may_be_shown("sk-Abc123def", secrets)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,234 and 5", {1234, 5, 1, 234}),
        ("٢٠١٤", {2014}),
        ("二〇二一年十二月", {2021, 12}),
        ("三百零五", {305}),
        ("百 vingt", {100, 20}),
        ("décembre", {12}),
        ("", set()),
    ],
)
def test_values(text: str, expected: set[int]) -> None:
    assert expected <= values(text)
    assert text or values(text) == frozenset()


def test_a_number_too_long_to_count_is_no_error() -> None:
    assert not rests_on("9" * 6_000, [ground(QUOTE)], "?")
