"""Time the engines on one feed, each in a process of its own, and check what they answer.

In: a `StoredFeed` and rows of `ENGINES`. Out: a row of numbers for each: time only where the
answer was right, the reason where there is none. Environments are left to `homes`, running to
`engines.worker`, truth to `answers`.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from benchmarks.answers import is_right, score_answer
from benchmarks.engines import Engine
from benchmarks.homes import ROOT, Absent, last_line, python_of
from benchmarks.stored_feed import StoredFeed

_MOST_SECONDS: Final = 1800


def run_engine(
    engine: Engine, articles: Path, *, runs: int, budget_seconds: float = 60, previous: str = ""
) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """Run an engine on a file of articles.

    Args:
        engine: What is run.
        articles: JSON lines with id and text.
        runs: An odd number.
        budget_seconds: With more than that for all runs, there is one.
        previous: See `python_of`.

    Returns:
        What its worker told (`engines.worker`), and its pairs.

    Raises:
        Absent: It cannot be installed, or fails.
    """
    python = python_of(engine, previous)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "answer.json"
        order = {
            "module": engine.module,
            "variant": engine.variant,
            "package": engine.packages[0].partition("[")[0] if engine.packages else "dedup",
            "threads": engine.threads,
            "articles": str(articles),
            "out": str(out),
            "runs": runs,
            "budget_seconds": budget_seconds,
            "root": str(ROOT),
        }
        threads = str(engine.threads)
        environment = {**os.environ, "RAYON_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        try:
            done = subprocess.run(
                [str(python), "-m", "benchmarks.engines.worker"],
                input=json.dumps(order), cwd=ROOT, env=environment, capture_output=True, text=True,
                timeout=_MOST_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise Absent(f"took longer than {_MOST_SECONDS} s") from error
        if done.returncode:
            raise Absent(f"fails: {last_line(done.stderr)}")
        told = json.loads(out.read_text("utf-8"))
        with out.with_suffix(".pairs").open(encoding="utf-8") as file:
            pairs = [(int(a), int(b)) for a, b in map(str.split, file)]
    return told, pairs


def describe(engine: Engine) -> dict[str, Any]:
    """The part of a row that is known before anything is run."""
    return {"engine": engine.name, "threads": engine.threads, "about": engine.about}


def measure_engine(
    engine: Engine, feed: StoredFeed, *, runs: int, budget_seconds: float, previous: str = ""
) -> dict[str, Any]:
    """Measure one engine: a row for the table, with "absent" where there is nothing to measure."""
    row = describe(engine)
    if feed.about["articles"] > engine.most_articles:
        return row | {"absent": f"not given more than {engine.most_articles:,} articles"}
    try:
        told, pairs = run_engine(
            engine, feed.articles_path, runs=runs, budget_seconds=budget_seconds,
            previous=previous,
        )  # fmt: skip
    except Absent as reason:
        return row | {"absent": str(reason)}
    score = score_answer(pairs, feed.pairs(0.7), feed.origins())
    counted = is_right(score) and told["equal_answers"]
    peak = max(told["memory_peak_bytes"], told["memory_children_bytes"])
    row |= {
        "version": told["version"],
        "python": told["python"],
        "answer": score.as_dict(),
        "equal_answers": told["equal_answers"],
        "counted": counted,
        "memory_before_bytes": told["memory_before_bytes"],
        "memory_peak_bytes": peak,
    }
    return row | times(told["runs"], feed.about) if counted else row


def times(told: list[dict[str, Any]], about: dict[str, Any]) -> dict[str, Any]:
    """Median, spread and rates of several runs, and the medians of their stages."""
    wall = [run["seconds"] for run in told]
    median = statistics.median(wall)
    return {
        "seconds": median,
        "seconds_all": wall,
        "cpu_seconds": statistics.median(run["cpu_seconds"] for run in told),
        "mb_per_second": about["text_bytes"] / 1e6 / median,
        "articles_per_second": about["articles"] / median,
        "stages": {
            stage: statistics.median(run["stages"][stage] for run in told)
            for stage in told[0]["stages"]
        },
    }


def measure_engines(
    engines: Iterable[Engine], feed: StoredFeed, *, runs: int, budget_seconds: float,
    previous: str = "",
) -> list[dict[str, Any]]:  # fmt: skip
    """Measure all of them, one after the other."""
    rows = []
    for engine in engines:
        print(f"{engine.name}, {feed.about['articles']:,} articles ...", file=sys.stderr)
        rows.append(
            measure_engine(
                engine, feed, runs=runs, budget_seconds=budget_seconds, previous=previous
            )
        )
        print(f"  {in_short(rows[-1])}", file=sys.stderr)
    return rows


def in_short(row: dict[str, Any]) -> str:
    """A row in a few words."""
    if "absent" in row:
        return f"absent: {row['absent']}"
    recall = f"recall {row['answer']['recall']:.4f}, wrong {row['answer']['wrong']}"
    if not row["counted"]:
        return f"no time: {recall}"
    return f"{row['seconds']:.2f} s, {row['mb_per_second']:.1f} MB/s, {recall}"
