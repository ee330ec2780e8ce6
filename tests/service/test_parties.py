"""Whom a text names: the same party in every language, and no party where there is none."""

import pytest

from service.parties import first_parties, parties


@pytest.mark.parametrize(
    "text",
    [
        "中国和联合王国反对。",
        "China and the United Kingdom objected.",
        "La Chine et le Royaume-Uni s'y opposent.",
        "China y el Reino Unido se oponen.",
        "Китай и Великобритания возражают.",
        "عارضت الصين والمملكة المتحدة ذلك.",
        "北京与伦敦未达成一致。",
        "中國和聯合王國反對。",
        "CHINESE and British delegates",
    ],
)
def test_the_same_parties_in_every_language(text: str) -> None:
    assert parties(text) == {"cn", "gb"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Данные указаны если нужно, индивидуально и кубически.",
        "The chinaware and the indiarubber were dishonourable.",
        "Nous avons un plan.",
        "没有任何代表团发言。",
    ],
)
def test_what_only_looks_like_a_party_is_none(text: str) -> None:
    assert parties(text) == frozenset()
    assert first_parties(text) == frozenset()


def test_a_longer_name_is_not_the_shorter_one_in_it() -> None:
    assert parties("印度尼西亚发言。") == {"id"}
    assert parties("印度和印度尼西亚发言。") == {"in", "id"}


@pytest.mark.parametrize(
    "text",
    ["《巴黎协定》第七条", "the Paris Agreement", "l'Accord de Paris", "Парижского соглашения"],
)
def test_a_treaty_named_after_a_capital_is_no_party(text: str) -> None:
    assert parties(text) == frozenset()
    assert parties(f"{text}, Japan") == {"jp"}
    assert first_parties(f"{text}, Japan") == {"jp"}


def test_endings_and_prefixes() -> None:
    assert parties("позиция китайского правительства и России") == {"cn", "ru"}
    assert parties("موقف الصينيين وروسيا ولليابان") == {"cn", "ru", "jp"}
    assert parties("L’Autriche et l'Argentine") == {"at", "ar"}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Germany answered France.", {"de"}),
        ("据法国说，德国同意。", {"fr"}),
        ("中国和俄罗斯联邦提请注意美国的草案。", {"cn", "ru"}),
        ("China, the Russian Federation and Egypt told Norway so.", {"cn", "ru", "eg"}),
        ("La Chine et la Fédération de Russie le disent.", {"cn", "ru"}),
        ("中英两国均认识到这一点，美国则不然。", {"cn", "gb"}),
        ("Китай, а также Российская Федерация предлагают.", {"cn", "ru"}),
        ("China y la Federación de Rusia dicen.", {"cn", "ru"}),
        ("الولايات المتحدة الأمريكية والصين تقولان", {"cn", "us"}),
        ("大不列颠及北爱尔兰联合王国和法国认为", {"gb", "fr"}),
        ("The United Kingdom of Great Britain and Northern Ireland and France", {"gb", "fr"}),
    ],
)
def test_who_is_named_first_and_along_with_it(text: str, first: set[str]) -> None:
    assert first_parties(text) == first


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("中美之间的对话", {"cn", "us"}),
        ("中美俄三国", {"cn", "us", "ru"}),
        ("中俄关系", {"cn", "ru"}),
        ("中俄联合提案", {"cn", "ru"}),
        ("中、俄两国", {"cn", "ru"}),
        ("冷战中美苏两国", {"us", "su"}),
        ("国际法中合作义务", set()),
        ("集中日期间", set()),
        ("高中美术合作", set()),
        ("中美洲国家", set()),
        ("发展中国家", set()),
        ("拉美国家", set()),
        ("其中美国反对", {"us"}),
        ("中国和美国之间", {"cn", "us"}),
    ],
)
def test_initials_of_states(text: str, named: set[str]) -> None:
    assert parties(text) == named


def test_hyphens_accents_and_spaces_do_not_matter() -> None:
    assert parties("les États-Unis") == parties("LES ETATS UNIS") == {"us"}
    assert parties("Viet Nam, Viet-Nam and Vietnam") == {"vn"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("the US opposes", {"us"}),
        ("The U.S. delegation", {"us"}),
        ("EE. UU. se opone", {"us"}),
        ("в Соединенных Штатах", {"us"}),
        ("الوفد الأمريكي", {"us"}),
        ("the EU members", {"eu"}),
        ("l'UE", {"eu"}),
        ("join us, tuesday", set()),
        ("Latin American countries on the Indian Ocean", set()),
        ("the Vienna Declaration", set()),
    ],
)
def test_short_names_and_what_only_holds_a_name(text: str, named: set[str]) -> None:
    assert parties(text) == named


def test_no_text_takes_long() -> None:
    hostile = "China " + "федерацa" * 60 + "! Japan"
    assert first_parties(hostile) == {"cn"}
