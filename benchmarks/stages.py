"""Our own stages on a feed, and what the machine can do beside them.

In: a feed. Out: what `dedup bench` says about it, reading from each compression, and limits.
How stages are timed is left to `dedup.measure`, limits to `limits`.
"""

from __future__ import annotations

import gzip
import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.engines import Engine
from benchmarks.homes import ROOT, Absent, last_line, python_of
from benchmarks.limits import PACKAGES
from benchmarks.stored_feed import StoredFeed


def measure_levels(feed: StoredFeed, runs: int) -> list[dict[str, Any]]:
    """Signing and sketching with each instruction set of this machine, slowest first."""
    native = importlib.import_module("dedup.core._native")
    rows = []
    for level in native.LEVELS:
        told = measure_stages(feed, runs, level)
        rows += [
            {"level": level, **{key: lap[key] for key in ("stage", "threads", "bytes_per_second")}}
            for lap in told["laps"]
            if lap["stage"] in ("sign", "sketch")
        ]
    return rows


def measure_stages(feed: StoredFeed, runs: int, level: str = "") -> dict[str, Any]:
    """What `dedup bench` says, with the best instruction set or the one that is named.

    Raises:
        SystemExit: It does not read every article of the feed.
    """
    print(f"stages {level} ...", file=sys.stderr)
    environment = {**os.environ, **({"DEDUP_CPU": level} if level else {})}
    command = [
        sys.executable, "-m", "dedup", "bench", str(feed.articles_path), "-f", "json",
        "--runs", str(runs), "-q",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"dedup bench fails: {last_line(done.stderr)}")
    told: dict[str, Any] = json.loads(done.stdout)
    if told["articles"] != feed.about["articles"] or told["text_bytes"] != feed.about["text_bytes"]:
        raise SystemExit("dedup bench read other articles than the feed has; no time counts.")
    return told


def measure_reading(feed: StoredFeed, runs: int) -> list[dict[str, Any]]:
    """Read the records of the feed from a plain, a gzip and a Zstandard file, on one thread."""
    print("reading ...", file=sys.stderr)
    rows = []
    size = feed.articles_path.stat().st_size
    with tempfile.TemporaryDirectory() as name:
        for suffix in ("", ".gz", ".zst"):
            path = Path(name) / f"articles.jsonl{suffix}"
            _compress(feed.articles_path, path)
            seconds = []
            for _ in range(runs + 1):
                begin = time.perf_counter()
                if _num_records(path) != feed.about["articles"]:
                    raise SystemExit(f"{path.name} gives another number of articles.")
                seconds.append(time.perf_counter() - begin)
            median = statistics.median(seconds[1:])
            rows.append(
                {
                    "file": path.name,
                    "file_bytes": path.stat().st_size,
                    "seconds": median,
                    "mb_per_second": size / 1e6 / median,
                }
            )
    return rows


def _num_records(path: Path) -> int:
    read = importlib.import_module("dedup.read")
    return sum(1 for _ in read.open_corpus([path], read.Fields(), read.Rejects()))


def _compress(source: Path, target: Path) -> None:
    opened: Any
    if target.suffix == ".gz":
        opened = gzip.open(target, "wb", compresslevel=6)  # noqa: SIM115
    elif target.suffix == ".zst":
        name = "compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd"
        opened = importlib.import_module(name).open(target, "wb")
    else:
        opened = target.open("wb")
    with source.open("rb") as file, opened as out:
        shutil.copyfileobj(file, out, 1 << 20)


def measure_limits(feed: StoredFeed) -> dict[str, Any]:
    """Bytes per second of `limits`, or the reason why there are none."""
    print("limits ...", file=sys.stderr)
    home = Engine("limits", "", "", PACKAGES, 1, 0, "")
    try:
        python = python_of(home)
    except Absent as reason:
        return {"absent": str(reason)}
    done = subprocess.run(
        [str(python), "-m", "benchmarks.limits", str(feed.articles_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        return {"absent": last_line(done.stderr)}
    found: dict[str, Any] = json.loads(done.stdout)
    return found
