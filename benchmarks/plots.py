"""Small plots as SVG, written by hand: bars, and lines on two logarithmic axes.

In: labelled numbers. Out: the text of an SVG file, a few kilobytes, readable on light and dark
ground. What is plotted is left to `tables`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, floor, log10
from typing import Final, NamedTuple

_WIDTH: Final = 720
_ROW: Final = 24
_LEFT: Final = 150
_COLOURS: Final = ("#2a6fbb", "#c2572b", "#3b8f5a", "#8a5fb0", "#a08020", "#777777")
_STYLE: Final = (
    "<style>text{font:13px sans-serif;fill:#777}.t{font-weight:bold}"
    ".g{stroke:#8884;stroke-width:1}</style>"
)


class Bar(NamedTuple):
    """A row of a bar plot; without a value the note stands alone."""

    label: str
    value: float | None
    note: str
    #: Ours stand out.
    ours: bool = False


def _svg(height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img">'
    )
    return "\n".join([head, _STYLE, *parts, "</svg>"]) + "\n"


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}"{more}>{escape(text)}</text>'


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Bars on a logarithmic scale; rows without a value keep their place."""
    values = [row.value for row in rows if row.value]
    low = floor(log10(min(values))) if values else 0
    high = log10(max(values)) if values else 1
    span = max(high - low, 0.1)
    room = _WIDTH - _LEFT - 190
    parts = [_text(8, 20, title, ' class="t"')]
    for i, row in enumerate(rows):
        y = 34 + i * _ROW
        parts.append(_text(_LEFT - 8, y + 14, row.label, ' text-anchor="end"'))
        size = 0.0
        if row.value:
            size = max(2.0, room * (log10(row.value) - low) / span)
            colour = _COLOURS[0] if row.ours else _COLOURS[5]
            parts.append(
                f'<rect x="{_LEFT}" y="{y}" width="{size:.1f}" height="{_ROW - 7}" '
                f'fill="{colour}"/>'
            )
        parts.append(_text(_LEFT + size + 6, y + 14, row.note))
    return _svg(44 + len(rows) * _ROW, parts)


def lines(
    title: str, x_name: str, y_name: str, series: Mapping[str, Sequence[tuple[float, float]]]
) -> str:
    """Lines through points, both axes logarithmic, with a grid at the powers of ten."""
    points = [point for those in series.values() for point in those]
    if not points:
        return _svg(60, [_text(8, 20, title, ' class="t"'), _text(8, 44, "no numbers")])
    height, left, bottom, top, right = 340, 70, 40, 40, 150
    xs, ys = [log10(x) for x, _ in points], [log10(y) for _, y in points]
    x_low, x_high = floor(min(xs)), max(ceil(max(xs)), floor(min(xs)) + 1)
    y_low, y_high = floor(min(ys)), max(ceil(max(ys)), floor(min(ys)) + 1)

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (_WIDTH - left - right) * (x - x_low) / (x_high - x_low),
            height - bottom - (height - bottom - top) * (y - y_low) / (y_high - y_low),
        )

    parts = [_text(8, 20, title, ' class="t"')]
    for power in range(x_low, x_high + 1):
        x, y = place(power, y_low)
        parts.append(f'<path class="g" d="M{x:.1f} {y:.1f}V{top}"/>')
        parts.append(_text(x, y + 18, _power(power), ' text-anchor="middle"'))
    for power in range(y_low, y_high + 1):
        x, y = place(x_low, power)
        parts.append(f'<path class="g" d="M{x:.1f} {y:.1f}H{_WIDTH - right}"/>')
        parts.append(_text(x - 6, y + 4, _power(power), ' text-anchor="end"'))
    parts.append(_text(_WIDTH - right, height - 6, x_name, ' text-anchor="end"'))
    parts.append(_text(left, top - 6, y_name))
    for i, (name, those) in enumerate(series.items()):
        colour = _COLOURS[i % len(_COLOURS)]
        placed = [place(log10(x), log10(y)) for x, y in those]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in placed]
        if placed:
            x, y = placed[-1]
            parts.append(_text(x + 8, y + 4, name))
    return _svg(height, parts)


def _power(power: int) -> str:
    value = 10.0**power
    return f"{value:,.0f}" if power >= 0 else f"{value:g}"
