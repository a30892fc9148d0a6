"""Numbers of a result: every copy counted once, flows from the oldest, charts that are XML."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from dedup import Settings
from dedup.report import ResultFolder, draw_plots, result_stats, stats_lines
from dedup.report.plots import bar_chart
from dedup.report.stats import size_rows
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line, scan_lines

ROWS = [
    line(TEXT, id="late", date="2020-01-05", site="late.example"),
    line(TEXT.upper(), id="first", date="2020-01-01", url="https://www.first.example/x"),
    line(EDITED, id="edited", date="2020-01-03", site="late.example"),
    line(SLICE, id="slice", date="2020-01-02"),
    line(OTHER, id="other", site="other.example"),
    b"broken",
]


def stats_of(tmp_path: Path, rows: list[bytes] = ROWS, **settings: Any) -> dict[str, Any]:
    _, out = scan_lines(tmp_path, rows, settings=Settings(**settings))
    return result_stats(ResultFolder(out))


def test_every_copy_is_counted_once_by_kind(tmp_path: Path) -> None:
    stats = stats_of(tmp_path)
    assert (stats["articles"], stats["kept"], stats["removed"], stats["rejected"]) == (5, 3, 2, 1)
    assert (stats["rejected_by_reason"], stats["charsets"]) == ({"bad-json": 1}, {})
    assert stats["kinds"] == {
        "identical": {"articles": 1, "share": 0.2},
        "near-duplicate": {"articles": 1, "share": 0.2},
        "excerpt": {"articles": 1, "share": 0.2},
    }
    assert stats["group_sizes"] == {"3": 1}
    assert stats["largest_groups"] == [{"keeper": "first", "size": 3}]
    assert stats["near_duplicates_by_resemblance"] == {"0.95": 1}


@pytest.mark.parametrize("keep", ["earliest", "first"])
def test_copies_come_from_the_oldest_whichever_is_kept(tmp_path: Path, keep: str) -> None:
    flows = {(flow["from"], flow["to"]): flow for flow in stats_of(tmp_path, keep=keep)["sites"]}
    assert set(flows) == {("first.example", "late.example"), ("first.example", "(unknown)")}
    one = flows["first.example", "late.example"]
    assert (one["articles"], one["identical"], one["near-duplicate"]) == (2, 1, 1)
    assert flows["first.example", "(unknown)"]["excerpt"] == 1


def test_groups_do_not_depend_on_what_is_removed(tmp_path: Path) -> None:
    stats = stats_of(tmp_path, remove="none")
    assert stats["removed"] == 0
    assert stats["kinds"]["identical"]["articles"] == 1


def test_nothing_found_is_zeros_and_no_error(tmp_path: Path) -> None:
    stats = stats_of(tmp_path, [line(OTHER)])
    assert stats["group_sizes"] == {}
    assert next(row for row in stats_lines(stats) if "groups with copies" in row).endswith(" 0")
    assert all("none" in chart or "kinds" in name for name, chart in draw_plots(stats).items())


def test_charsets_and_reasons_are_shown(tmp_path: Path) -> None:
    words = "Die Brücke über den Fluß wird für größere Züge gesperrt, müßte aber erneuert sein."
    german = f'{{"text": "{words}"}}'
    rows = [german.encode("cp1252"), line(OTHER, id="b"), b"broken"]
    stats = stats_of(tmp_path, rows)
    shown = [row.split() for row in stats_lines(stats)]
    assert ["in", "cp1252", "1"] in shown
    assert ["bad-json", "1"] in shown


def test_sizes_are_put_together_in_steps() -> None:
    sizes = {"2": 5, "4": 1, "5": 1, "9": 2, "10": 1, "49": 1, "100": 1, "12345": 1}
    assert size_rows({"group_sizes": sizes}) == [
        ("2", 5), ("4", 1), ("5-9", 3), ("10-19", 1), ("20-49", 1), ("100-199", 1),
        ("10000-19999", 1),
    ]  # fmt: skip


def test_the_text_names_sites_kinds_and_groups(tmp_path: Path) -> None:
    text = "\n".join(stats_lines(stats_of(tmp_path)))
    assert "first.example > late.example  (1 identical, 1 near-duplicate)" in text
    assert "20.0%" in text


def test_charts_are_well_formed_and_hold_every_number(tmp_path: Path) -> None:
    charts = draw_plots(stats_of(tmp_path))
    assert set(charts) == {"kinds.svg", "group-sizes.svg", "resemblance.svg", "sites.svg"}
    for chart in charts.values():
        root = ET.fromstring(chart)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "prefers-color-scheme: dark" in chart
    assert "1 (20.0%)" in charts["kinds.svg"]
    assert "first.example &gt; late.example" in charts["sites.svg"]


def test_a_bar_is_as_long_as_its_count_and_any_label_is_text() -> None:
    rows = [("<a> & \x1b\ud800", 10), ("b" * 99, 5), ("", 0)]
    root = ET.fromstring(bar_chart("t & t", rows))
    ground, *bars = [
        float(rect.attrib["width"]) for rect in root.iter("{http://www.w3.org/2000/svg}rect")
    ]
    assert ground > max(bars)
    assert bars[0] == 2 * bars[1] > 0 == bars[2]
    texts = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "<a> &   " in texts
    assert "b" * 41 + "…" in texts
