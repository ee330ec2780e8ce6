"""The report as one page, whole in one file, without a request to anywhere.

The same report gives the same bytes: nothing in the page tells when or how fast it was made.
"""

import json
from pathlib import Path
from string import Template
from typing import Any

from eval.page.payload import payload
from eval.page.sections import sections
from eval.run import Report

__all__ = ["render_html"]

_FOLDER = Path(__file__).resolve().parent


def render_html(report: Report, figures: dict[str, Any]) -> str:
    """``figures`` are those of ``report``, rounded as in JSON."""
    page = Template(_asset("page.html"))
    return page.substitute(
        sections(report, figures),
        style=_asset("page.css"),
        script=_asset("page.js"),
        payload=_embedded(payload(report, figures)),
    )


def _asset(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _embedded(value: object) -> str:
    """JSON that may stand in a script element: no '<' can close it early."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
