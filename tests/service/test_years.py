"""Years in questions, and whether a text has them."""

import pytest

from service.years import has_year, years_named


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("What happened in 2022?", {"2022"}),
        ("1967年和2014年", {"1967", "2014"}),
        ("２０２２年", {"2022"}),
        ("What does CD/1985 say?", set()),
        ("How many of the 2,000 satellites work?", set()),
        ("2019冠状病毒病对会议有何影响？", set()),
        ("2019冠狀病毒病對會議有何影響？", set()),
        ("A/AC.105/2019, para. 5", set()),
        ("Who counted 20221 of them?", set()),
    ],
)
def test_the_years_of_a_question(question: str, years: set[str]) -> None:
    assert years_named(question) == years


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("It met in 2016.", True),
        ("2015年至2018年期间", True),
        ("from 2015 to 2018", True),
        ("二〇一六年", True),
        ("عام ٢٠١٦", True),
        ("It met in 2014.", False),
        ("32016 of them, 2017 to 2018", False),
    ],
)
def test_a_year_may_be_written_otherwise_or_lie_in_a_span(text: str, has: bool) -> None:
    assert has_year(["", text], {"2016"}) is has
    assert has_year([text], ())
