"""A reply as a response of the Responses API, whole or as the events of a stream: a file search
with the passages, then a message with the text and its citations.

Pure. Offsets count Unicode code points of the text, end exclusive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus import Hit
from service.openai_reply import Reply, Source, Spoken, count_tokens, steps
from service.serialise import link
from service.wording import passage_place

Json = dict[str, Any]


@dataclass(slots=True)
class ResponseDraft:
    """One response under way; ``created`` is in seconds, ``token`` makes the ids of its items."""

    token: str
    created: int
    model: str
    prompt_tokens: int
    instructions: str | None = None
    metadata: dict[str, str] | None = None
    _sent: int = field(default=0, init=False)

    def whole(self, reply: Reply, hits: Sequence[Hit]) -> Json:
        """The body of an answer that is not streamed."""
        output = [
            self._search(_query(reply), hits),
            self._message(_text_part(reply.text, reply.sources), "completed"),
        ]
        return self._response("completed", output, reply)

    def opening(self) -> Iterator[Json]:
        """The first events, which need no reply yet."""
        for name in ("created", "in_progress"):
            yield self._event(name, response=self._response("in_progress", []))

    def spoken(self, part: Spoken) -> Iterator[Json]:
        """The events of a part, while the rest is still being written."""
        if part.start == 0:
            yield from self._search_events(part.query, part.hits)
            yield from self._message_opening()
        yield from self._text_events(part.text, part.sources)

    def events(self, reply: Reply, hits: Sequence[Hit], since: int = 0) -> Iterator[Json]:
        """All events after the opening ones; after those of the first ``since`` characters, where
        these were spoken already."""
        if since == 0:
            yield from self._search_events(_query(reply), hits)
            yield from self._message_opening()
        for text, cited in steps(reply, since):
            yield from self._text_events(text, cited)
        yield from self._message_closing(reply)
        yield self._event("completed", response=self.whole(reply, hits))

    def failure(self, message: str) -> Json:
        """The last event of an answer that could not be finished."""
        response = self._response("failed", [])
        response["error"] = {"code": "server_error", "message": message}
        return self._event("failed", response=response)

    def _search_events(self, query: str, hits: Sequence[Hit]) -> Iterator[Json]:
        done = self._search(query, hits)
        begun = {**done, "status": "in_progress", "results": None}
        yield self._event("output_item.added", output_index=0, item=begun)
        for step in ("in_progress", "searching", "completed"):
            yield self._event(f"file_search_call.{step}", output_index=0, item_id=done["id"])
        yield self._event("output_item.done", output_index=0, item=done)

    def _message_opening(self) -> Iterator[Json]:
        part = _text_part("", ())
        begun = {**self._message(part, "in_progress"), "content": []}
        yield self._event("output_item.added", output_index=1, item=begun)
        yield self._event("content_part.added", **self._at(), part=part)

    def _text_events(self, text: str, cited: Sequence[Source]) -> Iterator[Json]:
        yield self._event("output_text.delta", **self._at(), delta=text, logprobs=[])
        for source in cited:
            yield self._event(
                "output_text.annotation.added",
                **self._at(),
                annotation_index=source.n - 1,  # sources are numbered in their order
                annotation=_annotation(source),
            )

    def _message_closing(self, reply: Reply) -> Iterator[Json]:
        part = _text_part(reply.text, reply.sources)
        yield self._event("output_text.done", **self._at(), text=reply.text, logprobs=[])
        yield self._event("content_part.done", **self._at(), part=part)
        yield self._event("output_item.done", output_index=1, item=self._message(part, "completed"))

    def _at(self) -> Json:
        return {"output_index": 1, "item_id": f"msg_{self.token}", "content_index": 0}

    def _event(self, name: str, **data: Any) -> Json:
        number, self._sent = self._sent, self._sent + 1
        return {"type": f"response.{name}", "sequence_number": number, **data}

    def _response(self, status: str, output: list[Json], reply: Reply | None = None) -> Json:
        return {
            "id": f"resp_{self.token}",
            "object": "response",
            "created_at": self.created,
            "status": status,
            "error": None,
            "incomplete_details": None,
            "instructions": self.instructions,
            "metadata": self.metadata or {},
            "model": self.model,
            "output": output,
            "parallel_tool_calls": False,
            "previous_response_id": None,
            "store": False,
            "temperature": 0.0,
            "text": {"format": {"type": "text"}},
            "tool_choice": "none",
            "tools": [],
            "top_p": 1.0,
            "truncation": "disabled",
            "usage": self._usage(reply) if reply else None,
            **({"sextant": reply.about} if reply else {}),
        }

    def _search(self, query: str, hits: Sequence[Hit]) -> Json:
        return {
            "type": "file_search_call",
            "id": f"fs_{self.token}",
            "status": "completed",
            "queries": [query],
            "results": [_result(hit) for hit in hits],
        }

    def _message(self, part: Json, status: str) -> Json:
        return {
            "type": "message",
            "id": f"msg_{self.token}",
            "status": status,
            "role": "assistant",
            "content": [part],
        }

    def _usage(self, reply: Reply) -> Json:
        written = count_tokens(reply.text)
        return {
            "input_tokens": self.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": written,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": self.prompt_tokens + written,
        }


def _query(reply: Reply) -> str:
    return str(reply.about.get("rewritten") or reply.about["question"])


def _text_part(text: str, sources: Sequence[Source]) -> Json:
    return {
        "type": "output_text",
        "text": text,
        "annotations": [_annotation(source) for source in sources],
        "logprobs": [],
    }


def _annotation(source: Source) -> Json:
    return {
        "type": "url_citation",
        "url": source.url,
        "title": source.name,
        "start_index": source.start,
        "end_index": source.end,
    }


def _result(hit: Hit) -> Json:
    """Attributes are text, numbers or booleans, as the official type has them."""
    passage, document = hit.passage, hit.document
    known = {
        "passage_id": passage.id,
        "symbol": document.symbol,
        "title": document.title,
        "place": passage_place(passage, document, document.language),
        "language": document.language,
        "date": document.date.isoformat() if document.date else None,
        "url": link(document.url, passage.page),
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "digest": document.digest,
    }
    return {
        "file_id": document.id,
        "filename": document.file,
        "score": float(hit.score),
        "text": passage.text,
        "attributes": {name: value for name, value in known.items() if value is not None},
    }
