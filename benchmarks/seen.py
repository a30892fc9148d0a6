"""Measure the index that lasts: write rate, look-up latency, bytes; answers are checked.

In: a generated feed. Out: a line of JSON. `fill` stores in transactions of 200, answers included;
`ask` asks for articles that come after those and stores each in a transaction of its own. Wall
and CPU time; median and 99th percentile. When more than 1 of 100 planted copies is missed, or
`check` and `check_and_add` differ, nothing is said.

Does not measure: several writers at once, a cold page cache, power failures.

    python -m benchmarks.seen make feed.pickle 10000
    python -m benchmarks.seen fill feed.pickle seen.dedup
    python -m benchmarks.seen ask feed.pickle seen.dedup
"""

from __future__ import annotations

import json
import pickle
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.feed import feed
from dedup import Answer, open_index
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


def fill(folder: Path, asked: Asked) -> dict[str, Any]:
    """Put all but the last articles into an index; gives the rate."""
    num = len(asked.articles) - LAST
    begin, cpu = time.perf_counter(), time.process_time()
    with open_index(folder) as index:
        answers = list(index.add(asked.articles[:num], threads=2))
    added, used = time.perf_counter() - begin, time.process_time() - cpu
    _check(asked, zip(asked.articles, answers, strict=False))
    return {"added": num, "add_per_second": round(num / added), "add_cpu_ms": 1000 * used / num}


def ask(folder: Path, asked: Asked) -> dict[str, Any]:
    """Ask an index for the last articles of a feed, and store each."""
    answers, check, store, check_cpu = [], [], [], []
    begin = time.perf_counter()
    with open_index(folder) as index:
        index.check("a first question")
        opened = time.perf_counter() - begin
        for one in asked.articles[-LAST:]:
            cpu, begin = time.process_time(), time.perf_counter()
            answer = index.check(one["text"], date=one["date"])
            check.append(time.perf_counter() - begin)
            check_cpu.append(time.process_time() - cpu)
            begin = time.perf_counter()
            stored = index.check_and_add(one["id"], one["text"], date=one["date"], site=one["site"])
            store.append(time.perf_counter() - begin)
            answers.append((one, answer))
            if (answer.verdict, answer.matches) != (stored.verdict, stored.matches):
                raise SystemExit(f"{one['id']}: check and check_and_add differ")
        _check(asked, answers)
        stats = index.stats()
    return {
        "articles": stats["articles"],
        **_spread("check", check),
        **_spread("check_cpu", check_cpu),
        **_spread("check_and_add", store),
        "open_ms": round(1000 * opened, 1),
        "segments": stats["segments"],
        "catalogue_bytes": stats["catalogue_bytes"] // stats["articles"],
        "posting_bytes": stats["segment_bytes"] // max(1, stats["articles"] - stats["unflushed"]),
    }


def _check(asked: Asked, answers: Iterable[tuple[Any, Answer]]) -> None:
    """Stop unless 99 of 100 planted copies were found."""
    planted = [answer.verdict == "new" for one, answer in answers if one["id"] in asked.copies]
    if not planted or sum(planted) > 0.01 * len(planted):
        raise SystemExit(f"{sum(planted)} of {len(planted)} planted copies were missed")


def _spread(name: str, seconds: list[float]) -> dict[str, float]:
    """Median and 99th percentile in milliseconds."""
    ordered = sorted(seconds)
    return {
        f"{name}_median_ms": round(1000 * ordered[len(ordered) // 2], 2),
        f"{name}_p99_ms": round(1000 * ordered[len(ordered) * 99 // 100], 2),
    }


def _load(path: str) -> Asked:
    return Asked(*pickle.loads(Path(path).read_bytes()))


if __name__ == "__main__":
    if backend() != "native":
        raise SystemExit("the pure backend is not measured")
    match sys.argv[1:]:
        case "make", path, number:
            Path(path).write_bytes(pickle.dumps(tuple(make(int(number)))))
        case "fill", path, index:
            print(json.dumps(fill(Path(index), _load(path))))
        case "ask", path, index:
            print(json.dumps(ask(Path(index), _load(path))))
        case _:
            raise SystemExit(__doc__)
