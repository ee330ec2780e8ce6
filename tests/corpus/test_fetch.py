"""Downloads from a local server that misbehaves in every way that is named here."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from corpus import Entry, FetchFailed, fetch
from corpus.address import is_public, pinned_client
from corpus.download import fetch_one
from corpus.fetch import Fetched

BODY = b"".join(b"line %d of a document\n" % n for n in range(5000))
SHA = hashlib.sha256(BODY).hexdigest()
Reply = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """``replies`` by path; ``seen`` are the requests' paths and headers, in order."""

    port: int
    replies: dict[str, Reply] = field(default_factory=dict)
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.seen.append((self.path, dict(self.headers.items())))
            self.close_connection = True
            try:
                made.replies[self.path](self)
            except (BrokenPipeError, ConnectionResetError):
                return

        def log_message(self, format: str, *args: Any) -> None:
            return

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Server(http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    http.shutdown()
    http.server_close()
    thread.join()


def send(body: bytes = BODY, status: int = 200, length: int | None = None, **headers: str) -> Reply:
    """A reply; ``length`` is what it declares, ``body`` what it sends."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        sent = {"content_type": "text/plain; charset=utf-8"} | headers
        for name, value in sent.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def redirect(to: str) -> Reply:
    return send(b"", 302, location=to)


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/plain")
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def ranged(etag: str = '"v1"', body: bytes = BODY) -> Reply:
    """Serves ranges the way a correct server does."""

    def reply(handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        if asked is None or handler.headers.get("If-Range") != etag:
            send(body, etag=etag)(handler)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-"))
        span = f"bytes {start}-{len(body) - 1}/{len(body)}"
        send(body[start:], 206, etag=etag, content_range=span)(handler)

    return reply


def get(
    server: Server, folder: Path, path: str = "/a.txt", sha: str | None = SHA, **options: Any
) -> Fetched:
    options = {"allow_private": True, "timeout": 10.0} | options
    entry = Entry("a.txt", sha256=sha, url=server.url(path))
    (done,) = fetch([entry], folder, **options)
    return done


def failure(done: Fetched) -> str:
    assert done.status == "failed"
    assert done.failure is not None
    assert str(done.failure) == f"{done.failure.url}: {done.failure.why}"
    return done.failure.why


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_downloaded_whole_with_progress(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send()
    steps: list[tuple[str, int, int | None]] = []
    done = get(server, tmp_path / "new", progress=lambda *step: steps.append(step))
    assert done == Fetched("a.txt", "downloaded", len(BODY))
    assert (tmp_path / "new" / "a.txt").read_bytes() == BODY
    assert names(tmp_path / "new") == ["a.txt"]
    assert steps[-1] == ("a.txt", len(BODY), len(BODY))
    assert [size for _, size, _ in steps] == sorted({size for _, size, _ in steps})


def test_a_file_that_is_there_is_not_asked_for_again(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(BODY)
    assert get(server, tmp_path) == Fetched("a.txt", "current", len(BODY))
    assert get(server, tmp_path, sha=None).status == "current"
    assert server.seen == []


def test_a_changed_file_is_replaced_only_by_the_right_one(server: Server, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"mine")
    server.replies["/a.txt"] = send(b"wrong too")
    assert "SHA-256" in failure(get(server, tmp_path))
    assert (tmp_path / "a.txt").read_bytes() == b"mine"
    server.replies["/a.txt"] = send()
    assert get(server, tmp_path).status == "downloaded"
    assert (tmp_path / "a.txt").read_bytes() == BODY


def test_entries_without_url_are_left_out_and_failures_stop_nothing(
    server: Server, tmp_path: Path
) -> None:
    server.replies |= {"/bad.txt": send(status=404), "/good.txt": send()}
    entries = [
        Entry("bad.txt", url=server.url("/bad.txt")),
        Entry("none.txt"),
        Entry("good.txt", url=server.url("/good.txt")),
    ]
    done = fetch(entries, tmp_path, allow_private=True)
    assert [(item.file, item.status) for item in done] == [
        ("bad.txt", "failed"),
        ("good.txt", "downloaded"),
    ]
    assert "404" in failure(done[0])


# --- what a server can do wrong


def test_a_redirect_loop_ends(server: Server, tmp_path: Path) -> None:
    server.replies |= {"/a.txt": redirect("/b.txt"), "/b.txt": redirect("/a.txt")}
    assert "more than 5 times" in failure(get(server, tmp_path))
    assert len(server.seen) == 6
    assert names(tmp_path) == []


def test_a_redirect_is_followed(server: Server, tmp_path: Path) -> None:
    server.replies |= {"/a.txt": redirect("deep/b.txt"), "/deep/b.txt": send()}
    assert get(server, tmp_path).status == "downloaded"


@pytest.mark.parametrize("to", ["file:///etc/hosts", "ftp://example.org/a.txt"])
def test_a_redirect_out_of_http_is_refused(server: Server, tmp_path: Path, to: str) -> None:
    server.replies["/a.txt"] = redirect(to)
    assert "only http and https" in failure(get(server, tmp_path))


def test_a_redirect_to_no_address_is_refused(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = redirect("data:,x")
    assert "no valid address" in failure(get(server, tmp_path))


@pytest.mark.parametrize("kind", ["image/png", "text/html", "", "text/plainer"])
def test_a_wrong_type_is_refused(server: Server, tmp_path: Path, kind: str) -> None:
    server.replies["/a.txt"] = send(content_type=kind)
    assert "not text/plain" in failure(get(server, tmp_path))
    assert names(tmp_path) == []


def test_a_wrong_hash_is_refused_and_nothing_is_kept(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send(BODY[:-1] + b"!", etag='"v1"')
    assert SHA in failure(get(server, tmp_path))
    assert names(tmp_path) == []


def test_a_declared_size_over_the_limit_is_not_received(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send(b"", length=10**12)
    assert "at most 1000" in failure(get(server, tmp_path, max_bytes=1000))
    assert names(tmp_path) == []


def test_an_endless_body_is_cut_off(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = endless
    assert "goes on after 200000 bytes" in failure(get(server, tmp_path, max_bytes=200_000))
    assert names(tmp_path) == []


def test_a_body_that_takes_too_long_is_given_up(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = endless
    entry = Entry("a.txt", url=server.url("/a.txt"))
    with (
        pinned_client(10.0, allow_private=True) as client,
        pytest.raises(FetchFailed, match="too long"),
    ):
        fetch_one(client, entry, tmp_path, deadline=0.0)


def test_a_compressed_or_empty_body_is_refused(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send(content_encoding="gzip")
    assert "compressed" in failure(get(server, tmp_path))
    server.replies["/a.txt"] = send(b"")
    assert "empty" in failure(get(server, tmp_path, sha=None))
    assert names(tmp_path) == []


# --- resuming


def test_a_truncated_body_is_refused_then_resumed(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send(BODY[:70_000], length=len(BODY), etag='"v1"')
    assert "ended before" in failure(get(server, tmp_path))
    assert names(tmp_path) == ["a.txt.part", "a.txt.part.version"]
    kept = (tmp_path / "a.txt.part").stat().st_size
    assert 0 < kept <= 70_000
    server.replies["/a.txt"] = ranged()
    assert get(server, tmp_path) == Fetched("a.txt", "downloaded", len(BODY))
    assert server.seen[-1][1]["Range"] == f"bytes={kept}-"
    assert (tmp_path / "a.txt").read_bytes() == BODY
    assert names(tmp_path) == ["a.txt"]


def begun(folder: Path, data: bytes = BODY[:1000], version: str = '"v1"') -> None:
    (folder / "a.txt.part").write_bytes(data)
    (folder / "a.txt.part.version").write_text(version)


@pytest.mark.parametrize(
    "reply",
    [
        ranged('"v2"'),
        send(etag='"v1"'),
        send(b"other", 416),
        send(BODY[500:], 206, content_range=f"bytes 500-{len(BODY) - 1}/{len(BODY)}"),
    ],
    ids=["new version", "no ranges", "range refused", "wrong range"],
)
def test_what_cannot_be_resumed_begins_anew(server: Server, tmp_path: Path, reply: Reply) -> None:
    def fresh_or(handler: BaseHTTPRequestHandler) -> None:
        (reply if "Range" in handler.headers else send())(handler)

    begun(tmp_path)
    server.replies["/a.txt"] = fresh_or
    assert get(server, tmp_path).status == "downloaded"
    assert (tmp_path / "a.txt").read_bytes() == BODY
    assert names(tmp_path) == ["a.txt"]


def test_without_a_version_nothing_is_resumed(server: Server, tmp_path: Path) -> None:
    begun(tmp_path, version="")
    server.replies["/a.txt"] = send(etag='W/"weak"')
    assert get(server, tmp_path).status == "downloaded"
    assert "Range" not in server.seen[0][1]


def test_a_busy_server_leaves_what_was_begun(server: Server, tmp_path: Path) -> None:
    begun(tmp_path)
    server.replies["/a.txt"] = send(b"", 503)
    assert "503" in failure(get(server, tmp_path))
    assert names(tmp_path) == ["a.txt.part", "a.txt.part.version"]


def test_a_resumed_file_is_limited_in_all(server: Server, tmp_path: Path) -> None:
    begun(tmp_path)
    server.replies["/a.txt"] = ranged()
    assert "at most 2000" in failure(get(server, tmp_path, max_bytes=2000))


# --- where it may connect


def test_private_addresses_are_refused_unless_allowed(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send()
    assert "127.0.0.1" in failure(get(server, tmp_path, allow_private=False))
    assert server.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/a.txt",
        "http://2130706433/a.txt",
        "http://0x7f.1/a.txt",
        "http://[::1]/a.txt",
        "http://[::ffff:127.0.0.1]/a.txt",
        "http://169.254.169.254/a.txt",
        "https://10.0.0.1/a.txt",
    ],
)
def test_every_way_to_write_a_private_address_is_refused(tmp_path: Path, url: str) -> None:
    (done,) = fetch([Entry("a.txt", url=url)], tmp_path)
    assert "not a public address" in failure(done)


@pytest.mark.parametrize("url", ["file:///etc/hosts", "ftp://example.org/a", "gopher://x/", "x"])
def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    (done,) = fetch([Entry("a.txt", url=url)], tmp_path, allow_private=True)
    assert "only http and https" in failure(done)


def test_a_password_in_the_address_is_refused(server: Server, tmp_path: Path) -> None:
    entry = Entry("a.txt", url=f"http://me:secret@127.0.0.1:{server.port}/a.txt")
    (done,) = fetch([entry], tmp_path, allow_private=True)
    assert "password" in failure(done)
    assert server.seen == []


@pytest.mark.parametrize("name", ["../a.txt", "a.exe", "a"])
def test_a_file_name_that_leads_away_is_refused(server: Server, tmp_path: Path, name: str) -> None:
    (done,) = fetch([Entry(name, url=server.url("/a.txt"))], tmp_path, allow_private=True)
    assert "file name" in failure(done)


class Names:
    """A resolver that answers from a table and counts; a list is answered one by one."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers, self.asked = answers, [""]

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self.answers[host.replace(".", "_")]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def one(client: httpx.Client, url: str, folder: Path) -> str:
    with client, pytest.raises(FetchFailed) as caught:
        fetch_one(client, Entry("a.txt", url=url), folder)
    return caught.value.why


def test_one_private_address_among_public_ones_is_refused(tmp_path: Path) -> None:
    client = pinned_client(10.0, resolve=Names(mixed_test=[["93.184.216.34", "192.168.0.1"]]))
    assert "192.168.0.1" in one(client, "http://mixed.test/a.txt", tmp_path)


def test_a_redirect_to_a_private_address_is_refused(server: Server, tmp_path: Path) -> None:
    class Hops(httpx.BaseTransport):
        """The first host is public and redirects; all else goes the checked way."""

        def __init__(self) -> None:
            self.checked = pinned_client(10.0)

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.host == "public.test":
                return httpx.Response(302, headers={"Location": server.url("/a.txt")})
            return self.checked.send(request, stream=True)

        def close(self) -> None:
            self.checked.close()

    client = httpx.Client(transport=Hops())
    assert "not a public address" in one(client, "http://public.test/a.txt", tmp_path)
    assert server.seen == []


def test_the_address_that_was_checked_is_the_one_that_is_asked(
    server: Server, tmp_path: Path
) -> None:
    """The name resolves once for each request and is never handed to the system's resolver."""
    server.replies["/a.txt"] = redirect(f"http://pinned.test:{server.port}/b.txt")
    server.replies["/b.txt"] = send()
    resolve = Names(pinned_test=[["127.0.0.1"]])
    with pinned_client(10.0, allow_private=True, resolve=resolve) as client:
        entry = Entry("a.txt", url=server.url("/a.txt", "pinned.test"), sha256=SHA)
        assert fetch_one(client, entry, tmp_path).status == "downloaded"
    assert resolve.asked == ["", "pinned.test", "pinned.test"]
    assert [headers["Host"] for _, headers in server.seen] == [f"pinned.test:{server.port}"] * 2


def test_a_name_that_changes_its_address_between_two_hops_is_caught(
    server: Server, tmp_path: Path
) -> None:
    resolve = Names(rebind_test=[["8.8.8.8"], ["127.0.0.1"]])
    assert is_public(resolve("rebind.test", 80)[0])
    client = pinned_client(10.0, resolve=resolve)
    assert "127.0.0.1" in one(client, server.url("/a.txt", "rebind.test"), tmp_path)
    assert server.seen == []


def test_the_next_address_is_tried_when_one_does_not_answer(server: Server, tmp_path: Path) -> None:
    server.replies["/a.txt"] = send()
    resolve = Names(two_test=[["::1", "127.0.0.1"]])  # nothing listens on ::1 at this port
    with pinned_client(10.0, allow_private=True, resolve=resolve) as client:
        entry = Entry("a.txt", url=server.url("/a.txt", "two.test"))
        assert fetch_one(client, entry, tmp_path).status == "downloaded"


def test_a_server_that_is_gone_and_a_name_without_address_are_failures(tmp_path: Path) -> None:
    resolve = Names(gone_test=[["127.0.0.1"]], none_test=[[]])
    client = pinned_client(10.0, allow_private=True, resolve=resolve)
    with client:
        for host, says in (("gone.test:1", "connection failed"), ("none.test", "no address")):
            with pytest.raises(FetchFailed, match=says):
                fetch_one(client, Entry("a.txt", url=f"http://{host}/a.txt"), tmp_path)


def test_a_downgrade_from_https_is_refused(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(301, headers={"Location": "http://example.org/a.txt"})

    client = httpx.Client(transport=httpx.MockTransport(answer))
    assert "from https to http" in one(client, "https://example.org/a.txt", tmp_path)


def test_tls_asks_for_the_name_and_not_for_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[httpx.Request] = []

    def record(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", record)
    resolve = Names(name_test=[["2606:2800:220:1::1"]])
    with pinned_client(10.0, resolve=resolve) as client:
        client.get("https://name.test/a.txt")
    assert str(asked[0].url) == "https://[2606:2800:220:1::1]/a.txt"
    assert asked[0].headers["Host"] == "name.test"
    assert asked[0].extensions["sni_hostname"] == "name.test"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("172.16.0.1", False),
        ("192.0.2.1", False),
        ("192.168.1.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("2001:db8::1", False),
        ("2001::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("no address", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public
