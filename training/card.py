"""The model card: what the encoder is, what it was made from, and what it can and cannot do."""

import json
from pathlib import Path

from training.evaluate import Figures, table
from training.manifest import MANIFEST, sha256
from training.recipe import Recipe

LAYOUTS = {
    "float32": "float32",
    "int8": "int8 with one float32 factor a token (`embeddings` times `weights`)",
}
OWN_LICENCE = "written for this project; CC BY-SA 4.0"

TEXT = """---
license: cc-by-sa-4.0
language: [en, zh, fr, es, ru, ar]
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# Sextant's encoder

One vector a token; the vector of a text is the mean of its tokens' vectors, made a unit vector.
{vocabulary} tokens of {dim} dimensions, English, Chinese, French, Spanish, Russian and Arabic in
one space. No network runs at inference: a lookup and a mean. Folder layout of
`StaticEmbedding`, so `SentenceTransformer(path)` loads it; Sextant reads it with NumPy.
The weights are licensed CC BY-SA 4.0, because some of the sources are share-alike.

## Figures

`python -m training evaluate` prints this table. Bitext: share of lines whose nearest line in the
other language is their translation, each language against English, both ways. `cmrc`, `arcd`:
question to its own paragraph among all of the set, nDCG@10. `own_same`, `own_across`: share of
{own_dev} held-out questions of our own whose passage comes first among all our passages.
Single vector, no lexical leg. None of these lines was trained on.

{figures}

## Recipe

1. `prepare`: pairs drawn by source (weights below: visits per pair and epoch); {joined} pairs of
   joined neighbours and {part} pairs of a line and a paragraph around it, so that the model also
   knows paragraphs; {ask} pairs of a question and its passage, in any two languages.
2. `tokenizer`: Unigram, {vocabulary} pieces of at most {piece} characters; NFKC, lower case,
   Arabic vowel marks and tatweel dropped; digits and punctuation apart.
3. `train`: {epochs} epochs, {steps} steps of up to {batch} pairs of one kind; symmetric InfoNCE
   (scale {scale}) at {matryoshka} dimensions, texts that say the same masked; Adam, learning rate
   {rate} with a warm-up and a cosine decay; seed {seed}. Frequent tokens learn short vectors, so
   the mean weighs its words without a table of weights.
4. `export`: the first {dim} dimensions as {dtype}.

Training took {minutes} minutes on two CPU cores. `python -m training all` does it all again;
training manifest SHA-256 `{manifest}`.

## Data

| source | pairs | weight | licence |
|---|---|---|---|
{data}

The United Nations is the source of the sentences of the United Nations Parallel Corpus v1.0
(Ziemski, Junczys-Dowmunt, Pouliquen 2016), which come with no warranty of any kind.
Tatoeba's sentences are by its contributors (tatoeba.org). STS-B, OMW and wiktionary lines keep
the attribution of their sources: STSbenchmark and its machine translations; the Open Multilingual
Wordnet's Arabic, Chinese, French and Spanish wordnets; the authors of the Wiktionaries.

## Limits

- A bag of words: order, negation and who-did-what-to-whom are lost. Questions that share no word
  sense with their answer are missed.
- Best between a sentence and a paragraph; beyond some 400 tokens a text is a blur of topics.
- Arabic is the weakest: its running text is the scarcest in the data and its words are written
  in the most forms. Names that were not in the data match only by their pieces.
- At home in official, legal, technical and news prose; everyday speech is fair; poetry, dialect
  and code are not covered. Languages other than the six are noise.
"""


def write(work: Path, recipe: Recipe, figures: dict[str, Figures]) -> str:
    """The card's text, from the manifests under ``work`` and the figures."""
    prepared = json.loads((work / "prepare" / MANIFEST).read_text(encoding="utf-8"))
    trained = work / "train" / MANIFEST
    run = json.loads(trained.read_text(encoding="utf-8"))
    streams = prepared["counts"]["streams"]

    def total(kind: str) -> int:
        return sum(count for name, count in streams.items() if name.startswith(kind))

    return TEXT.format(
        vocabulary=recipe.vocabulary,
        dim=recipe.shipped_dim,
        dtype=LAYOUTS[recipe.layout],
        own_dev=prepared["counts"]["own_dev"],
        figures=table(figures),
        joined=total("joined."),
        part=total("part."),
        ask=total("ask"),
        piece=recipe.piece_characters,
        epochs=recipe.epochs,
        steps=run["counts"]["steps"],
        batch=recipe.batch,
        scale=recipe.scale,
        matryoshka=" and ".join(map(str, recipe.matryoshka)),
        rate=recipe.learning_rate,
        seed=recipe.seed,
        minutes=round(run["seconds"] / 60),
        manifest=sha256(trained),
        data=_data(prepared["counts"]["sources"], recipe),
    )


def _data(counts: dict[str, int], recipe: Recipe) -> str:
    named = {**recipe.sources, **recipe.qa}
    rows = []
    for source, count in counts.items():
        if source in recipe.own:
            weight, licence = recipe.own[source], OWN_LICENCE
            source = f"own/{source}"
        else:
            weight, licence = named[source].weight, named[source].licence
        rows.append(f"| {source} | {count} | {weight:g} | {licence} |")
    return "\n".join(rows)
