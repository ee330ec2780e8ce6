"""The official clients against the app on the loopback: openai (sync and async), LangChain."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from starlette.applications import Starlette
from support.chats import BEYOND_PLANE, BEYOND_QUESTION, QUESTION, chat_app, chat_data
from support.fake_encoder import BagOfWordsEncoder
from support.server import serving

from corpus import InputError, SextantError
from service.langchain import SextantRetriever

MODEL, SEARCH, ENCODER = "sextant", "sextant-search", "bag-of-words"
ANSWER = "Debris in low orbit endangers every active satellite."


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = chat_data(tmp_path_factory.mktemp("data"))
    with serving(chat_app(data)) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as client:
        yield client


def asked(question: str = QUESTION) -> Any:
    return [{"role": "user", "content": question}]


# openai, chat


def test_a_chat_is_answered_with_citations_that_stand_in_it(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(model=MODEL, messages=asked())
    message = completion.choices[0].message
    assert completion.object == "chat.completion"
    assert completion.choices[0].finish_reason == "stop"
    assert message.role == "assistant"
    assert message.content is not None
    assert message.annotations
    cited = message.annotations[0].url_citation
    assert message.content[cited.start_index : cited.end_index] == ANSWER
    assert cited.title == "A/XX.1/77, para. 1"
    assert cited.url.endswith("/d/orbits.en#para-1")
    assert completion.usage is not None
    assert completion.usage.total_tokens == (
        completion.usage.prompt_tokens + completion.usage.completion_tokens
    )
    assert completion.usage.prompt_tokens == 7  # six words and a mark


def test_a_streamed_chat_adds_up_to_the_whole_one(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model=MODEL, messages=asked()).choices[0].message
    stream = client.chat.completions.create(
        model=MODEL, messages=asked(), stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert {(chunk.id, chunk.created, chunk.model) for chunk in chunks} == {
        (chunks[0].id, chunks[0].created, MODEL)
    }
    assert chunks[0].choices[0].delta.role == "assistant"
    *told, last = chunks
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.completion_tokens > 0
    assert all(len(chunk.choices) == 1 for chunk in told)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in told) == whole.content
    assert [chunk.choices[0].finish_reason for chunk in told][-1] == "stop"
    assert all(chunk.choices[0].finish_reason is None for chunk in told[:-1])
    annotations = [
        each
        for chunk in told
        for each in (chunk.choices[0].delta.model_extra or {}).get("annotations", [])
    ]
    assert whole.annotations is not None
    assert annotations == [each.model_dump() for each in whole.annotations]


def test_the_client_accumulates_a_stream(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model=MODEL, messages=asked()) as stream:
        final = stream.get_final_completion()
    assert ANSWER in (final.choices[0].message.content or "")


def test_a_chat_is_answered_to_the_async_client(url: str) -> None:
    async def ask() -> tuple[str | None, str]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none") as client:
            whole = await client.chat.completions.create(model=MODEL, messages=asked())
            stream = await client.chat.completions.create(
                model=MODEL, messages=asked(), stream=True
            )
            parts = [chunk.choices[0].delta.content or "" async for chunk in stream]
        return whole.choices[0].message.content, "".join(parts)

    whole, streamed = asyncio.run(ask())
    assert whole == streamed
    assert ANSWER in streamed


def test_offsets_count_code_points_outside_the_basic_plane_too(client: openai.OpenAI) -> None:
    message = (
        client.chat.completions.create(model=MODEL, messages=asked(BEYOND_QUESTION))
        .choices[0]
        .message
    )
    assert message.content is not None
    assert message.annotations
    cited = message.annotations[0].url_citation
    assert message.content[cited.start_index : cited.end_index] == BEYOND_PLANE
    assert cited.url == "https://example.org/c-5-1.html"


def test_errors_are_those_that_the_client_knows(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-x", messages=asked())
    assert unknown.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model=MODEL, messages=asked(), n=2)
    assert (refused.value.param, refused.value.code) == ("n", "unsupported_parameter")
    assert refused.value.type == "invalid_request_error"


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    models = list(client.models.list())
    assert [model.id for model in models] == [MODEL, SEARCH, ENCODER]
    assert client.models.retrieve(SEARCH) == models[1]


# openai, responses


def test_a_response_holds_the_passages_and_the_text(client: openai.OpenAI) -> None:
    response = client.responses.create(model=MODEL, input=QUESTION, instructions="Be brief.")
    assert response.status == "completed"
    search, message = response.output
    assert search.type == "file_search_call"
    assert search.queries == [QUESTION]
    assert search.results
    assert search.results[0].file_id == "orbits.en"
    assert ANSWER in (search.results[0].text or "")
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    cited = part.annotations[0]
    assert cited.type == "url_citation"
    assert response.output_text[cited.start_index : cited.end_index] == ANSWER
    assert response.usage is not None
    assert response.usage.output_tokens > 0


def test_a_streamed_response_tells_every_step_in_order(client: openai.OpenAI) -> None:
    events = list(client.responses.create(model=MODEL, input=QUESTION, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    told = [event.type.removeprefix("response.") for event in events]
    assert list(dict.fromkeys(told)) == [
        "created",
        "in_progress",
        "output_item.added",
        "file_search_call.in_progress",
        "file_search_call.searching",
        "file_search_call.completed",
        "output_item.done",
        "content_part.added",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
        "content_part.done",
        "completed",
    ]
    deltas = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    last = events[-1]
    assert last.type == "response.completed"
    assert last.response.output_text == deltas
    added = [e.annotation for e in events if e.type == "response.output_text.annotation.added"]
    message = last.response.output[1]
    assert message.type == "message"
    part = message.content[0]
    assert part.type == "output_text"
    assert [a.model_dump() for a in added if a] == [a.model_dump() for a in part.annotations]


def test_the_client_accumulates_a_streamed_response(client: openai.OpenAI) -> None:
    with client.responses.stream(model=MODEL, input=QUESTION) as stream:
        final = stream.get_final_response()
    assert ANSWER in final.output_text


# openai, embeddings


def test_embeddings_in_base64_and_in_numbers_are_the_encoders(client: openai.OpenAI) -> None:
    texts = ["Debris in low orbit", "月球资源"]
    expected = BagOfWordsEncoder().encode_passages(texts)
    default = client.embeddings.create(model=ENCODER, input=texts)  # asks for base64
    numbers = client.embeddings.create(model=ENCODER, input=texts, encoding_format="float")
    raw = client.embeddings.create(model=ENCODER, input=texts, encoding_format="base64")
    for response in (default, numbers):
        assert [each.index for each in response.data] == [0, 1]
        np.testing.assert_array_equal(
            np.array([each.embedding for each in response.data], dtype=np.float32), expected
        )
    sent: Any = raw.data[1].embedding
    decoded = np.frombuffer(base64.b64decode(sent), dtype="<f4")
    np.testing.assert_array_equal(decoded, expected[1])
    assert default.usage.total_tokens == 8


def test_fewer_dimensions_are_unit_vectors_again(client: openai.OpenAI) -> None:
    whole = client.embeddings.create(model=ENCODER, input="Debris in low orbit").data[0].embedding
    short = client.embeddings.create(model=ENCODER, input="Debris in low orbit", dimensions=128)
    vector = np.array(short.data[0].embedding)
    assert vector.shape == (128,)
    assert np.linalg.norm(vector) == pytest.approx(1)
    np.testing.assert_allclose(vector, whole[:128] / np.linalg.norm(whole[:128]), rtol=1e-6)
    with pytest.raises(openai.BadRequestError, match="between 1 and 256"):
        client.embeddings.create(model=ENCODER, input="Debris", dimensions=257)


def test_an_async_embedding_of_a_blank_text_is_zero(url: str) -> None:
    async def embed() -> list[float]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none") as client:
            return (await client.embeddings.create(model=ENCODER, input=" ")).data[0].embedding

    assert not any(asyncio.run(embed()))


# LangChain


def chat_model(url: str, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(base_url=f"{url}/v1", api_key="none", model=MODEL, max_retries=0, **more)


def test_langchain_invokes_and_streams(url: str) -> None:
    whole = chat_model(url).invoke(QUESTION)
    assert ANSWER in str(whole.content)
    parts = list(chat_model(url, stream_usage=True).stream(QUESTION))
    assert "".join(str(part.content) for part in parts) == whole.content
    assert whole.usage_metadata is not None
    assert (
        sum((part.usage_metadata or {}).get("total_tokens", 0) for part in parts)
        == (whole.usage_metadata["total_tokens"])
    )


def test_langchain_reads_responses_with_their_citations(url: str) -> None:
    message = chat_model(url, use_responses_api=True).invoke(QUESTION)
    block = next(each for each in message.content_blocks if each["type"] == "text")
    cited: Any = block["annotations"][0]
    assert cited["type"] == "citation"
    assert block["text"][cited["start_index"] : cited["end_index"]] == ANSWER


def test_langchain_embeds_texts(url: str) -> None:
    embeddings = OpenAIEmbeddings(
        base_url=f"{url}/v1", api_key="none", model=ENCODER, check_embedding_ctx_length=False
    )
    vectors = embeddings.embed_documents(["Debris in low orbit"])
    expected = BagOfWordsEncoder().encode_passages(["Debris in low orbit"])
    np.testing.assert_array_equal(np.array(vectors, dtype=np.float32), expected)


def test_token_numbers_are_refused_with_the_setting_to_change(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="check_embedding_ctx_length"):
        client.embeddings.create(model=ENCODER, input=[[1, 2]])


def test_the_retriever_gives_the_passages_of_a_search(url: str) -> None:
    found = SextantRetriever(base_url=url, k=2).invoke(QUESTION)
    hits = httpx.post(f"{url}/api/search", json={"query": QUESTION, "k": 2}).json()["hits"]
    assert [each.page_content for each in found] == [hit["text"] for hit in hits]
    assert [each.id for each in found] == [hit["passage_id"] for hit in hits]
    first = found[0].metadata
    assert (first["symbol"], first["paragraphs"][0]) == ("A/XX.1/77", "1")
    assert first["source"] == "orbits.en.txt"
    assert asyncio.run(SextantRetriever(base_url=url, k=2).ainvoke(QUESTION)) == found


def test_the_retriever_filters_and_uses_official_addresses(url: str) -> None:
    retriever = SextantRetriever(base_url=f"{url}/", filters={"work": "beacons"})
    found = retriever.invoke(BEYOND_QUESTION)
    assert {each.metadata["work_id"] for each in found} == {"beacons"}
    assert found[0].metadata["source"] == "https://example.org/c-5-1.html"


def test_the_retriever_says_what_was_wrong(url: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="less than or equal to 100"):
        SextantRetriever(base_url=url, k=101).invoke(QUESTION)
    with serving(Starlette()) as other, pytest.raises(InputError, match="is a Sextant there"):
        SextantRetriever(base_url=str(other.base_url)).invoke(QUESTION)
    with serving(chat_app(tmp_path)) as empty, pytest.raises(SextantError, match="sextant build"):
        SextantRetriever(base_url=str(empty.base_url)).invoke(QUESTION)
