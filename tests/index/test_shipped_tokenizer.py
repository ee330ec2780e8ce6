"""That the encoder that ships reads traditional Chinese as simplified."""

import numpy as np

from index import open_encoder


def test_a_question_in_traditional_characters_is_the_same_question() -> None:
    encoder = open_encoder("default")
    asked = ["外層空間條約規定了甚麼？", "聯合國大會第七屆會議的報告"]
    simplified = ["外层空间条约规定了甚么？", "联合国大会第七届会议的报告"]
    np.testing.assert_array_equal(encoder.encode_queries(asked), encoder.encode_queries(simplified))
