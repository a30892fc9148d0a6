"""Who shares keys: the same for every budget, in memory or in files, and what a budget bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import core
from dedup.core import BandColumn, HeldColumn, KeyColumn, joining

articles_with_keys = st.lists(st.lists(st.integers(0, 40), max_size=10), min_size=1, max_size=15)
budgets = st.sampled_from([None, 1, 3000, 1 << 20])
Pairs = list[tuple[int, int, int]]


def in_file(values: Any, folder: Path, name: str) -> Any:
    """The same column, mapped from a file."""
    if not len(values):
        return values
    path = folder / name
    np.lib.format.open_memmap(path, "w+", values.dtype, values.shape)[:] = values
    return np.load(path, mmap_mode="r")


def column_of(keys: list[list[int]], order: Sequence[int], hide: int = 0) -> KeyColumn:
    """A column whose keys lie in another order than the articles."""
    bounds = np.cumsum([0, *map(len, keys)])
    flat = np.array([key for one in keys for key in one], np.uint64)
    with np.errstate(over="ignore"):
        flat *= np.uint64(0x9E3779B97F4A7C15)
    hidden = np.arange(len(flat)) % hide == 0 if hide else None
    places = np.array(order, np.int64)
    return KeyColumn(flat, bounds[places], bounds[places + 1], hidden)


def holders_of(column: KeyColumn) -> dict[int, list[int]]:
    """Who holds each key that counts."""
    found: dict[int, set[int]] = defaultdict(set)
    for article, (begin, end) in enumerate(zip(column.begins, column.ends, strict=True)):
        for n in range(begin, end):
            if column.hidden is None or not column.hidden[n]:
                found[int(column.keys[n])].add(article)
    return {key: sorted(found[key]) for key in sorted(found) if len(found[key]) > 1}


def pairs_of(columns: Sequence[KeyColumn], cap: int, most: int, depth: int) -> Pairs:
    """All pairs with their marks, from dictionaries."""
    n = len(columns[0].begins)
    scores: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for column in columns:
        for who in holders_of(column).values():
            for place, newer in enumerate(who):
                for older in who[: min(place, cap)]:
                    scores[newer][older] += (n // len(who)).bit_length() ** 2
    rows: Pairs = []
    for newer in sorted(scores):
        oldest, others = sorted(scores[newer])[:depth], sorted(scores[newer])[depth:]
        others.sort(key=lambda older: (-scores[newer][older], older))
        others = others[: max(most - len(oldest), 0)]
        rows += [(older, newer, 1) for older in oldest + sorted(others[:depth])]
        rows += [(older, newer, 0) for older in sorted(others[depth:])]
    return rows


def rows_of(found: core.Candidates) -> Pairs:
    columns = found.older.tolist(), found.newer.tolist(), found.first.tolist()
    return list(zip(*columns, strict=True))


@given(
    articles_with_keys, articles_with_keys, budgets, st.integers(1, 5), st.integers(1, 6),
    st.integers(1, 3), st.integers(0, 4), st.booleans(), st.randoms(use_true_random=False),
)  # fmt: skip
def test_pairs_are_those_of_dictionaries_for_every_budget(
    tmp_path_factory: pytest.TempPathFactory, some: list[list[int]], more: list[list[int]],
    budget: int | None, cap: int, most: int, depth: int, hide: int, mapped: bool, random: Any,
) -> None:  # fmt: skip
    n = min(len(some), len(more))
    order = list(range(n))
    random.shuffle(order)
    columns = [column_of(some[:n], order, hide), column_of(more[:n], order)]
    expected = pairs_of(columns, cap, most, depth)
    if mapped:
        folder = tmp_path_factory.mktemp("columns")
        columns = [
            column._replace(
                keys=in_file(column.keys, folder, f"{n}.npy"),
                hidden=None
                if column.hidden is None
                else in_file(column.hidden, folder, f"{n}-hidden.npy"),
            )
            for n, column in enumerate(columns)
        ]
    found = core.shared_keys(columns, cap, most, depth, budget_bytes=budget)
    assert rows_of(found) == expected
    assert found.common_keys == sum(
        len(who) > cap for column in columns for who in holders_of(column).values()
    )


@given(articles_with_keys, budgets, st.integers(0, 4), st.integers(1, 5))
def test_holders_come_in_rising_parts_and_lead_to_the_same_pairs(
    keys: list[list[int]], budget: int | None, hide: int, cap: int
) -> None:
    column = column_of(keys, range(len(keys)), hide)
    parts = core.holders(column, budget_bytes=budget)
    found = {
        key: part.articles[begin:end].tolist()
        for part in parts
        for key, (begin, end) in zip(
            part.keys.tolist(), pairwise(part.offsets.tolist()), strict=True
        )
    }
    assert found == holders_of(column)
    assert list(found) == sorted(found)
    held = HeldColumn(parts, len(keys))
    pairs = core.shared_keys([held], cap, 6, 2, budget_bytes=budget)
    assert rows_of(pairs) == pairs_of([column], cap, 6, 2)


@given(st.data(), budgets, st.booleans())
@settings(max_examples=50)
def test_bands_are_keys_of_their_own(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, budget: int | None, mapped: bool
) -> None:
    n = data.draw(st.integers(1, 12))
    signatures = np.array(
        data.draw(st.lists(st.lists(st.integers(0, 2), min_size=8, max_size=8),
                           min_size=n, max_size=n)), np.uint16,
    )  # fmt: skip
    rows = np.array(data.draw(st.permutations(range(n))), np.int64)
    rows[data.draw(st.integers(0, n)) :] = -1
    expected = [
        KeyColumn(
            np.array(
                [
                    int.from_bytes(signatures[row, 2 * band : 2 * band + 2].tobytes())
                    for row in rows
                ],
                np.uint64,
            ),
            np.arange(n),
            np.arange(n) + ((rows >= 0) & signatures[rows].any(axis=1)),
        )
        for band in range(4)
    ]
    if mapped:
        signatures = in_file(signatures, tmp_path_factory.mktemp("signatures"), "signatures.npy")
    columns = [BandColumn(signatures, rows, first, 2, 2) for first in (0, 2)]
    found = core.shared_keys(columns, 3, 6, 2, budget_bytes=budget)
    assert rows_of(found) == pairs_of(expected, 3, 6, 2)


def test_keys_that_are_sorted_at_once_give_what_two_passes_give(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.Generator(np.random.PCG64(8))
    keys = rng.integers(0, 30_000, 60_000, np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    column = KeyColumn(keys, np.arange(0, 60_000, 60), np.arange(60, 60_060, 60))
    at_once = core.holders(column)
    monkeypatch.setattr(joining, "AT_ONCE", 0)
    two_passes = core.holders(column)
    for some, others in zip(at_once, two_passes, strict=True):
        assert [one.tolist() for one in some] == [one.tolist() for one in others]


def test_a_budget_bounds_what_is_sorted_at_a_time() -> None:
    rng = np.random.Generator(np.random.PCG64(9))
    keys = rng.integers(0, 2**64, 50_000, np.uint64)
    keys = np.concatenate([keys, keys])
    column = KeyColumn(keys, np.array([0, 50_000]), np.array([50_000, 100_000]))
    budget = 1 << 20
    parts = core.holders(column, budget_bytes=budget)
    assert sum(len(part.articles) for part in parts) == 100_000
    assert len(parts) > 5
    for part in parts:
        assert len(part.articles) * joining.RECORD_BYTES <= budget / 2
        assert core.file_of(part.articles) is not None


def test_columns_of_different_lengths_are_refused() -> None:
    some, more = column_of([[1], [2]], [0, 1]), column_of([[1]], [0])
    with pytest.raises(ValueError, match="one length"):
        core.shared_keys([some, more], 4, 4, 2)


def test_no_columns_share_nothing() -> None:
    assert rows_of(core.shared_keys([], 4, 4, 2)) == []
    assert rows_of(core.shared_keys([], 4, 4, 2, budget_bytes=100)) == []
