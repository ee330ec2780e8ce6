"""The model card: what the encoder is, what it was made from, and what it can and cannot do.

Every number comes from a manifest, from the recipe or from what ``evaluate`` wrote. What is
measured elsewhere (the whole service on its questions, say) is put in ``card_tables.md`` beside
this file, by hand and with the command that measures it; the card takes it as it is.
"""

import json
from pathlib import Path
from typing import Any

from corpus import BadSetting
from index import Encoder
from training.evaluate import table
from training.manifest import MANIFEST, sha256
from training.recipe import Recipe, Stage
from training.student import Shape

TABLES = Path(__file__).resolve().parent / "card_tables.md"
OWN_LICENCE = "written for this project; CC BY-SA 4.0"
PAIRING = ("prepare", "widen")  # steps of seconds
UNMEASURED = "Not measured yet: `python -m training evaluate card` writes the model card.\n"

TEXT = """---
license: cc-by-sa-4.0
language: [en, zh, fr, es, ru, ar]
library_name: sentence-transformers
pipeline_tag: sentence-similarity
---

# Sextant's encoder

Questions and passages in English, Chinese, French, Spanish, Russian and Arabic, in one space of
{output} dimensions; and a vector of {token_dim} dimensions for each token, in its context, for late
interaction. A ModernBERT of {layers} layers, {hidden} wide, {heads} heads, global attention, gated
layers of {intermediate}; mean pooling and a linear layer. {parameters} M parameters, {vocabulary}
tokens, at most {positions} tokens of a text.

`SentenceTransformer(path)` loads the folder. Sextant runs `model.onnx`, the same model with the
layers in int8, on onnxruntime, one text at a time and without torch; a token's vector is there
the first {token_dim} dimensions of its last state, and its length says how much it weighs.
There are no prompts.
The weights are licensed CC BY-SA 4.0, because some of the sources are share-alike.

## Figures

`python -m training evaluate` measures this table: single vector, no lexical leg, no late
interaction. None of these files was trained on; but the training set of ARCD has five paragraphs
and two questions of its test set, and the sources two of Tatoeba's French phrases.

- `flores`, `tatoeba`: bitext, the share of lines whose nearest line in the other language is their
  translation, each language against English, both ways.
- `cmrc`, `arcd`: a question to its own paragraph among all of the set, nDCG@10.
- `own_same`, `own_across`: {own_dev} held-out questions of our own, in the language of the passage
  and in others; share whose passage comes first among the held-out ones.
- `found`, `found_mrr`: {found_dev} questions about held-out invented documents, asked in each
  language of the passages in Chinese and in English; share whose passage comes first among all
  passages of those documents, and the mean reciprocal rank.

{figures}

### Beside others, on the same sets

Means; `ms` is one question encoded alone (median), `passages/s` passages of the invented documents,
both on the machine that made this card. `static` is the mean of the token vectors
that this encoder starts from.

{compared}
{tables}
## Recipe

1. `prepare`, and `widen` with the documents of ours that came later: pairs drawn by source;
   {joined} pairs of joined neighbours, {part} of a line and a paragraph around it, {ask} of a
   question and its passage, in any two languages, {find} of a question and a passage of our own
   documents, and as many of a question and the sentence that answers it. Of those in both Chinese
   and English, which are invented, one of ten is held out whole.
2. `tokenizer`: Unigram, {vocabulary} pieces of at most {piece} characters; NFKC, lower case,
   Arabic vowel marks and tatweel dropped, traditional Chinese characters simplified (a table
   of OpenCC, Apache-2.0); digits and punctuation apart.
3. `static`: one vector a token; {static_steps} steps of up to {batch} pairs in {epochs} epochs,
   symmetric InfoNCE (scale {scale}), texts that say the same masked. Each time a text of four
   tokens or more is read, about {thinned} of them are left out, others each time.
4. `teach`: what sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0), an English model, says of
   {taught} English texts, the longest of the translations.
5. `contextual`: starts as the static model (its principal axes, residual branches at zero, {kept}
   of the {hidden} dimensions never written to), then {steps} steps of up to {tokens} tokens:
{stages}
   Texts are read as thinned as before.
   Losses: InfoNCE between the two sides, with up to {remembered} vectors of earlier batches as
   negatives (after Wang et al. 2020), and beside an answer another sentence of its passage; a
   second linear map of the same state is to find the
   teacher's vector of each side's English text among {bank} others (Reimers and Gurevych 2020);
   late interaction of token vectors between the two sides (after Khattab and Zaharia 2020).
   AdamW, bfloat16, seed {seed}.
6. `refine`: goes on from there in the same way, with the {later} pairs that `widen` has besides:
{refined}
   Kept are weights {blended} of the way from those before to those after (Wortsman et al. 2022).
7. `export`: both linear maps as one of the same cosines; float16, and the graph in int8 by output
   channel.

Training took {minutes} minutes on {threads} CPU threads: {minutes_of}.
`make encoder` does it all again; training manifest SHA-256 `{manifest}`.

## Data

| source | pairs | family | licence |
|---|---|---|---|
{data}

The United Nations is the source of the sentences of the United Nations Parallel Corpus v1.0
(Ziemski, Junczys-Dowmunt, Pouliquen 2016), which come with no warranty of any kind.
Tatoeba's sentences are by its contributors (tatoeba.org). STS-B, OMW and wiktionary lines keep
the attribution of their sources: STSbenchmark and its machine translations; the Open Multilingual
Wordnet's Arabic, Chinese, French and Spanish wordnets; the authors of the Wiktionaries.
Our own documents are exercises: the invented ones name no real decision, the articles on real
subjects were not checked, and no fact is to be learnt from either.

## Limits

- Small, and trained for hours and not for days: it knows what it has seen, above all official,
  legal, technical and news prose. Everyday speech is fair; poetry, dialect and code are not
  covered; languages other than the six are noise.
- It was trained on sentences and paragraphs. What stands beyond {positions} tokens is not read, and
  one vector of a text with several topics is near to none of them: cut texts into passages.
- Arabic has the scarcest running text in the data, and its words are written in the most forms:
  see its figures above. Names that were not in the data match only by their pieces.
- Negation, quantities and who did what to whom are weakly represented: a passage that
  says the opposite is about as near.
"""


def write(work: Path, recipe: Recipe, measured: Path, encoder: Encoder) -> str:
    """The card's text; ``measured`` is what ``evaluate`` wrote of ``encoder``.

    Raises BadSetting when a step has left no manifest, or the figures are of another encoder.
    """
    figures = _figures(measured, encoder)
    runs = {
        name: _manifest(work / folder)
        for name, folder in (
            ("prepare", "prepare"),
            ("widen", "widen"),
            ("tokenizer", "tokenizer"),
            ("static", "train"),
            ("teach", "teach"),
            ("contextual", "contextual"),
            ("refine", "refine"),
        )
    }
    streams = runs["widen"]["counts"]["streams"]
    first = runs["prepare"]["counts"]["streams"]

    def total(kind: str) -> int:
        return sum(count for name, count in streams.items() if name.startswith(kind))

    vocabulary = int(runs["tokenizer"]["counts"]["vocabulary"])
    shape = Shape(vocabulary, **recipe.shape)
    minutes = {name: run["seconds"] / 60 for name, run in runs.items() if name not in PAIRING}
    return TEXT.format(
        vocabulary=vocabulary,
        output=shape.output,
        token_dim=shape.token_dim,
        layers=shape.layers,
        hidden=shape.hidden,
        heads=shape.heads,
        intermediate=shape.intermediate,
        positions=shape.positions,
        parameters=round(parameters(shape) / 1e6, 1),
        own_dev=runs["prepare"]["counts"]["own_dev"],
        found_dev=runs["prepare"]["counts"]["found_dev"],
        figures=table(figures["sets"]),
        compared=compared(measured.parent),
        tables=_tables(),
        joined=total("joined."),
        part=total("part."),
        ask=total("ask."),
        find=total("find."),
        piece=recipe.piece_characters,
        epochs=len(recipe.learning_rates),
        static_steps=runs["static"]["counts"]["steps"],
        batch=recipe.batch,
        scale=recipe.scale,
        taught=runs["teach"]["counts"]["texts"],
        thinned=f"{recipe.thinned:.0%}",
        steps=sum(stage.steps for stage in recipe.stages),
        tokens=recipe.tokens,
        stages="\n".join(_stage(number, stage) for number, stage in enumerate(recipe.stages, 1)),
        later=sum(streams.values()) - sum(first.values()),
        blended=f"{recipe.blended:.0%}",
        refined=_stage(len(recipe.stages) + 1, recipe.refined),
        kept=shape.kept,
        remembered=recipe.remembered,
        bank=recipe.bank,
        seed=recipe.seed,
        minutes=round(sum(minutes.values())),
        minutes_of=", ".join(f"`{name}` {value:.0f}" for name, value in minutes.items()),
        threads=recipe.threads,
        manifest=sha256(work / "refine" / MANIFEST),
        data=_data(runs["widen"]["counts"]["sources"], recipe),
    )


def compared(folder: Path) -> str:
    """All encoders that were measured into ``folder``, as a Markdown table of means."""
    found = {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}
    sets = list(dict.fromkeys(name for row in found.values() for name in row["means"]))
    lines = [
        "| " + " | ".join(["encoder", "dim", "MB", "ms", "passages/s", *sets]) + " |",
        "|---" * (5 + len(sets)) + "|",
    ]
    for name, row in found.items():
        cells = [name, str(row["dim"]), f"{row['bytes'] / 1e6:.1f}"]
        cells += [str(row["speed"].get(key, "")) for key in ("query_ms", "passages_per_second")]
        cells += [f"{row['means'][key]:.3f}" if key in row["means"] else "" for key in sets]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _figures(measured: Path, encoder: Encoder) -> dict[str, Any]:
    how = "run: python -m training evaluate card"
    if not measured.is_file():
        raise BadSetting("encoder", f"'{encoder.name}' is not measured yet; {how}.")
    figures = _read(measured)
    if figures["fingerprint"] != encoder.fingerprint:
        why = f"'{measured}' has the figures of other weights than '{encoder.name}'; {how}."
        raise BadSetting("encoder", why)
    return figures


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise BadSetting("work", f"'{path}' is missing; run: python -m training export.")
    return _read(path)


def _read(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return made


def _tables() -> str:
    return f"\n{TABLES.read_text(encoding='utf-8').strip()}\n" if TABLES.is_file() else ""


def parameters(shape: Shape) -> int:
    """How many numbers the exported model has."""
    layer = 4 * shape.hidden**2 + 3 * shape.hidden * shape.intermediate + 2 * shape.hidden
    return (
        shape.vocabulary * shape.hidden
        + shape.layers * layer
        + shape.hidden  # the norm of the token vectors is one more than the first layer has
        + shape.hidden * shape.output
    )


def _stage(number: int, stage: Stage) -> str:
    shares = ", ".join(f"{family} {share:.0%}" for family, share in stage.shares.items())
    return f"   - stage {number}: {stage.steps} steps at {stage.learning_rate:g}; {shares}."


def _data(counts: dict[str, int], recipe: Recipe) -> str:
    named = {**recipe.sources, **recipe.qa}
    rows = []
    for source, count in counts.items():
        licence = named[source].licence if source in named else OWN_LICENCE
        shown = f"own/{source}" if source in recipe.own else source
        if source not in named and source not in recipe.own:
            shown = f"training/own/{source}"
        family = "ask" if source in recipe.qa else recipe.family(source)
        rows.append(f"| {shown} | {count} | {family} | {licence} |")
    return "\n".join(rows)
