"""The kernels of keys and boilerplate, compiled and pure: same values, same errors."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.core import _native, pure, pure_keys
from tests.core.alike import as_list, assert_alike, outcome

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
HIGHEST = 2**64 - 1
Block = tuple[Any, Any, Any, Any, Any]
articles_with_keys = st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=20)


def block_of(keys: list[list[int]], *, spread: bool = True, hide: int = 0, first: int = 0) -> Block:
    """Keys of articles numbered from `first` on, some hidden, not from the first key on."""
    own = [[99], *keys]
    bounds = np.cumsum([0, *map(len, own)]).astype(np.int64)
    values = np.array([key for one in own for key in one], np.uint64)
    with np.errstate(over="ignore"):
        values = values * GOLDEN if spread else values
    hidden = (np.arange(len(values)) % hide == 0).astype(np.uint8) if hide else None
    numbers = np.arange(first, first + len(keys), dtype=np.uint32)
    return values, hidden, bounds[1:-1].copy(), bounds[2:].copy(), numbers


def noted(module: Any, blocks: list[Block], size: int) -> tuple[Any, Any]:
    table, hits = np.zeros(size, np.uint8), np.zeros(4096, np.uint64)
    for block in blocks:
        module.note_keys(block, table, hits)
    return table, hits


@given(articles_with_keys, st.booleans(), st.integers(0, 4), st.sampled_from([1, 3, 1024]))
def test_both_passes_over_keys_give_the_same(
    keys: list[list[int]], spread: bool, hide: int, size: int
) -> None:
    blocks = [
        block_of(keys[:7], spread=spread, hide=hide),
        block_of(keys[7:], spread=spread, hide=hide, first=7),
    ]
    table, hits = noted(_native, blocks, size)
    same_table, same_hits = noted(pure, blocks, size)
    assert table.tolist() == same_table.tolist()
    assert hits.tolist() == same_hits.tolist()
    for low, high in ((0, HIGHEST), (0, 2**63 - 1), (2**63, HIGHEST), (5, 5)):
        for block in blocks:
            assert_alike("pick_keys", block, table, low, high)


@given(articles_with_keys, st.integers(0, 4), st.sampled_from([1, 2, 1024, 4096]))
def test_no_shared_key_is_passed_over(keys: list[list[int]], hide: int, size: int) -> None:
    block = block_of(keys, hide=hide)
    table, _ = noted(_native, [block], size)
    picked = outcome(_native, "pick_keys", block, table, 0, HIGHEST)
    found = set(zip(*picked, strict=True))
    for key, holders in pure_keys.shared(pure_keys.keys_of(block)).items():
        assert {(key, article) for article in holders} <= found


@given(articles_with_keys, st.booleans(), st.sampled_from([1024, 2048]))
def test_hits_bound_the_records_of_every_range(
    keys: list[list[int]], spread: bool, size: int
) -> None:
    block = block_of(keys, spread=spread)
    table, hits = noted(_native, [block], size)
    for part in [*np.flatnonzero(hits).tolist(), 0, 4095]:
        bounds = part << 52, (part + 1 << 52) - 1
        picked, _ = outcome(_native, "pick_keys", block, table, *bounds)
        assert len(picked) <= 2 * hits[part]


def test_keys_in_their_own_slots_are_not_picked() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    keys = rng.integers(0, 2**64, 10_000, np.uint64).tolist()
    block = block_of([keys[:5000], keys[5000:]], spread=False)
    table, _ = noted(_native, [block], 20_480)
    picked, _ = outcome(_native, "pick_keys", block, table, 0, HIGHEST)
    assert len(picked) < len(keys) / 6


def records_of(block: Block) -> tuple[Any, Any]:
    found = list(pure_keys.keys_of(block))
    return np.array([key for key, _ in found], np.uint64), np.array(
        [article for _, article in found], np.uint32
    )


@given(articles_with_keys, st.booleans(), st.integers(0, 4), st.integers(1, 6), st.randoms())
def test_holders_and_groups_give_the_same(
    keys: list[list[int]], spread: bool, hide: int, read_cap: int, random: Any
) -> None:
    random.shuffle(order := list(range(len(keys))))
    block = (*block_of(keys, spread=spread, hide=hide)[:4], np.array(order, np.uint32))
    size = len(keys)
    held = assert_alike("holders", [block])
    groups = assert_alike("groups", [block], size, read_cap)
    records = records_of(block)
    assert assert_alike("holders", [records]) == held
    cut = len(records[0]) // 2
    parts = [tuple(column[:cut] for column in records), tuple(column[cut:] for column in records)]
    assert assert_alike("holders", parts) == held
    assert assert_alike("groups", parts, size, read_cap) == groups
    columns = np.array(held[1], np.int64), np.array(held[2], np.uint32)
    assert assert_alike("group_holders", *columns, size, read_cap) == groups
    for key, who in zip(held[0], pairwise(held[1]), strict=True):
        having = {a for k, a in zip(*records, strict=True) if k == key}
        assert held[2][slice(*who)] == sorted(having)
        assert len(having) > 1


@pytest.mark.parametrize("distinct", [1, 3, 60, 40_000])
@pytest.mark.parametrize("shift", [0, 40])
def test_many_holders_and_groups_give_the_same(distinct: int, shift: int) -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    choice = rng.integers(0, 2**64, distinct, np.uint64) >> np.uint64(shift)
    keys = choice[rng.integers(0, distinct, 40_000)]
    records = keys, np.arange(40_000, dtype=np.uint32) // 100
    assert_alike("holders", [records])
    assert_alike("groups", [records], 400, 9)


@given(
    st.lists(articles_with_keys, max_size=3),
    st.integers(1, 6),
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(0, 20),
)
def test_pairs_give_the_same(
    columns: list[list[list[int]]], read_cap: int, most: int, depth: int, cut: int
) -> None:
    size, cut = 20, min(cut, 20)
    dtypes = (np.uint32, np.uint32, np.uint32, None)
    parts = []
    for keys in columns:
        *found, _ = _native.groups([block_of(keys)], size, read_cap)
        parts.append(tuple(np.array(as_list(*x), np.uint32) for x in zip(found, dtypes)))  # noqa: B905
    whole = assert_alike("pairs", parts, 0, size, most, depth)
    halves = []
    for begin, end in ((0, cut), (cut, size)):
        some = [
            (stored, newer[mask], heads[mask])
            for stored, newer, heads in parts
            for mask in [(newer >= begin) & (newer < end)]
        ]
        halves.append(assert_alike("pairs", some, begin, end, most, depth))
    assert [a + b for a, b in zip(*halves, strict=True)] == whole


@given(st.integers(0, 6), st.integers(0, 9), st.integers(1, 9), st.integers(0, 30))
def test_band_keys_give_the_same(first: int, bands: int, rows: int, count: int) -> None:
    rng = np.random.Generator(np.random.PCG64(count))
    signatures = rng.integers(0, 3, (9, 32), np.uint16) * (rng.random((9, 1)) < 0.7)
    signatures = signatures.astype(np.uint16)
    which = rng.integers(0, 9, count)
    assert_alike("band_keys", signatures, 32, which, first, bands, rows)


@given(
    st.integers(0, 30),
    st.sampled_from([1, 2, 3]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from([0, 1, 3, 64]),
)
def test_band_groups_are_those_of_the_keys(
    articles: int, values: int, first: int, bands: int, most_bits: int
) -> None:
    rng = np.random.Generator(np.random.PCG64(articles))
    signatures = rng.integers(0, values, (9, 24), np.uint16) * (rng.random((9, 1)) < 0.8)
    signatures = signatures.astype(np.uint16)
    rows = rng.integers(-1, 9, articles)
    cut = 24, rows, first, bands, 4
    stored, newer, heads, common = assert_alike("band_groups", signatures, *cut, 3, most_bits)
    found = []
    for band in range(first, first + bands):
        slots = signatures[:, 4 * band : 4 * band + 4]
        keys: dict[bytes, list[int]] = {}
        for article, row in enumerate(rows.tolist()):
            if row >= 0 and signatures[row].any():
                keys.setdefault(slots[row].tobytes(), []).append(article)
        found += [who for who in keys.values() if len(who) > 1]
    assert sorted(newer) == newer == sorted(article for who in found for article in who[1:])
    heard = [(who[0], article) for who in found for article in who[1:]]
    assert sorted((stored[head + 2], a) for a, head in zip(newer, heads, strict=True)) == sorted(
        heard
    )
    assert common == sum(len(who) > 3 for who in found)


def test_many_band_groups_give_the_same() -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    signatures = rng.integers(0, 16, (40_000, 8), np.uint16)
    rows = rng.permutation(40_000)
    whole = assert_alike("band_groups", signatures, 8, rows, 0, 2, 4, 9, 64)
    assert whole[3] == 0
    assert len(whole[1]) > 10_000
    assert assert_alike("band_groups", signatures, 8, rows, 0, 2, 4, 9, 2) == whole


def test_band_keys_of_an_index_stay_as_they_are() -> None:
    signatures = (np.arange(16, dtype=np.uint16) * 4001).reshape(2, 8)
    keys, signed = assert_alike("band_keys", signatures, 8, np.array([0, 1]), 0, 2, 4)
    known = "a8686bb8cbda979a 64f52e0a9f2297aa 30f3525719cc70f4 2704a25f9c2dc52b"
    assert " ".join(f"{key:016x}" for key in keys) == known
    assert signed == [1, 1]


@given(st.data())
@settings(max_examples=80)
def test_marks_give_the_same(data: st.DataObject) -> None:
    values = st.integers(0, 25)
    prints = data.draw(st.lists(st.lists(values, max_size=14), max_size=6))
    factor = data.draw(st.sampled_from([1, 0x9E3779B97F4A7C15]))
    flat = np.array([pow(h * factor, 1, 2**64) for one in prints for h in one], np.uint64)
    steps = [
        data.draw(st.lists(st.integers(0, 20), min_size=len(o), max_size=len(o))) for o in prints
    ]
    positions = np.array([p for one in steps for p in np.cumsum(one).tolist()], np.uint32)
    offsets = np.cumsum([0, *map(len, prints)]).astype(np.int64)
    tokens = np.array([data.draw(st.integers(0, 200)) for _ in prints], np.uint32)
    known = [sorted(h * factor % 2**64 for h in data.draw(st.sets(values))) for _ in range(3)]
    flags = np.array([h for one in known for h in one], np.uint64)
    bounds = np.cumsum([0, *map(len, known)]).astype(np.int64)
    lists = np.array([data.draw(st.integers(0, 2)) for _ in prints], np.uint32)
    common = flat, positions, offsets, tokens, lists, flags, bounds, np.unique(flags)
    marks, spared, counts = assert_alike("mark", *common, 6, 7)
    owner = np.repeat(np.arange(len(prints)), np.diff(offsets))
    holders: dict[int, set[int]] = {}
    for value, article, marked in zip(flat.tolist(), owner.tolist(), marks, strict=True):
        if marked:
            holders.setdefault(value, set()).add(article)
    assert counts == [len(holders.get(value, ())) for value in np.unique(flags).tolist()]

    # Who holds what without the marks is who holds what is not marked.
    block = (
        flat,
        None,
        offsets[:-1].copy(),
        offsets[1:].copy(),
        np.arange(len(prints), dtype=np.uint32),
    )
    held = [
        np.array(column, dtype)
        for column, dtype in zip(
            outcome(_native, "holders", [block]), (np.uint64, np.int64, np.uint32), strict=True
        )
    ]
    left = assert_alike("leave_marked", *held, flags, bounds, lists, np.array(spared, np.uint8))
    hidden = (flat, np.array(marks, np.uint8), *block[2:])
    assert left == outcome(_native, "holders", [hidden])


@given(st.data(), st.booleans())
@settings(max_examples=80)
def test_learn_gives_the_same(data: st.DataObject, by_site: bool) -> None:
    words = st.integers(0, 3000).map(lambda n: f"w{n}")
    common = data.draw(st.lists(st.lists(words, min_size=8, max_size=25), min_size=1, max_size=3))
    texts = []
    for _ in range(data.draw(st.integers(2, 9))):
        text: list[str] = []
        for n in data.draw(st.lists(st.integers(0, len(common) - 1), max_size=3)):
            text += data.draw(st.lists(words, max_size=60)) + common[n]
        texts.append(" ".join(text))
    sketch = outcome(_native, "sketch", texts, 5, 16, 6, 7)
    sites, days = (
        np.array([data.draw(st.integers(-1, 2)) for _ in texts], np.int32) for _ in range(2)
    )
    offsets = np.array(sketch[4], np.int64)
    prints = np.array(sketch[5], np.uint64)
    columns = (
        prints, np.array(sketch[6], np.uint32), offsets[:-1].copy(), offsets[1:].copy(),
        np.array(sketch[2], np.uint32), np.array(sketch[3], np.uint32), sites, days,
    )  # fmt: skip
    block = prints, None, *columns[2:4], np.arange(len(texts), dtype=np.uint32)
    held = assert_alike("holders", [block])
    some = held[0][:: data.draw(st.integers(1, 3))]
    between = data.draw(st.sampled_from([0, 0, 10, 40]))
    rule = (3, 2, data.draw(st.integers(0, 3)), data.draw(st.integers(0, 3)), 1, 1, 0.2, between)
    known = [sorted(data.draw(st.sets(st.sampled_from(some), max_size=4)) if some else [])
             for _ in range(4)]  # fmt: skip
    flags = np.array([h for one in known for h in one], np.uint64)
    lists = np.cumsum([0, *map(len, known)]).astype(np.int64)
    numbers = (6, 7, 6, 4, data.draw(st.integers(2, 6)), 0.1, 0.3, 0.6, 0.8)
    holders = (
        np.array(held[0], np.uint64), np.array(held[1], np.int64), np.array(held[2], np.uint32)
    )  # fmt: skip
    found = assert_alike("learn", *columns, *holders, flags, lists, by_site, *rule, *numbers)
    places = (
        np.array(found[2], np.int64), np.array(found[3], np.uint32), np.array(found[4], np.uint32)
    )  # fmt: skip
    assert_alike("widen", texts, *places, 6)


def one(keys: int = 3, begin: int = 0, end: int = 3, hidden: int | None = None) -> Block:
    marks = None if hidden is None else np.zeros(hidden, np.uint8)
    bounds = np.array([begin]), np.array([end])
    return np.zeros(keys, np.uint64), marks, *bounds, np.zeros(1, np.uint32)


TABLE, HITS = np.zeros(4, np.uint8), np.zeros(4096, np.uint64)
NO64, NO32, AT = np.zeros(0, np.uint64), np.zeros(0, np.uint32), np.array([0, 2])
TWO = np.arange(2, dtype=np.uint32)
FLAGS = np.zeros(0, np.uint64), np.zeros(2, np.int64)


@pytest.mark.parametrize(
    ("kernel", "args"),
    [
        ("note_keys", (one(end=4), TABLE, HITS)),
        ("note_keys", (one(begin=-1), TABLE, HITS)),
        ("note_keys", (one(begin=2, end=1), TABLE, HITS)),
        ("note_keys", (one(hidden=2), TABLE, HITS)),
        ("note_keys", (one()[:4], TABLE, HITS)),
        ("note_keys", ((*one()[:4], TWO), TABLE, HITS)),
        ("note_keys", (one(), TABLE[:0], HITS)),
        ("note_keys", (one(), TABLE, HITS[:9])),
        ("pick_keys", (one(), TABLE[:0], 0, 9)),
        ("holders", (one(),)),
        ("holders", ([(NO64,)],)),
        ("holders", ([(NO64, TWO)],)),
        ("holders", ([(NO64, NO32), one()],)),
        ("groups", ([one()], 0, 4)),
        ("groups", ([(np.zeros(2, np.uint64), TWO)], 1, 4)),
        ("group_holders", (np.zeros(0, np.int64), TWO, 2, 4)),
        ("group_holders", (np.array([0, 2, 1]), TWO, 2, 4)),
        ("group_holders", (np.array([0, 3]), TWO, 2, 4)),
        ("group_holders", (np.array([0, 1]), TWO, 2, 4)),
        ("group_holders", (AT, TWO, 1, 4)),
        ("pairs", ((), 0, 2, 4, 2)),
        ("pairs", ([(NO32, NO32)], 0, 2, 4, 2)),
        ("pairs", ([(NO32, TWO, NO32)], 0, 2, 4, 2)),
        ("pairs", ([(TWO, TWO, TWO)], 0, 2, 4, 2)),
        ("pairs", ([(np.array([1, 4, 0], np.uint32), TWO, 0 * TWO)], 0, 1, 4, 2)),
        ("pairs", ([(np.array([1, 4, 0], np.uint32), TWO[::-1].copy(), 0 * TWO)], 0, 2, 4, 2)),
        ("band_groups", (np.zeros(8, np.uint16), 4, np.array([2]), 0, 2, 2, 9, 64)),
        ("band_groups", (np.zeros(8, np.uint16), 4, np.array([0]), 1, 2, 2, 9, 64)),
        ("band_keys", (np.zeros(8, np.uint16), 4, np.array([2]), 0, 2, 2)),
        ("band_keys", (np.zeros(8, np.uint16), 4, np.array([-1]), 0, 2, 2)),
        ("band_keys", (np.zeros(8, np.uint16), 4, np.array([0]), 1, 2, 2)),
        ("mark", (NO64, NO32, np.array([0, 1]), TWO[:1], TWO[:1], *FLAGS, NO64, 6, 7)),
        ("mark", (NO64, NO32, np.array([0, 0]), TWO, TWO[:1], *FLAGS, NO64, 6, 7)),
        ("mark", (NO64, NO32, np.array([0, 0]), TWO[:1], TWO[1:], *FLAGS, NO64, 6, 7)),
        (
            "mark",
            (
                NO64,
                NO32,
                np.array([0, 0]),
                TWO[:1],
                TWO[:1],
                HITS[:1],
                np.array([0, 1]),
                NO64,
                6,
                7,
            ),
        ),
        ("leave_marked", (NO64, AT, TWO, *FLAGS, TWO * 0, np.zeros(2, np.uint8))),
        ("leave_marked", (HITS[:1], AT, TWO, *FLAGS, TWO * 0, np.zeros(1, np.uint8))),
        ("leave_marked", (HITS[:1], AT, TWO, *FLAGS, TWO, np.zeros(2, np.uint8))),
        ("widen", (["a b"], AT, np.array([0, 1], np.uint32), 0 * TWO, 2)),
        ("widen", (["a b"], np.array([0, 0]), 0 * TWO, 0 * TWO, 2)),
        ("widen", (["a b"], AT, 0 * TWO, 2 * TWO, 2)),
    ],
)
def test_arguments_that_do_not_fit_are_the_same_error(kernel: str, args: Any) -> None:
    found = assert_alike(kernel, *args)
    assert isinstance(found, str)
