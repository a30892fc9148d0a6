"""What grouping needs to know: the articles, and the near-duplicates among them."""

from __future__ import annotations

from collections import defaultdict
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
        """The articles with the same words as each oldest copy, itself among them."""
        out: dict[int, list[int]] = defaultdict(list)
        for article, oldest in enumerate(self.oldest_copy):
            out[oldest].append(article)
        return out


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
