"""A running server as a ``System``: asked by HTTP, its documents and passages read from it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx

from corpus import FetchFailed
from eval.asked import Asked
from eval.locate import Source
from eval.run import FUSED, RERANKED, System

DEPTH = 100  # hits asked for; the most that a server gives
_CONTEXT = 20  # neighbours asked for on either side; the most that a server gives
_SEED = 400  # characters of a document that look for one of its passages
_TIMEOUT = 60.0  # seconds
_RERANKERS = {"late", "reranker"}  # what a hit's scores call the part of what reordered it

Json = dict[str, Any]
Passages = dict[str, tuple[int, int]]


@contextmanager
def open_server(url: str, *, transport: httpx.BaseTransport | None = None) -> Iterator[System]:
    """The server at ``url``, whose documents and passages are read first; closed at the end.

    Raises FetchFailed when it does not serve them.
    """
    with httpx.Client(timeout=_TIMEOUT, transport=transport) as client:
        yield _system(_Server(url, client), url)


def _system(server: "_Server", url: str) -> System:
    try:
        listed = server.get("/api/documents")
        bodies = [server.get(f"/api/documents/{quote(d['id'])}") for d in listed["documents"]]
        sources = tuple(Source.of_json(body, server.passages(body)) for body in bodies)
        final = RERANKED if server.reranks else FUSED
        generation = str(listed["generation"])
    except (KeyError, TypeError) as error:
        raise FetchFailed(url, f"what it says is not what this program serves ({error})") from None

    def ask(question: str, language: str) -> Asked:  # a user does not say the language either
        return Asked.of_json(server.post("/api/ask", {"question": question, "k": DEPTH}))

    return System(
        ask=ask,
        sources=sources,
        final=final,
        fingerprints={
            "corpus": corpus_fingerprint({body["id"]: body["sha256"] for body in bodies}),
            "index": generation,
            "encoder": None,
            "settings": None,
            "version": None,
        },
    )


def corpus_fingerprint(files: Mapping[str, str]) -> str:
    """Of the documents' ids and the hashes of their files."""
    return sha256("".join(f"{id} {files[id]}\n" for id in sorted(files)).encode()).hexdigest()


class _Server:
    """``reranks``: whether a hit of any search so far had a score of a reranker."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self._url, self._client = url.rstrip("/"), client
        self.reranks = False

    def get(self, path: str) -> Json:
        return self._sent("GET", path)

    def post(self, path: str, body: Json) -> Json:
        return self._sent("POST", path, json=body)

    def passages(self, body: Json) -> Passages:
        """Every passage of a document: one is searched for, and its neighbours followed."""
        notes = [note["text"] for one in body["paragraphs"] for note in one["notes"]]
        seeds = [text[:_SEED] for text in (body["text"], *notes[:1]) if text.strip()]
        found: Passages = {}
        for seed in seeds:
            wanted = {"document": [body["id"]]}
            asked = {"query": seed, "k": DEPTH, "collapse": False, "filters": wanted}
            for hit in self.post("/api/search", asked)["hits"]:
                self.reranks = self.reranks or not _RERANKERS.isdisjoint(hit["scores"])
                if hit["passage_id"] not in found:
                    self._follow(hit["passage_id"], found)
        return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))

    def _follow(self, id: str, found: Passages) -> None:
        """Adds a passage, and all that stand before it and after it."""
        waiting = [id]
        while waiting:
            path = f"/api/passages/{quote(waiting.pop())}?context={_CONTEXT}"
            around = self.get(path)
            ends = [*around["before"][:1], *around["after"][-1:]]
            waiting += [one["passage_id"] for one in ends if one["passage_id"] not in found]
            for one in (around, *around["before"], *around["after"]):
                found[one["passage_id"]] = (one["start"], one["end"])

    def _sent(self, method: str, path: str, **body: Any) -> Json:
        address = self._url + path
        try:
            response = self._client.request(method, address, **body)
            answer: Any = response.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise FetchFailed(address, f"no answer that can be read ({error})") from None
        if not response.is_success:
            why = answer.get("detail") if isinstance(answer, dict) else None
            raise FetchFailed(address, f"status {response.status_code}. {why or ''}".rstrip())
        found: Json = answer
        return found
