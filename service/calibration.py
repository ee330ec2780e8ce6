"""What was fitted on the development questions, read from ``service/calibration.json``.

``python -m service.cli_calibrate`` writes the file; nothing in it is set by hand.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

SHIPPED = Path(__file__).with_name("calibration.json")


@dataclass(frozen=True, slots=True)
class Signal:
    """What one unit above ``usual``, its mean on the development questions, adds to the logit."""

    usual: float
    weight: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """``encoder`` is the fingerprint of the one it was fitted with: with another, cosines mean
    something else. ``sentence`` are weights of ``extract.FEATURES``; ``signals`` and ``bias`` say
    how likely the documents are to answer a question of their subject, ``topic`` and
    ``topic_bias`` how likely it is of their subject; below ``threshold`` an answer is withheld,
    and below ``doubt`` it is wrong more often than right; ``near`` is the cosine of the best
    passage below which nothing is close."""

    encoder: str
    sentence: Mapping[str, float]
    bias: float
    signals: Mapping[str, Signal]
    topic_bias: float
    topic: Mapping[str, Signal]
    threshold: float
    doubt: float
    near: float

    @classmethod
    def of_json(cls, text: str) -> "Calibration":
        held = json.loads(text)
        return cls(
            encoder=held["encoder"],
            sentence=held["sentence"],
            bias=held["bias"],
            signals={name: Signal(**signal) for name, signal in held["signals"].items()},
            topic_bias=held["topic_bias"],
            topic={name: Signal(**signal) for name, signal in held["topic"].items()},
            threshold=held["threshold"],
            doubt=held["doubt"],
            near=held["near"],
        )

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"


@cache
def shipped() -> Calibration:
    return Calibration.of_json(SHIPPED.read_text(encoding="utf-8"))
