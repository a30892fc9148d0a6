"""Progress: every stage on a terminal, nothing elsewhere."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.cli.progress import Bar
from tests.cli.running import write_lines
from tests.report.making import line
from tests.strategies import make_text, make_words

DEDUP = str(Path(sys.executable).parent / "dedup")


def on_a_terminal(cwd: Path, *args: str) -> str:
    """What a command writes to standard error when that is a terminal."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([DEDUP, *args], cwd=cwd, stderr=theirs, stdout=subprocess.DEVNULL,
                               env={**os.environ, "TERM": "xterm", "COLUMNS": "140"})  # fmt: skip
    os.close(theirs)
    seen = b""
    while True:
        try:
            piece = os.read(ours, 1 << 16)
        except OSError:  # how a terminal says that the other end is gone
            break
        if not piece:
            break
        seen += piece
    os.close(ours)
    assert process.wait(timeout=60) == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen.decode())


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    rows = [line(make_text(make_words(n, 300)), id=str(n)) for n in range(1500)]
    return write_lines(tmp_path / "feed.jsonl", rows)


def test_a_terminal_shows_articles_their_rate_and_bytes_of_all(feed: Path) -> None:
    seen = on_a_terminal(feed.parent, "scan", "feed.jsonl", "-o", "out")
    size = f"{feed.stat().st_size / 1e6:,.1f}"
    assert re.search(rf"reading .* articles, .* of {size} MB", seen)
    assert "left" in seen
    assert "verifying" in seen
    assert "comparing" in on_a_terminal(feed.parent, "apply", "out", "--dry-run")


def test_quiet_shows_nothing(feed: Path) -> None:
    assert on_a_terminal(feed.parent, "scan", "feed.jsonl", "-o", "out", "-q") == ""


def test_without_a_terminal_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar(quiet=False) as bar:
        assert bar is None
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")
