"""Threshold and recall → bands × rows, and the S-curve between them.

A signature of `bands * rows` slots is cut into bands; two articles of resemblance J agree on a
whole band with probability J^rows, on at least one with 1 - (1 - J^rows)^bands.
Source: Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, chapter 3.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from dedup import core
from dedup.core import U16, U64


class Bands(NamedTuple):
    """How a signature is cut."""

    bands: int
    rows: int

    def probability(self, resemblance: float) -> float:
        """Probability that two articles of this resemblance share a band, 0-1."""
        return 1.0 - (1.0 - resemblance**self.rows) ** self.bands


@functools.lru_cache(maxsize=64)
def choose_bands(num_perm: int, threshold: float, recall: float) -> Bands:
    """The most selective cut that still finds `recall` of the pairs at `threshold`.

    Most rows first, since they decide how few chance candidates there are. When no cut reaches
    the recall, one row per band comes nearest and is returned.
    """
    for rows in range(num_perm, 1, -1):
        cut = Bands(num_perm // rows, rows)
        if cut.probability(threshold) >= recall:
            return cut
    return Bands(num_perm, 1)


def band_keys(signatures: U16, cut: Bands) -> U64:
    """One key per article and band, uint64, shape (n, bands); equal rows give equal keys."""
    return core.band_keys(signatures, cut.bands, cut.rows)
