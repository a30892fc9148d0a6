"""What stands between boilerplate is boilerplate when it was seen twice."""

from __future__ import annotations

import pytest

from tests.mask.making import (
    Page,
    Words,
    kinds,
    learned,
    look,
    make_page,
    make_words,
    masked_words,
    plain,
    related,
)

SITE, OTHER = "daily.example", "weekly.example"
CONSENT, FOOTER = make_words("consent", 36), make_words("footer", 36)


def make_pages(part: Words, count: int = 2, *, length: int = 300) -> list[Page]:
    """A site whose furniture is known, and pages with a part between its two texts."""
    known = [
        make_page(f"k{n:02}", SITE, n, make_words(("known", n), 200), CONSENT,
                  make_words(("more", n), 100), FOOTER)
        for n in range(10)
    ]  # fmt: skip
    pages = [
        make_page(f"p{n}", SITE, 3, make_words(("own", n), length), CONSENT, part, FOOTER)
        for n in range(count)
    ]
    return known + pages


# -- seen on two pages ---------------------------------------------------------------------------


@pytest.mark.parametrize("length", [14, 20, 26])
def test_what_two_pages_have_between_furniture_is_furniture(length: int) -> None:
    part = make_words("part", length)
    result = look(make_pages(part))
    assert (SITE, plain(part)) in learned(result) or set(part) <= masked_words(result)
    assert kinds(result) == {}


def test_two_pages_are_not_enough_where_other_text_is_near() -> None:
    part = make_words("part", 60)
    result = look(make_pages(part))
    assert not set(part) & masked_words(result)
    assert related(result) == {("p0", "p1"): "quote"}


def test_the_rule_can_be_turned_off() -> None:
    part = make_words("part", 20)
    result = look(make_pages(part), between_words=0)
    assert learned(result) == {(SITE, plain(CONSENT)), (SITE, plain(FOOTER))}
    assert related(result) == {("p0", "p1"): "quote"}


def test_versions_of_one_article_do_not_make_their_text_furniture() -> None:
    story = make_words("story", 150)
    pages = make_pages(make_words("part", 20), 0)
    pages += [make_page(f"v{n}", SITE, n, CONSENT, story[: 110 + 20 * n], FOOTER) for n in range(3)]
    result = look(pages)
    assert not set(story) & masked_words(result)
    assert {related(result)["v0", "v1"], related(result)["v1", "v2"]} == {"near-duplicate"}
