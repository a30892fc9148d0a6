"""Kill processes that add, again and again: `python -m tests.index.kills 200`.

The long form of a test in test_processes.py. Three processes add the same articles under names of
their own, and each flushes and merges all the time; each is killed at a moment of its own. Exit
status 0: nothing that was acknowledged is lost, no article was new twice, every index is whole,
and relations and answers are those of an index that was never killed.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from dedup import Index, open_index
from tests.index.workers import body, kill_all_while_adding

WRITERS = "xyz"


def main(kills: int) -> None:
    """Kill so often; every 24 kills begin with a new index."""
    acknowledged = done = 0
    while done < kills:
        with tempfile.TemporaryDirectory() as folder:
            rounds = range(min(8, -(-(kills - done) // len(WRITERS))))
            acknowledged += _series(Path(folder), rounds, done)
            done += len(rounds) * len(WRITERS)
        print(f"{done:4} kills, {acknowledged} articles acknowledged, none lost", flush=True)


def _series(folder: Path, rounds: range, seed: int) -> int:
    told: list[tuple[str, bool]] = []
    for one in rounds:
        numbers = range(1000 * one, 1000 * one + 300)
        told += kill_all_while_adding(folder / "i", numbers, WRITERS, seed + one)
    new = Counter(name.partition("@")[0] for name, is_new in told if is_new)
    twice = [number for number, count in new.items() if count > 1]
    with open_index(folder / "i") as index, open_index(folder / "fresh") as fresh:
        lost = [name for name, _ in told if name not in index]
        faults = index.verify()
        names = [line["id"] for line in index.dump()]
        list(fresh.add((name, body(name)) for name in names))
        differ = index.relations() != fresh.relations()
        asked = [body(name) for name in [*names[::5], "7777@x"]]
        other = _answers(index, asked) != _answers(fresh, asked)
    if lost or twice or faults or differ or other:
        sys.exit(
            f"round {seed}: lost {lost}, twice {twice}, faults {faults}, other relations: "
            f"{differ}, other answers: {other}"
        )
    return len(told)


def _answers(index: Index, texts: list[str]) -> list[object]:
    return [index.check(text).as_dict() for text in texts]


if __name__ == "__main__":
    main(int(sys.argv[1]))
