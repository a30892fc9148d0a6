"""The filter: what a scan that keeps the first would remove, one article after the other."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import Article, Given, Settings, scan
from dedup.filtering import Filter, FilteredFeed
from dedup.records import Record, Removal
from tests.report.making import EDITED, OTHER, SLICE, TEXT, line
from tests.strategies import corpora, make_text, make_words


def record(id_: str, text: str) -> Record:
    return Record(id_, text.encode(), None, "", b"", id_)


def decide(
    articles: Sequence[tuple[str, str]], cuts: Sequence[int] = (), **options: object
) -> list[Removal | None]:
    filter_ = Filter(**options)  # type: ignore[arg-type]
    found: list[Removal | None] = []
    for begin, end in zip([0, *cuts], [*cuts, len(articles)], strict=True):
        found += filter_.decide([record(*article) for article in articles[begin:end]])
    return found


def gone(articles: Sequence[tuple[str, str]], **options: object) -> list[str]:
    found = decide(articles, **options)  # type: ignore[arg-type]
    return [id_ for (id_, _), removal in zip(articles, found, strict=True) if removal]


FEED = [("a", TEXT), ("b", TEXT.upper()), ("c", EDITED), ("d", SLICE), ("e", OTHER)]


@pytest.mark.parametrize(
    ("remove", "expected"),
    [("identical", ["b"]), ("near-duplicate", ["b", "c"]), ("excerpt", ["b", "c", "d"])],
)
def test_what_goes_is_said_by_the_setting(remove: str, expected: list[str]) -> None:
    assert gone(FEED, settings=Settings(remove=remove)) == expected


def test_a_removal_names_kind_keeper_and_numbers_as_a_scan_does() -> None:
    mine = [removal for removal in decide(FEED) if removal]
    assert mine == scan(FEED, settings=Settings(keep="first", learn=False)).removals


@given(corpora(max_derived=9), st.lists(st.integers(0, 12), max_size=3))
@settings(deadline=None, max_examples=60)
def test_the_filter_removes_what_a_scan_that_keeps_the_first_removes(
    corpus: list[Article], cuts: list[int]
) -> None:
    articles = [(article.id, article.text) for article in corpus]
    at = sorted(min(cut, len(articles)) for cut in cuts)
    for remove in ("identical", "near-duplicate"):
        chosen = Settings(keep="first", learn=False, remove=remove)
        found = decide(articles, at, settings=chosen)
        removed = {removal.id for removal in scan(articles, settings=chosen).removals}
        assert {removal.id for removal in found if removal} == removed


@given(corpora(max_derived=9), st.lists(st.integers(0, 12), max_size=4), st.integers(1, 12))
@settings(deadline=None, max_examples=40)
def test_batches_threads_and_packing_change_nothing(
    corpus: list[Article], cuts: list[int], remember: int
) -> None:
    articles = [(article.id, article.text) for article in corpus]
    chosen = Settings(remove="excerpt", family=1, max_candidates=4, read_cap=3)
    at = sorted(min(cut, len(articles)) for cut in cuts)
    mine = decide(articles, at, settings=chosen, remember=remember, threads=2)
    single = list(range(1, len(articles)))
    assert mine == decide(articles, single, settings=chosen, remember=remember, threads=1)


def test_an_older_excerpt_of_a_newer_article_stays_and_so_does_the_newer_one() -> None:
    assert gone([("d", SLICE), ("a", TEXT)], settings=Settings(remove="excerpt")) == []


def test_what_is_out_of_reach_is_not_compared() -> None:
    others = [(f"o{n}", make_text(make_words(100 + n, 60))) for n in range(5)]
    feed = [("a", TEXT), *others, ("again", TEXT)]
    assert gone(feed, remember=6) == ["again"]
    assert gone(feed, remember=5) == []


def test_memory_holds_what_is_in_reach_and_no_more() -> None:
    filter_ = Filter(remember=8)
    for n in range(100):
        filter_.decide([record(str(n), make_text(make_words(n, 40)))])
        assert filter_.remembered <= 8 + 8 // 4 + 1


def test_a_copy_that_is_removed_takes_no_room_for_its_text() -> None:
    filter_ = Filter()
    filter_.decide([record(str(n), TEXT) for n in range(50)])
    assert filter_.remembered == 1


def test_lose_nothing_keeps_what_has_words_of_its_own() -> None:
    longer = TEXT + " Dazu kommen am Ende noch einige ganz eigene Worte."
    feed = [("a", TEXT), ("b", longer), ("c", TEXT.upper())]
    assert gone(feed) == ["b", "c"]
    assert gone(feed, settings=Settings(most_lost=0.0)) == ["c"]


def test_given_boilerplate_does_not_count() -> None:
    banner = make_text(make_words(77, 120))
    pages = [(f"p{n}", make_text(make_words(200 + n, 20)) + " " + banner) for n in range(3)]
    assert gone(pages) == ["p1", "p2"]
    assert gone(pages, given=Given(texts=[banner])) == []
    assert gone([*pages, ("q", pages[0][1])], given=Given(texts=[banner])) == ["q"]


def test_a_crowd_of_one_kind_goes_to_the_first_whatever_the_batch() -> None:
    words = make_words(9, 200)
    versions = []
    for n in range(150):
        edited = list(words)
        edited[n % 200] = f"neu{n}"
        versions.append((f"v{n:03}", make_text(edited)))
    for cuts in ([], [1], [70, 71]):
        found = decide(versions, cuts)
        assert found[0] is None
        assert {removal.keeper for removal in found[1:] if removal} == {"v000"}
        assert None not in found[1:]


def test_articles_without_words_are_kept_and_ids_may_be_anything() -> None:
    assert gone([("a", "..."), ("b", "..."), ("c", "!")]) == []
    (_, removal) = decide([("\0x\ud800", TEXT), ("", TEXT)])
    assert removal
    assert removal.keeper == "\0x\ud800"


def test_the_lines_of_a_feed_come_with_their_removals() -> None:
    rows = [line(TEXT, id="a"), b"broken", b"", line(TEXT, id="b"), line(OTHER, id="c")]
    data = b"\r\n".join(rows)
    batches = FilteredFeed(io.BytesIO(data), None, Filter())
    found = [one for batch in batches for one in batch]
    assert b"".join(one.raw for one in found) == data
    assert [one.removal.id for one in found if one.removal] == ["b"]
