"""Excerpts: a directed graph without circles, and what of it is removed."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import dedup
from dedup import Article, Settings
from dedup.cluster.excerpts import excerpt_edges
from tests.cluster.making import Corpus, Found, make_edges, make_relation
from tests.strategies import corpora, make_text, make_words

WORDS = make_words(11, 300)
OUTER, MIDDLE, INNER = (make_text(WORDS[:n]) for n in (300, 140, 60))


def excerpts(corpus: Corpus) -> dict[str, list[tuple[str, str]]]:
    """Keeper → (excerpt, article of the group that contains it)."""
    groups, _ = corpus.groups()
    return {group.keeper: [(e.id, e.of) for e in group.excerpts] for group in groups}


def edges_of(found: list[Found], weights: list[int]) -> list[tuple[int, int, float]]:
    """(excerpt, source, share) of each edge."""
    inside = excerpt_edges(make_edges(found), np.array(weights))
    return list(zip(*(column.tolist() for column in inside[:3]), strict=True))


def test_an_edge_leads_from_the_excerpt_to_its_source_in_either_direction() -> None:
    first, second = (make_relation("excerpt", "x", "y", 0.3, *shares)
                     for shares in ((0.9, 0.3), (0.3, 0.9)))  # fmt: skip
    assert edges_of([(0, 1, first)], [100, 300]) == [(0, 1, 0.9)]
    assert edges_of([(0, 1, second)], [300, 100]) == [(1, 0, 0.9)]


def test_an_edge_from_the_longer_to_the_shorter_or_between_equals_is_dropped() -> None:
    relation = make_relation("excerpt", "x", "y", 0.3, 0.9, 0.3)
    assert edges_of([(0, 1, relation)], [300, 100]) == []
    assert edges_of([(0, 1, relation)], [100, 100]) == []


@given(
    weights=st.lists(st.integers(1, 5), min_size=2, max_size=8),
    pairs=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7), st.booleans()), max_size=20),
)
def test_excerpts_never_form_a_circle(
    weights: list[int], pairs: list[tuple[int, int, bool]]
) -> None:
    n = len(weights)
    relations = [
        (a % n, b % n, make_relation("excerpt", "x", "y", 0.3, 0.9 if flag else 0.3, 0.5))
        for a, b, flag in pairs
        if a % n != b % n
    ]
    outers: dict[int, set[int]] = {node: set() for node in range(n)}
    for inner, outer, _ in edges_of(relations, weights):
        outers[inner].add(outer)
    while outers:  # take away nodes nothing leads out of, as long as there are any
        ends = {node for node, to in outers.items() if not to & outers.keys()}
        assert ends, "a circle is left"
        outers = {node: to for node, to in outers.items() if node not in ends}


@settings(deadline=None, max_examples=25)
@given(corpora())
def test_the_excerpts_of_a_group_are_shorter_than_what_contains_them(corpus: list[Article]) -> None:
    # A relation may lead the other way when a text repeats itself; a group's excerpts never do.
    lengths = {article.id: len(article.text.split()) for article in corpus}
    for group in dedup.scan(corpus).groups:
        assert all(lengths[excerpt.id] < lengths[excerpt.of] for excerpt in group.excerpts)


def test_an_excerpt_stands_in_the_group_of_its_source() -> None:
    corpus = Corpus("abc", {"c": 100}).near("a", "b").excerpt("c", "a")
    assert excerpts(corpus) == {"a": [("c", "a")]}


def test_an_excerpt_of_a_member_stands_in_the_group_of_the_keeper_and_names_the_member() -> None:
    corpus = Corpus("abc", {"c": 100}).near("a", "b").excerpt("c", "b")
    assert excerpts(corpus) == {"a": [("c", "b")]}


def test_of_several_sources_in_a_group_the_one_that_contains_most_is_named() -> None:
    corpus = Corpus("abc", {"c": 100}).near("a", "b").excerpt("c", "a", 0.9).excerpt("c", "b", 0.95)
    assert excerpts(corpus) == {"a": [("c", "b")]}
    corpus = Corpus("abc", {"c": 100}).near("a", "b").excerpt("c", "b", 0.9).excerpt("c", "a", 0.9)
    assert excerpts(corpus) == {"a": [("c", "a")]}


def test_an_excerpt_of_two_strangers_stands_in_both_groups() -> None:
    corpus = Corpus("abc", {"c": 100}).excerpt("c", "a").excerpt("c", "b")
    assert excerpts(corpus) == {"a": [("c", "a")], "b": [("c", "b")]}


def test_excerpts_are_only_reported_below_the_level_excerpt() -> None:
    corpus = Corpus("ab", {"b": 100}).excerpt("b", "a")
    for level in ("none", "identical", "near-duplicate"):
        assert corpus.removed(remove=level) == {}
    assert corpus.removed(remove="excerpt") == {"b": ("excerpt", "a")}


def test_in_a_chain_of_excerpts_all_but_the_longest_go_for_one_that_is_kept() -> None:
    corpus = Corpus("abc", {"a": 900, "b": 500, "c": 200})
    corpus.excerpt("b", "a").excerpt("c", "b", 0.99).excerpt("c", "a", 0.9)
    # c is nearest to b, but b is removed itself.
    assert corpus.removed(remove="excerpt") == {"b": ("excerpt", "a"), "c": ("excerpt", "a")}


def test_an_excerpt_whose_only_source_was_removed_is_kept() -> None:
    corpus = Corpus("abc", {"a": 900, "b": 500, "c": 200}).excerpt("b", "a").excerpt("c", "b")
    assert corpus.removed(remove="excerpt") == {"b": ("excerpt", "a")}


def test_an_excerpt_of_a_removed_near_duplicate_is_kept_unless_the_keeper_holds_it_too() -> None:
    corpus = Corpus("abc", {"c": 100}).near("a", "b").excerpt("c", "b")
    assert corpus.removed(remove="excerpt") == {"b": ("near-duplicate", "a")}
    corpus.excerpt("c", "a", 0.9)
    assert corpus.removed(remove="excerpt")["c"] == ("excerpt", "a")


def test_a_keeper_with_members_or_copies_is_never_removed_as_an_excerpt() -> None:
    weights = {"a": 100, "b": 100, "c": 900}
    near = Corpus("abc", weights).near("a", "b").excerpt("a", "c").excerpt("b", "c")
    assert near.removed(remove="excerpt") == {"b": ("near-duplicate", "a")}
    same = Corpus("abc", weights).identical("a", "b").excerpt("a", "c")
    assert same.removed(remove="excerpt") == {"b": ("identical", "a")}


def test_an_excerpt_chain_of_texts_is_found_and_removed_as_one() -> None:
    texts = [("inner", INNER), ("outer", OUTER), ("middle", MIDDLE)]
    result = dedup.scan(texts, settings=Settings(remove="excerpt"))
    assert [(r.kind, r.a, r.b, r.direction) for r in result.relations] == [
        ("excerpt", "inner", "middle", "a_in_b"),
        ("excerpt", "inner", "outer", "a_in_b"),
        ("excerpt", "middle", "outer", "a_in_b"),
    ]
    assert result.kept == ["outer"]
    assert {(r.id, r.reason, r.keeper) for r in result.removals} == {
        ("inner", "excerpt", "outer"), ("middle", "excerpt", "outer"),
    }  # fmt: skip


def test_a_digest_page_glues_two_articles_and_does_not_merge_them() -> None:
    one, two = make_words(21, 150), make_words(22, 60)
    result = dedup.scan([("one", make_text(one)), ("two", make_text(two)),
                         ("digest", make_text(one + two))])  # fmt: skip
    kinds = {(r.a, r.b): r.kind for r in result.relations}
    assert kinds == {("digest", "one"): "near-duplicate", ("digest", "two"): "excerpt"}
    assert "two" in result.kept
