"""Candidates, their features by hand arithmetic, and what is chosen from given chances."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.documents import Builder
from support.fake_encoder import BagOfWordsEncoder
from support.small_documents import hits_on, note_hit, small_document

from corpus import Document, Hit
from service.answer_type import Wanted, wanted
from service.extract import (
    FEATURES,
    MOST_ENCODED,
    MOST_ITEMS,
    chances,
    choose,
    features,
)
from service.pool import MOST_SENTENCES, TOP_PASSAGES, Candidate, Run, candidates, telling
from service.sentences import split

ENCODER = BagOfWordsEncoder()
ANYTHING = wanted("tell me", "en")
LIST = replace(ANYTHING, types=("list",))
PORTS = small_document(
    "ports.en",
    "The harbour was dredged. It now takes ships of any size. Trade has grown since.",
    "Three towns share the cost of it. The pier needs repair.",
)


def pool_of(*hits: Hit) -> list[Candidate]:
    read = telling(hits)
    return candidates(read, [split(hit.passage, hit.document) for hit in read])


def chosen(
    documents: Sequence[Document], chance: Sequence[float], asked: Wanted = ANYTHING
) -> list[list[str]]:
    """The texts of each run, for chances of the candidates in their order."""
    pool = pool_of(*hits_on(*documents))
    assert len(pool) == len(chance)
    return [
        [one.sentence.text for one in run.members]
        for run in choose(pool, np.asarray(chance), asked)
    ]


def table_of(question: str, hits: Sequence[Hit]) -> tuple[list[Candidate], NDArray[np.float64]]:
    query = ENCODER.encode_queries([question])[0]
    asked = wanted(question, "en")

    def nearness(pool: Sequence[Candidate]) -> NDArray[np.float64]:
        rows = ENCODER.encode_passages([candidate.sentence.text for candidate in pool])
        return (rows @ query).astype(np.float64)

    return features(question, "en", asked, pool_of(*hits), nearness, most=MOST_ENCODED)


def test_title_pages_wait_and_no_more_than_the_first_passages_are_read() -> None:
    front = hits_on(PORTS, part="front")
    body = hits_on(*(small_document(f"{n}.en", "Ships come and go.") for n in range(9)))
    assert telling([*front, *body]) == body[:TOP_PASSAGES]
    assert telling(front) == front


def test_a_sentence_found_twice_is_one_candidate_of_the_better_passage() -> None:
    again = small_document("again.en", "The pier needs repair. Gulls nest on the roof.")
    pool = pool_of(*hits_on(PORTS, again))
    assert [one.sentence.text for one in pool if one.rank == 2] == ["Gulls nest on the roof."]
    assert [one.place for one in pool] == [0, 1, 2, 3, 4, 1]


def test_what_only_names_or_refers_waits() -> None:
    report = small_document(
        "report.en",
        "Title of report.en",
        "Gulls nest on the roof of the old pier.",
        note="Keeper, The Harbour Book, at https://example.org/harbour.",
    )
    hits = [note_hit(report), *hits_on(report)]
    said = [one.sentence.text for one in pool_of(*hits)]
    assert said == ["Gulls nest on the roof of the old pier."]
    assert [one.sentence.text for one in pool_of(note_hit(report))]  # nothing else is there
    plain_note = small_document("n.en", "Ships.", note="The keeper left the harbour in 1804.")
    assert [one.hit.passage.note for one in pool_of(note_hit(plain_note))] == ["7"]


def test_a_title_is_one_however_it_is_spaced() -> None:
    note = small_document(
        "note.zh",
        "2017 年 9 月 7 日港务局关于灯塔工作情况的普通照会",
        "灯塔自1804年起由海员协会出资维护和运营。",
        language="zh",
    )
    note = replace(note, title="2017年9月7日港务局关于灯塔工作情况的普通照会")
    said = [one.sentence.text for one in pool_of(*hits_on(note))]
    assert said == ["灯塔自1804年起由海员协会出资维护和运营。"]


def test_features_by_hand() -> None:
    ships = small_document("ships.en", "Two boats sank here.", "Fishing boats sank.")
    other = small_document("other.en", "Harbour seals sleep.")
    question = "How many boats sank?"
    pool, table = table_of(question, hits_on(ships, other))
    assert next(one.sentence.text for one in pool) == "Two boats sank here."
    column = dict(zip(FEATURES, table.T, strict=True))
    query = ENCODER.encode_queries([question])[0]
    cosines = ENCODER.encode_passages([one.sentence.text for one in pool]) @ query
    assert column["cosine"] == pytest.approx(cosines.astype(float))
    two, none = math.log1p(3 / 2), math.log1p(3 / 1)  # 'boat' and 'sank'; 'many', nowhere
    assert column["overlap"] == pytest.approx([2 * two / (2 * two + none)] * 2 + [0])
    assert column["types"] == pytest.approx([1, 0, 0])  # a number
    assert column["rank"] == pytest.approx([1, 1, 1 / 2])
    assert column["passage"] == pytest.approx([max(cosines[:2])] * 2 + [cosines[2]])


def test_a_rare_term_counts_more_than_a_common_one() -> None:
    text = ("Boats sank off the coast.", "Boats were painted in spring.", "Boats collided twice.")
    _, table = table_of("boats collided", hits_on(small_document("b.en", *text)))
    common, rare = math.log1p(3 / 3), math.log1p(3 / 1)
    expected = [common / (common + rare)] * 2 + [1.0]
    assert table[:, FEATURES.index("overlap")] == pytest.approx(expected)


def test_what_is_encoded_is_bounded_and_the_likeliest() -> None:
    many = [f"Gulls nest on roof number {n}." for n in range(2 * MOST_ENCODED)]
    document = small_document("many.en", *many, "The pier needs repair.")
    encoded: list[str] = []

    def nearness(pool: Sequence[Candidate]) -> NDArray[np.float64]:
        encoded.extend(candidate.sentence.text for candidate in pool)
        return (ENCODER.encode_passages(encoded) @ query).astype(np.float64)

    query = ENCODER.encode_queries(["pier repair"])[0]
    pool, table = features(
        "pier repair", "en", ANYTHING, pool_of(*hits_on(document)), nearness, most=MOST_ENCODED
    )
    assert len(encoded) == len(pool) == len(table) == MOST_ENCODED
    assert "The pier needs repair." in encoded
    assert [one.place for one in pool] == sorted(one.place for one in pool)


def test_chances_are_a_softmax_of_the_weighted_features() -> None:
    weights = dict.fromkeys(FEATURES, 0.0) | {"cosine": 2.0, "rank": 1.0}
    table = np.zeros((2, len(FEATURES)))
    table[0, FEATURES.index("cosine")], table[0, FEATURES.index("rank")] = 0.5, 1.0
    assert chances(table, weights) == pytest.approx(
        [math.e**2 / (math.e**2 + 1), 1 / (math.e**2 + 1)]
    )
    assert chances(1e6 * table, weights) == pytest.approx([1, 0])


def test_one_sentence_when_one_is_likely() -> None:
    likely = [0.002, 0.002, 0.003, 0.99, 0.003]
    assert chosen([PORTS], likely) == [["Three towns share the cost of it."]]


def test_a_likely_neighbour_is_quoted_with_it_but_not_across_paragraphs() -> None:
    assert chosen([PORTS], [0.1, 0.2, 0.5, 0.5, 0.1])[0] == [
        "The harbour was dredged.",
        "It now takes ships of any size.",
        "Trade has grown since.",
    ]


@pytest.mark.parametrize("likely", [0, 1])
def test_what_refers_back_is_quoted_with_what_it_refers_to(likely: int) -> None:
    assert chosen([PORTS], [float(at == likely) for at in range(5)]) == [
        ["The harbour was dredged.", "It now takes ships of any size."]
    ]


def test_what_a_semicolon_divides_stays_together() -> None:
    text = (
        "目标如下：查明各国的需要并提供有关的能力建设支持和技术援助以满足各国的这些需要；"
        "解决问题和克服妨碍充分利用的差距；提高效益。"
    )
    document = small_document("goals.zh", text, language="zh")
    pool = pool_of(*hits_on(document))
    assert len(pool) > 1
    for at in range(len(pool)):
        chance = np.eye(len(pool))[at]
        (run,) = choose(pool, chance, ANYTHING)
        assert [one.place for one in run.members] == list(range(len(pool)))


TASKS = small_document(
    "tasks.en",
    "The port has several tasks. The main ones are:",
    "dredging the harbour;",
    "mending the pier;",
    "Gulls nest on roofs.",
    "It rains.",
)
ITEMS = [["dredging the harbour;"], ["mending the pier;"], ["Gulls nest on roofs."]]


@pytest.mark.parametrize("asked", [ANYTHING, LIST])
def test_what_a_sentence_announces_follows_it(asked: Wanted) -> None:
    chance = [0.0, 1.0, 0.0, 0.0, 0.0]
    assert chosen([TASKS], chance, asked) == [["The main ones are:"], *ITEMS]


def test_the_items_of_a_list_that_the_next_sentence_announces_follow_when_asked_for() -> None:
    chance = [1.0, 0.0, 0.0, 0.0, 0.0]
    said = ["The port has several tasks."]
    assert chosen([TASKS], chance) == [said]
    assert chosen([TASKS], chance, LIST) == [[*said, "The main ones are:"], *ITEMS]


@pytest.mark.parametrize("label", ["3", None])
def test_items_follow_however_they_end_and_without_their_parts(label: str | None) -> None:
    builder = Builder("steps.en").paragraph("The port proceeds in steps:", label)
    for letter, text in (
        ("a)", "The harbour is dredged. This takes two years."),
        ("a)i", "The mud is sold to farmers."),
        ("b)", "The pier is mended,"),
    ):
        builder.paragraph(text, (label or "") + letter)
    document = builder.paragraph("30. The lock is closed for good.", "30").build()
    size = len(pool_of(*hits_on(document)))
    assert chosen([document], np.eye(size)[0]) == [
        ["The port proceeds in steps:"],
        ["The harbour is dredged."],
        ["The pier is mended,"],
    ]


def test_an_announcer_without_items_or_without_room_for_one_is_left_out() -> None:
    bare = small_document("bare.en", "The port has several tasks. The main ones are:")
    assert chosen([bare], [1.0, 0.0], LIST) == [["The port has several tasks."]]
    parts = "; ".join(f"the {each} needs repair and paint" for each in ("pier", "quay", "dock"))
    full = small_document(
        "full.en", f"{parts}; one; two. The main ones are:", "the lock;", "a weir."
    )
    size = len(pool_of(*hits_on(full)))
    for at in range(size):
        runs = chosen([full], np.eye(size)[at] * 0.5 + 0.5, LIST)
        assert sum(map(len, runs)) <= MOST_SENTENCES


def test_the_parts_of_a_list_follow_each_other_when_a_list_is_asked_for() -> None:
    chance = [0.0, 0.0, 0.0, 1.0, 0.0]
    assert chosen([TASKS], chance) == [["mending the pier;"]]
    assert chosen([TASKS], chance, LIST) == [["mending the pier;"], ["Gulls nest on roofs."]]


def test_an_answer_is_short() -> None:
    long = small_document(
        "long.en",
        *("; ".join(f"The {w} needs repair and paint" for w in "abcdefgh") + "." for _ in "1"),
    )
    for asked in (ANYTHING, LIST):
        size = len(pool_of(*hits_on(long)))
        assert sum(map(len, chosen([long], [1 / size] * size, asked))) <= MOST_SENTENCES


def test_a_list_is_one_sentence_however_many_items_it_has() -> None:
    def items(count: int) -> list[list[str]]:
        works = (f"The pier number {n} needs mending;" for n in range(count))
        parts = small_document("parts.en", "The tasks of the harbour are:", *works)
        size = len(pool_of(*hits_on(parts)))
        return chosen([parts], [0.9] + [0.1 / (size - 1)] * (size - 1), LIST)

    assert len(items(9)) == 1 + 9
    assert len(items(30)) == 1 + MOST_ITEMS


def test_what_announces_a_list_comes_before_what_only_mentions_it() -> None:
    tasks = small_document(
        "tasks.en",
        "Besides the tasks above there is more to do.",
        "The tasks of the harbour are:",
        "mending the pier;",
        "dredging the dock.",
    )
    chance = [0.45, 0.35, 0.1, 0.1]
    assert chosen([tasks], chance, LIST)[0] == ["The tasks of the harbour are:"]
    assert chosen([tasks], chance)[0] == ["Besides the tasks above there is more to do."]
    far = [0.7, 0.2, 0.05, 0.05]
    assert chosen([tasks], far, LIST)[0] == ["Besides the tasks above there is more to do."]


def test_as_likely_a_sentence_elsewhere_is_quoted_too_and_a_less_likely_one_is_not() -> None:
    other = small_document("other.en", "Ferries cross the sound daily.")
    assert chosen([PORTS, other], [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]) == [
        ["The pier needs repair."],
        ["Ferries cross the sound daily."],
    ]
    assert chosen([PORTS, other], [0.0, 0.0, 0.0, 0.0, 0.5, 0.4]) == [["The pier needs repair."]]


def test_the_best_run_comes_first_then_its_document_then_others() -> None:
    other = small_document("other.en", "Ferries cross the sound daily.")
    order = chosen([other, PORTS], [0.33, 0.33, 0.0, 0.0, 0.0, 0.34])
    assert order == [
        ["The pier needs repair."],
        ["The harbour was dredged.", "It now takes ships of any size."],
        ["Ferries cross the sound daily."],
    ]


def test_the_same_is_not_said_twice() -> None:
    twin = small_document("twin.en", "The pier, it needs repair!")
    assert chosen([PORTS, twin], [0.0, 0.0, 0.0, 0.0, 0.5, 0.5]) == [["The pier needs repair."]]


def test_ties_go_to_the_first() -> None:
    other = small_document("other.en", "Ferries cross the sound daily.", "Whales pass in May.")
    (first, _) = choose(pool_of(*hits_on(other)), np.asarray([0.5, 0.5]), ANYTHING)
    assert isinstance(first, Run)
    assert first.members[0].place == 0
    assert first.chance == 0.5
