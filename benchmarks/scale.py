"""Time and memory as the corpus grows, and bands alone at length.

In: sizes. Out: a row per size: a whole scan from a file to a result folder, by the command line in
a process of its own, and its peak of memory (texts lie on disk meanwhile); and the grouping of
bands beside datasketch's.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.engines import choose
from benchmarks.homes import ROOT, Absent, last_line, python_of
from benchmarks.stored_feed import StoredFeed, stored_feed

_THREADS: Final = (1, 2)
# Runs a command from a process that is small itself: on Linux a program begins with the peak of
# memory of the one that starts it.
WATCH: Final = """
import json, os, sys, time
begin = time.perf_counter()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(pid, 0)
told = {
    "seconds": time.perf_counter() - begin,
    "cpu_seconds": used.ru_utime + used.ru_stime,
    "memory_peak_bytes": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
}
print(json.dumps(told), file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def measure_scale(sizes: Sequence[int], seed: int, runs: int) -> list[dict[str, Any]]:
    """Scan feeds of these sizes, each on one thread and on two."""
    rows = []
    for n in sizes:
        feed = stored_feed(n, seed)
        for threads in _THREADS:
            print(f"scan, {n:,} articles, {threads} threads ...", file=sys.stderr)
            rows.append(scan_row(feed, threads, runs if n <= 50_000 else 1))
    return rows


def scan_row(feed: StoredFeed, threads: int, runs: int) -> dict[str, Any]:
    """Scan a feed `runs` times; gives seconds, memory, and what of the planted pairs was found."""
    told = [_scan(feed.articles_path, threads) for _ in range(runs)]
    counts = told[-1]["counts"]
    articles, text = feed.about["articles"], feed.about["text_bytes"]
    planted = feed.about["planted"]
    reported = sum(counts["relations"].values())
    whole = counts["read"] == articles and not counts["rejected"] and reported >= 0.9 * planted
    row: dict[str, Any] = {
        "articles": articles,
        "text_bytes": text,
        "threads": threads,
        "read": counts["read"],
        "relations": counts["relations"],
        "planted": planted,
        "counted": whole,
    }
    if not whole:
        return row
    seconds = statistics.median(run["seconds"] for run in told)
    peak = max(run["memory_peak_bytes"] for run in told)
    return row | {
        "seconds": seconds,
        "seconds_all": [run["seconds"] for run in told],
        "cpu_seconds": statistics.median(run["cpu_seconds"] for run in told),
        "articles_per_second": articles / seconds,
        "mb_per_second": text / 1e6 / seconds,
        "memory_peak_bytes": peak,
        "memory_per_article": peak / articles,
        "text_per_article": text / articles,
    }


def _scan(path: Path, threads: int) -> dict[str, Any]:
    """Run `dedup scan` once, in a process of its own."""
    with tempfile.TemporaryDirectory(dir=path.parent.parent) as folder:
        out = Path(folder) / "out"
        command = [
            sys.executable, "-m", "dedup", "scan", str(path), "-o", str(out), "-q",
            "--threads", str(threads),
        ]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-S", "-c", WATCH, *command],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"dedup scan {path} fails: {last_line(done.stderr)}")
        used: dict[str, Any] = json.loads(done.stderr.splitlines()[-1])
        return used | {"counts": json.loads((out / "run.json").read_bytes())["counts"]}


def run_in_home(engine_name: str, words: Sequence[str]) -> Any:
    """Run a module of the benchmarks in the environment of an engine; gives its JSON.

    Raises:
        Absent: The environment cannot be made, or the module fails.
    """
    python = python_of(next(e for e in choose(engine_name) if e.name == engine_name))
    done = subprocess.run(
        [str(python), "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Absent(f"fails: {last_line(done.stderr)}")
    return json.loads(done.stdout)


def measure_kernels(n: int) -> list[dict[str, Any]]:
    """The signature of `n` sets of given hashes, ours and rensa's."""
    rows = []
    for way in ("ours", "rensa"):
        print(f"kernel, {way} ...", file=sys.stderr)
        try:
            rows.append(run_in_home(way, ["benchmarks.kernels", way, str(n)]))
        except Absent as reason:
            rows.append({"way": way, "shingles": 0, "absent": str(reason)})
    return rows


def measure_groupings(n: int, most: int) -> list[dict[str, Any]]:
    """Bands of `n` signatures to pairs, ours and datasketch's; and of `most` by ours."""
    rows: list[dict[str, Any]] = []
    for way, size, runs in (("ours", n, 5), ("datasketch", n, 1), ("ours", most, 3)):
        if rows and (way, size) == (rows[0]["way"], rows[0]["articles"]):
            continue
        print(f"grouping, {way}, {size:,} ...", file=sys.stderr)
        try:
            rows.append(run_in_home(way, ["benchmarks.grouping", way, str(size), str(runs)]))
        except Absent as reason:
            rows.append({"way": way, "articles": size, "absent": str(reason)})
    return rows
