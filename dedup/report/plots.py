"""Numbers about a result → bar charts as SVG, written by hand, readable on light and on dark.

Takes what `result_stats` gives; gives one SVG text a chart. No script, no font, no other file.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

from dedup.report.stats import size_rows
from dedup.report.summary import plain

_STYLE = """\
  text { font: 13px system-ui, sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .ground { fill: #ffffff; }
  .bar { fill: #2f6db3; }
  .axis { stroke: #8c959f; stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; }
    text { fill: #e6edf3; }
    .bar { fill: #6cb0f5; }
  }
"""
#: Pixels: of the chart, of the labels' column, of a row; and the longest label in letters, of
#: which wide fonts take 7.8 pixels each.
_WIDTH, _LABELS, _ROW, _TOP, _LETTERS = 800, 340, 24, 48, 42


def draw_plots(stats: dict[str, Any]) -> dict[str, str]:
    """The charts by file name; all are there, if with no bar."""
    articles = stats["articles"]
    kinds = [(kind, found["articles"]) for kind, found in stats["kinds"].items()]
    flows = [(f"{flow['from']} > {flow['to']}", flow["articles"]) for flow in stats["sites"]]
    steps = [
        (f"{step} to {float(step) + 0.05:.2f}", count)
        for step, count in stats["near_duplicates_by_resemblance"].items()
    ]
    return {
        "kinds.svg": bar_chart(f"Copies by kind, of {articles:,} articles", kinds, articles),
        "group-sizes.svg": bar_chart("Groups by number of articles", size_rows(stats)),
        "resemblance.svg": bar_chart("Near-duplicates by resemblance to the one kept", steps),
        "sites.svg": bar_chart("Articles copied from one site on another, or on the same", flows),
    }


def bar_chart(title: str, rows: Sequence[tuple[str, int]], whole: int = 0) -> str:
    """Horizontal bars.

    Args:
        title: Above the chart, and its description for readers of the screen.
        rows: Label and count of each bar, 0 or more.
        whole: Show each count's share of this too; not when 0.
    """
    room = _WIDTH - _LABELS - 120
    most = max((count for _, count in rows), default=0)
    height = _TOP + _ROW * max(1, len(rows)) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}" role="img">',
        f"<title>{_text(title)}</title>",
        f"<style>\n{_STYLE}</style>",
        # Browsers show a file of its own on white, whatever the reader prefers.
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>',
        f'<text class="title" x="12" y="26">{_text(title)}</text>',
    ]
    if not rows:
        parts.append(f'<text x="12" y="{_TOP + 16}">none</text>')
    for n, (label, count) in enumerate(rows):
        middle = _TOP + _ROW * n + _ROW / 2
        length = room * count / most if most else 0.0
        short = label if len(label) <= _LETTERS else label[: _LETTERS - 1] + "…"
        value = f"{count:,}" + (f" ({count / whole:.1%})" if whole else "")
        parts += [
            f'<text x="{_LABELS - 8}" y="{middle + 4:g}" text-anchor="end">{_text(short)}</text>',
            f'<rect class="bar" x="{_LABELS}" y="{middle - 8:g}" width="{length:.1f}" height="16">'
            f"<title>{_text(label)}: {value}</title></rect>",
            f'<text x="{_LABELS + length + 6:.1f}" y="{middle + 4:g}">{value}</text>',
        ]
    bottom = _TOP + _ROW * max(1, len(rows))
    parts.append(
        f'<line class="axis" x1="{_LABELS}" y1="{_TOP}" x2="{_LABELS}" y2="{bottom}"/>\n</svg>\n'
    )
    return "\n".join(parts)


def _text(text: str) -> str:
    """Text that XML can hold: no control characters, no lone surrogates."""
    return html.escape(plain(text), quote=False)
