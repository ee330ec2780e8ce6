"""The sentences of a passage that do not answer, cut out of its tokens."""

import numpy as np
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordLevel

from training.batches import Stream, Texts, all_of
from training.beside import Beside
from training.families import Drawn

PASSAGE = (
    "the forum met in spring . it drew 2 . 5 thousand people . no date was set for another one ! "
    "4 people asked for one . so"
)
OTHER = "only one sentence stands here ."
ASKED = ("when did it meet ?", "how many came ?", "what stands here ?")
ANSWERS = ("the forum met in spring .", "it drew 2 . 5 thousand people .", OTHER)
WRITTEN = [*ASKED, PASSAGE, OTHER, *ANSWERS[:2]]
WORDS = sorted({word for text in WRITTEN for word in text.split()})
NUMBER = {word: n for n, word in enumerate(["[UNK]", *WORDS])}


def _beside(most: int) -> Beside:
    tokenizer = Tokenizer(WordLevel(NUMBER, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokens = [[NUMBER[word] for word in text.split()] for text in WRITTEN]
    starts = np.cumsum([0, *map(len, tokens)]).astype(np.int64)
    texts = Texts(np.concatenate(tokens).astype(np.int32), starts)
    at = {text: n for n, text in enumerate(WRITTEN)}
    asked = np.array([at[question] for question in ASKED])
    told = np.array([at[PASSAGE], at[PASSAGE], at[OTHER]])
    answered = np.array([at[answer] for answer in ANSWERS])
    group, weight = np.arange(3), np.ones(3)
    streams = [
        Stream("find.en", asked, told, group, weight),
        Stream("pick.en", asked, answered, group, weight),
        Stream("text.en-fr", asked, asked, group, weight),
    ]
    return Beside(texts, streams, tokenizer, 3, most)


def _drawn(stream: str = "pick.en") -> Drawn:
    return Drawn("pick", stream, np.array([0, 1, 2]), np.array([5, 6, 4]), np.arange(3))


def _words(texts: Texts) -> list[str]:
    names = {n: word for word, n in NUMBER.items()}
    spans = zip(texts.starts, texts.starts[1:], strict=False)
    return [" ".join(names[int(n)] for n in texts.tokens[a:b]) for a, b in spans]


def test_what_answers_no_question_of_the_passage_stands_beside_it() -> None:
    found = _beside(9).draw(_drawn(), 1)
    assert found is not None
    # neither the answer to the other question nor the stray word at the end; 2.5 is not cut, and
    # what begins with a figure is
    others = ["4 people asked for one .", "no date was set for another one !"]
    assert sorted(_words(found)) == sorted(others * 2)
    assert all_of(found).tolist() == [0, 1, 2, 3]


def test_the_same_step_draws_the_same() -> None:
    beside = _beside(1)
    first, again = beside.draw(_drawn(), 7), beside.draw(_drawn(), 7)
    assert first is not None
    assert again is not None
    np.testing.assert_array_equal(first.tokens, again.tokens)


def test_where_nothing_stands_beside_nothing_is_drawn() -> None:
    assert _beside(0).draw(_drawn(), 1) is None
    assert _beside(1).draw(_drawn("pick.fr"), 1) is None
