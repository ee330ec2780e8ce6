"""The HTTP API over a real server on the loopback interface: bodies, errors, OpenAPI, the page."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.documents import small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.server import serving

from corpus import Document, Hit, UnreadableDocument
from index import build_index
from service import schema
from service.app import create_app, from_environment
from service.live import LiveIndex
from service.schema import K_LIMIT
from service.settings import Settings
from service.writer import Draft

BODY_LIMIT, QUESTION_LIMIT = 4_096, 200
TYPE = "urn:problem-type:sextant:"
QUERY = "debris in low orbit"


class BrokenWriter:
    name = "broken"

    def write(self, question: str, language: str, hits: list[Hit], *_: Any) -> Draft:
        raise RuntimeError("secret of the house")


def settings(data: Path) -> Settings:
    return Settings(corpus=data, data=data, question_limit=QUESTION_LIMIT, body_limit=BODY_LIMIT)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    build_index(small_corpus(), BagOfWordsEncoder(), data)
    return data


@pytest.fixture(scope="module")
def client(data: Path) -> Iterator[httpx.Client]:
    with serving(create_app(LiveIndex(data, BagOfWordsEncoder()), settings(data))) as client:
        yield client


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    data = tmp_path_factory.mktemp("empty")
    with serving(create_app(LiveIndex(data, BagOfWordsEncoder()), settings(data))) as client:
        yield client


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    return {document.id: document for document in small_corpus()}


def ok(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def search(client: httpx.Client, query: str = QUERY, **more: object) -> Any:
    return ok(client.post("/api/search", json={"query": query, **more}))


# What is answered


def test_search_answers_with_passages_that_stand_in_their_documents(
    client: httpx.Client, documents: dict[str, Document]
) -> None:
    body = search(client, k=3)
    schema.SearchOut.model_validate(body)
    assert body["query"] == QUERY
    assert set(body["took_ms"]) == {"encode", "search", "total"}
    assert [hit["rank"] for hit in body["hits"]] == list(range(1, len(body["hits"]) + 1))
    assert body["hits"][0]["document_id"] == "orbits.en"
    assert "1" in body["hits"][0]["paragraphs"]
    for hit in body["hits"]:
        document = documents[hit["document_id"]]
        assert document.text[hit["start"] : hit["end"]] == hit["text"]
        assert hit["file"] == document.file


def test_ask_answers_with_quotes_that_stand_in_document_and_answer(
    client: httpx.Client, documents: dict[str, Document]
) -> None:
    body = ok(client.post("/api/ask", json={"question": "What endangers satellites in low orbit?"}))
    schema.AskOut.model_validate(body)
    assert body["citations"]
    for citation in body["citations"]:
        text = documents[citation["document_id"]].text
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        start, end = citation["answer_start"], citation["answer_end"]
        assert body["answer"][start:end] == citation["quote"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"document": ["orbits.fr"]}, {"orbits.fr"}),
        ({"document": "orbits.fr"}, {"orbits.fr"}),
        ({"work": ["moon"]}, {"moon.zh"}),
        ({"language": ["fr", "zh"]}, {"orbits.fr", "moon.zh"}),
        ({"publisher": ["Council"]}, {"moon.zh"}),
        ({"date_from": "2021-01-01"}, {"moon.zh"}),
        ({"date_to": "2020-05-01", "language": ["en"]}, {"orbits.en"}),
        ({"symbol_prefix": "b/"}, {"moon.zh"}),
        ({"date_from": None, "symbol_prefix": None, "work": ["moon"]}, {"moon.zh"}),
    ],
)
def test_filters_narrow_the_hits(
    client: httpx.Client, filters: dict[str, object], expected: set[str]
) -> None:
    body = search(client, "debris 月球 orbite", k=K_LIMIT, filters=filters, collapse=False)
    found = {hit["document_id"] for hit in body["hits"]}
    assert found
    assert found <= expected


def test_k_limits_the_hits_and_filters_may_be_null(client: httpx.Client) -> None:
    assert len(search(client, k=1, filters=None)["hits"]) == 1


def test_collapse_shows_one_language_version(client: httpx.Client) -> None:
    shown = search(client, "radio signals signaux", k=50, collapse=True)["hits"]
    every = search(client, "radio signals signaux", k=50, collapse=False)["hits"]
    assert len(shown) < len(every)


def test_documents_are_listed_and_given_whole(
    client: httpx.Client, documents: dict[str, Document]
) -> None:
    listed = ok(client.get("/api/documents"))
    schema.DocumentsOut.model_validate(listed)
    assert [each["id"] for each in listed["documents"]] == sorted(documents)
    for id, document in documents.items():
        body = ok(client.get(f"/api/documents/{id}"))
        schema.DocumentOut.model_validate(body)
        assert body["text"] == document.text
        assert [each["label"] for each in body["paragraphs"]] == [
            paragraph.label for paragraph in document.paragraphs
        ]


def test_a_passage_comes_with_as_many_neighbours_as_asked(client: httpx.Client) -> None:
    hits = search(client, k=50, collapse=False, filters={"document": ["orbits.en"]})["hits"]
    body = [hit for hit in hits if hit["note"] is None]
    ids = [hit["passage_id"] for hit in sorted(body, key=lambda hit: hit["start"])]
    assert len(ids) >= 2
    alone = ok(client.get(f"/api/passages/{ids[1]}"))
    assert (alone["before"], alone["after"]) == ([], [])
    first = ok(client.get(f"/api/passages/{ids[0]}", params={"context": 1}))
    second = ok(client.get(f"/api/passages/{ids[1]}", params={"context": 1}))
    for each in (first, second):
        schema.PassageWithNeighbours.model_validate(each)
    assert [each["passage_id"] for each in first["before"]] == []
    assert [each["passage_id"] for each in first["after"]] == ids[1:2]
    assert [each["passage_id"] for each in second["before"]] == ids[:1]


def test_health_readiness_and_metrics(client: httpx.Client) -> None:
    assert ok(client.get("/healthz")) == {"status": "ok"}
    ready = ok(client.get("/readyz"))
    schema.ReadyOut.model_validate(ready)
    assert ready["documents"] == 3
    client.get("/api/documents/nothing")
    client.get("/no/such/route")
    scraped = client.get("/metrics")
    assert scraped.headers["content-type"].startswith("text/plain")
    text = scraped.text
    assert f'generation="{ready["generation"]}"' in text
    assert f"sextant_index_passages {ready['passages']:.1f}" in text
    assert 'route="/api/documents/{id}",status="404"' in text
    assert 'route="unmatched",status="404"' in text
    assert "/no/such/route" not in text


# What is refused

REFUSALS: list[tuple[str, str, dict[str, Any], int, str, dict[str, object]]] = [
    ("POST", "/api/search", {"content": b'{"query": '}, 400, "malformed-json", {}),
    ("POST", "/api/search", {"content": b"\xff\xfe"}, 400, "malformed-json", {}),
    ("POST", "/api/search", {"content": b"[" * 4000}, 400, "malformed-json", {}),
    ("POST", "/api/search", {"content": b'{"query": "\\ud800"}'}, 400, "malformed-json", {}),
    ("POST", "/api/search", {"content": b""}, 400, "malformed-json", {}),
    ("POST", "/api/search", {"json": []}, 422, "invalid-request", {}),
    ("POST", "/api/search", {"json": {}}, 422, "invalid-request", {"field": "query"}),
    ("POST", "/api/search", {"json": {"query": 3}}, 422, "invalid-request", {"field": "query"}),
    ("POST", "/api/search", {"json": {"query": " \n"}}, 422, "empty-question", {}),
    ("POST", "/api/ask", {"json": {"question": ""}}, 422, "empty-question", {}),
    (
        "POST",
        "/api/ask",
        {"json": {"question": "文" * (QUESTION_LIMIT + 1)}},
        422,
        "question-too-long",
        {"limit": QUESTION_LIMIT},
    ),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "k": 0}},
        422,
        "out-of-range",
        {"field": "k", "limit": 1},
    ),
    (
        "POST",
        "/api/ask",
        {"json": {"question": "a", "k": K_LIMIT + 1}},
        422,
        "out-of-range",
        {"field": "k", "limit": K_LIMIT},
    ),
    ("POST", "/api/search", {"json": {"query": "a", "k": "9"}}, 422, "invalid-request", {}),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "top": 3}},
        422,
        "invalid-request",
        {"field": "top", "allowed": ["query", "k", "filters", "collapse"]},
    ),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "filters": {"languages": ["en"]}}},
        422,
        "invalid-request",
        {
            "field": "filters.languages",
            "allowed": [
                "document",
                "work",
                "language",
                "publisher",
                "date_from",
                "date_to",
                "symbol_prefix",
            ],
        },
    ),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "filters": {"language": ["xx"]}}},
        422,
        "bad-filter",
        {"field": "filters.language"},
    ),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "filters": {"date_from": "1514764800"}}},
        422,
        "invalid-request",
        {"field": "filters.date_from"},
    ),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "filters": {"date_to": "2021-02-30"}}},
        422,
        "invalid-request",
        {"field": "filters.date_to"},
    ),
    (
        "POST",
        "/api/search",
        {"json": {"query": "a", "filters": {"date_from": "2021-02-03", "date_to": "2020-01-01"}}},
        422,
        "bad-filter",
        {"field": "filters.date_from"},
    ),
    ("GET", "/api/passages/nothing", {"params": {"context": 1}}, 404, "unknown-passage", {}),
    (
        "GET",
        "/api/passages/nothing",
        {"params": {"context": 21}},
        422,
        "out-of-range",
        {"field": "context", "limit": 20},
    ),
    ("GET", "/api/passages/x", {"params": {"context": "a"}}, 422, "invalid-request", {}),
    ("GET", "/api/documents/no/such%20one", {}, 404, "unknown-document", {}),
    ("GET", "/api/nothing", {}, 404, "unknown-route", {}),
    ("POST", "/api/nothing", {"json": {}}, 404, "unknown-route", {}),
    ("GET", "/web/../app.py", {}, 404, "unknown-route", {}),
    ("GET", "/api/search", {}, 405, "method-not-allowed", {}),
    ("DELETE", "/api/documents", {}, 405, "method-not-allowed", {}),
    (
        "POST",
        "/api/search",
        {"content": b" " * (BODY_LIMIT + 1)},
        413,
        "body-too-large",
        {"limit": BODY_LIMIT},
    ),
    (
        "POST",
        "/api/search",
        {"content": b"q=a", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        415,
        "unsupported-media-type",
        {},
    ),
]


@pytest.mark.parametrize(("method", "path", "sent", "status", "name", "more"), REFUSALS)
def test_every_refusal_is_a_problem(
    client: httpx.Client,
    method: str,
    path: str,
    sent: dict[str, Any],
    status: int,
    name: str,
    more: dict[str, object],
) -> None:
    if "content" in sent:
        sent = {"headers": {"content-type": "application/json"}, **sent}
    response = client.request(method, path, **sent)
    body = is_problem(response, status, name)
    assert {field: body.get(field) for field in more} == more
    if status == 405:
        assert response.headers["allow"]


def is_problem(response: httpx.Response, status: int, name: str) -> Any:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    schema.ProblemOut.model_validate(body)
    assert body["status"] == status
    assert body["type"] == TYPE + name
    assert body["instance"].startswith("/")
    assert body["detail"]
    assert "Traceback" not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    return body


def test_a_bad_filter_names_the_allowed_values(client: httpx.Client) -> None:
    sent = {"query": "a", "filters": {"language": ["xx"]}}
    body = is_problem(client.post("/api/search", json=sent), 422, "bad-filter")
    assert "'xx'" in body["detail"]
    assert "en, fr, zh" in body["detail"]


def test_several_errors_are_all_told(client: httpx.Client) -> None:
    response = client.post("/api/search", json={"k": 0, "collapse": "yes"})
    body = is_problem(response, 422, "invalid-request")
    fields = [body["field"], *(each["field"] for each in body["others"])]
    assert sorted(fields) == ["collapse", "k", "query"]


def test_a_body_without_a_length_is_counted_as_it_comes(client: httpx.Client) -> None:
    headers = {"content-type": "application/json"}
    small = iter([b'{"query":', b' "orbit"}'])
    ok(client.post("/api/search", content=small, headers=headers))
    large = iter([b" " * 1024] * (BODY_LIMIT // 1024 + 3))
    response = client.post("/api/search", content=large, headers=headers)
    assert is_problem(response, 413, "body-too-large")["limit"] == BODY_LIMIT
    assert search(client)["hits"]


def test_without_an_index_it_names_the_command_that_makes_one(empty: httpx.Client) -> None:
    ok(empty.get("/healthz"))
    for method, path in [("GET", "/readyz"), ("GET", "/api/documents"), ("POST", "/api/search")]:
        more = {"json": {"query": "orbit"}} if method == "POST" else {}
        body = is_problem(empty.request(method, path, **more), 503, "index-missing")
        assert body["command"] == "sextant build"
    assert "sextant_index_ready 0.0" in empty.get("/metrics").text


def test_an_unforeseen_error_is_answered_without_its_text(data: Path) -> None:
    live = LiveIndex(data, BagOfWordsEncoder())
    with serving(create_app(live, settings(data), writer=BrokenWriter())) as client:
        response = client.post("/api/ask", json={"question": QUERY})
        is_problem(response, 500, "internal")
        assert "secret" not in response.text
        assert 'route="/api/ask",status="500"' in client.get("/metrics").text


def test_an_error_of_ours_that_no_request_can_cause_is_answered_without_its_text(
    data: Path,
) -> None:
    class UnreadableWriter(BrokenWriter):
        def write(self, question: str, language: str, hits: list[Hit], *_: Any) -> Draft:
            raise UnreadableDocument(Path("secret.pdf"), "is empty")

    live = LiveIndex(data, BagOfWordsEncoder())
    with serving(create_app(live, settings(data), writer=UnreadableWriter())) as client:
        response = client.post("/api/ask", json={"question": QUERY})
    is_problem(response, 500, "internal")
    assert "secret" not in response.text


def test_the_app_can_be_made_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEXTANT_DATA", str(tmp_path))
    with serving(from_environment()) as client:
        body = is_problem(client.get("/readyz"), 503, "index-missing")
    assert str(tmp_path) in body["detail"]


# What is documented


def test_openapi_documents_every_error_that_a_route_gives(client: httpx.Client) -> None:
    document = ok(client.get("/openapi.json"))
    paths = {path: of for path, of in document["paths"].items() if not path.startswith("/v1/")}
    assert set(paths) == {
        "/api/search",
        "/api/ask",
        "/api/documents",
        "/api/documents/{id}",
        "/api/passages/{id}",
        "/api/feedback",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    documented = {path: set(next(iter(paths[path].values()))["responses"]) for path in paths}
    asking = {"200", "400", "413", "415", "422", "500", "503"}
    assert documented["/api/search"] == documented["/api/ask"] == asking
    assert documented["/api/documents"] == {"200", "500", "503"}
    assert documented["/api/documents/{id}"] == {"200", "404", "500", "503"}
    assert documented["/api/passages/{id}"] == {"200", "404", "422", "500", "503"}
    assert documented["/readyz"] == {"200", "503"}
    assert set(
        re.findall(r'"#/components/schemas/(\w+)"', client.get("/openapi.json").text)
    ) <= set(document["components"]["schemas"])


def test_openapi_examples_are_what_the_api_takes_and_gives(client: httpx.Client) -> None:
    document = ok(client.get("/openapi.json"))
    schemas = document["components"]["schemas"]
    for path, operations in document["paths"].items():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status != "200" and not path.startswith("/v1/"):
                    shown = response["content"]["application/problem+json"]["examples"]
                    assert shown
                    for example in shown.values():
                        schema.ProblemOut.model_validate(example["value"])
                        assert example["value"]["status"] == int(status)
    for name in ("SearchOut", "AskOut", "DocumentsOut", "DocumentOut", "PassageWithNeighbours"):
        getattr(schema, name).model_validate(schemas[name]["examples"][0])
    question = schemas["AskIn"]["examples"][0]
    ok(client.post("/api/ask", json=question))
    search(client, **{**schemas["SearchIn"]["examples"][0], "filters": None})


# The page


def test_the_page_needs_no_other_host_and_no_inline_script(client: httpx.Client) -> None:
    page = client.get("/")
    assert page.headers["content-type"].startswith("text/html")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert "access-control-allow-origin" not in page.headers
    linked = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert {"/web/icon.svg", "/web/page.css", "/web/page.js"} <= set(linked)
    for address in linked:
        assert address.startswith("/web/")
        assert client.get(address).status_code == 200
    assert not re.search(r"<script>|<style| style=| on\w+=", page.text)


@pytest.mark.parametrize("path", ["/search?q=x", "/documents", "/history", "/d/orbits.en"])
def test_every_address_of_the_page_gives_the_page(client: httpx.Client, path: str) -> None:
    page, same = client.get("/"), client.get(path)
    assert same.status_code == 200
    assert same.content == page.content
    assert same.headers["cache-control"] == "no-cache"


def test_a_file_of_the_page_is_looked_at_again(client: httpx.Client) -> None:
    script = client.get("/web/page.js")
    assert script.headers["cache-control"] == "no-cache"
    again = client.get("/web/page.js", headers={"if-none-match": script.headers["etag"]})
    assert again.status_code == 304


def test_no_other_origin_may_read_or_embed(client: httpx.Client) -> None:
    response = client.get("/api/documents", headers={"origin": "https://elsewhere.example"})
    assert "access-control-allow-origin" not in response.headers


def test_earlier_turns_complete_a_question(client: httpx.Client) -> None:
    turns = [
        {"role": "user", "content": "What is said about satellites?"},
        {"role": "assistant", "content": "They are listed."},
    ]
    asked = {"question": "And who registers them?", "history": turns}
    body = ok(client.post("/api/ask", json=asked))
    schema.AskOut.model_validate(body)
    assert body["question"] == "And who registers them?"
    assert "satellites" in body["rewritten_question"]
    alone = ok(client.post("/api/ask", json={"question": "And who registers them?"}))
    assert alone["rewritten_question"] is None


def test_a_turn_has_a_role_and_content(client: httpx.Client) -> None:
    turn = {"role": "user", "content": "x", "name": "y"}
    response = client.post("/api/ask", json={"question": "x?", "history": [turn]})
    problem = is_problem(response, 422, "invalid-request")
    assert problem["allowed"] == ["role", "content"]
    wrong = {"question": "x?", "history": [{"role": "system", "content": "x"}]}
    assert is_problem(client.post("/api/ask", json=wrong), 422, "invalid-request")["field"]


def test_an_origin_that_is_named_may_use_the_widget(data: Path) -> None:
    allowed = Settings(corpus=data, data=data, widget_origins=("https://host.example",))
    with serving(create_app(LiveIndex(data, BagOfWordsEncoder()), allowed)) as client:
        for origin, answered in (("https://host.example", True), ("https://other.example", False)):
            response = client.get("/api/documents", headers={"origin": origin})
            assert (response.headers.get("access-control-allow-origin") == origin) is answered
            asked = {
                "origin": origin,
                "access-control-request-method": "POST",
                "access-control-request-headers": "content-type",
            }
            preflight = client.options("/api/ask", headers=asked)
            assert (preflight.status_code == 200) is answered
