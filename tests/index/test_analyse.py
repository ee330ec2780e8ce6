from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import LANGUAGES
from index.analyse import analyse


@pytest.mark.parametrize(
    ("text", "language", "terms"),
    [
        ("空间碎片", "zh", ["空", "间", "碎", "片", "空间", "间碎", "碎片"]),
        ("空間碎片", "zh", ["空", "间", "碎", "片", "空间", "间碎", "碎片"]),
        ("什麼是碎片？", "zh", ["碎", "片", "碎片"]),
        ("甚麼是碎片？", "zh", ["碎", "片", "碎片"]),
        ("空间碎片", "fr", ["空", "间", "碎", "片", "空间", "间碎", "碎片"]),
        ("什么是碎片？", "zh", ["碎", "片", "碎片"]),
        ("卫星的轨道", "zh", ["卫", "星", "卫星", "轨", "道", "轨道"]),
        ("目的", "zh", ["目", "的", "目的"]),
        ("the satellites", "en", ["satellit"]),
        ("l'espace d’objets", "fr", ["espac", "objet"]),
        ("órbitas de los satélites", "es", ["orbit", "satelit"]),
        ("спутники и спутников", "ru", ["спутник", "спутник"]),
        ("ещё объёмы", "ru", ["объем"]),
        ("الفضاء الخارجي", "ar", ["فضاء", "خارج"]),
        ("１２３", "zh", ["123"]),
        ("٢٠١٧", "ar", ["2017"]),
        ("1,181", "en", ["1181"]),
        ("2019 冠狀病毒", "zh", ["冠", "状", "病", "毒", "冠状", "状病", "病毒"]),
        ("2019年", "zh", ["2019", "年"]),
        ("1\u202f181", "fr", ["1181"]),
        ("2 017", "en", ["2", "017"]),
        ("1,2,3", "en", ["1", "2", "3"]),
        ("24/02/2022", "en", ["24/02/2022", "2022"]),
        ("2.5", "en", ["2.5"]),
        ("and/or", "en", []),
        ("한국", "en", ["한국"]),
        ("…!?", "en", []),
        ("", "zh", []),
    ],
)
def test_terms(text, language, terms):
    assert analyse(text, language) == terms


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("والفضاء", "الفضاء", "ar"),
        ("بالفضاء", "فضاء", "ar"),
        ("للأقمار", "الاقمار", "ar"),
        ("قَمَرٌ", "قمر", "ar"),
        ("قمـــر", "قمر", "ar"),
        ("الصناعية", "صناعيه", "ar"),
        ("مدى", "مدي", "ar"),
        ("satelites", "satélites", "es"),
        ("ETATS", "états", "fr"),
        ("Ｓａｔｅｌｌｉｔｅ", "satellite", "en"),
        ("Weltraumstraße", "WELTRAUMSTRASSE", "en"),
    ],
)
def test_spellings_that_meet(one, other, language):
    assert analyse(one, language) == analyse(other, language) != []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("symbol", ["A/AC.105/1235", "CD/2090", "A/RES/71/31", "A/76/77/Add.1"])
def test_a_document_symbol_is_kept_whole_in_every_language(symbol, language):
    assert symbol.casefold() in analyse(f"({symbol})。", language)
    assert symbol.casefold() in analyse(f"见{symbol}号文件", language)
    assert symbol.casefold() in analyse(symbol.replace("/", "／"), language)


def test_a_symbol_is_found_by_its_tail():
    assert "71/31" in analyse("第71/31号决议", "zh")
    assert "71/31" in analyse("A/RES/71/31", "en")
    assert "1235" in analyse("A/AC.105/1235", "en")
    assert "31" not in analyse("A/RES/71/31", "en")


def test_every_token_is_treated_by_its_own_script():
    terms = analyse("Le спутников 卫星 satellites الأقمار CD/2090", "fr")
    assert terms == ["спутник", "卫", "星", "卫星", "satellit", "اقمار", "cd/2090", "2090"]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("哪些是什么？为什么呢", "zh"),
        ("What are they and how?", "en"),
        ("Qu'est-ce que c'est ?", "fr"),
        ("¿Qué es y cómo se hace?", "es"),
        ("Какие из них и почему?", "ru"),
        ("ما هي ولماذا", "ar"),
    ],
)
def test_question_words_weigh_little(question, language):
    assert len(analyse(question, language)) <= 1


@given(st.text(max_size=80), st.sampled_from(LANGUAGES))
def test_terms_are_never_empty_and_hold_no_space(text, language):
    terms = analyse(text, language)
    assert all(terms)
    assert not any(character.isspace() for term in terms for character in term)


def test_threads_agree():
    texts = [f"satellites orbiting number {i} спутники" for i in range(200)]
    expected = [analyse(text, "en") for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: analyse(text, "en"), texts)) == expected
