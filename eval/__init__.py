"""Gold questions and how answers are graded. Outsiders import only what is named here."""

from eval.asked import Asked, Cited, Found
from eval.cli import main
from eval.figures import figures
from eval.gold import GoldQuestion, GoldSet, Locator, Quotation, read_gold
from eval.http_ask import corpus_fingerprint, open_server
from eval.locate import Folded, Source, Span, locate, named, places
from eval.run import Case, Outcome, Report, System, evaluate

__all__ = [
    "Asked",
    "Case",
    "Cited",
    "Folded",
    "Found",
    "GoldQuestion",
    "GoldSet",
    "Locator",
    "Outcome",
    "Quotation",
    "Report",
    "Source",
    "Span",
    "System",
    "corpus_fingerprint",
    "evaluate",
    "figures",
    "locate",
    "main",
    "named",
    "open_server",
    "places",
    "read_gold",
]
