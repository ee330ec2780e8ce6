"""A model's answer as a stream: each sentence when it is checked, the same text in the end, and
nothing for a client that has gone. Over the real protocols, on both sides."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.chats import QUESTION, chat_app, chat_data
from support.fake_encoder import BagOfWordsEncoder
from support.fake_index import Clock
from support.fixed_index import FixedIndex
from support.model_server import (
    Body,
    Pause,
    Said,
    Script,
    Scripted,
    chunk,
    chunks,
    fails,
    line,
    model_server,
    passages,
    pauses,
    says,
    sends,
)
from support.server import serving
from support.small_documents import hits_on, small_document

from corpus import Hit
from service import stream
from service.answer import Asker
from service.app import create_app
from service.compose import Part
from service.live import LiveIndex
from service.llm import LLMWriter
from service.llm_client import ChatModel, Endpoint
from service.settings import Settings
from service.waiting import Gone, pause
from service.writer import Draft, ExtractiveWriter, Statement
from service.writers import REWRITE_SECONDS

ASK, CHAT, RESPONSES = "/api/ask", "/v1/chat/completions", "/v1/responses"
STREAMS = (ASK, CHAT, RESPONSES)
SECONDS = 60  # a slow machine; nothing is timed
LONG = 10.0 * SECONDS  # of the model: what ends before has not ended by its time limit
DEBRIS = "Debris in low orbit endangers every active satellite."
REGISTER = "Operators should register launches with the secretariat."
BROKEN_OFF = "(The answer breaks off here.)"
NOT_SUPPORTED = "(not supported by the documents)"
LIES = ("Nothing endangers them.", "It endangers 75 of them.", "Everybody knows that.")


def quoting(sentence: str, quote: str) -> Callable[[Body], str]:
    """A line that quotes the passage where ``quote`` stands, whichever number it has."""

    def told(body: Body) -> str:
        number = next(each["n"] for each in passages(body) if quote in each["text"])
        return line(sentence, (number, quote))

    return told


FIRST = quoting("Debris endangers satellites.", DEBRIS)
SECOND = quoting("Launches should be registered.", REGISTER)
LIE = line(LIES[0], (1, "Satellites in low orbit have never been in danger of anything."))
FIGURE = quoting(LIES[1], DEBRIS)
BARE = line(LIES[2])


def all_of(*told: Said) -> Callable[[Body], str]:
    return lambda body: "".join(each if isinstance(each, str) else each(body) for each in told)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chat_data(tmp_path_factory.mktemp("data"))


@contextmanager
def service(
    data: Path, *scripts: Script, retries: int = 0, **how: Any
) -> Iterator[tuple[httpx.Client, Scripted]]:
    """The app, with a model that follows ``scripts``; ``clock`` and ``sleep`` are the model's."""
    with model_server(*scripts) as scripted:
        endpoint = Endpoint(scripted.url, "m", seconds=LONG, retries=retries)
        timed = {name: how.pop(name) for name in ("clock", "sleep") if name in how}
        model = ChatModel(endpoint, **timed)
        extractive = ExtractiveWriter(BagOfWordsEncoder())
        writer = LLMWriter(model, extractive, **how)
        with serving(chat_app(data, writer=writer)) as client:
            yield client, scripted


def request(path: str, *, stream: bool = True) -> dict[str, Any]:
    messages = [{"role": "user", "content": QUESTION}]
    bodies: dict[str, Any] = {
        ASK: {"question": QUESTION},
        CHAT: {
            "model": "sextant",
            "messages": messages,
            "stream": stream,
            "sextant": {"source_list": False},
        },
        RESPONSES: {
            "model": "sextant",
            "input": QUESTION,
            "stream": stream,
            "sextant": {"source_list": False},
        },
    }
    accept = {"accept": stream_type} if stream and path == ASK else {}
    return {"json": bodies[path], "headers": accept, "timeout": SECONDS}


stream_type = stream.MEDIA_TYPE


def told(response: httpx.Response) -> Iterator[dict[str, Any]]:
    """The data of each event as it comes; native ones get a ``type``, their name."""
    name = None
    for each in response.iter_lines():
        if each.startswith("event: "):
            name = each.removeprefix("event: ")
        elif each.startswith("data: {"):
            yield {"type": name, **json.loads(each.removeprefix("data: "))}


def text_of(event: dict[str, Any]) -> str:
    """The next piece of text that an event of any of the three streams brings."""
    if event["type"] == "text":
        return str(event["text"])
    if event["type"] == "response.output_text.delta":
        return str(event["delta"])
    return "".join(each["delta"].get("content", "") for each in event.get("choices", ()))


def streamed(client: httpx.Client, path: str) -> tuple[str, list[dict[str, Any]]]:
    with client.stream("POST", path, **request(path)) as response:
        assert response.status_code == 200
        events = list(told(response))
    return "".join(map(text_of, events)), events


def whole(client: httpx.Client, path: str) -> tuple[str, dict[str, Any]]:
    body = client.post(path, **request(path, stream=False)).json()
    if path == ASK:
        return body["answer"], body
    if path == CHAT:
        return body["choices"][0]["message"]["content"], body
    return body["output"][1]["content"][0]["text"], body


# Each sentence when it stands


@pytest.mark.parametrize("path", STREAMS)
def test_a_sentence_comes_while_the_model_still_writes(data: Path, path: str) -> None:
    held = Pause()
    script = pauses(
        all_of(LIE, FIRST),
        held,
        chunk({"content": line("Launches should be", (1, "x"))}),
        chunk({"content": '{"sentence": "It is'}),
        chunk({"content": ' over.", "quotes": []}'}),
        chunk({}, "stop"),
    )
    with (
        service(data, script) as (client, _),
        client.stream("POST", path, **request(path)) as response,
    ):
        events = told(response)
        first = next(text for event in events if (text := text_of(event)))
        assert not held.go_on.is_set()
        held.go_on.set()
        rest = "".join(map(text_of, events))
    assert first == "Debris endangers satellites. [1]"
    assert rest == ""


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_its_source_is_known_before_the_model_has_finished(data: Path, path: str) -> None:
    held = Pause()
    script = pauses(FIRST, held, chunk({}, "stop"))
    with (
        service(data, script) as (client, _),
        client.stream("POST", path, **request(path)) as response,
    ):
        early = []
        for event in told(response):
            early.append(event)
            cited = "annotation" in event["type"] if event["type"] else None
            if cited or "annotations" in event.get("choices", [{}])[0].get("delta", {}):
                break
        assert not held.go_on.is_set()
        held.go_on.set()
    if path == CHAT:
        [source] = [each["event"]["data"] for each in early if "event" in each]
        assert DEBRIS in source["document"][0]
        annotation = early[-1]["choices"][0]["delta"]["annotations"][0]["url_citation"]
    else:
        found = [each["item"] for each in early if each["type"] == "response.output_item.done"]
        assert found[0]["queries"] == [QUESTION]
        annotation = early[-1]["annotation"]
    assert (annotation["start_index"], annotation["end_index"]) == (
        0,
        len("Debris endangers satellites."),
    )


# The same answer, streamed or not; nothing unverified on the way

SCRIPTS: dict[str, tuple[Script, str, str | None]] = {
    "good": (says(all_of(FIRST, SECOND)), "llm", None),
    "lying first": (says(all_of(LIE, FIGURE, BARE, FIRST)), "llm", None),
    "lying last": (says(all_of(FIRST, LIE, FIGURE, BARE)), "llm", None),
    "lying in between": (says(all_of(FIRST, LIE, SECOND, BARE)), "llm", None),
    "lying": (says(all_of(LIE, FIGURE, BARE)), "extractive", "llm_unsupported"),
    "truncated": (says(all_of(BARE, FIRST, SECOND), finish="length"), "llm", "llm_truncated"),
    "truncated at once": (says('{"sentence": "It', finish="length"), "extractive", "llm_truncated"),
    "cut off": (says(all_of(FIRST, '{"sentence": "It')), "llm", "llm_truncated"),
    "malformed": (says("Debris, mostly [1]."), "extractive", "llm_malformed"),
    "malformed later": (says(all_of(FIRST, "{'sentence': 1}", SECOND)), "llm", "llm_malformed"),
    "refusing": (says("I'm sorry, but I can't help."), "extractive", "llm_refused"),
    "refusing later": (says(all_of(FIRST, LIE), finish="content_filter"), "llm", "llm_refused"),
    "looping": (says(all_of(*[FIRST] * 9)), "llm", "llm_looping"),
    "looping lies": (says(LIE * 9), "extractive", "llm_looping"),
    "down": (fails(503), "extractive", "llm_http_503"),
    "failing": (
        sends(chunk({"content": "{"}), 'data: {"error": {"message": "no", "type": "t"}}\n\n'),
        "extractive",
        "llm_error",
    ),
    "silent": (chunks({"content": ""}), "extractive", "llm_malformed"),
    "without an answer": (says('{"answered": false}'), "llm", None),
}


@pytest.mark.parametrize(("script", "writer", "reason"), SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("mark", [False, True])
def test_a_stream_says_what_the_whole_answer_says(
    data: Path, script: Script, writer: str, reason: str | None, mark: bool
) -> None:
    with service(data, script, mark=mark) as (client, _):
        for path in STREAMS:
            text, events = streamed(client, path)
            plain, body = whole(client, path)
            assert text == plain
            self_consistent(path, events, body)
            about = body if path == ASK else body["sextant"]
            assert (about["writer"], about["writer_reason"]) == (writer, reason)
            assert text.endswith(BROKEN_OFF) == (writer == "llm" and reason is not None)
            raw = json.dumps(events)
            for lie in LIES:
                assert (lie in raw) == (lie in text)
                assert text.count(lie) == text.count(f"{lie} {NOT_SUPPORTED}")
                assert mark or lie not in text


def self_consistent(path: str, events: list[dict[str, Any]], body: dict[str, Any]) -> None:
    """The last event is the whole answer; citations on the way are those of the whole."""
    if path == ASK:
        assert {**events[-1], "took_ms": 0} == {"type": "answer", **body, "took_ms": 0}
        return
    if path == CHAT:
        assert events[-1]["sextant"] == body["sextant"]
        assert events[-1]["citations"] == body["citations"]
        sources = [each["event"]["data"] for each in events if "event" in each]
        assert [each["source"]["url"] for each in sources] == body["citations"]
        deltas = [each["choices"][0]["delta"] for each in events]
        on_the_way = [one for delta in deltas for one in delta.get("annotations", [])]
        assert on_the_way == body["choices"][0]["message"]["annotations"]
        return
    assert [each["sequence_number"] for each in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.completed"
    added = [each for each in events if each["type"].endswith("annotation.added")]
    annotations = body["output"][1]["content"][0]["annotations"]
    assert [each["annotation"] for each in added] == annotations
    assert [each["annotation_index"] for each in added] == list(range(len(annotations)))
    done = [each["item"] for each in events if each["type"] == "response.output_item.done"]
    assert [item["type"] for item in done] == ["file_search_call", "message"]
    assert done[0]["queries"] == body["output"][0]["queries"]
    assert done[0]["results"] == body["output"][0]["results"]
    assert done[1]["content"] == body["output"][1]["content"]


@pytest.mark.parametrize("path", STREAMS)
def test_a_model_that_stops_half_way_costs_its_time_and_no_more(data: Path, path: str) -> None:
    held, clock = Pause(), Clock()
    with (
        service(data, pauses(FIRST, held), clock=clock) as (client, _),
        client.stream("POST", path, **request(path)) as response,
    ):
        events = told(response)
        text = next(text for event in events if (text := text_of(event)))
        clock.now += LONG
        last = list(events)
        assert held.left.wait(SECONDS)
    assert text + "".join(map(text_of, last)) == f"Debris endangers satellites. [1]\n\n{BROKEN_OFF}"
    about = last[-1] if path == ASK else (last[-1].get("response") or last[-1])["sextant"]
    assert (about["writer"], about["writer_reason"]) == ("llm", "llm_timeout")


def test_what_is_withheld_is_not_spoken() -> None:
    """An asker that is stricter than its writer: nothing of an abstention's draft gets out."""

    class Speaking(ExtractiveWriter):
        def write(self, question: str, language: str, hits: Any, *about: Any) -> Draft:
            near, say = about
            quoted = super().write(question, language, hits, near)
            statement = Statement("It is so.", quoted.quotes)
            say(statement, quoted.signals)
            return Draft(quoted.quotes, quoted.signals, (statement,))

    parts = spoken_by(Speaking(BagOfWordsEncoder()), threshold=0.0)
    assert [part.text[:9] for part in parts] == ["It is so."]
    assert spoken_by(Speaking(BagOfWordsEncoder()), threshold=1.0) == []


def spoken_by(writer: Any, threshold: float) -> list[Part]:
    hits: list[Hit] = hits_on(small_document("a.en", f"{DEBRIS} {REGISTER}"))
    index: Any = FixedIndex(hits)
    parts: list[Part] = []
    answer = Asker(index, writer, threshold=threshold).ask(QUESTION, on_part=parts.append)
    assert answer.abstained == (threshold > 0)
    assert not parts or answer.text == "".join(part.text for part in parts)
    return parts


# A client that goes away


@pytest.mark.parametrize("path", STREAMS)
def test_a_client_that_goes_away_ends_the_request_to_the_model(data: Path, path: str) -> None:
    held = Pause()
    with service(data, pauses(FIRST, held)) as (client, scripted):
        with client.stream("POST", path, **request(path)) as response:
            events = told(response)
            assert next(text for event in events if (text := text_of(event)))
            assert not held.left.is_set()
        assert held.left.wait(SECONDS)
        assert len(scripted.requests) == 1


@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_one_that_waits_for_the_whole_answer_may_go_too(data: Path, path: str) -> None:
    held = Pause()
    with service(data, pauses(FIRST, held)) as (client, scripted):
        body = json.dumps(request(path, stream=False)["json"]).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        address = (client.base_url.host, client.base_url.port or 80)
        with socket.create_connection(address) as connection:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            while not scripted.requests:
                threading.Event().wait(0.01)
        assert held.left.wait(SECONDS)


@pytest.mark.parametrize("path", STREAMS)
def test_a_model_that_has_said_nothing_at_all_is_hung_up_on(data: Path, path: str) -> None:
    """Not even the head of a response has come: nothing but the connection can be ended."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        endpoint = Endpoint(url, "m", seconds=LONG, retries=2)
        writer = LLMWriter(ChatModel(endpoint), ExtractiveWriter(BagOfWordsEncoder()))
        with serving(chat_app(data, writer=writer)) as client:
            with client.stream("POST", path, **request(path)) as response:
                events = told(response)
                next(events)
                connection, _ = listener.accept()
                connection.settimeout(SECONDS)
                asked = connection.recv(65_536)
            with connection:
                assert asked.startswith(b"POST /v1/chat/completions")
                while connection.recv(65_536):  # until the service hangs up
                    pass
        listener.settimeout(0)
        with pytest.raises(BlockingIOError):  # and does not try again
            listener.accept()


@pytest.mark.parametrize("rewritten", [False, True])
def test_as_the_settings_have_it_both_uses_of_the_model_stream_and_end(
    data: Path, rewritten: bool
) -> None:
    """A follow-up asks the model twice; a client leaves while it completes the question, or while
    it writes the answer."""
    held = Pause()
    completed = says(json.dumps({"question": QUESTION}))
    scripts = [completed, pauses(FIRST, held)] if rewritten else [pauses("", held)]
    with model_server(*scripts) as scripted:
        endpoint = {"llm_url": scripted.url, "llm_model": "m", "llm_timeout": int(LONG)}
        settings = Settings(corpus=data, data=data, writer="llm", threshold=0.0, **endpoint)
        app = create_app(LiveIndex(data, BagOfWordsEncoder()), settings)
        turns = [{"role": "user", "content": "What is in low orbit?"}]
        body = {"question": "And what does it endanger?", "history": turns}
        with serving(app) as client:
            headers = {"accept": stream.MEDIA_TYPE}
            with client.stream("POST", ASK, json=body, headers=headers, timeout=SECONDS) as sent:
                events = told(sent)
                next(events)
                if rewritten:
                    text = next(text for event in events if (text := text_of(event)))
                    assert text == "Debris endangers satellites. [1]"
                while len(scripted.requests) < len(scripts):
                    threading.Event().wait(0.01)
                assert not held.left.is_set()
            assert held.left.wait(REWRITE_SECONDS / 2)


def test_nobody_waits_for_the_next_try_for_one_who_has_gone(data: Path) -> None:
    pausing, gone = threading.Event(), threading.Event()

    def sleep(seconds: float) -> None:
        assert seconds == SECONDS
        pausing.set()
        try:
            pause(seconds)
        except Gone:
            gone.set()
            raise

    busy = fails(429, retry_after=str(SECONDS))
    with service(data, busy, retries=2, sleep=sleep) as (client, scripted):
        with client.stream("POST", CHAT, **request(CHAT)) as response:
            events = told(response)
            next(events)
            assert pausing.wait(SECONDS)
            assert not gone.is_set()
        assert gone.wait(SECONDS)
        assert len(scripted.requests) == 1
