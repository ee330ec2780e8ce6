"""What is remembered of earlier batches."""

import numpy as np
import torch

from training.memory import Memory, kinds


def _ids(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_translations_share_a_memory_by_language_and_questions_have_their_own() -> None:
    assert kinds("text.en-zh") == kinds("joined.en-zh") == kinds("told.en-zh") == ("en", "zh")
    found = {
        kind for stream in ("ask.ar", "find.zh", "find.en", "part.zh-en") for kind in kinds(stream)
    }
    assert len(found) == 8
    assert not found & {"en", "zh"}


def test_the_oldest_rows_are_forgotten() -> None:
    memory = Memory(3)
    rows = torch.eye(5)
    memory.add("en", rows[:2], _ids(0, 1), _ids(10, 11))
    memory.add("en", rows[2:], _ids(2, 3, 4), _ids(12, 13, 14))
    others = memory.others("en", (_ids(7), _ids(8)), _ids(9))
    assert others is not None
    assert torch.equal(others.vectors, rows[2:])
    assert not others.same.any()


def test_what_says_the_same_is_no_negative() -> None:
    memory = Memory(8)
    memory.add("en", torch.eye(4), _ids(1, 2, 3, 4), _ids(11, 12, 13, 14))
    others = memory.others("en", (_ids(1, 50), _ids(60, 2)), _ids(13, 99))
    assert others is not None
    assert others.same.tolist() == [[True, False, True, False], [False, True, False, False]]


def test_nothing_is_remembered_of_another_kind_or_in_no_room() -> None:
    memory, none = Memory(8), Memory(0)
    for each in (memory, none):
        each.add("en", torch.eye(2), _ids(1, 2), _ids(1, 2))
    assert memory.others("zh", (_ids(1), _ids(1)), _ids(1)) is None
    assert none.others("en", (_ids(1), _ids(1)), _ids(1)) is None


def test_a_checkpoint_keeps_it() -> None:
    memory, again = Memory(8), Memory(8)
    memory.add("en", torch.eye(4)[:3], _ids(1, 2, 3), _ids(4, 5, 6))
    again.load(memory.state())
    first, second = (m.others("en", (_ids(2), _ids(9)), _ids(6)) for m in (memory, again))
    assert first is not None
    assert second is not None
    assert torch.equal(first.vectors, second.vectors)
    assert torch.equal(first.same, second.same)
