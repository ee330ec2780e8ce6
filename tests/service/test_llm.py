"""The LLM writer, over the real protocol: what is shown of what a model says, and what instead."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.fake_encoder import BagOfWordsEncoder
from support.fake_index import Clock
from support.fixed_index import FixedIndex
from support.model_server import (
    Body,
    Pause,
    Scripted,
    chunk,
    chunks,
    fails,
    line,
    model_server,
    never_answers,
    passages,
    pauses,
    says,
    sends,
)
from support.small_documents import hits_on, small_document

import service
from corpus import Answer, Hit
from service.answer import Asker
from service.breaker import FAILURES, REST_SECONDS, Breaker, RestedModel
from service.llm import MOST_CHARACTERS, MOST_PASSAGES, LLMWriter, passages_to_send
from service.llm_client import ChatModel, Endpoint
from service.prompt import harmless, shipped_prompt
from service.settings import Settings
from service.writer import ExtractiveWriter
from service.writers import open_writers

DUST = small_document(
    "dust.en",
    "Lunar dust wears out seals within 90 days. It clings to every suit.",
    "Robots should sweep it away before crews arrive.",
    symbol="A/1",
)
MOON = small_document(
    "moon.zh", "月球尘埃会磨损密封件，各国应当公布相关数据。", language="zh", symbol="B/2"
)
HITS = hits_on(DUST, MOON)
QUESTION = "What wears out seals?"
PATIENT = 120.0  # seconds; a busy machine is slow to answer

SEALS = "Lunar dust wears out seals within 90 days."
GOOD = line("Seals wear out within 90 days because of lunar dust.", (1, SEALS))
CHINESE = line("States should publish data on it.", (2, "各国应当公布相关数据"))
LIE = line("Seals last for ever.", (1, "Seals have been shown to last for ever in every test."))
FIGURE = line("Seals wear out within 30 days.", (1, SEALS))
BARE = line("Dust is a well-known problem.")


def writer(scripted: Scripted, **how: Any) -> LLMWriter:
    given = {"seconds": PATIENT, "retries": 0, **how.pop("endpoint", {})}
    model = ChatModel(Endpoint(scripted.url, "m", "sk-secret", **given), sleep=lambda _: None)
    return LLMWriter(model, ExtractiveWriter(BagOfWordsEncoder()), **how)


def ask(*scripts: Any, hits: Sequence[Hit] = HITS, language: str = "en", **how: Any) -> Answer:
    with model_server(*scripts) as scripted:
        index: Any = FixedIndex(hits, language)
        return Asker(index, writer(scripted, **how)).ask(QUESTION)


def extractive(hits: Sequence[Hit] = HITS) -> Answer:
    index: Any = FixedIndex(hits)
    return Asker(index, ExtractiveWriter(BagOfWordsEncoder())).ask(QUESTION)


def is_sound(answer: Answer) -> None:
    """Every quote stands where it says; every citation belongs to a supported sentence."""
    for cited in answer.citations:
        assert cited.document.text[cited.start : cited.end] == cited.quote
        assert cited.passage.start <= cited.start < cited.end <= cited.passage.end
    if answer.claims:
        belonging = [n for claim in answer.claims for n in claim.citations]
        assert belonging == [cited.n for cited in answer.citations]
        assert all(claim.supported == bool(claim.citations) for claim in answer.claims)


def test_a_model_words_the_answer_and_its_quotes_are_cited() -> None:
    answer = ask(says(GOOD + CHINESE))
    assert answer.text == (
        "Seals wear out within 90 days because of lunar dust. [1] "
        "States should publish data on it. [2]"
    )
    assert [(c.quote, c.paragraph) for c in answer.citations] == [
        (SEALS, "1"),
        ("各国应当公布相关数据", "1"),
    ]
    assert [c.document.id for c in answer.citations] == ["dust.en", "moon.zh"]
    for claim, cited in zip(answer.claims, answer.citations, strict=True):
        assert (claim.start, claim.end) == (cited.answer_start, cited.answer_end)
        assert answer.text[claim.end :].startswith(f" [{cited.n}]")
    assert (answer.writer, answer.writer_reason, answer.dropped_citations) == ("llm", None, 0)
    assert answer.confidence == extractive().confidence
    is_sound(answer)


def test_the_prompt_is_one_file_and_its_hash_is_in_the_answer() -> None:
    file = Path(service.__file__).with_name("prompt.toml")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    version, _, short = (ask(says(GOOD)).prompt or "").partition(":")
    assert version.isdecimal()
    assert len(short) == 12
    assert digest.startswith(short)
    assert extractive().prompt is None


def test_passages_go_as_numbered_data_and_the_question_beside_them() -> None:
    with model_server(says(GOOD)) as scripted:
        Asker(FixedIndex(HITS), writer(scripted)).ask(QUESTION)  # type: ignore[arg-type]
    system, user = scripted.requests[0]["messages"]
    assert (system["role"], system["content"]) == ("system", shipped_prompt().answer)
    assert user["role"] == "user"
    data = json.loads(user["content"])
    assert (data["question"], data["language"]) == (QUESTION, "en")
    assert [(p["n"], p["language"], p["source"]) for p in data["passages"]] == [
        (1, "en", "A/1, para. 1–2"),
        (2, "zh", "B/2, para. 1"),
    ]
    assert data["passages"][0]["text"] == HITS[0].passage.text
    assert "dust" not in system["content"]


def test_a_slip_in_a_quote_is_mended_and_its_exact_text_shown() -> None:
    answer = ask(says(line("Dust wears out seals.", (1, SEALS.replace("within", "wthin")))))
    assert [c.quote for c in answer.citations] == [SEALS]
    assert answer.dropped_citations == 0


def test_words_left_out_of_a_quote_make_two() -> None:
    gapped = "Lunar dust wears out seals […] clings to every suit."
    answer = ask(says(line("Dust clings and wears out seals.", (1, gapped))))
    assert [c.quote for c in answer.citations] == [
        "Lunar dust wears out seals",
        "clings to every suit.",
    ]
    assert answer.claims[0].citations == (1, 2)
    half = ask(
        says(GOOD + line("It is so.", (1, "Lunar dust wears out seals … for ever and ever")))
    )
    assert (half.dropped_citations, len(half.claims)) == (1, 1)


def test_what_cannot_be_located_is_dropped_and_counted_and_its_sentence_removed() -> None:
    answer = ask(says(GOOD + LIE + BARE + FIGURE))
    assert answer.text == "Seals wear out within 90 days because of lunar dust. [1]"
    assert answer.dropped_citations == 1
    is_sound(answer)


def test_unsupported_sentences_are_marked_when_that_is_set() -> None:
    answer = ask(says(GOOD + LIE + BARE), mark=True)
    assert [claim.supported for claim in answer.claims] == [True, False, False]
    assert answer.text.endswith(
        "Seals last for ever. (not supported by the documents) "
        "Dust is a well-known problem. (not supported by the documents)"
    )
    assert [answer.text[c.start : c.end] for c in answer.claims][1] == "Seals last for ever."
    assert answer.dropped_citations == 1
    is_sound(answer)
    chinese = ask(says(GOOD + BARE), mark=True, language="zh")
    assert chinese.text.endswith("（文件中没有依据）")


def test_a_sentence_keeps_the_quotes_that_stand() -> None:
    mixed = line("Dust wears out seals.", (1, "Nothing of the kind is written"), (1, SEALS))
    answer = ask(says(mixed))
    assert (answer.dropped_citations, [c.quote for c in answer.citations]) == (1, [SEALS])


@pytest.mark.parametrize("number", [2, 0, -1, 3, 99])
def test_a_quote_counts_only_in_the_passage_it_names(number: int) -> None:
    answer = ask(says(line("Dust wears out seals.", (number, SEALS))))
    assert (answer.writer, answer.writer_reason) == ("extractive", "llm_unsupported")
    assert answer.dropped_citations == 1


def test_a_model_that_finds_no_answer_makes_an_abstention() -> None:
    answer = ask(says('{"answered": false}'))
    assert (answer.abstained, answer.writer) == (True, "llm")
    assert (answer.reason, answer.confidence) == ("topic_covered_fact_missing", 0.0)
    assert (answer.citations, answer.claims) == ((), ())
    assert answer.related == tuple(HITS)
    assert answer.prompt == shipped_prompt().id


BAD = {
    "down": (fails(503), "llm_http_503"),
    "locked": (fails(401), "llm_http_401"),
    "truncated": (says(GOOD[:90], finish="length"), "llm_truncated"),
    "truncated lies": (says(LIE, finish="length"), "llm_truncated"),
    "malformed": (says("Seals wear out because of dust [1]."), "llm_malformed"),
    "refusing": (says("I'm sorry, but I can't help with that."), "llm_refused"),
    "declining": (chunks({"refusal": "no"}), "llm_refused"),
    "looping": (says(BARE * 5), "llm_looping"),
    "calling": (chunks({"tool_calls": [{"index": 0}]}), "llm_malformed"),
    "lying": (says(LIE + FIGURE), "llm_unsupported"),
    "silent": (says(""), "llm_malformed"),
}


@pytest.mark.parametrize(("script", "reason"), BAD.values(), ids=BAD)
@pytest.mark.parametrize("mark", [False, True])
def test_whatever_fails_the_extractive_answer_is_given(
    script: Any, reason: str, mark: bool
) -> None:
    answer, usual = ask(script, mark=mark), extractive()
    assert (answer.writer, answer.writer_reason) == ("extractive", reason)
    assert (answer.text, answer.citations) == (usual.text, usual.citations)
    assert (answer.abstained, answer.claims, answer.prompt) == (False, (), None)
    is_sound(answer)


BREAKING = {
    "truncated": (says(GOOD, finish="length"), "llm_truncated"),
    "cut off": (says(GOOD + '{"sentence": "It', finish="stop"), "llm_truncated"),
    "broken": (says(GOOD, finish=None), "llm_truncated"),
    "malformed": (says(GOOD + "{'sentence': 'It'}\n"), "llm_malformed"),
    "a number": (says(GOOD + '{"sentence": 5}' + CHINESE), "llm_malformed"),
    "refusing": (says(GOOD, finish="content_filter"), "llm_refused"),
    "declining": (chunks({"content": GOOD}, {"refusal": "no"}), "llm_refused"),
    "looping": (says(GOOD * 5), "llm_looping"),
    "calling": (chunks({"content": GOOD}, {"tool_calls": [{"index": 0}]}), "llm_malformed"),
    "failing": (
        sends(chunk({"content": GOOD}), 'data: {"error": {"message": "no", "type": "t"}}\n\n'),
        "llm_error",
    ),
}


@pytest.mark.parametrize(("script", "reason"), BREAKING.values(), ids=BREAKING)
@pytest.mark.parametrize("mark", [False, True])
def test_what_stood_before_a_model_fails_stands_and_the_answer_says_that_it_breaks_off(
    script: Any, reason: str, mark: bool
) -> None:
    with model_server(script) as scripted:
        index: Any = FixedIndex(HITS)
        own = writer(scripted, mark=mark, endpoint={"retries": 2})
        answer = Asker(index, own).ask(QUESTION)
        assert len(scripted.requests) == 1  # what has been said is not said again
    assert (answer.writer, answer.writer_reason) == ("llm", reason)
    assert answer.text == (
        "Seals wear out within 90 days because of lunar dust. [1]\n\n(The answer breaks off here.)"
    )
    assert [c.quote for c in answer.citations] == [SEALS]
    assert answer.prompt == shipped_prompt().id
    is_sound(answer)


def test_that_it_breaks_off_is_said_in_the_askers_language() -> None:
    answer = ask(says(GOOD, finish="length"), language="zh")
    assert answer.text.endswith("[1]\n\n（回答在此中断。）")


MANY = "".join(line(f"Seals wear {letter} out.", (1, SEALS)) for letter in "abcdefgh")


def test_a_model_is_not_read_further_than_its_sentences_are_wanted() -> None:
    pause = Pause()
    answer = ask(pauses(MANY, pause))
    assert (len(answer.claims), answer.writer_reason) == (8, None)
    assert pause.left.wait(PATIENT)


def test_a_model_that_was_read_far_enough_is_up() -> None:
    breaker = Breaker(Clock())
    down = [fails(503)] * (FAILURES - 1)
    with model_server(*down, pauses(MANY, Pause()), *down) as scripted:
        model = ChatModel(Endpoint(scripted.url, "m", seconds=PATIENT, retries=0))
        own = LLMWriter(RestedModel(model, breaker), ExtractiveWriter(BagOfWordsEncoder()))
        drafts = [own.write(QUESTION, "en", HITS) for _ in range(2 * FAILURES - 1)]
    assert [len(draft.statements) for draft in drafts] == [0, 0, 8, 0, 0]
    assert not breaker.rests


def test_a_slow_model_costs_its_time_and_no_more() -> None:
    answer = ask(never_answers(), endpoint={"seconds": 0.3})
    assert (answer.writer, answer.writer_reason) == ("extractive", "llm_timeout")
    assert answer.text == extractive().text


def test_a_model_is_not_asked_where_nothing_will_be_answered() -> None:
    with model_server(says(GOOD)) as scripted:
        for hits, how in (([], {}), (HITS, {"enough": lambda hits, signals: False})):
            index: Any = FixedIndex(hits)
            Asker(index, writer(scripted, **how), threshold=1.0).ask(QUESTION)
        draft = writer(scripted, enough=lambda hits, signals: False).write(QUESTION, "en", HITS)
    assert scripted.requests == []
    assert (draft.writer, draft.writer_reason) == ("extractive", "llm_not_asked")


def test_a_model_that_is_down_is_left_alone_for_a_while() -> None:
    clock = Clock()
    with model_server(*[fails(503)] * FAILURES, says(GOOD)) as scripted:
        model = ChatModel(Endpoint(scripted.url, "m", seconds=PATIENT, retries=0))
        rested = RestedModel(model, Breaker(clock))
        asker = Asker(
            FixedIndex(HITS),  # type: ignore[arg-type]
            LLMWriter(rested, ExtractiveWriter(BagOfWordsEncoder())),
        )
        reasons = [asker.ask(QUESTION).writer_reason for _ in range(FAILURES + 2)]
        assert reasons == ["llm_http_503"] * FAILURES + ["llm_resting"] * 2
        clock.now += REST_SECONDS
        assert asker.ask(QUESTION).writer == "llm"
        assert len(scripted.requests) == FAILURES + 1


def test_what_a_model_says_badly_is_no_reason_to_rest() -> None:
    breaker = Breaker(Clock())
    with model_server(says("nonsense", finish="length")) as scripted:
        model = RestedModel(ChatModel(Endpoint(scripted.url, "m", seconds=PATIENT)), breaker)
        own = LLMWriter(model, ExtractiveWriter(BagOfWordsEncoder()))
        reasons = {own.write(QUESTION, "en", HITS).writer_reason for _ in range(FAILURES + 1)}
    assert reasons == {"llm_truncated"}


def test_what_is_sent_has_a_limit_and_does_not_depend_on_k() -> None:
    long = [small_document(f"d{n}.en", "word " * 800) for n in range(20)]
    hits = hits_on(*long)
    sent = passages_to_send(hits)
    assert sent == passages_to_send(hits[:10])
    assert 1 <= len(sent) <= MOST_PASSAGES
    assert sum(len(hit.passage.text) for hit in sent) <= MOST_CHARACTERS
    assert passages_to_send(hits_on(small_document("x.en", "word " * 9_000))) != []
    contents, body = hits_on(DUST, part="contents"), hits_on(MOON)
    assert passages_to_send([*contents, *body]) == body
    assert passages_to_send(contents) == contents


def test_marks_of_chat_templates_and_hidden_letters_are_not_sent_as_such() -> None:
    text = "Dust <|im_end|>\u202e wears [/INST] out </s> seals\U000e0041\u200b. a < b | c"
    with model_server(says(GOOD)) as scripted:
        index: Any = FixedIndex(hits_on(small_document("d.en", text)))
        Asker(index, writer(scripted)).ask(QUESTION)
    body = json.dumps(scripted.requests[0], ensure_ascii=False)
    for mark in ("<|", "|>", "[/INST]", "</s>", "\u202e", "\u200b", "\U000e0041"):
        assert mark not in body


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("<|im_start|>system", "< |im_start| >system"),
        ("[INST] do [/INST]", "[ INST] do [ /INST]"),
        ("<<SYS>> </s> <think>", "< <SYS>> < /s> < think>"),
        ("soft\u00adhy\u200bphen \x00\x1b[0m \ue000", "softhyphen [0m "),
        ("a < b, |x| > 2, [1] and [sic]\n\tas is", "a < b, |x| > 2, [1] and [sic]\n\tas is"),
    ],
)
def test_marks_are_set_apart_and_the_rest_is_left(text: str, sent: str) -> None:
    assert harmless(text) == sent


def test_no_piece_of_the_prompt_is_repeated() -> None:
    some = shipped_prompt().answer[300:380].replace("\n", " ")
    answer = ask(says(GOOD + line(f"Dust: {some}", (1, SEALS))))
    assert [answer.text[c.start : c.end] for c in answer.claims] == [
        "Seals wear out within 90 days because of lunar dust."
    ]


def told(body: Body) -> str:
    """A quote of the first passage as it was sent."""
    return line("It is about dust.", (1, passages(body)[0]["text"]))


def test_what_was_made_harmless_can_still_be_quoted() -> None:
    document = small_document(
        "d.en", "Lunar dust </s>\u200b wears out every seal that we have seen."
    )
    answer = ask(says(told), hits=hits_on(document))
    assert [c.quote for c in answer.citations] == [document.paragraphs[0].text]


@contextmanager
def settings_for(**more: Any) -> Iterator[Settings]:
    with model_server(says(GOOD)) as scripted:
        environ = {
            "SEXTANT_WRITER": "llm",
            "SEXTANT_LLM_URL": scripted.url,
            "SEXTANT_LLM_MODEL": "m",
            "SEXTANT_LLM_KEY": "sk-secret",
            "SEXTANT_LLM_TIMEOUT": "120",
            "SEXTANT_THRESHOLD": "0",
            **more,
        }
        yield Settings.from_environment(environ=environ)


def test_the_settings_name_the_writer() -> None:
    with settings_for() as settings:
        own, _ = open_writers(settings, BagOfWordsEncoder())
        draft = own.write(QUESTION, "en", HITS)
    assert own.name == "llm"
    assert [statement.text for statement in draft.statements] == [
        "Seals wear out within 90 days because of lunar dust."
    ]
    off = Settings(corpus=settings.corpus, data=settings.data)
    assert open_writers(off, BagOfWordsEncoder())[0].name == "extractive"


def test_below_the_threshold_the_model_of_the_settings_is_not_asked() -> None:
    with settings_for(SEXTANT_THRESHOLD="1") as settings:
        own, _ = open_writers(settings, BagOfWordsEncoder())
        assert own.write(QUESTION, "en", HITS).writer_reason == "llm_not_asked"
