"""Properties of learning: what must not matter does not, and what is learned stays where it is."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Boilerplate, Given, Result
from tests.mask.making import (
    Page,
    Words,
    kinds,
    learned,
    look,
    make_article,
    make_noisy,
    make_page,
    make_site,
    make_words,
    masked_words,
    plain,
    related,
    shuffled,
    with_inside,
)

SITE, OTHER = "daily.example", "weekly.example"
CONSENT, SECOND = make_words("consent", 36), make_words("second", 30)
MANAGER = make_words("manager", 40)


def make_global(sites: int = 8, days: int = 8, words: Words = MANAGER) -> list[Page]:
    """One page on each of many sites, dealt out over days, with the same text inside."""
    return [
        make_page(
            f"g{n:02}", f"g{n}.example", n * days // sites,
            *with_inside(make_article(("global", n)), words, ("global", n)),
        )
        for n in range(sites)
    ]  # fmt: skip


def make_mixture() -> list[Page]:
    """Furniture of two sites and of all, copies with noise, a quote, and pages without site."""
    pages = make_site(SITE, 8, 6, CONSENT) + make_site(OTHER, 6, 5, SECOND) + make_global()
    dispatch, statement = make_words("dispatch", 200), make_words("statement", 30)
    pages += [
        make_page(f"copy{n}", (SITE, OTHER, "c.example")[n % 3], n % 2,
                  make_noisy(dispatch, 0.03, n), CONSENT if n % 3 == 0 else [])
        for n in range(6)
    ]  # fmt: skip
    pages += [
        make_page(f"said{n}", "", None, make_article(("said", n)), statement) for n in range(3)
    ]
    return pages


def findings(result: Result) -> dict[str, object]:
    """All that must not depend on order or threads."""
    return {
        "boilerplate": result.boilerplate,
        "relations": result.relations,
        "quotes": result.quotes,
        "groups": result.groups,
        "removals": result.removals,
        "counts": result.counts,
    }


MIXTURE = make_mixture()


# -- what must not matter ------------------------------------------------------------------------


def test_the_mixture_has_something_of_everything() -> None:
    result = look(MIXTURE)
    assert {run.site for run in result.boilerplate} == {SITE, OTHER, ""}
    assert kinds(result)["near-duplicate"] > 0
    assert kinds(result)["quote"] == 3
    assert masked_words(result) == {*CONSENT, *SECOND, *MANAGER}


@settings(deadline=None, max_examples=15)
@given(st.permutations(range(len(MIXTURE))))
def test_the_order_of_the_input_does_not_matter(order: Sequence[int]) -> None:
    assert findings(look([MIXTURE[n] for n in order])) == findings(look(MIXTURE))


@pytest.mark.parametrize("threads", [1, 3, 16])
def test_the_number_of_threads_does_not_matter(threads: int) -> None:
    assert findings(look(MIXTURE, threads=threads)) == findings(look(MIXTURE))


def test_the_number_of_threads_does_not_matter_in_small_batches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    expected = findings(look(MIXTURE))
    monkeypatch.setattr("dedup.read.batches.BATCH_ARTICLES", 3)
    monkeypatch.setattr("dedup.rounds.BATCH_PAIRS", 5)
    assert findings(look(MIXTURE, threads=4)) == expected


def test_the_names_of_the_articles_do_not_matter() -> None:
    pages = make_site(SITE, 8, 6, CONSENT)
    renamed = [{**page, "id": f"{n * 37 % 101:03}"} for n, page in enumerate(pages)]
    assert learned(look(pages)) == learned(look(renamed))


# -- what is learned stays where it is -----------------------------------------------------------


@settings(deadline=None, max_examples=20)
@given(st.integers(4, 12), st.integers(3, 5), st.integers(2, 6))
def test_furniture_of_a_site_masks_nothing_on_others(pages: int, days: int, others: int) -> None:
    strangers = [
        make_page(f"x{n}", f"x{n}.example", n % days, make_article(("x", n)), CONSENT)
        for n in range(others)
    ]
    result = look(make_site(SITE, pages, days, CONSENT) + strangers)
    assert learned(result) == {(SITE, plain(CONSENT))}
    assert [run.articles for run in result.boilerplate] == [pages]
    assert related(result) == {(f"x{n}", f"x{m}"): "quote" for m in range(others) for n in range(m)}


def runs_of(result: Result, site: str) -> list[Boilerplate]:
    return [run for run in result.boilerplate if run.site == site]


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 12), st.integers(1, 10), st.integers(0, 99))
def test_unrelated_articles_of_other_sites_do_not_change_what_is_learned(
    count: int, days: int, seed: int
) -> None:
    pages = make_site(SITE, 7, 6, CONSENT)
    others = make_site(OTHER, count, days, SECOND, seed=seed)
    alone, together = look(pages), look(shuffled(pages + others, seed))
    assert runs_of(together, SITE) == runs_of(alone, SITE) != []


@pytest.mark.parametrize("limit", range(3, 8))
def test_removing_pages_below_the_limit_unlearns(limit: int) -> None:
    pages = make_site(SITE, 10, 10, CONSENT)
    kept = look(pages[:limit], site_contexts=limit)
    assert learned(kept) == {(SITE, plain(CONSENT))}
    fewer = look(pages[: limit - 1], site_contexts=limit)
    assert fewer.boilerplate == []
    assert kinds(fewer) == {"quote": (limit - 1) * (limit - 2) // 2}


@pytest.mark.parametrize("limit", [2, 3, 5])
@pytest.mark.parametrize("days", range(1, 7))
def test_furniture_is_learned_from_so_many_days_on(days: int, limit: int) -> None:
    result = look(make_site(SITE, 8, days, CONSENT), site_days=limit)
    assert learned(result) == ({(SITE, plain(CONSENT))} if days >= limit else set())


@pytest.mark.parametrize(("sites", "days"), [(5, 5), (8, 5), (5, 20)])
def test_a_text_of_many_sites_needs_six_pages_and_six_days(sites: int, days: int) -> None:
    result = look(make_global(sites, days), global_contexts=6, global_days=6)
    assert result.boilerplate == []
    assert kinds(result) == {"quote": sites * (sites - 1) // 2}
    assert learned(look(make_global(6, 6), global_contexts=6, global_days=6)) == {
        ("", plain(MANAGER))
    }


def test_twenty_pages_are_needed_where_the_text_is_a_larger_part() -> None:
    for sites, is_learned in ((19, False), (20, True)):
        pages = [
            make_page(f"p{n:02}", f"s{n}.example", n, make_words(("short", n), 100), MANAGER)
            for n in range(sites)
        ]
        result = look(pages, global_heavy_contexts=20, global_heavy_days=7)
        assert learned(result) == ({("", plain(MANAGER))} if is_learned else set())


@pytest.mark.parametrize(("others", "is_learned"), [(0, True), (72, True), (73, False)])
def test_what_a_tenth_of_a_site_has_is_learned_on_fewer_days(others: int, is_learned: bool) -> None:
    pages = [
        make_page(f"p{n}", SITE, n % 4, CONSENT, make_words(("short", n), 60)) for n in range(8)
    ]
    pages += [make_page(f"q{n}", SITE, n % 4, make_words(("other", n), 60)) for n in range(others)]
    result = look(pages, frequent_share=0.1, site_heavy_contexts=8, site_heavy_days=5)
    assert learned(result) == ({(SITE, plain(CONSENT))} if is_learned else set())
    assert kinds(result) == ({} if is_learned else {"overlap": 28})


# -- learned is as good as given -----------------------------------------------------------------


def as_given(result: Result) -> Given:
    return Given(texts=[run.text for run in result.boilerplate])


@pytest.mark.parametrize("seed", range(4))
def test_learned_runs_give_the_kinds_they_would_give_when_given(seed: int) -> None:
    statement = make_words(("statement", seed), 40)
    pages = make_site(SITE, 9, 9, CONSENT, seed=seed)
    pages += [
        make_page(f"copy{n}", SITE, n, make_noisy(make_words("copied", 150), 0.05, n), CONSENT)
        for n in range(4)
    ]
    pages += [
        make_page(f"said{n}", SITE, 1, make_article(("said", seed, n)), statement, CONSENT)
        for n in range(4)
    ]
    found = look(pages)
    told = look(pages, as_given(found), learn=False)
    assert related(found) == related(told)
    assert found.relations == told.relations
    assert found.quotes == told.quotes
    assert {"near-duplicate", "quote"} == set(kinds(found))


def test_texts_learned_for_all_sites_give_the_kinds_they_would_give_when_given() -> None:
    pages = make_global(12, 12)
    found = look(pages)
    assert learned(found) == {("", plain(MANAGER))}
    assert related(found) == related(look(pages, as_given(found), learn=False)) == {}


# -- half of an article --------------------------------------------------------------------------


def test_what_is_four_fifths_of_an_article_is_not_masked_for_all_sites() -> None:
    stubs = [
        make_page(f"stub{n}", f"t{n}.example", 3, MANAGER, make_words(("stub", n), 10))
        for n in range(2)
    ]
    result = look(make_global(12, 12) + stubs)
    assert learned(result) == {("", plain(MANAGER))}
    assert related(result) == {("stub0", "stub1"): "overlap"}
    assert [run.articles for run in result.boilerplate] == [12]


def test_what_is_three_tenths_of_an_article_is_masked_for_all_sites() -> None:
    stubs = [
        make_page(f"stub{n}", f"t{n}.example", 3, MANAGER, make_words(("stub", n), 95))
        for n in range(2)
    ]
    result = look(make_global(12, 12) + stubs)
    assert learned(result) == {("", plain(MANAGER))}
    assert related(result) == {}
    assert [run.articles for run in result.boilerplate] == [14]


def test_what_is_most_of_an_article_is_masked_by_the_rule_of_its_site() -> None:
    stubs = [make_page(f"stub{n}", SITE, 3, CONSENT, make_words(("stub", n), 20)) for n in range(2)]
    result = look(make_site(SITE, 10, 10, CONSENT) + stubs)
    assert (SITE, plain(CONSENT)) in learned(result)
    assert related(result) == {}


# -- cost ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("furniture", [CONSENT, make_words("large", 150)])
def test_furniture_on_all_pages_makes_no_candidates(furniture: Words) -> None:
    pages = [
        page
        for s in range(3)
        for page in make_site(f"s{s}.example", 100, 20, [*make_words(("own", s), 10), *furniture])
    ]
    with_learning, without = look(pages), look(pages, learn=False)
    assert with_learning.counts.candidates < 20 * len(pages) < without.counts.candidates
    assert kinds(with_learning) == {}
