"""`dedup apply` and `dedup stats` as a user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import run, write_lines
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line

DEDUP = str(Path(sys.executable).parent / "dedup")
ROWS = [
    line(TEXT, id="a", site="a.example"), line(TEXT.upper(), id="b", site="b.example"),
    line(EDITED, id="c\td", site="b.example"), line(SLICE, id="e"), line(OTHER, id="f"),
]  # fmt: skip


@pytest.fixture
def result(tmp_path: Path) -> Path:
    write_lines(tmp_path / "feed.jsonl", ROWS)
    assert run("scan", "feed.jsonl", "-o", "result", cwd=tmp_path).code == 0
    return tmp_path / "result"


def test_a_dry_run_says_what_would_go_and_writes_nothing(tmp_path: Path, result: Path) -> None:
    before = sorted(os.listdir(tmp_path))
    ran = run("apply", "result", "--dry-run", cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    resemblance = json.loads((result / "removed.jsonl").read_text().splitlines()[1])["resemblance"]
    assert ran.out.splitlines() == [
        "would go           2  (1 identical, 1 near-duplicate)",
        "files              1  (1 would be written again, 0 left out, 0 copied)",
        "  b  identical of a, resemblance 1.00, from feed.jsonl:2",
        f"  c d  near-duplicate of a, resemblance {resemblance:.2f}, from feed.jsonl:3",
    ]
    assert sorted(os.listdir(tmp_path)) == before


def test_a_dry_run_shows_the_first_twenty_and_counts_the_others(tmp_path: Path) -> None:
    write_lines(tmp_path / "feed.jsonl", [line(TEXT, id=n) for n in range(24)])
    assert run("scan", "feed.jsonl", "-o", "result", cwd=tmp_path).code == 0
    shown = run("apply", "result", "--dry-run", cwd=tmp_path).out.splitlines()
    assert sum(" identical of " in row for row in shown) == 20
    assert shown[-1] == "  and 3 more; --list shows all"


def test_the_list_names_each_with_its_keeper_and_place(tmp_path: Path, result: Path) -> None:
    ran = run("apply", "result", "--dry-run", "--list", cwd=tmp_path)
    assert ran.out.splitlines() == [
        "identical\tb\ta\tfeed.jsonl:2",
        "near-duplicate\tc d\ta\tfeed.jsonl:3",
    ]
    assert ran.err.startswith("would go")


def test_the_corpus_is_written_again_and_the_books_go_to_standard_error(
    tmp_path: Path, result: Path
) -> None:
    ran = run("apply", "result", "-o", "clean", cwd=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    kept = b"".join(ROWS[n] + b"\n" for n in (0, 3, 4))
    assert (tmp_path / "clean" / "feed.jsonl").read_bytes() == kept
    assert [row.split()[0] for row in ran.err.splitlines()] == [
        "removed", "files", "bytes", "written",
    ]  # fmt: skip
    assert run("apply", "result", "-o", "clean", cwd=tmp_path).code == 2
    assert run("apply", "result", "-o", "other", "-q", cwd=tmp_path).err == ""


@pytest.mark.parametrize("args", [["result"], ["result", "-o", "x", "--dry-run"], ["."], []])
def test_wrong_usage_is_status_2_without_a_traceback(
    tmp_path: Path, result: Path, args: list[str]
) -> None:
    ran = run("apply", *args, cwd=tmp_path)
    assert ran.code == 2
    assert "Traceback" not in ran.err


def test_run_from_another_folder_it_says_where_to_run(tmp_path: Path, result: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    ran = run("apply", "../result", "-o", "x", cwd=tmp_path / "elsewhere")
    assert ran.code == 2
    assert "from the folder where it ran" in ran.err


def test_a_disk_that_fills_leaves_nothing(tmp_path: Path) -> None:
    write_lines(tmp_path / "feed.jsonl", ROWS * 300)
    assert (
        run("scan", "feed.jsonl", "-o", "result", "--remove", "identical", cwd=tmp_path).code == 0
    )
    write_lines(tmp_path / "other.jsonl", [line(OTHER + str(n), id=n) for n in range(900)])
    assert run("scan", "other.jsonl", "-o", "second", "--remove", "none", cwd=tmp_path).code == 0
    ran = subprocess.run(["bash", "-c", f"ulimit -f 64; {DEDUP} apply second -o clean"],
                         cwd=tmp_path, capture_output=True, timeout=60, check=False)  # fmt: skip
    assert ran.returncode == 2
    assert b"File too large" in ran.stderr
    assert b"Traceback" not in ran.stderr
    assert not [name for name in os.listdir(tmp_path) if name.startswith("clean")]


def test_stats_are_text_json_and_charts(tmp_path: Path, result: Path) -> None:
    text = run("stats", "result", cwd=tmp_path).out
    assert "a.example > b.example  (1 identical, 1 near-duplicate)" in text
    ran = run("stats", "result", "-f", "json", "--plots", "charts", cwd=tmp_path)
    assert json.loads(ran.out)["group_sizes"] == {"3": 1}
    assert sorted(os.listdir(tmp_path / "charts")) == [
        "group-sizes.svg", "kinds.svg", "resemblance.svg", "sites.svg",
    ]  # fmt: skip


def test_stats_of_no_result_and_charts_that_cannot_be_written(tmp_path: Path, result: Path) -> None:
    assert run("stats", tmp_path).code == 2
    ran = run("stats", result, "--plots", tmp_path / "feed.jsonl")
    assert ran.code == 2
    assert "cannot be written" in ran.err
