"""The kernels of an index, compiled and pure alike: packing, looking up, ranking."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import core
from dedup.core import PackedPostings, _native, pure

I64 = np.int64
PACKED = (np.uint8, np.uint64, np.uint64, np.uint32, np.uint8, np.uint8)
HELD = (I64, np.uint32, np.uint64, None, None)
BEST = (I64, np.uint32, np.uint8)
#: Few different keys, so that some are held by many; and the ends of their range.
KEYS = st.integers(0, 30) | st.sampled_from([2**63, 2**64 - 2, 2**64 - 1]) | st.integers(0, 2**48)
ARTICLES = st.integers(0, 40) | st.sampled_from([2**32 - 1, 2**31])
POSTINGS = st.sets(st.tuples(KEYS, ARTICLES), max_size=60).map(sorted)


def as_list(value: Any, dtype: Any) -> Any:
    if dtype is None:
        return value
    return np.frombuffer(value, dtype).tolist() if len(memoryview(value)) else []


def outcome(module: Any, kernel: str, dtypes: Any, *args: Any) -> Any:
    """All values a kernel gives, or the error it raises."""
    try:
        values = getattr(module, kernel)(*args)
    except ValueError as error:
        return str(error)
    if values is None:
        return None
    return [as_list(*pair) for pair in zip(values, dtypes, strict=True)]


def assert_alike(kernel: str, dtypes: Any, *args: Any) -> Any:
    native = outcome(_native, kernel, dtypes, *args)
    assert native == outcome(pure, kernel, dtypes, *args)
    return native


def columns(postings: list[tuple[int, int]]) -> tuple[Any, Any]:
    return (
        np.array([key for key, _ in postings], np.uint64),
        np.array([article for _, article in postings], np.uint32),
    )


def packed(postings: list[tuple[int, int]], block: int) -> PackedPostings:
    blocks = core.pack_postings(*columns(postings), block)
    data = bytes(5) + blocks.data.tobytes() + bytes(9)
    return core.open_postings(data, 5, *blocks[1:], block, len(postings))


def fresh(segment: PackedPostings) -> tuple[Any, ...]:
    """The segment, none of whose blocks has been checked."""
    return tuple(segment._replace(checked=bytearray(len(segment.checked))))


@given(POSTINGS, st.integers(0, 7))
@settings(deadline=None)
def test_packed_postings_are_the_same_and_come_back(
    postings: list[tuple[int, int]], block: int
) -> None:
    native = assert_alike("pack_postings", PACKED, *columns(postings), block)
    if not block:
        assert native == "a block must hold a posting at least"
        return
    segment = packed(postings, block)
    for first in range(len(segment.fences) + 1):
        for end in range(len(segment.fences) + 2):
            dtypes = (np.uint64, np.uint32, None)
            found = assert_alike("unpack_postings", dtypes, fresh(segment), first, end)
            if first <= end <= len(segment.fences):
                assert list(zip(*found[:2], strict=True)) == postings[first * block : end * block]


@given(
    st.lists(st.tuples(POSTINGS, st.integers(1, 5)), max_size=3),
    st.lists(POSTINGS, max_size=2),
    st.lists(KEYS, max_size=12),
    st.integers(0, 4),
    st.booleans(),
    st.sets(ARTICLES, max_size=5).map(sorted),
)
@settings(deadline=None)
def test_holders_are_the_same_and_those_of_a_dictionary(
    segments: list[tuple[list[tuple[int, int]], int]], parts: list[list[tuple[int, int]]],
    keys: list[int], most: int, newest: bool, gone: list[int],
) -> None:  # fmt: skip
    closed = [packed(*one) for one in segments]
    asked = np.array(keys, np.uint64), most, newest, np.array(gone, np.uint32)
    found = assert_alike(
        "look_up", HELD, [fresh(one) for one in closed], [columns(part) for part in parts], *asked
    )
    if not most:
        assert found == "one holder at least must be asked for"
        return
    sources = [*(postings for postings, _ in segments), *parts]
    offsets, articles, totals, segment, _ = found
    assert segment == -1
    for n, key in enumerate(keys):
        held = [[a for k, a in source if k == key] for source in sources]
        assert totals[n] == sum(map(len, held))
        alive = [[a for a in some if a not in gone] for some in held]
        read = [some[-most:] if newest else some[:most] for some in alive]
        assert articles[offsets[n] : offsets[n + 1]] == sorted(chain.from_iterable(read))


@given(POSTINGS.filter(bool), st.integers(1, 5), st.data())
@settings(deadline=None)
def test_a_changed_block_is_named_by_whoever_needs_it(
    postings: list[tuple[int, int]], block: int, data: st.DataObject
) -> None:
    segment = packed(postings, block)
    size = int(segment.begins[-1]) - 5
    if not size:
        return
    place = data.draw(st.integers(5, 4 + size))
    changed = bytearray(segment.data)
    changed[place] ^= 1 << data.draw(st.integers(0, 7))
    broken = segment._replace(data=bytes(changed))
    number = int(np.searchsorted(segment.begins, place, "right")) - 1
    every = [fresh(broken), 0, len(segment.fences)]
    found = assert_alike("unpack_postings", (np.uint64, np.uint32, None), *every)
    assert found[2] == number
    keys = np.array(sorted({key for key, _ in postings[number * block :][:block]}), np.uint64)
    none = np.zeros(0, np.uint32)
    whole, *_ = assert_alike("look_up", HELD, [fresh(segment)], [], keys, 10**6, False, none)
    assert whole[-1] >= len(keys)
    *_, at, what = assert_alike(
        "look_up", HELD, [fresh(segment), fresh(broken)], [], keys, 10**6, False, none
    )
    assert (at, what) == (1, number)


@given(
    st.lists(st.tuples(st.lists(st.integers(1, 30), max_size=8), st.integers(0, 90)), max_size=12),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2**62)), max_size=3),
    st.integers(0, 2**64 - 1),
    st.tuples(st.integers(-1, 5), st.integers(0, 5), st.integers(0, 3)),
)
@settings(deadline=None)
def test_the_best_holders_are_the_same(
    held: list[tuple[list[int], int]], asking: list[tuple[int, int]], bits: int,
    bounds: tuple[int, int, int],
) -> None:  # fmt: skip
    lists = [sorted(set(some)) for some, _ in held]
    offsets = np.cumsum([0, *map(len, lists)]).astype(I64)
    articles = np.array(list(chain.from_iterable(lists)), np.uint32)
    allowed = np.array([bits >> n % 64 & 1 for n in range(len(articles))], np.uint8)
    starts = np.cumsum([0, *(n for n, _ in asking)]).astype(I64)
    assert_alike(
        "best_holders", BEST, offsets, articles,
        np.array([total for _, total in held], np.uint64), allowed, starts,
        np.array([before for _, before in asking], np.uint64), *bounds,
    )  # fmt: skip


def test_of_the_holders_the_oldest_come_first_then_the_best() -> None:
    offsets = np.array([0, 4, 6, 7], I64)
    articles = np.array([1, 2, 3, 4, 3, 4, 4], np.uint32)
    held = core.Held(offsets, articles, np.array([4, 2, 1], np.uint64), -1, -1)
    best = core.best_holders(
        held, np.ones(7, np.uint8), np.array([0, 3], I64), np.array([100], np.uint64), 64, 3, 1
    )
    # The oldest is 1, whatever its score; of the others 4 shares most, then 3; 2 is one too many.
    assert best.articles.tolist() == [1, 4, 3]
    assert best.first.tolist() == [1, 1, 0]


def broken_segments() -> list[tuple[str, tuple[Any, ...]]]:
    segment = packed([(1, 1), (9, 5), (12, 3)], 2)
    return [
        ("the columns of a segment must have one length", tuple(segment._replace(postings=7))),
        ("a block must hold a posting at least", tuple(segment._replace(block=0))),
        ("nine bytes must follow the blocks", tuple(segment._replace(data=segment.data[:-1]))),
        ("keys must rise", tuple(segment._replace(fences=segment.fences[::-1].copy()))),
        (
            "a block has another size than its bits say",
            tuple(segment._replace(key_bits=segment.key_bits + np.uint8(8))),
        ),
        (
            "a block has another size than its bits say",
            tuple(segment._replace(article_bits=np.array([33, 33], np.uint8))),
        ),
    ]


@pytest.mark.parametrize(("message", "segment"), broken_segments())
def test_columns_that_do_not_fit_are_refused(message: str, segment: tuple[Any, ...]) -> None:
    assert assert_alike("check_postings", (), segment) == message


def test_what_is_no_posting_is_refused_alike() -> None:
    keys, articles = columns([(3, 1), (4, 1)])
    assert assert_alike("pack_postings", PACKED, keys[::-1].copy(), articles, 2) == "keys must rise"
    assert "one length" in assert_alike("pack_postings", PACKED, keys, articles[:1], 2)
    none = np.zeros(0, np.uint32)
    assert "list" in assert_alike("look_up", HELD, (), [], keys, 1, False, none)
    assert "one length" in assert_alike("look_up", HELD, [], [(keys, none)], keys, 1, False, none)
