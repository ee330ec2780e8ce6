"""Passages that stand for their other language versions. Pure.

A gold set's evidence may stand in one language version of a work while the system shows another
one. A gold set judges by the evidence alone, and so do all other figures; these are beside them.
"""

from collections.abc import Mapping, Sequence

from eval.asked import Found
from eval.metrics import ranking_scores
from eval.run import Report


def scores_of_versions(report: Report) -> dict[str, dict[str, float]] | None:
    """Ranking scores by case when a hit is relevant because it, or a version it stands for, is,
    and the versions of one paragraph are one thing to be found; None when no hit has versions."""
    rankings: dict[str, list[str]] = {}
    qrels: dict[str, frozenset[str]] = {}
    any_has = False
    for outcome in report.outcomes:
        key = outcome.case.key
        hits = outcome.rankings.get(report.final, ())
        any_has = any_has or any(hit.versions for hit in hits)
        if key in report.qrels:
            leader = _leaders(hits, report.qrels[key])
            qrels[key] = frozenset(leader.values())
            rankings[key] = [_stands_for(hit, leader) for hit in hits]
    return ranking_scores(rankings, qrels) if any_has else None


def _leaders(hits: Sequence[Found], relevant: frozenset[str]) -> dict[str, str]:
    """Each relevant passage, and the one of its versions that all of them are counted as."""
    leader = {id: id for id in sorted(relevant)}
    for hit in hits:
        same = {leader[id] for id in (hit.passage_id, *hit.versions) if id in leader}
        if len(same) > 1:
            first = min(same)
            leader = {id: first if at in same else at for id, at in leader.items()}
    return leader


def _stands_for(hit: Found, leader: Mapping[str, str]) -> str:
    """What is counted: a relevant passage's leader, else the passage itself."""
    for id in (hit.passage_id, *hit.versions):
        if id in leader:
            return leader[id]
    return hit.passage_id
