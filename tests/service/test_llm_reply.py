"""What models write, as the sentences they were asked for, or the reason why not."""

import json
from collections.abc import Iterator

import pytest
from support.model_server import line

from service.llm_reply import Claimed, ModelFailed, Said, loops, read_question, read_reply

ONE = line("It bans them.", (1, "shall not place weapons"))
TWO = line("It was signed in 1967.", (2, "signed in 1967"), (3, "1967"))
SAID = (
    Said("It bans them.", (Claimed(1, "shall not place weapons"),)),
    Said("It was signed in 1967.", (Claimed(2, "signed in 1967"), Claimed(3, "1967"))),
)


def objects(*lines: str) -> list[object]:
    return [json.loads(each) for each in lines]


@pytest.mark.parametrize(
    "text",
    [
        ONE + TWO,
        f"```json\n{ONE}{TWO}```",
        f'<think>First {{"sentence": "no"}}, then</think>\n{ONE}{TWO}',
        f"Here is the answer:\n{ONE}\n{TWO}\nI hope this helps!",
        json.dumps(objects(ONE, TWO)),
        json.dumps({"sentences": objects(ONE, TWO)}, indent=4),
        ONE.replace("\n", ",\n") + TWO,
        ONE + TWO + ONE,
        f"<thinking>a < b, </thin {ONE}</thinking>1 < 2{ONE}<think>{{</think>{TWO}<think>{ONE}",
    ],
)
def test_lines_are_read_whatever_is_around_them(text: str) -> None:
    assert tuple(read_reply([text])) == SAID
    for size in (1, 2, 7, 40):  # wherever the pieces are cut
        assert tuple(read_reply([text[at : at + size] for at in range(0, len(text), size)])) == SAID


@pytest.mark.parametrize("text", ['{"answered": false}', '```\n{"answered": false}\n```'])
def test_a_model_may_say_that_there_is_no_answer(text: str) -> None:
    assert list(read_reply([text])) == []


def test_its_own_markers_are_not_shown_and_space_is_evened() -> None:
    (said,) = read_reply([line("It  bans\u202e [1]\nthem\ud800 [2]\x00[3].")])
    assert said == Said("It bans them.", ())


@pytest.mark.parametrize(
    "quotes",
    [
        [{"passage": True, "quote": "x"}],
        [{"passage": "one", "quote": "x"}],
        [{"passage": 1}],
        [{"passage": 1, "quote": ["x"]}],
        ["x"],
        [None],
    ],
)
def test_a_quote_that_points_nowhere_is_one_that_is_not_found(quotes: list[object]) -> None:
    (said,) = read_reply([json.dumps({"sentence": "It is so.", "quotes": quotes})])
    assert said.quotes == (Claimed(0, ""),)


def test_a_number_in_words_of_digits_is_one() -> None:
    (said,) = read_reply(['{"sentence": "So.", "quotes": [{"passage": "[2]", "quote": "q"}]}'])
    assert said.quotes == (Claimed(2, "q"),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("The treaty bans weapons in orbit. [1]", "llm_malformed"),
        ("", "llm_malformed"),
        ("{}", "llm_malformed"),
        ('{"answered": true}', "llm_malformed"),
        ('{"sentence": 5}', "llm_malformed"),
        ('{"sentence": "…", "quotes": []}', "llm_malformed"),
        ('{"sentence": "It", "quotes": "none"}', "llm_malformed"),
        ('{"sentence": "' + "so " * 900 + '"}', "llm_malformed"),
        ("{'sentence': 'It'}", "llm_malformed"),
        ('{"a":' * 100_000, "llm_malformed"),
        ('{"a":' * 100_000 + "}", "llm_malformed"),
        (ONE + '{"sentence": "It was', "llm_truncated"),
        ("I'm sorry, I cannot help with that.", "llm_refused"),
        ("抱歉，我无法回答这个问题。", "llm_refused"),
        ("對不起，我無法回答這個問題。", "llm_refused"),
        ("Je ne peux pas répondre à cette question.", "llm_refused"),
        ("Lo siento, no puedo ayudar.", "llm_refused"),
        ("К сожалению, я не могу ответить.", "llm_refused"),
        ("عذرا، لا أستطيع الإجابة.", "llm_refused"),
        (ONE + TWO + ONE + ONE, "llm_looping"),
    ],
)
def test_what_cannot_be_read_has_a_reason(text: str, reason: str) -> None:
    with pytest.raises(ModelFailed) as caught:
        list(read_reply(text if len(text) < 5_000 else [text]))  # a character at a time
    assert caught.value.reason == reason


def test_a_sentence_is_there_as_soon_as_it_is_whole() -> None:
    pieces = iter(ONE + TWO)
    sentences = read_reply(pieces)
    assert next(sentences) == SAID[0]
    assert "".join(pieces) == ("\n" + TWO)
    pieces = iter(ONE + TWO[:20])
    sentences = read_reply(pieces)
    assert next(sentences) == SAID[0]
    with pytest.raises(ModelFailed, match="llm_truncated"):
        next(sentences)


def test_no_more_is_read_than_is_wanted() -> None:
    def pieces() -> Iterator[str]:
        yield from (line(f"Sentence {n}.", (1, "quote")) for n in range(8))
        raise AssertionError("nobody asked for more")

    assert len(list(read_reply(pieces()))) == 8


def test_much_is_cut() -> None:
    many = "".join(line(f"Sentence {n}.", *[(1, f"q{i}") for i in range(20)]) for n in range(30))
    said = list(read_reply([many]))
    assert (len(said), {len(each.quotes) for each in said}) == (8, {6})


def test_a_loop_is_a_piece_over_and_over() -> None:
    assert loops("It is so. " + "and again it is so, " * 40)
    assert loops(ONE * 30)
    assert not loops(ONE + TWO)
    assert not loops("-" * 80)
    assert not loops("".join(line(f"Sentence {n * n}.", (n, f"words {n}")) for n in range(40)))


def test_a_question_is_read() -> None:
    assert read_question('```\n{"question": "What did\\nChina say?"}\n```') == "What did China say?"
    for text in ("What did China say?", '{"question": ""}', '{"question": 5}', '{"sentence": "x"}'):
        with pytest.raises(ModelFailed):
            read_question(text)
