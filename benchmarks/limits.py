"""What else this machine does to a text: counting words, parsing, hashing, decompressing.

In: a file of JSON lines, on the command line. Out: on standard output a JSON object of bytes
per second. Runs in an environment of its own, with orjson, xxhash and numpy.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

PACKAGES: Final = ("orjson", "xxhash", "numpy")
RUNS: Final = 5
#: The feed is read up to here.
MOST_BYTES: Final = 64 << 20


def _rate(size: int, work: Callable[[], object], runs: int = RUNS) -> float:
    seconds = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begin)
    return size / statistics.median(seconds)


def measure(path: Path) -> dict[str, float]:
    """Bytes per second of each, one thread; of the file, or of the texts in it."""
    numpy = importlib.import_module("numpy")
    xxhash = importlib.import_module("xxhash")
    orjson = importlib.import_module("orjson")
    with path.open("rb") as file:
        lines = file.readlines(MOST_BYTES)
    joined = b"".join(lines)
    texts = [json.loads(line)["text"] for line in lines]
    size = sum(len(text.encode()) for text in texts)
    array = numpy.ones(256 << 17, numpy.uint64)
    packed = zlib.compress(joined[: 16 << 20], 6)
    found = {
        "memory read": _rate(array.nbytes, lambda: numpy.bitwise_or.reduce(array)),
        "xxh3": _rate(len(joined), lambda: xxhash.xxh3_64_intdigest(joined)),
        "orjson.loads": _rate(len(joined), lambda: [orjson.loads(line) for line in lines]),
        "json.loads": _rate(len(joined), lambda: [json.loads(line) for line in lines]),
        "zlib inflate": _rate(min(len(joined), 16 << 20), lambda: zlib.decompress(packed)),
        "str.lower().split()": _rate(size, lambda: [text.lower().split() for text in texts]),
    }
    if shutil.which("wc"):
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        count = _rate(
            len(joined),
            lambda: subprocess.run(
                ["wc", "-w"], input=joined, capture_output=True, env=environment, check=True
            ),
        )
        found["wc -w"] = count
    return found


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]))))
