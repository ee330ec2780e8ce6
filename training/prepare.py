"""prepare: parallel files -> one file of pairs per stream, and an own development set.

A stream is a set of pairs that may share a batch: ``text.en-zh`` (a line and its translation),
``joined.en-zh`` (the same of paragraphs), ``part.en-zh`` (a line -> the paragraph it stands in),
``ask.en`` (a question in any language -> the English passage that answers it). A line of a
stream is ``source<TAB>group<TAB>a<TAB>b``: pairs of one group say the same and are never each
other's negatives. Folders beside the source files, ``dev/`` above all, are not looked into except
``own/`` and ``qa/``.
"""

import json
import random
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path

from training.manifest import Progress
from training.recipe import LANGUAGES, Recipe
from training.text import glue, rows

OWN_DEV = "own_dev.json"
FOUND_DEV = "found_dev.json"
DEV_OF = 10  # one of so many invented documents is held out
BOTH = ("zh", "en")  # languages of the passages of invented documents
PIVOT_CHARACTERS = 20  # a shorter English line may stand for two different things
Pair = tuple[str, str, str, str]  # source, group, a, b
Streams = dict[str, list[Pair]]


def inputs(parallel: Path, recipe: Recipe) -> list[Path]:
    """The files that prepare reads: named sources, own/ and qa/; nothing else."""
    named = [p for p in parallel.glob("*.tsv") if p.name.split(".")[0] in recipe.sources]
    own = [p for p in (parallel / "own").glob("*.tsv") if p.stem in recipe.own]
    qa = [p for p in (parallel / "qa").glob("*.tsv") if p.name.split(".")[0] in recipe.qa]
    return sorted(named + own + qa)


def prepare(
    parallel: Path, documents: Sequence[Path], folder: Path, recipe: Recipe, say: Progress
) -> dict[str, object]:
    """Write every stream and the own development sets; returns counts by stream and source.

    ``documents`` are the files of our own documents, ``qa_*.tsv``.
    """
    streams: Streams = defaultdict(list)
    for path in inputs(parallel, recipe):
        if path.parent == parallel:
            _read_source(path, streams, recipe)
    _pivot(parallel, streams, recipe)
    held = _read_asked(parallel, streams, recipe)
    _read_own(parallel, streams, recipe, held)
    for path in inputs(parallel, recipe):
        if path.parent.name == "qa":
            _read_qa(path, streams, recipe)
    found = _read_documents(documents, streams)
    (folder / FOUND_DEV).write_text(
        json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (folder / "pairs").mkdir(exist_ok=True)
    for name in sorted(streams):
        text = "".join("\t".join(pair) + "\n" for pair in dict.fromkeys(streams[name]))
        (folder / "pairs" / f"{name}.tsv").write_text(text, encoding="utf-8")
    (folder / OWN_DEV).write_text(
        json.dumps(held, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    by_source = Counter(pair[0] for name in sorted(streams) for pair in streams[name])
    say(f"prepare: {sum(by_source.values())} pairs in {len(streams)} streams")
    return {
        "streams": {name: len(streams[name]) for name in sorted(streams)},
        "sources": dict(sorted(by_source.items())),
        "own_dev": len(held["dev"]),
        "found_dev": len(found),
    }


def _read_source(path: Path, streams: Streams, recipe: Recipe) -> None:
    source, pair = path.name.split(".")[:2]
    first, second = pair.split("-") if "-" in pair else ("en", pair)
    read = list(rows(path, 2))
    _translated(streams, first, second, source, read)
    if not recipe.sources[source].joined:
        return
    rng = random.Random(f"{recipe.seed} {path.name}")
    for lines in _windows(read, rng, recipe):
        left, right = [a for a, _ in lines], [b for _, b in lines]
        a, b = glue(left, first), glue(right, second)
        streams[f"joined.{first}-{second}"].append((source, "", a, b))
        if len(lines) == 1:
            continue
        drop = -1 if rng.random() < recipe.keep_part else rng.randrange(len(lines))
        at = drop if drop >= 0 else rng.randrange(len(lines))
        texts = {first: left, second: right}
        for asked, told in ((first, second), (second, first), (first, first), (second, second)):
            rest = [t for n, t in enumerate(texts[told]) if n != drop]
            pair_ = (source, "", texts[asked][at], glue(rest, told))
            streams[f"part.{asked}-{told}"].append(pair_)


def _windows(
    read: list[tuple[str, ...]], rng: random.Random, recipe: Recipe
) -> Iterator[list[tuple[str, ...]]]:
    """Neighbouring lines, a few at a time, as long as the paragraph stays short enough."""
    at = 0
    while at < len(read):
        lines = read[at : at + rng.randint(*recipe.joined_lines)]
        while len(lines) > 1 and sum(len(a) for a, _ in lines) > recipe.joined_characters:
            lines.pop()
        at += len(lines)
        yield lines


def _pivot(parallel: Path, streams: Streams, recipe: Recipe) -> None:
    """Pairs without English, through an English line that two languages share."""
    for source in sorted(name for name, row in recipe.sources.items() if row.pivoted):
        tables: dict[str, dict[str, str]] = {}
        for language in LANGUAGES[1:]:
            path = parallel / f"{source}.{language}.tsv"
            if path.is_file():
                tables[language] = {row[0]: row[1] for row in rows(path, 2)}
        for first, second in combinations(tables, 2):
            shared = [
                (text, tables[second][english])
                for english, text in tables[first].items()
                if english in tables[second] and len(english) >= PIVOT_CHARACTERS
            ]
            _translated(streams, first, second, source, shared)


def _translated(
    streams: Streams, first: str, second: str, source: str, read: Iterable[tuple[str, ...]]
) -> None:
    """Add translations to the stream of their languages, whichever comes first."""
    if LANGUAGES.index(first) > LANGUAGES.index(second):
        first, second, read = second, first, ((b, a) for a, b in read)
    streams[f"text.{first}-{second}"] += [(source, "", a, b) for a, b in read]


def _read_asked(
    parallel: Path, streams: Streams, recipe: Recipe
) -> dict[str, list[dict[str, dict[str, str]]]]:
    """Own questions and passages -> ``ask`` and parallel pairs; returns what is held out.

    ``dev`` rows are never trained on; ``others`` are the passages they must be told from.
    """
    held: dict[str, list[dict[str, dict[str, str]]]] = {"dev": [], "others": []}
    for source in ("qa", "qa_long"):
        path = parallel / "own" / f"{source}.tsv"
        if source not in recipe.own or not path.is_file():
            continue
        read = list(rows(path, 2 * len(LANGUAGES)))
        rng = random.Random(f"{recipe.seed} {source}")
        dev = set(rng.sample(range(len(read)), round(recipe.own_dev_share * len(read))))
        for number, row in enumerate(read):
            question = dict(zip(LANGUAGES, row[0::2], strict=True))
            passage = dict(zip(LANGUAGES, row[1::2], strict=True))
            asked = {"question": question, "passage": passage}
            held["dev" if number in dev else "others"].append(asked)
            if number in dev:
                continue
            group = f"{source}{number}"
            _six_ways(streams, source, group + "q", question)
            _six_ways(streams, source, group + "p", passage)
            for b in LANGUAGES:
                streams[f"ask.{b}"] += [(source, group, question[a], passage[b]) for a in LANGUAGES]
    return held


def _six_ways(streams: Streams, source: str, group: str, texts: Mapping[str, str]) -> None:
    for first, second in combinations(LANGUAGES, 2):
        streams[f"text.{first}-{second}"].append((source, group, texts[first], texts[second]))


def _read_own(
    parallel: Path,
    streams: Streams,
    recipe: Recipe,
    held: dict[str, list[dict[str, dict[str, str]]]],
) -> None:
    """Own terms, prose and questions, less every row that the held-out rows repeat."""
    kept_out = [asked[kind] for asked in held["dev"] for kind in ("question", "passage")]
    for source in sorted(set(recipe.own) - {"qa", "qa_long"}):
        path = parallel / "own" / f"{source}.tsv"
        if not path.is_file():
            continue
        guarded = not source.startswith("terms")
        for number, row in enumerate(rows(path, len(LANGUAGES))):
            texts = dict(zip(LANGUAGES, row, strict=True))
            if guarded and any(texts[lang] in out[lang] for out in kept_out for lang in LANGUAGES):
                continue
            _six_ways(streams, source, f"{source}{number}", texts)


def _read_qa(path: Path, streams: Streams, recipe: Recipe) -> None:
    source, language, _ = path.name.split(".")
    for question, passage in rows(path, 2):
        streams[f"ask.{language}"].append((source, "", question, passage))


def _read_documents(paths: Sequence[Path], streams: Streams) -> list[dict[str, object]]:
    """Own documents -> ``told``, ``find`` and ``pick``; returns the questions held out.

    A line is document, paragraph, a question in the order of LANGUAGES, the passage, and the
    sentence of it that answers; the questions of a paragraph repeat its passage. Passage and
    sentence are in Chinese and in English each in ``qa_SUBJECT.tsv``, and in one language in
    ``qa_SUBJECT.LANG.tsv``, of which nothing is held out.
    """
    held: list[dict[str, object]] = []
    for path in paths:
        source, _, one = path.stem.partition(".")
        languages = (one,) if one else BOTH
        for number, row in enumerate(rows(path, 2 + len(LANGUAGES) + 2 * len(languages))):
            document, paragraph, *texts = row
            question = dict(zip(LANGUAGES, texts[: len(LANGUAGES)], strict=True))
            told = texts[len(LANGUAGES) :]
            passage = dict(zip(languages, told[: len(languages)], strict=True))
            answer = dict(zip(languages, told[len(languages) :], strict=True))
            if not one and zlib.crc32(document.encode()) % DEV_OF == 0:
                held.append({"at": f"{document} {paragraph}", "q": question, "p": passage})
                continue
            group = f"{document} {paragraph}"
            for first, second in combinations(LANGUAGES, 2):
                pair = (source, f"{group} {number}", question[first], question[second])
                streams[f"told.{first}-{second}"].append(pair)
            if not one:
                streams["told.en-zh"].append((source, group, passage["en"], passage["zh"]))
            sentence = f"{group} {answer[languages[-1]]}"
            for language in languages:
                streams[f"find.{language}"] += [
                    (source, group, question[asked], passage[language]) for asked in LANGUAGES
                ]
                streams[f"pick.{language}"] += [
                    (source, sentence, question[asked], answer[language]) for asked in LANGUAGES
                ]
    return held
