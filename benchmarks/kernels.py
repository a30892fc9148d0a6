"""The kernel of the signature alone: from hashes of shingles that are there to signatures.

In: "ours" or "rensa" and a number of sets, on the command line. Out: on standard output a JSON
object with seconds, nanoseconds a shingle and the error of the estimates. Runs in the environment
of the engine. Hashes are random; every second set has half of its hashes from the one before it,
so that what is to be estimated is known: a kernel whose estimates are off gets no time. Both read
the same flat buffers; a set is 500 shingles of 8 bytes.
"""

from __future__ import annotations

import importlib
import json
import random
import statistics
import sys
import time
from array import array
from collections.abc import Callable
from typing import Any, Final

from benchmarks.engines.task import SLOTS, share_of_equal

SEED: Final = 9
#: About what an article of the feed has.
SET_SIZE: Final = 500
RUNS: Final = 5
#: Half of 500 hashes in common: 250 of 750.
RESEMBLANCE: Final = 1 / 3
_MOST_BIAS: Final = 0.01

Work = Callable[[], Any]
Rows = Callable[[Any], list[list[int]]]


def make_hashes(n: int) -> array[int]:
    """Hashes of `n` sets, 500 each."""
    half = SET_SIZE // 2
    flat = array("Q", random.Random(SEED).randbytes(8 * n * SET_SIZE))
    for i in range(1, n, 2):
        begin = i * SET_SIZE
        flat[begin : begin + half] = flat[begin - SET_SIZE : begin - half]
    return flat


def _ours(flat: array[int], offsets: array[int]) -> tuple[Work, Rows]:
    numpy = importlib.import_module("numpy")
    core = importlib.import_module("dedup.core")
    hashes, bounds = numpy.frombuffer(flat, numpy.uint64), numpy.frombuffer(offsets, numpy.int64)
    return lambda: core.sign(hashes, bounds, SLOTS), lambda made: made.tolist()


def _rensa(flat: array[int], offsets: array[int]) -> tuple[Work, Rows]:
    rensa = importlib.import_module("rensa")
    sign = rensa.RMinHash.digest_matrix_from_flat_token_hashes
    return lambda: sign(flat, offsets, SLOTS, 42), lambda made: made.to_rows()


def main(words: list[str]) -> int:
    """Measure one kernel."""
    way, n = words[0], int(words[1])
    offsets = array("q", range(0, n * SET_SIZE + 1, SET_SIZE))
    work, rows_of = {"ours": _ours, "rensa": _rensa}[way](make_hashes(n), offsets)
    signatures = work()
    seconds = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        signatures = work()
        seconds.append(time.perf_counter() - begin)
    rows = rows_of(signatures)
    estimates = [share_of_equal(rows[i], rows[i + 1]) for i in range(0, n - 1, 2)]
    bias = statistics.fmean(estimates) - RESEMBLANCE
    median = statistics.median(seconds)
    told = {"way": way, "sets": n, "shingles": n * SET_SIZE, "bias": bias}
    if abs(bias) <= _MOST_BIAS:
        told |= {"seconds": median, "seconds_all": seconds,
                 "nanoseconds_per_shingle": 1e9 * median / (n * SET_SIZE)}  # fmt: skip
    else:
        told |= {"absent": f"no time: estimates are off by {bias:+.3f}"}
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
