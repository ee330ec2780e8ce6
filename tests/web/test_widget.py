"""The widget: in the demo page, and in a page of another origin that is, or is not, allowed."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from support.site import HELD, PATIENCE, SEND, Open, Site, site_of

from service.stream import event

QUESTION = "What does flotsam of the module do to sailors?"

expect.set_options(timeout=PATIENCE)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Another origin: (its address, the folder it serves)."""
    folder = tmp_path_factory.mktemp("host")
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", folder
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def open_site(data: Path, host: tuple[str, Path]) -> Iterator[Site]:
    yield from site_of(data, widget_origins=(host[0],))


def embedded(site: Site, folder: Path, name: str) -> None:
    (folder / name).write_text(
        f'<!doctype html><html lang="en"><link rel="icon" href="data:,"><h1>Host</h1>'
        f'<script src="{site.url}/web/widget.js" async></script>'
        f'<sextant-ask lang="fr" question="{QUESTION}"></sextant-ask>',
        "utf-8",
    )


def test_the_demo_page_asks_and_cites(visit: Open, site: Site) -> None:
    page = visit(f"{site.url}/web/demo.html")
    first = page.locator("sextant-ask").first
    first.get_by_label("Question").fill(QUESTION)
    first.get_by_role("button", name="Ask").click()
    expect(first.locator("p").nth(1)).to_contain_text("ndangers sailors")
    link = first.get_by_role("link").first
    assert f"{site.url}/d/sky.en?mark=" in (link.get_attribute("href") or "")
    arabic = page.locator("sextant-ask").nth(1)
    expect(arabic.locator("section")).to_have_attribute("dir", "rtl")
    border = "element => getComputedStyle(element).borderStyle"
    assert first.get_by_role("button").evaluate(border) == "none"  # the host's style stays out


def test_an_allowed_page_of_another_origin_may_ask(
    visit: Open, open_site: Site, host: tuple[str, Path]
) -> None:
    address, folder = host
    embedded(open_site, folder, "allowed.html")
    page = visit(f"{address}/allowed.html", also=open_site.url)
    widget = page.locator("sextant-ask")
    expect(widget.locator("ol a").first).to_be_visible()
    expect(widget.get_by_role("button")).to_have_text("Demander")


def test_any_other_page_may_not(visit: Open, strict: Site, host: tuple[str, Path]) -> None:
    address, folder = host
    embedded(strict, folder, "refused.html")
    page = visit(f"{address}/refused.html", also=strict.url, failing=True)
    status = page.locator("sextant-ask").get_by_role("status")
    expect(status).to_have_text("Le serveur est injoignable")


def held(visit: Open, site: Site) -> tuple[Page, Locator]:
    """The first widget of the demo page, which has asked and waits for what the test sends."""
    page = visit(f"{site.url}/web/demo.html")
    page.evaluate(HELD)
    widget = page.locator("sextant-ask").first
    widget.get_by_label("Question").fill(QUESTION)
    widget.get_by_role("button", name="Ask").click()
    expect(widget.get_by_role("status")).to_have_text("Searching…")
    return page, widget


def test_the_answer_is_shown_as_it_comes(visit: Open, site: Site) -> None:
    given = site.client.post("/api/ask", json={"question": QUESTION}).json()
    page, widget = held(visit, site)
    assert page.evaluate("window.sent.headers.Accept") == "text/event-stream"
    answer = widget.locator("p").nth(1)
    first = event("text", {"text": "Flotsam 🛰"})
    half = len(first) - 6  # within the character, and within the event
    page.evaluate(SEND, list(event("start", {}) + first[:half]))
    expect(answer).to_have_attribute("aria-busy", "true")
    page.evaluate(SEND, list(first[half:] + event("text", {"text": " drifts."})))
    expect(answer).to_have_text("Flotsam 🛰 drifts.")
    expect(widget.get_by_role("status")).to_have_text("")
    expect(widget.get_by_role("link")).to_have_count(0)
    page.evaluate(SEND, list(event("answer", given)))
    page.evaluate("window.stream.close()")
    expect(widget.get_by_role("link")).to_have_count(len(given["citations"]))
    expect(answer).to_have_text(given["answer"], use_inner_text=True)
    expect(answer).to_have_attribute("aria-busy", "false")


def test_a_stream_that_fails_says_so(visit: Open, site: Site) -> None:
    page, widget = held(visit, site)
    page.evaluate(SEND, list(event("text", {"text": "Flotsam"})))
    page.evaluate(SEND, list(event("problem", {"title": "No", "detail": "The index is gone."})))
    expect(widget.get_by_role("status")).to_have_text("The index is gone.")
    expect(widget.locator("p").nth(1)).to_have_text("")


def test_a_stream_that_breaks_off_is_no_answer(visit: Open, site: Site) -> None:
    page, widget = held(visit, site)
    page.evaluate(SEND, list(event("text", {"text": "Flotsam"})))
    page.evaluate("window.stream.close()")
    expect(widget.get_by_role("status")).to_have_text("The server cannot be reached")
    expect(widget.locator("p").nth(1)).to_have_text("")


def test_another_question_ends_the_one_before(visit: Open, site: Site) -> None:
    page, widget = held(visit, site)
    page.evaluate("window.before = window.stream")
    widget.get_by_role("button", name="Ask").click()
    page.wait_for_function("window.stream !== window.before")
    page.evaluate(SEND, list(event("text", {"text": "New."})))
    page.evaluate(SEND.replace("stream", "before"), list(event("text", {"text": "Old."})))
    page.evaluate(SEND, list(event("text", {"text": " More."})))
    expect(widget.locator("p").nth(1)).to_have_text("New. More.")
