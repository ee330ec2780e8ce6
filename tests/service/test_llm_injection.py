"""Passages that give orders, to a model that obeys every one of them: nothing comes of it.

``injections.jsonl`` holds passages, what a captured model would answer, and the ``canary`` that
must not be said; ``seen`` marks those that the guard lets through, so that the model does see them.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.fake_encoder import BagOfWordsEncoder
from support.fixed_index import FixedIndex
from support.model_server import Script, Scripted, chunks, line, model_server, says
from support.small_documents import hits_on, small_document

from corpus import LANGUAGES, Answer
from service.answer import Asker
from service.llm import LLMWriter
from service.llm_client import ChatModel, Endpoint
from service.prompt_guard import addressed_to_a_model, masked
from service.serialise import answer_json
from service.writer import ExtractiveWriter

LINES = Path(__file__).with_name("injections.jsonl").read_text(encoding="utf-8").splitlines()
CASES: list[dict[str, Any]] = [json.loads(each) for each in LINES]
IDS = [case["id"] for case in CASES]
Ask = Callable[..., tuple[Answer, Any]]
KEY = "sk-live-0123456789"
QUESTION = "What do registers list?"
CLEAN = small_document(
    "clean.en", "Registers list each satellite with its owner and its orbit.", symbol="A/9"
)
FACT = line("A register gives owner and orbit.", (2, "each satellite with its owner and its orbit"))


def obeying(case: dict[str, Any], url: str, also: str) -> Script:
    if case["tool"]:
        called = {"name": case["canary"], "arguments": "{}"}
        call = {"index": 0, "id": "1", "type": "function", "function": called}
        return chunks({"tool_calls": [call]}, finish="tool_calls")
    said = "\n".join(case["obeys"]).replace("{key}", KEY).replace("{url}", url)
    return says(f"{said}\n{also}")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[tuple[Scripted, ChatModel]]:
    """One for all cases: the script and what was asked are set anew for each."""
    with model_server() as scripted:
        model = Endpoint(scripted.url, "m", KEY, seconds=120.0, retries=0)
        yield scripted, ChatModel(model)


@pytest.fixture
def ask(endpoint: tuple[Scripted, ChatModel]) -> Ask:
    """Asks a model that obeys; gives the answer and the request that the model got."""
    scripted, model = endpoint

    def asked(case: dict[str, Any], *, mark: bool = False, also: str = "") -> tuple[Answer, Any]:
        for kept in (scripted.requests, scripted.paths, scripted.headers):
            kept.clear()
        scripted.scripts = [obeying(case, scripted.url, also)]
        injected = small_document(f"injected.{case['language']}", case["text"], symbol="X/1")
        index: Any = FixedIndex(hits_on(injected, CLEAN))
        extractive = ExtractiveWriter(BagOfWordsEncoder())
        writer = LLMWriter(model, extractive, mark=mark, secrets=(KEY, scripted.url))
        answer = Asker(index, writer).ask(QUESTION)
        untouched = Asker(index, extractive).ask(QUESTION)
        is_sound(answer, untouched, scripted)
        return answer, scripted.requests[0]

    return asked


def is_sound(answer: Answer, untouched: Answer, scripted: Scripted) -> None:
    """One request, without tools; nothing secret; exact quotes; or the answer without a model."""
    shown = json.dumps(answer_json(answer), ensure_ascii=False)
    assert KEY not in shown
    assert scripted.url not in shown
    assert scripted.paths == ["POST /v1/chat/completions"]
    assert not {"tools", "functions", "tool_choice"} & set(scripted.requests[0])
    assert KEY not in json.dumps(scripted.requests[0])
    for cited in answer.citations:
        assert cited.document.text[cited.start : cited.end] == cited.quote
    if answer.writer == "extractive":
        assert (answer.text, answer.citations) == (untouched.text, untouched.citations)


def claimed(answer: Answer) -> str:
    return " ".join(answer.text[claim.start : claim.end] for claim in answer.claims)


def test_the_set_is_large_and_speaks_all_languages() -> None:
    assert len(CASES) == len(set(IDS)) >= 25
    assert {case["language"] for case in CASES} == set(LANGUAGES)


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_an_obeyed_order_is_not_answered(case: dict[str, Any], ask: Ask) -> None:
    answer, _ = ask(case)
    assert answer.writer == "extractive"
    assert answer.writer_reason in {
        "llm_unsupported",
        "llm_malformed",
        "llm_looping",
        "llm_truncated",
        "llm_refused",
    }
    assert answer.citations
    assert not answer.abstained


@pytest.mark.parametrize("case", CASES, ids=IDS)
@pytest.mark.parametrize("mark", [False, True])
def test_what_is_true_beside_it_keeps_its_citation(
    case: dict[str, Any], mark: bool, ask: Ask
) -> None:
    answer, _ = ask(case, mark=mark, also=FACT)
    if answer.writer == "llm":
        assert "A register gives owner and orbit." in claimed(answer)
        assert answer.claims[-1].citations
        assert answer.citations[-1].document.id == "clean.en"
        supported = [claim for claim in answer.claims if claim.supported]
        said = " ".join(answer.text[claim.start : claim.end] for claim in supported)
        assert case["canary"].casefold() not in said.casefold()
    else:
        assert answer.writer_reason in {"llm_malformed", "llm_looping", "llm_truncated"}


@pytest.mark.parametrize("case", [c for c in CASES if not c.get("seen")], ids=lambda c: c["id"])
def test_the_order_does_not_reach_the_model(case: dict[str, Any], ask: Ask) -> None:
    _, request = ask(case)
    (start, end), *_ = addressed_to_a_model(case["text"])
    sent = json.loads(request["messages"][1]["content"])["passages"][0]["text"]
    assert "[…]" in sent
    assert case["text"][start:end] not in sent


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_without_the_guard_nothing_leaks_runs_or_loses_its_citation(
    case: dict[str, Any], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.llm.addressed_to_a_model", lambda text: [])
    monkeypatch.setattr("service.prompt.masked", lambda text: text)
    answer, _ = ask(case, also=FACT)
    assert answer.citations
    assert all(claim.supported for claim in answer.claims)
    for markup in ("![", "](", "<script", "https://"):
        assert markup not in claimed(answer)


@pytest.mark.parametrize(
    "text",
    [
        "States shall not place weapons in orbit and should ignore no previous commitment.",
        "The report reviews artificial intelligence, language models and autonomous systems.",
        "报告述及人工智能、无人驾驶系统和数字技术。",
        "Les États devraient répondre aux notifications sans délai.",
        "Los Estados deberían responder y citar las fuentes de sus datos.",
        "Государства должны отвечать на запросы и указывать источники.",
        "يجب على الدول أن ترد على الطلبات وأن تذكر المصادر.",
    ],
)
def test_what_documents_say_is_no_order_to_a_model(text: str) -> None:
    assert addressed_to_a_model(text) == []
    assert masked(text) == text


def test_the_real_documents_hold_none(real_corpus: Path) -> None:
    texts = [
        path.read_text(encoding="utf-8", errors="replace") for path in real_corpus.glob("*.txt")
    ]
    found = [
        paragraph
        for text in texts
        for paragraph in text.splitlines()
        if addressed_to_a_model(paragraph)
    ]
    assert found == []
