"""Stars: every member is a neighbour of its keeper, no two keepers are neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import given
from hypothesis import strategies as st

import dedup
from dedup.cluster.stars import find_stars, neighbours_of
from tests.strategies import make_text, make_words

#: Two nodes and their resemblance.
Edge = tuple[int, int, float]
#: Few different resemblances, so that ties occur.
_RESEMBLANCES = st.sampled_from([0.7, 0.75, 0.8, 0.8, 0.99])


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[int], list[Edge]]:
    """An order of nodes and edges among them, each pair at most once."""
    n = draw(st.integers(1, 12))
    order = draw(st.permutations(range(n)))
    pairs = [(x, y) for x in range(n) for y in range(x)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return order, [(x, y, draw(_RESEMBLANCES)) for x, y in chosen]


def resemblance(edges: Sequence[Edge], x: int, y: int) -> float | None:
    """Looked up slowly."""
    return next((r for a, b, r in edges if {a, b} == {x, y}), None)


@given(graphs())
def test_every_member_has_an_edge_to_its_keeper(graph: tuple[list[int], list[Edge]]) -> None:
    order, edges = graph
    stars = find_stars(neighbours_of(edges), order)
    assert sorted(stars) == sorted(order)
    for node, keeper in stars.items():
        assert node == keeper or resemblance(edges, node, keeper) is not None
        assert stars[keeper] == keeper


@given(graphs())
def test_no_two_keepers_have_an_edge_between_them(graph: tuple[list[int], list[Edge]]) -> None:
    order, edges = graph
    stars = find_stars(neighbours_of(edges), order)
    keepers = set(stars.values())
    assert not [(x, y) for x, y, _ in edges if x in keepers and y in keepers]


@given(graphs())
def test_a_member_is_with_the_keeper_it_resembles_most_and_the_earlier_one_on_ties(
    graph: tuple[list[int], list[Edge]],
) -> None:
    order, edges = graph
    stars = find_stars(neighbours_of(edges), order)
    keepers = [node for node in order if stars[node] == node]
    for node in set(order) - set(keepers):
        shares = [(resemblance(edges, node, keeper) or 0.0, keeper) for keeper in keepers]
        best = max(share for share, _ in shares)
        assert stars[node] == next(keeper for share, keeper in shares if share == best)


@given(graphs())
def test_a_node_is_a_keeper_unless_an_earlier_keeper_is_its_neighbour(
    graph: tuple[list[int], list[Edge]],
) -> None:
    order, edges = graph
    stars = find_stars(neighbours_of(edges), order)
    for n, node in enumerate(order):
        earlier = [x for x in order[:n] if stars[x] == x and resemblance(edges, x, node)]
        assert (stars[node] == node) == (not earlier)


@given(graphs(), st.randoms(use_true_random=False))
def test_stars_do_not_depend_on_the_order_of_insertion(
    graph: tuple[list[int], list[Edge]], random: Random
) -> None:
    order, edges = graph
    shuffled = [(y, x, r) if random.random() < 0.5 else (x, y, r) for x, y, r in edges]
    random.shuffle(shuffled)
    assert find_stars(neighbours_of(shuffled), order) == find_stars(neighbours_of(edges), order)


def test_nodes_without_edges_keep_themselves() -> None:
    assert find_stars({}, [2, 0, 1]) == {2: 2, 0: 0, 1: 1}


def test_a_triangle_of_versions_is_one_star_around_the_first_in_order() -> None:
    edges = [(0, 1, 0.9), (1, 2, 0.9), (0, 2, 0.9)]
    assert find_stars(neighbours_of(edges), [1, 0, 2]) == {1: 1, 0: 1, 2: 1}


def drift(versions: int, share: float = 0.12) -> list[tuple[str, str]]:
    """Versions of one article, each with 12 % of the words of the one before replaced."""
    words, random = make_words(3, 300), Random(5)
    chain = []
    for version in range(versions):
        chain.append((f"v{version:02}", make_text(words)))
        words = list(words)
        for place in random.sample(range(len(words)), round(share * len(words))):
            words[place] = f"new{version}w{place}"
    return chain


def test_a_chain_of_twenty_drifting_versions_never_becomes_one_group() -> None:
    chain = drift(20)
    result = dedup.scan(chain)
    near = {frozenset((r.a, r.b)) for r in result.relations if r.kind == "near-duplicate"}
    linked = {f"v{n:02}" for n in range(20)}
    # As a component it would be one: each version is a near-duplicate of the next.
    assert all(frozenset((f"v{n:02}", f"v{n + 1:02}")) in near for n in range(19))
    assert frozenset(("v00", "v19")) not in near
    sizes = [len(group.members) + 1 for group in result.groups if group.members]
    assert sum(sizes) <= len(linked)
    assert max(sizes) <= 5
    assert len(result.kept) >= 5
    texts = dict(chain)
    for group in result.groups:
        for member in group.members:
            relation = dedup.compare(texts[group.keeper], texts[member.id])
            assert relation.kind == "near-duplicate"
            assert relation.resemblance == member.resemblance


def test_the_first_and_the_last_of_a_drifting_chain_share_next_to_nothing() -> None:
    chain = drift(20)
    assert dedup.compare(chain[0][1], chain[19][1]).resemblance < 0.3
