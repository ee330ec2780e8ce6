"""A real Chromium on the page, served with a small corpus; skipped where there is no browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from support.fake_encoder import BagOfWordsEncoder
from support.site import PATIENCE, Open, Site, documents, site_of

from index import build_index

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("web")
    build_index(documents(), BagOfWordsEncoder(), data)
    return data


@pytest.fixture(scope="session")
def site(data: Path) -> Iterator[Site]:
    yield from site_of(data, widget_origins=("http://localhost",))


@pytest.fixture(scope="session")
def strict(data: Path) -> Iterator[Site]:
    """Sure of nothing: it withholds every answer."""
    yield from site_of(data, threshold=1.0)


@pytest.fixture(scope="session")
def doubtful(data: Path) -> Iterator[Site]:
    """Every answer it gives is uncertain."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.writers.doubt_for", lambda encoder: 1.0)
        yield from site_of(data)


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Without an index."""
    yield from site_of(tmp_path_factory.mktemp("empty"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a module: while it is open, nothing else may run an event loop in this thread."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser here: install one of {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu"], timeout=PATIENCE
        )
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Open]:
    """``visit(url, locale=..., failing=...)`` opens a page in a browser that knows nothing yet.

    At the end: no request has left the pages' own origin (or ``also``), and, unless ``failing``,
    nothing was written to the console.
    """
    contexts, said, went = [], [], []

    def visit(
        url: str, *, locale: str = "en", failing: bool = False, also: str = "", **more: object
    ) -> Page:
        context = browser.new_context(locale=locale, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        near = ("/".join(url.split("/")[:3]), "data:", "blob:", *([also] if also else []))
        page.on("request", lambda r: None if r.url.startswith(near) else went.append(r.url))
        if not failing:
            page.on("console", lambda m: m.type in ("error", "warning") and said.append(m.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(url)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert said == []
    assert went == []
