"""Which language version of a paragraph is shown, and in whose place."""

from dataclasses import replace

from support.documents import Builder

from corpus import Document, Passage, Work
from index.collapse import Versions, collapse

LANGUAGES = {"en": "en", "fr": "fr", "zh": "zh"}
DOCUMENTS: dict[str, Document] = {
    id: replace(Builder(id, id).build(), work="w") for id in LANGUAGES
} | {"lone": Builder("lone").build()}
WORKS = {
    "w": Work("w", None, "", ("en", "fr", "zh")),
    "lone": Work("lone", None, "", ("lone",)),
}


def passage(document: str, ordinal: int, *labels: str, note: str | None = None) -> Passage:
    return Passage(
        f"{document}:{ordinal}", document, ordinal, 0, 0, "", (), labels, None, note=note
    )


def shown(
    passages: list[Passage], ranked: list[int], *prefer: str, allowed: list[int] | None = None
) -> list[tuple[int, int]]:
    versions = Versions.of(passages, DOCUMENTS, WORKS)
    return collapse(ranked, versions, passages, DOCUMENTS, prefer=prefer, allowed=allowed)


THREE = [passage("en", 0, "5"), passage("fr", 0, "5"), passage("zh", 0, "5")]


def test_the_first_preferred_language_takes_the_best_place() -> None:
    assert shown(THREE, [2, 1, 0], "fr", "en") == [(1, 2)]
    assert shown(THREE, [2, 1, 0], "ar", "en") == [(0, 2)]
    assert shown(THREE, [2, 1], "ar") == [(2, 2)]


def test_a_version_that_was_not_ranked_is_shown_unless_filtered_out() -> None:
    assert shown(THREE, [2], "fr") == [(1, 2)]
    assert shown(THREE, [2], "fr", allowed=[0, 2]) == [(2, 2)]


def test_versions_cut_differently_meet_by_one_label() -> None:
    rows = [passage("en", 0, "5", "5(a)"), passage("zh", 0, "5"), passage("zh", 1, "5(a)")]
    assert shown(rows, [1, 2, 0], "en") == [(0, 1)]
    assert shown(rows, [0, 1, 2], "zh") == [(1, 0)]


def test_pieces_of_a_paragraph_in_one_document_stay() -> None:
    rows = [passage("en", 0, "5"), passage("en", 1, "5")]
    assert shown(rows, [1, 0], "en") == [(1, 1), (0, 0)]


def test_a_label_that_comes_again_is_another_paragraph() -> None:
    rows = [passage("en", 0, "1"), passage("en", 1, "2"), passage("en", 2, "1")]
    rows += [passage("fr", 0, "1"), passage("fr", 1, "2"), passage("fr", 2, "1")]
    assert shown(rows, [0, 5], "en") == [(0, 0), (2, 5)]


def test_notes_meet_notes() -> None:
    rows = [passage("en", 0, "1"), passage("en", 1, "1", note="1")]
    rows += [passage("fr", 0, "1"), passage("fr", 1, "1", note="1")]
    assert shown(rows, [0, 3, 1, 2], "fr") == [(2, 0), (3, 3)]


def test_what_has_no_label_or_no_other_version_stays() -> None:
    rows = [passage("en", 0), passage("fr", 0), passage("lone", 0, "5"), passage("lone", 1, "5")]
    assert shown(rows, [3, 0, 2, 1], "en") == [(3, 3), (0, 0), (2, 2), (1, 1)]


def test_no_more_than_asked_are_shown_and_they_are_the_first() -> None:
    rows = [*THREE, passage("lone", 0, "5"), passage("en", 1, "6"), passage("zh", 1, "6")]
    versions = Versions.of(rows, DOCUMENTS, WORKS)
    ranked = [2, 5, 3, 0, 4, 1]
    every = collapse(ranked, versions, rows, DOCUMENTS, prefer=("en",))
    assert every == [(0, 2), (4, 5), (3, 3)]
    for most in range(5):
        some = collapse(ranked, versions, rows, DOCUMENTS, prefer=("en",), most=most)
        assert some == every[:most]


def test_without_versions_the_ranking_is_shown() -> None:
    rows = [passage("lone", at, str(at)) for at in range(3)]
    versions = Versions.of(rows, DOCUMENTS, WORKS)
    assert collapse([2, 0, 1], versions, rows, DOCUMENTS, prefer=(), most=2) == [(2, 2), (0, 0)]
