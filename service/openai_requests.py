"""What the OpenAI-compatible routes read: requests, what of them is refused, who said what.

A parameter that these models do not name is ignored, as a client means it to be that sends it to
every server. One that would change the answer is refused: ignoring it would mislead.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from corpus import EmptyQuestion, UnsupportedParameter
from service.followup import Turn
from service.openai_reply import SOURCES_RULE
from service.schema import FiltersIn, K

MOST_INPUTS = 2_048  # texts in one embeddings request, as OpenAI has it

_TEXT = ("text", "input_text", "output_text")  # the parts of a message that are words
_ONLY_TEXT = "Sextant reads text. Send the question as text."
_NO_TOOLS = "Sextant calls no tools. Leave it out: tools may be offered, not demanded."
_NO_LOGPROBS = "quotations have no token probabilities. Leave it out."
_NO_STATE = "Sextant keeps no conversations. Send the earlier turns as input."
_ONLY_PROSE = "answers are text with citations, never JSON of a given form. Leave it out."
_NO_TOKENS = (
    "token numbers mean nothing to this encoder. Send text; in LangChain, "
    "set check_embedding_ctx_length=False."
)

_Rules = Mapping[str, tuple[Callable[[Any], bool], str]]  # field -> (does it mislead, why)


def _is_forced(choice: object) -> bool:
    """Tools that are only offered do not mislead: a model is free to call none, and front ends
    offer theirs to every model."""
    return choice not in (None, "none", "auto")


def _is_not_text(form: object) -> bool:
    return isinstance(form, Mapping) and form.get("type", "text") != "text"


def _has_other_format(text: object) -> bool:
    return isinstance(text, Mapping) and _is_not_text(text.get("format"))


_CHAT: _Rules = {
    "n": (lambda n: n not in (None, 1), "there is one answer. Leave it out."),
    "tool_choice": (_is_forced, _NO_TOOLS),
    "function_call": (_is_forced, _NO_TOOLS),
    "response_format": (_is_not_text, _ONLY_PROSE),
    "logprobs": (bool, _NO_LOGPROBS),
    "top_logprobs": (bool, _NO_LOGPROBS),
    "modalities": (lambda kinds: bool(kinds) and kinds != ["text"], "answers are text."),
    "audio": (bool, "answers are text."),
}
_RESPONSES: _Rules = {
    "tool_choice": (_is_forced, _NO_TOOLS),
    "text": (_has_other_format, _ONLY_PROSE),
    "top_logprobs": (bool, _NO_LOGPROBS),
    "previous_response_id": (bool, _NO_STATE),
    "conversation": (bool, _NO_STATE),
    "prompt": (bool, "Sextant stores no prompts. Send the question as input."),
    "background": (bool, "an answer is given at once, to whoever asked. Leave it out."),
}


class SextantOptions(BaseModel):
    """Our own field of a chat or responses request: ``extra_body={"sextant": {...}}``."""

    model_config = ConfigDict(extra="forbid")

    k: K = 10
    filters: FiltersIn | None = None
    source_list: StrictBool = Field(
        default=True, description="Whether the text ends with the list of its sources."
    )


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="allow")


class Part(_Lenient):
    type: StrictStr
    text: StrictStr | None = None


class Message(_Lenient):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: StrictStr | list[Part] | None = None


class StreamOptions(_Lenient):
    include_usage: StrictBool | None = False


class ChatIn(_Lenient):
    """The last user message is the question; earlier turns complete it. System messages are
    read by nobody: answers come from the documents alone."""

    model: StrictStr
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: StrictBool | None = False
    stream_options: StreamOptions | None = None
    sextant: SextantOptions = SextantOptions()


class Item(_Lenient):
    """An input item of a responses request; other types than messages hold no words of anyone."""

    type: StrictStr = "message"
    role: StrictStr | None = None
    content: StrictStr | list[Part] | None = None


class ResponsesIn(_Lenient):
    model: StrictStr
    input: StrictStr | Annotated[list[Item], Field(min_length=1)]
    instructions: StrictStr | None = None
    metadata: dict[str, str] | None = None
    stream: StrictBool | None = False
    sextant: SextantOptions = SextantOptions()


class EmbeddingsIn(_Lenient):
    model: StrictStr
    input: StrictStr | Annotated[list[Any], Field(min_length=1, max_length=MOST_INPUTS)]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: Annotated[StrictInt, Field(ge=1)] | None = None
    input_type: Literal["query", "passage"] = Field(
        default="passage", description="For encoders that read questions and passages differently."
    )

    def texts(self) -> list[str]:
        """Raises UnsupportedParameter when any of them is not text."""
        given = [self.input] if isinstance(self.input, str) else self.input
        if not all(isinstance(text, str) for text in given):
            raise UnsupportedParameter("input", _NO_TOKENS)
        return given


def conversation(request: ChatIn | ResponsesIn) -> tuple[str, tuple[Turn, ...]]:
    """(the question, the turns before it, oldest first).

    Raises EmptyQuestion without a user message; UnsupportedParameter for what would mislead, and
    for a question that is not all text.
    """
    if isinstance(request, ChatIn):
        _refuse(request.model_extra or {}, _CHAT)
        return _spoken("messages", request.messages)
    _refuse(request.model_extra or {}, _RESPONSES)
    if isinstance(request.input, str):
        return request.input, ()
    if any(item.type == "item_reference" for item in request.input):
        raise UnsupportedParameter("input", _NO_STATE)
    return _spoken("input", [item for item in request.input if item.type == "message"])


def _refuse(given: Mapping[str, Any], rules: _Rules) -> None:
    for field, (misleads, why) in rules.items():
        if misleads(given.get(field)):
            raise UnsupportedParameter(field, why)


def _spoken(field: str, messages: Sequence[Message | Item]) -> tuple[str, tuple[Turn, ...]]:
    asked = max((at for at, each in enumerate(messages) if each.role == "user"), default=None)
    if asked is None:
        raise EmptyQuestion
    content = messages[asked].content
    if isinstance(content, list) and any(part.type not in _TEXT for part in content):
        raise UnsupportedParameter(field, _ONLY_TEXT)
    return _text(content), tuple(_turns(messages[:asked]))


def _turns(messages: Sequence[Message | Item]) -> list[Turn]:
    turns = []
    for message in messages:
        text = _text(message.content)
        if message.role == "user" and text:
            turns.append(Turn("user", text))
        elif message.role == "assistant" and text:  # our list of sources is nobody's words
            turns.append(Turn("assistant", text.split(SOURCES_RULE)[0]))
    return turns


def _text(content: str | Sequence[Part] | None) -> str:
    if content is None or isinstance(content, str):
        return content or ""
    return "\n".join(part.text for part in content if part.type in _TEXT and part.text)
