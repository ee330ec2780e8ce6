"""Which language version of a paragraph is shown, and in whose place."""

from dataclasses import replace

from support.documents import Builder

from corpus import Document, Passage, Work
from index.collapse import Versions, collapse, versions_of

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
    assert shown(rows, [0, 1, 2], "zh") == [(1, 0), (2, 2)]  # 5(a) is not in what is shown first
    assert shown(rows, [0, 2, 1], "zh") == [(2, 0), (1, 1)]
    assert shown(rows, [0, 1, 2], "ar") == [(0, 0)]


def test_a_passage_with_one_more_paragraph_is_shown_for_it() -> None:
    rows = [passage("zh", 0, "5", "6"), passage("fr", 0, "6", "7"), passage("fr", 1, "5")]
    assert shown(rows, [0, 1, 2], "ar") == [(0, 0), (1, 1)]


def test_pieces_of_a_paragraph_in_one_document_stay() -> None:
    rows = [passage("en", 0, "5"), passage("en", 1, "5")]
    assert shown(rows, [1, 0], "en") == [(1, 1), (0, 0)]


def test_pieces_that_were_not_ranked_stand_in_for_those_as_far_into_the_paragraph() -> None:
    rows = [passage("en", at, "5") for at in range(3)] + [passage("zh", at, "5") for at in range(3)]
    assert shown(rows, [5, 3], "en") == [(2, 5), (0, 3)]
    assert shown(rows, [5, 3, 1], "en") == [(1, 5)]  # the one that was ranked, once


def test_a_hit_names_one_passage_of_each_other_version() -> None:
    rows = [passage("zh", 0, "5", "6"), passage("fr", 0, "5"), passage("fr", 1, "6", "7")]
    rows += [passage("en", 0, "4"), passage("en", 1, "5", "6"), passage("lone", 0, "5")]
    versions = Versions.of(rows, DOCUMENTS, WORKS)

    def named(row: int) -> list[tuple[str, str, str]]:
        found = versions_of(row, versions, rows, DOCUMENTS)
        return [(one.language, one.document_id, one.passage_id) for one in found]

    assert named(4) == [("zh", "zh", "zh:0"), ("fr", "fr", "fr:0")]
    assert named(2) == [("zh", "zh", "zh:0"), ("en", "en", "en:1")]
    assert named(3) == named(5) == []


def test_pieces_of_a_paragraph_are_matched_by_how_far_into_it_they_stand() -> None:
    rows = [passage("en", at, "5") for at in range(4)] + [passage("zh", at, "5") for at in range(2)]
    versions = Versions.of(rows, DOCUMENTS, WORKS)
    matched = [versions_of(row, versions, rows, DOCUMENTS)[0].passage_id for row in range(6)]
    assert matched == ["zh:0", "zh:0", "zh:1", "zh:1", "en:0", "en:2"]


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


def test_a_preamble_is_matched_by_standing_before_the_first_label() -> None:
    rows = [passage("en", 0), passage("en", 1, "1"), passage("en", 2), passage("en", 3, "2")]
    rows += [passage("fr", 0), passage("fr", 1), passage("fr", 2, "1"), passage("fr", 3, "2")]
    assert shown(rows, [4, 5, 0], "en") == [(0, 4)]
    assert shown(rows, [0], "fr") == [(4, 0)]
    assert shown(rows, [2, 1], "fr") == [(2, 2), (6, 1)]  # French has nothing after paragraph 1


def test_much_text_without_labels_is_not_matched() -> None:
    rows = [passage("en", at) for at in range(4)] + [passage("en", 4, "1")]
    rows += [passage("fr", at) for at in range(4)] + [passage("fr", 4, "1")]
    assert shown(rows, [0, 5, 4], "fr") == [(0, 0), (5, 5), (9, 4)]


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
