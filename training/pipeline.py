"""The steps, what each reads, and when it need not run again."""

import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from training import card, evaluate, export, prepare, tokenizer, train
from training.manifest import Progress, Step, digests, sha256, write_json
from training.recipe import Recipe

STEPS = ("prepare", "tokenizer", "train", "export", "evaluate")
UNSHIPPED = (
    "layout",
    "shipped_dims",
    "threads",
    "checkpoint_seconds",
)  # settings that do not change vectors


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Where a run reads and writes; ``run`` does one step."""

    parallel: Path
    documents: Path  # invented documents, in the repository
    work: Path
    encoder: Path
    recipe: Recipe
    say: Progress

    def run(self, step: str) -> None:
        """Do one of STEPS; an earlier step that is not current is done first."""
        getattr(self, f"_{step}")()

    def _settings(self, *names: str) -> dict[str, object]:
        everything = asdict(self.recipe)
        return {name: everything[name] for name in ("seed", *names)}

    def _kinds(self) -> dict[str, object]:
        """Which sources there are and how they are read; their weights matter to train alone."""
        recipe = self.recipe
        return {
            "sources": {name: [row.joined, row.pivoted] for name, row in recipe.sources.items()},
            "own": sorted(recipe.own),
            "qa": sorted(recipe.qa),
        }

    def _prepare(self) -> None:
        files = prepare.inputs(self.parallel, self.recipe)
        documents = sorted(self.documents.glob("qa_*.tsv"))
        names = ("own_dev_share", "joined_lines", "joined_characters", "keep_part")
        Step(
            "prepare",
            self.work / "prepare",
            digests(files, self.parallel) | digests(documents, self.documents),
            self._settings(*names) | self._kinds(),
        ).run(
            lambda out: prepare.prepare(self.parallel, self.documents, out, self.recipe, self.say),
            self.say,
        )

    def _tokenizer(self) -> None:
        self._prepare()
        pairs = self.work / "prepare" / "pairs"
        names = ("vocabulary", "piece_characters", "tokenizer_lines")
        Step(
            "tokenizer",
            self.work / "tokenizer",
            digests(pairs.glob("*.tsv"), pairs),
            self._settings(*names) | self._kinds(),
        ).run(lambda out: tokenizer.train_tokenizer(pairs, out, self.recipe, self.say), self.say)

    def _train(self) -> None:
        self._tokenizer()
        pairs = self.work / "prepare" / "pairs"
        path = self.work / "tokenizer" / tokenizer.TOKENIZER
        Step(
            "train",
            self.work / "train",
            {**digests(pairs.glob("*.tsv"), pairs), tokenizer.TOKENIZER: sha256(path)},
            {k: v for k, v in asdict(self.recipe).items() if k not in UNSHIPPED},
        ).run(lambda out: train.train(pairs, path, out, self.recipe, self.say), self.say)

    def _export(self) -> None:
        self._train()
        vectors = self.work / "train" / train.VECTORS
        path = self.work / "tokenizer" / tokenizer.TOKENIZER
        Step(
            "export",
            self.work / "export",
            {train.VECTORS: sha256(vectors), tokenizer.TOKENIZER: sha256(path)},
            self._settings("layout", "shipped_dims"),
        ).run(self._write, self.say)

    def _write(self, out: Path) -> Mapping[str, object]:
        vectors = np.load(self.work / "train" / train.VECTORS)
        path = self.work / "tokenizer" / tokenizer.TOKENIZER
        model = out / "encoder"
        counts = export.write_encoder(vectors, path, model, self.recipe, "", self.say)
        figures = evaluate.evaluate(model, self.parallel, self.work / "prepare")
        text = card.write(self.work, self.recipe, figures)
        export.write_encoder(vectors, path, self.encoder, self.recipe, text, self.say)
        shutil.copyfile(self.encoder / "README.md", model / "README.md")
        return counts

    def _evaluate(self) -> None:
        figures = evaluate.evaluate(self.encoder, self.parallel, self.work / "prepare")
        self.say(evaluate.table(figures))
        out = self.work / "evaluate"
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / "figures.json", {"sets": figures, "means": evaluate.means(figures)})
