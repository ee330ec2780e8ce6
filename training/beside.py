"""The sentences that stand beside an answer in its passage: what it is hardest to tell from.

A batch of ``pick`` holds questions and the sentences that answer them, out of the same documents.
The rest of those passages is in no stream; it is cut out of the passages' tokens here.
"""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.batches import Stream, Texts
from training.families import Drawn

ENDS = "。！？；.!?;؟؛"
POINT = "."  # ends no sentence before a digit: 2.5
DIGITS = "0123456789"
MARK = "▁"
SHORTEST = 4  # tokens; less is no sentence
Span = tuple[int, int]  # of the tokens of all texts


class Beside:
    """By question and language of the passage: the sentences that do not answer it."""

    def __init__(
        self, texts: Texts, streams: list[Stream], tokenizer: Tokenizer, seed: int, most: int
    ) -> None:
        self._texts, self._seed, self._most = texts, seed, most
        self._ends = _numbers(tokenizer, ENDS)
        self._points = _numbers(tokenizer, POINT)
        self._digits = _numbers(tokenizer, DIGITS)
        by_name = {stream.name: stream for stream in streams}
        self._found: dict[tuple[str, int], list[Span]] = {}
        for name, picked in by_name.items():
            kind, _, language = name.partition(".")
            told = by_name.get(f"find.{language}")
            if kind == "pick" and told is not None:
                self._read(name, picked, told)

    def _read(self, name: str, picked: Stream, told: Stream) -> None:
        passage = dict(zip(told.left.tolist(), told.right.tolist(), strict=True))
        pairs = list(zip(picked.left.tolist(), picked.right.tolist(), strict=True))
        answers: dict[int, set[int]] = defaultdict(set)
        for question, answer in pairs:
            if question in passage:
                answers[passage[question]].add(answer)
        rest = {number: list(self._rest(number, says)) for number, says in answers.items()}
        for question, _ in pairs:
            if question in passage:
                self._found[name, question] = rest[passage[question]]

    def _rest(self, passage: int, answers: set[int]) -> Iterator[Span]:
        """The sentences of a passage that are in none of the answers, nor hold one."""
        said = [_written(self._tokens(*self._texts.starts[[n, n + 1]])) for n in answers]
        for start, end in self._sentences(*self._texts.starts[[passage, passage + 1]].tolist()):
            own = _written(self._tokens(start, end))
            if not any(own in answer or answer in own for answer in said):
                yield start, end

    def _sentences(self, start: int, end: int) -> Iterator[Span]:
        tokens = self._tokens(start, end).tolist()
        first = 0
        for at, token in enumerate(tokens, 1):
            inside = token in self._points and tokens[at : at + 1] and tokens[at] in self._digits
            if at == len(tokens) or (token in self._ends and not inside):
                if at - first >= SHORTEST:
                    yield start + first, start + at
                first = at

    def _tokens(self, start: int, end: int) -> NDArray[np.int32]:
        return self._texts.tokens[start:end]

    def draw(self, drawn: Drawn, step: int) -> Texts | None:
        """Sentences beside the answers of a batch, in the order of its pairs; None without any."""
        rng = np.random.default_rng((self._seed, 17, step))
        parts: list[NDArray[np.int32]] = []
        for question in drawn.left.tolist():
            there = self._found.get((drawn.stream, question), [])
            chosen = rng.permutation(len(there))[: self._most]
            parts += [self._tokens(*there[at]) for at in chosen]
        if not parts:
            return None
        starts = np.zeros(len(parts) + 1, dtype=np.int64)
        np.cumsum([len(part) for part in parts], out=starts[1:])
        return Texts(np.concatenate(parts), starts)


def _numbers(tokenizer: Tokenizer, marks: str) -> frozenset[int]:
    known = (tokenizer.token_to_id(head + mark) for mark in marks for head in ("", MARK))
    return frozenset(number for number in known if number is not None)


def _written(tokens: NDArray[np.int32]) -> str:
    return " ".join(map(str, ["", *tokens.tolist(), ""]))
