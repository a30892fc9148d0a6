"""Postings that are in no segment yet: sorted columns in memory.

Takes the keys of articles as they come; they are looked up beside those of segments. The
catalogue holds the same rows, so nothing is lost with this.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from dedup.core import U32, U64
from dedup.index.format import KEY_BITS


class Part(NamedTuple):
    """Some postings, sorted by key; of equal keys the earlier article first."""

    keys: U64
    articles: U32


class Recent:
    """Postings of the articles that were added last."""

    def __init__(self) -> None:
        """Begin with none."""
        #: Each at least four times as long as the next one, but for the last two.
        self.parts: list[Part] = []

    def add(self, rows: Iterable[tuple[int, U64]]) -> None:
        """Add articles with their keys."""
        columns = [
            (keys, np.full(len(keys), ordinal, np.uint32)) for ordinal, keys in rows if len(keys)
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


def _sorted(keys: U64, articles: U32) -> Part:
    """In order of key, then as they came, which is in order of articles."""
    spare = 64 - KEY_BITS
    first = articles.min()
    if (articles.max() - first) >> spare or int(keys.max()) >> KEY_BITS:
        order = np.argsort(keys, kind="stable")
        return Part(keys[order], articles[order])
    # Key and article fit into one number: sorting those takes a fifth of the time.
    both = keys << np.uint64(spare) | (articles - first)
    both.sort()
    return Part(both >> np.uint64(spare), first + (both & np.uint64((1 << spare) - 1)).astype("u4"))
