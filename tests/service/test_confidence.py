"""How sure an answer is: hand arithmetic, the reasons, and the file that ships."""

import math
from dataclasses import replace

import pytest
from support.fake_encoder import BagOfWordsEncoder
from support.small_documents import hits_on, small_document

from corpus import Hit
from index import open_encoder
from service.calibration import SHIPPED, Calibration, Signal, shipped
from service.confidence import (
    DEPTH,
    FACT_MISSING,
    NOT_CLEAR,
    NOTHING_CLOSE,
    confidence,
    doubt_for,
    of_retrieval,
    reason,
    threshold_for,
)
from service.extract import FEATURES
from service.wording import abstention

MADE = Calibration(
    encoder="e",
    sentence=dict.fromkeys(FEATURES, 1.0),
    bias=0.5,
    signals={"lead": Signal(usual=0.1, weight=4.0), "unmet": Signal(usual=0.5, weight=-2.0)},
    topic_bias=1.0,
    topic={"dense": Signal(usual=0.5, weight=10.0)},
    threshold=0.4,
    doubt=0.7,
    near=0.3,
)


def hits(*scores: tuple[float, float | None]) -> list[Hit]:
    """Hits with these (dense, lexical) scores; None where the leg did not find it."""
    found = hits_on(*(small_document(f"{n}.en", "Text.") for n in range(len(scores))))
    return [
        replace(
            hit,
            scores={"dense": dense} if lexical is None else {"dense": dense, "lexical": lexical},
        )
        for hit, (dense, lexical) in zip(found, scores, strict=True)
    ]


def test_the_confidence_by_hand() -> None:
    found = hits((0.7, None), (0.3, None))
    logit = 0.5 + 4.0 * (0.2 - 0.1) - 2.0 * (1.0 - 0.5)
    topic = 1.0 + 10.0 * (0.7 - 0.5)
    wanted = 1 / (1 + math.exp(-logit)) / (1 + math.exp(-topic))
    assert confidence(found, {"unmet": 1.0}, MADE) == pytest.approx(wanted)


def test_a_signal_that_is_not_known_counts_as_usual() -> None:
    found = hits((0.7, None), (0.3, None))
    assert confidence(found, {}, MADE) == confidence(found, {"unmet": 0.5}, MADE)


def test_it_is_a_share_whatever_the_signals() -> None:
    found = hits((0.7, None))
    assert confidence([], {}, MADE) == 0.0
    assert 0 < confidence(found, {"unmet": 1e9}, MADE) < 1e-20
    assert confidence(found, {"unmet": -1e9}, MADE) <= 1


def test_what_is_read_off_the_hits() -> None:
    found = of_retrieval(hits((0.5, 0.2), (0.9, None), (0.4, 0.1)))
    assert found == pytest.approx({"dense": 0.9, "lexical": 0.2, "lead": 0.3, "agreement": 0.0})
    assert of_retrieval(hits((0.9, 0.2), (0.5, 0.1)))["agreement"] == 1.0
    assert of_retrieval(hits((0.9, None), (0.5, None)))["agreement"] == 0.0


def test_hits_beyond_the_depth_do_not_count() -> None:
    near = hits(*[(0.5, 0.1)] * DEPTH)
    assert of_retrieval(near) == of_retrieval([*near, *hits((1.0, 1.0))])


@pytest.mark.parametrize(
    ("dense", "unmet", "expected"),
    [(0.29, 1.0, NOTHING_CLOSE), (0.3, 1.0, FACT_MISSING), (0.3, 0.0, NOT_CLEAR)],
)
def test_the_reason(dense: float, unmet: float, expected: str) -> None:
    assert reason(hits((dense, None)), {"unmet": unmet}, MADE) == expected
    assert reason(hits((0.9, None)), {}, MADE) == NOT_CLEAR
    assert reason([], {"unmet": unmet}, MADE) == NOTHING_CLOSE


def test_every_reason_is_said_in_every_language_and_no_two_alike() -> None:
    said = [
        abstention(why, language)
        for why in (NOTHING_CLOSE, FACT_MISSING, NOT_CLEAR)
        for language in ("zh", "en", "fr", "es", "ru", "ar")
    ]
    assert len(set(said)) == 18


def test_the_threshold_is_for_the_encoder_it_was_fitted_with() -> None:
    ours = open_encoder()
    assert threshold_for(ours, None) == shipped().threshold
    assert threshold_for(ours, 0.9) == 0.9
    assert threshold_for(BagOfWordsEncoder(), None) == 0.0
    assert threshold_for(BagOfWordsEncoder(), 0.2) == 0.2
    assert doubt_for(ours) == shipped().doubt
    assert doubt_for(BagOfWordsEncoder()) == 0.0


def test_what_ships_was_fitted_with_the_encoder_that_ships() -> None:
    """When it fails: ``python -m service.cli_calibrate`` on an index of the shared corpus."""
    assert shipped().encoder == open_encoder().fingerprint


def test_what_ships_makes_sense() -> None:
    calibration = shipped()
    assert set(calibration.sentence) == set(FEATURES)
    assert calibration.sentence["cosine"] > 0
    assert calibration.sentence["types"] > 0
    assert 0 < calibration.threshold < calibration.doubt < 1
    assert calibration.signals["absent"].weight < 0


def test_it_is_written_as_it_is_read() -> None:
    assert Calibration.of_json(MADE.to_json()) == MADE
    assert shipped().to_json() == SHIPPED.read_text(encoding="utf-8")
