"""The files of the page, without a browser: words, weight, and what they may not do."""

import json
import re
from pathlib import Path

import pytest

from corpus import LANGUAGES
from index import LEGS
from index.rerank import LATE, RERANKER, SENTENCE
from service.page import WEB
from service.schema import AskOut

PAGE_LIMIT = 100_000  # bytes that a reader loads, uncompressed
APART = {"widget.js", "demo.html", "demo.css"}  # not loaded by the page

SCRIPTS = sorted(WEB.glob("*.js"))
MODULES = [script for script in SCRIPTS if script.name not in APART]
WORDS = {code: json.loads((WEB / f"words/{code}.json").read_text("utf-8")) for code in LANGUAGES}


def holes(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_every_word(code: str) -> None:
    english, words = WORDS["en"], WORDS[code]
    assert set(words) == set(english)
    assert all(text.strip() for text in words.values())
    assert {key: holes(text) for key, text in words.items()} == {
        key: holes(text) for key, text in english.items()
    }


def test_every_word_that_a_script_names_exists() -> None:
    named = {
        key
        for script in MODULES
        for key in re.findall(r'\b(?:t|word)\(\s*"([^"]+)"', script.read_text("utf-8"))
    }
    assert named
    assert named <= set(WORDS["en"])


def test_every_reason_to_abstain_has_words() -> None:
    described = AskOut.model_fields["reason"].description or ""
    reasons = re.findall(r"\w+_\w+", described)
    assert len(reasons) == 3
    assert {f"abstained.{reason}" for reason in reasons} <= set(WORDS["en"])


def test_every_part_of_a_score_has_words() -> None:
    parts = ("score", *LEGS, LATE, SENTENCE, RERANKER)
    assert {key for key in WORDS["en"] if key.startswith("leg.")} == {f"leg.{p}" for p in parts}


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_is_light(code: str) -> None:
    loaded = [WEB / "index.html", WEB / "page.css", WEB / "icon.svg", WEB / f"words/{code}.json"]
    assert sum(path.stat().st_size for path in [*loaded, *MODULES]) < PAGE_LIMIT


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_parses_markup_or_names_another_host(script: Path) -> None:
    source = script.read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function", source
    )
    hosts = set(re.findall(r"https?://([\w.-]+)", source))
    assert hosts <= {"www.w3.org", "sextant.example"}  # a namespace, and a comment


@pytest.mark.parametrize("script", MODULES, ids=lambda script: script.name)
def test_every_import_leads_to_a_name_that_is_there(script: Path) -> None:
    for names, path in re.findall(
        r'import \{([^}]*)\} from "\./([^"]+)"', script.read_text("utf-8")
    ):
        target = (WEB / path).read_text("utf-8")
        for name in (each.strip() for each in names.split(",")):
            assert re.search(rf"export (?:const|let|class|(?:async )?function) {name}\b", target), (
                name
            )
