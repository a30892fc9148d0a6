"""Which article of a group is kept, under each policy."""

from __future__ import annotations

import pytest

import dedup
from dedup import Article
from dedup.settings import KEEP_POLICIES
from tests.cluster.making import Corpus
from tests.strategies import make_text, make_words

WORDS = make_words(1, 120)


def kept(articles: list[Article], policy: str) -> list[str]:
    return dedup.scan(articles, settings=dedup.Settings(keep=policy)).kept


def test_earliest_keeps_the_lowest_rank_whatever_the_input_order() -> None:
    for names in ("abc", "cba", "bca"):
        corpus = Corpus(names).near("a", "b").near("a", "c").near("b", "c")
        assert corpus.shape(keep="earliest") == {"a": "bc"}


def test_longest_keeps_the_heaviest_and_the_earlier_one_on_ties() -> None:
    corpus = Corpus("abc", {"a": 400, "b": 404, "c": 404}).near("a", "b").near("a", "c")
    assert corpus.near("b", "c").shape(keep="longest") == {"b": "ac"}


def test_most_complete_keeps_the_one_that_contains_most_of_the_others() -> None:
    corpus = Corpus("abc", {"a": 500}).near("a", "b", 0.8, 0.7, 0.9).near("a", "c", 0.8, 0.7, 0.9)
    # Both others lie 0.9 in a. They lie 0.99 in each other, but a only 0.7 in either.
    assert corpus.near("b", "c", 0.98, 0.99, 0.99).shape(keep="most-complete") == {"a": "bc"}
    corpus = Corpus("abc").near("a", "b", 0.8, 0.99, 0.75).near("b", "c", 0.8, 0.75, 0.99)
    assert corpus.shape(keep="most-complete") == {"b": "ac"}


def test_most_complete_keeps_the_earlier_one_on_ties() -> None:
    assert Corpus("ba").near("a", "b").shape(keep="most-complete") == {"a": "b"}


def test_first_keeps_the_first_of_the_input() -> None:
    corpus = Corpus("cab").near("a", "b").near("a", "c").near("b", "c")
    assert corpus.shape(keep="first") == {"c": "ab"}


def test_first_keeps_the_first_of_identical_articles_too() -> None:
    corpus = Corpus("cab").identical("a", "b", "c")
    assert corpus.shape(keep="first") == {"c": "ab"}
    assert corpus.shape(keep="earliest") == {"a": "bc"}


@pytest.mark.parametrize("policy", KEEP_POLICIES)
def test_the_keeper_is_the_centre_every_member_was_verified_against(policy: str) -> None:
    # a ~ b ~ c, but a and c are strangers: whoever is kept, no member hangs on another member.
    groups, _ = Corpus("abc", {"b": 100}).near("a", "b").near("b", "c").groups(keep=policy)
    edges = {("a", "b"), ("b", "a"), ("b", "c"), ("c", "b")}
    for group in groups:
        assert all((member.id, group.keeper) in edges for member in group.members)


def test_the_earlier_date_is_kept_and_an_undated_article_never_before_a_dated_one() -> None:
    text = make_text(WORDS)
    old, new, undated = (Article("z", text, "2016-01-01"), Article("y", text, "2016-01-02"),
                         Article("a", text))  # fmt: skip
    for articles in ([old, new, undated], [undated, new, old], [new, undated, old]):
        assert kept(articles, "earliest") == ["z"]
    assert kept([undated, new], "earliest") == ["y"]


def test_equal_dates_are_decided_by_the_id() -> None:
    text = make_text(WORDS)
    assert kept([Article("b", text, 1_500_000_000), Article("a", text, 1_500_000_000)],
                "earliest") == ["a"]  # fmt: skip


def test_the_policies_on_a_short_first_version_and_a_long_late_one() -> None:
    short = Article("short", make_text(WORDS), "2016-01-01")
    long = Article("long", make_text([*WORDS, *make_words(2, 30)]), "2016-01-02")
    assert kept([long, short], "earliest") == ["short"]
    assert kept([short, long], "longest") == ["long"]
    assert kept([short, long], "most-complete") == ["long"]
    assert kept([long, short], "first") == ["long"]
    assert kept([short, long], "first") == ["short"]
