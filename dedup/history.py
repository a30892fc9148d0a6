"""How a text has spread: first seen, copies, excerpts, with dates, sites and spans.

Takes an article of an index; gives every article of its group, what took a part of it, and what
it is a part of itself. Each entry was verified against the article it names. "copied from" is
said only where the dates differ; else both share something, and nobody knows who was first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dedup.answers import turned_round
from dedup.grouping import Graph, edges_of, excerpt_edges, rank
from dedup.index import Row, Store
from dedup.lookup import How
from dedup.records import Passage
from dedup.relating import verified

#: What the dates of two articles that share text say of the later one, of the earlier one, and
#: of both where they say nothing.
COPIED, SOURCE, SHARES = "copied from", "source of", "shares with"


class Seen(NamedTuple):
    """One article in the history of another one."""

    id: str
    #: Seconds since 1970-01-01 UTC, or None.
    date: int | None
    site: str
    url: str
    #: first, identical, near-duplicate, excerpt (it is part of `of`) or contains (`of` is part
    #: of it).
    kind: str
    #: copied from, source of or shares with; "" for the first one.
    claim: str
    #: The article it was verified against; "" for the first one.
    of: str
    #: Share of its words that `of` has, 0-1, and the other way round.
    containment_in_of: float
    containment_of_of: float
    #: Shared stretches of excerpts and what contains them: `a` is this article, `b` is `of`.
    #: Empty for copies, and where a text cannot be had.
    passages: tuple[Passage, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as JSON can hold them."""
        return {
            **self._asdict(),
            "containment_in_of": round(self.containment_in_of, 6),
            "containment_of_of": round(self.containment_of_of, 6),
            "passages": [{**p._asdict(), "identity": round(p.identity, 6)} for p in self.passages],
        }


@dataclass(frozen=True, slots=True)
class History:
    """The history of an article: its group, the earliest first, then parts of it and wholes."""

    #: The article that was asked for, and the one that is kept of its group.
    id: str
    keeper: str
    #: By date, undated ones last; the first is the earliest that is known.
    copies: tuple[Seen, ...]
    #: What took a part of one of them, and what one of them is a part of; by date too.
    excerpts: tuple[Seen, ...]
    containing: tuple[Seen, ...]

    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as JSON can hold them."""
        return {
            "id": self.id,
            "keeper": self.keeper,
            "copies": [one.as_dict() for one in self.copies],
            "excerpts": [one.as_dict() for one in self.excerpts],
            "containing": [one.as_dict() for one in self.containing],
        }


def history_of(store: Store, row: Row, how: How) -> History:
    """The history of a stored article; in a transaction."""
    catalogue = store.catalogue
    posted = catalogue.by_digest(row.digest) if row.words else None
    if posted is None:
        return History(row.id, row.id, (_first(row),), (), ())
    graph = Graph(catalogue)
    node = graph.node(posted.ordinal)
    middle = node.keeper if node else posted.ordinal
    star = [one.ordinal for one in catalogue.star(middle)] or [middle]
    kept = graph.standing(middle)
    rows = sorted((one for n in star for one in _all_copies(graph, n)), key=rank)
    copies = [_first(rows[0])]
    stands = {graph.row(n).digest: n for n in star}
    for one in rows[1:]:
        copies.append(_copy(graph, one, stands[one.digest], middle, rows[0]))
    pairs: tuple[list[tuple[Row, Row]], list[tuple[Row, Row]]] = ([], [])
    for n in star:
        for side, inwards in enumerate((True, False)):
            for other in excerpt_edges(graph, n, inwards=inwards):
                if other not in star:
                    whole = graph.oldest(n)
                    pairs[side].extend((whole, one) for one in _all_copies(graph, other))
    parts = _related(graph, pairs[0], how, inwards=True)
    wholes = _related(graph, pairs[1], how, inwards=False)
    return History(row.id, kept.id, tuple(copies), parts, wholes)


def claim(one: Row, other: Row) -> str:
    """What the dates of two articles that share text say of the first one."""
    if one.date is None or other.date is None or one.date == other.date:
        return SHARES
    return COPIED if one.date > other.date else SOURCE


def _first(row: Row) -> Seen:
    return Seen(row.id, row.date, row.site, row.url, "first", "", "", 0.0, 0.0)


def _all_copies(graph: Graph, ordinal: int) -> list[Row]:
    return graph.catalogue.same_words(graph.row(ordinal).digest)


def _copy(graph: Graph, row: Row, stands: int, middle: int, first: Row) -> Seen:
    """A copy beside the earliest article, or where it was not compared with that, the keeper."""
    posted_first = graph.catalogue.by_digest(first.digest)
    assert posted_first is not None
    kind, inside, around, of = "identical", 1.0, 1.0, first
    if row.digest != first.digest:
        near = graph.near(stands)
        kind = "near-duplicate"
        if posted_first.ordinal in near:
            edge = near[posted_first.ordinal]
        elif stands != middle:
            edge, of = near[middle], graph.standing(middle)
        else:  # the keeper itself: all were compared with it
            edge = near[posted_first.ordinal]
        inside, around = edge.inside, edge.around
    return Seen(
        row.id, row.date, row.site, row.url, kind, claim(row, of), of.id, inside, around
    )  # fmt: skip


def _related(
    graph: Graph, pairs: Sequence[tuple[Row, Row]], how: How, *, inwards: bool
) -> tuple[Seen, ...]:
    """Parts or wholes of articles: of each pair the second, by date; verified again for spans."""
    found = {(a.ordinal, b.ordinal): r for a, b, r in verified(graph.catalogue, how, pairs)}
    out = []
    for one, row in sorted(pairs, key=lambda pair: (rank(pair[1]), rank(pair[0]))):
        relation = found.get((one.ordinal, row.ordinal))
        passages: tuple[Passage, ...] = ()
        if relation is not None:
            passages = turned_round(relation)
            inside, around = relation.containment_b_in_a, relation.containment_a_in_b
        else:  # a text is not there
            ends = [graph.catalogue.by_digest(some.digest) or some for some in (row, one)]
            edge = edges_of(graph.catalogue, ends[0].ordinal, "excerpt")[ends[1].ordinal]
            inside, around = edge.inside, edge.around
        out.append(
            Seen(
                row.id, row.date, row.site, row.url, "excerpt" if inwards else "contains",
                claim(row, one), one.id, inside, around, passages,
            )
        )  # fmt: skip
    return tuple(out)
