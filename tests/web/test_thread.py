"""Follow-ups in a real browser: asked, understood, remembered, and gone back to."""

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Page, Request, expect
from support.site import HELD, PATIENCE, SEND, Open, Site

from service.feedback import FILE, FeedbackStore
from service.followup import MOST_TURNS
from service.schema import TURNS_LIMIT
from service.stream import event

ENGLISH = "What does flotsam of the module do to sailors?"
CHINA = "And China?"
WHOLE = "Which reports mention interference with radio signals?"  # needs no other question
MOST = 20  # questions in one thread

expect.set_options(timeout=PATIENCE)


def following(site: Site, *questions: str) -> str:
    return site.asking(questions[0]) + "".join(f"&then={quote(each)}" for each in questions[1:])


def answers(site: Site, *questions: str) -> list[Any]:
    """What the service answers to each of them, told of those before."""
    history: list[dict[str, str]] = []
    given = []
    for question in questions:
        body = {"question": question, "history": history}
        given.append(site.client.post("/api/ask", json=body).json())
        history = [
            *history,
            {"role": "user", "content": question},
            {"role": "assistant", "content": given[-1]["answer"]},
        ]
    return given


def asked(page: Page) -> list[Any]:
    """The bodies of every question sent from now on."""
    bodies: list[Any] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/ask"):
            bodies.append(request.post_data_json)

    page.on("request", note)
    return bodies


def answered(page: Page, turns: int) -> None:
    expect(page.locator(".turn")).to_have_count(turns)
    expect(page.locator(".turn").last.locator(".follow")).to_be_visible()


# Asking on


@pytest.mark.parametrize(
    ("locale", "first", "then", "key", "label"),
    [
        ("zh-CN", "月球资源的利用应当造福谁？", "那么中国呢？", "f", "新问题"),
        ("ar", "ما الذي يعرض البحارة للخطر؟", "وماذا عن الصين؟", "ب", "سؤال جديد"),
    ],
)
def test_a_follow_up_is_asked_with_the_keyboard_alone(
    visit: Open, site: Site, locale: str, first: str, then: str, key: str, label: str
) -> None:
    page = visit(site.url, locale=locale)
    bodies = asked(page)
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(first)
    page.keyboard.press("Enter")
    answered(page, 1)
    page.keyboard.press("Tab")  # out of the question
    page.locator(":focus").dispatch_event("keydown", {"key": key, "code": "KeyF"})
    expect(page.locator("#follow")).to_be_focused()
    page.keyboard.type(then)
    page.keyboard.press("Enter")
    answered(page, 2)
    before, now = answers(site, first, then)
    assert bodies[-1]["history"] == [
        {"role": "user", "content": first},
        {"role": "assistant", "content": before["answer"]},
    ]
    assert now["rewritten_question"] not in (None, then)
    understood = page.locator(".now .understood strong")
    expect(understood).to_have_text(now["rewritten_question"])
    expect(page.locator("#status")).to_contain_text(now["rewritten_question"])
    expect(page.locator(".now .asked")).to_be_focused()
    expect(page.locator(".now .asked")).to_have_text(then)
    expect(page.locator(".now .asked")).to_be_in_viewport()
    earlier = page.locator(".turn").first
    expect(earlier.locator(".asked")).to_have_text(first)
    expect(earlier.locator(".answer q").first).to_have_text(before["citations"][0]["quote"])
    expect(page.get_by_label(label)).to_have_value("")
    page.keyboard.press("Tab")
    expect(page.locator(".understood a")).to_be_focused()
    page.keyboard.press("Tab")
    marker = page.locator(".now .answer .ref").first
    expect(marker).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#panel mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(marker).to_be_focused()


def test_what_was_understood_is_shown_before_the_answer(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    answered(page, 1)
    page.evaluate(HELD)
    page.locator("#follow").fill(CHINA)
    page.locator("#follow").press("Enter")
    expect(page.locator(".now .doing")).to_have_text("Searching…")
    page.evaluate(SEND, list(event("hits", {"query": "What does China do?", "hits": []})))
    expect(page.locator(".now .understood strong")).to_have_text("What does China do?")
    expect(page.locator(".now .answer")).to_have_text("")
    page.evaluate(SEND, list(event("text", {"text": "It sails."})))
    expect(page.locator(".now .answer")).to_have_text("It sails.")
    page.evaluate("window.stream.close()")
    expect(page.get_by_role("heading", name="The server cannot be reached")).to_be_visible()


def test_a_key_of_the_keyboard_goes_to_the_follow_up(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    answered(page, 1)
    page.keyboard.press("Tab")
    page.keyboard.press("f")
    expect(page.locator("#follow")).to_be_focused()
    page.keyboard.type("f")
    expect(page.locator("#follow")).to_have_value("f")


def test_a_question_that_needs_no_other_is_asked_as_it_is(visit: Open, site: Site) -> None:
    assert answers(site, ENGLISH, WHOLE)[-1]["rewritten_question"] is None
    page = visit(following(site, ENGLISH, WHOLE))
    answered(page, 2)
    expect(page.locator(".understood")).to_have_count(0)


def test_a_follow_up_can_be_asked_just_as_written(visit: Open, site: Site) -> None:
    page = visit(following(site, ENGLISH, CHINA))
    answered(page, 2)
    bodies = asked(page)
    page.get_by_role("link", name="Ask it just as written").click()
    expect(page.locator("#question")).to_have_value(CHINA)
    answered(page, 1)
    assert [(body["question"], body["history"]) for body in bodies] == [(CHINA, [])]
    expect(page.locator(".understood")).to_have_count(0)


def test_a_new_question_starts_afresh(visit: Open, site: Site) -> None:
    page = visit(following(site, ENGLISH, CHINA))
    answered(page, 2)
    page.locator("#follow").focus()
    page.get_by_role("link", name="New question").click()
    expect(page).to_have_url(f"{site.url}/")
    expect(page.locator("#question")).to_be_focused()
    bodies = asked(page)
    page.keyboard.type(WHOLE)
    page.keyboard.press("Enter")
    answered(page, 1)
    assert bodies[0]["history"] == []


def test_filters_hold_for_the_follow_up(visit: Open, site: Site) -> None:
    page = visit(site.asking("orbit") + "&language=fr")
    answered(page, 1)
    bodies = asked(page)
    page.get_by_label("Ask a follow-up").fill(CHINA)
    page.get_by_label("Ask a follow-up").press("Enter")
    answered(page, 2)
    assert bodies[0]["filters"] == {"language": ["fr"]}


# Addresses and history


def test_the_address_holds_the_thread(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    answered(page, 1)
    bodies = asked(page)
    for question in (CHINA, WHOLE):
        page.locator("#follow").fill(question)
        page.locator("form.follow button").click()
        expect(page.locator(".now .asked")).to_have_text(question)
        answered(page, 2 if question == CHINA else 3)
    assert [body["question"] for body in bodies] == [
        CHINA,
        WHOLE,
    ]  # what is there is not asked anew
    assert parse_qs(urlsplit(page.url).query) == {"q": [ENGLISH], "then": [CHINA, WHOLE]}
    expect(page).to_have_title(f"{WHOLE} · Sextant")
    page.go_back()
    answered(page, 2)
    page.go_back()
    answered(page, 1)
    expect(page.locator("#question")).to_have_value(ENGLISH)
    page.go_forward()
    expect(page.locator(".now .asked")).to_have_text(CHINA)
    answered(page, 2)
    bodies.clear()
    page.reload()
    answered(page, 2)
    assert [body["question"] for body in bodies] == [ENGLISH, CHINA]
    assert [len(body["history"]) for body in bodies] == [0, 2]
    rewritten = answers(site, ENGLISH, CHINA)[-1]["rewritten_question"]
    expect(page.locator(".understood strong")).to_have_text(rewritten)


def test_history_lists_a_thread_once(visit: Open, site: Site) -> None:
    page = visit(site.asking(WHOLE))
    answered(page, 1)
    page.goto(following(site, ENGLISH, CHINA))
    answered(page, 2)
    page.goto(site.asking(ENGLISH))  # its beginning again
    answered(page, 1)
    page.get_by_role("link", name="History").click()
    listed = page.locator(".past li > a")
    expect(listed).to_have_text([ENGLISH, WHOLE])
    expect(page.locator(".past .after")).to_contain_text(CHINA)
    listed.first.click()
    expect(page.locator(".now .asked")).to_have_text(CHINA)
    answered(page, 2)
    page.get_by_label("Ask a follow-up").fill("Why?")
    page.get_by_label("Ask a follow-up").press("Enter")
    answered(page, 3)
    page.get_by_role("link", name="History").click()
    expect(listed).to_have_text([ENGLISH, WHOLE])
    page.get_by_role("button", name=f"Remove: {ENGLISH}").click()
    expect(listed).to_have_text([WHOLE])


def test_addresses_are_read_and_turns_cut_as_the_service_takes_them(
    visit: Open, site: Site
) -> None:
    page = visit(site.url)
    turns = page.evaluate(
        """async address => {
          const { turnsOf } = await import("/web/thread.js");
          return turnsOf(new URL(address, location));
        }""",
        "/?then=b+b&q=%20a%20&language=en&then=%20&then=c",
    )
    start = "/?q=%20a%20&language=en"
    assert turns == [
        {"question": "a", "path": start},
        {"question": "b b", "path": f"{start}&then=b+b"},
        {"question": "c", "path": f"{start}&then=b+b&then=c"},
    ]
    sent = page.evaluate(
        """async ([question, answer, many]) => {
          const { historyOf } = await import("/web/thread.js");
          const numbers = [...Array(many).keys()];
          return historyOf(numbers.map((at) => ({ question: at + question, answer })));
        }""",
        ["q" * 1_998 + "🛰" * 9, "🛰" * 900, MOST],
    )
    assert len(sent) == MOST_TURNS <= TURNS_LIMIT
    assert [turn["role"] for turn in sent[:2]] == ["user", "assistant"]
    assert sent[0]["content"] == "14" + "q" * 1_998
    assert sent[1]["content"] == "🛰" * 500
    body = {"question": "q" * 1_999 + "?", "history": sent}
    assert site.client.post("/api/ask", json=body).status_code == 200  # not too large


def test_a_thread_has_an_end(visit: Open, site: Site) -> None:
    page = visit(following(site, ENGLISH, *[CHINA] * (MOST + 2)))
    answered(page, MOST)
    expect(page.locator("p.follow")).to_contain_text(f"at most {MOST} questions")
    expect(page.locator("#follow")).to_have_count(0)
    page.locator("p.follow").get_by_role("link", name="New question").click()
    expect(page).to_have_url(f"{site.url}/")


# When it goes wrong


def test_a_follow_up_that_was_lost_can_be_asked_again(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH), failing=True)
    answered(page, 1)
    page.route("**/api/ask", lambda route: route.abort())
    page.locator("#follow").fill(CHINA)
    page.locator("#follow").press("Enter")
    lost = page.locator(".now").get_by_role("heading", name="The server cannot be reached")
    expect(lost).to_be_visible()
    expect(page.locator(".turn").first.locator(".answer q").first).to_be_visible()
    page.unroute("**/api/ask")
    page.get_by_role("button", name="Try again").click()
    answered(page, 2)
    expect(page.locator(".now .understood")).to_be_visible()


def test_a_follow_up_withheld_says_so_and_can_be_searched_for(visit: Open, strict: Site) -> None:
    rewritten = answers(strict, ENGLISH, CHINA)[-1]["rewritten_question"]
    page = visit(following(strict, ENGLISH, CHINA))
    answered(page, 2)
    expect(page.locator(".now").get_by_role("heading", level=3).first).to_have_text(
        "The documents do not answer this"
    )
    expect(page.locator(".now .understood strong")).to_have_text(rewritten)
    page.get_by_role("link", name="Search for these words instead").click()
    expect(page.locator("#question")).to_have_value(rewritten)


def test_an_opinion_of_a_follow_up_names_what_was_understood(visit: Open, site: Site) -> None:
    then = "And the boatswain?"
    rewritten = answers(site, ENGLISH, then)[-1]["rewritten_question"]
    page = visit(following(site, ENGLISH, then))
    answered(page, 2)
    page.get_by_role("button", name="Good answer").click()
    expect(page.locator(".told")).to_have_text("Thank you, noted.")
    kept = [stored.feedback.question for stored in FeedbackStore(site.data / FILE).all()]
    assert rewritten in kept


def test_on_paper_every_answer_has_its_sources(visit: Open, site: Site) -> None:
    page = visit(following(site, ENGLISH, CHINA))
    answered(page, 2)
    expect(page.locator(".turn").first.locator(".sources")).to_be_hidden()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for turn in page.locator(".turn").all():
        expect(turn.locator(".sources")).to_be_visible()
    for gone in ("form.follow", ".understood a"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.locator(".understood strong")).to_be_visible()
