"""How an answer becomes a chat's text and sources: addresses, links, pieces, counts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.documents import Builder

from corpus import Answer, Citation, Document, Passage
from service.openai_chat import Completion
from service.openai_reply import (
    SOURCES_RULE,
    Spoken,
    address,
    address_of,
    count_tokens,
    reply_to_answer,
    steps,
)
from service.wording import uncertain

SENTENCES = ("Moss is soft.", "Moss is green.")


def moss(**changes: object) -> Document:
    builder = Builder("moss report.en").heading("I. Moss")
    return builder.paragraph("Moss is soft. Moss is green.", "3(a)").build(**changes)


def passage_of(document: Document, label: str | None = "3(a)") -> Passage:
    [paragraph] = document.paragraphs
    return Passage(
        id=f"{document.id}:0",
        document_id=document.id,
        ordinal=0,
        start=paragraph.start,
        end=paragraph.end,
        text=paragraph.text,
        heading=paragraph.heading,
        paragraphs=(label,) if label else (),
        page=paragraph.page,
    )


def answer_from(document: Document, *, abstained: bool = False) -> Answer:
    """Two sentences of one paragraph, as they are set into text."""
    text, citations = "“Report”, para. 3(a), says:\n", []
    for n, sentence in enumerate(SENTENCES, start=1):
        start = document.text.index(sentence)
        text += " " if n > 1 else ""
        citations.append(
            Citation(
                n=n,
                quote=sentence,
                start=start,
                end=start + len(sentence),
                answer_start=len(text),
                answer_end=len(text) + len(sentence),
                passage=passage_of(document),
                document=document,
                paragraph="3(a)",
                page=None,
            )
        )
        text += f"{sentence} [{n}]"
    return Answer(
        question="What is moss like?",
        language=document.language,
        text=text,
        abstained=abstained,
        reason=None,
        citations=tuple(citations),
        hits=(),
        writer="extractive",
        generation="g",
    )


@pytest.mark.parametrize("listed", [True, False])
def test_an_uncertain_answer_says_so_before_its_sources(listed: bool) -> None:
    sure = answer_from(moss())
    unsure = replace(sure, uncertain=True)
    text = reply_to_answer(unsure, None, source_list=listed).text
    said, _, ending = text.partition(f"\n\n{uncertain(sure.language)}")
    assert said == sure.text
    assert ending.startswith(SOURCES_RULE) if listed else ending == ""
    assert uncertain(sure.language) not in reply_to_answer(sure, None, source_list=listed).text
    assert reply_to_answer(unsure, None).about["uncertain"] is True


@pytest.mark.parametrize(
    ("url", "page", "site", "expected"),
    [
        ("https://example.org/a.pdf", 4, "http://here/", "https://example.org/a.pdf#page=4"),
        ("https://example.org/a", None, None, "https://example.org/a"),
        (None, 4, "http://here/", "http://here/d/moss%20report.en#para-3%28a%29"),
        (None, 4, "http://here/below", "http://here/below/d/moss%20report.en#para-3%28a%29"),
        (None, None, None, "urn:sextant:moss%20report.en#para-3%28a%29"),
    ],
)
def test_a_source_is_where_a_reader_can_check_it(
    url: str | None, page: int | None, site: str | None, expected: str
) -> None:
    assert address(moss(url=url), "3(a)", page, site) == expected


def test_a_passage_without_a_label_is_somewhere_in_its_document() -> None:
    document = moss()
    assert address_of(passage_of(document, None), document, "http://here") == (
        "http://here/d/moss%20report.en"
    )
    assert address_of(passage_of(document), document, "http://here").endswith("#para-3%28a%29")


def test_the_parts_are_the_text_and_each_source_ends_in_one() -> None:
    reply = reply_to_answer(answer_from(moss(symbol="M/1")), "http://here")
    taken = list(steps(reply))
    assert "".join(part for part, _ in taken) == reply.text
    assert [source.n for _, cited in taken for source in cited] == [1, 2]
    for source, sentence in zip(reply.sources, SENTENCES, strict=True):
        assert reply.text[source.start : source.end] == sentence
    for part, cited in taken:
        assert not cited or part in SENTENCES


def test_two_quotes_of_one_paragraph_are_two_sources() -> None:
    """A front end numbers the groups of one key, and [2] must stand for the second quote."""
    reply = reply_to_answer(answer_from(moss()), None)
    assert len({source.key for source in reply.sources}) == 2


def test_a_link_ends_where_it_should_whatever_the_title_holds() -> None:
    document = moss(title="Moss [draft]", url="https://example.org/moss(1).pdf")
    reply = reply_to_answer(answer_from(document), None)
    lines = reply.text.split(SOURCES_RULE)[1].split("  \n")
    assert lines[0] == "Sources:"
    assert lines[1] == "[1] [“Moss (draft)”, para. 3(a)](https://example.org/moss%281%29.pdf)"


@pytest.mark.parametrize(
    ("language", "title"),
    [("en", "Sources:"), ("zh", "来源："), ("ru", "Источники:"), ("ar", "المصادر:")],
)
def test_the_list_is_headed_in_the_language_of_the_answer(language: str, title: str) -> None:
    reply = reply_to_answer(answer_from(moss(language=language)), None)
    assert reply.text.split(SOURCES_RULE)[1].startswith(title)


def test_a_chat_dates_its_sources_where_they_are_dated() -> None:
    base = Completion("chatcmpl-1", 1, "sextant", 2)
    for dated, shown in [(None, None), (date(2021, 3, 4), "2021-03-04")]:
        body = base.whole(reply_to_answer(answer_from(moss(date=dated)), None))
        assert [each["date"] for each in body["search_results"]] == [shown, shown]
    event = next(
        each
        for each in base.chunks(reply_to_answer(answer_from(moss()), None), include_usage=False)
        if "event" in each
    )
    assert "distances" not in event["event"]["data"]  # no leg has found the passage itself


def shown_by_open_webui(chunks: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The sources as Open WebUI 0.12.4 counts them: it takes an annotation for one more, and puts
    together what has one key. A name that is an address makes it ask elsewhere for an icon."""
    told = []
    for chunk in chunks:
        if chunk.get("event", {}).get("type") == "source":
            told.append(chunk["event"]["data"])
        for annotation in chunk["choices"][0]["delta"].get("annotations", []):
            cited = annotation["url_citation"]
            about = {"source": cited["url"], "name": cited["title"]}
            told.append({"document": [cited["title"]], "metadata": [about]})
    shown: dict[str, dict[str, Any]] = {}
    for each in told:
        [text], [about] = each["document"], each["metadata"]
        key = about["source"]
        name = key if key.startswith("http") and not about.get("external") else about["name"]
        shown.setdefault(key, {"name": name, "texts": []})["texts"].append(text)
    return list(shown.values())


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("url", ["https://example.org/moss.pdf", None])
def test_open_webui_counts_each_source_once(url: str | None, in_parts: bool) -> None:
    """Both quotes have one address, and yet [2] must open the second."""
    document = moss(symbol="M/1", url=url)
    reply = reply_to_answer(answer_from(document), "http://here")
    first, second = reply.sources
    assert first.url == second.url
    base, since, chunks = Completion("chatcmpl-1", 1, "sextant", 2), 0, []
    if in_parts:
        since = first.end
        spoken = Spoken(0, reply.text[:since], (first,), "What is moss like?", ())
        chunks += base.spoken(spoken)
    chunks += base.chunks(reply, include_usage=False, since=since)
    shown = shown_by_open_webui(chunks)
    assert [each["name"] for each in shown] == ["M/1, para. 3(a)", "M/1, para. 3(a)"]
    assert [each["texts"][0] for each in shown] == [first.passage.text, second.passage.text]
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
    assert text == reply.text


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 0), ("Who owns the Moon?", 5), ("谁拥有月球？", 6), ("A/AC.105/1235", 7), ("月球 is", 3)],
)
def test_usage_counts_words_ideographs_and_marks(text: str, count: int) -> None:
    assert count_tokens(text) == count
