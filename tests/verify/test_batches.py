"""Batches of pairs: each pair once, families together, whatever pairs there are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.verify import in_batches

Pairs = list[tuple[int, int]]
numbers = st.integers(0, 30)


def batches_of(pairs: Pairs, size: int) -> list[Pairs]:
    """The pairs of each batch."""
    a, b = (np.array([pair[side] for pair in pairs], np.uint32) for side in (0, 1))
    return [[pairs[n] for n in batch.tolist()] for batch in in_batches(a, b, size)]


@given(st.lists(st.tuples(numbers, numbers), unique=True), st.integers(1, 10))
def test_each_pair_is_in_one_batch(pairs: Pairs, size: int) -> None:
    batches = batches_of(pairs, size)
    assert sorted(pair for batch in batches for pair in batch) == sorted(pairs)
    assert all(1 <= len(batch) <= size for batch in batches)


def test_pairs_of_a_family_stand_together() -> None:
    # Three families by turns, each a chain: 0-3-6-9, 1-4-7-10, 2-5-8-11.
    pairs = [(n, n + 3) for n in range(9)]
    assert batches_of(pairs, 3) == [[(n, n + 3) for n in (f, f + 3, f + 6)] for f in range(3)]


def test_pairs_that_lead_in_a_circle_are_in_batches_too() -> None:
    assert sorted(batches_of([(0, 1), (1, 2), (2, 0)], 5)[0]) == [(0, 1), (1, 2), (2, 0)]


def test_no_pairs_are_no_batches() -> None:
    assert batches_of([], 4) == []
