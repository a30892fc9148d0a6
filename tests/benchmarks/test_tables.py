"""Tables, plots and pages come from records, and nothing else."""

from __future__ import annotations

import copy
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks import perf, publish, records, run, tables
from benchmarks.plots import Bar, bars, lines

ROOT = records.ROOT

ANSWER = {
    "wanted": 10, "found": 10, "reported": 12, "related": 2, "wrong": 0, "recall": 1.0,
    "precision": 0.83, "wrong_share": 0.0,
}  # fmt: skip
TIMED = {
    "engine": "ours-pairs", "threads": 1, "version": "0.1", "answer": ANSWER,
    "counted": True, "seconds": 2.0, "seconds_all": [1.5, 2.0, 2.5], "cpu_seconds": 1.9,
    "mb_per_second": 31.0, "articles_per_second": 10_000.0, "memory_peak_bytes": 99_000_000,
    "stages": {"signatures": 1.25},
}  # fmt: skip
ROWS: list[dict[str, Any]] = [
    {"engine": "gone", "threads": 1, "absent": "cannot be installed: no wheel"},
    {**TIMED, "engine": "slower", "seconds": 7.0, "mb_per_second": 9.0},
    {"engine": "blind", "threads": 1, "version": "3", "counted": False,
     "answer": {**ANSWER, "recall": 0.05, "found": 1}},
    TIMED,
]  # fmt: skip
LAP = {
    "stage": "sketch", "threads": 1, "seconds": 0.5, "least": 0.4, "most": 0.6,
    "bytes_per_second": 2e8, "articles_per_second": 5e4, "share_of_memory_read": 0.02,
}  # fmt: skip
RECORD: dict[str, Any] = {
    "date": "2026-01-02T03:04:05+0000", "commit": "0123456789abcdef", "cpu": "A (R) CPU",
    "num_cpus": 2, "memory_bytes": 8 << 30, "compiler": "GCC", "python": "3.11", "numpy": "2",
    "backend": "native", "cpu_level": "baseline", "settings": "00ff",
    "speed": [{
        "feed": {"articles": 100, "text_bytes": 1_000_000, "words": 5000, "pairs_07": 9,
                 "digest": "aa"},
        "engines": ROWS,
        "stages": {"laps": [
            LAP, {**LAP, "stage": "read records"}, {**LAP, "stage": "scan"}]},
        "reading": [{"file": "a.gz", "file_bytes": 5, "seconds": 1.0, "mb_per_second": 77.7}],
        "limits": {"memory read": 1e10, "wc -w": 1e8},
    }],
    "scale": [
        {"articles": n, "threads": t, "counted": True, "seconds": n / 1000, "seconds_all": [1.0],
         "articles_per_second": 1000.0, "mb_per_second": 3.0, "memory_peak_bytes": n * 9000,
         "memory_per_article": 9000.0, "text_per_article": 3000.0}
        for n in (1000, 10_000) for t in (1, 2)
    ],
}  # fmt: skip


def cells(text: str) -> list[list[str]]:
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|") and not line.startswith("|---")
    ]


# Tables


def test_what_was_measured_again_is_named_with_its_time_and_version() -> None:
    assert "again" not in tables.machine(RECORD)
    again = {"scale": {"date": "2026-02-03T04:05:06", "commit": "f" * 40, "cpu_level": "avx2"}}
    said = tables.machine(RECORD | {"again": again})
    assert said.endswith("; scale measured again 2026-02-03T04:05, commit `ffffffffffff`, avx2")


def test_engines_stand_by_their_time_and_those_without_one_behind_with_the_reason() -> None:
    _, *rows = cells(tables.engines_table(ROWS))
    assert [row[0].split()[0] for row in rows] == ["ours-pairs", "slower", "gone", "blind"]
    assert rows[2][3] == "cannot be installed: no wheel"
    assert rows[3][3] == "no time: the answer is wrong"
    assert "0.0500" in rows[3]


def test_a_row_without_a_time_shows_none_anywhere() -> None:
    _, *rows = cells(tables.engines_table(ROWS))
    assert rows[3][2] == "-"
    assert rows[3][4:8] == ["-"] * 4


def test_the_losers_stay_in_the_table() -> None:
    ours_lose = [{**row, "seconds": 9.0} if row is TIMED else row for row in ROWS]
    _, *rows = cells(tables.engines_table(ours_lose))
    assert [row[0].split()[0] for row in rows][:2] == ["slower", "ours-pairs"]


def test_every_number_of_a_table_follows_the_record() -> None:
    other = copy.deepcopy(RECORD)
    other["speed"][0]["engines"][1]["mb_per_second"] = 12345.0
    other["scale"][0]["seconds"] = 54.32
    before, after = (dict(tables.sections(record)) for record in (RECORD, other))
    changed = {title for title in before if before[title] != after[title]}
    assert changed == {"Engines, 100 articles", "Time and memory as the corpus grows"}
    assert "12,345" in after["Engines, 100 articles"]


def test_shares_of_the_limits_are_rates_over_rates() -> None:
    (_, memory, words) = cells(tables.limits_table(RECORD["speed"][0]))
    assert memory == ["memory read", "10,000", "2.00 %", "2.00 %", "2.00 %"]
    assert words[2] == "200.00 %"


def test_a_scan_whose_answer_is_wrong_has_no_time_in_the_table() -> None:
    rows = [{"articles": 5, "threads": 1, "counted": False}]
    assert cells(tables.scale_table(rows))[1][2:4] == ["-", "the answer is wrong"]


# Plots


def test_a_plot_is_a_small_file_of_well_formed_xml() -> None:
    for name, text in publish.plots(RECORD).items():
        assert ET.fromstring(text).tag.endswith("svg"), name
        assert len(text) < 8000, name


def test_a_longer_bar_is_a_larger_number_and_none_is_no_bar() -> None:
    text = bars("t", [Bar("a", 10.0, "ten"), Bar("b", 1000.0, "k"), Bar("<c>", None, "absent")])
    widths = [float(w) for w in re.findall(r'<rect [^>]*width="([\d.]+)"', text)]
    assert len(widths) == 2
    assert widths[0] < widths[1]
    assert "&lt;c&gt;" in text
    assert "absent" in text


def test_lines_rise_with_their_numbers_and_nothing_gives_an_empty_plot() -> None:
    text = lines("t", "x", "y", {"s": [(10, 1), (100, 10), (1000, 100)]})
    (points,) = re.findall(r'points="([^"]*)"', text)
    places = [tuple(map(float, point.split(","))) for point in points.split()]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    assert "no numbers" in lines("t", "x", "y", {})


# Pages and records


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no marks"):
        publish.with_part("text", "part")


def test_writing_a_page_twice_changes_nothing() -> None:
    page = "a\n<!-- records -->\nold\n<!-- /records -->\nb\n"
    once = publish.with_part(page, "new \\1")
    assert once == "a\n<!-- records -->\n\nnew \\1\n<!-- /records -->\nb\n"
    assert publish.with_part(once, "new \\1") == once


def test_pages_and_plots_are_written_beside_the_record(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "benchmarks").mkdir()
    for name in publish.PAGES:
        (tmp_path / name).write_text("<!-- records -->\n<!-- /records -->\n")
    path = records.write_record(RECORD, {}, folder=tmp_path)
    publish.write_pages(path, tmp_path)
    assert {file.suffix for file in tmp_path.glob(f"{path.stem}*")} == {".json", ".md", ".svg"}
    assert "slower" in (tmp_path / "benchmarks/README.md").read_text("utf-8")
    assert "77.7" in (tmp_path / "docs/performance.md").read_text("utf-8")


@pytest.mark.parametrize("name", publish.PAGES)
def test_the_numbers_of_a_page_are_those_of_the_newest_record(name: str) -> None:
    newest = max(records.records(), default=None)
    text = (ROOT / name).read_text("utf-8")
    part = publish.part_of(name, newest)
    assert text == publish.with_part(text, part), "run `python -m benchmarks.publish`"


def test_every_committed_page_is_the_one_its_record_gives() -> None:
    for path in records.records():
        assert path.with_suffix(".md").read_text("utf-8") == publish.page(path)
        for name, text in publish.plots(json.loads(path.read_text("utf-8"))).items():
            assert path.with_name(f"{path.stem}-{name}.svg").read_text("utf-8") == text


def test_a_committed_record_says_where_and_with_what_it_was_made() -> None:
    for path in records.records() + records.records(name="perf"):
        record = json.loads(path.read_text("utf-8"))
        assert record["backend"] == "native"
        for field in ("commit", "cpu", "compiler", "python", "numpy", "settings", "cpu_level"):
            assert record[field] not in ("", "unknown"), (path.name, field)


def test_records_are_found_by_name_and_oldest_first(tmp_path: Path) -> None:
    names = [
        "2026-02-01-A-2c.json",
        "2026-01-01-A-B-16c.json",
        "2026-03-01-A-2c-perf.json",
        "x.json",
    ]
    for name in names:
        (tmp_path / name).write_text("{}")
    assert [path.name for path in records.records(tmp_path)] == [names[1], names[0]]
    assert [path.name for path in records.records(tmp_path, "perf")] == [names[2]]


def test_a_record_is_named_after_processor_and_cores_never_after_the_host() -> None:
    about = {"cpu": "Intel(R) Xeon(R) Processor @ 2.10GHz", "num_cpus": 2}
    assert records.machine_name(about) == "Intel-Xeon-2c"


def test_an_even_number_of_runs_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run.main(["speed", "--runs", "2"])
    assert "a median needs an odd number" in capsys.readouterr().err


def test_an_unknown_measurement_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["sped"]) == 2
    assert "speed" in capsys.readouterr().err


# Instructions


def test_counts_are_read_in_the_order_of_the_marks(tmp_path: Path) -> None:
    for number, count in ((1, 70), (2, 7), (10, 9)):
        (tmp_path / f"out.{number}").write_text(f"version: 1\nsummary: {count}\n")
    (tmp_path / "out").write_text("summary: 1\n")
    assert perf.read_counts(tmp_path) == [70, 7, 9]


def test_every_stage_that_is_counted_runs() -> None:
    text = " ".join(f"word{i % 70}" for i in range(200))
    for name, work in perf.stages([text, text + " end", "short"]).items():
        assert work() is not None, name
