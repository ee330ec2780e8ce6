"""``python -m training STEP…``: runs steps of the pipeline, or ``all``."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from corpus import SextantError
from training.pipeline import HOW_TO_TEACH, STEPS, Pipeline
from training.recipe import Recipe

HERE = Path(__file__).resolve().parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run the steps asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("steps", nargs="+", metavar="STEP", choices=(*STEPS, "all"))
    parser.add_argument("--parallel", type=Path, default=HERE.parent.parent / "shared" / "parallel")
    parser.add_argument("--documents", type=Path, default=HERE / "own")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    parser.add_argument("--encoder", type=Path, default=HERE.parent / "index" / "encoder")
    parser.add_argument("--teacher", type=Path, help=HOW_TO_TEACH)
    parser.add_argument("--seed", type=int, default=Recipe().seed)
    parser.add_argument("--threads", type=int, default=Recipe().threads)
    asked = parser.parse_args(argv)
    recipe = replace(Recipe(), seed=asked.seed, threads=asked.threads)
    if not asked.parallel.is_dir():
        print(f"{asked.parallel} is not a folder: name the data with --parallel", file=sys.stderr)
        return 1
    pipeline = Pipeline(
        asked.parallel,
        asked.documents,
        asked.work,
        asked.encoder,
        recipe,
        _say,
        asked.teacher,
    )
    try:
        pipeline.run(*(STEPS if "all" in asked.steps else asked.steps))
    except SextantError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
