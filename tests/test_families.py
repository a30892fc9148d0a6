"""Families: near-identical articles cost a fixed number of alignments each."""

from __future__ import annotations

import random

import pytest

import dedup
from dedup.settings import KEEP_POLICIES


def versions(count: int, share: float, seed: int) -> list[tuple[str, str]]:
    """One article of 200 words, each copy with a share of its words replaced."""
    rng = random.Random(seed)
    source = [f"word{rng.randrange(5000)}" for _ in range(200)]
    articles = []
    for n in range(count):
        words = [f"new{rng.randrange(5000)}" if rng.random() < share else w for w in source]
        articles.append((f"{n:05}", " ".join(words)))
    return articles


def test_near_identical_articles_are_aligned_a_fixed_number_of_times_each() -> None:
    for count in (150, 300):
        result = dedup.scan(versions(count, 0.02, seed=count))
        assert result.counts.aligned <= 3 * result.settings.family * count
        assert result.counts.candidates > 2 * result.counts.aligned
        assert [len(group.members) for group in result.groups] == [count - 1]
        assert result.counts.removed == count - 1


def test_small_families_are_aligned_pair_by_pair() -> None:
    result = dedup.scan(versions(9, 0.02, seed=1))
    assert len(result.relations) == 9 * 8 // 2


def test_an_excerpt_of_a_large_family_is_found_beside_it() -> None:
    family = versions(80, 0.02, seed=2)
    piece = " ".join(family[3][1].split()[50:110])
    result = dedup.scan([*family, ("zz-piece", piece)])
    found = [r for r in result.relations if r.kind == "excerpt" and "zz-piece" in (r.a, r.b)]
    assert len(found) >= 8


@pytest.mark.parametrize("keep", KEEP_POLICIES)
def test_every_keep_policy_keeps_one_of_a_large_family(keep: str) -> None:
    articles = []
    for n, (id_, text) in enumerate(versions(120, 0.02, seed=3)):
        articles.append((id_, f"{text} {'mehr ' * (n * 7 % 5)}"))
    result = dedup.scan(articles, settings=dedup.Settings(keep=keep))
    assert result.counts.kept == 1
    related = {(r.a, r.b) for r in result.relations}
    keeper = result.kept[0]
    assert all({(keeper, r.id), (r.id, keeper)} & related for r in result.removals)
