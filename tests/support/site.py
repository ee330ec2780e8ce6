"""A served page with a small corpus: for tests in a browser."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import httpx
from playwright.sync_api import Page
from support.documents import Builder, small_corpus
from support.fake_encoder import BagOfWordsEncoder
from support.server import serving

from corpus import Document
from service.app import create_app
from service.live import LiveIndex
from service.settings import Settings

Open = Callable[..., Page]  # the fixture ``visit``
PATIENCE = 60_000  # milliseconds: a busy machine is no fault of the page

# For ``Page.evaluate``: every answer becomes a stream, of which the test sends the bytes.
HELD = """() => {
  window.fetch = async (address, options) => {
    window.sent = options;
    return new Response(new ReadableStream({ start(stream) { window.stream = stream; } }));
  };
}"""
SEND = "bytes => window.stream.enqueue(new Uint8Array(bytes))"


def sky(language: str, heading: str, *paragraphs: str) -> Document:
    builder = Builder(f"sky.{language}", language).heading(heading)
    for number, text in enumerate(paragraphs, 1):
        builder.paragraph(text, str(number), marker=f"{number}. ")
    return builder.build(
        work="sky",
        symbol="S/PV.9",
        title={"en": "Report on ropes & sails", "ar": "تقرير عن الحبال"}[language],
        publisher="Harbour",
        date=date(2022, 2, 3),
        url="https://harbour.example/sky.pdf",
    )


def documents() -> list[Document]:
    """Texts outside the basic plane, with combining marks, and in Arabic, besides the usual."""
    return [
        *small_corpus(),
        sky(
            "en",
            "I. Ropes 𝔖",
            "The 🛰️ module 𝔖 weighs nine tonnes. Flotsam of the 🛰 module e\u0301ndangers sailors. "
            "Hulls are tarred each spring.",
            "Sails are mended with 𝔴axed thread. Knots are tied twice by the boatswain.",
        ),
        sky(
            "ar",
            "أولا - الحبال",
            "تَزِنُ الوحدة 𝔖 تسعةَ أطنان. حُطامُ الوحدة 🛰 يُعَرِّضُ البَحّارةَ للخطر. تُدهن السفن كل ربيع.",
            "تُرقع الأشرعة بخيط مشمَّع. تُعقد الحبال مرتين.",
        ),
    ]


class Site:
    """A served page: ``url``, its data folder, and a client of its API."""

    def __init__(self, client: httpx.Client, data: Path) -> None:
        self.client, self.data = client, data
        self.url = str(client.base_url).rstrip("/")

    def document(self, id: str) -> dict[str, object]:
        found: dict[str, object] = self.client.get(f"/api/documents/{id}").json()
        return found

    def asking(self, question: str) -> str:
        return f"{self.url}/?q={quote(question)}"


def site_of(data: Path, **settings: object) -> Iterator[Site]:
    chosen = Settings(corpus=data, data=data, **settings)  # type: ignore[arg-type]
    with serving(create_app(LiveIndex(data, BagOfWordsEncoder()), chosen)) as client:
        yield Site(client, data)
