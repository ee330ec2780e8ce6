"""An app for chat clients: a small index, an encoder and a writer that can be held up."""

from pathlib import Path
from threading import Event
from typing import Any

import anyio.from_thread
from fastapi import FastAPI
from support.documents import Builder, small_corpus
from support.fake_encoder import BagOfWordsEncoder

from corpus import Document, Hit
from index import build_index
from service.app import create_app
from service.live import LiveIndex
from service.settings import Settings
from service.writer import Draft, ExtractiveWriter, Writer

QUESTION = "What endangers satellites in low orbit?"
BEYOND_PLANE = "Beacons 🛰️ of the 𝔸𝔹 series mark cafe\u0301s: إشارة الطوارئ."
BEYOND_QUESTION = "Which series of beacons marks cafe\u0301s?"


def chat_corpus() -> tuple[Document, ...]:
    """The small corpus, and a document with an address whose text leaves the basic plane."""
    beacons = (
        Builder("beacons.en", "en")
        .heading("I. Beacons 🛰️")
        .paragraph(f"1. {BEYOND_PLANE}", "1")
        .build(work="beacons", symbol="C/5/1", url="https://example.org/c-5-1.html")
    )
    return (*small_corpus(), beacons)


def chat_data(data: Path) -> Path:
    build_index(chat_corpus(), BagOfWordsEncoder(), data)
    return data


def chat_app(
    data: Path, encoder: Any = None, writer: Writer | None = None, **settings: Any
) -> FastAPI:
    live = LiveIndex(data, encoder or BagOfWordsEncoder())
    return create_app(live, Settings(corpus=data, data=data, **settings), writer=writer)


class Hold:
    """Stops a thread where ``here`` is called until ``release``, or until its request is gone."""

    def __init__(self) -> None:
        self.arrived = Event()
        self.release = Event()
        self.cancelled = Event()

    def here(self) -> None:
        self.arrived.set()
        try:
            while not self.release.wait(0.01):
                anyio.from_thread.check_cancelled()
        except BaseException:
            self.cancelled.set()
            raise


class HeldEncoder(BagOfWordsEncoder):
    """Held up whenever it reads a question, once ``hold`` is set."""

    hold: Hold | None = None

    def encode_queries(self, texts: Any) -> Any:
        if self.hold is not None:
            self.hold.here()
        return super().encode_queries(texts)


class HeldWriter(ExtractiveWriter):
    """Held up before it writes, with ``hold``; fails where ``error`` is set."""

    def __init__(self, hold: Hold | None = None, error: Exception | None = None) -> None:
        super().__init__(BagOfWordsEncoder())
        self.hold, self.error = hold, error
        self.asked: list[str] = []

    def write(self, question: str, language: str, hits: Any, *about: Any) -> Draft:
        self.asked.append(question)
        if self.hold is not None:
            self.hold.here()
        if self.error is not None:
            raise self.error
        return super().write(question, language, hits, *about)


def passage_with(hits: list[Hit], words: str) -> Hit:
    return next(hit for hit in hits if words in hit.passage.text)
