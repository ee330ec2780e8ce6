"""A made-up world to train on: a dozen things, six invented dialects, a recipe of tiny sizes."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from training.recipe import LANGUAGES, Recipe, Source, Stage

# One thing a column: the n-th word of a language is the translation of the n-th of any other.
SAID = {
    "en": "moon dust probe orbit launch debris panel signal state report treaty fund",
    "zh": "月球 尘埃 探测 轨道 发射 碎片 小组 信号 国家 报告 条约 基金",
    "fr": "lune poussière sonde orbite tir débris comité onde pays rapport traité fonds",
    "es": "luna polvo sonda órbita tiro basura mesa señal país informe tratado fondo",
    "ru": "луна пыль зонд орбита пуск мусор группа сигнал страна доклад договор фонд",
    "ar": "قمر غبار مسبار مدار إطلاق حطام فريق إشارة دولة تقرير معاهدة صندوق",
}
WORDS = {language: words.split(" ") for language, words in SAID.items()}
EVERY_FAMILY = {
    "own": 1.0, "official": 2.0, "prose": 1.0, "dictionary": 1.0, "part": 1.0, "ask": 1.0,
    "find": 1.0, "pick": 1.0,
}  # fmt: skip
SMALL = Recipe(
    own_dev_share=0.2,
    vocabulary=240,
    tokenizer_lines=400,
    dim=16,
    matryoshka=(16, 8),
    batch=64,
    threads=1,
    learning_rates=(0.02, 0.01),
    taught_texts=300,
    shape={
        "hidden": 16, "layers": 2, "heads": 2, "intermediate": 32, "output": 16, "taught": 16,
        "positions": 64, "token_dim": 8, "kept": 4,
    },
    stages=(Stage(6, 2e-3, EVERY_FAMILY, warm_up=2), Stage(4, 1e-3, EVERY_FAMILY, warm_up=1)),
    refined=Stage(5, 1e-3, EVERY_FAMILY, warm_up=1),
    tokens=1500,
    pairs=24,
    remembered=40,
    bank=16,
    late_cells=200_000,
    sources={
        "un_v1_dev": Source(2.0, "made up", joined=True),
        "tico19": Source(1.5, "made up", joined=True, pivoted=True),
    },
)  # fmt: skip


def say(rng: np.random.Generator, length: int = 4) -> dict[str, str]:
    """One made-up sentence in the six languages."""
    picked = rng.integers(0, len(WORDS["en"]), length)
    return {
        language: ("" if language == "zh" else " ").join(words[n] for n in picked) + " ."
        for language, words in WORDS.items()
    }


def write_rows(path: Path, lines: Sequence[tuple[str, ...]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


def write_documents(path: Path, documents: int, rng: np.random.Generator) -> None:
    """Invented documents of two paragraphs, two questions on each."""
    lines = []
    for document in range(documents):
        for paragraph in (1, 2):
            told = say(rng, 12)
            for _ in range(2):
                asked = say(rng, 5)
                row = (f"made{document:03}", str(paragraph), *(asked[la] for la in LANGUAGES))
                answer = {"zh": told["zh"][: len(told["zh"]) // 2], "en": asked["en"]}
                lines.append((*row, told["zh"], told["en"], answer["zh"], answer["en"]))
    write_rows(path, lines)


def silent(line: str) -> None:
    """Progress that nobody reads."""
