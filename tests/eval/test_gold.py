"""Gold files: what is read, what is refused and where; that the sets we keep say what they mean."""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from corpus import LANGUAGES, BadGoldLine, read_corpus
from eval import (
    Folded,
    GoldQuestion,
    Locator,
    Quotation,
    Source,
    locate,
    named,
    places,
    read_gold,
)

ROOT = Path(__file__).resolve().parents[2]
GOLD = ROOT / "eval" / "gold"
HALVES = ("dev", "test")
LONGEST_END = 12  # characters of a locator's end: the documents are not ours
TREATIES = (
    "outer-space-treaty",
    "rescue-agreement",
    "liability-convention",
    "registration-convention",
    "moon-agreement",
)

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


def kept(subject: str, half: str) -> tuple[GoldQuestion, ...]:
    return read_gold(GOLD / f"{subject}.{half}.jsonl").questions


@pytest.fixture(scope="module", params=["un_space", "starter"])
def subject(request: pytest.FixtureRequest) -> tuple[str, list[Source]]:
    """The name of a set that we keep, and the documents that it asks about."""
    starter = request.param == "starter"
    folder = ROOT / "corpus" / "documents" if starter else request.getfixturevalue("real_corpus")
    return request.param, [Source.of(document, {}) for document in read_corpus(folder).documents]


@pytest.mark.parametrize("half", HALVES)
def test_every_evidence_stands_once_in_its_document(
    half: str, subject: tuple[str, list[Source]]
) -> None:
    name, sources = subject
    wrong = []
    for question in kept(name, half):
        documents = named(question.doc, sources) if question.doc else []
        wrong += [question.id] * (bool(documents) != (question.doc is not None))
        for evidence in question.evidence:
            found = [place for source in documents for place in places(evidence, source)]
            if len(found) != 1:
                wrong.append(f"{question.id}: {evidence} stands {len(found)} times")
    assert wrong == []


@pytest.mark.parametrize("half", HALVES)
def test_every_language_version_holds_evidence(
    half: str, subject: tuple[str, list[Source]]
) -> None:
    """An answer from the version that the asker reads counts as well as any other."""
    name, sources = subject
    without = [
        f"{question.id} {source.language}"
        for question in kept(name, half)
        if question.doc is not None
        for source in named(question.doc, sources)
        if not any(places(evidence, source) for evidence in question.evidence)
    ]
    assert without == []


@pytest.mark.parametrize("half", HALVES)
def test_the_paragraph_is_that_of_the_first_evidence(
    half: str, subject: tuple[str, list[Source]]
) -> None:
    name, sources = subject
    by_id = {source.id: source for source in sources}
    for question in kept(name, half):
        if question.doc is None:
            continue
        (span,) = locate(question.evidence[0], named(question.doc, sources))
        paragraphs = by_id[span.document_id].paragraphs
        labels = [p.label for p in paragraphs if p.start <= span.start < p.end]
        if question.paragraph is not None:
            assert labels == [Folded.of(question.paragraph).text], question.id


def check_shares(questions: list[GoldQuestion], least: int, unanswerable: int) -> None:
    """What holds for every set that we keep."""
    assert len({one.id for one in questions}) == len(questions) >= least
    assert all(tuple(one.question) == LANGUAGES for one in questions)
    assert sum(one.kind == "unanswerable" for one in questions) == unanswerable
    assert sum(one.paraphrased for one in questions) >= 0.4 * len(questions)


def test_the_sets_are_what_they_promise() -> None:
    questions = [one for half in HALVES for one in kept("un_space", half)]
    check_shares(questions, least=120, unanswerable=25)
    locators = [each for one in questions for each in one.evidence]
    assert all(isinstance(each, Locator) for each in locators)
    ends = [end for each in locators for end in (each.begins, each.ends)]
    assert max(map(len, ends)) <= LONGEST_END


def test_the_starter_set_is_what_it_promises() -> None:
    halves = [kept("starter", half) for half in HALVES]
    questions = [one for half in halves for one in half]
    check_shares(questions, least=92, unanswerable=20)
    dev, test = (Counter(one.doc for one in half) for half in halves)
    assert dev == test  # balanced by document, and by what no document answers
    assert all(set(one.answer) == {"zh", "en"} for one in questions if one.doc is not None)
    assert sum(one.doc in TREATIES for one in questions) >= 40
    assert sum(one.doc is not None and one.doc.endswith("-digest") for one in questions) >= 36
    assert len({one.kind for one in questions}) == 6  # every kind that there is
    texts = [text for one in questions for text in one.question.values()]
    assert len(set(texts)) == len(texts)
