"""Relations → groups, and what of them is removed.

Takes the verified relations of a corpus; gives stars of copies around the article that is kept,
the excerpts of each group, and the list of removals. Nothing is decided here that was not
verified in `verify`. Method: docs/method.md, step 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dedup.cluster.articles import Articles, Found, near_duplicates
from dedup.cluster.excerpts import excerpt_edges, remove_excerpts
from dedup.cluster.family import pairs_with_keepers, without_family
from dedup.cluster.growing import Place, update_stars
from dedup.cluster.keep import keeper_order
from dedup.cluster.stars import find_stars, neighbours_of
from dedup.records import Excerpt, Group, Member, Relation, Removal
from dedup.settings import Settings

__all__ = [
    "Articles", "Found", "Place", "find_groups", "find_stars", "neighbours_of",
    "pairs_with_keepers", "update_stars", "without_family",
]  # fmt: skip


def find_groups(
    articles: Articles, relations: Sequence[Found], settings: Settings
) -> tuple[list[Group], dict[int, Removal]]:
    """Groups in order of their keepers' rank, and removals by position.

    `relations` link identical articles to the oldest copy only, and all other kinds link oldest
    copies: a set of identical articles is one node here, so that it stays linear.
    """
    copies = articles.copies()
    neighbours, contained = near_duplicates(relations)
    # All others stand alone, and are not touched.
    nodes = copies.keys() | neighbours.keys()
    order = keeper_order(settings.keep, nodes, articles, copies, neighbours, contained)
    stars = find_stars(neighbours, order)
    # Of identical articles the oldest stands for all, unless the first of the input is wanted.
    standing = {n: n for n in nodes}
    if settings.keep == "first":
        standing |= {n: min(same) for n, same in copies.items()}

    members: dict[int, list[int]] = defaultdict(list)
    numbers: dict[int, Member] = {}
    removals: dict[int, Removal] = {}
    for node, centre in stars.items():
        keeper = standing[centre]
        for article in copies.get(node, (node,)):
            if article == keeper:
                continue
            one = articles.ids[article]
            if node == centre:
                member = Member(one, "identical", 1.0, 1.0, 1.0)
            else:
                near = neighbours[node][centre]
                inside, around = contained[node, centre], contained[centre, node]
                member = Member(one, "near-duplicate", near, inside, around)
            members[keeper].append(article)
            numbers[article] = member
            lost = 1.0 - member.containment_in_keeper
            if settings.removes(member.kind) and lost <= settings.most_lost:
                removals[article] = Removal(one, member.kind, articles.ids[keeper], *member[2:4])
            elif settings.removes("identical") and article != standing[node]:
                twin = articles.ids[standing[node]]
                removals[article] = Removal(one, "identical", twin, 1.0, 1.0)

    inner_edges = excerpt_edges(relations, articles.weights)
    excerpts = _excerpts(articles, inner_edges, {n: standing[stars[n]] for n in nodes})
    if settings.removes("excerpt"):
        alone = {edge[0] for edge in inner_edges} - copies.keys() - members.keys()
        names, weights = articles.ids, articles.weights
        remove_excerpts(removals, inner_edges, alone, names, weights, settings.most_lost)
    ranks = articles.ranks
    groups = [
        Group(
            articles.ids[keeper],
            tuple(numbers[n] for n in sorted(members[keeper], key=lambda n: ranks[n])),
            tuple(excerpts[keeper]),
        )
        for keeper in sorted(members.keys() | excerpts.keys(), key=lambda n: ranks[n])
    ]
    return groups, removals


def _excerpts(
    articles: Articles, edges: Sequence[tuple[int, int, Relation, float]], keepers: dict[int, int]
) -> dict[int, list[Excerpt]]:
    """Excerpts of each group, by its keeper: of several sources the one that contains most.

    `keepers` names those of articles that do not stand alone.
    """
    best: dict[tuple[int, int], tuple[float, int, int]] = {}
    for inner, outer, _, share in edges:
        keeper = keepers.get(outer, outer)
        if keeper != keepers.get(inner, inner):
            found = (share, -articles.ranks[outer], outer)
            best[keeper, inner] = max(best.get((keeper, inner), found), found)
    out: dict[int, list[Excerpt]] = defaultdict(list)
    for keeper, inner in sorted(best, key=lambda key: articles.ranks[key[1]]):
        share, _, outer = best[keeper, inner]
        out[keeper].append(Excerpt(articles.ids[inner], articles.ids[outer], share))
    return out
