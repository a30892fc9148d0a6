"""Programs that tests run in processes of their own; an article is acknowledged by its id."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from tests import strategies as make
from tests.cli.running import ROOT

#: Adds articles NAMES... to the index FOLDER, a line for each that is stored; flushes often.
ADD = """
import sys
from unittest import mock
from dedup import open_index
from tests.index.workers import body
folder, flush, *names = sys.argv[1:]
flush = int(flush)
with mock.patch("dedup.seen.FLUSH_ARTICLES", flush), \\
     mock.patch("dedup.index.merge.flush_recent.__defaults__", (flush,)), \\
     mock.patch("dedup.index.merge.FAN_IN", 3), open_index(folder) as index:
    print("ready", flush=True)
    sys.stdin.readline()
    for name in names:
        answer = index.check_and_add(name, body(name))
        print(name.partition("@")[0], answer.verdict, answer.added, flush=True)
"""


def body(name: str) -> str:
    """The text of an article by its name: "7@x" and "7@y" have the same, 10 quotes 9, and so on."""
    number = int(name.partition("@")[0])
    words = make.make_words(number, 90)
    if number % 5 == 0 and number:
        words += make.make_words(number - 1, 90)[20:50]
    return make.make_text(words)


def start_adding(folder: Path, names: list[str], flush: int = 4096) -> subprocess.Popen[bytes]:
    """Start a process that adds; it waits for a line on its standard input."""
    return subprocess.Popen(
        [sys.executable, "-c", ADD, str(folder), str(flush), *names],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    )  # fmt: skip


def go(process: subprocess.Popen[bytes]) -> None:
    """Let it begin, once it has opened the index."""
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n", process.stderr and process.stderr.read()
    process.stdin.write(b"\n")
    process.stdin.flush()


def kill_while_adding(folder: Path, names: list[str], seed: int) -> list[str]:
    """Add with frequent flushes, kill at a random moment; gives what was acknowledged."""
    process = start_adding(folder, names, flush=3)
    go(process)
    time.sleep(Random(seed).uniform(0.0, 0.6))
    os.kill(process.pid, signal.SIGKILL)
    out, _ = process.communicate()
    lines = out.decode().splitlines(keepends=True)
    return [line.split()[0] for line in lines if line.endswith("\n")]


def kill_all_while_adding(
    folder: Path, numbers: range, writers: str, seed: int
) -> list[tuple[str, bool]]:
    """Let several processes add the same articles, and kill each at a random moment.

    Gives the names that were acknowledged, and whether each was told that its words are new.
    """
    chance = Random(seed)
    running = {
        who: start_adding(folder, [f"{n}@{who}" for n in numbers], flush=3) for who in writers
    }
    for process in running.values():
        go(process)
    moments = sorted((chance.uniform(0.0, 0.8), who) for who in writers)
    passed = 0.0
    for moment, who in moments:
        time.sleep(moment - passed)
        passed = moment
        os.kill(running[who].pid, signal.SIGKILL)
    out = []
    for who, process in running.items():
        printed, _ = process.communicate()
        for line in printed.decode().splitlines(keepends=True):
            if line.endswith("\n"):
                number, verdict, _ = line.split()
                out.append((f"{number}@{who}", verdict != "identical"))
    return out
