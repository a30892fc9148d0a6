"""Run the command line in a process of its own, as people do."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
#: Starts the command with SIGINT as a terminal has it, whoever runs the tests.
_START = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "from dedup.cli import main; main()"
)


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


def environment(**changes: str) -> dict[str, str]:
    """The environment of the tests, with changes."""
    return {**os.environ, **changes}


def run(
    *args: str | Path, stdin: bytes = b"", cwd: Path | None = None, timeout: float = 60, **env: str
) -> Ran:
    """Run `dedup ARGS` to its end; neither stream is a terminal."""
    done = subprocess.run(
        [sys.executable, "-c", _START, *map(str, args)],
        input=stdin, capture_output=True, cwd=cwd, env=environment(**env), timeout=timeout,
        check=False,
    )  # fmt: skip
    return Ran(
        done.returncode,
        done.stdout.decode("utf-8", "surrogateescape"),
        done.stderr.decode("utf-8", "surrogateescape"),
    )


def start(*args: str | Path, cwd: Path | None = None) -> subprocess.Popen[bytes]:
    """Start `dedup ARGS` with pipes at all three streams, standard input held open."""
    return subprocess.Popen(
        [sys.executable, "-c", _START, *map(str, args)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=cwd,
    )  # fmt: skip


def write_lines(path: Path, lines: Sequence[bytes]) -> Path:
    """A JSON Lines file of these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def folder_bytes(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by name."""
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}
