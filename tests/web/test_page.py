"""The page in a real browser: asking, following citations, reading, remembering, every state."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from support.site import PATIENCE, Open, Site

from service.feedback import FILE, FeedbackStore
from service.wording import uncertain

ENGLISH = "What does flotsam of the module do to sailors?"
ARABIC = "ما الذي يعرض البحارة للخطر؟"
CHINESE = "月球资源的利用应当造福谁？"
PHONE = {"viewport": {"width": 390, "height": 800}, "is_mobile": True, "has_touch": True}

expect.set_options(timeout=PATIENCE)


def follow(page: Page, n: int = 1) -> None:
    page.locator(f'.answer .ref[data-n="{n}"]').first.click()
    expect(page.locator("#panel .column")).to_be_visible()


def citation(site: Site, question: str, n: int = 1) -> Any:
    answer = site.client.post("/api/ask", json={"question": question}).json()
    return answer["citations"][n - 1]


# Asking and citations


@pytest.mark.parametrize(
    ("question", "locale", "direction"),
    [(ENGLISH, "en", "ltr"), (ARABIC, "ar", "rtl"), (CHINESE, "zh-CN", "ltr")],
)
def test_a_citation_opens_with_the_quote_marked_exactly(
    visit: Open, site: Site, question: str, locale: str, direction: str
) -> None:
    page = visit(site.url, locale=locale)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    follow(page)
    cited = citation(site, question)
    document: Any = site.document(cited["document_id"])
    paragraph = next(
        each for each in document["paragraphs"] if each["start"] <= cited["start"] < each["end"]
    )
    shown = page.locator("#panel .column p").first.evaluate(
        """paragraph => {
          const mark = paragraph.querySelector("mark"), before = document.createRange();
          before.setStartAfter(paragraph.querySelector(".label"));
          before.setEndBefore(mark);
          return [before.toString(), mark.textContent];
        }"""
    )
    assert shown[1] == cited["quote"]
    assert shown[0] == " " + document["text"][paragraph["start"] : cited["start"]]
    assert any(ord(ch) > 0xFFFF for ch in document["text"]) == (question != CHINESE)
    expect(page.locator("#panel .column")).to_have_attribute("lang", document["language"])


def test_the_answer_comes_as_events(visit: Open, site: Site) -> None:
    page = visit(site.url)
    with page.expect_request("**/api/ask") as asked:
        page.locator("#question").fill(ENGLISH)
        page.locator("form.ask button").click()
    assert asked.value.headers["accept"] == "text/event-stream"
    expect(page.locator("#status")).to_contain_text("The answer is there")
    quoted = page.locator(".answer q").first
    expect(quoted).to_have_text(citation(site, ENGLISH)["quote"])
    expect(quoted).to_have_attribute("lang", "en")


def test_beside_the_passage_are_its_neighbours_versions_and_links(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    follow(page)
    panel = page.locator("#panel")
    expect(panel.locator("#panel-title")).to_have_text("S/PV.9, para. 1")
    expect(panel.locator(".path")).to_have_text("I. Ropes 𝔖")
    expect(panel.locator("a.official")).to_have_attribute("href", "https://harbour.example/sky.pdf")
    panel.get_by_role("button", name="العربية").click()
    other = panel.locator("#other .column")
    expect(other).to_have_attribute("lang", "ar")
    expect(other).to_have_attribute("dir", "rtl")
    document: Any = site.document("sky.ar")
    expect(other).to_contain_text(document["paragraphs"][0]["text"])
    expect(panel.locator("#previous")).to_be_disabled()
    panel.locator("#next").click()
    expect(panel.locator("#panel-title")).to_have_text("S/PV.9, para. 2")
    expect(panel.locator(".column").first).to_contain_text("boatswain")
    panel.locator("#previous").click()
    expect(panel.locator("#panel-title")).to_have_text("S/PV.9, para. 1")
    panel.get_by_role("link", name="Read in the document").click()
    expect(page).to_have_url(re.compile(r"/d/sky\.en.*#para-1$"))


def test_citations_are_copied_in_three_forms(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH), permissions=["clipboard-read", "clipboard-write"])
    follow(page)

    def copied(name: str) -> str:
        page.locator(".citing").get_by_role("button", name=name).click()
        expect(page.locator("#status")).to_have_text("Copied")
        page.locator("#status").evaluate("status => { status.textContent = ''; }")
        text: str = page.evaluate("navigator.clipboard.readText()")
        return text.replace("\r\n", "\n")

    assert copied("UN style") == "S/PV.9, para. 1."
    bibtex = copied("BibTeX")
    assert bibtex.startswith("@techreport{s-pv-9-en-1,\n")
    assert "title = {{Report on ropes \\& sails}}," in bibtex
    assert "month = feb," in bibtex
    ris = copied("RIS").split("\n")
    assert ris[:2] == ["TY  - RPRT", "TI  - Report on ropes & sails"]
    assert {"SN  - S/PV.9", "DA  - 2022/02/03", "N1  - para. 1"} <= set(ris)
    assert [line for line in ris if line][-1].startswith("ER  -")


def test_opinions_reach_the_service(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    page.get_by_role("button", name="Bad answer").click()
    expect(page.get_by_role("group", name="What is wrong?")).to_be_visible()
    page.get_by_label("The answer is incomplete").check()
    page.get_by_label("A word more").fill("more 🛰")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".told")).to_have_text("Thank you, noted.")
    every = [stored.feedback for stored in FeedbackStore(site.data / FILE).all()]
    (kept,) = [each for each in every if each.comment]
    assert (kept.question, kept.verdict, kept.reason) == (ENGLISH, "down", "incomplete")
    assert kept.comment == "more 🛰"
    assert kept.cited[0].quote == citation(site, ENGLISH)["quote"]


# Search


def test_filters_narrow_and_stay_in_the_address(visit: Open, site: Site) -> None:
    page = visit(f"{site.url}/search?q=orbit+orbite+signals")
    expect(page.locator("#main li.card").first).to_be_visible()
    page.get_by_text("Filters", exact=True).click()
    page.get_by_label("Français").check()
    page.get_by_label("Publisher").select_option("Assembly")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"language=fr.*publisher=Assembly"))
    texts = page.locator("#main li.card .text")
    expect(texts.first).to_have_attribute("lang", "fr")
    assert set(texts.evaluate_all("all => all.map(each => each.lang)")) == {"fr"}
    page.reload()
    expect(page.get_by_label("Français")).to_be_checked()
    card = page.locator("#main li.card").first
    expect(card.locator(".legs table")).to_be_hidden()
    card.get_by_text("Scores").click()
    expect(card.locator(".legs table")).to_contain_text("by words")
    card.locator("a.title").click()
    expect(page.locator("#panel mark")).to_be_visible()


def test_a_filter_that_lets_nothing_through_says_so(visit: Open, site: Site) -> None:
    page = visit(f"{site.url}/search?q=orbit&from=2023-01-01")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


# Reading


def test_a_document_is_read_by_outline_label_and_address(visit: Open, site: Site) -> None:
    page = visit(f"{site.url}/d/orbits.en#para-2")
    expect(page.locator("#para-2")).to_be_focused()
    expect(page.locator("#para-2")).to_be_in_viewport()
    page.get_by_role("navigation", name="Outline").get_by_text("II. Radio").click()
    expect(page.locator("article h2", has_text="II. Radio")).to_be_in_viewport()
    page.get_by_label("Go to paragraph").fill("3")
    page.get_by_label("Go to paragraph").press("Enter")
    expect(page).to_have_url(re.compile("#para-3$"))
    expect(page.locator("#para-3")).to_be_focused()
    page.get_by_label("Go to paragraph").fill("99")
    page.get_by_label("Go to paragraph").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("from 1 to 3")
    page.go_back()
    page.get_by_role("link", name="Français").click()
    expect(page.locator("article")).to_have_attribute("lang", "fr")


def test_an_address_can_mark_words(visit: Open, site: Site) -> None:
    cited = citation(site, ENGLISH)
    page = visit(f"{site.url}/d/sky.en?mark={cited['start']}-{cited['end']}#para-1")
    expect(page.locator("#para-1 mark")).to_have_text(cited["quote"])


def test_the_documents_are_listed_by_work(visit: Open, site: Site) -> None:
    page = visit(f"{site.url}/documents", locale="ar")
    expect(page.locator("li.card")).to_have_count(3)
    expect(page.locator("li.card a.title", has_text="تقرير")).to_have_attribute("lang", "ar")


# What the browser remembers


def test_questions_are_remembered_and_forgotten(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    expect(page.locator(".answer q").first).to_be_visible()
    page.goto(site.asking(CHINESE))
    expect(page.locator(".answer q").first).to_be_visible()
    page.get_by_role("link", name="History").click()
    asked = page.locator(".past li > a")
    expect(asked).to_have_text([CHINESE, ENGLISH])
    page.get_by_role("button", name=f"Remove: {CHINESE}").click()
    expect(asked).to_have_text([ENGLISH])
    asked.first.click()
    expect(page.locator("#question")).to_have_value(ENGLISH)
    page.go_back()
    page.get_by_role("button", name="Remove all").click()
    expect(page.get_by_role("heading", name="Nothing asked yet")).to_be_visible()


def test_the_chosen_language_is_kept(visit: Open, site: Site) -> None:
    page = visit(site.url, locale="de")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    for code, word in (("fr", "Demander"), ("ru", "Спросить"), ("ar", "اسأل")):
        page.locator("#language").select_option(code)
        expect(page.locator("form.ask button")).to_have_text(word)
    page.reload()
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


# Keyboard, narrow screens, paper


def test_the_keyboard_is_enough(visit: Open, site: Site) -> None:
    page = visit(site.url)
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type(ENGLISH)
    page.keyboard.press("Enter")
    marker = page.locator(".answer .ref").first
    expect(marker).to_be_visible()
    page.keyboard.press("Tab")  # to the button of the form
    page.keyboard.press("Tab")
    expect(marker).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_be_focused()
    expect(page.locator("#panel mark")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#panel-title")).to_have_text("S/PV.9, para. 2")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(marker).to_be_focused()
    page.keyboard.press("1")
    expect(page.locator("#panel mark")).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.get_by_label("Use these keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


@pytest.mark.parametrize(
    "path",
    ["/", f"/?q={ENGLISH}", f"/?q={ENGLISH}&then=And+China?", "/search?q=orbit", "/d/sky.en"],
)
def test_nothing_is_wider_than_a_phone(visit: Open, site: Site, path: str) -> None:
    page = visit(site.url + path, locale="ar", **PHONE)
    expect(page.locator("#main h1")).to_be_attached()
    expect(page.locator("#main .skeleton")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if ENGLISH in path:
        follow(page)
        assert page.locator("#main").evaluate("main => main.inert")


def test_on_paper_there_is_the_answer_and_its_sources(visit: Open, site: Site) -> None:
    page = visit(site.asking(ENGLISH))
    expect(page.locator(".answer q").first).to_be_visible()
    page.emulate_media(media="print")
    for gone in ("#top", "#foot", "form.ask", "form.follow", ".opinion"):
        expect(page.locator(gone).first).to_be_hidden()
    for there in (".answer", ".sources", "h1"):
        expect(page.locator(there).first).to_be_visible()


# States


def test_an_answer_withheld_shows_the_reason_and_what_is_near(visit: Open, strict: Site) -> None:
    page = visit(strict.asking(ENGLISH))
    expect(page.get_by_role("heading", name="The documents do not answer this")).to_be_visible()
    expect(page.locator("#main li.card").first).to_contain_text("sailors")
    page.get_by_role("button", name="Good answer").click()
    expect(page.locator(".told")).to_have_text("Thank you, noted.")
    page.get_by_role("link", name="Search for these words instead").click()
    expect(page).to_have_url(re.compile("/search"))


@pytest.mark.parametrize("locale", ["en", "ar"])
def test_an_uncertain_answer_says_so(visit: Open, site: Site, doubtful: Site, locale: str) -> None:
    page = visit(doubtful.asking(ENGLISH), locale=locale)
    expect(page.locator("#main .doubt")).to_have_text(uncertain(locale))
    assert not Axe().run(page).response["violations"]
    sure = visit(site.asking(ENGLISH), locale=locale)
    expect(sure.locator("#main .sources .card").first).to_be_visible()
    expect(sure.locator("#main .doubt")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/?q=x", "/search?q=x", "/documents", "/d/x"])
def test_without_an_index_the_page_says_what_to_do(visit: Open, empty: Site, path: str) -> None:
    page = visit(empty.url + path, failing=True)
    expect(page.get_by_role("heading", name="There is no index yet")).to_be_visible()
    expect(page.locator("code", has_text="sextant build")).to_be_visible()


def test_a_lost_server_can_be_asked_again(visit: Open, site: Site) -> None:
    page = visit(site.url, failing=True)
    page.route("**/api/ask", lambda route: route.abort())
    page.locator("#question").fill(ENGLISH)
    page.locator("#question").press("Enter")
    expect(page.get_by_role("heading", name="The server cannot be reached")).to_be_visible()
    page.unroute("**/api/ask")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".answer q").first).to_be_visible()


def test_wrong_questions_and_documents_are_explained(visit: Open, site: Site) -> None:
    page = visit(f"{site.url}/?q=%3F", locale="fr", failing=True)
    expect(page.get_by_role("heading", name="La question est vide")).to_be_visible()
    page.goto(f"{site.url}/d/nowhere")
    expect(page.get_by_role("heading", name="Ce document n’existe pas")).to_be_visible()


# For everyone


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_axe_finds_nothing(
    visit: Open, site: Site, strict: Site, empty: Site, scheme: str, locale: str
) -> None:
    found: dict[str, list[str]] = {}

    def check(name: str, page: Page) -> None:
        expect(page.locator("#main h1")).to_be_attached()
        expect(page.locator(".skeleton")).to_have_count(0)
        wrong = Axe().run(page).response["violations"]
        found[name] = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in wrong]

    page = visit(site.url, locale=locale, color_scheme=scheme)
    check("empty", page)
    page.goto(site.asking(ENGLISH))
    follow(page)
    page.locator("#panel .versions button").first.click()
    page.locator(".opinion button").nth(1).click()
    page.locator(".found summary").first.click()
    check("answer", page)
    page.goto(site.asking(ENGLISH) + "&then=And+China%3F")
    expect(page.locator("#follow")).to_be_visible()
    page.locator(".turn summary").first.click()
    check("thread", page)
    for path in ("/search?q=orbit&language=en", "/documents", "/d/sky.en#para-2", "/history"):
        page.goto(site.url + path)
        check(path, page)
    check("withheld", visit(strict.asking(ENGLISH), locale=locale, color_scheme=scheme))
    check("no index", visit(empty.url, locale=locale, color_scheme=scheme, failing=True))
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
