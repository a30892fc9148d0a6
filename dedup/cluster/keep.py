"""Which article of a group survives: the policies, as an order of precedence.

The order decides the stars too, so that the article that is kept is the one every member was
verified against (docs/choices/0005-keeper-is-the-centre.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dedup.cluster.stars import Neighbours


def keeper_order(
    policy: str,
    copies: Mapping[int, Sequence[int]],
    *,
    ranks: Sequence[int],
    weights: Sequence[int],
    contained: dict[tuple[int, int], float],
    neighbours: Neighbours,
) -> list[int]:
    """The nodes, those to be kept first.

    Args:
        policy: One of `settings.KEEP_POLICIES`.
        copies: Nodes, each the oldest of identical articles, with the input positions of all.
        ranks: Place by (date, id) of each article of the corpus; undated ones last.
        weights: Length of each.
        contained: (x, y) → containment of x in y, for every edge in both directions.
        neighbours: Near-duplicates of each.
    """

    def completeness(article: int) -> int:
        # Millionths, so that the sum does not depend on the order of adding.
        near = neighbours.get(article, ())
        return sum(round(1e6 * contained[other, article]) for other in near)

    keys = {
        "earliest": lambda n: (0, ranks[n]),
        "longest": lambda n: (-weights[n], ranks[n]),
        "most-complete": lambda n: (-completeness(n), ranks[n]),
        "first": lambda n: (0, min(copies[n])),
    }
    return sorted(copies, key=keys[policy])
