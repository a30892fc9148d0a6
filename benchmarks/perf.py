"""Instructions per word of each kernel, counted by callgrind: no clock, so no noise.

In: a feed. Out: a record `results/DATE-MACHINE-perf.json` and a table. The same compiled code gives
the same counts within a thousandth, also on a machine that does other work. Counts are no times:
misses of caches and branches do not show, and valgrind knows no AVX-512, so a core that chooses
its kernels by processor runs those for AVX2 here; the level is in the record.

The program runs itself under valgrind. Between two stages it asks for the number of its parent
process, which nobody else does; there callgrind writes down what it has counted and begins anew.

Example:  python -m benchmarks.perf
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.records import ROOT, describe, refuse_bad_conditions, write_record
from benchmarks.stored_feed import stored_feed

_MARK: Final = "getppid"
_ARTICLES: Final = 300
#: Under valgrind the program is told so by this word.
_INSIDE: Final = "--inside"


def stages(texts: list[str]) -> dict[str, Callable[[], object]]:
    """The kernels, each with its input made ready."""
    core = importlib.import_module("dedup.core")
    index = importlib.import_module("dedup.index")
    sketch = importlib.import_module("dedup.sketch")
    numpy = importlib.import_module("numpy")
    settings = importlib.import_module("dedup").Settings()
    raw = [text.encode() for text in texts]
    words = core.tokenize(raw)
    ends, hashes = core.shingles(words.hashes, words.weights, words.offsets, settings.k)
    sketches = sketch.sketch_texts(raw, settings)
    order = numpy.arange(len(raw), dtype=numpy.int64)
    candidates = index.find_candidates(sketches, order, settings)
    # Each article beside a copy of it, and each pair that was proposed.
    pairs = [numpy.concatenate([column, order]) for column in (candidates.older, candidates.newer)]
    older, newer = (column.astype(numpy.uint32) for column in pairs)
    return {
        "tokenize": lambda: core.tokenize(raw),
        "shingles": lambda: core.shingles(words.hashes, words.weights, words.offsets, settings.k),
        "sign": lambda: core.sign(hashes, ends, settings.num_perm),
        "sketch": lambda: sketch.sketch_texts(raw, settings),
        "candidates": lambda: index.find_candidates(sketches, order, settings),
        "verify": lambda: _verify(core, raw, older, newer, settings),
    }


def _verify(core: Any, raw: list[bytes], a: Any, b: Any, settings: Any) -> object:
    names = ("k", "seed_words", "max_gap", "x_drop", "fuzzy_letters", "min_passage", "min_density")
    return core.verify(raw, a, b, **{name: getattr(settings, name) for name in names})


def run_inside(texts: list[str]) -> None:
    """Run every stage once for nothing and once between two marks."""
    mark = getattr(os, _MARK)
    works = stages(texts)
    for work in works.values():
        work()
    mark()
    mark()
    for work in works.values():
        mark()
        work()
        mark()
    num_words = int(importlib.import_module("dedup.core").tokenize(texts).offsets[-1])
    level = str(importlib.import_module("dedup.core").cpu_level())
    print(json.dumps({"stages": list(works), "words": num_words, "cpu_level": level}))


def read_counts(folder: Path) -> list[int]:
    """What was counted before each mark, in order."""
    files = sorted(folder.glob("out.*"), key=lambda path: int(path.suffix[1:] or 0))
    counts = []
    for file in files:
        found = re.search(r"^(?:summary|totals): (\d+)", file.read_text("utf-8"), re.MULTILINE)
        counts.append(int(found[1]) if found else 0)
    return counts


def measure_instructions(n: int = _ARTICLES, seed: int = 7) -> dict[str, Any]:
    """Count the instructions of each stage under callgrind.

    Returns:
        "stages": instructions and instructions per word of each; the calls from Python into it
        are part of it, far below one per word.

    Raises:
        SystemExit: There is no valgrind, or it fails.
    """
    if shutil.which("valgrind") is None:
        raise SystemExit("valgrind is missing. On Debian: apt install valgrind")
    stored_feed(n, seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out",
             f"--dump-before={_MARK}", sys.executable, "-m", "benchmarks.perf", _INSIDE,
             "--n", str(n), "--seed", str(seed)],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"valgrind fails: {done.stderr.strip()[-500:]}")
        counts = read_counts(folder)
    told = json.loads(done.stdout.splitlines()[-1])
    # The two marks in a row say what a mark costs.
    base = counts[1]
    inside = counts[3::2][: len(told["stages"])]
    return {
        "articles": n,
        "seed": seed,
        "words": told["words"],
        "cpu_level_under_valgrind": told["cpu_level"],
        "stages": {
            stage: {
                "instructions": count - base,
                "per_word": (count - base) / told["words"],
            }
            for stage, count in zip(told["stages"], inside, strict=True)
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, print and keep."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.perf", description="Instructions per word of each kernel."
    )
    parser.add_argument("--n", type=int, default=_ARTICLES, help=f"articles; default: {_ARTICLES}")
    parser.add_argument("--seed", type=int, default=7, help="default: 7")
    parser.add_argument(_INSIDE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        run_inside(stored_feed(options.n, options.seed).texts())
        return 0
    refuse_bad_conditions()
    measured = measure_instructions(options.n, options.seed)
    print(f"{'stage':<14}{'instructions':>16}{'per word':>12}")
    for stage, row in measured["stages"].items():
        print(f"{stage:<14}{row['instructions']:>16,}{row['per_word']:>12.1f}")
    path = write_record(describe(), {"perf": measured}, "perf")
    print(f"record: {path}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
