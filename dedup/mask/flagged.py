"""Lists of boilerplate → which fingerprints of a corpus they cover.

Takes sketches and flags; gives a column of bool for the candidates, which leave them out, and
how many articles hold each. What is masked word by word is decided in `core.verify`.
"""

from __future__ import annotations

import numpy as np

from dedup.core import I64, U32, U64, Flags, Sketches
from dedup.settings import Settings

Marks = np.ndarray[tuple[int], np.dtype[np.bool_]]


def flagged_fingerprints(sketches: Sketches, flags: Flags, lists: U32, settings: Settings) -> Marks:
    """Which fingerprints are boilerplate for the article that has them."""
    owner = np.repeat(np.arange(len(lists)), np.diff(sketches.offsets))
    everywhere = flags.hashes[: flags.offsets[1]]
    flagged = is_in(sketches.fingerprints, everywhere)
    # What is most of an article is no furniture (see native/prepare.h, which counts words; here
    # they are known but for those at the borders, so in doubt nothing is hidden).
    most = (
        2 * (_covered(sketches, flagged, owner, settings) + 2 * settings.window) >= sketches.tokens
    )
    flagged &= ~most[owner]
    by_list = np.argsort(lists[owner], kind="stable")
    starts = np.searchsorted(lists[owner][by_list], np.arange(len(flags.offsets)))
    for n in np.unique(lists[lists > 0]).tolist():
        known = flags.hashes[flags.offsets[n] : flags.offsets[n + 1]]
        if len(known):
            mine = by_list[starts[n] : starts[n + 1]]
            flagged[mine] |= is_in(sketches.fingerprints[mine], known)
    return flagged


def _covered(
    sketches: Sketches,
    flagged: Marks,
    owner: I64,
    settings: Settings,
) -> I64:
    """Words of each article inside runs of flagged fingerprints."""
    positions, whose = sketches.positions[flagged].astype(np.int64), owner[flagged]
    steps = np.full(len(positions), settings.fingerprint_k, np.int64)
    gaps = np.diff(positions)
    run = (whose[1:] == whose[:-1]) & (gaps <= 2 * settings.window)
    steps[:-1][run] = gaps[run]
    return np.bincount(whose, steps, len(sketches.tokens)).astype(np.int64)


def is_in(values: U64, rising: U64) -> Marks:
    """Which values stand in a rising column."""
    if not len(rising):
        return np.zeros(len(values), np.bool_)
    places = np.searchsorted(rising, values).clip(max=len(rising) - 1)
    found: Marks = rising[places] == values
    return found


def count_holders(sketches: Sketches, flagged: Marks) -> dict[int, int]:
    """In how many articles each flagged fingerprint is masked."""
    owner = np.repeat(np.arange(len(sketches.tokens)), np.diff(sketches.offsets))[flagged]
    pairs = np.unique(np.stack([sketches.fingerprints[flagged], owner.astype(np.uint64)]), axis=1)
    values, counts = np.unique(pairs[0], return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))
