"""Pairs by resemblance alone: exact, complete, and the same whatever the order and the threads."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, InputError, Pairs, SettingsError, find_pairs, find_pairs_paths
from tests.strategies import make_text, make_words


def shingle_set(words: list[str], k: int = 5) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + k]) for i in range(len(words) - k + 1)}


def corpus(seed: int, articles: int = 40) -> dict[str, list[str]]:
    """Words of articles by id; two in three are a little edited copies of an earlier one."""
    chance = Random(seed)
    made: dict[str, list[str]] = {}
    for n in range(articles):
        words = make_words(seed * 1000 + n, chance.randint(20, 150))
        if made and n % 3:
            words = list(chance.choice(list(made.values())))
            for _ in range(chance.randint(0, len(words) // 12)):
                words[chance.randrange(len(words))] = f"edit{chance.randrange(10**6)}"
        made[f"a{n:03}"] = words
    return made


def measures(found: Pairs) -> dict[frozenset[str], float]:
    return {frozenset((pair.a, pair.b)): pair.jaccard for pair in found.pairs}


@pytest.mark.parametrize("jaccard", [0.3, 0.7, 1.0])
def test_every_pair_at_the_threshold_and_above_is_found_with_its_exact_resemblance(
    jaccard: float,
) -> None:
    made = corpus(3)
    found = measures(find_pairs(list(made_texts(made)), jaccard=jaccard, recall=0.999999))
    sets = {id_: shingle_set(words) for id_, words in made.items()}
    same = {tuple(words): id_ for id_, words in reversed(made.items())}
    first = {id_: same[tuple(words)] for id_, words in made.items()}
    for a, b in combinations(made, 2):
        exact = len(sets[a] & sets[b]) / len(sets[a] | sets[b])
        # Of articles with the same words the first stands for all.
        if exact >= jaccard and (first[a] == a or first[b] == first[a] == a) and first[b] in (a, b):
            assert found.pop(frozenset((a, b))) == pytest.approx(exact)
    assert not found


def made_texts(made: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(id_, make_text(words)) for id_, words in made.items()]


@given(st.integers(0, 30), st.randoms(use_true_random=False), st.integers(1, 3))
@settings(max_examples=15)
def test_neither_order_nor_threads_change_the_answer(
    seed: int, chance: Random, threads: int
) -> None:
    articles = [
        Article(id_, text, date=1_700_000_000 + 60 * (n % 5)) if n % 4 else Article(id_, text)
        for n, (id_, text) in enumerate(made_texts(corpus(seed, 20)))
    ]
    shuffled = list(articles)
    chance.shuffle(shuffled)
    assert find_pairs(shuffled, threads=threads) == find_pairs(articles, threads=1)


def test_the_older_article_comes_first_and_keeps_its_group() -> None:
    words = make_words(9, 100)
    edited = [*words[:40], "other", *words[41:]]
    found = find_pairs(
        [
            Article("late", make_text(words), date="2026-03-02"),
            Article("early", make_text(edited), date="2026-03-01"),
            Article("never", make_text(words)),
            Article("alone", make_text(make_words(10, 100)), date="2026-03-01"),
        ]
    )
    assert [(pair.a, pair.b) for pair in found.pairs] == [("early", "late"), ("late", "never")]
    assert found.pairs[1].jaccard == 1.0
    assert found.groups == [("early", "late", "never")]


def test_a_drifting_text_is_no_one_group() -> None:
    words = make_words(11, 200)
    versions = []
    for n in range(12):
        words = [f"new{n}x{i}" if i // 12 == n else word for i, word in enumerate(words)]
        versions.append((f"v{n:02}", make_text(words)))
    groups = find_pairs(versions, jaccard=0.6).groups
    assert groups
    assert max(map(len, groups)) <= 7


def test_articles_without_words_are_paired_with_nothing() -> None:
    found = find_pairs([("a", "..."), ("b", "!!"), ("c", "-")])
    assert (found.pairs, found.groups, found.articles) == ([], [], 3)


def test_ids_that_come_again_are_told_apart() -> None:
    text = make_text(make_words(12, 60))
    found = find_pairs([("x", text), ("x", text), ("x#2", text)])
    assert found.renamed == {"x#3": "x"}
    assert {(pair.a, pair.b) for pair in found.pairs} == {("x", "x#2"), ("x", "x#3")}


def test_nothing_is_an_empty_answer_and_nothing_readable_an_error(tmp_path: Path) -> None:
    assert find_pairs([]).pairs == []
    (tmp_path / "bad.jsonl").write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"bad\.jsonl"):
        find_pairs_paths(tmp_path / "bad.jsonl")


@pytest.mark.parametrize("wrong", [{"jaccard": 0.0}, {"jaccard": 1.1}, {"recall": 1.0}, {"k": 0}])
def test_values_out_of_range_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError):
        find_pairs([], **wrong)  # type: ignore[arg-type]
