"""Measure, and keep the record.

    quality   accuracy: single pairs, a feed, pages with furniture, all held against `floors.json`
    feed      accuracy, time and memory of a whole scan, with the options of `benchmarks.quality`
    speed     stages, limits of the machine, and all engines on one feed
    accuracy  recall of what was planted, error of estimates, copies with small shifts
    scale     time and memory as the corpus grows; bands alone
    all       speed at each size, accuracy, scale, in one record; then tables and plots

In: a command line. Out: tables, and a JSON file in `results/` with date, machine, versions,
settings and digests. What is measured, and how, is left to the modules of the same names.

Example:  python -m benchmarks.run speed --n 20000 --engines ours,gaoya,rensa,datasketch
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks import accuracy, publish, scale, shift, stages
from benchmarks.engines import choose
from benchmarks.floors import (
    below_floors,
    feed_section,
    read_floors,
    set_floors,
    variants_section,
)
from benchmarks.gate import SECTIONS, run_gate
from benchmarks.quality import measure, parser
from benchmarks.records import describe, refuse_bad_conditions, write_record
from benchmarks.speed import measure_engines
from benchmarks.stored_feed import stored_feed

#: Longer feeds are for the engines and for `scale` alone.
MOST_STAGED: Final = 50_000
#: Signatures whose bands are joined, where a large feed is measured too.
MANY_BANDS: Final = 10_000_000
# What the floors hold for: `python -m benchmarks.quality` with these words.
VARIANTS: Final = ("variants", "--hosts", "20")
FEED: Final = ("feed", "--n", "4000", "--runs", "1")


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


def _options(what: str, words: Sequence[str]) -> argparse.Namespace:
    own = argparse.ArgumentParser(prog=f"python -m benchmarks.run {what}")
    several = what in ("scale", "all")
    own.add_argument(
        "--n", default="2000,20000,200000" if several else "20000",
        help="articles" + (", several sizes with commas" if several else "") + "; %(default)s",
    )  # fmt: skip
    own.add_argument("--engines", default="all", help="names with commas; default: all")
    own.add_argument("--seed", type=int, default=7, help="default: 7")
    own.add_argument("--runs", type=int, default=3, help="an odd number; default: 3")
    own.add_argument(
        "--budget", type=float, default=30,
        help="seconds; an engine whose runs would take longer is run once; default: 30",
    )  # fmt: skip
    own.add_argument(
        "--into", type=Path,
        help="replace the same parts of a record of this machine, which then says when",
    )  # fmt: skip
    own.add_argument("--previous", default="", help="an earlier version: tag, commit, or for pip")
    options = own.parse_args(words)
    if options.runs % 2 == 0:
        own.error(f"--runs {options.runs} is even; a median needs an odd number")
    return options


def measure_speed(n: int, options: argparse.Namespace) -> dict[str, Any]:
    """Engines on a feed of `n` articles; stages, reading and limits where it is not too long."""
    feed = stored_feed(n, options.seed)
    ours: dict[str, Any] = {}
    if n <= MOST_STAGED:
        ours = {
            "limits": stages.measure_limits(feed),
            "stages": stages.measure_stages(feed, options.runs),
            "levels": stages.measure_levels(feed, options.runs),
            "reading": stages.measure_reading(feed, options.runs),
        }
    engines = measure_engines(
        choose(options.engines), feed, runs=options.runs, budget_seconds=options.budget,
        previous=options.previous,
    )  # fmt: skip
    return {"feed": feed.about, **ours, "engines": engines}


def measure_accuracy(n: int, options: argparse.Namespace) -> dict[str, Any]:
    """Recall, estimates and shifts."""
    feed = stored_feed(n, options.seed)
    return {
        "recall": accuracy.measure_recall(feed),
        "estimates": accuracy.measure_estimates(),
        "shifts": shift.measure_shifts(choose(options.engines), feed, options.previous),
    }


def _sizes(options: argparse.Namespace) -> list[int]:
    return [int(n) for n in options.n.split(",")]


def _speed(options: argparse.Namespace) -> dict[str, Any]:
    return {"speed": [measure_speed(n, options) for n in _sizes(options)]}


def _accuracy(options: argparse.Namespace) -> dict[str, Any]:
    # The largest that is no matter of minutes.
    n = max([n for n in _sizes(options) if n <= MOST_STAGED], default=MOST_STAGED)
    return {"accuracy": measure_accuracy(n, options)}


def _scale(options: argparse.Namespace) -> dict[str, Any]:
    sizes = _sizes(options)
    return {
        "scale": scale.measure_scale(sizes, options.seed, options.runs),
        "groupings": scale.measure_groupings(
            min(200_000, max(sizes)), MANY_BANDS if max(sizes) >= 200_000 else max(sizes)
        ),
        "kernels": scale.measure_kernels(20_000),
    }


Measure = Callable[[argparse.Namespace], dict[str, Any]]
#: Command → what is measured for it, one after the other.
MEASURES: Final[dict[str, tuple[Measure, ...]]] = {
    "speed": (_speed,),
    "accuracy": (_accuracy,),
    "scale": (_scale,),
    "all": (_accuracy, _speed, _scale),
}


def _measure_engines(what: str, words: Sequence[str]) -> int:
    """One of `MEASURES`; a record of "all" has no name but date and machine."""
    options = _options(what, words)
    refuse_bad_conditions()
    about = describe()
    into: Path | None = options.__dict__.pop("into")
    if into is not None:
        path = into
        _measure_again(what, options, about, path)
    else:
        measured = {"options": vars(options)}
        for part in MEASURES[what]:
            measured |= part(options)
            # After each part: what comes later may fail, and took minutes so far.
            path = write_record(about, measured, "" if what == "all" else what)
    print(publish.page(path))
    print(f"record: {path}", file=sys.stderr)
    if what == "all" or into is not None:
        publish.write_pages(path)
    return 0


def _measure_again(
    what: str, options: argparse.Namespace, about: dict[str, Any], path: Path
) -> None:
    """Replace some parts of a record; it says of each when and with which version."""
    record = json.loads(path.read_text("utf-8"))
    if (record["cpu"], record["num_cpus"]) != (about["cpu"], about["num_cpus"]):
        raise SystemExit(f"{path} was measured on another machine: {record['cpu']}")
    for part in MEASURES[what]:
        record |= part(options)
    record.setdefault("again", {})[what] = {
        "date": about["date"], "commit": about["commit"], "cpu_level": about["cpu_level"],
    }  # fmt: skip
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and record; exit status 1 if an answer was too bad."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in MEASURES:
        return _measure_engines(words[0], words[1:])
    if not words or words[0] not in ("quality", "feed"):
        print(__doc__, file=sys.stderr)
        return 0 if words[:1] in (["-h"], ["--help"]) else 2
    if words[0] == "quality":
        used, measured = _quality(words[1:])
    else:
        options = parser().parse_args(words)
        used, measured = vars(options), measure(options)
    path = write_record(describe(), {"options": used, "measured": measured}, words[0])
    print(f"record: {path}", file=sys.stderr)
    return 0 if measured.get("counted", True) and not measured.get("missed") else 1


if __name__ == "__main__":
    sys.exit(main())
