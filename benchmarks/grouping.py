"""Bands alone: from signatures that are there to candidate pairs.

In: "ours" or "datasketch" and a number of articles, on the command line. Out: on standard output
a JSON object with seconds, memory and recall. Runs in the environment of the engine. Signatures
are random; one in ten shares 120 of its 128 slots with an earlier one, so that hardly a band
is missed: what is wanted is known. 10 million of them (`python -m benchmarks.grouping ours 10000000
1`) take 2.6 GB; what the work takes beside them is said.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from typing import Any, Final

from benchmarks.engines.task import SLOTS, peak_memory_bytes

SEED: Final = 5
#: Fewer bands than the task has: near pairs share nearly all slots here.
BANDS: Final = 16
ROWS: Final = 8
_EQUAL_SLOTS: Final = 120
#: Bands that are joined in one call: half of them, since there are two threads at most here.
_TOGETHER: Final = 8
#: Signatures that are made or compared at a time.
_BLOCK: Final = 1 << 16


def make_signatures(n: int) -> tuple[Any, Any, Any]:
    """Signatures, uint16 of shape (n, 128), and the pairs that are near: sources and copies."""
    numpy = importlib.import_module("numpy")
    rng = numpy.random.Generator(numpy.random.PCG64(SEED))
    rows = numpy.empty((n, SLOTS), numpy.uint16)
    for begin in range(0, n, _BLOCK):
        part = rows[begin : begin + _BLOCK]
        part[:] = rng.integers(0, 1 << 16, part.shape, dtype=numpy.uint16)
    copies = numpy.arange(n // 2, n, 5)
    sources = rng.integers(0, n // 2, len(copies))
    for begin in range(0, len(copies), _BLOCK):
        part = slice(begin, begin + _BLOCK)
        rows[copies[part], :_EQUAL_SLOTS] = rows[sources[part], :_EQUAL_SLOTS]
    return rows, sources, copies


def _ours(rows: Any) -> Any:
    """Pairs as numbers: the older article times 2^32, plus the newer one."""
    numpy = importlib.import_module("numpy")
    core = importlib.import_module("dedup.core")
    articles = numpy.arange(len(rows), dtype=numpy.int64)
    columns = [
        core.BandColumn(rows, articles, first, _TOGETHER, ROWS)
        for first in range(0, BANDS, _TOGETHER)
    ]
    found = core.shared_keys(columns, 64, 256, 8, threads=len(os.sched_getaffinity(0)))
    return found.older.astype(numpy.uint64) << numpy.uint64(32) | found.newer


def _signatures(rows: Any) -> list[Any]:
    """Its objects around the rows; making them is not what is timed."""
    blank = importlib.import_module("datasketch").MinHash(num_perm=SLOTS)
    signatures = []
    for row in rows:
        signatures.append(blank.copy())
        signatures[-1].hashvalues = row.astype(blank.hashvalues.dtype)
    return signatures


def _datasketch(signatures: list[Any]) -> Any:
    numpy = importlib.import_module("numpy")
    datasketch = importlib.import_module("datasketch")
    index = datasketch.MinHashLSH(num_perm=SLOTS, params=(BANDS, ROWS))
    for i, signature in enumerate(signatures):
        index.insert(i, signature)
    found = {
        min(i, j) << 32 | max(i, j)
        for i, signature in enumerate(signatures)
        for j in index.query(signature)
        if i != j
    }
    return numpy.array(sorted(found), numpy.uint64)


WAYS: Final = {"ours": _ours, "datasketch": _datasketch}


def count_strangers(rows: Any, found: Any) -> int:
    """Pairs that do not agree on a whole band: an engine that gives one is wrong."""
    numpy = importlib.import_module("numpy")
    strangers = 0
    for begin in range(0, len(found), _BLOCK):
        part = found[begin : begin + _BLOCK]
        older, newer = part >> numpy.uint64(32), part & numpy.uint64(0xFFFFFFFF)
        equal = (rows[older] == rows[newer])[:, : BANDS * ROWS].reshape(len(part), BANDS, ROWS)
        strangers += int((~equal.all(axis=2).any(axis=1)).sum())
    return strangers


def measure_grouping(way: str, n: int, runs: int) -> dict[str, Any]:
    """Time one way; the recall of near pairs, and pairs that are none, stand beside it."""
    numpy = importlib.import_module("numpy")
    rows, sources, copies = make_signatures(n)
    near = sources.astype(numpy.uint64) << numpy.uint64(32) | copies.astype(numpy.uint64)
    signatures = _signatures(rows) if way == "datasketch" else rows
    before = peak_memory_bytes()
    seconds, processor = [], []
    for _ in range(runs):
        begin, used = time.perf_counter(), time.process_time()
        found = WAYS[way](signatures)
        seconds.append(time.perf_counter() - begin)
        processor.append(time.process_time() - used)
    peak = peak_memory_bytes()
    return {
        "way": way,
        "articles": n,
        "seconds": statistics.median(seconds),
        "seconds_all": seconds,
        "cpu_seconds": statistics.median(processor),
        "pairs": len(found),
        "recall": float(numpy.isin(near, found).mean()),
        "strangers": count_strangers(rows, found),
        "memory_peak_bytes": peak,
        "memory_beside_signatures_bytes": peak - before,
    }


def main() -> int:
    """Measure one way; an odd number of runs, the third argument."""
    print(json.dumps(measure_grouping(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
