"""Charts as SVG elements that take their colours from the page's style. Pure.

A chart is drawn for about the width of a phone; a wide page sets several side by side. Every
mark has a title, which a browser shows where the pointer rests.
"""

from collections.abc import Mapping, Sequence
from html import escape

_WIDTH = 360  # units of the view box; about pixels on a phone
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 44, 8, 24
_ROW = 26  # height of a row with one series
_SERIES = 12  # more for each further one
_PLOT = 230  # height of a plot of lines

Estimate = tuple[float | None, tuple[float, float] | None]
"""(figure, its interval)"""
Line = tuple[str, str, Sequence[tuple[float, float]]]
"""(name, class, points)"""


def intervals(title: str, rows: Mapping[str, Mapping[str, Estimate]]) -> str:
    """Dots with their intervals on an axis from 0 to 1; ``rows`` is row -> series -> figure."""
    height, parts = _TOP, []
    for row, series in rows.items():
        tall = _ROW + _SERIES * (len(series) - 1)
        parts.append(_text(_LEFT - 8, height + tall / 2 + 4, row, "end", "name"))
        for at, (name, estimate) in enumerate(series.items()):
            y = height + tall / 2 + (at - (len(series) - 1) / 2) * _SERIES
            parts.append(_estimate(y, f"{row}, {name}", at, estimate, alone=len(series) == 1))
        height += tall
    grid = [_vertical(_x(tick), _TOP, height, _tick(tick)) for tick in (0, 0.25, 0.5, 0.75, 1)]
    return _svg(title, height + _BOTTOM, [*grid, *parts])


def lines(
    title: str,
    drawn: Sequence[Line],
    across: str,
    *,
    low: float = 0,
    high: float = 1,
    mark: tuple[float, str] | None = None,
) -> str:
    """Lines over an axis from ``low`` to ``high``, named ``across``; both axes of shares when
    these are 0 and 1. ``mark`` is a value of the axis to point out, and its name."""
    reach = (high - low) or 1.0

    def x(value: float) -> float:
        return _x((value - low) / reach)

    def y(value: float) -> float:
        return _TOP + (1 - value) * _PLOT

    parts = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(_horizontal(y(tick), _tick(tick)))
        parts.append(_vertical(_x(tick), _TOP, _TOP + _PLOT, _tick(low + tick * reach)))
    if mark is not None and low <= mark[0] <= high:
        at = x(mark[0])
        parts.append(
            f'<line class="mark" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{y(0):.1f}"/>'
        )
        side = "end" if mark[0] - low > reach / 2 else "start"
        parts.append(_text(at + (5 if side == "start" else -5), _TOP + 12, mark[1], side, "note"))
    for name, kind, points in drawn:
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)
        parts.append(
            f'<polyline class="line {kind}" points="{path}">'
            f"<title>{escape(name)}</title></polyline>"
        )
    parts.append(_text(_x(0.5), _TOP + _PLOT + 36, across, "middle", "note"))
    return _svg(title, _TOP + _PLOT + 44, parts)


def _estimate(y: float, name: str, at: int, estimate: Estimate, *, alone: bool) -> str:
    value, within = estimate
    if value is None:
        return _text(_x(0), y + 4, "–", "start", "note")
    said = f"{name}: {value:.3f}"
    parts = []
    if within is not None:
        said += f" ({within[0]:.2f} to {within[1]:.2f})"
        ends = f'x1="{_x(within[0]):.1f}" x2="{_x(within[1]):.1f}"'
        parts.append(f'<line class="range series-{at}" {ends} y1="{y:.1f}" y2="{y:.1f}"/>')
    radius = 5 if alone else 4
    parts.append(
        f'<circle class="dot series-{at}" cx="{_x(value):.1f}" cy="{y:.1f}" r="{radius}"/>'
    )
    shown = _text(_WIDTH - 2, y + 4, f"{value:.2f}".replace("0.", ".", 1), "end", f"value ink-{at}")
    return f"<g><title>{escape(said)}</title>{''.join(parts)}{shown}</g>"


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {_WIDTH} {height:.0f}" role="img" aria-label="{escape(title)}">'
    return f"{head}{''.join(parts)}</svg>"


def _x(share: float) -> float:
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _vertical(x: float, top: float, bottom: float, name: str) -> str:
    line = f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}"/>'
    return line + _text(x, bottom + 16, name, "middle", "tick")


def _horizontal(y: float, name: str) -> str:
    ends = f'x1="{_LEFT}" x2="{_WIDTH - _RIGHT}"'
    return f'<line class="grid" {ends} y1="{y:.1f}" y2="{y:.1f}"/>' + _text(
        _LEFT - 8, y + 4, name, "end", "tick"
    )


def _tick(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def _text(x: float, y: float, text: str, anchor: str, kind: str) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {place}>{escape(text)}</text>'
