"""Texts and ids that lie packed: what comes back, and in which order ids are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.packed import Ids, Packed, sort_entries
from dedup.shelf import Column, MemoryShelf


def packed(entries: list[bytes]) -> Packed:
    shelf = MemoryShelf({"data": Column("u1")})
    for entry in entries:
        shelf.append("data", entry)
    return Packed(shelf, "data", np.cumsum([0, *map(len, entries)]).astype(np.int64))


entries_of = st.lists(st.binary(max_size=12), max_size=8)


@given(entries_of, st.data())
def test_entries_come_back_one_by_one_and_many_at_once(
    entries: list[bytes], data: st.DataObject
) -> None:
    texts = packed(entries)
    assert list(texts) == entries
    assert texts[1:3] == entries[1:3]
    rows = data.draw(st.lists(st.integers(0, len(entries) - 1)) if entries else st.just([]))
    whole, offsets = texts.take(np.array(rows, np.int64))
    assert [whole[b:e] for b, e in pairwise(offsets)] == [entries[n] for n in rows]
    assert texts.sizes(np.array(rows, np.int64)).tolist() == [len(entries[n]) for n in rows]


def test_a_place_behind_the_end_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        packed([b"one"])[1]
    assert packed([b"one"])[-1] == b"one"


@given(st.lists(st.text(max_size=5), min_size=1), st.data())
def test_ids_are_what_they_were_but_for_new_names(names: list[str], data: st.DataObject) -> None:
    new = data.draw(st.dictionaries(st.integers(0, len(names) - 1), st.text(max_size=3)))
    ids = Ids(packed([name.encode("utf-8", "surrogatepass") for name in names]), new)
    wanted = [new.get(n, name) for n, name in enumerate(names)]
    assert list(ids) == wanted
    rows = data.draw(st.lists(st.integers(0, len(names) - 1)))
    assert ids.take(np.array(rows, np.int64)) == [wanted[n] for n in rows]


#: Few letters, NUL among them, and lengths around the eight bytes that are looked at together.
_alike = st.text("\0ab", max_size=20) | st.text("a", min_size=7, max_size=17)


@given(st.lists(_alike | st.text(max_size=3)))
def test_ids_are_sorted_as_strings_are(names: list[str]) -> None:
    entries = [name.encode("utf-8", "surrogatepass") for name in names]
    data = np.frombuffer(b"".join(entries), np.uint8)
    order, same = sort_entries(data, np.cumsum([0, *map(len, entries)]).astype(np.int64))
    # Code points, not the two halves of UTF-16: that is how Python compares, too.
    assert order.tolist() == sorted(range(len(names)), key=names.__getitem__)
    ordered = [names[n] for n in order.tolist()]
    assert same.tolist() == [a == b for a, b in pairwise(ordered)]
