"""Families: large sets of near-duplicates, in which not every pair is aligned.

This is what keeps a corpus of near-identical articles linear: an article that is a
near-duplicate of several older ones is not aligned with the rest of their group, but all of the
group are aligned with the one that will be kept.
"""

from __future__ import annotations

import numpy as np

from dedup.cluster.articles import Articles, Edges, Ends, Flags
from dedup.cluster.keep import keeper_order
from dedup.cluster.star_columns import find_star_columns
from dedup.core import I64, U32
from dedup.settings import Settings

Pairs = tuple[U32, U32]
#: Pairs that are looked at together: what is computed of them is small.
_PAIRS = 1 << 20


def without_family(
    older: U32, newer: U32, edges: Edges, order: I64, family: int, wanted: Flags | None = None
) -> Pairs:
    """Pairs but those of one star whose newer article has `family` near-duplicates already.

    Args:
        older: Positions of the older articles of the pairs; `newer` of the newer ones.
        newer: See `older`.
        edges: What was verified so far, older article first.
        order: All articles, oldest first.
        family: Number of older near-duplicates that are enough.
        wanted: Which of the pairs are asked for; all when not given.
    """
    ends = Ends.of(edges)
    takes_part = np.zeros(len(order), np.bool_)
    takes_part[ends.x] = True
    stars = find_star_columns(ends, order[takes_part[order]])
    star = np.arange(len(order))
    star[stars.nodes] = stars.keepers  # all others stand alone
    is_enough = np.bincount(edges.near().b, minlength=len(order)) >= family
    left: list[Pairs] = [(older[:0], newer[:0])]
    for begin in range(0, len(older), _PAIRS):
        part = slice(begin, begin + _PAIRS)
        a, b = older[part], newer[part]
        needed = (star[a] != star[b]) | ~is_enough[b]
        if wanted is not None:
            needed &= wanted[part]
        left.append((a[needed], b[needed]))
    a, b = (np.concatenate(column) for column in zip(*left, strict=True))
    return a, b


def pairs_with_keepers(articles: Articles, edges: Edges, settings: Settings) -> Pairs:
    """Pairs still to be verified: all of a large star with the one the keep policy prefers.

    For the policy "earliest" there are none: the oldest candidates are aligned always.
    """
    ends = Ends.of(edges)
    if settings.keep == "earliest" or not len(ends.x):
        none = np.zeros(0, np.uint32)
        return none, none
    ranks = articles.ranks
    nodes = np.unique(ends.x)
    nodes = nodes[np.argsort(ranks[nodes])]
    stars = find_star_columns(ends, nodes)
    order = keeper_order(settings.keep, nodes, articles, ends)
    place = np.zeros(len(ranks), np.int64)
    place[order] = np.arange(len(order))
    # Star by star the one that is preferred first.
    sequence = np.lexsort((place[stars.nodes], stars.keepers))
    members, centres = stars.nodes[sequence], stars.keepers[sequence]
    starts = np.flatnonzero(np.concatenate([[True], centres[1:] != centres[:-1]]))
    sizes = np.diff(np.append(starts, len(members)))
    best = np.repeat(members[starts], sizes)
    wanted = (np.repeat(sizes, sizes) > settings.family) & (members != best)
    members, best = members[wanted], best[wanted]
    known = np.unique(ends.x * len(ranks) + ends.y)
    new = ~np.isin(members * len(ranks) + best, known)
    members, best = members[new], best[new]
    older = np.where(ranks[members] < ranks[best], members, best).astype(np.uint32)
    newer = np.where(ranks[members] < ranks[best], best, members).astype(np.uint32)
    return older, newer
