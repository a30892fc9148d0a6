"""Stars of many pairs at once are those that are found node by node."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.cluster.articles import Edges, Ends
from dedup.cluster.star_columns import find_star_columns
from dedup.cluster.stars import find_stars, neighbours_of
from tests.cluster.test_stars import graphs


def stars_of(edges: Sequence[tuple[int, int, float]], order: Sequence[int]) -> dict[int, int]:
    """The keeper of each node; members are checked to name the pair that leads there."""
    x, y = (np.array([edge[side] for edge in edges], np.int64) for side in (0, 1))
    shares = np.array([r for _, _, r in edges], np.float64)
    ends = Ends.of(Edges(x, y, np.ones(len(x), np.bool_), shares, shares, shares))
    stars = find_star_columns(ends, np.array(order, np.int64))
    for node, keeper, edge in zip(*(column.tolist() for column in stars), strict=True):
        assert (edge < 0) == (node == keeper)
        assert edge < 0 or (ends.x[edge], ends.y[edge]) == (node, keeper)
    return dict(zip(stars.nodes.tolist(), stars.keepers.tolist(), strict=True))


@given(graphs(), st.integers(0, 3))
def test_columns_give_the_stars_of_single_nodes_after_any_number_of_rounds(
    graph: tuple[list[int], list[tuple[int, int, float]]], rounds: int
) -> None:
    order, edges = graph
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("dedup.cluster.star_columns._ROUNDS", rounds)
        assert stars_of(edges, order) == find_stars(neighbours_of(edges), order)


def test_a_long_chain_is_cut_at_every_second_node() -> None:
    chain = [(n, n + 1, 0.8) for n in range(99)]
    assert stars_of(chain, range(100)) == find_stars(neighbours_of(chain), range(100))


def test_nodes_without_pairs_keep_themselves() -> None:
    assert stars_of([], [2, 0, 1]) == {2: 2, 0: 0, 1: 1}
