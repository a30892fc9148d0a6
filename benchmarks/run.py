"""Measure, and keep the record.

In: a command line: `quality` (accuracy: single pairs, a feed, pages with furniture, all held
against `floors.json`), `feed` (accuracy, time and memory of a whole scan, with the options
of `benchmarks.quality feed`). Out: tables, and a JSON file in `results/` with date, machine,
versions, settings and corpus digest.
What is measured, and how, is left to `quality` and `gate`.

Example:  python -m benchmarks.run feed --n 10000 --threads 2
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.detector import describe_run
from benchmarks.floors import (
    below_floors,
    feed_section,
    read_floors,
    set_floors,
    variants_section,
)
from benchmarks.gate import SECTIONS, run_gate
from benchmarks.quality import measure, parser

RESULTS: Final = Path(__file__).parent / "results"
# What the floors hold for: `python -m benchmarks.quality` with these words.
VARIANTS: Final = ("variants", "--hosts", "20")
FEED: Final = ("feed", "--n", "4000", "--runs", "1")


def write_record(name: str, record: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Write a record under a name of its own: date, time, machine, what."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = re.sub(r"[^\w.-]+", "-", platform.node() or platform.machine())
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{machine}-{name}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def measure_quality(threads: int) -> dict[str, Any]:
    """Measure single pairs, a feed and pages; "missed" says what is below its floor."""
    print("== single pairs")
    single = measure(parser().parse_args(VARIANTS))
    print("\n== feed")
    feed = measure(parser().parse_args([*FEED, "--threads", str(threads)]))
    print("\n== pages")
    pages = run_gate(threads=threads)
    sections = {"variants": variants_section(single), "feed": feed_section(feed)}
    missed = below_floors(sections, read_floors())
    for line in missed:
        print(f"below the floor: {line}")
    return {
        "variants": single,
        "feed": feed,
        "pages": pages,
        "sections": {**sections, **{name: pages[name] for name in SECTIONS}},
        "missed": missed + pages["missed"],
    }


def _quality(words: Sequence[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    own = argparse.ArgumentParser(
        prog="python -m benchmarks.run quality",
        description="Accuracy against planted truth; exit status 1 below a floor.",
    )
    own.add_argument("--threads", type=int, default=2, help="default: 2")
    own.add_argument(
        "--set-floors", action="store_true", help="write floors a little under what is measured"
    )
    options = own.parse_args(words)
    measured = measure_quality(options.threads)
    sections = measured.pop("sections")
    if options.set_floors:
        set_floors(sections)
        measured["missed"] = []
    print("below a floor: " + (f"{len(measured['missed'])} numbers" if measured["missed"] else "0"))
    return vars(options), measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and record; exit status 1 if an answer was too bad."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in ("quality", "feed"):
        print("Usage: python -m benchmarks.run quality|feed [OPTIONS]", file=sys.stderr)
        return 0 if words[:1] in (["-h"], ["--help"]) else 2
    if words[0] == "quality":
        used, measured = _quality(words[1:])
    else:
        options = parser().parse_args(words)
        used, measured = vars(options), measure(options)
    record = {**describe_run(), "options": used, "measured": measured}
    path = write_record(words[0], record)
    print(f"record: {path}", file=sys.stderr)
    return 0 if measured.get("counted", True) and not measured.get("missed") else 1


if __name__ == "__main__":
    sys.exit(main())
