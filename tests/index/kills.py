"""Kill a process that adds, again and again: `python -m tests.index.kills 200`.

The long form of a test in test_processes.py. Exit status 0: nothing that was acknowledged is lost,
every index is whole, and answers are those of an index that was never killed.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from dedup import open_index
from tests.index.workers import body, kill_while_adding


def main(kills: int) -> None:
    """Kill so often; every 25 kills begin with a new index."""
    acknowledged = 0
    for first in range(0, kills, 25):
        with tempfile.TemporaryDirectory() as folder:
            acknowledged += _series(Path(folder), range(first, min(first + 25, kills)))
        print(f"{first + 25:4} kills, {acknowledged} articles acknowledged, none lost", flush=True)


def _series(folder: Path, kills: range) -> int:
    told: list[str] = []
    for kill in kills:
        names = [f"{n}@x" for n in range(1000 * kill, 1000 * kill + 400)]
        told += [f"{name}@x" for name in kill_while_adding(folder / "i", names, seed=kill)]
    with open_index(folder / "i") as index, open_index(folder / "fresh") as fresh:
        lost = [name for name in told if name not in index]
        faults = index.verify()
        names = [line["id"] for line in index.dump()]
        list(fresh.add((name, body(name)) for name in names))
        differ = index.relations() != fresh.relations()
    if lost or faults or differ:
        sys.exit(f"kills {kills}: lost {lost}, faults {faults}, other relations: {differ}")
    return len(told)


if __name__ == "__main__":
    main(int(sys.argv[1]))
