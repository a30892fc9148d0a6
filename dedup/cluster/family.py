"""Families: large sets of near-duplicates, in which not every pair is aligned.

This is what keeps a corpus of near-identical articles linear: an article that is a
near-duplicate of several older ones is not aligned with the rest of their group, but all of the
group are aligned with the one that will be kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from dedup.cluster.articles import Articles, Found, near_duplicates
from dedup.cluster.keep import keeper_order
from dedup.cluster.stars import find_stars
from dedup.core import U32
from dedup.settings import Settings

Pairs = tuple[U32, U32]


def without_family(
    older: U32, newer: U32, found: Sequence[Found], order: Sequence[int], family: int
) -> Pairs:
    """Pairs but those of one star whose newer article has `family` near-duplicates already.

    Args:
        older: Positions of the older articles of the pairs; `newer` of the newer ones.
        newer: See `older`.
        found: Relations verified so far, older article first.
        order: All articles, oldest first.
        family: Number of older near-duplicates that are enough.
    """
    if not len(older):
        return older, newer
    neighbours, _ = near_duplicates(found)
    stars = find_stars(neighbours, [n for n in order if n in neighbours])
    star = np.arange(len(order))
    star[list(stars)] = list(stars.values())  # all others stand alone
    known = np.zeros(len(order), np.int64)
    for article, count in Counter(b for _, b, r in found if r.kind == "near-duplicate").items():
        known[article] = count
    needed = (star[older] != star[newer]) | (known[newer] < family)
    return older[needed], newer[needed]


def pairs_with_keepers(articles: Articles, found: Sequence[Found], settings: Settings) -> Pairs:
    """Pairs still to be verified: all of a large star with the one the keep policy prefers.

    For the policy "earliest" there are none: the oldest candidates are aligned always.
    """
    pairs: list[tuple[int, int]] = []
    if settings.keep != "earliest":
        neighbours, contained = near_duplicates(found)
        copies, ranks = articles.copies(), articles.ranks
        stars: dict[int, list[int]] = defaultdict(list)
        nodes = sorted(neighbours, key=ranks.__getitem__)
        for node, centre in find_stars(neighbours, nodes).items():
            stars[centre].append(node)
        order = keeper_order(settings.keep, nodes, articles, copies, neighbours, contained)
        place = {node: n for n, node in enumerate(order)}
        for star in stars.values():
            if len(star) > settings.family:
                best = min(star, key=place.__getitem__)
                others = [n for n in star if n != best and n not in neighbours[best]]
                pairs += [(n, best) if ranks[n] < ranks[best] else (best, n) for n in others]
    a, b = (np.array([pair[side] for pair in pairs], np.uint32) for side in (0, 1))
    return a, b
