"""Lists of boilerplate → which fingerprints of a corpus they cover.

Takes sketches and flags; gives a column of bool for the candidates, which leave them out, and
how many articles hold each. What is masked word by word is decided in `core.verify`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dedup import core
from dedup.core import I64, U32, U64, Flags, Sketches, drop_pages
from dedup.settings import Settings

Marks = np.ndarray[tuple[int], np.dtype[np.bool_]]

#: Fingerprints that are looked at at a time; speed only.
BLOCK = 1 << 20


def flagged_fingerprints(
    sketches: Sketches, flags: Flags, lists: U32, settings: Settings
) -> tuple[Marks, Marks, dict[int, int]]:
    """Which fingerprints are boilerplate for the article that has them.

    The second column says of which articles the list of all sites would cover most; it does not
    count there. The last is the number of articles in which each flagged fingerprint is masked.
    """
    marks: Marks = np.zeros(len(sketches.fingerprints), np.bool_)
    spared: Marks = np.zeros(len(lists), np.bool_)
    values = np.unique(flags.hashes)
    if not len(values):
        return marks, spared, {}
    counts = np.zeros(len(values), np.int64)
    for first, last in blocks_of(sketches.offsets):
        bounds = np.asarray(sketches.offsets[first : last + 1])
        part = slice(int(bounds[0]), int(bounds[-1]))
        prints, positions = sketches.fingerprints[part], sketches.positions[part]
        marks[part], spared[first:last], found = core.mark(
            prints, positions, bounds - bounds[0], sketches.tokens[first:last], lists[first:last],
            flags, values, settings.window,
        )  # fmt: skip
        counts += found
        drop_pages(prints)
        drop_pages(positions)
    held = counts > 0
    return marks, spared, dict(zip(values[held].tolist(), counts[held].tolist(), strict=True))


def blocks_of(offsets: I64) -> Iterator[tuple[int, int]]:
    """Ranges of articles with about `BLOCK` fingerprints each."""
    first, count = 0, len(offsets) - 1
    while first < count:
        last = int(np.searchsorted(offsets, offsets[first] + BLOCK, side="right")) - 1
        last = min(max(last, first + 1), count)
        yield first, last
        first = last


def is_in(values: Any, rising: U64) -> Marks:
    """Which values stand in a rising column."""
    if not len(rising):
        return np.zeros(len(values), np.bool_)
    places = np.searchsorted(rising, values).clip(max=len(rising) - 1)
    found: Marks = rising[places] == values
    return found
