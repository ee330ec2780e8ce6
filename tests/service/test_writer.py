"""The extractive writer: what it quotes, and that it only quotes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from support.fake_encoder import BagOfWordsEncoder
from support.small_documents import hits_on, note_hit, small_document

from corpus import Hit, Passage
from service.answer_type import wanted
from service.pool import MOST_SENTENCES
from service.writer import Draft, ExtractiveWriter

LUNAR = small_document(
    "moon.en",
    "The council met on a Tuesday. Lunar dust wears out seals within forty hours of use.",
    "Delegates thanked the host country. Orbital debris was discussed at length.",
    "Robots should sweep lunar dust before any crew opens a hatch.",
)
FISH = small_document("fish.en", "Trout swim upstream in spring. Nets must have wide meshes.")


@pytest.fixture
def writer() -> ExtractiveWriter:
    return ExtractiveWriter(BagOfWordsEncoder())


def quoted(draft: Draft) -> list[str]:
    return [quote.text for quote in draft.quotes]


def test_it_quotes_the_sentences_that_answer(writer: ExtractiveWriter) -> None:
    draft = writer.write("How does lunar dust wear out seals?", "en", hits_on(LUNAR, FISH))
    assert quoted(draft)[0] == "Lunar dust wears out seals within forty hours of use."
    assert "Trout swim upstream in spring." not in quoted(draft)


def test_every_quote_stands_in_its_document(writer: ExtractiveWriter) -> None:
    hits = [
        *hits_on(LUNAR, FISH),
        note_hit(small_document("n.en", "Body text.", note="Dust is sharp.")),
    ]
    for question in ("lunar dust", "wide meshes of nets", "thanked the host", "dust is sharp"):
        for quote in writer.write(question, "en", hits).quotes:
            assert quote.document.text[quote.start : quote.end] == quote.text
            assert quote.passage.start <= quote.start < quote.end <= quote.passage.end


def test_one_document_reads_in_its_own_order(writer: ExtractiveWriter) -> None:
    draft = writer.write("sweep lunar dust before crew opens a hatch", "en", hits_on(LUNAR))
    starts = [quote.start for quote in draft.quotes]
    assert starts == sorted(starts)
    assert "Robots should sweep lunar dust before any crew opens a hatch." in quoted(draft)


def test_the_document_of_the_best_sentence_comes_first(writer: ExtractiveWriter) -> None:
    draft = writer.write("Nets must have wide meshes", "en", hits_on(LUNAR, FISH))
    assert draft.quotes[0].document.id == "fish.en"


def test_it_stays_short(writer: ExtractiveWriter) -> None:
    many = small_document("many.en", *(f"Lunar dust harms the {w} badly." for w in "abcdefgh"))
    assert len(writer.write("lunar dust", "en", hits_on(many)).quotes) <= MOST_SENTENCES


def test_the_same_sentence_is_quoted_once(writer: ExtractiveWriter) -> None:
    again = small_document("again.en", "Lunar dust wears out seals within forty hours of use.")
    draft = writer.write("lunar dust wears out seals", "en", hits_on(LUNAR, again))
    assert quoted(draft).count("Lunar dust wears out seals within forty hours of use.") == 1


def test_nearly_the_same_sentence_is_quoted_once(writer: ExtractiveWriter) -> None:
    twice = small_document(
        "twice.en",
        "Dust from the moon wears out seals within some forty hours of use.",
        "The dust from the moon wears out seals within some forty hours of use.",
    )
    assert len(writer.write("dust wears out seals", "en", hits_on(twice)).quotes) == 1


def test_a_bare_number_is_no_sentence(writer: ExtractiveWriter) -> None:
    numbered = small_document("num.en", "12. 13.", "Dust wears out seals quickly.")
    assert quoted(writer.write("12 13", "en", hits_on(numbered))) == [
        "Dust wears out seals quickly."
    ]


@pytest.mark.parametrize(
    ("language", "question", "text", "best"),
    [
        ("zh", "月尘磨损什么？", "理事会已经开会。月尘会磨损密封件。", "月尘会磨损密封件。"),
        (
            "ru",
            "Что изнашивает пыль?",
            "Совет собрался утром. Лунная пыль изнашивает швы.",
            "Лунная пыль изнашивает швы.",
        ),
        (
            "ar",
            "ماذا يتلف الغبار؟",
            "اجتمع المجلس صباحا. يتلف الغبار القمري الأختام.",
            "يتلف الغبار القمري الأختام.",
        ),
    ],
)
def test_other_scripts(
    writer: ExtractiveWriter, language: str, question: str, text: str, best: str
) -> None:
    document = small_document(f"x.{language}", text, language=language)
    assert best in quoted(writer.write(question, language, hits_on(document)))


def test_a_table_of_contents_waits_for_running_text(writer: ExtractiveWriter) -> None:
    contents = small_document("toc.en", "Lunar dust and seals on the moon")
    found = writer.write(
        "lunar dust seals", "en", [*hits_on(contents, part="contents"), *hits_on(LUNAR)]
    )
    assert {quote.document.id for quote in found.quotes} == {"moon.en"}
    alone = writer.write("lunar dust seals", "en", hits_on(contents, part="contents"))
    assert {quote.document.id for quote in alone.quotes} == {"toc.en"}


def test_an_address_is_not_what_is_said(writer: ExtractiveWriter) -> None:
    linked = small_document(
        "link.en",
        "See <https://dust.example/lunar/dust-and-seals.html> for more on this matter.",
        "Seals suffer from dust on the moon.",
    )
    assert quoted(writer.write("lunar dust seals", "en", hits_on(linked)))[0].startswith("Seals")


def test_nothing_to_quote_is_an_empty_draft(writer: ExtractiveWriter) -> None:
    assert writer.write("dust", "en", []).quotes == ()
    nothing = writer.write("how many?", "en", hits_on(small_document("e.en", "1.", "2.")))
    assert nothing.quotes == ()
    assert nothing.signals == {"exact": 1, "unmet": 1, "absent": 1, "chance": 0, "cosine": 0}


def test_signals_tell_whether_the_fact_that_is_asked_for_was_found(
    writer: ExtractiveWriter,
) -> None:
    question = "How many hours does it take lunar dust to wear out seals?"
    without = writer.write(question, "en", hits_on(LUNAR)).signals
    counted = small_document("counted.en", "Lunar dust wears out seals in 40 hours.")
    found = writer.write(question, "en", hits_on(counted)).signals
    assert (found["exact"], found["unmet"], found["absent"]) == (1, 0, 0)
    assert found["chance"] == 1.0
    assert without["exact"] == 1
    assert (without["chance"], without["cosine"]) < (1.0, found["cosine"])


def test_sentences_are_encoded_in_one_batch_and_once() -> None:
    batches: list[int] = []

    class Counting(BagOfWordsEncoder):
        def encode_passages(
            self, texts: Sequence[str], progress: Callable[[int], None] | None = None
        ) -> NDArray[np.float32]:
            batches.append(len(texts))
            return super().encode_passages(texts, progress)

    writer = ExtractiveWriter(Counting())
    first = writer.write("lunar dust", "en", hits_on(LUNAR))
    assert batches == [5]
    assert writer.write("lunar dust", "en", hits_on(LUNAR)) == first
    writer.write("lunar dust", "en", hits_on(LUNAR, FISH))
    assert batches == [5, 2]


def test_a_passage_is_not_left(writer: ExtractiveWriter) -> None:
    cut, end = LUNAR.text.index("Robots"), len(LUNAR.text) - 1
    passage = Passage("p", LUNAR.id, 2, cut, end, LUNAR.text[cut:end], (), ("3",), None)
    draft = writer.write("lunar dust seals", "en", [Hit(1, 1.0, {}, passage, LUNAR)])
    assert quoted(draft) == ["Robots should sweep lunar dust before any crew opens a hatch."]


@pytest.mark.parametrize(
    ("question", "silent"),
    [
        ("What is Norway's position on quotas?", False),
        ("What is Japan's position on quotas?", True),
        ("日本对配额持什么立场？", True),
        ("What is the position on quotas?", False),
        ("How many quotas are there in Japan?", False),
        ("What did the Secretary-General say about quotas?", False),
        ("What did delegations say about the Japanese proposal?", False),
        ("What did Japan say about the Norwegian proposal?", True),
        ("发展中国家对配额持什么立场？", False),
        ("What did Japan propose on quotas?", True),
        ("日本在裁谈会上提出了什么提案？", True),
        ("What did Norway propose on quotas at the Conference on Disarmament?", False),
    ],
)
def test_the_position_of_a_state_that_no_quoted_passage_names_is_not_known(
    writer: ExtractiveWriter, question: str, silent: bool
) -> None:
    quotas = small_document("q.en", "Norway stressed that quotas harm trade.", "Others disagreed.")
    language = "zh" if question[0] > "\u3000" else "en"
    assert writer.write(question, language, hits_on(quotas)).silent is silent


ATTENDANCE = small_document(
    "forum.en",
    "The forum of 2020 spoke of nets, which Japan makes.",
    "It was attended by Algeria, Austria, Brazil, Chile, China, Egypt, France, India and Kenya.",
)


@pytest.mark.parametrize(
    ("language", "question", "paragraph"),
    [
        ("en", "Did India take part in the forum?", 1),
        ("en", "Did Japan take part in the forum?", None),
        ("zh", "印度参加论坛了吗？", 1),
        ("zh", "日本是否派代表出席了论坛？", None),
        ("fr", "L'Inde a-t-elle participé au forum ?", 1),
        ("es", "¿Participó el Japón en el foro?", None),
        ("ru", "Участвовала ли Индия в форуме?", 1),
        ("ar", "هل شاركت الهند في المنتدى؟", 1),
        ("ar", "هل كانت الهند حاضرة في المنتدى؟", 1),
        ("es", "¿La India participó en el foro?", 1),
        ("en", "Did the experts take part in the forum?", 0),
        ("en", "What nets did Japan present in 2020?", 0),
        ("en", "What has Japan said about the present situation?", 0),
        ("fr", "Le Japon offre-t-il une assistance au forum ?", 0),
        ("ru", "Одобрила ли Индия представленный Японией проект?", 0),
        ("zh", "日本是否支持私营部门参与？", 0),
    ],
)
def test_whether_a_state_was_there_is_told_by_what_names_it_there(
    writer: ExtractiveWriter, language: str, question: str, paragraph: int | None
) -> None:
    draft = writer.write(question, language, hits_on(ATTENDANCE))
    if paragraph != 0:
        assert draft.silent is (paragraph is None)
    else:
        assert "attended" not in wanted(question, language).types
    if paragraph:
        start = ATTENDANCE.paragraphs[paragraph].start
        assert [quote.start for quote in draft.quotes] == [start]


def test_a_list_of_those_who_were_there_is_nobodys_position(writer: ExtractiveWriter) -> None:
    hits = hits_on(ATTENDANCE)
    assert writer.write("What is India's position on nets?", "en", hits).silent
    assert not writer.write("What is Japan's position on nets?", "en", hits).silent


def test_many_that_propose_together_are_heard(writer: ExtractiveWriter) -> None:
    states = "Algeria, Austria, Brazil, Chile, China, Egypt, France, India and Kenya"
    hits = hits_on(small_document("nets.en", f"{states} proposed that nets have wide meshes."))
    assert not writer.write("What did India propose on nets?", "en", hits).silent


def test_a_year_that_the_document_has_not_is_not_answered(writer: ExtractiveWriter) -> None:
    hits = hits_on(ATTENDANCE)
    assert writer.write("What did the forum of 2022 speak of?", "en", hits).silent
    assert not writer.write("What did the forum of 2020 speak of?", "en", hits).silent
    assert not writer.write("Did they speak of it in 2020 or 2022?", "en", hits).silent


@pytest.mark.parametrize(
    ("language", "question", "whole"),
    [
        ("en", "What does paragraph 1 say?", True),
        ("en", "What does paragraph 1 say about nets?", False),
        ("zh", "第1段说了什么？", True),
        ("zh", "关于渔网，第1段说了什么？", False),
        ("fr", "Que dit le paragraphe 1 ?", True),
        ("es", "¿Qué dice el párrafo 1 sobre las redes?", False),
        ("ru", "Что говорится в пункте 1?", True),
        ("ar", "ماذا تقول الفقرة 1؟", True),
    ],
)
def test_a_paragraph_asked_for_as_a_whole_is_quoted_from_its_beginning(
    writer: ExtractiveWriter, language: str, question: str, whole: bool
) -> None:
    said = " ".join(f"Net number {n} is wide." for n in range(7)) + " Nets nets nets redes 渔网."
    draft = writer.write(question, language, hits_on(small_document("nets.en", said)))
    assert (quoted(draft)[0].count("Net number") == 5) is whole


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Who wrote the paper on lunar dust?", "en"),
        ("Who are the authors of the paper on lunar dust?", "en"),
        ("Qui a écrit la note sur lunar dust ?", "fr"),
        ("¿Quién escribió el informe sobre lunar dust?", "es"),
        ("Кто авторы статьи lunar dust?", "ru"),
        ("من كتب الورقة عن lunar dust؟", "ar"),
        ("谁写了关于lunar dust的论文？", "zh"),
    ],
)
def test_a_title_page_says_who_wrote_a_document(
    writer: ExtractiveWriter, question: str, language: str
) -> None:
    body, title = hits_on(
        small_document("p.en", "Lunar dust wears out seals."),
        small_document("t.en", "By Ana Lee and Bo Sundberg"),
    )
    title = replace(title, passage=replace(title.passage, part="front"))
    assert quoted(writer.write(question, language, [body, title])) == ["By Ana Lee and Bo Sundberg"]
    dust = writer.write("What does lunar dust do?", "en", [body, title])
    assert quoted(dust) == [body.passage.text]
    assert writer.write(question, language, [body]).signals["unmet"] == 1
