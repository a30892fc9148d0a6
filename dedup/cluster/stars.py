"""Near-duplicate pairs → stars: every member is verified against its keeper.

Never a connected component: in a chain of versions, each a little edited, the last has nothing
in common with the first. Source: the lexicographically first maximal independent set
(Blelloch, Fineman, Shun 2012), as a clustering in Aslam, Pelekhov, Rus (2004), The star
clustering algorithm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

#: Neighbours of each node with the resemblance to each.
Neighbours = Mapping[int, Mapping[int, float]]


def neighbours_of(edges: Iterable[tuple[int, int, float]]) -> Neighbours:
    """Edges in both directions."""
    out: dict[int, dict[int, float]] = defaultdict(dict)
    for x, y, resemblance in edges:
        out[x][y] = resemblance
        out[y][x] = resemblance
    return out


def find_stars(neighbours: Neighbours, order: Sequence[int]) -> dict[int, int]:
    """The keeper of each node; a keeper is its own.

    In `order`, a node becomes a keeper unless a neighbour is one already; every other node
    joins the keeper next to it that it resembles most, the earlier one on ties. The result
    depends on `order` and the edges only, not on how they were stored.
    """
    place = {node: n for n, node in enumerate(order)}
    keepers: set[int] = set()
    for node in order:
        if not any(other in keepers for other in neighbours.get(node, ())):
            keepers.add(node)
    return {
        node: node
        if node in keepers
        else max(
            (other for other in neighbours[node] if other in keepers),
            key=lambda other: (neighbours[node][other], -place[other]),
        )
        for node in order
    }
