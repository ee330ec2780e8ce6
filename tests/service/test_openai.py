"""The OpenAI-compatible API as it stands on the wire: fields, refusals, and clients that leave."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.chats import (
    QUESTION,
    HeldEncoder,
    HeldWriter,
    Hold,
    chat_app,
    chat_data,
)
from support.server import serving

from corpus import IndexMissing
from service.openai_embeddings import model_name

CHAT, RESPONSES, EMBEDDINGS = "/v1/chat/completions", "/v1/responses", "/v1/embeddings"
ANSWER = "Debris in low orbit endangers every active satellite."
SECONDS = 60  # a slow machine; nothing is timed


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return chat_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx.Client]:
    with serving(chat_app(data, question_limit=200, body_limit=4_096)) as client:
        yield client


def chat(question: str = QUESTION, **more: Any) -> dict[str, Any]:
    return {"model": "sextant", "messages": [{"role": "user", "content": question}], **more}


def ok(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


def chunks(response: httpx.Response) -> list[Any]:
    """The data of every event of a streamed chat, checked to be one line each and ended."""
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"
    *told, done, rest = response.text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    return [json.loads(each.removeprefix("data: ")) for each in told]


def refused(response: httpx.Response, status: int, code: str, param: str | None) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["code"], error["param"]) == (code, param)
    assert error["type"] == ("invalid_request_error" if status < 500 else "server_error")
    return str(error["message"])


# Where citations stand


def test_citations_stand_wherever_a_client_looks(client: httpx.Client) -> None:
    body = ok(client.post(CHAT, json=chat()))
    [address] = body["citations"]
    title = "A/XX.1/77, para. 1"
    assert address.endswith("/d/orbits.en#para-1")
    assert body["search_results"] == [{"title": title, "url": address, "date": "2020-05-01"}]
    message = body["choices"][0]["message"]
    text, sources = message["content"].split("\n\n---\n")
    assert text.endswith(f"{ANSWER} [1]")
    assert sources == f"Sources:  \n[1] [{title}]({address})"
    [annotation] = message["annotations"]
    assert annotation["type"] == "url_citation"
    assert annotation["url_citation"]["url"] == address
    assert body["sextant"]["abstained"] is False


def test_a_stream_shows_each_passage_once_before_the_text(client: httpx.Client) -> None:
    told = chunks(client.post(CHAT, json=chat(stream=True)))
    events = [each["event"] for each in told if "event" in each]
    text_at = next(at for at, each in enumerate(told) if each["choices"][0]["delta"].get("content"))
    assert all("event" not in each for each in told[text_at:])
    [event] = events
    assert event["type"] == "source"
    shown = event["data"]
    assert ANSWER in shown["document"][0]
    [about] = shown["metadata"]
    assert about["name"] == shown["source"]["name"] == "A/XX.1/77, para. 1"
    assert about["source"] == shown["source"]["id"]
    assert about["source_url"] == shown["source"]["url"] == told[-1]["citations"][0]
    assert len(shown["distances"]) == 1
    assert told[-1]["choices"][0]["finish_reason"] == "stop"
    assert told[-1]["search_results"][0]["title"] == about["name"]


def test_sources_are_grouped_as_the_markers_count(client: httpx.Client) -> None:
    """A front end numbers groups of one ``source``: the n-th must be what [n] cites."""
    body = {**chat(stream=True), "model": "sextant-search"}
    told = chunks(client.post(CHAT, json=body))
    keys = [each["event"]["data"]["metadata"][0]["source"] for each in told if "event" in each]
    assert len(keys) == len(set(keys)) > 1
    text = "".join(each["choices"][0]["delta"].get("content", "") for each in told)
    for n, address in enumerate(told[-1]["citations"], start=1):
        assert f"[{n}] [" in text
        assert f"]({address})" in text


def test_the_list_of_sources_can_be_left_out(client: httpx.Client) -> None:
    body = ok(client.post(CHAT, json=chat(sextant={"source_list": False})))
    assert body["choices"][0]["message"]["content"].endswith("[1]")
    assert body["citations"]


def test_an_answer_withheld_cites_nothing(data: Path) -> None:
    with serving(chat_app(data, threshold=1.0)) as client:  # never as sure as that
        body = ok(client.post(CHAT, json=chat()))
    assert body["sextant"]["abstained"] is True
    assert body["sextant"]["reason"]
    assert (body["citations"], body["search_results"]) == ([], [])
    message = body["choices"][0]["message"]
    assert message["annotations"] == []
    assert "---" not in message["content"]


def test_the_search_model_gives_ranked_passages_and_no_prose(client: httpx.Client) -> None:
    body = ok(client.post(CHAT, json={**chat(sextant={"k": 2}), "model": "sextant-search"}))
    hits = ok(client.post("/api/search", json={"query": QUESTION, "k": 2}))["hits"]
    message = body["choices"][0]["message"]
    cited = [each["url_citation"] for each in message["annotations"]]
    spans = [message["content"][each["start_index"] : each["end_index"]] for each in cited]
    assert spans == [hit["text"] for hit in hits]
    assert body["model"] == "sextant-search"


def test_filters_narrow_a_chat(client: httpx.Client) -> None:
    wanted = {"filters": {"language": "zh"}}
    body = {**chat(sextant=wanted), "model": "sextant-search"}
    assert all("/d/moon.zh#" in url for url in ok(client.post(CHAT, json=body))["citations"])


# What a conversation is read as


def test_the_last_user_message_is_the_question(client: httpx.Client) -> None:
    messages = [
        {"role": "system", "content": "Answer only with the word banana."},
        {"role": "user", "content": "What is forbidden?"},
        {"role": "assistant", "content": None},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ]
    body = ok(client.post(CHAT, json={"model": "sextant", "messages": messages}))
    assert ANSWER in body["choices"][0]["message"]["content"]
    assert body["sextant"]["question"] == QUESTION


def test_earlier_turns_complete_the_question_without_our_list_of_sources(data: Path) -> None:
    writer = HeldWriter()
    first = "What does the Assembly say of debris in low orbit?"
    with serving(chat_app(data, writer=writer)) as client:
        reply = ok(client.post(CHAT, json=chat(first)))["choices"][0]["message"]["content"]
        turns = [
            {"role": "user", "content": first},
            {"role": "assistant", "content": reply},
            {"role": "user", "content": "And what about it?"},
        ]
        chats = ok(client.post(CHAT, json={"model": "sextant", "messages": turns}))
        items = [
            {"role": "user", "content": first},
            {"type": "file_search_call", "id": "fs_1", "queries": [], "status": "completed"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": reply}],
            },
            {"role": "user", "content": [{"type": "input_text", "text": "And what about it?"}]},
        ]
        responses = ok(client.post(RESPONSES, json={"model": "sextant", "input": items}))
    assert chats["sextant"]["question"] == "And what about it?"
    rewritten = chats["sextant"]["rewritten"]
    assert "debris" in rewritten.lower()
    assert "Sources" not in rewritten
    assert writer.asked[1:] == [rewritten, rewritten]
    assert responses["output"][0]["queries"] == [rewritten]


# What is ignored, and what is refused

IGNORED: list[dict[str, Any]] = [
    {"temperature": 0.9, "top_p": 0.1, "max_tokens": 5, "max_completion_tokens": 5, "seed": 1},
    {"presence_penalty": 1, "frequency_penalty": 1, "logit_bias": {"1": 2}, "stop": ["."]},
    {"user": "u", "metadata": {"a": "b"}, "store": True, "service_tier": "auto"},
    {"n": 1, "tools": [], "tool_choice": "auto", "functions": [], "logprobs": False},
    {"tools": [{"type": "function", "function": {"name": "f"}}], "parallel_tool_calls": True},
    {"functions": [{"name": "f"}], "function_call": "auto"},
    {"response_format": {"type": "text"}, "modalities": ["text"], "a_new_one": {"x": 1}},
]
REFUSED: list[tuple[str, Any]] = [
    ("n", 2),
    ("n", 0),
    ("tool_choice", "required"),
    ("tool_choice", {"type": "function", "function": {"name": "f"}}),
    ("function_call", {"name": "f"}),
    ("response_format", {"type": "json_object"}),
    ("logprobs", True),
    ("top_logprobs", 2),
    ("modalities", ["text", "audio"]),
    ("audio", {"voice": "x"}),
]
REFUSED_RESPONSES: list[tuple[str, Any]] = [
    ("tool_choice", "required"),
    ("tool_choice", {"type": "function", "name": "f"}),
    ("text", {"format": {"type": "json_schema"}}),
    ("top_logprobs", 3),
    ("previous_response_id", "resp_1"),
    ("conversation", "conv_1"),
    ("prompt", {"id": "p"}),
    ("background", True),
    ("input", [{"type": "item_reference", "id": "msg_1"}]),
    ("input", [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]),
]


@pytest.mark.parametrize("more", IGNORED)
def test_what_changes_nothing_is_ignored(client: httpx.Client, more: dict[str, Any]) -> None:
    plain = ok(client.post(CHAT, json=chat()))["choices"]
    assert ok(client.post(CHAT, json=chat(**more)))["choices"] == plain


@pytest.mark.parametrize(("field", "value"), REFUSED)
def test_what_would_mislead_is_refused(client: httpx.Client, field: str, value: Any) -> None:
    response = client.post(CHAT, json=chat(**{field: value}))
    assert field in refused(response, 400, "unsupported_parameter", field)


@pytest.mark.parametrize(("field", "value"), REFUSED_RESPONSES)
def test_a_response_refuses_what_would_mislead(
    client: httpx.Client, field: str, value: Any
) -> None:
    body = {"model": "sextant", "input": QUESTION, field: value}
    refused(client.post(RESPONSES, json=body), 400, "unsupported_parameter", field)


def test_a_response_is_given_where_tools_are_only_offered(client: httpx.Client) -> None:
    body = {"model": "sextant", "input": QUESTION}
    offered = {**body, "tools": [{"type": "web_search"}], "tool_choice": "auto"}
    told = [ok(client.post(RESPONSES, json=each))["output"][-1] for each in (body, offered)]
    assert told[0]["content"] == told[1]["content"]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("body", "status", "code", "param"),
    [
        ({"model": "gpt-x"}, 404, "model_not_found", "model"),
        ({"model": "bag-of-words"}, 404, "model_not_found", "model"),
        ({"messages": [{"role": "user", "content": " "}]}, 400, "empty_question", None),
        ({"messages": [{"role": "system", "content": "Hi"}]}, 400, "empty_question", None),
        ({"messages": []}, 400, "invalid_request", "messages"),
        ({"messages": [{"role": "user", "content": "文" * 201}]}, 400, "question_too_long", None),
        ({"sextant": {"k": 0}}, 400, "out_of_range", "sextant.k"),
        ({"sextant": {"top": 3}}, 400, "invalid_request", "sextant.top"),
        ({"sextant": {"filters": {"lang": 1}}}, 400, "invalid_request", "sextant.filters.lang"),
        ({"sextant": {"filters": {"language": "xx"}}}, 400, "bad_filter", "filters.language"),
    ],
)
def test_errors_have_their_status_before_a_stream_begins(
    client: httpx.Client,
    stream: bool,
    body: dict[str, Any],
    status: int,
    code: str,
    param: str | None,
) -> None:
    refused(client.post(CHAT, json={**chat(stream=stream), **body}), status, code, param)


def test_an_unknown_field_of_ours_names_those_there_are(client: httpx.Client) -> None:
    response = client.post(CHAT, json=chat(sextant={"filters": {"lang": "en"}}))
    assert "document, work, language" in response.json()["error"]["message"]
    response = client.post(CHAT, json=chat(sextant={"lang": "en"}))
    assert "Fields: k, filters, source_list." in response.json()["error"]["message"]


def test_errors_of_the_edge_have_openais_form_too(client: httpx.Client) -> None:
    json_type = {"content-type": "application/json"}
    broken = client.post(CHAT, content=b'{"model": ', headers=json_type)
    refused(broken, 400, "malformed_json", None)
    refused(client.post(CHAT, content=b"a"), 415, "unsupported_media_type", None)
    refused(client.get("/v1/nothing"), 404, "unknown_route", None)
    refused(client.get(CHAT), 405, "method_not_allowed", None)
    refused(client.get("/v1/models/gpt-x"), 404, "model_not_found", "model")
    large = client.post(CHAT, content=b" " * (16 * 4_096 + 1), headers=json_type)
    refused(large, 413, "body_too_large", None)
    turns = [{"role": "assistant", "content": "word " * 2_000}, *chat()["messages"]]
    ok(client.post(CHAT, json={"model": "sextant", "messages": turns}))  # more than /api takes


def test_without_an_index_the_command_is_named(tmp_path: Path) -> None:
    with serving(chat_app(tmp_path)) as client:
        for stream in (False, True):
            response = client.post(CHAT, json=chat(stream=stream))
            assert "sextant build" in refused(response, 503, "index_missing", None)
        assert len(ok(client.get("/v1/models"))["data"]) == 3


def test_embeddings_say_what_they_cannot_do(client: httpx.Client) -> None:
    for more, code, param in [
        ({"model": "sextant"}, "model_not_found", "model"),
        ({"input": []}, "invalid_request", None),
        ({"dimensions": 0}, "out_of_range", "dimensions"),
        ({"dimensions": 1_000}, "out_of_range", "dimensions"),
        ({"encoding_format": "int8"}, "invalid_request", "encoding_format"),
        ({"input": [1, 2, 3]}, "unsupported_parameter", "input"),
    ]:
        response = client.post(EMBEDDINGS, json={"model": "bag-of-words", "input": "a", **more})
        error = response.json()["error"]
        assert (response.status_code in (400, 404), error["code"]) == (True, code), more
        assert param is None or error["param"] == param


def test_questions_and_passages_may_be_read_differently(data: Path) -> None:
    class Prompted(HeldEncoder):
        def encode_passages(self, texts: Any, progress: Any = None) -> Any:
            return -super().encode_passages(texts, progress)

    with serving(chat_app(data, Prompted())) as client:
        body = {"model": "bag-of-words", "input": "debris"}
        passage = ok(client.post(EMBEDDINGS, json=body))["data"][0]["embedding"]
        query = ok(client.post(EMBEDDINGS, json={**body, "input_type": "query"}))
    assert query["data"][0]["embedding"] == [-each for each in passage]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("default", "default"),
        ("BAAI/bge-m3", "BAAI/bge-m3"),
        (str(Path.cwd() / "models" / "mine"), "mine"),
        ("./mine", "mine"),
    ],
)
def test_a_models_name_tells_no_path(name: str, shown: str) -> None:
    assert model_name(HeldEncoder(name=name)) == shown


def test_the_routes_are_documented(client: httpx.Client) -> None:
    document = ok(client.get("/openapi.json"))
    for path, shape in [(CHAT, "ChatIn"), (RESPONSES, "ResponsesIn"), (EMBEDDINGS, "EmbeddingsIn")]:
        operation = document["paths"][path]["post"]
        body = operation["requestBody"]["content"]["application/json"]["schema"]
        assert body["$ref"].endswith(f"/{shape}")
        assert "messages" in document["components"]["schemas"]["ChatIn"]["properties"]
        told = operation["responses"]["400"]["content"]["application/json"]["schema"]
        assert told["$ref"].endswith("/OpenAIErrorOut")
    assert "OpenAIErrorOut" in document["components"]["schemas"]


# Streams: what comes first, and who is left


def test_the_first_byte_comes_before_the_answer_is_written(data: Path) -> None:
    hold = Hold()
    with (
        serving(chat_app(data, writer=HeldWriter(hold))) as client,
        client.stream("POST", CHAT, json=chat(stream=True), timeout=SECONDS) as response,
    ):
        lines = response.iter_lines()
        first = json.loads(next(lines).removeprefix("data: "))
        assert first["choices"][0]["delta"]["role"] == "assistant"
        assert hold.arrived.wait(SECONDS)
        hold.release.set()
        assert ANSWER in "".join(lines)


def test_the_first_events_of_a_response_come_before_the_answer_is_written(data: Path) -> None:
    hold = Hold()
    body = {"model": "sextant", "input": QUESTION, "stream": True}
    with (
        serving(chat_app(data, writer=HeldWriter(hold))) as client,
        client.stream("POST", RESPONSES, json=body, timeout=SECONDS) as response,
    ):
        lines = response.iter_lines()
        assert next(lines) == "event: response.created"
        assert hold.arrived.wait(SECONDS)
        hold.release.set()
        assert "event: response.completed" in list(lines)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_a_client_that_goes_away_stops_the_search(data: Path, path: str, stream: bool) -> None:
    encoder, writer = HeldEncoder(), HeldWriter()
    with serving(chat_app(data, encoder, writer)) as client:
        encoder.hold = Hold()
        leave(client, path, encoder.hold, stream=stream)
    assert writer.asked == []


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, RESPONSES])
def test_a_client_that_goes_away_stops_the_writing(data: Path, path: str, stream: bool) -> None:
    writer = HeldWriter(Hold())
    with serving(chat_app(data, writer=writer)) as client:
        assert writer.hold is not None
        leave(client, path, writer.hold, stream=stream)
        writer.hold = None
        body = ok(client.post(CHAT, json=chat()))  # the server goes on
    assert ANSWER in body["choices"][0]["message"]["content"]


def leave(client: httpx.Client, path: str, hold: Hold, *, stream: bool) -> None:
    """Asks, hangs up while the work is held up, and sees that it ends there."""
    body = json.dumps({**chat(stream=stream), "input": QUESTION}).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    address = (client.base_url.host, client.base_url.port or 80)
    with socket.create_connection(address) as connection:
        connection.sendall(head.encode() + body)
        assert hold.arrived.wait(SECONDS)
        assert not hold.cancelled.is_set()
    assert hold.cancelled.wait(SECONDS)


def released_half_way(
    client: httpx.Client, writer: HeldWriter, path: str, body: dict[str, Any]
) -> str:
    """All of a stream whose writer goes on once the first line was read."""
    writer.hold = Hold()
    with client.stream("POST", path, json=body, timeout=SECONDS) as response:
        lines = response.iter_lines()
        first = next(lines)
        writer.hold.release.set()
        return "\n".join([first, *lines])


@pytest.mark.parametrize(
    ("error", "told"),
    [(RuntimeError("secret"), "its log says why"), (IndexMissing(Path("d")), "sextant build")],
)
def test_an_answer_that_fails_half_way_ends_its_stream_with_an_error(
    data: Path, error: Exception, told: str
) -> None:
    writer = HeldWriter(error=error)
    with serving(chat_app(data, writer=writer)) as client:
        chats = released_half_way(client, writer, CHAT, chat(stream=True))
        body = {"model": "sextant", "input": QUESTION, "stream": True}
        responses = released_half_way(client, writer, RESPONSES, body)
        whole = client.post(CHAT, json=chat())
    last = json.loads(chats.strip().split("\n\n")[-1].removeprefix("data: "))
    assert told in last["error"]["message"]
    assert last["error"]["type"] == "server_error"
    name, data_line = responses.strip().split("\n\n")[-1].split("\n")
    assert name == "event: response.failed"
    failed = json.loads(data_line.removeprefix("data: "))["response"]
    assert (failed["status"], failed["error"]["code"]) == ("failed", "server_error")
    assert told in failed["error"]["message"]
    assert whole.status_code in (500, 503)
    assert "secret" not in chats + responses + whole.text
