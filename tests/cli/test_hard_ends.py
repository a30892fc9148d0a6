"""What once went wrong at the edges: full disks, closed streams, foreign files, odd names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dedup
from dedup import OutputError, scan_paths
from dedup.report import OutputFolder
from dedup.report.folder import FILES
from dedup.report.summary import text_lines
from tests.cli.running import ROOT, folder_bytes, run, write_lines
from tests.report.making import OTHER, TEXT, line

DEDUP = str(Path(sys.executable).parent / "dedup")


def sh(command: str, cwd: Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["bash", "-c", command.replace("dedup ", f"{DEDUP} ")], cwd=cwd,
                          capture_output=True, timeout=60, check=False)  # fmt: skip


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "feed.jsonl", [line(TEXT, id="a"), line(TEXT, id="b")])


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    write_lines(tmp_path / "many.jsonl", [line(TEXT, id=f"a{n}") for n in range(3000)])
    ran = sh("dedup scan many.jsonl -f jsonl -q | head -1; echo ${PIPESTATUS[0]}", tmp_path)
    assert ran.stdout.splitlines()[-1] == b"0"
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize("name", ["out.partial", "out.replaced"])
def test_a_folder_of_mine_with_such_a_name_is_not_deleted(
    tmp_path: Path, feed: Path, name: str
) -> None:
    scan_paths([feed], tmp_path / "out")
    (tmp_path / name).mkdir()
    (tmp_path / name / "diary.txt").write_text("mine")
    with pytest.raises(OutputError, match=name):
        scan_paths([feed], tmp_path / "out", force=True)
    assert (tmp_path / name / "diary.txt").read_text() == "mine"


def test_a_folder_made_while_a_scan_without_force_runs_is_not_deleted(tmp_path: Path) -> None:
    with OutputFolder(tmp_path / "out") as folder:
        for name in FILES:
            folder.open(name).close()
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "diary.txt").write_text("mine")
        with pytest.raises(OutputError, match="stays in"):
            folder.commit()
    assert (tmp_path / "out" / "diary.txt").exists()


def test_force_refuses_to_replace_the_folder_it_reads_from(tmp_path: Path, feed: Path) -> None:
    scan_paths([feed], tmp_path / "out")
    before = folder_bytes(tmp_path / "out")
    ran = run("scan", tmp_path / "out" / "kept.jsonl", "-o", tmp_path / "out", "--force")
    assert ran.code == 2
    assert folder_bytes(tmp_path / "out") == before


@pytest.mark.parametrize("out", [".", "", "/", "a" * 300])
def test_an_impossible_output_folder_is_an_output_error(
    tmp_path: Path, feed: Path, out: str
) -> None:
    ran = run("scan", feed, "-o", out, cwd=tmp_path)
    assert "Traceback" not in ran.err
    assert ran.code == 2


def test_a_disk_that_fills_while_reading_is_an_output_error(tmp_path: Path) -> None:
    write_lines(tmp_path / "many.jsonl", [line(TEXT, id=f"a{n}") for n in range(3000)])
    ran = sh("ulimit -f 64; dedup scan many.jsonl -o out", tmp_path)
    assert b"Traceback" not in ran.stderr
    assert ran.returncode == 2
    assert not (tmp_path / "out").exists()


def test_a_full_device_at_standard_output_is_no_traceback() -> None:
    ran = sh("dedup scan seeds -q > /dev/full", ROOT)
    assert b"Traceback" not in ran.stderr
    assert ran.returncode not in (0, 1)  # 1 means "found something"


def test_an_input_whose_name_is_not_utf8_can_be_written_about(tmp_path: Path, feed: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.jsonl"
    os.rename(feed, name)
    scan_paths([os.fsdecode(name)], tmp_path / "out")
    assert json.loads((tmp_path / "out" / "run.json").read_bytes())["inputs"]


def test_no_control_character_of_an_id_reaches_the_terminal(tmp_path: Path) -> None:
    rows = [line(TEXT, id="\x1b[2Jred"), line(TEXT, id="two\nlines")]
    result = scan_paths([write_lines(tmp_path / "feed.jsonl", rows)])
    assert all(row.isprintable() for row in text_lines(result))


def test_no_control_character_of_a_path_reaches_the_terminal(tmp_path: Path, feed: Path) -> None:
    import pty

    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "\x1b[2J.jsonl").write_bytes(b"broken\n")
    ours, theirs = pty.openpty()
    # click strips escape sequences where standard error is no terminal, so it must be one.
    subprocess.run([DEDUP, "scan", "in"], cwd=tmp_path, stderr=theirs, stdout=theirs, check=False)
    assert b"\x1b[2J" not in os.read(ours, 10_000)


@pytest.mark.parametrize("closed", ["scan - <&-", "scan seeds -q >&-"])
def test_a_closed_stream_is_no_traceback(closed: str) -> None:
    ran = sh(f"dedup {closed}", ROOT)
    assert b"Traceback" not in ran.stderr
    assert ran.returncode in (0, 2)


def test_an_output_that_cannot_hold_the_text_is_no_traceback() -> None:
    seeds = ROOT / "seeds"
    ran = run("compare", seeds / "27-shujia-baodao.txt", seeds / "28-shujia-zhuanzai.txt",
              PYTHONIOENCODING="ascii")  # fmt: skip
    assert "Traceback" not in ran.err


def test_every_command_says_its_exit_statuses() -> None:
    assert "Exit status:" in run("bands", "--help").out


def test_bands_refuses_what_is_no_number() -> None:
    assert run("bands", "--threshold", "nan").code == 2


def test_scan_paths_takes_one_path_or_says_what_it_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # never a path with "/": the bug would scan the whole machine
    assert dedup.scan_paths("seeds").counts.read == 30


def test_compare_of_standard_input_with_itself_is_wrong_usage() -> None:
    ran = run("compare", "-", "-", stdin=OTHER.encode())
    assert ran.code == 2
    assert "empty-text" not in ran.err
