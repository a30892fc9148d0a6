"""Measure the index that lasts: write rate, look-up latency, bytes; answers are checked.

In: numbers of articles of a generated feed. Out: a line of JSON for each. `add` is the time of
storing in transactions of 200, answers included; `one` that of `check_and_add`, one article a
transaction; `check` that of asking, median and 99th percentile. Planted copies that get another
verdict than one of a match are counted as missed; a wrong answer is not timed.

Does not measure: several writers at once, a cold page cache, a power failure.

    python -m benchmarks.seen 10000 100000

`make FILE NUM` and `read FILE` part making the feed from measuring.
"""

from __future__ import annotations

import json
import pickle
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.feed import feed
from dedup import Index, open_index
from dedup.core import backend

#: Articles that are stored and asked one at a time, after all others.
LAST = 2000


class Asked(NamedTuple):
    """A feed, and the ids of its planted copies."""

    articles: list[Any]
    copies: set[str]


def make(num: int, seed: int = 7, mean_bytes: int = 3000) -> Asked:
    """A feed of so many articles, and those that are asked for after all others."""
    corpus = feed(num + LAST, seed, mean_bytes=mean_bytes)
    return Asked(list(corpus.articles), {planted.a for planted in corpus.truth})


def measure(asked: Asked) -> dict[str, Any]:
    """Fill an index with a feed and ask it for the end of the same feed."""
    folder = Path(tempfile.mkdtemp(prefix="seen-"))
    try:
        with open_index(folder / "i") as index:
            return _measure(index, asked.articles, len(asked.articles) - LAST, asked.copies)
    finally:
        shutil.rmtree(folder)


def _measure(index: Index, articles: Any, num: int, copies: set[str]) -> dict[str, Any]:
    begin, cpu = time.perf_counter(), time.process_time()
    missed = sum(
        one["id"] in copies and answer.verdict == "new"
        for one, answer in zip(articles, index.add(articles[:num], threads=2), strict=False)
    )
    added, used = time.perf_counter() - begin, time.process_time() - cpu
    last = articles[num:]
    check, store = [], []
    for one in last:
        begin = time.perf_counter()
        asked = index.check(one["text"], date=one["date"])
        middle = time.perf_counter()
        answer = index.check_and_add(one["id"], one["text"], date=one["date"], site=one["site"])
        store.append(time.perf_counter() - middle)
        check.append(middle - begin)
        missed += one["id"] in copies and answer.verdict == "new"
        if (asked.verdict, asked.matches) != (answer.verdict, answer.matches):
            raise SystemExit(f"{one['id']}: check and check_and_add differ")
    begin = time.perf_counter()
    with open_index(index.path) as other:
        other.check("a first question")
    opened = time.perf_counter() - begin
    stats = index.stats()
    planted = sum(one["id"] in copies for one in articles)
    if missed > 0.01 * planted:
        raise SystemExit(f"{missed} of {planted} planted copies were missed")
    size = sum(len(one["text"].encode()) for one in articles)
    return {
        "articles": len(articles),
        "text_bytes": size // len(articles),
        "planted": planted,
        "missed": missed,
        "add_per_second": round(num / added),
        "add_cpu_ms": round(1000 * used / num, 3),
        **{f"one_{k}": v for k, v in _spread(store).items()},
        **{f"check_{k}": v for k, v in _spread(check).items()},
        "open_ms": round(1000 * opened, 1),
        "segments": stats["segments"],
        "catalogue_bytes": stats["catalogue_bytes"] // len(articles),
        "segment_bytes": stats["segment_bytes"] // len(articles),
    }


def _spread(seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {
        "median_ms": round(1000 * ordered[len(ordered) // 2], 2),
        "p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 2),
    }


if __name__ == "__main__":
    if backend() != "native":
        raise SystemExit("the pure backend is not measured")
    match sys.argv[1:]:
        case "make", path, number:
            Path(path).write_bytes(pickle.dumps(make(int(number))))
        case "read", path:
            print(json.dumps(measure(pickle.loads(Path(path).read_bytes()))))
        case numbers:
            for number in numbers:
                print(json.dumps(measure(make(int(number)))), flush=True)
