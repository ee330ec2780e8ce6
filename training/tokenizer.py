"""tokenizer: a Unigram tokenizer over the prepared pairs, the same share of text per language."""

import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer

from training.manifest import Progress
from training.recipe import Recipe

TOKENIZER = "tokenizer.json"
UNKNOWN = "[UNK]"
PADDING = "[PAD]"
SPECIAL = 2  # rows of the vocabulary that are those two
SCORE_DECIMALS = 3  # of a natural logarithm
# Arabic vowel marks, superscript alef and tatweel: written or not at the writer's pleasure.
ARABIC_MARKS = r"[\u0610-\u061A\u0640\u064B-\u065F\u0670]"
# Letters that writers interchange: alefs, final ya, ta marbuta (Larkey, Ballesteros, Connell 2007).
ARABIC_LETTERS = (("[أإآٱ]", "ا"), ("ى", "ي"), ("ة", "ه"))
# The article, with the particles written before it, is a token of its own, so that a noun is the
# same token with it and without.
ARABIC_ARTICLE = r"(?<!\p{Arabic})(?:[وف]?[بك]?ال|[وف]?لل)(?=\p{Arabic}{3})"
RUNNING_TEXT = 4.0  # how much likelier a line of running text is drawn than a dictionary entry
ARABIC_DIGITS = "٠١٢٣٤٥٦٧٨٩"


def empty_tokenizer() -> Tokenizer:
    """Normaliser and pre-tokeniser without a vocabulary.

    The word mark is kept before letters only, and not before Chinese characters, so that a word
    is the same token at the start of a clause and inside one.
    """
    tokenizer = Tokenizer(Unigram())
    folded = [(Regex(ARABIC_MARKS), ""), *((Regex(a), b) for a, b in ARABIC_LETTERS)]
    folded += [(Regex(digit), str(value)) for value, digit in enumerate(ARABIC_DIGITS)]
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            *(normalizers.Replace(pattern, content) for pattern, content in folded),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Punctuation("isolated"),
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.Split(Regex(r"\p{Han}+"), "isolated"),
            pre_tokenizers.Split(Regex(ARABIC_ARTICLE), "isolated"),
            pre_tokenizers.Metaspace(prepend_scheme="always"),
            pre_tokenizers.Split(Regex(r"▁(?=\p{Han}|\P{L}|\z)"), "removed"),
        ]
    )
    return tokenizer


def sample(pairs: Path, recipe: Recipe) -> list[str]:
    """Distinct texts, at most ``tokenizer_lines`` a language; running text comes up more often."""
    running = {name for name, row in recipe.sources.items() if row.joined} | set(recipe.own)
    texts: dict[str, dict[str, float]] = defaultdict(dict)
    for path in sorted(pairs.glob("*.tsv")):
        kind, _, languages = path.stem.partition(".")
        if kind != "text":
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            source, _, *sides = line.split("\t")
            for language, side in zip(languages.split("-"), sides, strict=True):
                texts[language].setdefault(side, RUNNING_TEXT if source in running else 1.0)
    chosen: list[str] = []
    for language in sorted(texts):
        rng = random.Random(f"{recipe.seed} tokenizer {language}")
        # Efraimidis and Spirakis 2006: a weighted sample without replacement.
        keyed = sorted(texts[language], key=lambda t: -(rng.random() ** (1 / texts[language][t])))
        chosen += keyed[: recipe.tokenizer_lines]
    return chosen


def settle(tokenizer: dict[str, Any]) -> dict[str, Any]:
    """The same tokenizer with its pieces in one order and their scores rounded.

    The trainer adds up in the order of a randomised hash table: the last digits of the scores, and
    with them the order of the pieces, differ from run to run.
    """
    vocabulary = tokenizer["model"]["vocab"]
    special, pieces = vocabulary[:SPECIAL], vocabulary[SPECIAL:]
    rounded = [[piece, round(score, SCORE_DECIMALS)] for piece, score in pieces]
    rounded.sort(key=lambda row: (-row[1], row[0]))
    tokenizer["model"]["vocab"] = special + rounded
    return tokenizer


def train_tokenizer(pairs: Path, folder: Path, recipe: Recipe, say: Progress) -> dict[str, object]:
    """Train and write ``tokenizer.json``; returns counts."""
    texts = sample(pairs, recipe)
    say(f"tokenizer: {len(texts)} texts")
    tokenizer = empty_tokenizer()
    trainer = UnigramTrainer(
        vocab_size=recipe.vocabulary,
        unk_token=UNKNOWN,
        special_tokens=[PADDING, UNKNOWN],
        max_piece_length=recipe.piece_characters,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer, length=len(texts))
    settled = settle(json.loads(tokenizer.to_str()))
    (folder / TOKENIZER).write_text(json.dumps(settled, ensure_ascii=False), encoding="utf-8")
    return {"texts": len(texts), "vocabulary": tokenizer.get_vocab_size()}
