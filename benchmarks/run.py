"""Measure, and keep the record.

In: a command line: `quality` (kinds and spans of single pairs), `feed` (a whole
scan), with the options of `benchmarks.quality`. Out: its tables, and a JSON
file in `results/` with date, machine, versions, settings and corpus digest.
What is measured, and how, is left to `quality`.

Example:  python -m benchmarks.run feed --n 10000 --threads 2
"""

from __future__ import annotations

import json
import platform
import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.detector import describe_run
from benchmarks.quality import measure, parser

RESULTS: Final = Path(__file__).parent / "results"
_NAMES: Final = {"quality": "variants", "feed": "feed"}


def write_record(name: str, record: Mapping[str, Any], folder: Path = RESULTS) -> Path:
    """Write a record under a name of its own: date, time, machine, what."""
    folder.mkdir(parents=True, exist_ok=True)
    machine = re.sub(r"[^\w.-]+", "-", platform.node() or platform.machine())
    path = folder / f"{time.strftime('%Y-%m-%d-%H%M%S')}-{machine}-{name}.json"
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and record; exit status 1 if the answer was too bad to be timed."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in _NAMES:
        print("Usage: python -m benchmarks.run quality|feed [OPTIONS]", file=sys.stderr)
        return 0 if words[:1] in (["-h"], ["--help"]) else 2
    options = parser().parse_args([_NAMES[words[0]], *words[1:]])
    measured = measure(options)
    record = {**describe_run(), "options": vars(options), "measured": measured}
    path = write_record(words[0], record)
    print(f"record: {path}", file=sys.stderr)
    return 0 if measured.get("counted", True) else 1


if __name__ == "__main__":
    sys.exit(main())
