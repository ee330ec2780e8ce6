"""Every number of the recipe in one place: the weights of the sources and the settings.

A source's weight is how often each of its pairs is seen in one epoch, on average: 3 means three
times, 0.2 one time in five epochs. A source that is not named here is not read, which is the
licence filter: the table holds only sources whose licence allows training and redistribution.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

LANGUAGES = ("en", "zh", "fr", "es", "ru", "ar")


@dataclass(frozen=True, slots=True)
class Source:
    """One source of parallel text; ``weight`` in visits per pair per epoch.

    ``joined`` sources are running text: neighbouring lines are also put together into paragraphs.
    ``pivoted`` sources have the same English in several files: those give pairs without English.
    """

    weight: float
    licence: str
    joined: bool = False
    pivoted: bool = False


# Rows and licences as in the SOURCES.md that lies beside the data.
SOURCES: Mapping[str, Source] = {
    "un_v1_dev": Source(
        2.0,
        "no restriction but acknowledgement: United Nations Parallel Corpus v1.0 "
        "(Ziemski, Junczys-Dowmunt, Pouliquen 2016); source: the United Nations",
        joined=True,
    ),
    "sdg_metadata": Source(2.0, "MIT, (c) 2019 World Bank", joined=True),
    "sdg_translations": Source(2.0, "MIT, (c) 2019 Open SDG", pivoted=True),
    "udhr": Source(2.0, "UN public document", joined=True, pivoted=True),
    "tico19": Source(2.0, "CC0 1.0", joined=True, pivoted=True),
    "wmt_news": Source(1.5, "CC BY-SA 4.0 and CC0", joined=True, pivoted=True),
    "opensource_guide": Source(1.5, "CC BY 4.0", joined=True, pivoted=True),
    "mozilla_legal": Source(1.5, "CC BY-SA 3.0", joined=True, pivoted=True),
    "ocds": Source(1.5, "Apache 2.0", joined=True),
    "react_docs": Source(1.0, "CC BY 4.0", joined=True),
    "python_docs": Source(0.6, "CC0 (translations), PSF (documentation)", joined=True),
    "monero_site": Source(1.0, "BSD-3-Clause", joined=True),
    "bitcoin_org": Source(1.0, "MIT", joined=True),
    "stsb_mt": Source(0.5, "as STSbenchmark; CC BY-SA 4.0"),
    "multi30k": Source(0.5, "CC BY-SA 4.0"),
    "tatoeba_anki": Source(1.0, "CC BY 2.0 FR (Tatoeba)"),
    "tatoeba_cmn": Source(1.5, "CC BY 2.0 FR (Tatoeba)"),
    "tatoeba_test": Source(1.2, "CC BY 2.0 FR (Tatoeba)"),
    "mozilla_l10n": Source(0.5, "MPL 2.0"),
    "sahana_eden": Source(0.5, "MIT"),
    "hot_tasking": Source(0.5, "BSD-2-Clause"),
    "jupyterlab": Source(0.3, "BSD-3-Clause"),
    "kde_marble": Source(0.4, "GFDL 1.2 / LGPL 2.1+"),
    "phet": Source(0.4, "MIT"),
    "openehr_ckm": Source(0.5, "CC BY-SA 3.0"),
    "osm_id_tagging": Source(0.3, "ISC"),
    "iso_codes": Source(0.3, "LGPL-2.1-or-later"),
    "cldr": Source(0.2, "Unicode License V3"),
    "celestia_content": Source(0.5, "CC BY, CC BY-SA, GPL, by file"),
    "quran": Source(0.3, "CC BY-SA 4.0"),
    "cedict": Source(0.4, "CC BY-SA (CC-CEDICT)"),
    "wiktionary": Source(0.4, "CC BY-SA 3.0 / GFDL"),
    "omw": Source(0.35, "CC BY-SA, CC BY, CeCILL-C, by wordnet"),
    "openrussian": Source(0.6, "CC BY-SA 4.0"),
}

# Six-column and twelve-column files of own/, written for this project (CC BY-SA 4.0 here). A row
# makes 15 pairs of texts, and 36 of question and passage: 0.15 is five visits of a row an epoch.
# Many more and the few hundred passages are learnt by heart, at the cost of unseen ones.
OWN_WEIGHTS: Mapping[str, float] = {
    "terms_space": 0.7,
    "terms_security": 0.7,
    "prose": 0.7,
    "questions": 0.7,
    "qa": 0.15,
    "qa_long": 0.15,
}

# question<TAB>passage in one language.
QA_SOURCES: Mapping[str, Source] = {
    "cmrc2018": Source(2.0, "CC BY-SA 4.0 (CMRC 2018 development set)"),
    "arcd": Source(3.0, "MIT (ARCD training set)"),
}


# Sources that read like what Sextant is asked about: treaties, indicators, law, health, news.
OFFICIAL = (
    "un_v1_dev", "sdg_metadata", "sdg_translations", "udhr", "tico19", "wmt_news",
    "mozilla_legal", "opensource_guide", "ocds",
)  # fmt: skip
# Sources of words, names and labels, rather than of sentences.
DICTIONARIES = (
    "cedict", "wiktionary", "omw", "openrussian", "iso_codes", "cldr", "celestia_content",
    "osm_id_tagging", "openehr_ckm", "phet", "kde_marble", "jupyterlab",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the contextual training; ``shares`` of the steps by family of sources."""

    steps: int
    learning_rate: float
    shares: Mapping[str, float]
    warm_up: int = 100  # steps
    floor: float = 0.1  # of the learning rate, at the end of the stage
    loudness: float = 1.0  # factor, at the start of the stage, on what the layers add

    def rate(self, at: int) -> float:
        """Learning rate at a step: a linear rise, then a cosine down to ``floor``."""
        if at < self.warm_up:
            return self.learning_rate * (at + 1) / self.warm_up
        done = (at - self.warm_up) / max(1, self.steps - self.warm_up)
        fall = 0.5 * (1 + math.cos(math.pi * done))
        return self.learning_rate * (self.floor + (1 - self.floor) * fall)


STAGES = (
    Stage(
        1100,
        1e-3,
        {
            "own": 0.1,
            "official": 0.16,
            "prose": 0.2,
            "dictionary": 0.07,
            "part": 0.12,
            "ask": 0.09,
            "find": 0.15,
            "pick": 0.11,
        },
        warm_up=120,
        floor=0.4,
    ),
    Stage(
        1300,
        5e-4,
        {
            "own": 0.09,
            "official": 0.15,
            "prose": 0.17,
            "dictionary": 0.07,
            "part": 0.1,
            "ask": 0.1,
            "find": 0.19,
            "pick": 0.13,
        },
        warm_up=60,
        floor=0.02,
        loudness=0.5,
    ),
)


# After them, with the documents of ours that came later too.
REFINED = Stage(
    4400,
    6e-4,
    {
        "own": 0.08,
        "official": 0.15,
        "prose": 0.17,
        "dictionary": 0.07,
        "part": 0.1,
        "ask": 0.09,
        "find": 0.2,
        "pick": 0.14,
    },
    warm_up=60,
    floor=0.02,
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Settings of a run; sizes in tokens, lines, pairs or steps as their names say."""

    seed: int = 20
    # prepare
    own_dev_share: float = 0.1  # of qa and qa_long, never trained on
    joined_lines: tuple[int, int] = (2, 4)
    joined_characters: int = 900
    joined_weight: float = 1.0  # times the source's weight
    part_weight: float = 0.5  # one line -> its paragraph, times the source's weight
    keep_part: float = 0.5  # how often the paragraph still holds that line
    document_weight: float = 1.5  # visits per epoch of a pair out of our own documents
    # tokenizer
    vocabulary: int = 48_000
    piece_characters: int = 12
    tokenizer_lines: int = 100_000  # per language
    # static
    dim: int = 384
    matryoshka: tuple[int, ...] = (384, 224)
    batch: int = 2048
    scale: float = 20.0
    learning_rates: tuple[float, ...] = (0.1, 0.05, 0.05, 0.05)  # the highest one of each epoch
    warm_up: float = 0.05  # share of an epoch's steps
    init_noise: float = 0.05
    threads: int = 2
    checkpoint_seconds: float = 150.0
    # teach
    taught_texts: int | None = 188_416  # the longest ones; None: all. What an hour allowed
    # contextual
    shape: Mapping[str, int] = field(default_factory=dict)  # what differs from student.Shape
    stages: tuple[Stage, ...] = STAGES
    refined: Stage = REFINED
    blended: float = 0.5  # share of the refined weights, beside those that refining began with
    tokens: int = 11_000  # of a batch, both sides, padding included
    pairs: int = 768  # of a batch, at most
    thinned: float = 0.25  # share of a text's tokens that are left out, others each time
    remembered: int = 8192  # vectors of earlier batches that are negatives, of each kind
    beside: int = 1  # sentences beside each one that answers, which are negatives of its question
    bank: int = 4096  # taught vectors that are negatives besides the batch
    late_cells: int = 6_000_000  # token pairs compared in late interaction
    leash: float = 0.96  # cosine: how near text vectors are to stay to the static model's
    evened: float = 0.5  # how far the dimensions of text vectors are brought to one variance
    tokens_rate: float = 0.25  # of the learning rate, for the token vectors
    weight_decay: float = 0.01
    loss_weights: Mapping[str, float] = field(
        default_factory=lambda: {"contrast": 1.0, "imitate": 0.3, "late": 0.5, "stay": 6.0}
    )
    # what there is to read
    sources: Mapping[str, Source] = field(default_factory=lambda: SOURCES)
    own: Mapping[str, float] = field(default_factory=lambda: OWN_WEIGHTS)
    qa: Mapping[str, Source] = field(default_factory=lambda: QA_SOURCES)

    def family(self, source: str) -> str:
        """Which family of the contextual training a source of translations belongs to."""
        if source in self.own or source.startswith("qa_"):
            return "own"
        if source in OFFICIAL:
            return "official"
        return "dictionary" if source in DICTIONARIES else "prose"
