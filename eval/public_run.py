"""Grades the search of a system on a public question set: question -> document."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from corpus import LANGUAGES, FetchFailed, detect_language
from eval.metrics import PUBLIC_MEASURES, graded_scores, interval, mean, percentiles
from eval.public import PublicSet
from eval.run import Progress, System

Json = dict[str, Any]


def grade_public(system: System, public: PublicSet, progress: Progress | None = None) -> Json:
    """The figures, as ``--json`` writes them: by leg and language of the question.

    A document stands where the best of its passages does, to a depth of 100 passages. A question
    that cannot be asked is counted among the errors and scores 0.
    """
    search = system.search
    if search is None:
        raise FetchFailed(str(public.path), "a public set is searched in process, without --url")
    legs = (*(leg for leg in system.legs if leg != system.final), system.final)
    rankings: dict[str, dict[str, list[str]]] = {leg: {} for leg in legs}
    errors: list[Json] = []
    took: list[float] = []
    for done, (id, question) in enumerate(public.questions.items(), 1):
        try:
            for leg in legs:
                began = perf_counter()
                hits = search(question, leg)
                rankings[leg][id] = list(dict.fromkeys(hit.document_id for hit in hits))
            took.append(1000 * (perf_counter() - began))  # of the final one, the last
        except Exception as error:  # whatever goes wrong is a result, to be counted and shown
            message = f"{type(error).__name__}: {error}"
            errors.append({"id": id, "language": detect_language(question), "error": message})
        if progress is not None:
            progress(done, len(public.questions))
    scores = {leg: graded_scores(rankings[leg], public.qrels, PUBLIC_MEASURES) for leg in legs}
    return {
        "sets": [
            {
                "file": public.path.name,
                "sha256": public.sha256,
                "form": public.form,
                "documents": len(public.documents),
                "questions": len(public.questions),
                "left_out": public.left_out,
            }
        ],
        "fingerprints": dict(system.fingerprints),
        "overall": _figures(list(public.questions), scores[system.final]),
        "by_leg": {leg: _by_language(public.questions, scores[leg]) for leg in legs},
        "latency_ms": percentiles(took),
        "errors": errors,
        "questions": [
            {
                "id": id,
                "language": detect_language(question),
                "hits": rankings[system.final].get(id, []),
                "relevant": sorted(public.qrels[id]),
                "scores": scores[system.final][id],
            }
            for id, question in public.questions.items()
        ],
    }


def _by_language(
    questions: Mapping[str, str], scores: Mapping[str, Mapping[str, float]]
) -> dict[str, Json]:
    """By detected language of the question, then 'all'."""
    spoken: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for id, question in questions.items():
        spoken[detect_language(question)].append(id)
    found = {language: _figures(ids, scores) for language, ids in spoken.items() if ids}
    return {**found, "all": _figures(list(questions), scores)}


def _figures(ids: Sequence[str], scores: Mapping[str, Mapping[str, float]]) -> Json:
    values = {measure: [scores[id][measure] for id in ids] for measure in PUBLIC_MEASURES}
    return {
        "n": len(ids),
        **{measure: mean(one) for measure, one in values.items()},
        "ci": {measure: interval(one) for measure, one in values.items()},
    }
