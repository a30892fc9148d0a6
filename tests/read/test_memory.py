"""What a program hands in: any usual shape, each item accounted for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.errors import InputError
from dedup.read import Fields, Rejects, from_items
from dedup.records import Article, Record

DAY = 1706659200


def read(items: object, fields: Fields | None = None) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    return list(from_items(items, rejects, fields)), rejects


def test_strings_are_named_by_their_position() -> None:
    records, rejects = read(["one", "two"])
    assert records == [
        Record("0", b"one", None, "", b"", "<memory>:0"),
        Record("1", b"two", None, "", b"", "<memory>:1"),
    ]
    assert not rejects


def test_pairs_mappings_and_articles_may_be_mixed_and_come_from_a_generator() -> None:
    items = [
        ("a", "one"),
        [7, "two"],
        {"url": "https://www.b.org/x", "content": "three", "published": "2024-01-31"},
        Article("d", "four", DAY, "www.D.org"),
        Article("e", "five", "2024-01-31", None, "http://e.org"),
        {"text": "six"},
    ]
    records, rejects = read(item for item in items)
    assert not rejects
    assert [(r.id, r.text, r.date, r.site) for r in records] == [
        ("a", b"one", None, ""),
        ("7", b"two", None, ""),
        ("https://www.b.org/x", b"three", DAY, "b.org"),
        ("d", b"four", DAY, "d.org"),
        ("e", b"five", DAY, "e.org"),
        ("5", b"six", None, ""),
    ]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "not-an-article"),
        (5, "not-an-article"),
        (b"bytes", "not-an-article"),
        (("id", "text", "more"), "not-an-article"),
        ((), "not-an-article"),
        ("", "empty-text"),
        (" \n", "empty-text"),
        (("a", None), "no-text"),
        ({"text": 5}, "no-text"),
        ({}, "no-text"),
        (Article("a", ""), "empty-text"),
        (Article("a", None), "no-text"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_an_item_that_cannot_be_used_is_a_reject_with_its_position(
    item: object, reason: str
) -> None:
    records, rejects = read(["one", item, "three"])
    assert [record.id for record in records] == ["0", "2"]
    assert [(r.file, r.offset, r.reason) for r in rejects.entries] == [("<memory>", 1, reason)]


def test_lone_surrogates_pass_through() -> None:
    (record,), _ = read([("\ud800", "a\ud800")])
    assert record.id == "\\ud800"
    assert record.text == b"a\xed\xa0\x80"


@pytest.mark.parametrize("items", ["one text", b"bytes", {"a": "text"}, 5, None])
def test_a_single_text_and_a_dict_are_refused_at_once(items: Any) -> None:
    with pytest.raises(InputError, match="expected"):
        from_items(items, Rejects())


@given(st.lists(st.one_of(st.text(), st.none(), st.tuples(st.text(), st.text()), st.integers())))
def test_every_item_is_a_record_or_a_reject(items: Any) -> None:
    records, rejects = read(items)
    assert len(records) + len(rejects) == len(items)
