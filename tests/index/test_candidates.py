"""Candidates: every pair that shares twelve words, and bounded work all the same."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.core import Sketches
from dedup.index import collapse_identical, find_candidates
from dedup.settings import Settings
from dedup.sketch import sketch_texts
from tests import oracles

DEFAULT = Settings()


def sketches_of(articles: list[list[str]]) -> Sketches:
    return sketch_texts([" ".join(words) for words in articles], DEFAULT)


def candidates_of(articles: list[list[str]], chosen: Settings = DEFAULT) -> set[tuple[int, int]]:
    order = np.arange(len(articles), dtype=np.int64)
    found = find_candidates(sketches_of(articles), order, chosen)
    return set(zip(found.older.tolist(), found.newer.tolist(), strict=True))


@given(st.data(), st.sampled_from([4, 50, 5000]))
@settings(deadline=None)
def test_every_pair_that_shares_twelve_words_is_a_candidate(
    data: st.DataObject, vocabulary: int
) -> None:
    words = st.integers(0, vocabulary - 1).map(lambda n: f"w{n}")
    pieces = data.draw(st.lists(st.lists(words, min_size=8, max_size=25), min_size=2, max_size=4))
    chosen = st.lists(st.integers(0, len(pieces) - 1), max_size=4)
    articles = [
        [word for n in data.draw(chosen) for word in pieces[n]]
        + data.draw(st.lists(words, max_size=10))
        for _ in range(data.draw(st.integers(2, 8)))
    ]
    found = candidates_of(articles)
    for a, b in combinations(range(len(articles)), 2):
        if oracles.shares_run(articles[a], articles[b], 12):
            assert (a, b) in found


def test_unrelated_articles_are_no_candidates() -> None:
    articles = [[f"{a}-{n}" for n in range(60)] for a in "pqrstuv"]
    assert candidates_of([[w.replace("-", "x") for w in words] for words in articles]) == set()


def test_a_text_shared_by_all_stays_linear() -> None:
    banner = [f"b{n}" for n in range(40)]
    articles = [[*banner, *(f"a{k}w{n}" for n in range(30))] for k in range(1600)]
    found = candidates_of(articles)
    assert len(found) <= len(articles) * DEFAULT.max_candidates
    # The oldest holder is always met: who had it first is never missed.
    assert {(0, n) for n in range(1, 1600)} <= found


def test_an_article_meets_at_most_max_candidates_older_ones() -> None:
    pieces = [[f"p{k}w{n}" for n in range(14)] for k in range(30)]
    mash = [word for piece in pieces for word in piece]
    articles = [*pieces, mash]
    few = candidates_of(articles, Settings(max_candidates=5, family=2))
    assert len([pair for pair in few if pair[1] == 30]) == 5
    assert len([pair for pair in candidates_of(articles) if pair[1] == 30]) == 30


def test_the_rarest_shared_text_is_verified_first() -> None:
    common = [f"c{n}" for n in range(14)]
    rare = [f"r{n}" for n in range(14)]
    articles = [[*common, *(f"a{k}w{n}" for n in range(9))] for k in range(20)]
    articles += [rare, [*common, *rare]]
    assert (20, 21) in candidates_of(articles, Settings(max_candidates=2, family=1))


def test_identical_articles_collapse_onto_the_oldest() -> None:
    articles = [["eins", "zwei", "drei"], ["vier"], ["Eins,", "ZWEI:", "drei!"], [], ["..."]]
    sketches = sketches_of([*articles, ["vier"]])
    order = np.array([5, 2, 0, 1, 3, 4], np.int64)
    found = collapse_identical(sketches.digests, sketches.tokens, order)
    assert found.tolist() == [2, 5, 2, 3, 4, 5]


def test_no_articles_have_no_candidates() -> None:
    assert candidates_of([]) == set()
    sketches = sketches_of([])
    empty = np.zeros(0, np.int64)
    assert collapse_identical(sketches.digests, sketches.tokens, empty).tolist() == []
