"""What a question asks for, and whether a sentence holds it, in six languages."""

import pytest

from corpus import LANGUAGES
from service.answer_type import TYPES, figures, holds, read, wanted


def holding(
    question: str, sentence: str, language: str, *, written_in: str | None = None
) -> set[str]:
    """The types asked for that the sentence holds."""
    asked = wanted(question, language)
    reading = read(sentence, written_in or language)
    return {type for type in asked.types if holds(type, reading, asked)}


@pytest.mark.parametrize(
    ("language", "question", "types"),
    [
        ("zh", "有多少艘船参加？", {"number"}),
        ("zh", "船队何时启航？", {"date"}),
        ("zh", "为什么禁止拖网？", {"why"}),
        ("zh", "捕鱼许可证是什么？", {"definition"}),
        ("zh", "哪些国家反对配额？", {"party", "states", "list", "place"}),
        ("en", "How many boats took part?", {"number"}),
        ("en", "When did the fleet sail?", {"date"}),
        ("en", "On what dates did the fleet sail?", {"date", "day", "list"}),
        ("en", "How much was paid for the harbour?", {"number", "money"}),
        ("en", "Where is the harbour?", {"place"}),
        ("en", "Explain Norway's position on quotas.", {"position"}),
        ("fr", "Combien de bateaux ont participé ?", {"number"}),
        ("fr", "Pourquoi le chalut est-il interdit ?", {"why"}),
        ("es", "¿Cuántos barcos participaron?", {"number"}),
        ("es", "¿Cuándo zarpó la flota?", {"date"}),
        ("ru", "Сколько судов участвовало?", {"number"}),
        ("ru", "Почему траловый лов запрещён?", {"why"}),
        ("ar", "كم سفينة شاركت؟", {"number"}),
        ("ar", "لماذا حُظر الصيد؟", {"why"}),
        ("en", "Fish and chips", set()),
        ("xx", "How many?", set()),
    ],
)
def test_what_a_question_asks_for(language: str, question: str, types: set[str]) -> None:
    assert set(wanted(question, language).types) == types


@pytest.mark.parametrize(
    ("language", "question", "holder", "other"),
    [
        ("zh", "有多少艘船参加？", "共有37艘船参加。", "许多船参加了比赛。"),
        ("zh", "船队何时启航？", "船队于2019年5月启航。", "船队从港口启航。"),
        ("zh", "为什么禁止拖网？", "由于海床受损，拖网被禁止。", "拖网被禁止。"),
        ("zh", "赔偿了多少钱？", "赔偿了300万美元。", "赔偿了损失，共3次。"),
        ("en", "How many boats took part?", "Thirty boats and 7 crews came.", "Boats came."),
        ("en", "When did the fleet sail?", "The fleet sailed in 2019.", "The fleet sailed west."),
        ("en", "On what date was it?", "It met on 3 June.", "It met in 2019."),
        (
            "en",
            "Why are trawls banned?",
            "They are banned because beds suffer.",
            "Trawls are banned.",
        ),
        ("en", "Which delegation objected?", "It was Norway.", "Some objected."),
        ("fr", "Quand la flotte est-elle partie ?", "Elle est partie en juin.", "Elle est partie."),
        ("fr", "Pourquoi l'interdire ?", "En raison des dégâts.", "On l'interdit."),
        (
            "es",
            "¿Cuánto costó el puerto?",
            "Costó 5 millones de euros.",
            "Costó mucho, 5 veces más.",
        ),
        ("ru", "Когда вышел флот?", "Флот вышел в июне.", "Флот вышел."),
        ("ru", "Почему лов запрещён?", "Потому что дно страдает.", "Лов запрещён."),
        ("ar", "متى أبحر الأسطول؟", "أبحر الأسطول في عام 2019.", "أبحر الأسطول غربا."),
        ("ar", "كم صوتا حصل عليه القرار؟", "حصل على 12 صوتا.", "حصل على التأييد في 12 لجنة."),
    ],
)
def test_what_a_sentence_holds(language: str, question: str, holder: str, other: str) -> None:
    asked = set(wanted(question, language).types)
    assert holding(question, holder, language) == asked
    assert holding(question, other, language) < asked


def test_a_question_and_a_sentence_may_be_of_two_languages() -> None:
    question = "Сколько судов участвовало?"
    assert holding(question, "共有37艘船参加。", "ru", written_in="zh") == {"number"}
    assert holding(question, "许多船参加了。", "ru", written_in="zh") == set()


def test_a_figure_of_the_question_is_no_answer_to_it() -> None:
    question = "How many boats sailed in the 2019 race?"
    assert holding(question, "The 2019 race was long.", "en") == set()
    assert holding(question, "In 2019, 40 boats sailed.", "en") == {"number"}
    assert wanted("1,181 of 2 019", "en").figures == {"1181", "2019"}


def test_a_chinese_measure_word_says_what_is_counted() -> None:
    question = "部署了多少枚导弹？"
    assert holding(question, "部署了12枚导弹。", "zh") == {"number"}
    assert holding(question, "召开了3次会议。", "zh") == set()
    assert holding("有多少人登记？", "共有5名专家登记。", "zh") == {"number", "people"}


def test_traditional_characters_ask_the_same() -> None:
    assert holding("部署了多少枚導彈？", "部署了12枚导弹。", "zh") == {"number"}
    assert holding("部署了多少枚导弹？", "部署了十二枚導彈。", "zh") == {"number"}
    assert wanted("甚麼是外層空間條約？", "zh").types == ("definition",)
    asked = wanted("哪些國家參加了會議？", "zh")
    assert "party" in asked.types
    assert asked == wanted("哪些国家参加了会议？", "zh")


def test_an_indefinite_article_is_no_number() -> None:
    assert holding("有多少方案？", "这是一种方案。", "zh") == set()
    assert holding("有多少方案？", "有三种方案。", "zh") == {"number"}


def test_a_symbol_is_no_number() -> None:
    assert holding("How many?", "See A/AC.105/1235.", "en") == set()


def test_a_position_is_that_of_the_party_asked_for() -> None:
    question = "What is China's position on quotas?"
    assert holding(question, "China stressed that quotas harm trade.", "en") == {"position"}
    assert holding(question, "It also stressed that quotas harm trade.", "en") == {"position"}
    assert holding(question, "Norway stressed that quotas harm trade.", "en") == set()
    assert holding(question, "中国认为配额有害。", "en", written_in="zh") == {"position"}
    assert holding(question, "挪威认为配额有害。", "en", written_in="zh") == set()
    assert holding("What is the position on quotas?", "Norway opposed them.", "en") == {"position"}


@pytest.mark.parametrize(
    ("text", "is_list"),
    [
        ("有三方面：第一、渔业、航运和旅游。", True),
        ("The ports are Bergen, Oslo, Tromsø and Bodø.", True),
        ("(a) nets; (b) hooks", True),
        ("These are the ports:", True),
        ("港口如下：", True),
        ("There is one port.", False),
    ],
)
def test_a_list_is_known_by_its_form(text: str, is_list: bool) -> None:
    language = "zh" if text[0] > "\u3000" else "en"
    asked = wanted("哪些？", "zh")
    assert holds("list", read(text, language), asked) is is_list


def test_a_name_is_capitalised_within_the_sentence() -> None:
    asked = wanted("Who won?", "en")
    assert holds("name", read("The race was won by Larsen.", "en"), asked)
    assert not holds("name", read("The race was won.", "en"), asked)


def test_figures_are_those_of_any_script() -> None:
    assert figures("１２ и 3,400 и 5") == {"12", "3400", "5"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_words_for_every_type(language: str) -> None:
    import tomllib
    from pathlib import Path

    import service

    words = tomllib.loads((Path(service.__file__).parent / "answer_words.toml").read_text("utf-8"))
    assert set(words["asking"][language]) == {*TYPES, "whole", "about"}
    assert set(words["saying"][language]) <= set(TYPES)


@pytest.mark.parametrize(
    ("language", "question", "speakers"),
    [
        ("zh", "中国对美国的指控持什么立场？", {"cn"}),
        ("zh", "对美国的指控，中国如何答复？", {"cn", "us"}),
        ("en", "What is the position of China and Russia on the American charges?", {"cn", "ru"}),
        ("en", "How did China respond to the United States?", {"cn"}),
        ("es", "¿Qué dijo China sobre Rusia?", {"cn"}),
        ("ru", "Что заявил Китай о России?", {"cn"}),
        ("en", "What is China's view?", {"cn"}),
    ],
)
def test_a_position_is_of_those_named_before_what_it_is_on(
    language: str, question: str, speakers: set[str]
) -> None:
    assert wanted(question, language).speakers == speakers


@pytest.mark.parametrize(
    ("language", "question", "types"),
    [
        ("zh", "港口的目标是什么？", {"purpose"}),
        ("zh", "可持续发展目标是什么？", {"definition"}),
        ("en", "What are the objectives of the port?", {"purpose", "list"}),
        ("es", "¿Qué es una esclusa?", {"definition"}),
    ],
)
def test_a_definition_is_asked_for_where_nothing_else_is(
    language: str, question: str, types: set[str]
) -> None:
    assert set(wanted(question, language).types) == types


@pytest.mark.parametrize(
    ("language", "question", "holds_it", "holds_none"),
    [
        ("en", "When was the report published?", "It was issued in May.", "It rained in May."),
        ("fr", "Quand le rapport a-t-il été publié ?", "Il a été publié en mai.", "Il a plu."),
        ("es", "¿Cuándo se publicó el informe?", "Se publicó en mayo.", "Llovió en mayo."),
        ("ru", "Когда был опубликован доклад?", "Он опубликован в мае.", "В мае шел дождь."),
        ("ar", "متى نشر التقرير؟", "نشر التقرير في أيار.", "هطل المطر في أيار."),
        ("zh", "报告是哪天发布的？", "报告于5月2日发布。", "5月2日下雨了。"),
    ],
)
def test_when_something_was_published_is_said_by_what_speaks_of_it(
    language: str, question: str, holds_it: str, holds_none: str
) -> None:
    assert "published" in holding(question, holds_it, language)
    assert "published" not in holding(question, holds_none, language)
    assert "published" in wanted(question, language).exact
