"""Which article of a group survives: the policies, as an order of precedence.

The order decides the stars too, so that the article that is kept is the one every member was
verified against (docs/choices/0005-keeper-is-the-centre.md).
"""

from __future__ import annotations

import numpy as np

from dedup.cluster.articles import Articles, Ends
from dedup.core import I64


def keeper_order(policy: str, nodes: I64, articles: Articles, ends: Ends) -> I64:
    """The nodes, those to be kept first.

    Args:
        policy: One of `settings.KEEP_POLICIES`.
        nodes: Each the oldest of identical articles, or alone.
        articles: The corpus.
        ends: Near-duplicates, all of them nodes.
    """
    ranks = articles.ranks[nodes]
    if policy == "first":
        return nodes[np.argsort(articles.first_copies()[nodes])]
    if policy == "longest":
        return nodes[np.lexsort((ranks, -articles.weights[nodes].astype(np.int64)))]
    if policy == "most-complete":
        # Millionths, so that the sum does not depend on the order of adding.
        parts = np.rint(1e6 * ends.y_in_x)
        sums = np.bincount(ends.x, parts, len(articles.ranks))[nodes]
        return nodes[np.lexsort((ranks, -sums))]
    return nodes[np.argsort(ranks)]
