"""Relations → groups, and what of them is removed.

Takes the verified relations of a corpus; gives stars of copies around the article that is kept,
the excerpts of each group, and the list of removals. Nothing is decided here that was not
verified in `verify`. Method: docs/method.md, step 7.
"""

from __future__ import annotations

import numpy as np

from dedup.cluster.articles import Articles, Edges, Ends
from dedup.cluster.excerpts import Inside, excerpt_edges, remove_excerpts
from dedup.cluster.family import pairs_with_keepers, without_family
from dedup.cluster.growing import Place, update_stars
from dedup.cluster.keep import keeper_order
from dedup.cluster.star_columns import find_star_columns
from dedup.cluster.stars import find_stars, neighbours_of
from dedup.core import I64
from dedup.records import GroupColumns, RemovalColumns
from dedup.settings import Settings

__all__ = [
    "Articles", "Edges", "Place", "find_groups", "find_stars", "neighbours_of",
    "pairs_with_keepers", "update_stars", "without_family",
]  # fmt: skip


def find_groups(
    articles: Articles, edges: Edges, settings: Settings
) -> tuple[GroupColumns, RemovalColumns]:
    """Groups in order of their keepers' rank, and removals in input order.

    `edges` link oldest copies only: a set of identical articles is one node here, so that it
    stays linear.
    """
    ranks, oldest, size = articles.ranks, articles.oldest_copy, len(articles.ranks)
    ends = Ends.of(edges)
    have_copies = articles.have_copies()
    # All others stand alone, and are not touched.
    nodes = np.union1d(have_copies, ends.x).astype(np.int64)
    stars = find_star_columns(ends, keeper_order(settings.keep, nodes, articles, ends))
    # Of identical articles the oldest stands for all, unless the first of the input is wanted.
    standing = articles.first_copies() if settings.keep == "first" else np.arange(size)
    keeper_of = np.arange(size)  # of the articles that do not stand alone
    keeper_of[stars.nodes] = standing[stars.keepers]
    edge_of = np.full(size, -1, np.int64)
    edge_of[stars.nodes] = stars.edges

    is_node = np.zeros(size, np.bool_)
    is_node[nodes] = True
    members = np.flatnonzero(is_node[oldest])
    members = members[members != keeper_of[oldest[members]]]
    keepers, edge = keeper_of[oldest[members]], edge_of[oldest[members]]
    is_near = edge >= 0
    numbers = [np.ones(len(members)) for _ in range(3)]
    for column, values in zip(numbers, (ends.resemblance, ends.x_in_y, ends.y_in_x), strict=True):
        column[is_near] = values[edge[is_near]]
    near, inside, around = numbers

    lost = 1.0 - inside
    goes = np.where(is_near, settings.removes("near-duplicate"), settings.removes("identical"))
    goes &= lost <= settings.most_lost
    # A copy of a member that stays goes for that one's sake.
    twins = standing[oldest[members]]
    follows = ~goes & settings.removes("identical") & (members != twins)
    removed = np.flatnonzero(goes | follows)
    removals = RemovalColumns(
        articles=members[removed],
        reasons=np.where(is_near & ~follows, 1, 0)[removed],
        keepers=np.where(follows, twins, keepers)[removed],
        resemblance=np.where(follows, 1.0, near)[removed],
        containment_in_keeper=np.where(follows, 1.0, inside)[removed],
    )
    contained = excerpt_edges(edges, articles.weights)
    if settings.removes("excerpt"):
        removals = _with_excerpts(removals, contained, articles, have_copies, keepers, settings)

    by_keeper = np.lexsort((ranks[members], ranks[keepers]))
    of, excerpts, sources, shares = _excerpts(articles, contained, keeper_of)
    heads = np.union1d(keepers, of).astype(np.int64)
    heads = heads[np.argsort(ranks[heads])]
    groups = GroupColumns(
        keepers=heads,
        member_offsets=_offsets(ranks[heads], ranks[keepers[by_keeper]]),
        members=members[by_keeper],
        is_near=is_near[by_keeper],
        resemblance=near[by_keeper],
        containment_in_keeper=inside[by_keeper],
        containment_of_keeper=around[by_keeper],
        excerpt_offsets=_offsets(ranks[heads], ranks[of]),
        excerpts=excerpts,
        sources=sources,
        containments=shares,
    )
    return groups, removals


def _offsets(heads: I64, rising: I64) -> I64:
    """Where the rows of each head begin and end."""
    return np.append(np.searchsorted(rising, heads), len(rising)).astype(np.int64)


def _with_excerpts(
    removals: RemovalColumns,
    contained: Inside,
    articles: Articles,
    have_copies: I64,
    keepers: I64,
    settings: Settings,
) -> RemovalColumns:
    """The removals with those of excerpts, in input order."""
    size = len(articles.ranks)
    is_removed, is_alone = np.zeros(size, np.bool_), np.ones(size, np.bool_)
    is_removed[removals.articles] = True
    is_alone[have_copies] = False
    is_alone[keepers] = False
    gone = remove_excerpts(
        contained, is_removed, is_alone, articles.ids, articles.weights, settings.most_lost
    )
    if not gone:
        return removals
    inner, outer, near, share = zip(*gone, strict=True)
    more = RemovalColumns(
        np.array(inner, np.int64), np.full(len(inner), 2), np.array(outer, np.int64),
        np.array(near), np.array(share),
    )  # fmt: skip
    columns = [np.concatenate(pair) for pair in zip(removals, more, strict=True)]
    order = np.argsort(columns[0])
    return RemovalColumns(*(column[order] for column in columns))


def _excerpts(articles: Articles, inside: Inside, keeper_of: I64) -> tuple[I64, I64, I64, I64]:
    """Keeper, excerpt, source and share, by the ranks of keepers and excerpts.

    Of several sources in one group it is the one that contains most. `keeper_of` names the
    keeper of each article; of one that stands alone it is itself.
    """
    ranks = articles.ranks
    keeper = keeper_of[inside.outer]
    other = np.flatnonzero(keeper != keeper_of[inside.inner])
    inner, outer, share = inside.inner[other], inside.outer[other], inside.share[other]
    keeper = keeper[other]
    order = np.lexsort((ranks[outer], -share, ranks[inner], ranks[keeper]))
    keeper, inner, outer, share = (c[order] for c in (keeper, inner, outer, share))
    first = np.ones(len(order), np.bool_)
    first[1:] = (keeper[1:] != keeper[:-1]) | (inner[1:] != inner[:-1])
    return keeper[first], inner[first], outer[first], share[first]
