"""Postings that are in no segment yet: sorted columns in memory.

Takes the keys of articles as they come; answers like a segment. The catalogue holds the same
rows, so nothing is lost with this.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from dedup.core import I64, U64
from dedup.index.segments import Holders, choose


class Part:
    """Some postings, sorted by key; of equal keys the earlier article first."""

    def __init__(self, keys: U64, articles: I64) -> None:
        self.keys = keys
        self.articles = articles

    def find(self, keys: U64, most: int, *, newest: bool = False) -> Holders:
        """As `Segment.find`."""
        low = np.searchsorted(self.keys, keys, "left")
        high = np.searchsorted(self.keys, keys, "right")
        places, at = choose(low, high, most, newest=newest)
        return Holders(places, self.articles[at], high - low)


class Recent:
    """Postings of the articles that were added last."""

    def __init__(self) -> None:
        """Begin with none."""
        #: Each at least four times as long as the next one, but for the last two.
        self.parts: list[Part] = []

    def add(self, rows: Iterable[tuple[int, U64]]) -> None:
        """Add articles with their keys."""
        columns = [
            (keys, np.full(len(keys), ordinal, np.int64)) for ordinal, keys in rows if len(keys)
        ]
        if not columns:
            return
        keys, articles = (np.concatenate(column) for column in zip(*columns, strict=True))
        self.parts.append(_sorted(keys, articles))
        while len(self.parts) > 1 and len(self.parts[-2].keys) < 4 * len(self.parts[-1].keys):
            last, before = self.parts.pop(), self.parts.pop()
            self.parts.append(
                _sorted(
                    np.concatenate([before.keys, last.keys]),
                    np.concatenate([before.articles, last.articles]),
                )
            )


def _sorted(keys: U64, articles: I64) -> Part:
    order = np.argsort(keys, kind="stable")
    return Part(keys[order], articles[order])
