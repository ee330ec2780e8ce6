"""tokenizer: a Unigram tokenizer over the prepared pairs, the same share of text per language."""

import hashlib
import io
import random
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram

from corpus import simpler_characters
from training.manifest import Progress
from training.recipe import Recipe

TOKENIZER = "tokenizer.json"
KINDS = ("text",)  # of stream: what the vocabulary is made from
UNKNOWN = "[UNK]"
PADDING = "[PAD]"
UNKNOWN_ID = 1
MARK = "▁"  # begins a word
LETTER = "\ue000"  # stands for the mark in sentencepiece, to which the mark is a space
LONGEST_WORD = 100  # characters; longer ones (addresses, runs of Chinese) teach no pieces
CHARACTER_COVERAGE = 0.9998  # the rarest characters become unknown
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
            normalizers.Precompiled(_characters_map()),
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


def form() -> str:
    """SHA-256 of what is done to a text before it is cut into pieces."""
    return hashlib.sha256(empty_tokenizer().to_str().encode()).hexdigest()


def _characters_map() -> bytes:
    """Traditional Chinese characters to simplified ones, compiled by sentencepiece.

    The data holds next to no traditional text: without the map its characters are unknown.
    """
    with tempfile.TemporaryDirectory() as folder:
        rules, model = Path(folder) / "rules.tsv", io.BytesIO()
        lines = (f"{old:X}\t{ord(new):X}\n" for old, new in simpler_characters().items())
        rules.write_text("".join(lines), encoding="utf-8")
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(["a b"]),  # of the model only its map is wanted
            model_writer=model,
            model_type="char",
            vocab_size=8,
            hard_vocab_limit=False,
            normalization_rule_tsv=str(rules),
            minloglevel=2,
        )
    spec = sentencepiece_model_pb2.ModelProto()  # type: ignore[attr-defined]  # made at run time
    spec.ParseFromString(model.getvalue())
    return bytes(spec.normalizer_spec.precompiled_charsmap)


def sample(pairs: Path, recipe: Recipe) -> list[str]:
    """Distinct texts, at most ``tokenizer_lines`` a language; running text comes up more often."""
    running = {name for name, row in recipe.sources.items() if row.joined} | set(recipe.own)
    texts: dict[str, dict[str, float]] = defaultdict(dict)
    for path in sorted(pairs.glob("*.tsv")):
        kind, _, languages = path.stem.partition(".")
        if kind not in KINDS:
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


def train_tokenizer(pairs: Path, folder: Path, recipe: Recipe, say: Progress) -> dict[str, object]:
    """Train and write ``tokenizer.json``; returns counts.

    The pieces come from sentencepiece, which gives the same ones every time (the trainer of
    ``tokenizers`` adds up in the order of a randomised hash table, and does not).
    """
    texts = sample(pairs, recipe)
    say(f"tokenizer: {len(texts)} texts")
    tokenizer = empty_tokenizer()
    words: Counter[str] = Counter()
    for text in texts:
        normal = tokenizer.normalizer.normalize_str(text)
        words.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    tokenizer.model = Unigram(_pieces(words, recipe), UNKNOWN_ID, byte_fallback=False)
    tokenizer.add_special_tokens([PADDING, UNKNOWN])
    (folder / TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    return {"texts": len(texts), "words": len(words), "vocabulary": tokenizer.get_vocab_size()}


def _pieces(words: Counter[str], recipe: Recipe) -> list[tuple[str, float]]:
    """(piece, log probability), the two special pieces first."""
    lines = [
        f"{word.replace(MARK, LETTER)}\t{count}"
        for word, count in sorted(words.items())
        if word != MARK and len(word) <= LONGEST_WORD
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "words.tsv"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            input=str(file),
            input_format="tsv",
            model_writer=model,
            model_type="unigram",
            vocab_size=recipe.vocabulary,
            hard_vocab_limit=False,
            character_coverage=CHARACTER_COVERAGE,
            max_sentencepiece_length=recipe.piece_characters,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            split_by_unicode_script=False,
            split_by_number=False,
            num_threads=1,
            pad_id=0,
            unk_id=UNKNOWN_ID,
            bos_id=-1,
            eos_id=-1,
            pad_piece=PADDING,
            unk_piece=UNKNOWN,
            minloglevel=2,
        )
    read = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    return [
        (read.id_to_piece(n).replace(LETTER, MARK), float(read.get_score(n)))
        for n in range(read.get_piece_size())
    ]
