"""What grouping needs to know: the articles, and what was verified about pairs of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from dedup.core import I64

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


class Edges(NamedTuple):
    """Near-duplicates and excerpts, as columns; positions are those of the corpus."""

    a: I64
    b: I64
    #: Whether the pair is one of near-duplicates; else it is an excerpt.
    is_near: Flags
    #: float64: R, share of a in b, share of b in a.
    resemblance: Any
    a_in_b: Any
    b_in_a: Any

    def near(self) -> Edges:
        """Near-duplicates only."""
        return self._take(self.is_near)

    def excerpts(self) -> Edges:
        """Excerpts only."""
        return self._take(~self.is_near)

    def _take(self, rows: Flags) -> Edges:
        columns: list[Any] = [column[rows] for column in self]
        return Edges(*columns)


class Ends(NamedTuple):
    """Pairs of near-duplicates from the view of either: each stands here twice."""

    x: I64
    y: I64
    resemblance: Any
    #: float64: share of x in y, and of y in x.
    x_in_y: Any
    y_in_x: Any

    @staticmethod
    def of(edges: Edges) -> Ends:
        """Both views of all pairs of near-duplicates."""
        near = edges.near()
        both = np.concatenate
        return Ends(
            both([near.a, near.b]), both([near.b, near.a]),
            both([near.resemblance, near.resemblance]),
            both([near.a_in_b, near.b_in_a]), both([near.b_in_a, near.a_in_b]),
        )  # fmt: skip


@dataclass(frozen=True)
class Articles:
    """The articles of a corpus, one entry each, in input order."""

    ids: Sequence[str]
    #: Place by (date, id); undated ones last.
    ranks: I64
    #: Length in quarter-words.
    weights: Any
    #: The oldest article with the same words; itself where it is that one or alone.
    oldest_copy: I64

    def have_copies(self) -> I64:
        """The oldest ones of articles with the same words, rising."""
        places = np.arange(len(self.oldest_copy))
        return np.unique(self.oldest_copy[self.oldest_copy != places])

    def first_copies(self) -> I64:
        """For the oldest one of articles with the same words the first of them in the input."""
        first = np.arange(len(self.oldest_copy))
        np.minimum.at(first, self.oldest_copy, np.arange(len(first)))
        return first
