"""Filters: any of the values in a field, all of the fields; mistakes name what is allowed."""

from datetime import date

import numpy as np
import pytest
from support.documents import Builder, small_corpus

from corpus import BadFilter
from index.filters import Filters, matching_rows

DOCUMENTS = {document.id: document for document in (*small_corpus(), Builder("plain").build())}
OWNERS = np.repeat(np.arange(4), 2)  # two passages a document, in this order:
ENGLISH, FRENCH, CHINESE, PLAIN = [0, 1], [2, 3], [4, 5], [6, 7]


def rows(**fields: object) -> list[int]:
    found = matching_rows(Filters(**fields), DOCUMENTS, OWNERS)
    assert found is not None
    assert found.dtype == np.int64
    return found.tolist()


def test_no_filter_is_no_restriction() -> None:
    assert matching_rows(Filters(), DOCUMENTS, OWNERS) is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"document": ("orbits.fr",)}, FRENCH),
        ({"document": ("orbits.fr", "plain")}, FRENCH + PLAIN),
        ({"work": ("orbits",)}, ENGLISH + FRENCH),
        ({"language": ("zh", "fr")}, FRENCH + CHINESE),
        ({"publisher": ("Council",)}, CHINESE),
        ({"date_from": date(2020, 5, 2)}, CHINESE),
        ({"date_from": date(2020, 5, 1)}, ENGLISH + FRENCH + CHINESE),
        ({"date_to": date(2020, 5, 1)}, ENGLISH + FRENCH),
        ({"date_from": date(2021, 3, 4), "date_to": date(2021, 3, 4)}, CHINESE),
        ({"symbol_prefix": "a/xx"}, ENGLISH + FRENCH),
        ({"symbol_prefix": "B/2021/9"}, CHINESE),
        ({"symbol_prefix": "Z/"}, []),
        ({"work": ("orbits",), "language": ("fr",)}, FRENCH),
        ({"work": ("orbits",), "language": ("zh",)}, []),
    ],
)
def test_rows(fields: dict[str, object], expected: list[int]) -> None:
    assert rows(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "field", "allowed"),
    [
        ({"document": ("orbits.de",)}, "document", "moon.zh, orbits.en, orbits.fr, plain"),
        ({"work": ("mars",)}, "work", "moon, orbits, plain"),
        ({"language": ("en", "de")}, "language", "en, fr, zh"),
        ({"publisher": ("Nobody",)}, "publisher", "Assembly, Council"),
        ({"symbol_prefix": " "}, "symbol_prefix", "Leave it out"),
        ({"date_from": date(2021, 1, 1), "date_to": date(2020, 1, 1)}, "date_from", "2020-01-01"),
    ],
)
def test_a_mistake_names_the_field_and_what_is_allowed(
    fields: dict[str, object], field: str, allowed: str
) -> None:
    with pytest.raises(BadFilter) as caught:
        rows(**fields)
    assert caught.value.field == field
    assert allowed in str(caught.value)


def test_a_long_list_of_allowed_values_is_cut_short() -> None:
    many = {f"d{n:03}": Builder(f"d{n:03}").build() for n in range(100)}
    with pytest.raises(BadFilter, match="d039 and 60 more"):
        matching_rows(Filters(document=("x",)), many, np.arange(100))


def test_a_field_that_no_document_has() -> None:
    with pytest.raises(BadFilter, match="none: no document has this field"):
        matching_rows(Filters(publisher=("x",)), {"d": Builder("d").build()}, np.zeros(1, int))
