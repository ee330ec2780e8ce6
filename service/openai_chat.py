"""A reply as a chat completion, whole or in chunks, with its citations wherever clients look:
``annotations`` as the official types have them, ``citations`` and ``search_results`` at the top
for those that expect them there, and an ``event`` per source for front ends that show passages.

Pure. Offsets count Unicode code points of the content, end exclusive.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from service.openai_reply import Reply, Source, Spoken, count_tokens, steps

Json = dict[str, Any]


@dataclass(slots=True)
class Completion:
    """What all parts of one completion share; ``created`` is in seconds."""

    id: str
    created: int
    model: str
    prompt_tokens: int
    _shown: set[str] = field(default_factory=set, init=False)  # addresses of passages, in a stream

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

    def spoken(self, part: Spoken) -> Iterator[Json]:
        """The chunks of a part, while the rest is still being written."""
        yield from self._events(part.sources)
        yield from self._content(part.text, part.sources)

    def chunks(self, reply: Reply, *, include_usage: bool, since: int = 0) -> Iterator[Json]:
        """All chunks after the opening one; after those of the first ``since`` characters, where
        these were spoken already."""
        yield from self._events([source for source in reply.sources if source.end > since])
        for text, cited in steps(reply, since):
            yield from self._content(text, cited)
        yield {**self._chunk({}, finish_reason="stop"), **_beside(reply)}
        if include_usage:
            yield {**self._chunk({}), "choices": [], "usage": self._usage(reply)}

    def _events(self, sources: Sequence[Source]) -> Iterator[Json]:
        """Come before the text, so that its markers lead somewhere."""
        for source in sources:
            passage = _passage(source, self._key(source))
            yield {**self._chunk({}), "event": {"type": "source", "data": passage}}

    def _key(self, source: Source) -> str:
        """Open WebUI counts what has one key as one source, and takes an annotation for a source
        too, with its address as the key. So the first passage of an address has the address, for
        annotations to add nothing; the next of that address has a key of its own."""
        if source.url in self._shown:
            return source.key
        self._shown.add(source.url)
        return source.url

    def _content(self, text: str, cited: Sequence[Source]) -> Iterator[Json]:
        yield self._chunk({"content": text})
        if cited:
            yield self._chunk({"annotations": [_annotation(source) for source in cited]})

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


def _passage(source: Source, key: str) -> Json:
    """A source with the text of its passage, in the form of Open WebUI. ``external`` keeps the
    name where the key is an address; the address itself would be shown else, and asked for an
    icon elsewhere."""
    about = {"source": key, "name": source.name, "source_url": source.url, "external": True}
    shown: Json = {
        "source": {"id": key, "name": source.name, "url": source.url},
        "document": [source.passage.text],
        "metadata": [about],
    }
    if source.score is not None:
        shown["distances"] = [source.score]
    return shown
