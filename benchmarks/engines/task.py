"""The task all engines are set, and the stop watch they are timed with.

In: texts. Out: shingles, exact resemblance, laps. Standard library only: an engine runs in an
environment of its own that need not have anything else.

The task: texts are in memory as `str`. Find the pairs whose sets of five lower-cased words
(`str.split`) resemble each other by 0.7 or more, with signatures of 128 slots cut into 32 bands
of 4 rows: at 0.7 such a cut proposes 0.9998 of the pairs, so what an engine misses is its own.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

SHINGLE_WORDS: Final = 5
SLOTS: Final = 128
BANDS: Final = 32
ROWS: Final = 4
THRESHOLD: Final = 0.7
#: Texts whose shingles are held at a time.
TOGETHER: Final = 4096

Pairs = set[tuple[int, int]]


def peak_memory_bytes() -> int:
    """The highest resident size of this process.

    Linux hands the peak of the process that started a program on to `getrusage` of that program,
    so the kernel's own mark for this program is read where there is one.
    """
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            marks = [line.split()[1] for line in file if line.startswith("VmHWM:")]
        return int(marks[0]) * 1024
    except (OSError, IndexError):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


class Settings(NamedTuple):
    """What an engine is told beside the texts."""

    #: Which of the ways an engine module knows.
    variant: str
    threads: int
    #: The same texts as JSON lines with id and text, for engines that read files.
    articles: str
    #: An empty folder for engines that write files.
    scratch: str


class Laps:
    """Wall and processor seconds of each stage, in the order of their first mention."""

    def __init__(self) -> None:
        """Begin with no stage."""
        self.wall: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time what is done inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.wall[stage] += time.perf_counter() - wall
        self.cpu[stage] += time.process_time() - cpu


def shingle_set(text: str) -> set[str]:
    """The runs of five lower-cased words; a shorter text is one run."""
    words = text.lower().split()
    if len(words) < SHINGLE_WORDS:
        return {" ".join(words)}
    return set(map(" ".join, zip(*(words[i:] for i in range(SHINGLE_WORDS)), strict=False)))


def shingle_sets(texts: Sequence[str], laps: Laps) -> Iterator[list[set[str]]]:
    """The shingles of some thousand texts at a time, timed as "shingles".

    The sets of 200,000 articles take 24 GB, and memory that is new costs more than what is done in
    it: no engine is made to hold them.
    """
    for begin in range(0, len(texts), TOGETHER):
        with laps("shingles"):
            sets = [shingle_set(text) for text in texts[begin : begin + TOGETHER]]
        yield sets


def resemblance(a: set[Any], b: set[Any]) -> float:
    """Jaccard resemblance of two sets; 0 for two empty ones."""
    common = len(a & b)
    joint = len(a) + len(b) - common
    return common / joint if joint else 0.0


def verified(candidates: Iterable[tuple[int, int]], shingles: Callable[[int], set[Any]]) -> Pairs:
    """The candidates whose sets really resemble each other by the threshold."""
    return {(a, b) for a, b in candidates if resemblance(shingles(a), shingles(b)) >= THRESHOLD}


def verified_texts(candidates: Iterable[tuple[int, int]], texts: Sequence[str]) -> Pairs:
    """The same for engines that keep no shingles: those of the candidates are made again."""
    sets: dict[int, set[str]] = {}

    def shingles(i: int) -> set[str]:
        if i not in sets:
            sets[i] = shingle_set(texts[i])
        return sets[i]

    return verified(candidates, shingles)


def pairs_in_bands(rows: Iterable[Sequence[int]]) -> Pairs:
    """The pairs that are equal in a band, for engines that give signatures only."""
    buckets: dict[tuple[int, ...], list[int]] = defaultdict(list)
    found: Pairs = set()
    for i, row in enumerate(rows):
        for band in range(BANDS):
            begin = band * ROWS
            bucket = buckets[band, *row[begin : begin + ROWS]]
            found.update((j, i) for j in bucket)
            bucket.append(i)
    return found


def pairs_of_answers(answers: Iterable[Iterable[int]]) -> Pairs:
    """The pairs of a list of answers: what was found for article 0, 1, 2 ..."""
    return {(min(i, j), max(i, j)) for i, found in enumerate(answers) for j in found if i != j}


def pairs_of_groups(pairs: Iterable[tuple[int, int]], most: int = 200) -> Pairs:
    """All pairs inside the groups that pairs link together; groups above `most` as given."""
    root: dict[int, int] = {}

    def find(i: int) -> int:
        while root.setdefault(i, i) != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    given = set(pairs)
    for a, b in given:
        root[find(a)] = find(b)
    groups: dict[int, list[int]] = defaultdict(list)
    for i in sorted(root):
        groups[find(i)].append(i)
    found = {(min(pair), max(pair)) for pair in given}
    for members in groups.values():
        if len(members) <= most:
            found.update((a, b) for n, b in enumerate(members) for a in members[:n])
    return found


def share_of_equal(a: Sequence[int], b: Sequence[int]) -> float:
    """The share of equal slots of two signatures."""
    return sum(map(int.__eq__, a, b)) / len(a)
