"""Excerpts → a directed acyclic graph, and what of it may be removed.

An edge leads from the article that is contained to the one that contains it, always from the
shorter to the longer, so there is no way round in a circle (docs/method.md, "Kinds").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup.cluster.articles import Edges, Flags
from dedup.core import I64


class Inside(NamedTuple):
    """Articles that are contained in others, as columns."""

    inner: I64
    outer: I64
    #: float64: share of the inner one's words that are matched in the outer one; R.
    share: Any
    resemblance: Any


def excerpt_edges(edges: Edges, weights: Any) -> Inside:
    """Which article lies in which; only shorter ones in longer ones."""
    found = edges.excerpts()
    forth = found.a_in_b >= found.b_in_a
    inside = Inside(
        np.where(forth, found.a, found.b),
        np.where(forth, found.b, found.a),
        np.where(forth, found.a_in_b, found.b_in_a),
        found.resemblance,
    )
    shorter = weights[inside.inner] < weights[inside.outer]
    return Inside(*(column[shorter] for column in inside))


def remove_excerpts(
    inside: Inside,
    is_removed: Flags,
    is_alone: Flags,
    ids: Sequence[str],
    weights: Any,
    most_lost: float,
) -> list[tuple[int, int, float, float]]:
    """Excerpts whose source is kept and lacks at most `most_lost` of them.

    From the longest to the shortest: when an excerpt's turn comes, its source's fate is known.
    Only those go that are alone: what others were removed for stays, since they were compared
    with it and not with its source. What goes is noted in `is_removed`.

    Returns:
        Article, source, resemblance and containment of each that goes.
    """
    sources: dict[int, list[tuple[float, str, float, int]]] = defaultdict(list)
    wanted = np.flatnonzero(is_alone[inside.inner] & (1.0 - inside.share <= most_lost))
    for inner, outer, share, near in zip(*(c[wanted].tolist() for c in inside), strict=True):
        sources[inner].append((share, ids[outer], near, outer))
    gone = []
    for inner in sorted(sources, key=lambda n: (-int(weights[n]), ids[n])):
        kept = [source for source in sources[inner] if not is_removed[source[3]]]
        if kept and not is_removed[inner]:
            share, _, near, outer = max(kept, key=lambda s: (s[0], s[1]))
            is_removed[inner] = True
            gone.append((inner, outer, near, share))
    return gone
