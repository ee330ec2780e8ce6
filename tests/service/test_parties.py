"""Whom a text names: the same party in every language, and no party where there is none."""

import pytest

from service.parties import first_party, parties


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
    assert first_party(text) is None


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
    assert first_party(f"{text}, Japan") == "jp"


def test_endings_and_prefixes() -> None:
    assert parties("позиция китайского правительства и России") == {"cn", "ru"}
    assert parties("موقف الصينيين وروسيا ولليابان") == {"cn", "ru", "jp"}
    assert parties("L’Autriche et l'Argentine") == {"at", "ar"}


def test_the_first_one_is_the_first_in_the_text() -> None:
    assert first_party("Germany answered France.") == "de"
    assert first_party("据法国说，德国同意。") == "fr"


def test_hyphens_accents_and_spaces_do_not_matter() -> None:
    assert parties("les États-Unis") == parties("LES ETATS UNIS") == {"us"}
    assert parties("Viet Nam, Viet-Nam and Vietnam") == {"vn"}
