"""Families: what is not aligned in a large set of versions, and what always is."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dedup.cluster import without_family
from tests.cluster.making import Found, make_edges, make_relation

Pairs = list[tuple[int, int]]


def near(*pairs: tuple[int, int], kind: str = "near-duplicate") -> list[Found]:
    return [(a, b, make_relation(kind, str(a), str(b), 0.9)) for a, b in pairs]


def left(pairs: Pairs, found: list[Found], family: int, n: int = 10) -> Pairs:
    """The pairs that are still aligned; articles are numbered by age."""
    older, newer = (np.array([pair[side] for pair in pairs], np.uint32) for side in (0, 1))
    kept = without_family(older, newer, make_edges(found), np.arange(n), family)
    return list(zip(kept[0].tolist(), kept[1].tolist(), strict=True))


def test_a_pair_inside_a_star_is_left_out_when_the_newer_has_enough_near_duplicates() -> None:
    found = near((0, 1), (0, 2), (0, 3), (1, 3))
    assert left([(2, 3)], found, family=2) == []
    assert left([(2, 3)], found, family=3) == [(2, 3)]


def test_a_pair_of_two_stars_is_aligned_however_many_near_duplicates_there_are() -> None:
    found = near((0, 1), (0, 2), (3, 4), (3, 5), (4, 5))
    assert left([(2, 5), (1, 2)], found, family=1) == [(2, 5)]


def test_only_near_duplicates_make_a_family() -> None:
    assert left([(1, 2)], near((0, 1), (0, 2), kind="excerpt"), family=1) == [(1, 2)]
    assert left([(1, 2)], [], family=1) == [(1, 2)]


def test_the_pairs_that_remain_keep_their_order() -> None:
    found = near((0, 1), (0, 2))
    assert left([(5, 6), (1, 2), (3, 9), (0, 7)], found, family=1) == [(5, 6), (3, 9), (0, 7)]


def test_no_pairs_give_no_pairs() -> None:
    assert left([], near((0, 1)), family=1) == []


numbers = st.integers(0, 9)
pair_lists = st.lists(st.tuples(numbers, numbers).filter(lambda p: p[0] < p[1]), unique=True)


@given(pair_lists, pair_lists, st.integers(1, 4))
def test_what_is_left_out_is_a_pair_of_articles_in_one_component(
    pairs: Pairs, known: Pairs, family: int
) -> None:
    kept = left(pairs, near(*known), family)
    assert [pair for pair in pairs if pair in kept] == kept
    for older, newer in set(pairs) - set(kept):
        assert sum(b == newer for _, b in known) >= family
        reached = {newer}
        for _ in range(10):
            reached |= {n for pair in known if reached & set(pair) for n in pair}
        assert older in reached


@given(pair_lists, pair_lists, st.integers(1, 4))
def test_a_larger_family_aligns_no_pair_less(pairs: Pairs, known: Pairs, family: int) -> None:
    fewer, more = (set(left(pairs, near(*known), size)) for size in (family, family + 1))
    assert fewer <= more
