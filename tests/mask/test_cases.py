"""Furniture is masked and copy is not: the cases of docs/method.md, from scan to relations."""

from __future__ import annotations

import random
from collections import Counter
from random import Random

import pytest

import dedup
from dedup import Result
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
    with_inside,
)

SITE = "daily.example"
CONSENT = make_words("consent", 36)


def assert_nothing_found(result: Result) -> None:
    assert (result.relations, result.quotes, result.groups, result.removals) == ([], [], [], [])
    assert kinds(result) == Counter()


# -- furniture of one site -----------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_a_consent_sentence_of_a_site_is_masked_and_relates_nothing(seed: int) -> None:
    result = look(make_site(SITE, 30, 30, CONSENT, seed=seed))
    assert_nothing_found(result)
    assert (SITE, plain(CONSENT)) in learned(result)
    assert masked_words(result) == set(CONSENT)
    assert max(run.articles for run in result.boilerplate) == 30


def test_a_consent_sentence_on_three_pages_is_not_known_yet() -> None:
    result = look(make_site(SITE, 3, 3, CONSENT))
    assert result.boilerplate == []
    assert kinds(result) == {"quote": 3}


def test_a_consent_sentence_is_learned_from_the_fourth_page_on() -> None:
    result = look(make_site(SITE, 4, 4, CONSENT))
    assert_nothing_found(result)
    assert learned(result) == {(SITE, plain(CONSENT))}
    (run,) = result.boilerplate
    assert (run.contexts, run.days, run.sites, run.articles, run.masked) == (4, 4, 1, 4, True)


def test_many_pages_of_one_day_are_not_enough() -> None:
    result = look(make_site(SITE, 8, 1, CONSENT))
    assert result.boilerplate == []
    assert kinds(result) == {"quote": 28}


@pytest.mark.parametrize("seed", range(5))
def test_items_of_sixty_words_under_a_banner_of_three_hundred_are_no_copies(seed: int) -> None:
    banner = make_words(("banner", seed), 300)
    items = [make_words(("item", seed, n), 60) for n in range(20)]
    result = look(make_page(f"p{n:02}", SITE, n, banner, item) for n, item in enumerate(items))
    assert_nothing_found(result)
    assert masked_words(result) == set(banner)


def make_teasers(seed: int, shortest: int = 12) -> list[Page]:
    """Forty pages with five of thirty items below, each item on six pages or seven."""
    random = Random(f"deal {seed}")
    items = [make_words(("teaser", seed, n), random.randint(shortest, 20)) for n in range(30)]
    pages: list[Page] = []
    deck: list[int] = []
    for n in range(40):
        hand: list[int] = []
        while len(hand) < 5:
            deck = deck or random.sample(range(30), 30)
            at = next((i for i, card in enumerate(deck) if card not in hand), None)
            if at is None:
                deck += random.sample(range(30), 30)
            else:
                hand.append(deck.pop(at))
        random.shuffle(hand)
        parts = (items[card] for card in hand)
        pages.append(make_page(f"p{n:02}", SITE, n // 2, make_article(("read", seed, n)), *parts))
    return pages


@pytest.mark.parametrize(("shortest", "seed"), [(12, 0), (12, 1), (12, 2), (16, 0), (20, 5)])
def test_of_rotating_lists_nine_items_in_ten_are_masked_and_no_other_word(
    shortest: int, seed: int
) -> None:
    pages = make_teasers(seed, shortest)
    own = {word for n in range(40) for word in make_article(("read", seed, n))}
    items = {word for page in pages for word in plain(page["text"]).split()} - own
    masked = masked_words(look(pages))
    assert masked <= items
    assert len(masked) >= 0.9 * len(items)


@pytest.mark.parametrize("seed", range(3))
def test_a_sign_off_after_varying_words_relates_nothing(seed: int) -> None:
    sign_off = make_words(("sign-off", seed), 20)
    pages = [
        make_page(
            f"p{n:02}", SITE, n, make_article((seed, n)), make_words(("by", seed, n), 3) + sign_off
        )
        for n in range(12)
    ]
    assert_nothing_found(look(pages))


@pytest.mark.parametrize("slot", [3, 10, 15, 20])
def test_a_sentence_with_a_slot_relates_nothing(slot: int) -> None:
    template = make_words("template", 30)
    pages = []
    for n in range(12):
        sentence = [*template[:slot], *make_words(("slot", n), 1), *template[slot + 1 :]]
        pages.append(
            make_page(f"p{n:02}", SITE, n, *with_inside(make_article(("s", n)), sentence, n))
        )
    assert_nothing_found(look(pages))


def test_a_page_with_the_banner_of_another_site_is_not_related_through_it() -> None:
    pages = make_site(SITE, 4, 4, CONSENT)
    stranger = make_page("stranger", "other.example", 2, make_article("stranger"), CONSENT)
    result = look([*pages, stranger])
    assert {run.site for run in result.boilerplate} == {SITE}
    assert_nothing_found(result)


def test_two_strangers_with_the_banner_of_another_site_are_still_related() -> None:
    pages = make_site(SITE, 4, 4, CONSENT)
    strangers = [
        make_page(f"stranger{n}", f"{n}.example", 2, make_article(("stranger", n)), CONSENT)
        for n in range(2)
    ]
    result = look([*pages, *strangers])
    assert related(result) == {("stranger0", "stranger1"): "quote"}


def test_copies_that_are_nothing_but_banner_are_identical_all_the_same() -> None:
    pages = make_site(SITE, 10, 10, CONSENT)
    walls = [make_page(f"wall{n}", SITE, 3 + n, CONSENT) for n in range(2)]
    result = look([*pages, *walls])
    assert masked_words(result) == set(CONSENT)
    assert related(result) == {("wall0", "wall1"): "identical"}
    assert [removal.id for removal in result.removals] == ["wall1"]


# -- copy on many sites --------------------------------------------------------------------------

DISPATCH = make_words("dispatch", 250)


def make_dispatches(sites: int, other_pages: int) -> list[Page]:
    """One text on each site within two days, and other pages with the same header and footer."""
    pages = []
    for s in range(sites):
        site, length = f"s{s:03}.example", Random(s).randint(10, 15)
        head, foot = make_words(("head", s), length), make_words(("foot", s), 25 - length)
        pages.append(make_page(f"copy{s:03}", site, 4 + s % 2, head, DISPATCH, foot))
        pages += [
            make_page(f"other{s:03}/{n}", site, n, head, make_article(("other", s, n)), foot)
            for n in range(other_pages)
        ]
    return pages


def assert_one_group(result: Result, copies: int) -> None:
    (group,) = result.groups
    assert len(group.members) == copies - 1
    assert {member.kind for member in group.members} == {"near-duplicate"}
    assert len(result.removals) == copies - 1
    assert all(removal.id.startswith("copy") for removal in result.removals)


def test_a_dispatch_on_a_hundred_sites_is_one_group() -> None:
    result = look(make_dispatches(100, 0))
    assert result.boilerplate == []
    assert_one_group(result, 100)
    assert set(kinds(result)) == {"near-duplicate"}


def test_a_dispatch_stays_one_group_where_headers_and_footers_are_known() -> None:
    result = look(make_dispatches(40, 8))
    assert not masked_words(result) & set(DISPATCH)
    assert_one_group(result, 40)
    assert set(kinds(result)) == {"near-duplicate"}


@pytest.mark.parametrize(("length", "kind"), [(90, "overlap"), (50, "quote")])
def test_a_passage_in_forty_articles_of_forty_sites_is_found(length: int, kind: str) -> None:
    passage = make_words("passage", length)
    pages = [
        make_page(
            f"p{n:02}", f"s{n}.example", n % (3 if length == 90 else 2),
            *with_inside(make_article(("agency", n), 240, 310), passage, n),
        )
        for n in range(40)
    ]  # fmt: skip
    result = look(pages)
    assert result.boilerplate == []
    assert kinds(result) == {kind: 780}
    assert result.groups == []


@pytest.mark.parametrize("seed", range(3))
def test_a_consent_text_of_many_sites_is_masked_on_all(seed: int) -> None:
    consent = make_words(("manager", seed), 60)
    pages = [
        make_page(
            f"p{n:02}", f"s{n}.example", n * 28 // 40,
            *with_inside(make_article(("cm", seed, n)), consent, (seed, n)),
        )
        for n in range(40)
    ]  # fmt: skip
    result = look(pages)
    assert_nothing_found(result)
    assert learned(result) == {("", plain(consent))}
    assert max(run.articles for run in result.boilerplate) == 40


@pytest.mark.parametrize("seed", range(3))
def test_a_footer_of_a_publisher_with_six_sites_is_masked_on_all(seed: int) -> None:
    footer = make_words(("footer", seed), 40)
    pages = [
        make_page(f"p{n:02}", f"s{n % 6}.example", n, make_article(("pub", seed, n)), footer)
        for n in range(12)
    ]
    result = look(pages)
    assert_nothing_found(result)
    assert learned(result) == {("", plain(footer))}
    assert max(run.articles for run in result.boilerplate) == 12


# -- versions of one article ---------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 3])
def test_a_growing_live_ticker_is_kept_as_it_is(days: int) -> None:
    entries = [make_words(("entry", n), 40) for n in range(10)]
    result = look(
        make_page(f"v{n}", SITE, n * days // 10, *reversed(entries[: n + 1])) for n in range(10)
    )
    assert result.boilerplate == []
    wanted = {
        (f"v{n}", f"v{m}"): "near-duplicate" if (n + 1) / (m + 1) >= 0.7 else "excerpt"
        for m in range(10)
        for n in range(m)
    }
    assert related(result) == wanted


@pytest.mark.parametrize("length", [25, 30, 60])
@pytest.mark.parametrize("days", [1, 3, 10])
def test_a_sliding_live_ticker_is_kept_as_it_is(days: int, length: int) -> None:
    entries = [make_words(("entry", n), length) for n in range(14)]
    result = look(
        make_page(f"v{n}", SITE, n * days // 10, *reversed(entries[n : n + 5])) for n in range(10)
    )
    assert result.boilerplate == []
    assert related(result) == {
        (f"v{n}", f"v{m}"): "quote" if n == m - 4 else "overlap"
        for m in range(10)
        for n in range(max(0, m - 4), m)
    }


@pytest.mark.parametrize("days", [1, 3, 12])
def test_a_sliding_live_ticker_with_many_entries_is_kept_as_it_is(days: int) -> None:
    entries = [make_words(("many", n), 30) for n in range(24)]
    result = look(
        make_page(f"v{n:02}", SITE, n * days // 14, *reversed(entries[n : n + 10]))
        for n in range(14)
    )
    assert result.boilerplate == []
    assert kinds(result).total() == sum(m - n < 10 for m in range(14) for n in range(m))


def assert_all_copies(result: Result, copies: int) -> None:
    assert result.boilerplate == []
    assert set(kinds(result)) == {"near-duplicate"}
    (group,) = result.groups
    assert len(group.members) == copies - 1


@pytest.mark.parametrize("seed", range(3))
def test_noisy_copies_on_one_site_stay_copies(seed: int) -> None:
    words = make_words(("noisy", seed), 300)
    result = look(
        make_page(f"v{n:02}", SITE, n, make_noisy(words, 0.05, (seed, n))) for n in range(12)
    )
    assert_all_copies(result, 12)


@pytest.mark.parametrize("length", [200, 300, 400])
def test_copies_under_other_headlines_on_one_site_stay_copies(length: int) -> None:
    words = make_words(("below", length), length)
    result = look(
        make_page(f"v{n:02}", SITE, n, make_words(("headline", length, n), 10), words)
        for n in range(12)
    )
    assert_all_copies(result, 12)


# -- what is not known ---------------------------------------------------------------------------


def without(pages: list[Page], name: str) -> list[Page]:
    return [{key: value for key, value in page.items() if key != name} for page in pages]


def test_without_sites_nothing_of_a_site_is_learned() -> None:
    result = look(without(make_site(SITE, 5, 5, CONSENT), "site"))
    assert result.boilerplate == []
    assert result.counts.without_site == 5
    assert kinds(result) == {"quote": 10}


def test_without_sites_only_what_holds_everywhere_is_learned() -> None:
    result = look(without(make_site(SITE, 12, 12, CONSENT), "site"))
    assert result.counts.without_site == 12
    assert {run.site for run in result.boilerplate} == {""}


def test_articles_of_no_known_site_are_counted() -> None:
    pages = make_site(SITE, 4, 4, CONSENT)
    assert look(pages).counts.without_site == 0
    assert look(pages[:3] + without(pages[3:], "site")).counts.without_site == 1


@pytest.mark.parametrize(("pages", "is_learned"), [(4, False), (7, False), (8, True), (20, True)])
def test_without_dates_eight_pages_are_needed(pages: int, is_learned: bool) -> None:
    result = look(without(make_site(SITE, pages, 5, CONSENT), "date"))
    assert learned(result) == ({(SITE, plain(CONSENT))} if is_learned else set())
    assert kinds(result) == ({} if is_learned else {"quote": pages * (pages - 1) // 2})


def test_without_dates_nothing_is_learned_for_all_sites() -> None:
    pages = [page for n in range(40) for page in make_site(f"s{n}.example", 1, 1, CONSENT)]
    result = look(without(pages, "date"))
    assert result.boilerplate == []
    assert kinds(result) == {"quote": 780}


def test_without_sites_and_dates_nothing_is_guessed() -> None:
    pages: list[Page] = without(without(make_site(SITE, 30, 30, CONSENT), "date"), "site")
    result = look(pages)
    assert result.boilerplate == []
    assert kinds(result) == {"quote": 435}
    assert Words(result.kept) == [page["id"] for page in pages]


# -- scripts without spaces ----------------------------------------------------------------------

SCRIPTS = {
    "kana": "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりる",
    "thai": "กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    "han": "".join(chr(0x4E00 + 7 * n) for n in range(400)),
}


def characters(script: str, count: int, seed: int) -> str:
    rng = random.Random(f"{script} {seed}")
    return "".join(rng.choice(SCRIPTS[script]) for _ in range(count))


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("count", [200, 400, 800])
def test_copies_under_other_headlines_stay_copies_in_scripts_without_spaces(
    script: str, count: int
) -> None:
    text = characters(script, count, 0)
    pages = [
        {
            "id": f"{n:02}",
            "text": f"{characters(script, 24, n + 1)}。{text}",
            "date": f"2031-05-{n + 1:02}",
            "site": "s.example",
        }
        for n in range(12)
    ]
    result = dedup.scan(pages)
    assert result.boilerplate == []
    assert result.counts.kept == 1


@pytest.mark.parametrize("script", SCRIPTS)
def test_noisy_copies_stay_copies_in_scripts_without_spaces(script: str) -> None:
    text = characters(script, 600, 0)
    rng = random.Random(1)
    pages = []
    for n in range(12):
        noisy = "".join(rng.choice(SCRIPTS[script]) if rng.random() < 0.01 else c for c in text)
        date = f"2031-05-{n + 1:02}"
        pages.append({"id": f"{n:02}", "text": noisy, "date": date, "site": "s.example"})
    result = dedup.scan(pages)
    assert result.boilerplate == []
    assert result.counts.kept == 1
