"""Make what grouping is given: articles by name, and relations between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dedup import Settings
from dedup.cluster import Articles, Edges, find_groups
from dedup.records import Group, Relation, Removal

#: Positions of both articles, and what was verified about them.
Found = tuple[int, int, Relation]

Groups = tuple[list[Group], dict[int, Removal]]


def make_relation(kind: str, a: str, b: str, r: float = 1.0, a_in_b: float = 1.0,
                  b_in_a: float = 1.0) -> Relation:  # fmt: skip
    """A verified pair; for excerpts the more contained side gives the direction."""
    direction = None
    if kind == "excerpt":
        direction = "a_in_b" if a_in_b >= b_in_a else "b_in_a"
    return Relation(kind, a, b, direction, r, a_in_b, b_in_a, 0.5, 0.5, 0.5, 20.0, 20)


def make_edges(found: Sequence[Found]) -> Edges:
    """Near-duplicates and excerpts as columns."""
    rows = [row for row in found if row[2].kind in ("near-duplicate", "excerpt")]
    shares = (
        np.array([getattr(row[2], name) for row in rows], np.float64)
        for name in ("resemblance", "containment_a_in_b", "containment_b_in_a")
    )
    return Edges(
        np.array([a for a, _, _ in rows], np.int64),
        np.array([b for _, b, _ in rows], np.int64),
        np.array([relation.kind == "near-duplicate" for _, _, relation in rows], np.bool_),
        *shares,
    )


class Corpus:
    """Articles named by single letters, in input order; the rank is the letter's, as by date."""

    def __init__(self, names: str, weights: dict[str, int] | None = None) -> None:
        """Take the names in input order; the weight of each is 400 unless given."""
        self.names = names
        self.ranks = [sorted(names).index(name) for name in names]
        self.weights = [(weights or {}).get(name, 400) for name in names]
        self.oldest = list(range(len(names)))
        self.found: list[Found] = []

    def identical(self, oldest: str, *copies: str) -> Corpus:
        """Copies with the same words; `oldest` must be the first by name."""
        for copy in copies:
            self.oldest[self.names.index(copy)] = self.names.index(oldest)
            self._add("identical", oldest, copy, 1.0, 1.0, 1.0)
        return self

    def near(
        self, a: str, b: str, r: float = 0.8, a_in_b: float = 0.9, b_in_a: float = 0.9
    ) -> Corpus:
        """Near-duplicates."""
        return self._add("near-duplicate", a, b, r, a_in_b, b_in_a)

    def excerpt(self, inner: str, outer: str, share: float = 0.95, r: float = 0.3) -> Corpus:
        """`inner` is contained in `outer`; the pair is stored older first, as the corridor does."""
        if inner < outer:
            return self._add("excerpt", inner, outer, r, share, r)
        return self._add("excerpt", outer, inner, r, r, share)

    def overlap(self, a: str, b: str) -> Corpus:
        """Neither a copy nor an excerpt."""
        return self._add("overlap", a, b, 0.3, 0.4, 0.4)

    def _add(self, kind: str, a: str, b: str, *numbers: float) -> Corpus:
        place = self.names.index
        self.found.append((place(a), place(b), make_relation(kind, a, b, *numbers)))
        return self

    def groups(self, found: Sequence[Found] | None = None, **settings: Any) -> Groups:
        """What `find_groups` makes of it, as objects."""
        names = list(self.names)
        articles = Articles(
            names, *(np.array(c, np.int64) for c in (self.ranks, self.weights, self.oldest))
        )
        edges = make_edges(self.found if found is None else found)
        groups, removals = find_groups(articles, edges, Settings(**settings))

        def name(positions: Any) -> list[str]:
            return [names[n] for n in positions.tolist()]

        rows = slice(0, len(removals.articles))
        gone = dict(zip(removals.articles.tolist(), removals.removals(rows, name), strict=True))
        return groups.groups(0, len(groups.keepers), name), gone

    def shape(self, **settings: Any) -> dict[str, str]:
        """Keeper → its members, as letters."""
        groups, _ = self.groups(**settings)
        return {group.keeper: "".join(member.id for member in group.members) for group in groups}

    def removed(self, **settings: Any) -> dict[str, tuple[str, str]]:
        """Removed article → reason and keeper."""
        _, removals = self.groups(**settings)
        assert all(self.names[position] == removal.id for position, removal in removals.items())
        return {r.id: (r.reason, r.keeper) for r in removals.values()}
