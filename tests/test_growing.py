"""A corpus that grows: after each part the result is that of a scan over all of it."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, GrowingScan, InputError, Result, Settings, scan
from dedup.verify import match_pairs
from tests.mask.making import make_article, make_page, make_site, make_words, with_inside
from tests.strategies import corpora

SITE = "daily.example"
CONSENT, FOOTER = make_words("consent", 36), make_words("footer", 30)


def findings(result: Result) -> dict[str, Any]:
    """Everything but the seconds."""
    names = ("relations", "quotes", "groups", "removals", "kept", "rejects", "boilerplate",
             "renamed", "counts")  # fmt: skip
    return {name: getattr(result, name) for name in names}


def check(parts: Sequence[Sequence[Any]], **chosen: Any) -> Result:
    """Add parts one by one; each time a scan of all so far must say the same."""
    wanted = Settings(**chosen)
    growing, shown = GrowingScan(settings=wanted), list[Any]()
    for part in parts:
        shown += part
        result = growing.add(part)
        assert findings(result) == findings(scan(shown, settings=wanted))
    return result


def cut(items: Sequence[Any], random: Random, longest: int) -> list[Sequence[Any]]:
    parts, begin = [], 0
    while begin < len(items):
        end = begin + random.randint(1, longest)
        parts.append(items[begin:end])
        begin = end
    return parts


@settings(deadline=None, max_examples=30)
@given(corpora(), st.randoms(use_true_random=False))
def test_articles_in_parts_give_what_they_give_at_once(
    corpus: list[Article], random: Random
) -> None:
    check(cut(corpus, random, 4) or [[]])


@pytest.mark.parametrize("seed", range(3))
def test_pages_with_furniture_in_parts_give_what_they_give_at_once(seed: int) -> None:
    random, story = Random(seed), make_words("story", 200)
    pages = make_site(SITE, 12, 12, CONSENT, seed=seed) + make_site("b.example", 8, 8, FOOTER)
    pages += [make_page(f"s{n}", SITE, n, story[n:], CONSENT, FOOTER) for n in range(5)]
    pages += [
        make_page(f"q{n}", "", n, *with_inside(make_article(("q", n)), CONSENT, n))
        for n in range(3)
    ]
    random.shuffle(pages)
    result = check(cut(pages, random, 9))
    assert result.boilerplate


def test_relations_are_taken_back_when_boilerplate_is_learned() -> None:
    pages = make_site(SITE, 6, 6, CONSENT)
    growing = GrowingScan()
    first = growing.add(pages[:3])
    assert [relation.kind for relation in first.quotes] == ["quote"] * 3
    second = growing.add(pages[3:4])
    assert second.quotes == []
    assert second.counts.boilerplate == 1


def test_an_older_article_that_comes_late_becomes_the_keeper() -> None:
    text = " ".join(make_words("text", 100))
    late = {"id": "late", "text": text, "date": "2024-01-01"}
    early = {"id": "early", "text": f"{text} more", "date": "2023-01-01"}
    result = check([[late], [early]])
    assert [removal.keeper for removal in result.removals] == ["early"]


def test_an_id_that_comes_again_is_numbered_by_age() -> None:
    texts = [" ".join(make_words(n, 50)) for n in range(3)]
    rows = [{"id": "x", "text": text, "date": f"2024-01-0{3 - n}"} for n, text in enumerate(texts)]
    result = check([rows[:1], rows[1:2], rows[2:]])
    assert result.kept == ["x#3", "x#2", "x"]


def test_what_is_rejected_in_any_part_is_counted() -> None:
    result = check([["one text", {"id": "no text"}], [" "], ["another text"]])
    assert [(reject.offset, reject.reason) for reject in result.rejects] == [
        (1, "no-text"),
        (2, "empty-text"),
    ]
    assert result.kept == ["0", "3"]


def test_nothing_added_changes_nothing() -> None:
    assert check([[], ["one text"], []]).kept == ["0"]


def test_what_cannot_be_read_is_an_error_and_changes_nothing() -> None:
    growing = GrowingScan()
    growing.add(["one text"])
    with pytest.raises(InputError):
        growing.add("one text")
    assert growing.add([]).kept == ["0"]


def test_only_new_pairs_and_newly_masked_ones_are_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = make_site(SITE, 4, 4, CONSENT)
    story = make_words("story", 200)
    copies = [make_page(f"c{n}", "c.example", n, story, make_words(n, 20)) for n in range(6)]
    counted: list[int] = []

    def count(texts: Any, used: Any, a: Any, *rest: Any, **more: Any) -> Any:
        counted.append(len(a))
        return match_pairs(texts, used, a, *rest, **more)

    monkeypatch.setattr("dedup.rounds.match_pairs", count)
    growing = GrowingScan()

    def added(part: Sequence[Any]) -> int:
        counted.clear()
        growing.add(part)
        return int(np.sum(counted))

    assert added(copies[:5]) == 10
    assert added([]) == 0
    assert added(copies[5:]) == 5
    assert added(pages[:3]) == 3
    # The fourth page teaches the boilerplate of its site: its pairs are no candidates any more.
    assert added(pages[3:]) == 0
