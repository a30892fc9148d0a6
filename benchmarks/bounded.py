"""Scans within caps on memory: time, peak and disk as the corpus grows, and the same bytes.

In: sizes, caps and threads. Out: a row for each scan, a process of its own: wall and processor
time, articles and MB a second, peak of memory, bytes on disk; the exponent of time over size; and
whether all caps gave the same files. Also a corpus of nothing but copies of one article, 2 % of
the words of each replaced.

A feed of up to 200,000 articles is the beginning of a stored feed of that length; a longer one
repeats it with its letters exchanged, another exchange for each block, so that no block has a
word of another and copying is what it was. What is not measured: disks, since files are in the
page cache as far as there is room.

Example:  python -m benchmarks.bounded --sizes 10000,100000,1000000 --memory 2G,8G
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from itertools import pairwise
from math import log
from pathlib import Path
from random import Random
from subprocess import DEVNULL, PIPE, Popen
from typing import Any, Final

import xxhash

from benchmarks.blocks import BLOCK, exchange
from benchmarks.detector import refuse_slow_backend
from benchmarks.homes import ROOT, last_line
from benchmarks.scale import WATCH
from benchmarks.stored_feed import ROOT as FEEDS
from benchmarks.stored_feed import stored_feed

_EDITS: Final = 0.02
_HOME: Final = ROOT / "build" / "bounded"


def make_feed(n: int, seed: int, feeds: Path) -> Path:
    """A file of `n` articles; made when it is not there yet."""
    path = _HOME / f"feed-{n}-{seed}.jsonl"
    if path.exists():
        return path
    source = stored_feed(BLOCK, seed, feeds).articles_path
    with _making(path).open("w", encoding="utf-8") as out:
        for block in range(-(-n // BLOCK)):
            letters = exchange(block)
            with source.open(encoding="utf-8") as file:
                for _, line in zip(range(n - block * BLOCK), file, strict=False):
                    if block:
                        article = json.loads(line)
                        article["id"] = f"{block}-{article['id']}"
                        article["text"] = article["text"].translate(letters)
                        line = json.dumps(article, ensure_ascii=False) + "\n"
                    out.write(line)
    return _made(path)


def make_copies(n: int, seed: int, feeds: Path) -> Path:
    """A file of `n` copies of one article, 2 % of the words of each replaced."""
    path = _HOME / f"copies-{n}-{seed}.jsonl"
    if path.exists():
        return path
    random, texts = Random(seed), stored_feed(BLOCK, seed, feeds).articles_path
    with texts.open(encoding="utf-8") as file:
        words = next(w for line in file if 300 <= len(w := json.loads(line)["text"].split()) <= 500)
    with _making(path).open("w", encoding="utf-8") as out:
        for number in range(n):
            mine = list(words)
            for place in random.sample(range(len(mine)), round(_EDITS * len(mine))):
                mine[place] = f"edit{number}x{place}"
            article = {
                "id": f"c{number:07}",
                "text": " ".join(mine),
                "date": 1_700_000_000 + number,
            }
            out.write(json.dumps(article, ensure_ascii=False) + "\n")
    return _made(path)


def _making(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    print(f"making {path}", file=sys.stderr)
    return path.with_suffix(".new")


def _made(path: Path) -> Path:
    path.with_suffix(".new").rename(path)
    return path


def scan_row(feed: Path, memory: str, threads: int) -> dict[str, Any]:
    """Scan a file into a folder within a cap."""
    out = _HOME / "out"
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable, "-m", "dedup", "scan", str(feed), "-o", str(out), "-q",
        "--memory", memory, "--threads", str(threads),
    ]  # fmt: skip
    watched = [sys.executable, "-S", "-c", WATCH, *command]
    process = Popen(watched, cwd=ROOT, stdout=DEVNULL, stderr=PIPE, text=True)
    disk = 0
    while process.poll() is None:
        time.sleep(0.5)
        disk = max(disk, _size(out.with_name("out.partial")))
    told = process.stderr.read() if process.stderr else ""
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} fails: {last_line(told)}")
    used = json.loads(told.splitlines()[-1])
    counts = json.loads((out / "run.json").read_text("utf-8"))["counts"]
    row = {
        "feed": feed.name,
        "memory": memory,
        "threads": threads,
        **used,
        "articles": counts["read"],
        "articles_per_second": counts["read"] / used["seconds"],
        "mb_per_second": feed.stat().st_size / 1e6 / used["seconds"],
        "disk_peak_bytes": disk,
        "result_bytes": _size(out),
        "removed": counts["removed"],
        "aligned": counts["aligned"],
        "digest": _digest(out),
    }
    shutil.rmtree(out)
    return row


def _size(folder: Path) -> int:
    """Bytes of all files under a folder; some may go meanwhile."""
    size = 0
    for path in folder.rglob("*"):
        try:
            size += path.stat().st_blocks * 512
        except OSError:
            continue
    return size


def _digest(folder: Path) -> str:
    """One digest over all files."""
    hasher = xxhash.xxh3_128()
    for path in sorted(folder.iterdir()):
        hasher.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                hasher.update(block)
    return hasher.hexdigest()


def exponents(rows: list[dict[str, Any]]) -> list[float]:
    """Exponent of processor time over articles, from each size to the next."""
    return [
        log(b["cpu_seconds"] / a["cpu_seconds"]) / log(b["articles"] / a["articles"])
        for a, b in pairwise(rows)
    ]


def show(row: dict[str, Any]) -> str:
    """A row for people."""
    return (
        f"{row['feed']:<28} {row['memory']:>5}  {row['seconds']:8.1f} s wall "
        f"{row['cpu_seconds']:8.1f} s cpu  {row['articles_per_second']:8,.0f} articles/s "
        f"{row['mb_per_second']:6.1f} MB/s  peak {row['memory_peak_bytes'] / 2**20:7,.0f} MiB  "
        f"disk {row['disk_peak_bytes'] / 1e9:6.2f} GB"
    )


def main() -> None:
    """Measure and print; one JSON object a line with --json."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--sizes", default="10000,100000,1000000", help="articles, with commas")
    parser.add_argument("--copies", default="10000,100000", help="copies of one article")
    parser.add_argument("--memory", default="2G,8G", help="caps; the last one for all sizes")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--feeds", type=Path, default=FEEDS, help="where stored feeds are")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    refuse_slow_backend()
    caps = options.memory.split(",")
    for make, sizes in ((make_feed, options.sizes), (make_copies, options.copies)):
        numbers = [int(size) for size in sizes.split(",") if size]
        rows = []
        for n in numbers:
            feed = make(n, options.seed, options.feeds)
            found = [
                scan_row(feed, cap, options.threads)
                for cap in (caps if n == numbers[-1] else caps[-1:])
            ]
            rows.append(found[-1])
            for row in found:
                print(json.dumps(row) if options.json else show(row), flush=True)
            if len({row["digest"] for row in found}) > 1:
                raise SystemExit(f"{feed.name}: the caps gave different results")
        if len(rows) > 1:
            shown = ", ".join(f"{exponent:.2f}" for exponent in exponents(rows))
            print(f"exponents of processor time: {shown}; the same bytes for all caps", flush=True)


if __name__ == "__main__":
    main()
