"""The made-up data, a teacher for it, and one whole run of the pipeline over both."""

import json
from pathlib import Path

import numpy as np
import pytest
from support.made_up import SMALL, WORDS, say, silent, write_documents, write_rows
from tokenizers import Tokenizer, pre_tokenizers
from tokenizers.models import WordLevel

from training.export_static import write_static
from training.pipeline import Pipeline
from training.recipe import LANGUAGES


@pytest.fixture(scope="session")
def parallel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "parallel"
    rng = np.random.default_rng(1)
    for source in ("un_v1_dev", "tico19"):
        said = [say(rng) for _ in range(120)]
        for language in LANGUAGES[1:]:
            lines = [(s["en"], s[language]) for s in said]
            write_rows(folder / f"{source}.{language}.tsv", lines)
    write_rows(folder / "unlisted.fr.tsv", [("secret words", "mots secrets")] * 3)
    asked = [(say(rng, 3), say(rng, 8)) for _ in range(20)]
    twelve = [tuple(t for la in LANGUAGES for t in (q[la], p[la])) for q, p in asked]
    write_rows(folder / "own" / "qa.tsv", twelve)
    questions = [tuple(q[la] for la in LANGUAGES) for q, _ in asked]
    write_rows(folder / "own" / "questions.tsv", questions)
    terms = [tuple(say(rng, 1)[la] for la in LANGUAGES)] * 2
    write_rows(folder / "own" / "terms_space.tsv", terms)
    write_rows(folder / "qa" / "cmrc2018.zh.tsv", [(q["zh"], p["zh"]) for q, p in asked])
    unseen = [say(rng, 6) for _ in range(30)]
    for language in LANGUAGES[1:]:
        lines = [("devonly " + s["en"], s[language]) for s in unseen]
        write_rows(folder / "dev" / f"flores101_devtest.{language}.tsv", lines)
    squad = [{"context": s["ar"], "qas": [{"question": s["ar"][:12]}]} for s in unseen]
    text = json.dumps({"data": [{"paragraphs": squad}]})
    (folder / "dev" / "arcd_test.ar.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    write_documents(folder / "qa_space.tsv", 40, np.random.default_rng(2))
    rng = np.random.default_rng(4)
    asked, told = say(rng, 5), say(rng, 12)["zh"]
    row = ("after001", "1", *(asked[la] for la in LANGUAGES), told, told[:6])
    write_rows(folder / "later" / "qa_more.zh.tsv", [row])
    return folder


@pytest.fixture(scope="session")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers model of English: a vector a word."""
    folder = tmp_path_factory.mktemp("teacher")
    names = ["[UNK]", ".", *WORDS["en"]]
    tokenizer = Tokenizer(WordLevel({name: n for n, name in enumerate(names)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "words.json"))
    vectors = np.random.default_rng(3).normal(size=(len(names), 16)).astype(np.float32)
    write_static(vectors, folder / "words.json", folder / "model", silent)
    return folder / "model"


@pytest.fixture(scope="session")
def run(
    parallel: Path, documents: Path, teacher: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder with ``work`` and ``encoder``, everything done."""
    root = tmp_path_factory.mktemp("run")
    Pipeline(parallel, documents, root / "work", root / "encoder", SMALL, silent, teacher).run(
        "export", "evaluate", "card"
    )
    return root
