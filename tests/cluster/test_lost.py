"""What a removed article has and its keeper lacks: told, and forbidden on request."""

from __future__ import annotations

import pytest

import dedup


def own(name: str, count: int) -> list[str]:
    return [f"{name * 3}{n}" for n in range(count)]


SOURCE = own("b", 100)
LONGER = [*SOURCE, *own("c", 25)]
EXCERPT = [*SOURCE[20:70], *own("d", 5)]


def scan(*articles: list[str], **settings: object) -> dedup.Result:
    pairs = [(f"{n}", " ".join(words)) for n, words in enumerate(articles)]
    return dedup.scan(pairs, settings=dedup.Settings().changed(**settings))


def test_the_lost_share_is_the_share_of_words_the_keeper_lacks() -> None:
    (removal,) = scan(SOURCE, LONGER).removals
    assert removal.id == "1"
    assert removal.lost_share == pytest.approx(25 / 125)


def test_nothing_is_lost_when_the_longest_is_kept() -> None:
    (removal,) = scan(SOURCE, LONGER, keep="longest").removals
    assert removal.id == "0"
    assert removal.lost_share == 0


def test_an_article_with_words_of_its_own_stays_when_nothing_may_be_lost() -> None:
    result = scan(SOURCE, LONGER, most_lost=0.0)
    assert result.kept == ["0", "1"]
    assert [len(group.members) for group in result.groups] == [1]
    assert scan(SOURCE, LONGER, most_lost=0.2).kept == ["0"]


def test_identical_articles_are_removed_though_nothing_may_be_lost() -> None:
    result = scan(SOURCE, LONGER, LONGER, SOURCE, most_lost=0.0)
    assert result.kept == ["0", "1"]
    assert {(r.id, r.keeper, r.reason) for r in result.removals} == {
        ("2", "1", "identical"),
        ("3", "0", "identical"),
    }


def test_an_excerpt_with_words_of_its_own_stays_when_nothing_may_be_lost() -> None:
    assert scan(SOURCE, EXCERPT, remove="excerpt").kept == ["0"]
    assert scan(SOURCE, EXCERPT, remove="excerpt", most_lost=0.0).kept == ["0", "1"]
