"""Families: large sets of near-duplicates, in which not every pair needs to be aligned.

Takes the candidates that were left for later and the relations that are known; gives those that
still have to be verified. This is what keeps a corpus of near-identical articles linear: an
article that is a near-duplicate of several others is not aligned with the rest of their group.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from dedup.cluster.stars import find_stars, neighbours_of
from dedup.core import U32
from dedup.records import Relation


def without_family(
    older: U32,
    newer: U32,
    found: Iterable[tuple[int, int, Relation]],
    order: Sequence[int],
    family: int,
) -> tuple[U32, U32]:
    """Pairs but those of one star whose newer article has `family` near-duplicates already.

    Args:
        older: Positions of the older articles of the pairs, uint32; `newer` of the newer ones.
        newer: See `older`.
        found: Relations verified so far, older article first.
        order: All articles, oldest first.
        family: Number of older near-duplicates that are enough.
    """
    near = [(a, b, r.resemblance) for a, b, r in found if r.kind == "near-duplicate"]
    if not len(older) or not near:
        return older, newer
    stars = find_stars(neighbours_of(near), order)
    star = np.arange(len(order))
    star[list(stars)] = list(stars.values())
    known = np.zeros(len(order), np.int64)
    for article, count in Counter(b for _, b, _ in near).items():
        known[article] = count
    needed = (star[older] != star[newer]) | (known[newer] < family)
    return older[needed], newer[needed]
