"""Quotes are found where they stand, or nowhere; an alignment against a textbook edit distance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.verify import SIMILAR, letters, locate

TEXT = (
    "48. States Parties shall\nnot place weapons in orbit around the Earth. "
    "各国应当公布其“月球”任务的信息，并提交联合国。 "
    "La Conférence n’a pas adopté l’ordre du jour. "
    "Государства не размещают оружие на орбите. "
    "تتعهد الدول بعدم وضع أسلحة في المدار حول الأرض. "
    "In Ａ/AC.105 the 𝄞 score opens."
)


def shown(quote: str, text: str = TEXT) -> str | None:
    span = locate(quote, text)
    return text[span[0] : span[1]] if span else None


@pytest.mark.parametrize(
    ("quote", "exact"),
    [
        ("States Parties shall not place weapons", "States Parties shall\nnot place weapons"),
        ("  «States Parties\tshall»", "States Parties shall"),
        ("各国应当公布其「月球」任务的信息", "各国应当公布其“月球”任务的信息"),
        ("各国应当 公布其\n“月球”任务", "各国应当公布其“月球”任务"),
        ("各國應當公布其「月球」任務的信息", "各国应当公布其“月球”任务的信息"),
        ("La Conférence n'a pas adopté l'ordre du jour.", None),
        ("La Confe\u0301rence n’a pas adopté", "La Conférence n’a pas adopté"),
        (
            "Государства не размещают оружие на орбите.",
            "Государства не размещают оружие на орбите.",
        ),
        ("تتعهد\u200f الدول بعدم وضع أسلحة", "تتعهد الدول بعدم وضع أسلحة"),
        ("In A/AC.105 the 𝄞 score", "In Ａ/AC.105 the 𝄞 score"),
    ],
)
def test_the_same_characters_are_found_however_they_are_set(quote: str, exact: str | None) -> None:
    assert shown(quote) == (exact or "La Conférence n’a pas adopté l’ordre du jour.")


@pytest.mark.parametrize(
    ("quote", "exact"),
    [
        (
            "States Parties shall not place weapons in orbit around the Earht",
            "States Parties shall\nnot place weapons in orbit around the Earth",
        ),
        (
            "States Parties should not place weapons in orbit around the Earth",
            "States Parties shall\nnot place weapons in orbit around the Earth",
        ),
        (
            "各国应当公布其“月球”任务信息，并提交联合国",
            "各国应当公布其“月球”任务的信息，并提交联合国",
        ),
        ("Государства не размешают оружие на орбите", "Государства не размещают оружие на орбите"),
        (
            "تتعهد الدول بعدم وضع اسلحة في المدار حول الارض",
            "تتعهد الدول بعدم وضع أسلحة في المدار حول الأرض",
        ),
    ],
)
def test_a_slip_is_mended_with_what_is_written(quote: str, exact: str) -> None:
    assert shown(quote) == exact


@pytest.mark.parametrize(
    "quote",
    [
        "States Parties may place weapons in orbit around Mars",
        "States shall never put any arms in orbit round our planet",
        "各国不应公布任何任务信息",
        "La Conférence a adopté tous les points inscrits",
        "The committee met in Vienna in June and adopted its report",
        "a" * 5_000,
    ],
)
def test_what_is_not_there_is_not_found(quote: str) -> None:
    assert locate(quote, TEXT) is None


@pytest.mark.parametrize("quote", ["", " ", "the", "…", "“.”", "各国", "48.", "\u200b"])
def test_too_little_to_show_anything_is_not_found(quote: str) -> None:
    assert letters(quote) < 8
    assert locate(quote, TEXT) is None


def test_words_are_shown_whole_and_a_sentence_with_its_end() -> None:
    assert shown("tates Parties shall not pla") == "States Parties shall\nnot place"
    assert shown("公布其“月球”任") == "公布其“月球”任"
    assert shown("in orbit around the Earth.") == "in orbit around the Earth."
    assert shown("in orbit around the Earth") == "in orbit around the Earth"
    assert shown("opens the matter", "It opens the matter") == "opens the matter"


def test_of_several_the_first_is_meant() -> None:
    text = "Orbits are crowded. Orbits are crowded."
    assert locate("Orbits are crowded.", text) == (0, 19)


def edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


WORDS = st.text(alphabet="abcde", min_size=14, max_size=34)


@given(before=WORDS, middle=WORDS, after=WORDS, data=st.data())
def test_the_span_is_as_similar_as_it_must_be_and_found_when_it_is(
    before: str, middle: str, after: str, data: st.DataObject
) -> None:
    """Spaces keep whole words from growing the span; the oracle is the plain recurrence."""
    at = data.draw(st.integers(0, len(middle) - 1))
    needle = middle[:at] + data.draw(st.sampled_from(["", "z", "zz"])) + middle[at + 1 :]
    text = f"{before} {middle} {after}"
    pieces = [before, middle, after, before + middle, middle + after, before + middle + after]
    found = shown(needle, text)
    if found is not None:
        joined = found.replace(" ", "")
        assert any(joined in piece for piece in pieces)
    if edits(needle, middle) <= (1 - SIMILAR) * max(len(needle), len(middle)):
        assert found is not None


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_text_can_be_looked_for_in_any_other(quote: str, text: str) -> None:
    span = locate(quote, text)
    assert span is None or 0 <= span[0] < span[1] <= len(text)


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_every_piece_of_a_text_is_found_in_it(one: int, other: int) -> None:
    piece = TEXT[min(one, other) : max(one, other)]
    found = shown(piece)
    if letters(piece) >= 20:
        assert found is not None
        core = "".join(ch for ch in piece if ch.isalnum())
        assert core in "".join(ch for ch in found if ch.isalnum())
