"""Excerpts → a directed acyclic graph, and what of it may be removed.

An edge leads from the article that is contained to the one that contains it, always from the
shorter to the longer, so there is no way round in a circle (docs/method.md, "Kinds").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from dedup.records import Relation, Removal

#: Two positions and a share.
Edge = tuple[int, int, float]


def excerpt_edges(
    relations: Iterable[tuple[int, int, Relation]], weights: Sequence[int]
) -> list[tuple[int, int, Relation, float]]:
    """(excerpt, source, relation, containment of the one in the other)."""
    edges = []
    for a, b, relation in relations:
        if relation.kind != "excerpt":
            continue
        if relation.direction == "a_in_b":
            inner, outer, share = a, b, relation.containment_a_in_b
        else:
            inner, outer, share = b, a, relation.containment_b_in_a
        if weights[inner] < weights[outer]:
            edges.append((inner, outer, relation, share))
    return edges


def remove_excerpts(
    removals: dict[int, Removal],
    edges: Sequence[tuple[int, int, Relation, float]],
    alone: AbstractSet[int],
    ids: Sequence[str],
    weights: Sequence[int],
    most_lost: float,
) -> None:
    """Add to `removals` the excerpts whose source is kept and lacks at most `most_lost` of them.

    From the longest to the shortest: when an excerpt's turn comes, its source's fate is known.
    Only articles in `alone` go: what others were removed for stays, since they were compared
    with it and not with its source.
    """
    sources: dict[int, list[tuple[float, str, Relation, int]]] = defaultdict(list)
    for inner, outer, relation, share in edges:
        if inner in alone and 1.0 - share <= most_lost:
            sources[inner].append((share, ids[outer], relation, outer))
    for inner in sorted(sources, key=lambda n: (-weights[n], ids[n])):
        kept = [source for source in sources[inner] if source[3] not in removals]
        if kept and inner not in removals:
            share, source, relation, _ = max(kept, key=lambda s: (s[0], s[1]))
            removals[inner] = Removal(ids[inner], "excerpt", source, relation.resemblance, share)
