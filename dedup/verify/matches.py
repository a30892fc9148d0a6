"""What was counted of pairs, as columns: kept, joined, taken apart and turned into relations.

Takes what the kernel counted; gives `Matches`, which hold only pairs whose kind is not none, and
`RelationColumns` of them. Measures are computed when they are asked for: a match is 57 bytes and 24
for each passage.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup.core import I64, PAIR_COLUMNS, U8, U32, Verified
from dedup.records import RelationColumns
from dedup.settings import Settings
from dedup.verify.kinds import EXCERPT, KINDS, Measures, measure

DIRECTIONS = (None, "a_in_b", "b_in_a")


class Matches(NamedTuple):
    """Verified pairs."""

    #: Positions of both articles, uint32.
    a: U32
    b: U32
    #: uint8: place in `KINDS`.
    kinds: U8
    #: uint32, shape (pairs, 11): `PAIR_COLUMNS`.
    counts: U32
    #: int64: the passages of pair n are offsets[n]..offsets[n+1]; rows as `Verified` has them.
    offsets: I64
    passages: U32

    @staticmethod
    def none() -> Matches:
        """No pairs."""
        empty = np.zeros(0, np.uint32)
        return Matches(
            empty, empty, empty.astype(np.uint8), np.zeros((0, len(PAIR_COLUMNS)), np.uint32),
            np.zeros(1, np.int64), np.zeros((0, 6), np.uint32),
        )  # fmt: skip

    def take(self, rows: I64) -> Matches:
        """Some pairs, in the order of `rows`."""
        counts = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        places = np.repeat(self.offsets[rows] - offsets[:-1], counts) + np.arange(offsets[-1])
        return Matches(
            self.a[rows], self.b[rows], self.kinds[rows], self.counts[rows], offsets,
            self.passages[places],
        )  # fmt: skip

    def measures(self, settings: Settings) -> Measures:
        """Measures of all pairs."""
        return measure(Verified(self.counts, self.offsets, self.passages), settings)


def join_matches(parts: Sequence[Matches]) -> Matches:
    """Pairs behind each other."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Matches.none()
    starts = np.cumsum([0, *(len(part.passages) for part in parts)])
    offsets = [part.offsets[:-1] + start for part, start in zip(parts, starts, strict=False)]
    columns: list[Any] = [
        np.concatenate([part[n] for part in parts])
        for n, name in enumerate(Matches._fields)
        if name != "offsets"
    ]
    a, b, kinds, counts, passages = columns
    return Matches(a, b, kinds, counts, np.concatenate([*offsets, starts[-1:]]), passages)


def relation_columns(
    matches: Matches, a: list[str], b: list[str], settings: Settings
) -> RelationColumns:
    """Relations of matches, under the names given."""
    measures = matches.measures(settings)
    forth = measures.containment_a >= measures.containment_b
    directions = np.where(matches.kinds == EXCERPT, np.where(forth, 1, 2), 0)
    spans = matches.passages
    return RelationColumns(
        kinds=[KINDS[kind] for kind in matches.kinds.tolist()],
        a=a,
        b=b,
        directions=[DIRECTIONS[direction] for direction in directions.tolist()],
        shares=measures[1:],
        longest_passages=matches.counts[:, 8] / 4,
        longest_runs=matches.counts[:, 9],
        offsets=matches.offsets,
        passages=(*spans[:, :4].T, spans[:, 4] / 4, spans[:, 4] / spans[:, 5]),
    )
