"""The tools of the Model Context Protocol, called by the official client over both transports."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client, StdioServerParameters
from support.chats import QUESTION, chat_app, chat_data
from support.server import serving

from corpus import read_corpus
from index import Index, build_index, open_encoder
from service.cli import main
from service.mcp_tools import Toolbox, tools

ANSWER = "Debris in low orbit endangers every active satellite."
MODES = ("auto", "legacy")  # with and without the handshake of older clients


@pytest.fixture(scope="module")
def http(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = chat_data(tmp_path_factory.mktemp("data"))
    with serving(chat_app(data, mcp_hosts=("sextant.example.org",))) as client:
        yield client


def over_http(http: httpx.Client, use: Callable[[Client], Awaitable[Any]], mode: str) -> Any:
    async def run() -> Any:
        async with Client(f"{str(http.base_url).rstrip('/')}/mcp", mode=mode) as client:
            return await use(client)

    return asyncio.run(run())


def calling(name: str, **arguments: Any) -> Callable[[Client], Awaitable[Any]]:
    async def call(client: Client) -> Any:
        return await client.call_tool(name, arguments)

    return call


def only_text(result: Any) -> str:
    assert not result.is_error, result
    [item] = result.content
    assert item.type == "text"
    return str(item.text)


def failed(result: Any) -> str:
    assert result.is_error
    return str(result.content[0].text)


# Over HTTP


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_listed_as_reading_only(http: httpx.Client, mode: str) -> None:
    listed = over_http(http, lambda client: client.list_tools(), mode).tools
    assert [tool.name for tool in listed] == ["search", "fetch", "ask"]
    for tool in listed:
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.description
        assert tool.output_schema["type"] == "object"
    assert [list(tool.input_schema["properties"]) for tool in listed] == [
        ["query"],
        ["id"],
        ["question"],
    ]


@pytest.mark.parametrize("mode", MODES)
def test_what_search_finds_fetch_reads(http: httpx.Client, mode: str) -> None:
    async def use(client: Client) -> tuple[Any, Any]:
        found = await client.call_tool("search", {"query": QUESTION})
        first = found.structured_content["results"][0]
        return found, await client.call_tool("fetch", {"id": first["id"]})

    found, fetched = over_http(http, use, mode)
    results = json.loads(only_text(found))
    assert results == found.structured_content
    first = results["results"][0]
    assert set(first) == {"id", "title", "url"}
    assert first["title"] == "A/XX.1/77, para. 1–2 — Report orbits.en"
    assert first["url"] == f"{str(http.base_url).rstrip('/')}/d/orbits.en#para-1"
    read = json.loads(only_text(fetched))
    assert read == fetched.structured_content
    assert set(read) == {"id", "title", "text", "url", "metadata"}
    assert (read["id"], read["title"], read["url"]) == (first["id"], first["title"], first["url"])
    assert ANSWER in read["text"]
    assert read["metadata"]["symbol"] == "A/XX.1/77"
    assert read["metadata"]["paragraphs"] == "1, 2"
    passage = http.get(f"/api/passages/{first['id']}").json()
    assert read["text"] == passage["text"]


def test_fetch_reads_a_whole_document_too(http: httpx.Client) -> None:
    read = over_http(http, calling("fetch", id="beacons.en"), "auto").structured_content
    assert read["text"] == http.get("/api/documents/beacons.en").json()["text"]
    assert read["url"] == "https://example.org/c-5-1.html"


def test_ask_gives_the_cited_answer(http: httpx.Client) -> None:
    result = over_http(http, calling("ask", question=QUESTION), "auto")
    assert f"{ANSWER} [1]" in only_text(result)
    assert "[1] [A/XX.1/77, para. 1](http://" in only_text(result)
    body = result.structured_content
    assert body["abstained"] is False
    [cited] = body["citations"]
    text = http.get("/api/documents/orbits.en").json()["text"]
    assert text[cited["start"] : cited["end"]] == cited["quote"] == ANSWER


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("search", {"query": " "}, "question is empty"),
        ("search", {}, "'query'"),
        ("search", {"query": "a", "k": 3}, "'k'"),
        ("fetch", {"id": "nothing"}, "Nothing has the id 'nothing'"),
        ("ask", {"question": 3}, "'question'"),
        ("ask", {"question": "文" * 2_001}, "at most 2000"),
        ("delete", {}, "Tools: search, fetch, ask"),
    ],
)
def test_what_was_wrong_is_told_to_the_model(
    http: httpx.Client, name: str, arguments: dict[str, Any], told: str
) -> None:
    assert told in failed(over_http(http, calling(name, **arguments), "auto"))


def test_without_an_index_the_command_is_named(tmp_path: Path) -> None:
    with serving(chat_app(tmp_path)) as empty:
        for name, arguments in [("search", {"query": "a"}), ("fetch", {"id": "a"})]:
            result = over_http(empty, calling(name, **arguments), "auto")
            assert "sextant build" in failed(result)


INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"accept": "application/json, text/event-stream"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "sextant.example.org"}, 200),
        ({"host": "sextant.example.org", "origin": "https://sextant.example.org"}, 200),
        ({"origin": "http://localhost:3000"}, 200),
        ({"host": "evil.example.com"}, 421),
        ({"origin": "https://evil.example.com"}, 403),
    ],
)
def test_only_known_names_reach_the_tools(
    http: httpx.Client, headers: dict[str, str], status: int
) -> None:
    response = http.post("/mcp", json=INITIALIZE, headers={**ACCEPT, **headers})
    assert response.status_code == status, response.text
    if status == 200:
        assert response.json()["result"]["serverInfo"]["name"] == "sextant"


def test_a_server_with_names_it_cannot_know_leaves_them_to_its_proxy(tmp_path: Path) -> None:
    for hosts, status in [((), 200), (("sextant.example.org",), 421)]:
        with serving(chat_app(tmp_path, host="0.0.0.0", mcp_hosts=hosts)) as client:
            headers = {**ACCEPT, "host": "other.example.org"}
            assert client.post("/mcp", json=INITIALIZE, headers=headers).status_code == status


def test_requests_at_mcp_are_counted_under_its_name(http: httpx.Client) -> None:
    http.post("/mcp", json=INITIALIZE, headers=ACCEPT)
    assert 'route="/mcp",status="200"' in http.get("/metrics").text


def test_a_result_fits_the_schema_that_was_promised(http: httpx.Client) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schemas = {tool.name: tool.output_schema for tool in tools()}
    calls = {"search": {"query": QUESTION}, "fetch": {"id": "moon.zh"}, "ask": {"question": "月球"}}
    for name, arguments in calls.items():
        result = over_http(http, calling(name, **arguments), "auto")
        jsonschema.validate(result.structured_content, schemas[name])


# On stdio: the command as an assistant starts it


SEXTANT = [sys.executable, "-c", "import sys; from service.cli import main; sys.exit(main())"]


@pytest.fixture(scope="module")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an index of one document that ships, with the encoder that ships."""
    corpus, data = tmp_path_factory.mktemp("corpus"), tmp_path_factory.mktemp("data")
    (corpus / "moss.txt").write_text(
        "Report on moss\n\n1. Moss covers the northern slope of every crater.\n\n"
        "2. Visitors register with the keeper of the moss.\n",
        "utf-8",
    )
    build_index(read_corpus(corpus).documents, open_encoder(), data)
    return data


def test_the_command_serves_an_assistant_on_stdio(starter: Path) -> None:
    command = [*SEXTANT, "mcp", "--data", str(starter)]

    async def use() -> tuple[Any, Any]:
        server = StdioServerParameters(command=command[0], args=command[1:])
        async with Client(server) as client:
            found = await client.call_tool("search", {"query": "moss on the slope"})
            first = found.structured_content["results"][0]["id"]
            return found, await client.call_tool("fetch", {"id": first})

    found, fetched = asyncio.run(use())
    id = next(iter(Index.open(starter, open_encoder()).documents))
    assert found.structured_content["results"][0]["url"].startswith(f"urn:sextant:{id}")
    assert "northern slope" in fetched.structured_content["text"]


def test_the_command_opens_what_the_settings_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    served: list[Toolbox] = []
    monkeypatch.setattr(anyio, "run", lambda serve, toolbox: served.append(toolbox))
    assert main(["mcp", "--data", str(tmp_path), "--question-limit", "5"]) == 0
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "sextant build" in captured.err
    [toolbox] = served
    assert "at most 5" in failed(toolbox.call("ask", {"question": "longer"}, None))


def test_nothing_but_the_protocol_reaches_stdout(tmp_path: Path) -> None:
    """Without an index, which is what it has most to say about."""
    lines = [
        INITIALIZE,
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "ask", "arguments": {"question": "moss?"}},
        },
    ]
    command = [*SEXTANT, "mcp", "--data", str(tmp_path)]
    server = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
    server.stdin.flush()
    answers = [json.loads(server.stdout.readline()) for _ in range(2)]
    rest, told = server.communicate(timeout=60)
    assert [each["id"] for each in answers] == [1, 2]
    assert answers[1]["result"]["isError"] is True
    assert "sextant build" in answers[1]["result"]["content"][0]["text"]
    assert rest == ""
    assert "sextant build" in told
    assert server.returncode == 0
