"""Figures now against a baseline kept from before, question by question. Pure but for reading."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from corpus import LANGUAGES, BadEvalFile
from eval.metrics import holm, randomisation

Json = dict[str, Any]
Scores = Mapping[tuple[str, str], Mapping[str, float]]  # (id, language) -> measure -> score

COMPARED = ("ndcg@10", "success@5")
ALL = "all"  # every language of a question together
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Baseline:
    """``sets`` maps the hash of each gold set to its name."""

    path: Path
    sha256: str
    sets: Mapping[str, str]
    fingerprints: Mapping[str, str | None]
    scores: Scores


def read_baseline(path: Path) -> Baseline:
    """A file that ``sextant eval --json`` or ``--save-baseline`` wrote.

    Raises BadEvalFile for another file, OSError for one that cannot be read.
    """
    content = path.read_bytes()
    try:
        read = json.loads(content.decode("utf-8"))
        scores = {(q["id"], q["language"]): _checked(q["scores"]) for q in read["questions"]}
        sets = {str(one["sha256"]): str(one["file"]) for one in read["sets"]}
        fingerprints = dict(read["fingerprints"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        why = "it is no baseline. Write one with: sextant eval GOLD … --save-baseline FILE"
        raise BadEvalFile(path, why) from None
    return Baseline(path, sha256(content).hexdigest(), sets, fingerprints, scores)


def check_sets(baseline: Baseline, sets: Mapping[str, str]) -> None:
    """Raises BadEvalFile unless the baseline was measured on exactly these sets (hash to name)."""
    if set(baseline.sets) == set(sets):
        return
    theirs, ours = (
        ", ".join(f"{name} ({hash[:8]})" for hash, name in one.items()) or "nothing"
        for one in (baseline.sets, sets)
    )
    way_out = "Name the sets it was measured on, or another baseline."
    if sorted(baseline.sets.values()) == sorted(sets.values()):
        way_out = "The questions have changed since: measure it again (--save-baseline)."
    raise BadEvalFile(baseline.path, f"it was measured on {theirs}, not on {ours}. {way_out}")


def compare(figures: Json, baseline: Baseline) -> Json:
    """The comparison, as ``--json`` has it under 'baseline'; ``figures`` rounded as written there.

    In each language a paired randomisation test, corrected by Holm's method over the languages;
    beside them, under 'all', one test of the means over each question's languages. Raises
    BadEvalFile when the questions are not the same.
    """
    check_sets(baseline, {one["sha256"]: one["file"] for one in figures["sets"]})
    now = {(q["id"], q["language"]): q["scores"] for q in figures["questions"]}
    if now.keys() != baseline.scores.keys():
        first = min(now.keys() ^ baseline.scores.keys())
        why = f"it does not have the same questions: '{first[0]}' in {first[1]} is in one only."
        raise BadEvalFile(baseline.path, f"{why} Measure it again (--save-baseline).")
    keys = [key for key, scores in now.items() if scores and baseline.scores[key]]
    measures = {one: _measure(one, keys, baseline.scores, now) for one in COMPARED}
    return {
        "file": baseline.path.name,
        "sha256": baseline.sha256,
        "fingerprints": dict(baseline.fingerprints),
        "level": SIGNIFICANT,
        "measures": measures,
        "significant_losses": [
            {"measure": measure, "language": language}
            for measure, by_language in measures.items()
            for language, one in by_language.items()
            if one["significant"] == "loss"
        ],
    }


def _measure(measure: str, keys: list[tuple[str, str]], before: Scores, now: Scores) -> Json:
    """By language, then ALL; empty without an answerable question."""
    pairs: dict[str, list[tuple[float, float]]] = defaultdict(list)
    together: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for id, language in keys:
        pair = before[id, language][measure], now[id, language][measure]
        pairs[language].append(pair)
        together[id].append(pair)
    if not pairs:
        return {}
    means = [
        (_mean([a for a, _ in each]), _mean([b for _, b in each])) for each in together.values()
    ]
    spoken = [language for language in LANGUAGES if language in pairs]
    tests = {language: randomisation([b - a for a, b in pairs[language]]) for language in spoken}
    corrected = dict(zip(spoken, holm(list(tests.values())), strict=True))
    rows = {one: _row(pairs[one], tests[one], corrected[one]) for one in spoken}
    whole = randomisation([b - a for a, b in means])
    return {**rows, ALL: _row(means, whole, whole)}


def _row(pairs: list[tuple[float, float]], p: float, p_holm: float) -> Json:
    before, now = _mean([a for a, _ in pairs]), _mean([b for _, b in pairs])
    significant = None
    if p_holm < SIGNIFICANT:
        significant = "gain" if now > before else "loss"
    return {
        "n": len(pairs),
        "baseline": before,
        "now": now,
        "difference": now - before,
        "p": p,
        "p_holm": p_holm,
        "wins": sum(b > a for a, b in pairs),
        "ties": sum(b == a for a, b in pairs),
        "losses": sum(b < a for a, b in pairs),
        "significant": significant,
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _checked(scores: Mapping[str, float]) -> dict[str, float]:
    """Those compared, or none of an unanswerable question; raises KeyError or TypeError."""
    return {measure: float(scores[measure]) for measure in COMPARED} if scores else {}
