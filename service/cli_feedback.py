"""``sextant feedback export``: JSON Lines on stdout."""

import argparse
import json

from service import output
from service.feedback import FILE, FeedbackStore, candidates
from service.settings import Settings

OK = 0


def run(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the candidates; raises ``FeedbackUnavailable``."""
    path = settings.data / FILE
    lines = candidates(FeedbackStore(path).all())
    ready = [line for line in lines if line["feedback"]["ready"]]
    for line in ready if args.ready else lines:
        print(json.dumps(line, ensure_ascii=False))
    output.warn(f"{len(lines)} candidates in '{path}', {len(ready)} of them ready.")
    return OK
