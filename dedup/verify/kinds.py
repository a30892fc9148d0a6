"""Counts of a pair → measures and kind. Pure arithmetic; no text is read here.

Definitions and the order of the kinds: docs/method.md, "Measures" and "Kinds".
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core import I64, PAIR_COLUMNS, U32, Verified
from dedup.settings import Settings

Shares = npt.NDArray[np.float64]

KINDS = (
    "none", "boilerplate-only", "quote", "overlap", "excerpt", "near-duplicate", "identical",
)  # fmt: skip
NONE, BOILERPLATE_ONLY, QUOTE, OVERLAP, EXCERPT, NEAR_DUPLICATE, IDENTICAL = range(len(KINDS))


class Measures(NamedTuple):
    """Measures of n pairs; float64 shares in [0, 1], shape (n,)."""

    kind: I64
    resemblance: Shares
    containment_a: Shares
    containment_b: Shares
    jaccard: Shares
    shingles_a: Shares
    shingles_b: Shares


def share(part: U32, whole: U32) -> Shares:
    """Part over whole; 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0)


def measure(verified: Verified, settings: Settings) -> Measures:
    """Measures and kinds of verified pairs."""
    column = {name: verified.pairs[:, n] for n, name in enumerate(PAIR_COLUMNS)}
    matched = column["matched_a"] + column["matched_b"]
    dice = share(matched, column["weight_a"] + column["weight_b"])
    resemblance = dice / (2 - dice)
    in_b = share(column["matched_a"], column["weight_a"])
    in_a = share(column["matched_b"], column["weight_b"])
    shared = column["shared"]
    jaccard = share(shared, column["shingles_a"] + column["shingles_b"] - shared)
    counts = np.diff(verified.offsets)
    longest = np.zeros(len(counts))
    owner = np.repeat(np.arange(len(counts)), counts)
    np.maximum.at(longest, owner, verified.passages[:, 4])
    most = np.maximum(in_a, in_b)
    enough = column["raw"] >= 4 * settings.min_passage
    kind = np.select(
        [
            column["identical"] > 0,
            (counts == 0) & (column["longest"] < column["raw"]) & enough,
            counts == 0,
            resemblance >= settings.near_duplicate,
            most >= settings.excerpt,
            (longest <= 4 * settings.quote_max) & (most < settings.quote_share),
        ],
        [IDENTICAL, BOILERPLATE_ONLY, NONE, NEAR_DUPLICATE, EXCERPT, QUOTE],
        OVERLAP,
    )
    return Measures(
        kind.astype(np.int64), resemblance, in_b, in_a, jaccard,
        share(shared, column["shingles_a"]), share(shared, column["shingles_b"]),
    )  # fmt: skip
