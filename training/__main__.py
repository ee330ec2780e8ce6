"""``python -m training STEP``: runs one step of the pipeline, or ``all``."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from training.pipeline import STEPS, Pipeline
from training.recipe import Recipe

HERE = Path(__file__).resolve().parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("step", choices=(*STEPS, "all"))
    parser.add_argument("--parallel", type=Path, default=HERE.parent.parent / "shared" / "parallel")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--encoder", type=Path, default=HERE.parent / "index" / "encoder")
    parser.add_argument("--epochs", type=int, default=Recipe().epochs)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--layout", choices=sorted(Recipe().shipped_dims), default=Recipe().layout)
    asked = parser.parse_args(argv)
    recipe = replace(Recipe(), epochs=asked.epochs, seed=asked.seed, layout=asked.layout)
    pipeline = Pipeline(asked.parallel, asked.work, asked.encoder, recipe, _say)
    if not asked.parallel.is_dir():
        print(f"{asked.parallel} is not a folder: name the data with --parallel", file=sys.stderr)
        return 1
    for step in STEPS if asked.step == "all" else (asked.step,):
        pipeline.run(step)
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
