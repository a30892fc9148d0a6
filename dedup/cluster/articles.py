"""What grouping needs to know: the articles, and the near-duplicates among them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dedup.cluster.stars import Neighbours, neighbours_of
from dedup.records import Relation

#: Positions of both articles in the corpus, and what was verified about them.
Found = tuple[int, int, Relation]
#: (x, y) → containment of x in y, for near-duplicates in both directions.
Contained = dict[tuple[int, int], float]


@dataclass(frozen=True)
class Articles:
    """The articles of a corpus, one entry each, in input order."""

    ids: Sequence[str]
    #: Place by (date, id); undated ones last.
    ranks: Sequence[int]
    #: Length in quarter-words.
    weights: Sequence[int]
    #: The oldest article with the same words; itself where it is that one or alone.
    oldest_copy: Sequence[int]

    def copies(self) -> dict[int, list[int]]:
        """Articles with the same words by the oldest of them, itself among them, in input order."""
        out: dict[int, list[int]] = {}
        for article, oldest in enumerate(self.oldest_copy):
            if article != oldest:
                out.setdefault(oldest, [oldest]).append(article)
        return {oldest: sorted(same) for oldest, same in out.items()}


def near_duplicates(relations: Iterable[Found]) -> tuple[Neighbours, Contained]:
    """The graph of near-duplicates and the containments along its edges."""
    edges = []
    contained: Contained = {}
    for a, b, relation in relations:
        if relation.kind == "near-duplicate":
            edges.append((a, b, relation.resemblance))
            contained[a, b] = relation.containment_a_in_b
            contained[b, a] = relation.containment_b_in_a
    return neighbours_of(edges), contained
