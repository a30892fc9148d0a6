"""Run one engine in this process, several times, and write down what it took.

In: a JSON object on standard input (`Order`). Out: a JSON object in the file it names, and the
pairs beside it as lines "i j". Started by `measure_engine` of `benchmarks.speed`, in the
environment of the engine. Whether the answer is right is decided by others.
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import json
import platform
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, TypedDict

from benchmarks.engines.task import Laps, Pairs, Settings, peak_memory_bytes

WARM_UP = 200


class Order(TypedDict):
    """What is to be run."""

    module: str
    variant: str
    package: str
    threads: int
    articles: str
    out: str
    #: An odd number; fewer, but one at least, when that many would take longer than `budget`.
    runs: int
    budget_seconds: float
    #: Taken off the path once the engine is there, so that it imports what is installed.
    root: str


def _peak_of_children() -> int:
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _cpu() -> float:
    """Processor seconds of this process and the children it has waited for."""
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _one_run(module: Any, texts: list[str], order: Order, articles: str) -> tuple[Any, Pairs]:
    gc.collect()
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(order["variant"], order["threads"], articles, scratch)
        laps = Laps()
        cpu, wall = _cpu(), time.perf_counter()
        pairs = module.find_pairs(texts, laps, settings)
        seconds = time.perf_counter() - wall
    run = {
        "seconds": seconds,
        "cpu_seconds": _cpu() - cpu,
        "stages": dict(laps.wall),
    }
    return run, pairs


def _warm_up(module: Any, texts: list[str], order: Order) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for i, text in enumerate(texts[:WARM_UP]):
            file.write(json.dumps({"id": str(i), "text": text}) + "\n")
        file.flush()
        _one_run(module, texts[:WARM_UP], order, file.name)


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package) if package else ""
    except importlib.metadata.PackageNotFoundError:
        return ""


def main() -> int:
    """Run what is ordered."""
    order: Order = json.load(sys.stdin)
    module = importlib.import_module(f"benchmarks.engines.{order['module']}")
    sys.path[:] = [path for path in sys.path if path not in ("", order["root"])]
    with Path(order["articles"]).open(encoding="utf-8") as file:
        texts = [json.loads(line)["text"] for line in file]
    before = peak_memory_bytes()
    _warm_up(module, texts, order)
    runs: list[dict[str, Any]] = []
    answers: list[Pairs] = []
    while not runs or len(runs) < order["runs"]:
        run, pairs = _one_run(module, texts, order, order["articles"])
        runs.append(run)
        answers.append(pairs)
        if len(runs) == 1 and run["seconds"] * order["runs"] > order["budget_seconds"]:
            break
    told = {
        "version": _version(order["package"]),
        "python": platform.python_version(),
        "runs": runs,
        "equal_answers": all(pairs == answers[0] for pairs in answers),
        "memory_before_bytes": before,
        "memory_peak_bytes": peak_memory_bytes(),
        "memory_children_bytes": _peak_of_children(),
    }
    out = Path(order["out"])
    with out.with_suffix(".pairs").open("w", encoding="utf-8") as file:
        file.writelines(f"{a} {b}\n" for a, b in sorted(answers[-1]))
    out.write_text(json.dumps(told), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
