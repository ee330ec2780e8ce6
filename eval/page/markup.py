"""Pieces of HTML that the page's parts are made of; text given to them is escaped. Pure."""

from collections.abc import Iterable, Sequence
from html import escape

Cell = str | tuple[str, str]
"""What a cell says, or that and what it says where the pointer rests."""


def figure(name: str, drawn: str, hint: str = "") -> str:
    """``hint`` is HTML."""
    said = f'<p class="hint">{hint}</p>' if hint else ""
    return f"<figure><figcaption>{escape(name)}</figcaption>{drawn}{said}</figure>"


def table(
    heads: Sequence[Cell], rows: Iterable[tuple[str, Sequence[Cell]]], *, shaded: bool = False
) -> str:
    """``shaded``: a cell's ground is the deeper the nearer its figure is to 1."""
    head = "".join(_cell("th", one, ' scope="col"') for one in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(name)}</th>'
        + "".join(_cell("td", cell, _shade(cell) if shaded else "") for cell in cells)
        + "</tr>"
        for name, cells in rows
    )
    whole = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{whole}</div>'


def _cell(tag: str, cell: Cell, more: str) -> str:
    said, hint = (cell, "") if isinstance(cell, str) else cell
    title = f' title="{escape(hint)}"' if hint else ""
    return f"<{tag}{more}{title}>{escape(said)}</{tag}>"


def _shade(cell: Cell) -> str:
    number = cell if isinstance(cell, str) else cell[0]
    return f' style="--share:{number}"' if number[:1].isdigit() else ""


def share(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def between(within: Sequence[float] | None) -> str:
    return "" if within is None else f"{within[0]:.2f} to {within[1]:.2f}"
