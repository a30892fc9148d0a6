"""Groups of an index, kept up to date as articles come and go.

Takes an open store, in a transaction of the caller; writes which star each article is in, and
reads groups as a scan gives them. Only what can change is looked at again: the stars around the
articles that were touched (`cluster.update_stars`). Relations are those of the catalogue, so the
graph of excerpts needs no rows of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from dedup.cluster import Place, find_stars, neighbours_of, update_stars
from dedup.index import Catalogue, Node, Row
from dedup.records import Excerpt, Group, Member

#: Where `meta` says by which policy stars were made.
KEEP = "keep"
_NEAR = "near-duplicate"
#: For a keeper, while a transaction has not settled it.
_UNKNOWN = -1


class Edge(NamedTuple):
    """What two articles have of each other, as the first one sees it."""

    resemblance: float
    #: Share of the first one's words that the other has, and the other way round.
    inside: float
    around: float


class Graph:
    """Near-duplicates and their stars, as a transaction sees them; what was read is remembered."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Begin with nothing read."""
        self.catalogue = catalogue
        self.keep = str(catalogue.meta_value(KEEP))
        self._nodes: dict[int, Node | None] = {}
        self._near: dict[int, dict[int, Edge]] = {}
        self._places: dict[int, Place] = {}
        self._rows: dict[int, Row] = {}

    def node(self, ordinal: int) -> Node | None:
        """What is known of an article's star."""
        if ordinal not in self._nodes:
            self._nodes[ordinal] = self.catalogue.node(ordinal)
        return self._nodes[ordinal]

    def near(self, ordinal: int) -> dict[int, Edge]:
        """Near-duplicates of an article."""
        if ordinal not in self._near:
            self._near[ordinal] = edges_of(self.catalogue, ordinal, _NEAR)
        return self._near[ordinal]

    def row(self, ordinal: int) -> Row:
        """An article that is there."""
        if ordinal not in self._rows:
            self._rows |= self.catalogue.rows([ordinal])
        return self._rows[ordinal]

    def oldest(self, ordinal: int) -> Row:
        """Of the articles with the words of one the oldest."""
        node = self.node(ordinal)
        return self.row(node.oldest if node else ordinal)

    def standing(self, ordinal: int) -> Row:
        """Of the articles with the words of one that which is kept."""
        return self.row(ordinal) if self.keep == "first" else self.oldest(ordinal)

    def place(self, ordinal: int) -> Place:
        """Place in the order of the keep policy."""
        if ordinal not in self._places:
            first: tuple[float, ...] = ()
            if self.keep == "first":
                first = (ordinal,)
            elif self.keep == "longest":
                first = (-self.row(ordinal).weight,)
            elif self.keep == "most-complete":
                # Millionths, as in `cluster.keep`.
                first = (-sum(round(1e6 * edge.around) for edge in self.near(ordinal).values()),)
            self._places[ordinal] = (*first, *rank(self.oldest(ordinal)))
        return self._places[ordinal]


def rank(row: Row) -> tuple[float, str]:
    """Place in a scan: by date, undated ones last, then by id."""
    return (float("inf") if row.date is None else row.date, row.id)


def edges_of(catalogue: Catalogue, ordinal: int, kind: str) -> dict[int, Edge]:
    """Related articles of a kind, with what both have of each other."""
    out = {}
    for newer, older, data in catalogue.edges(ordinal, kind):
        (_, resemblance, in_b, in_a, *_), _ = json.loads(data)
        if ordinal == older:
            out[newer] = Edge(resemblance, in_b, in_a)
        else:
            out[older] = Edge(resemblance, in_a, in_b)
    return out


def regroup(
    catalogue: Catalogue,
    touched: AbstractSet[int],
    moved: AbstractSet[int] = frozenset(),
    thinned: AbstractSet[int] = frozenset(),
) -> None:
    """Bring the stars up to date.

    Args:
        catalogue: In a transaction that writes.
        touched: Articles that stand for their words and are new, or have lost a keeper among
            their near-duplicates, or have another resemblance to one. Those that are gone are
            passed over. The neighbours of a new one need not be named: it matters to them only
            when it becomes a keeper.
        moved: Those whose place in the order may be another one now.
        thinned: Those that have lost a neighbour which was no keeper, or a copy.
    """
    if not touched and not moved and not thinned:
        return
    graph = Graph(catalogue)
    if graph.keep == "most-complete":
        moved = moved | touched | {m for n in touched for m in graph.near(n)} | thinned
    rows = catalogue.rows(touched | moved | thinned)
    alive = {n for n, row in rows.items() if row.posted}
    known = (touched | moved) & alive
    wanted = known | {other for n in known & moved for other in graph.near(n)}

    def keeper(n: int) -> int | None:
        node = graph.node(n)
        if node is None:  # alone so far, or new
            return None if n in wanted else n
        return None if node.keeper == _UNKNOWN else node.keeper

    found = update_stars(
        wanted,
        lambda n: {other: edge.resemblance for other, edge in graph.near(n).items()},
        graph.place,
        keeper,
    )
    nodes: dict[int, Node | None] = dict.fromkeys((touched | moved | thinned) - alive)
    for n, middle in found.items():
        node = graph.node(n)
        oldest = node.oldest if node else n
        is_alone = not graph.near(n) and not catalogue.has_copies(graph.row(n))
        nodes[n] = None if is_alone else Node(n, oldest, middle)
        for other in graph.near(n).keys() - found.keys():
            if graph.node(other) is None:
                nodes[other] = Node(other, other, other)
    for n in (thinned & alive) - found.keys():
        if not catalogue.has_edge(n, _NEAR) and not catalogue.has_copies(graph.row(n)):
            nodes[n] = None
    catalogue.set_nodes({n: node for n, node in nodes.items() if node != graph.node(n)})


def add_copy(catalogue: Catalogue, first: int, copy: int, *, is_new: bool = False) -> set[int]:
    """Book an article with the words of another one; gives whose place has changed for it.

    With `is_new` the star of the first one is still to be found.
    """
    node = catalogue.node(first) or Node(first, first, _UNKNOWN if is_new else first)
    rows = catalogue.rows([node.oldest, copy])
    is_older = rank(rows[copy]) < rank(rows[node.oldest])
    catalogue.set_nodes({first: node._replace(oldest=copy if is_older else node.oldest)})
    return {first} if is_older else set()


def settle_copies(catalogue: Catalogue, digests: Iterable[bytes]) -> set[int]:
    """Find the oldest copy again where some have gone; gives who stands for them."""
    out = set()
    for digest in digests:
        rows = catalogue.same_words(digest)
        if not rows:
            continue
        posted = next(row for row in rows if row.posted)
        oldest = min(rows, key=rank)
        before = catalogue.node(posted.ordinal)
        # Where it is new to its place its star is not known yet.
        keeper = before.keeper if before else _UNKNOWN
        catalogue.set_nodes({posted.ordinal: Node(posted.ordinal, oldest.ordinal, keeper)})
        out.add(posted.ordinal)
    return out


def group_anew(catalogue: Catalogue, keep: str) -> None:
    """Make all stars, by a keep policy."""
    catalogue.set_meta(KEEP, keep)
    catalogue.clear_nodes()
    copies = settle_copies(catalogue, catalogue.copied_digests())
    near = {n for newer, older, kind, _ in catalogue.relations() if kind == _NEAR
            for n in (newer, older)}  # fmt: skip
    regroup(catalogue, copies | near)


def group_faults(catalogue: Catalogue) -> list[str]:
    """Make all stars anew, in memory, and name the articles of which the catalogue says another."""
    graph = Graph(catalogue)
    stored = {node.ordinal: node for node in catalogue.all_nodes()}
    edges = [
        (older, newer, json.loads(data)[0][1])
        for newer, older, kind, data in catalogue.relations()
        if kind == _NEAR
    ]
    neighbours = neighbours_of(edges)
    copied = {}
    for digest in catalogue.copied_digests():
        rows = catalogue.same_words(digest)
        posted = next(row.ordinal for row in rows if row.posted)
        copied[posted] = min(rows, key=rank).ordinal
    wanted = neighbours.keys() | copied.keys()
    out = list(stored.keys() ^ wanted)
    right = stored.keys() & wanted
    out += [n for n in right if stored[n].oldest != copied.get(n, n)]
    if not out:
        stars = find_stars(neighbours, sorted(right, key=graph.place))
        out += [n for n in right if stored[n].keeper != stars[n]]
    return [
        f"{catalogue.path}, article number {n}: it is in another group than its relations say."
        for n in sorted(out)
    ]


# Reading ---------------------------------------------------------------------------------------


def keepers_of(catalogue: Catalogue, ordinals: Iterable[int]) -> dict[int, str]:
    """Ids of the articles that are kept for some that stand for their words."""
    nodes = catalogue.nodes(ordinals)
    if not nodes:
        return {}
    middles = nodes | catalogue.nodes({node.keeper for node in nodes.values()} - nodes.keys())
    keep = catalogue.meta_value(KEEP)
    kept = {n: n if keep == "first" else middles[n].oldest for n in middles}
    rows = catalogue.rows({kept[node.keeper] for node in nodes.values()})
    return {n: rows[kept[node.keeper]].id for n, node in nodes.items()}


def read_group(graph: Graph, keeper: int) -> Group:
    """The group around an article that stands for its words."""
    catalogue = graph.catalogue
    star = catalogue.star(keeper) or [Node(keeper, keeper, keeper)]
    kept = graph.standing(keeper)
    members: list[tuple[tuple[float, str], Member]] = []
    for node in star:
        edge = Edge(1.0, 1.0, 1.0) if node.ordinal == keeper else graph.near(node.ordinal)[keeper]
        kind = "identical" if node.ordinal == keeper else _NEAR
        for row in catalogue.same_words(graph.row(node.ordinal).digest):
            if row.ordinal != kept.ordinal:
                members.append((rank(row), Member(row.id, kind, *edge)))
    excerpts = [
        Excerpt(graph.oldest(inner).id, graph.oldest(outer).id, share)
        for inner, (outer, share) in excerpts_of(graph, [node.ordinal for node in star]).items()
    ]
    return Group(kept.id, tuple(member for _, member in sorted(members)), tuple(excerpts))


def excerpts_of(graph: Graph, star: Iterable[int]) -> dict[int, tuple[int, float]]:
    """Excerpts of a star by rank, with the article that contains most of each, and how much."""
    inside = set(star)
    best: dict[int, tuple[float, tuple[float, str], int]] = {}
    for outer in inside:
        for inner, share in excerpt_edges(graph, outer, inwards=True).items():
            if inner in inside:
                continue
            found = (-share, rank(graph.oldest(outer)), outer)
            best[inner] = min(best.get(inner, found), found)
    order = sorted(best, key=lambda n: rank(graph.oldest(n)))
    return {n: (best[n][2], -best[n][0]) for n in order}


def excerpt_edges(graph: Graph, ordinal: int, *, inwards: bool) -> dict[int, float]:
    """Excerpts of an article (or, not inwards, what it is one of) and the share contained.

    As in a scan an edge leads from the shorter article to the longer one.
    """
    out = {}
    for newer, older, data in graph.catalogue.edges(ordinal, "excerpt"):
        (direction, _, in_b, in_a, *_), _ = json.loads(data)
        if direction == "a_in_b":
            inner, outer, share = older, newer, in_b
        else:
            inner, outer, share = newer, older, in_a
        is_shorter = graph.row(inner).weight < graph.row(outer).weight
        if is_shorter and ordinal == (outer if inwards else inner):
            out[inner if inwards else outer] = share
    return out


def read_groups(catalogue: Catalogue) -> list[Group]:
    """All groups, in the order of their keepers' ranks."""
    graph = Graph(catalogue)
    keepers = {node.keeper for node in catalogue.all_nodes()}
    for newer, older, kind, _ in catalogue.relations():
        if kind == "excerpt":
            for n in (newer, older):
                if graph.node(n) is None and excerpt_edges(graph, n, inwards=True):
                    keepers.add(n)
    order = sorted(keepers, key=lambda n: rank(graph.standing(n)))
    groups = (read_group(graph, n) for n in order)
    return [group for group in groups if group.members or group.excerpts]


def group_with(catalogue: Catalogue, row: Row) -> Group:
    """The group an article is in; of those it is only an excerpt of none."""
    posted = catalogue.by_digest(row.digest) if row.words else None
    if posted is None:
        return Group(row.id)
    graph = Graph(catalogue)
    node = graph.node(posted.ordinal)
    return read_group(graph, node.keeper if node else posted.ordinal)
