"""`dedup filter` as a user meets it: pipes, interrupts, junk, full disks."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import run, start
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line
from tests.strategies import make_text, make_words

DEDUP = str(Path(sys.executable).parent / "dedup")
A, B, C, D, E = (
    line(TEXT, id="a"), line(TEXT.upper(), id="b"), line(EDITED, id="c"), line(SLICE, id="d"),
    line(OTHER, id="e"),
)  # fmt: skip
FEED = b"".join(row + b"\n" for row in (A, B, C, D, E))


def text(*rows: bytes) -> str:
    return b"".join(row + b"\n" for row in rows).decode()


def read_line(process: subprocess.Popen[bytes], seconds: float = 30) -> bytes:
    """The next line of standard output; b"" if none comes."""
    assert process.stdout
    if not select.select([process.stdout], [], [], seconds)[0]:
        return b""
    return os.read(process.stdout.fileno(), 1 << 16)


@pytest.mark.parametrize(
    ("args", "kept"),
    [
        ([], (A, D, E)),
        (["--remove", "identical"], (A, C, D, E)),
        (["--remove", "excerpt"], (A, E)),
        (["--lose-nothing"], (A, C, D, E)),
        (["--remember", "1"], (A, C, D, E)),
    ],
)
def test_what_is_kept_passes_through_byte_for_byte(args: list[str], kept: tuple[bytes]) -> None:
    ran = run("filter", *args, stdin=FEED)
    assert (ran.code, ran.out) == (0, text(*kept))


def test_line_ends_blank_lines_and_junk_pass_and_are_counted(tmp_path: Path) -> None:
    feed = A + b"\r\n\r\n{broken\r\n" + B + b"\r\n[]\n" + E
    ran = run("filter", stdin=feed)
    assert ran.out.encode() == A + b"\r\n\r\n{broken\r\n[]\n" + E
    named = [row for row in ran.err.splitlines() if row.startswith("rejected: ")]
    begin = len(A) + 4
    assert named[0].startswith(f"rejected: -, byte {begin}: bad-json (line 3: ")
    assert named[1].startswith("rejected: -, byte ")
    assert "not-an-object (line 5: " in named[1]
    books = [" ".join(row.split()) for row in ran.err.splitlines()[2:6]]
    assert books == [
        "read 5", "kept 2 (2 remembered at the end)", "removed 1 (1 identical)",
        "rejected 2 (1 bad-json, 1 not-an-object)",
    ]  # fmt: skip


def test_junk_and_copies_go_to_files_when_asked_for(tmp_path: Path) -> None:
    feed = A + b"\n{broken\n" + B + b"\n"
    ran = run("filter", "--removed", "gone", "--rejected", "junk", stdin=feed, cwd=tmp_path)
    assert ran.out.encode() == A + b"\n"
    assert (tmp_path / "junk").read_bytes() == b"{broken\n"
    (row,) = (tmp_path / "gone").read_bytes().splitlines()
    value = json.loads(row)
    assert (value["id"], value["reason"], value["keeper"]) == ("b", "identical", "a")
    assert value["origin"] == "-:3"
    assert row.endswith(b',"record":' + B + b"}")
    ran = run("filter", "--removed", "gone", stdin=feed, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "exists already" in ran.err
    assert run("filter", "--rejected", "/dev/null", stdin=feed).out.encode() == A + b"\n"


def test_of_many_rejects_twenty_are_named() -> None:
    ran = run("filter", stdin=b"{\n" * 50)
    assert ran.err.count("rejected: ") == 21
    assert ran.out == "{\n" * 50


def test_the_exit_status_says_whether_anything_was_removed_when_asked() -> None:
    assert run("filter", "--exit-code", stdin=FEED).code == 1
    assert run("filter", "--exit-code", stdin=A).code == 0
    assert run("filter", "-q", stdin=b"").err == ""


def test_given_boilerplate_is_masked(tmp_path: Path) -> None:
    (tmp_path / "banner.txt").write_text(TEXT.replace("\n", " "))
    rows = [line(f"{words} {TEXT}", id=words) for words in ("eins zwei drei", "vier fuenf sechs")]
    feed = b"\n".join(rows) + b"\n"
    assert run("filter", stdin=feed).out.count("\n") == 1
    ran = run("filter", "--boilerplate", tmp_path / "banner.txt", stdin=feed)
    assert ran.out.count("\n") == 2


def test_a_line_comes_out_before_the_next_one_goes_in() -> None:
    process = start("filter")
    assert process.stdin
    for row in (A, E):
        process.stdin.write(row + b"\n")
        process.stdin.flush()
        assert read_line(process) == row + b"\n"
    out, _ = process.communicate(B + b"\n", timeout=60)
    assert (process.returncode, out) == (0, b"")


def test_an_interrupt_ends_with_the_books_and_status_130() -> None:
    process = start("filter")
    assert process.stdin
    process.stdin.write(A + b"\n" + B + b"\n")
    process.stdin.flush()
    assert read_line(process) == A + b"\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert b"removed            1" in err
    assert b"interrupted; what was decided until then has been written" in err
    assert b"Traceback" not in err


def sh(command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["bash", "-c", command], capture_output=True, timeout=60, check=False, cwd=cwd
    )


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    rows = b"".join(line(make_text(make_words(n, 40)), id=n) + b"\n" for n in range(3000))
    (tmp_path / "feed.jsonl").write_bytes(rows)
    piped = f"cat feed.jsonl | {DEDUP} filter --remove identical | head -1"
    ran = sh(f"{piped}; echo ${{PIPESTATUS[1]}}", tmp_path)
    assert ran.stdout.splitlines()[-1] == b"0"
    assert b"Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (f"printf '{{}}\\n' | {DEDUP} filter > /dev/full", b"No space left"),
        (f"{DEDUP} filter <&-", b"standard input is closed"),
        (f"printf 'x' | gzip | {DEDUP} filter", b"zcat"),
    ],
)
def test_what_goes_wrong_is_a_message_and_status_2(command: str, message: bytes) -> None:
    ran = sh(command)
    assert ran.returncode == 2
    assert message in ran.stderr
    assert b"Traceback" not in ran.stderr


def test_a_charset_can_be_named_and_lines_pass_as_they_are() -> None:
    text = "Привет " + TEXT.encode("ascii", "ignore").decode()
    rows = [json.dumps({"id": n, "text": text}, ensure_ascii=False).encode("cp866") for n in "ab"]
    done = subprocess.run(
        [DEDUP, "filter", "--charset", "cp866"], input=b"\n".join([*rows, A]) + b"\n",
        capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, rows[0] + b"\n" + A + b"\n")
    assert b"removed            1" in done.stderr
