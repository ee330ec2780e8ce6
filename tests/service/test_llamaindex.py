"""The LlamaIndex retriever against the app on the loopback, alone and in a query engine."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode
from starlette.applications import Starlette
from support.chats import BEYOND_QUESTION, QUESTION, chat_app, chat_data
from support.server import serving

from corpus import InputError, SextantError
from service.llamaindex import SextantRetriever


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = chat_data(tmp_path_factory.mktemp("data"))
    with serving(chat_app(data)) as client:
        yield str(client.base_url).rstrip("/")


def searched(url: str, **more: Any) -> list[dict[str, Any]]:
    body = {"query": QUESTION, **more}
    hits: list[dict[str, Any]] = httpx.post(f"{url}/api/search", json=body).json()["hits"]
    return hits


def test_the_retriever_gives_the_passages_of_a_search(url: str) -> None:
    found = SextantRetriever(base_url=url, k=2).retrieve(QUESTION)
    hits = searched(url, k=2)
    assert [each.text for each in found] == [hit["text"] for hit in hits]
    assert [each.node_id for each in found] == [hit["passage_id"] for hit in hits]
    assert [each.score for each in found] == [hit["score"] for hit in hits]
    first = found[0]
    assert (first.metadata["symbol"], first.metadata["paragraphs"][0]) == ("A/XX.1/77", "1")
    assert first.metadata["source"] == "orbits.en.txt"
    assert first.node.ref_doc_id == "orbits.en"
    assert asyncio.run(SextantRetriever(base_url=url, k=2).aretrieve(QUESTION)) == found


def test_its_offsets_are_those_of_the_document(url: str) -> None:
    found = SextantRetriever(base_url=url, filters={"work": "beacons"}).retrieve(BEYOND_QUESTION)
    assert {each.metadata["work_id"] for each in found} == {"beacons"}
    node: Any = found[0].node
    text = httpx.get(f"{url}/api/documents/{node.ref_doc_id}").json()["text"]
    assert text[node.start_char_idx : node.end_char_idx] == node.text
    assert found[0].metadata["source"] == "https://example.org/c-5-1.html"


def test_language_versions_are_collapsed_unless_wanted(url: str) -> None:
    wanted = SextantRetriever(base_url=url, k=10, collapse=False).retrieve(QUESTION)
    assert [each.node_id for each in wanted] == [
        hit["passage_id"] for hit in searched(url, k=10, collapse=False)
    ]
    assert len(wanted) > len(SextantRetriever(base_url=url, k=10).retrieve(QUESTION))


def test_a_model_is_told_where_a_passage_stands_and_no_scores(url: str) -> None:
    [found] = SextantRetriever(base_url=f"{url}/", k=1).retrieve(QUESTION)
    told = found.node.get_content(MetadataMode.LLM)
    assert "A/XX.1/77" in told
    assert found.text in told
    assert "scores" not in told
    assert found.node.get_content(MetadataMode.EMBED) == found.text


def test_a_query_engine_answers_from_it(url: str) -> None:
    engine = RetrieverQueryEngine.from_args(SextantRetriever(base_url=url, k=2), llm=MockLLM())
    response: Any = engine.query(QUESTION)
    assert [each.node_id for each in response.source_nodes] == [
        hit["passage_id"] for hit in searched(url, k=2)
    ]
    assert "Debris in low orbit" in str(response)  # the mock repeats its prompt


def test_the_retriever_says_what_was_wrong(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="less than or equal to 100"):
        SextantRetriever(base_url=url, k=101).retrieve(QUESTION)
    with serving(Starlette()) as other, pytest.raises(InputError, match="is a Sextant there"):
        SextantRetriever(base_url=str(other.base_url)).retrieve(QUESTION)
    with serving(chat_app(tmp_path)) as empty, pytest.raises(SextantError, match="sextant build"):
        SextantRetriever(base_url=str(empty.base_url)).retrieve(QUESTION)
