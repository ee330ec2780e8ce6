"""The three tools that assistants call by MCP: search, fetch and ask.

``search`` and ``fetch`` have the form that connectors expect: one text item that holds JSON. The
same object is the structured content.
"""

import json
from collections.abc import Callable
from typing import Any

from mcp_types import CallToolResult, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, StrictStr, ValidationError

from corpus import Document, InputError, Passage, SextantError, UnknownPassage
from index import Index
from service.answer import Asker
from service.openai_reply import address, address_of, reply_to_answer
from service.serialise import answer_json
from service.wording import passage_place

Json = dict[str, Any]

_READS_ONLY = ToolAnnotations(
    read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False
)


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchArguments(_Arguments):
    query: StrictStr = Field(description="What to look for, in zh, en, fr, es, ru or ar.")


class FetchArguments(_Arguments):
    id: StrictStr = Field(description="An id that search gave, or the id of a document.")


class AskArguments(_Arguments):
    question: StrictStr = Field(description="A question, in zh, en, fr, es, ru or ar.")


class Found(BaseModel):
    id: str
    title: str = Field(description="Where the passage stands, and the document's title.")
    url: str


class Results(BaseModel):
    results: list[Found] = Field(description="Passages, best first.")


class Fetched(BaseModel):
    id: str
    title: str
    text: str
    url: str
    metadata: dict[str, str]


class Cited(BaseModel):
    """``quote`` is exact: the document's text from ``start`` to ``end``, in code points."""

    n: int = Field(description="The number of its marker in the answer.")
    quote: str
    start: int
    end: int
    document_id: str
    passage_id: str
    symbol: str | None
    title: str
    paragraph: str | None
    page: int | None
    url: str | None


class Answered(BaseModel):
    answer: str
    language: str
    abstained: bool = Field(description="True when the documents do not answer.")
    reason: str | None
    confidence: float = Field(description="0 to 1")
    uncertain: bool = Field(description="True when such answers are more often wrong than right.")
    citations: list[Cited]


_SHAPES: dict[str, tuple[type[_Arguments], type[BaseModel], str, str]] = {
    "search": (
        SearchArguments,
        Results,
        "Search official documents",
        "Finds the passages of the indexed official documents that are nearest to a query, in "
        "whatever of the six languages either is written. Fetch a result to read it.",
    ),
    "fetch": (
        FetchArguments,
        Fetched,
        "Read a passage",
        "The text of a passage that search found, or of a whole document, with its symbol, "
        "paragraph labels, date and address.",
    ),
    "ask": (
        AskArguments,
        Answered,
        "Ask official documents",
        "An answer made of exact quotations, each with the paragraph it stands in; or the word "
        "that the documents do not answer. Keep the quotations and their citations as they are.",
    ),
}


def tools() -> list[Tool]:
    """What a client is told of the tools."""
    return [
        Tool(
            name=name,
            title=title,
            description=description,
            input_schema=arguments.model_json_schema(),
            output_schema=result.model_json_schema(),
            annotations=_READS_ONLY.model_copy(update={"title": title}),
        )
        for name, (arguments, result, title, description) in _SHAPES.items()
    ]


class Toolbox:
    """Runs the tools; ``index`` gives the index to read from."""

    def __init__(self, asker: Asker, index: Callable[[], Index]) -> None:
        self._asker = asker
        self._index = index

    def call(self, name: str, arguments: Json, site: str | None) -> CallToolResult:
        """The result, or one that says what was wrong, so that a model can try again.

        ``site`` is the address at which the client reaches this server, if it does by one.
        """
        runs = {"search": self._search, "fetch": self._fetch, "ask": self._ask}
        try:
            if name not in runs:
                raise InputError(f"There is no tool '{name}'. Tools: {', '.join(runs)}.")
            return runs[name](arguments, site)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            return _failed(f"Argument '{field}': {first['msg']}.")
        except SextantError as error:
            return _failed(str(error))

    def _search(self, arguments: Json, site: str | None) -> CallToolResult:
        result = self._asker.search(SearchArguments.model_validate(arguments).query)
        found = []
        for hit in result.hits:
            where = passage_place(hit.passage, hit.document, result.language)
            url = address_of(hit.passage, hit.document, site)
            found.append(Found(id=hit.passage.id, title=_titled(where, hit.document), url=url))
        return _json_item(Results(results=found))

    def _fetch(self, arguments: Json, site: str | None) -> CallToolResult:
        id = FetchArguments.model_validate(arguments).id
        index = self._index()
        if id in index.documents:
            return _json_item(_whole(index.documents[id], site))
        try:
            passage = index.passage(id)
        except UnknownPassage:
            raise InputError(
                f"Nothing has the id '{id}'. Ids come with the results of search, and change "
                "when the documents do."
            ) from None
        return _json_item(_part(passage, index.document(passage.document_id), site))

    def _ask(self, arguments: Json, site: str | None) -> CallToolResult:
        answer = self._asker.ask(AskArguments.model_validate(arguments).question)
        structured = Answered.model_validate(answer_json(answer))
        return CallToolResult(
            content=[TextContent(text=reply_to_answer(answer, site).text)],
            structured_content=structured.model_dump(mode="json"),
        )


def _whole(document: Document, site: str | None) -> Fetched:
    return Fetched(
        id=document.id,
        title=document.title,
        text=document.text,
        url=address(document, None, None, site),
        metadata=_metadata(document),
    )


def _part(passage: Passage, document: Document, site: str | None) -> Fetched:
    known = {
        "document_id": document.id,
        "paragraphs": ", ".join(passage.paragraphs),
        "heading": " › ".join(passage.heading),
        "note": passage.note,
        "page": str(passage.page) if passage.page is not None else None,
    }
    return Fetched(
        id=passage.id,
        title=_titled(passage_place(passage, document, document.language), document),
        text=passage.text,
        url=address_of(passage, document, site),
        metadata=_metadata(document) | {name: value for name, value in known.items() if value},
    )


def _titled(where: str, document: Document) -> str:
    return where if document.title in where else f"{where} — {document.title}"


def _metadata(document: Document) -> dict[str, str]:
    known = {
        "symbol": document.symbol,
        "document_title": document.title,
        "language": document.language,
        "publisher": document.publisher,
        "date": document.date.isoformat() if document.date else None,
        "file": document.file,
        "digest": "true" if document.digest else None,
    }
    return {name: value for name, value in known.items() if value}


def _json_item(result: BaseModel) -> CallToolResult:
    body = result.model_dump(mode="json")
    text = json.dumps(body, ensure_ascii=False)
    return CallToolResult(content=[TextContent(text=text)], structured_content=body)


def _failed(why: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=why)], is_error=True)
