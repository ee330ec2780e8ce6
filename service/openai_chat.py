"""A reply as a chat completion, whole or in chunks, with its citations wherever clients look:
``annotations`` as the official types have them, ``citations`` and ``search_results`` at the top
for those that expect them there, and an ``event`` per source for front ends that show passages.

Pure. Offsets count Unicode code points of the content, end exclusive.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.openai_reply import Reply, Source, count_tokens, steps

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Completion:
    """What all parts of one completion share; ``created`` is in seconds."""

    id: str
    created: int
    model: str
    prompt_tokens: int

    def whole(self, reply: Reply) -> Json:
        """The body of an answer that is not streamed."""
        message = {
            "role": "assistant",
            "content": reply.text,
            "refusal": None,
            "annotations": [_annotation(source) for source in reply.sources],
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
            "usage": self._usage(reply),
            **_beside(reply),
        }

    def opening(self) -> Json:
        """The first chunk, which needs no reply yet."""
        return self._chunk({"role": "assistant", "content": ""})

    def chunks(self, reply: Reply, *, include_usage: bool) -> Iterator[Json]:
        """All chunks after the opening one."""
        for source in reply.sources:  # before the text, so that its markers lead somewhere
            yield {**self._chunk({}), "event": {"type": "source", "data": _passage(source)}}
        for part, cited in steps(reply):
            yield self._chunk({"content": part})
            if cited:
                yield self._chunk({"annotations": [_annotation(source) for source in cited]})
        yield {**self._chunk({}, finish_reason="stop"), **_beside(reply)}
        if include_usage:
            yield {**self._chunk({}), "choices": [], "usage": self._usage(reply)}

    def _chunk(self, delta: Json, finish_reason: str | None = None) -> Json:
        """``choices`` is never empty but in the chunk with the usage: clients index it."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": [choice],
        }

    def _usage(self, reply: Reply) -> Json:
        written = count_tokens(reply.text)
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": written,
            "total_tokens": self.prompt_tokens + written,
        }


def _annotation(source: Source) -> Json:
    return {
        "type": "url_citation",
        "url_citation": {
            "url": source.url,
            "title": source.name,
            "start_index": source.start,
            "end_index": source.end,
        },
    }


def _beside(reply: Reply) -> Json:
    """``citations[n - 1]`` is what the marker ``[n]`` stands for."""
    return {
        "citations": [source.url for source in reply.sources],
        "search_results": [
            {
                "title": source.name,
                "url": source.url,
                "date": source.document.date.isoformat() if source.document.date else None,
            }
            for source in reply.sources
        ],
        "sextant": reply.about,
    }


def _passage(source: Source) -> Json:
    """A source with the text of its passage, in the form of Open WebUI."""
    about = {"source": source.key, "name": source.name, "source_url": source.url}
    shown: Json = {
        "source": {"id": source.key, "name": source.name, "url": source.url},
        "document": [source.passage.text],
        "metadata": [about],
    }
    if source.score is not None:
        shown["distances"] = [source.score]
    return shown
