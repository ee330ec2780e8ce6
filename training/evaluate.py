"""evaluate: an encoder folder on the development sets, as a table and as JSON.

Any folder that Sextant opens can be measured, through Sextant's own door. All figures are of the
single vector, with no lexical leg and no late interaction.
"""

import json
import time
from pathlib import Path
from statistics import fmean, median

import numpy as np
from numpy.typing import NDArray

from index import Encoder
from training.prepare import BOTH, FOUND_DEV, OWN_DEV
from training.recipe import LANGUAGES
from training.text import rows

Figures = dict[str, float]
Ranks = NDArray[np.int64]
DEPTH = 10
TIMED_QUESTIONS, TIMED_PASSAGES = 100, 256


def evaluate(encoder: Encoder, parallel: Path, prepared: Path) -> dict[str, Figures]:
    """Every figure there is data for, by set and then by language or pair."""
    dev = parallel / "dev"
    figures: dict[str, Figures] = {}
    for name, stem in (("flores", "flores101_devtest"), ("tatoeba", "laser_tatoeba_v1")):
        there = [la for la in LANGUAGES[1:] if (dev / f"{stem}.{la}.tsv").is_file()]
        if there:
            figures[name] = {la: _bitext(encoder, dev / f"{stem}.{la}.tsv") for la in there}
    for name, file in (("cmrc", "cmrc2018_trial.zh.json"), ("arcd", "arcd_test.ar.json")):
        if (dev / file).is_file():
            figures[name] = {"ndcg@10": _squad(encoder, dev / file)}
    if (prepared / OWN_DEV).is_file():
        figures["own"] = _own(encoder, prepared / OWN_DEV)
    if (prepared / FOUND_DEV).is_file():
        figures["found"], figures["found_mrr"] = _found(encoder, prepared / FOUND_DEV)
    return {name: found for name, found in figures.items() if found}


def speed(encoder: Encoder, prepared: Path) -> Figures:
    """Milliseconds of one question (median), and passages a second; of held-out documents.

    Empty where there are none.
    """
    if not (prepared / FOUND_DEV).is_file():
        return {}
    held = json.loads((prepared / FOUND_DEV).read_text(encoding="utf-8"))
    asked = [row["q"][la] for row in held for la in LANGUAGES][:TIMED_QUESTIONS]
    told = list(dict.fromkeys(row["p"][la] for row in held for la in BOTH))[:TIMED_PASSAGES]
    if not asked:
        return {}
    encoder.encode_queries(asked[:1])  # whatever is made at the first call
    taken = []
    for question in asked:
        start = time.perf_counter()
        encoder.encode_queries([question])
        taken.append(time.perf_counter() - start)
    start = time.perf_counter()
    encoder.encode_passages(told)
    pace = len(told) / (time.perf_counter() - start)
    return {"query_ms": round(1000 * median(taken), 2), "passages_per_second": round(pace, 1)}


def _bitext(encoder: Encoder, path: Path) -> float:
    """Share of lines whose nearest line of the other language is their partner, both ways."""
    left, right = (encoder.encode_queries(side) for side in zip(*rows(path, 2), strict=True))
    scores = left @ right.T
    gold = np.arange(len(scores))
    there, back = (scores.argmax(axis=1) == gold), (scores.argmax(axis=0) == gold)
    return float((there.mean() + back.mean()) / 2)


def _squad(encoder: Encoder, path: Path) -> float:
    """nDCG@10 of a question's own paragraph among all paragraphs of the set."""
    contexts: dict[str, int] = {}
    questions: list[tuple[str, int]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            number = contexts.setdefault(paragraph["context"], len(contexts))
            questions += [(asked["question"], number) for asked in paragraph["qas"]]
    asked = encoder.encode_queries([question for question, _ in questions])
    gold = np.array([number for _, number in questions])
    ranks = _ranks(asked, encoder.encode_passages(list(contexts)), gold)
    return float(np.where(ranks < DEPTH, 1 / np.log2(ranks + 2), 0).mean())


def _own(encoder: Encoder, path: Path) -> Figures:
    """Share of held-out questions whose passage comes first, for each pair of languages.

    Candidates are the held-out passages: those trained on have been drawn to questions.
    """
    held = json.loads(path.read_text(encoding="utf-8"))["dev"]
    if not held:
        return {}
    asked = {la: encoder.encode_queries([row["question"][la] for row in held]) for la in LANGUAGES}
    told = {la: encoder.encode_passages([row["passage"][la] for row in held]) for la in LANGUAGES}
    gold = np.arange(len(held))
    return {
        f"{a}>{b}": float((_ranks(asked[a], told[b], gold) == 0).mean())
        for a in LANGUAGES
        for b in LANGUAGES
    }


def _found(encoder: Encoder, path: Path) -> tuple[Figures, Figures]:
    """Success at 1 and mean reciprocal rank of a question's passage, by pair of languages.

    Candidates are all passages of the held-out documents, in one language at a time: a passage
    has neighbours out of its own document, which are the hardest to tell it from.
    """
    held = json.loads(path.read_text(encoding="utf-8"))
    if not held:
        return {}, {}
    asked = {la: encoder.encode_queries([row["q"][la] for row in held]) for la in LANGUAGES}
    first: Figures = {}
    reciprocal: Figures = {}
    for b in BOTH:
        numbers: dict[str, int] = {}
        gold = np.array([numbers.setdefault(row["p"][b], len(numbers)) for row in held])
        told = encoder.encode_passages(list(numbers))
        for a in LANGUAGES:
            ranks = _ranks(asked[a], told, gold)
            first[f"{a}>{b}"] = float((ranks == 0).mean())
            reciprocal[f"{a}>{b}"] = float((1 / (ranks + 1)).mean())
    return first, reciprocal


def _ranks(asked: NDArray[np.float32], told: NDArray[np.float32], gold: NDArray[np.int64]) -> Ranks:
    """From 0: how many of ``told`` score better for each question than its own, ``gold``."""
    scores = asked @ told.T
    ranks: Ranks = (scores > scores[np.arange(len(gold)), gold][:, None]).sum(axis=1)
    return ranks


def means(figures: dict[str, Figures]) -> Figures:
    """One number a set; of own, same language and across languages apart."""
    made = {name: fmean(row.values()) for name, row in figures.items() if row and name != "own"}
    own = figures.get("own", {})
    for name, wanted in (("own_same", True), ("own_across", False)):
        values = [value for pair, value in own.items() if _is_same(pair) == wanted]
        if values:
            made[name] = fmean(values)
    return made


def table(figures: dict[str, Figures]) -> str:
    """The figures as a Markdown table of set, mean and parts."""
    lines = ["| set | mean | by language or pair |", "|---|---|---|"]
    for name, value in means(figures).items():
        parts = figures.get(name, {})
        if name == "own_same":
            parts = {k: v for k, v in figures["own"].items() if _is_same(k)}
        shown = " ".join(f"{key} {part:.3f}" for key, part in parts.items())
        lines.append(f"| {name} | {value:.3f} | {shown} |")
    return "\n".join(lines)


def _is_same(pair: str) -> bool:
    return pair[:2] == pair[3:]
