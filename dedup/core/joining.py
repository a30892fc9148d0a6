"""Keys of articles → who shares them: the order in which the kernels are called, within a budget.

Takes columns of keys, in memory or mapped from files; gives holders of keys or pairs of articles.
Where there is room a column is sorted at once, and bands are joined from their signatures. Else it
goes through two passes: `note_keys` marks in a table of two bits a slot which keys may come twice,
`pick_keys` takes those. Most keys are held by one article and end here. What is left is sorted, a
range of keys at a time, as many as the budget has room for. What comes of it is spilled to files
when there is a budget. The answer is the same for every budget. Method:
docs/method.md, step 4; figures: docs/choices/0025-shared-keys-first.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core.paging import Spill, drop_pages, file_of

U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
Marks = npt.NDArray[np.bool_]

#: Bytes of the table for each key: 8 slots of two bits. Of the keys that one article holds an
#: eighth meets another one then and is sorted in vain; with 4 slots it is a quarter.
TABLE_BYTES = 2
#: Parts into which `note_keys` counts its hits; the slots of a table are a multiple of it.
HIT_PARTS = 4096
#: Keys that are sorted without the two passes where the budget allows it: 512 MiB of records.
#: Sorting costs 30 ns a record, the passes cost 25 ns, so they pay off when few keys are shared.
AT_ONCE = 32 << 20
#: Bytes a key takes on this way: itself, its record, and what comes of it.
AT_ONCE_BYTES = 48
#: Bytes a record takes on its way: 12 as it is picked, 16 in each of two sorting steps at most, and
#: 4 to 20 as a holder or in a group.
RECORD_BYTES = 64
#: Keys of a column in a file that are looked at before their pages are let go of: 2 MiB of them.
BLOCK_KEYS = 1 << 18
#: Articles whose bands are cut at a time, so that their keys stay in the cache.
BLOCK_ARTICLES = 2048
#: Bits of a key that are looked at before whole keys are compared: so many as there is room for.
KEY_BITS = 64
_HIGHEST = (1 << 64) - 1
#: Columns of pairs.
_PAIR = (np.uint32, np.uint32, np.uint8)


class KeyColumn(NamedTuple):
    """Keys of n articles: article a has keys[begins[a]:ends[a]]."""

    #: uint64.
    keys: U64
    #: int64, shape (n,).
    begins: I64
    ends: I64
    #: bool, one for each key, where some do not count.
    hidden: Marks | None = None


class BandColumn(NamedTuple):
    """Keys of n articles that are cut from signatures when they are asked for."""

    #: uint16, shape (any, slots).
    signatures: U16
    #: int64, shape (n,): the row of each article, -1 where its bands do not count. Those of an
    #: empty signature (zeros only) never count.
    rows: I64
    #: Bands `first` to `first + bands`, of so many slots each.
    first: int
    bands: int
    height: int


class Candidates(NamedTuple):
    """Pairs worth verifying, article by article of the newer ones."""

    older: U32
    newer: U32
    #: uint8, 1 where `older` is among the oldest or the best candidates of `newer`.
    first: U8
    #: Keys held by more articles than are read.
    common_keys: int
    #: Articles with more candidates than are verified.
    crowded_articles: int


class Holders(NamedTuple):
    """Keys and the articles that hold them."""

    #: uint64, rising.
    keys: U64
    #: int64: holders of key n are articles[offsets[n]..offsets[n+1]], uint32, rising.
    offsets: I64
    articles: U32


class HeldColumn(NamedTuple):
    """Keys of n articles of which it is known already who shares them."""

    #: As `holders` gives them.
    parts: Sequence[Holders]
    articles: int


class Means(NamedTuple):
    """What the work may cost; changes no answer."""

    kernels: ModuleType
    budget_bytes: int | None
    #: Where temporary files go when there is a budget.
    scratch: str | None
    #: Columns that are looked at side by side when there is no budget.
    threads: int = 1


Column = KeyColumn | BandColumn | HeldColumn
Block = tuple[Any, Any, Any, Any, Any]


def find_holders(column: KeyColumn, means: Means) -> list[Holders]:
    """See `dedup.core.holders`."""
    return _kept(map(means.kernels.holders, _picked(column, means)), means)


def leave_marked(
    held: Sequence[Holders], hashes: U64, offsets: I64, lists: U32, spared: Marks, means: Means
) -> list[Holders]:
    """See `dedup.core.leave_marked`."""

    def unmarked() -> Iterator[tuple[Any, ...]]:
        for part in held:
            yield means.kernels.leave_marked(*part, hashes, offsets, lists, spared.view(np.uint8))
            _drop(part)

    return _kept(unmarked(), means)


def _kept(parts: Iterable[tuple[Any, ...]], means: Means) -> list[Holders]:
    """Holders in memory, or in files when there is a budget."""
    dtypes = (np.uint64, np.int64, np.uint32)
    if means.budget_bytes is None:
        return [Holders(*map(_array, part, dtypes)) for part in parts]
    with ExitStack() as stack:
        files = [stack.enter_context(Spill(dtype, means.scratch)) for dtype in dtypes]
        places = [
            [file.add(values) for file, values in zip(files, part, strict=True)] for part in parts
        ]
        keys, offsets, articles = (file.close() for file in files)
    return [Holders(keys[k], offsets[o], articles[a]) for k, o, a in places if k.start < k.stop]


def find_pairs(
    columns: Sequence[Column], read_cap: int, max_candidates: int, depth: int, means: Means
) -> Candidates:
    """See `dedup.core.shared_keys`."""
    kernels, budget = means.kernels, means.budget_bytes
    sizes = {_size(column) for column in columns}
    if len(sizes) > 1:
        raise ValueError("columns of keys must have one length")
    size = sizes.pop() if sizes else 0
    if budget is None:
        return _pairs_in_memory(columns, size, read_cap, max_candidates, depth, means)
    with ExitStack() as stack:
        groups = _Groups([stack.enter_context(Spill(np.uint32, means.scratch)) for _ in range(3)])
        for column in columns:
            for part in _grouped(column, size, read_cap, means):
                groups.add(*part)
        groups.close()
        out = [stack.enter_context(Spill(dtype, means.scratch)) for dtype in _PAIR]
        crowded = 0
        # An article gives so many pairs of 9 bytes at most, in columns that double as they grow.
        step = max(1, budget // (32 * max(max_candidates, depth)))
        for begin in range(0, size, step):
            end = min(begin + step, size)
            *found, more = kernels.pairs(groups.of(begin, end), begin, end, max_candidates, depth)
            crowded += more
            for file, values in zip(out, found, strict=True):
                file.add(values)
            groups.drop()
        older, newer, first = (file.close() for file in out)
    return Candidates(older, newer, first, groups.common, crowded)


def _pairs_in_memory(
    columns: Sequence[Column],
    size: int,
    read_cap: int,
    max_candidates: int,
    depth: int,
    means: Means,
) -> Candidates:
    """Columns side by side, then ranges of newer articles side by side."""
    with ThreadPoolExecutor(means.threads) as pool:
        found = pool.map(lambda column: list(_grouped(column, size, read_cap, means)), columns)
        grouped = [part for parts in found for part in parts]
        groups = [[_array(values, np.uint32) for values in part[:3]] for part in grouped]
        step = max(1, -(-size // means.threads))

        def pair(begin: int) -> tuple[Any, ...]:
            end = min(begin + step, size)
            parts = [part for group in groups if (part := _newer(group, begin, end))]
            found: tuple[Any, ...] = means.kernels.pairs(parts, begin, end, max_candidates, depth)
            return found

        ranges = list(pool.map(pair, range(0, max(size, 1), step)))
    older, newer, first = (
        np.concatenate([_array(found[n], dtype) for found in ranges])
        for n, dtype in enumerate(_PAIR)
    )
    common, crowded = sum(part[3] for part in grouped), sum(found[3] for found in ranges)
    return Candidates(older, newer, first, common, crowded)


def _newer(group: Sequence[U32], begin: int, end: int) -> tuple[U32, U32, U32] | None:
    """What the pairing needs to know of the newer articles begin .. end."""
    stored, newer, heads = group
    first, last = np.searchsorted(newer, [begin, end])
    return (stored, newer[first:last], heads[first:last]) if first < last else None


def _grouped(
    column: Column, size: int, read_cap: int, means: Means
) -> Iterator[tuple[Any, Any, Any, int]]:
    if isinstance(column, BandColumn) and _fits(_band_bytes(column), means):
        signatures = np.ascontiguousarray(column.signatures, np.uint16)
        rows = np.ascontiguousarray(column.rows, np.int64)
        cut = signatures.shape[1], rows, column.first, column.bands, column.height
        yield means.kernels.band_groups(signatures, *cut, read_cap, KEY_BITS)
        if file_of(signatures) is not None:
            drop_pages(signatures)
        return
    if not isinstance(column, HeldColumn):
        for records in _picked(column, means):
            yield means.kernels.groups(records, size, read_cap)
        return
    for part in column.parts:
        yield means.kernels.group_holders(part.offsets, part.articles, size, read_cap)
        _drop(part)


def _drop(part: Holders) -> None:
    for values in part:
        drop_pages(values)


class _Groups:
    """Groups of all parts of the keys, in files."""

    def __init__(self, files: list[Spill]) -> None:
        self._files = files
        self._places: list[list[slice]] = []
        self._columns: list[U32] = []
        self.common = 0

    def add(self, stored: Any, newer: Any, heads: Any, common: int) -> None:
        columns = zip(self._files, (stored, newer, heads), strict=True)
        self._places.append([file.add(values) for file, values in columns])
        self.common += common

    def close(self) -> None:
        self._columns = [file.close() for file in self._files]

    def of(self, begin: int, end: int) -> list[tuple[U32, U32, U32]]:
        """What the pairing needs to know of the newer articles begin .. end."""
        groups = (
            [column[place] for column, place in zip(self._columns, places, strict=True)]
            for places in self._places
        )
        return [part for group in groups if (part := _newer(group, begin, end))]

    def drop(self) -> None:
        for column in self._columns:
            drop_pages(column)


def _fits(size: int, means: Means) -> bool:
    """Whether so many bytes may be taken at once."""
    return means.budget_bytes is None or size <= means.budget_bytes // 2


def _band_bytes(column: BandColumn) -> int:
    """What `band_groups` takes: the signatures, keys, records, places, and what they give."""
    return int(2 * column.signatures.size) + len(column.rows) * (8 * column.bands + 40)


def _picked(column: KeyColumn | BandColumn, means: Means) -> Iterator[list[tuple[Any, ...]]]:
    """Records of the keys that several articles may hold, a range of keys after the other."""
    count = _count(column)
    if count <= AT_ONCE and _fits(count * AT_ONCE_BYTES, means):
        blocks = list(_blocks(column, means.kernels, at_once=True))
        if blocks:
            yield blocks
        if isinstance(column, KeyColumn):
            drop_pages(column.keys)
        return
    table_bytes = count * TABLE_BYTES
    if means.budget_bytes is not None:
        table_bytes = min(table_bytes, means.budget_bytes // 4)
    quarter = HIT_PARTS // 4
    table = np.zeros(-(-max(table_bytes, 1) // quarter) * quarter, np.uint8)
    hits = np.zeros(HIT_PARTS, np.uint64)
    for block in _blocks(column, means.kernels):
        means.kernels.note_keys(block, table, hits)
    for low, high in _ranges(hits, means.budget_bytes):
        parts = (
            means.kernels.pick_keys(block, table, low, high)
            for block in _blocks(column, means.kernels)
        )
        yield [(keys, articles) for keys, articles in parts if len(memoryview(keys))]


def _ranges(hits: U64, budget_bytes: int | None) -> list[tuple[int, int]]:
    """Ranges of keys, both ends included, with as many records each as there is room for."""
    # A slot that was hit h times holds h + 1 records, and h is 1 at least.
    records = (2 * hits).tolist()
    if budget_bytes is None:
        return [(0, _HIGHEST)] if any(records) else []
    most = budget_bytes // 2 // RECORD_BYTES
    width = (_HIGHEST + 1) // len(records)
    ranges: list[tuple[int, int]] = []
    begin, total = 0, 0
    for n, more in enumerate(records):
        if total and total + more > most:
            ranges.append((begin * width, n * width - 1))
            begin, total = n, 0
        total += more
    if total:
        ranges.append((begin * width, _HIGHEST))
    return ranges


def _size(column: Column) -> int:
    if isinstance(column, HeldColumn):
        return column.articles
    return len(column.begins if isinstance(column, KeyColumn) else column.rows)


def _count(column: KeyColumn | BandColumn) -> int:
    """How many keys a column has, hidden ones included."""
    if isinstance(column, BandColumn):
        return int(np.count_nonzero(column.rows >= 0)) * column.bands
    return int((column.ends - column.begins).sum())


def _blocks(
    column: KeyColumn | BandColumn, kernels: ModuleType, *, at_once: bool = False
) -> Iterator[Block]:
    """The column as the kernels take it; of one in a file so much at a time, in its order."""
    if isinstance(column, BandColumn):
        yield from _band_blocks(column, kernels)
        return
    keys = np.ascontiguousarray(column.keys, np.uint64)
    begins = np.ascontiguousarray(column.begins, np.int64)
    ends = np.ascontiguousarray(column.ends, np.int64)
    hidden = column.hidden
    marks = None if hidden is None else np.ascontiguousarray(hidden, np.bool_).view(np.uint8)
    if at_once or (file_of(keys) is None and (hidden is None or file_of(hidden) is None)):
        yield keys, marks, begins, ends, np.arange(len(begins), dtype=np.uint32)
        return
    order = np.argsort(begins, kind="stable")
    rising = begins[order]
    first = 0
    while first < len(order):
        low = int(rising[first])
        last = max(first + 1, int(np.searchsorted(rising, low + BLOCK_KEYS)))
        who = order[first:last]
        part = slice(low, int(ends[who].max()))
        some = None if marks is None else marks[part]
        yield keys[part], some, begins[who] - low, ends[who] - low, who.astype(np.uint32)
        drop_pages(keys[part])
        if hidden is not None:
            drop_pages(hidden[part])
        first = last


def _band_blocks(column: BandColumn, kernels: ModuleType) -> Iterator[Block]:
    signatures = np.ascontiguousarray(column.signatures, np.uint16)
    mapped = file_of(signatures) is not None
    which = np.flatnonzero(column.rows >= 0)
    if mapped:
        which = which[np.argsort(column.rows[which], kind="stable")]
    for begin in range(0, len(which), BLOCK_ARTICLES):
        who = which[begin : begin + BLOCK_ARTICLES]
        rows = np.ascontiguousarray(column.rows[who], np.int64)
        cut = signatures.shape[1], rows, column.first, column.bands, column.height
        keys, counts = kernels.band_keys(signatures, *cut)
        begins = np.arange(len(who), dtype=np.int64) * column.bands
        ends = begins + column.bands * _array(counts, np.uint8).astype(np.int64)
        yield keys, None, begins, ends, who.astype(np.uint32)
        if mapped:
            drop_pages(signatures[int(rows.min()) : int(rows.max()) + 1])


def _array(values: Any, dtype: Any) -> Any:
    return np.frombuffer(values, dtype) if len(memoryview(values)) else np.empty(0, dtype)
