"""The stars of `stars.find_stars` for many pairs: columns in, columns out.

Source: the lexicographically first maximal independent set, found in rounds over all pairs
(Blelloch, Fineman, Shun 2012).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dedup.cluster.articles import Ends, Flags
from dedup.core import I64

#: Rounds over all pairs that are left, before the nodes that are left are looked at one by one. A
#: few are enough, but for long chains.
_ROUNDS = 8


class Stars(NamedTuple):
    """The keeper of each node."""

    #: Nodes, as given; a keeper is its own.
    nodes: I64
    keepers: I64
    #: Which of the `Ends` leads from the node to its keeper, -1 for keepers.
    edges: I64


def find_star_columns(ends: Ends, order: I64) -> Stars:
    """The keeper of each node of `order`, which holds every end of a pair.

    In `order`, a node becomes a keeper unless a neighbour is one already; every other node
    joins the keeper next to it that it resembles most, the earlier one on ties. The result
    depends on `order` and the pairs only, not on how they were stored.
    """
    size = int(max(order.max(initial=-1), ends.x.max(initial=-1))) + 1
    place = np.full(size, len(order), np.int64)
    place[order] = np.arange(len(order))
    keeps = _find_keepers(place, order, ends)
    mine = np.flatnonzero(keeps[ends.y] & ~keeps[ends.x])
    # The best edge of each member stands first.
    sequence = np.lexsort((place[ends.y[mine]], -ends.resemblance[mine], ends.x[mine]))
    mine = mine[sequence]
    first = np.ones(len(mine), np.bool_)
    first[1:] = ends.x[mine][1:] != ends.x[mine][:-1]
    best = np.full(size, -1, np.int64)
    best[ends.x[mine[first]]] = mine[first]
    edges = best[order]
    if not len(ends.y):
        return Stars(order, order.copy(), edges)
    return Stars(order, np.where(edges < 0, order, ends.y[edges]), edges)


def _find_keepers(place: I64, order: I64, ends: Ends) -> Flags:
    """Which nodes are keepers."""
    keeps: Flags = np.zeros(len(place), np.bool_)
    keeps[order] = True
    is_open: Flags = keeps.copy()
    x, y = ends.x, ends.y
    for _ in range(_ROUNDS):
        if not len(x):
            return keeps
        # Who has no earlier neighbour that is open is a keeper, and its neighbours are none.
        beaten = np.zeros(len(place), np.bool_)
        beaten[x[place[y] < place[x]]] = True
        members = x[~beaten[y]]
        members = members[beaten[members]]
        keeps[members] = False
        is_open &= beaten
        is_open[members] = False
        left = is_open[x] & is_open[y]
        x, y = x[left], y[left]
    neighbours: dict[int, list[int]] = {}
    for node, other in zip(x.tolist(), y.tolist(), strict=True):
        neighbours.setdefault(node, []).append(other)
    chosen: set[int] = set()
    for node in sorted(neighbours, key=place.__getitem__):
        if any(other in chosen for other in neighbours[node]):
            keeps[node] = False
        else:
            chosen.add(node)
    return keeps
