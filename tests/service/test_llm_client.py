"""The client over the real protocol: what it sends, how long it waits, how it fails."""

import json
import socket
from typing import Any

import pytest
from support.fake_index import Clock
from support.model_server import (
    Scripted,
    chunk,
    chunks,
    fails,
    model_server,
    never_answers,
    never_ends,
    says,
    sends,
)

from service.llm_client import MOST_CHARACTERS, ChatModel, Endpoint, complete
from service.llm_reply import ModelFailed

MESSAGES = [{"role": "system", "content": "s"}, {"role": "user", "content": "é 月 𝄞"}]
SHORT = 0.3  # seconds for a model that does not answer: the wait is the test's
PATIENT = 120.0  # for one that does, on a machine that is busy


def model(scripted: Scripted, **more: Any) -> ChatModel:
    paused: list[float] = more.pop("paused", [])
    clock = more.pop("clock", None)
    given = {"clock": clock} if clock else {}
    given_endpoint = {"key": "sk-secret", "seconds": PATIENT, **more}
    endpoint = Endpoint(scripted.url, "some/model", **given_endpoint)
    return ChatModel(endpoint, sleep=paused.append, **given)


def reason_of(scripted: Scripted, **more: Any) -> str:
    with pytest.raises(ModelFailed) as caught:
        complete(model(scripted, **{"retries": 0, **more}), MESSAGES)
    return caught.value.reason


def test_it_asks_once_in_the_open_form_and_reads_the_stream() -> None:
    with model_server(says("Grüße 月亮 𝄞\n")) as scripted:
        assert complete(model(scripted), MESSAGES) == "Grüße 月亮 𝄞\n"
    (request,), (headers,) = scripted.requests, scripted.headers
    assert scripted.paths == ["POST /v1/chat/completions"]
    assert headers["authorization"] == "Bearer sk-secret"
    assert (request["model"], request["messages"]) == ("some/model", MESSAGES)
    assert (request["temperature"], request["stream"]) == (0, True)
    assert "tools" not in request
    assert "functions" not in request


def test_a_key_is_not_needed_and_not_shown() -> None:
    with model_server(says("x")) as scripted:
        assert complete(model(scripted, key=None), MESSAGES) == "x"
    assert "secret" not in scripted.headers[0]["authorization"]
    assert "secret" not in repr(Endpoint("http://h", "m", "sk-secret"))


def test_it_tries_again_with_longer_pauses() -> None:
    paused: list[float] = []
    with model_server(fails(503), fails(500), fails(429), says("done")) as scripted:
        assert complete(model(scripted, retries=3, paused=paused), MESSAGES) == "done"
    assert paused == [0.5, 1.0, 2.0]


def test_it_waits_as_long_as_the_server_asks() -> None:
    paused: list[float] = []
    late = fails(429, retry_after="Wed, 21 Oct 2026 07:28:00 GMT")
    with model_server(fails(429, retry_after="7"), late, says("done")) as scripted:
        assert complete(model(scripted, paused=paused), MESSAGES) == "done"
    assert paused == [7.0, 1.0]


def test_it_gives_up_when_the_tries_or_the_time_are_used_up() -> None:
    paused: list[float] = []
    with model_server(fails(503)) as scripted:
        assert reason_of(scripted, retries=2, paused=paused) == "llm_http_503"
    assert (len(scripted.requests), paused) == (3, [0.5, 1.0])
    with model_server(fails(429, retry_after="40")) as scripted:
        assert reason_of(scripted, retries=2, seconds=30.0, clock=Clock()) == "llm_http_429"
    assert len(scripted.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_request_that_is_wrong_is_not_repeated(status: int) -> None:
    with model_server(fails(status)) as scripted:
        assert reason_of(scripted, retries=2) == f"llm_http_{status}"
    assert len(scripted.requests) == 1


def test_what_an_endpoint_does_not_take_is_left_out_from_then_on() -> None:
    no_temperature = fails(400, {"param": "temperature", "message": "only 1 is supported"})
    no_limit = fails(400, {"message": "use max_completion_tokens instead of max_tokens"})
    with model_server(no_temperature, no_limit, says("a"), says("b")) as scripted:
        asked = model(scripted)
        assert (complete(asked, MESSAGES), complete(asked, MESSAGES)) == ("a", "b")
    options = [
        {"temperature", "max_tokens", "max_completion_tokens"} & set(request)
        for request in scripted.requests
    ]
    last = {"max_completion_tokens"}
    assert options == [{"temperature", "max_tokens"}, {"max_tokens"}, last, last]


def test_a_model_that_is_down_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    paused: list[float] = []
    scripted = Scripted([], url=f"http://127.0.0.1:{port}/v1")
    assert reason_of(scripted, retries=1, paused=paused) == "llm_unreachable"
    assert paused == [0.5]


@pytest.mark.parametrize(
    "script",
    [never_answers(), never_ends(": still here\n\n"), never_ends(chunk({"content": ""}))],
    ids=["silent", "only comments", "only empty pieces"],
)
def test_a_slow_model_is_left_when_its_time_is_over(script: Any) -> None:
    with model_server(script) as scripted:
        assert reason_of(scripted, seconds=SHORT, retries=2) == "llm_timeout"
    assert len(scripted.requests) <= 1  # a busy machine may not have taken it up yet


@pytest.mark.parametrize("finish", ["length", None])
def test_a_reply_that_breaks_off_is_truncated(finish: str | None) -> None:
    with model_server(says('{"sentence": "It', finish=finish)) as scripted:
        assert reason_of(scripted) == "llm_truncated"


def test_a_looping_model_is_stopped_while_it_talks() -> None:
    with model_server(never_ends(chunk({"content": "and so on and so forth, "}))) as scripted:
        assert reason_of(scripted, seconds=60.0) == "llm_looping"


def test_an_endless_reply_is_stopped_though_it_never_repeats() -> None:
    numbers = [chunk({"content": f"{n * n * 7919} "}) for n in range(MOST_CHARACTERS // 4)]
    with model_server(sends(*numbers)) as scripted:
        assert reason_of(scripted) == "llm_looping"
    with model_server(says("la " * 100, finish="length")) as scripted:
        assert reason_of(scripted) == "llm_looping"


@pytest.mark.parametrize(
    "events",
    [
        ["data: {not json}\n\n"],
        ["data: 17\n\n"],
        ["data: []\n\n"],
        ['data: {"choices": 5}\n\n'],
        ['data: {"choices": [null]}\n\n'],
        ['data: {"choices": [{"delta": {"content": 5}, "finish_reason": "stop"}]}\n\n'],
        [chunk({"content": "  \n "}), chunk({}, "stop")],
    ],
)
def test_what_is_no_stream_of_pieces_is_malformed(events: list[str]) -> None:
    with model_server(sends(*events)) as scripted:
        assert reason_of(scripted) == "llm_malformed"


def test_a_page_instead_of_a_stream_is_no_reply() -> None:
    with model_server(sends("<html>Welcome</html>")) as scripted:
        assert reason_of(scripted) == "llm_truncated"


def test_an_error_in_the_stream_is_one() -> None:
    error = json.dumps({"error": {"message": "overloaded", "type": "server_error", "code": "busy"}})
    with model_server(sends(chunk({"content": "It"}), f"data: {error}\n\n")) as scripted:
        assert reason_of(scripted) == "llm_error"


def test_a_refusal_is_one_in_each_of_its_forms() -> None:
    with model_server(chunks({"refusal": "I will not."})) as scripted:
        assert reason_of(scripted) == "llm_refused"
    with model_server(says("It", finish="content_filter")) as scripted:
        assert reason_of(scripted) == "llm_refused"


def test_a_tool_is_never_called() -> None:
    call = {"index": 0, "id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    with model_server(chunks({"tool_calls": [call]}, finish="tool_calls")) as scripted:
        assert reason_of(scripted) == "llm_malformed"
    with model_server(chunks({"function_call": {"name": "f", "arguments": "{}"}})) as scripted:
        assert reason_of(scripted) == "llm_malformed"
    assert len(scripted.requests) == 1


def test_a_redirect_is_not_followed() -> None:
    with (
        model_server(says("elsewhere")) as other,
        model_server(fails(307, location=f"{other.url}/chat/completions")) as scripted,
    ):
        assert reason_of(scripted) == "llm_http_307"
    assert other.requests == []
