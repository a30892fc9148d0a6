"""Which article of a group survives: the policies, as an order of precedence.

The order decides the stars too, so that the article that is kept is the one every member was
verified against (docs/choices/0005-keeper-is-the-centre.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dedup.cluster.articles import Articles, Contained
from dedup.cluster.stars import Neighbours


def keeper_order(
    policy: str,
    nodes: Iterable[int],
    articles: Articles,
    copies: Mapping[int, Sequence[int]],
    neighbours: Neighbours,
    contained: Contained,
) -> list[int]:
    """The nodes, those to be kept first.

    Args:
        policy: One of `settings.KEEP_POLICIES`.
        nodes: Each the oldest of identical articles, or alone.
        articles: The corpus.
        copies: Input positions of identical articles, by the oldest.
        neighbours: Near-duplicates of each node.
        contained: (x, y) → containment of x in y, for every edge in both directions.
    """
    ranks, weights = articles.ranks, articles.weights

    def completeness(article: int) -> int:
        # Millionths, so that the sum does not depend on the order of adding.
        near = neighbours.get(article, ())
        return sum(round(1e6 * contained[other, article]) for other in near)

    keys = {
        "earliest": lambda n: (0, ranks[n]),
        "longest": lambda n: (-weights[n], ranks[n]),
        "most-complete": lambda n: (-completeness(n), ranks[n]),
        "first": lambda n: (0, min(copies.get(n, (n,)))),
    }
    return sorted(nodes, key=keys[policy])
