"""Gold files: what is read, what is refused and where; that the sets we keep say what they mean."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from corpus import LANGUAGES, BadGoldLine, read_corpus
from eval import Folded, Locator, Quotation, Source, locate, named, places, read_gold

GOLD = Path(__file__).resolve().parents[2] / "eval" / "gold"
SETS = ("un_space.dev.jsonl", "un_space.test.jsonl")
LONGEST_END = 12  # characters of a locator's end: the documents are not ours

LINE: dict[str, Any] = {
    "id": "x1",
    "doc": "a.txt",
    "kind": "factoid",
    "paraphrased": True,
    "question": {"en": "Who?", "zh": "谁？"},
    "evidence": ["The committee.", {"from": "one", "to": "two", "paragraph": "48"}],
    "answer": {"en": "The committee"},
    "paragraph": "48",
}
UNANSWERABLE = {
    "id": "x2",
    "doc": None,
    "kind": "unanswerable",
    "paraphrased": False,
    "question": {"ru": "Кто?"},
    "evidence": [],
    "answer": None,
    "paragraph": None,
}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "set.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts), encoding="utf-8")
    return path


def test_a_set_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, LINE, "", UNANSWERABLE)
    gold = read_gold(path)
    first, second = gold.questions
    assert gold.sha256 == sha256(path.read_bytes()).hexdigest()
    assert (first.id, first.doc, first.kind, first.paraphrased) == ("x1", "a.txt", "factoid", True)
    assert list(first.question) == ["zh", "en"]  # in the order of LANGUAGES
    assert first.evidence == (Quotation("The committee."), Locator("one", "two", "48"))
    assert (first.answer, first.paragraph, first.line) == ({"en": "The committee"}, "48", 1)
    assert (second.doc, second.evidence, second.answer, second.line) == (None, (), {}, 3)


def test_a_line_separator_in_a_text_does_not_end_the_line(tmp_path: Path) -> None:
    path = tmp_path / "set.jsonl"
    line = {**LINE, "question": {"en": "One\u2028two?"}}
    path.write_text("\ufeff" + json.dumps(line, ensure_ascii=False) + "\r\n", encoding="utf-8")
    assert read_gold(path).questions[0].question["en"] == "One\u2028two?"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"id": ""}, "'id'"),
        ({"id": 7}, "'id'"),
        ({"kind": "riddle"}, "'kind' is 'riddle'"),
        ({"paraphrased": "yes"}, "'paraphrased'"),
        ({"question": {}}, "'question'"),
        ({"question": "Who?"}, "'question'"),
        ({"question": {"de": "Wer?"}}, "the language 'de'"),
        ({"question": {"en": " "}}, "'en'"),
        ({"answer": {"en": 3}}, "'en'"),
        ({"answer": "x"}, "'answer'"),
        ({"evidence": "quote"}, "'evidence' must be a list"),
        ({"evidence": []}, "'evidence' is empty"),
        ({"evidence": [""]}, "an item of 'evidence'"),
        ({"evidence": [{"from": "one"}]}, "'to'"),
        ({"evidence": [{"from": "a", "to": "b", "paragraph": 4}]}, "'paragraph'"),
        ({"doc": None}, "'doc' is missing"),
        ({"doc": 3}, "'doc'"),
        ({"kind": "unanswerable"}, "unanswerable"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, change: dict[str, Any], why: str) -> None:
    path = written(tmp_path, UNANSWERABLE, {**LINE, **change})
    with pytest.raises(BadGoldLine) as caught:
        read_gold(path)
    assert why in str(caught.value)
    assert (caught.value.path, caught.value.line) == (path, 2)


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"", 1, "no question"),
        (b"\n{", 2, "not JSON"),
        (b"[]", 1, "not a JSON object"),
        (b'{"id": "\xff"}', 1, "not UTF-8"),
    ],
)
def test_what_is_not_a_line_at_all(tmp_path: Path, content: bytes, line: int, why: str) -> None:
    path = tmp_path / "set.jsonl"
    path.write_bytes(content)
    with pytest.raises(BadGoldLine, match=why) as caught:
        read_gold(path)
    assert caught.value.line == line


def test_an_id_used_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadGoldLine, match="'x1' is that of line 1 too") as caught:
        read_gold(written(tmp_path, LINE, LINE))
    assert caught.value.line == 2


@pytest.fixture(scope="module")
def sources(real_corpus: Path) -> list[Source]:
    return [Source.of(document, {}) for document in read_corpus(real_corpus).documents]


@pytest.mark.parametrize("name", SETS)
def test_every_locator_stands_once_in_its_document(name: str, sources: list[Source]) -> None:
    wrong = []
    for question in read_gold(GOLD / name).questions:
        documents = named(question.doc, sources) if question.doc else []
        wrong += [question.id] * (len(documents) != (question.doc is not None))
        for evidence in question.evidence:
            found = [place for source in documents for place in places(evidence, source)]
            if len(found) != 1:
                wrong.append(f"{question.id}: {evidence} stands {len(found)} times")
    assert wrong == []


@pytest.mark.parametrize("name", SETS)
def test_the_paragraph_is_that_of_the_first_evidence(name: str, sources: list[Source]) -> None:
    for question in read_gold(GOLD / name).questions:
        if question.doc is None:
            continue
        (source,) = named(question.doc, sources)
        (span,) = locate(question.evidence[0], [source])
        labels = [p.label for p in source.paragraphs if p.start <= span.start < p.end]
        if question.paragraph is not None:
            assert labels == [Folded.of(question.paragraph).text], question.id


def test_the_sets_are_what_they_promise() -> None:
    questions = [one for name in SETS for one in read_gold(GOLD / name).questions]
    assert len({one.id for one in questions}) == len(questions) >= 120
    assert all(tuple(one.question) == LANGUAGES for one in questions)
    assert sum(one.kind == "unanswerable" for one in questions) == 25
    assert sum(one.paraphrased for one in questions) >= 0.4 * len(questions)
    locators = [each for one in questions for each in one.evidence]
    assert all(isinstance(each, Locator) for each in locators)
    ends = [end for each in locators for end in (each.begins, each.ends)]
    assert max(map(len, ends)) <= LONGEST_END
