"""Make a feed, scan it in a process, kill it, go on: shared by tests and by the long form."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from subprocess import DEVNULL, Popen, TimeoutExpired, run

from tests.cli.running import ROOT, environment, folder_bytes
from tests.strategies import make_text, make_words

#: Runs the command with commits every few kilobytes, so that a small feed has many.
_SMALL = """
import sys
import dedup.corpus, dedup.rounds, dedup.read.lines
dedup.corpus.COMMIT_BYTES = 20_000
dedup.read.lines.BLOCK = 20_000
dedup.rounds.BATCH_PAIRS = 16
dedup.rounds.COMMIT_BATCHES = 1
"""
_RUN = """
from dedup.cli import main
main()
"""
#: Dies in the middle of a write to a shelf, and tells at the end how many writes there were.
_DYING = """
import os, signal
from dedup.shelf import DiskShelf
deadly = int(sys.argv.pop(1))
write, made = DiskShelf._write, []
def write_or_die(self, name, view):
    made.append(name)
    if len(made) == deadly:
        write(self, name, view[: len(view) // 2])
        os.kill(os.getpid(), signal.SIGKILL)
    write(self, name, view)
DiskShelf._write = write_or_die
from dedup.cli import main
try: main()
finally: print(len(made), flush=True)
"""


def make_feed(path: Path, articles: int, seed: int = 1) -> Path:
    """A feed with copies, near-copies, excerpts, furniture and broken lines."""
    random, texts = Random(seed), list[list[str]]()
    furniture = make_words(99, 30)
    with path.open("wb") as file:
        for n in range(articles):
            kind = random.randrange(6) if texts else 0
            words = make_words(1000 * seed + n, random.randint(40, 200))
            if kind == 1:
                words = list(random.choice(texts))
            elif kind == 2:
                words = list(random.choice(texts))
                words[random.randrange(len(words))] = f"edit{n}"
            elif kind == 3:
                old = random.choice(texts)
                words = [*words[:20], *old[: len(old) // 2], *words[20:]]
            texts.append(words)
            text = make_text(words + (furniture if n % 3 == 0 else []))
            article = {"id": f"n{n % (articles - 3)}", "text": text, "site": f"s{n % 4}.example",
                       "date": 1_700_000_000 + 3600 * random.randrange(9999)}  # fmt: skip
            file.write(json.dumps(article, ensure_ascii=False).encode() + b"\n")
            if n % 50 == 7:
                file.write(b"{broken\n")
    return path


def scan(*args: str | Path, small: bool = True) -> list[str]:
    """The command line of a scan, with small commits or those of everybody."""
    return [sys.executable, "-c", (_SMALL if small else "") + _RUN, "scan", *map(str, args)]


def scan_until(write: int, feed: Path, out: Path) -> int:
    """Scan on one thread and die by SIGKILL in the middle of a write; 0 for never.

    Gives the number of writes of a scan that lived.
    """
    program = [sys.executable, "-c", _SMALL + _DYING, str(write), "scan", str(feed), "-o", str(out)]
    done = run(
        [*program, "-q", "--threads", "1"], cwd=ROOT, env=environment(), capture_output=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == (-signal.SIGKILL if write else 0), done.stderr.decode()
    return 0 if write else int(done.stdout)


def finish(out: Path, *, small: bool = True) -> None:
    """Go on with a scan to its end; what is whole already is no error."""
    again = [*scan("--resume", "-o", out, small=small), "-q"]
    done = run(again, cwd=ROOT, env=environment(), capture_output=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr.decode()


def kill_and_finish(
    feed: Path,
    out: Path,
    delay: float,
    wanted: dict[str, bytes],
    say: Callable[[str], None],
    *,
    small: bool = True,
) -> bool:
    """Kill a scan after some seconds, go on, and compare; False when it ended before."""
    command = [*scan(feed, "-o", out, small=small), "-q"]
    process = Popen(command, cwd=ROOT, env=environment(), stderr=DEVNULL)
    try:
        process.wait(delay)
    except TimeoutExpired:
        process.kill()
        process.wait()
    was_killed = not out.exists()
    work = out.with_name(out.name + ".partial") / "work"
    held = sorted(path.name for path in work.iterdir() if path.is_dir()) if work.exists() else []
    if not (work / "work.json").exists() and was_killed:
        say(f"killed after {delay:.2f} s: nothing had begun")
        return True
    finish(out, small=small)
    found = folder_bytes(out)
    other = sorted(name for name in found | wanted if found.get(name) != wanted.get(name))
    assert not other, f"other bytes in {other} after a kill at {delay} s with {held}"
    assert not work.parent.exists()
    say(f"killed after {delay:.2f} s with {', '.join(held) or 'nothing'} on disk: same bytes")
    return was_killed


def measure(feed: Path, out: Path, *, small: bool = True) -> float:
    """Seconds of a whole scan."""
    begin = time.monotonic()
    run(
        [*scan(feed, "-o", out, small=small), "-q"],
        cwd=ROOT,
        env=environment(),
        timeout=600,
        check=True,
    )
    return time.monotonic() - begin
