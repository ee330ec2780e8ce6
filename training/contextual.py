"""contextual, refine: the small transformer, from the static vectors and the teacher's; and on."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch

from corpus import BadSetting
from training.manifest import Progress
from training.recipe import Recipe, Stage
from training.trainer import Trainer

WEIGHTS = "student.pt"
CHECKPOINT = "checkpoint.partial"


def contextual(
    pairs: Path,
    tokenizer: Path,
    static: Path,
    taught: Path,
    folder: Path,
    recipe: Recipe,
    say: Progress,
    *,
    begun: Path | None = None,
    stop_after: int | None = None,
) -> dict[str, object]:
    """Train through every stage, from the checkpoint if there is one; writes ``student.pt``.

    ``begun`` is the ``student.pt`` of an earlier run: the stage ``refined`` of the recipe goes on
    from there, and its steps are counted on from those of the stages. ``stop_after`` ends the run
    after that many steps with a checkpoint and no weights, as an interruption would.
    """
    torch.use_deterministic_algorithms(True)
    torch.set_flush_denormal(True)  # zeroed branches breed denormals, which are ten times as slow
    trainer = Trainer(pairs, tokenizer, taught, recipe, say)
    trainer.warm(np.load(static))
    stages: Sequence[Stage] = recipe.stages
    label, end = "contextual", 0
    if begun is not None:
        saved = torch.load(begun, weights_only=True)
        if "factors" not in saved:
            why = f"'{begun}' is of an earlier version; run the step contextual again."
            raise BadSetting("work", why)
        trainer.take_up(saved["student"], saved["factors"])
        stages = (recipe.refined,)
        label, end = "refine", sum(stage.steps for stage in recipe.stages)
    step = end
    if (folder / CHECKPOINT).is_file():
        step = trainer.load(folder / CHECKPOINT)
        say(f"{label}: goes on from step {step}")
    began, first, saved_at, shown = time.monotonic(), step, time.monotonic(), time.monotonic()
    average: dict[str, float] = {}
    for stage in stages:
        start, end = end, end + stage.steps
        drawn = trainer.sampler.batches(
            stage.shares, range(start, end), recipe.tokens, recipe.pairs
        )
        for at, batch in enumerate(drawn, start):
            if at < step:
                continue
            if at == start:
                trainer.student.quieten(stage.loudness)
            found = trainer.step(batch, stage.rate(at - start), at)
            for name, value in found.items():
                key = f"{batch.family} {name}"
                average[key] = 0.95 * average.get(key, value) + 0.05 * value
            step = at + 1
            if time.monotonic() - shown > 20:
                pace = (time.monotonic() - began) / (step - first)
                told = " ".join(f"{key} {value:.2f}" for key, value in sorted(average.items()))
                say(f"{label}: {step} {pace:.2f} s/step {told}")
                shown = time.monotonic()
            if time.monotonic() - saved_at > recipe.checkpoint_seconds or step == stop_after:
                trainer.save(folder / CHECKPOINT, step)
                saved_at = time.monotonic()
            if step == stop_after:
                return {"steps": step}
    if begun is not None:
        trainer.blend()
    factors = trainer.even()
    made = {
        "student": trainer.student.state_dict(),
        "shape": asdict(trainer.shape),
        "factors": factors,
    }
    torch.save(made, folder / WEIGHTS)
    (folder / CHECKPOINT).unlink(missing_ok=True)
    return {"steps": step, "losses": {k: round(v, 3) for k, v in sorted(average.items())}}
