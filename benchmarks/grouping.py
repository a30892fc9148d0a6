"""Bands alone: from signatures that are there to candidate pairs.

In: "ours" or "datasketch" and a number of articles, on the command line. Out: on standard output
a JSON object with seconds, memory and recall. Runs in the environment of the engine. Signatures
are random; one in ten shares 120 of its 128 slots with an earlier one, so that hardly a band
is missed: what is wanted is known.
"""

from __future__ import annotations

import importlib
import json
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


def make_signatures(n: int) -> tuple[Any, list[tuple[int, int]]]:
    """Signatures, uint16 of shape (n, 128), and the pairs that are near."""
    numpy = importlib.import_module("numpy")
    rng = numpy.random.Generator(numpy.random.PCG64(SEED))
    rows = rng.integers(0, 1 << 16, (n, SLOTS), dtype=numpy.uint16)
    copies = numpy.arange(n // 2, n, 5)
    sources = rng.integers(0, n // 2, len(copies))
    rows[copies, :_EQUAL_SLOTS] = rows[sources, :_EQUAL_SLOTS]
    return rows, list(zip(sources.tolist(), copies.tolist(), strict=True))


def _ours(rows: Any) -> set[tuple[int, int]]:
    numpy = importlib.import_module("numpy")
    core = importlib.import_module("dedup.core")
    index = importlib.import_module("dedup.index")
    keys = index.bands.band_keys(rows, index.Bands(BANDS, ROWS))
    offsets = numpy.arange(len(rows) + 1, dtype=numpy.int64) * BANDS
    column = core.KeyColumn(keys.reshape(-1), offsets[:-1], offsets[1:])
    found = core.shared_keys([column], 64, 256, 8)
    return set(zip(found.older.tolist(), found.newer.tolist(), strict=True))


def _signatures(rows: Any) -> list[Any]:
    """Its objects around the rows; making them is not what is timed."""
    blank = importlib.import_module("datasketch").MinHash(num_perm=SLOTS)
    signatures = []
    for row in rows:
        signatures.append(blank.copy())
        signatures[-1].hashvalues = row.astype(blank.hashvalues.dtype)
    return signatures


def _datasketch(signatures: list[Any]) -> set[tuple[int, int]]:
    datasketch = importlib.import_module("datasketch")
    index = datasketch.MinHashLSH(num_perm=SLOTS, params=(BANDS, ROWS))
    for i, signature in enumerate(signatures):
        index.insert(i, signature)
    return {
        (min(i, j), max(i, j))
        for i, signature in enumerate(signatures)
        for j in index.query(signature)
        if i != j
    }


WAYS: Final = {"ours": _ours, "datasketch": _datasketch}


def measure_grouping(way: str, n: int, runs: int) -> dict[str, Any]:
    """Time one way; the recall of near pairs stands beside it."""
    rows, near = make_signatures(n)
    if way == "datasketch":
        rows = _signatures(rows)
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        found = WAYS[way](rows)
        seconds.append(time.perf_counter() - begin)
    return {
        "way": way,
        "articles": n,
        "seconds": statistics.median(seconds),
        "seconds_all": seconds,
        "recall": sum(pair in found for pair in near) / len(near),
        "memory_peak_bytes": peak_memory_bytes(),
    }


def main() -> int:
    """Measure one way; an odd number of runs, the third argument."""
    print(json.dumps(measure_grouping(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
