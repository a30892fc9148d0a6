"""Stars of a graph that changes, at the cost of what changes.

Takes the nodes whose edges or place in the order are new; gives the keepers that are different
now. Whether a node is a keeper depends on its earlier neighbours alone, so it is asked for in the
order of the nodes, and a change goes on to later neighbours only. The result is that of
`find_stars` over the whole graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import Any

#: Where a node stands in the order: anything that can be compared, and differs between nodes.
Place = tuple[Any, ...]


def update_stars(
    touched: Iterable[int],
    neighbours: Callable[[int], Mapping[int, float]],
    place: Callable[[int], Place],
    keeper: Callable[[int], int | None],
) -> dict[int, int]:
    """The keepers of all nodes for which they may have changed.

    Args:
        touched: Nodes that are new, have lost or gained a neighbour or have another resemblance
            to one; and where a node has another place, it and all its neighbours.
        neighbours: Gives the near-duplicates of a node with the resemblance to each, as they are
            now.
        place: Gives the place of a node in the order of the keep policy.
        keeper: Gives what was known before: itself for a keeper, None for a node that is new.
    """
    now: dict[int, bool] = {}
    turned: set[int] = set()
    wanted = set(touched)

    def is_keeper(node: int) -> bool:
        return now[node] if node in now else keeper(node) == node

    waiting = [(place(node), node) for node in wanted]
    heapify(waiting)
    while waiting:
        here, node = heappop(waiting)
        if node in now:
            continue
        near = neighbours(node)
        was = keeper(node) == node
        now[node] = not any(place(other) < here and is_keeper(other) for other in near)
        if now[node] != was:
            turned.add(node)
            for other in near:
                there = place(other)
                if there > here and other not in now:
                    heappush(waiting, (there, other))
    wanted |= now.keys()
    for node in turned:
        wanted |= neighbours(node).keys()
    return {node: _choose(node, neighbours(node), place, is_keeper) for node in wanted}


def _choose(
    node: int,
    near: Mapping[int, float],
    place: Callable[[int], Place],
    is_keeper: Callable[[int], bool],
) -> int:
    """The keeper of a node: itself, or the one next to it that it resembles most."""
    if is_keeper(node):
        return node
    keepers = [other for other in near if is_keeper(other)]
    best = max(near[other] for other in keepers)
    return min((other for other in keepers if near[other] == best), key=place)
