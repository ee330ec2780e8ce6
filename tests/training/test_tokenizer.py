"""What the tokenizer makes one before it cuts."""

import pytest

from training.tokenizer import empty_tokenizer


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("聯合國大會第七屆會議", "联合国大会第七届会议"),
        ("外層空間著作", "外层空间著作"),  # 著 stays where it is no 着
        ("ÉTAT Ⅳ", "état iv"),
        ("مُؤتَمَر الأسلحة", "مؤتمر الاسلحه"),
    ],
)
def test_spellings_of_one_word_are_one(written: str, read: str) -> None:
    normalise = empty_tokenizer().normalizer.normalize_str
    assert normalise(written) == read
    assert normalise(read) == read


def test_the_map_of_characters_is_the_same_every_time() -> None:
    assert empty_tokenizer().to_str() == empty_tokenizer().to_str()
