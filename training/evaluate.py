"""evaluate: an encoder folder on the development sets; prints a table and JSON.

Reads the folder with NumPy and ``tokenizers`` only, by the definition of the layout: the mean of
the token vectors, made a unit row. All figures are of the single vector, with no lexical leg.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.export import BAG, matrix
from training.prepare import OWN_DEV
from training.recipe import LANGUAGES
from training.text import rows
from training.tokenizer import TOKENIZER

Rows = NDArray[np.float32]
Figures = dict[str, float]
DEPTH = 10


class Bag:
    """Texts -> (n, dim) float32 unit rows."""

    def __init__(self, folder: Path) -> None:
        self._matrix = matrix(folder / BAG / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / BAG / TOKENIZER))
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> Rows:
        vectors = np.zeros((len(texts), self._matrix.shape[1]), dtype=np.float32)
        for at, text in enumerate(self._tokenizer.encode_batch(texts, add_special_tokens=False)):
            if text.ids:
                vectors[at] = self._matrix[text.ids].mean(axis=0)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        units: Rows = vectors / np.maximum(norms, np.finfo(np.float32).tiny)
        return units


def evaluate(encoder: Path, parallel: Path, prepared: Path) -> dict[str, Figures]:
    """Every figure there is data for, by set and then by language or pair."""
    bag, dev = Bag(encoder), parallel / "dev"
    figures: dict[str, Figures] = {}
    for name, stem in (("flores", "flores101_devtest"), ("tatoeba", "laser_tatoeba_v1")):
        there = [la for la in LANGUAGES[1:] if (dev / f"{stem}.{la}.tsv").is_file()]
        if there:
            figures[name] = {la: _bitext(bag, dev / f"{stem}.{la}.tsv") for la in there}
    for name, file in (("cmrc", "cmrc2018_trial.zh.json"), ("arcd", "arcd_test.ar.json")):
        if (dev / file).is_file():
            figures[name] = {"ndcg@10": _squad(bag, dev / file)}
    if (prepared / OWN_DEV).is_file():
        figures["own"] = _own(bag, prepared / OWN_DEV)
    return figures


def _bitext(bag: Bag, path: Path) -> float:
    """Share of lines whose nearest line of the other language is their partner, both ways."""
    left, right = (bag.encode(side) for side in zip(*rows(path, 2), strict=True))
    scores = left @ right.T
    gold = np.arange(len(scores))
    there, back = (scores.argmax(axis=1) == gold), (scores.argmax(axis=0) == gold)
    return float((there.mean() + back.mean()) / 2)


def _squad(bag: Bag, path: Path) -> float:
    """nDCG@10 of a question's own paragraph among all paragraphs of the set."""
    contexts: dict[str, int] = {}
    questions: list[tuple[str, int]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            number = contexts.setdefault(paragraph["context"], len(contexts))
            questions += [(asked["question"], number) for asked in paragraph["qas"]]
    scores = bag.encode([q for q, _ in questions]) @ bag.encode(list(contexts)).T
    gold = np.array([number for _, number in questions])
    ranks = (scores > scores[np.arange(len(gold)), gold][:, None]).sum(axis=1)
    return float(np.where(ranks < DEPTH, 1 / np.log2(ranks + 2), 0).mean())


def _own(bag: Bag, path: Path) -> Figures:
    """Share of held-out questions whose passage comes first, for each pair of languages.

    Candidates are the held-out passages: those trained on have been drawn to questions.
    """
    held = json.loads(path.read_text(encoding="utf-8"))["dev"]
    asked = {la: bag.encode([row["question"][la] for row in held]) for la in LANGUAGES}
    told = {la: bag.encode([row["passage"][la] for row in held]) for la in LANGUAGES}
    gold = np.arange(len(held))
    return {
        f"{a}>{b}": float(((asked[a] @ told[b].T).argmax(axis=1) == gold).mean())
        for a in LANGUAGES
        for b in LANGUAGES
    }


def means(figures: dict[str, Figures]) -> Figures:
    """One number a set; of own, same language and across languages apart."""
    made = {name: fmean(row.values()) for name, row in figures.items() if row and name != "own"}
    own = figures.get("own", {})
    same = [value for pair, value in own.items() if pair[:2] == pair[3:]]
    across = [value for pair, value in own.items() if pair[:2] != pair[3:]]
    if own:
        made |= {"own_same": fmean(same), "own_across": fmean(across)}
    return made


def table(figures: dict[str, Figures]) -> str:
    """The figures as a Markdown table of set, mean and parts."""
    lines = ["| set | mean | by language or pair |", "|---|---|---|"]
    for name, value in means(figures).items():
        parts = figures.get(name, {})
        if name == "own_same":
            parts = {k: v for k, v in figures["own"].items() if k[:2] == k[3:]}
        shown = " ".join(f"{key} {part:.3f}" for key, part in parts.items())
        lines.append(f"| {name} | {value:.3f} | {shown} |")
    return "\n".join(lines)
