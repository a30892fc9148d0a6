"""Segments: sorted postings in a file that never changes, memory-mapped.

Takes keys with the articles that have them; answers which articles have a key. A posting is a
key and an article, in order of both. What is read is checked first, block by block, each once;
what does not fit is an `IndexDamaged` that names the file. A segment can always be made again
from the catalogue, which is left to `merge`.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dedup.core import I64, U32, U64
from dedup.errors import IndexDamaged
from dedup.index.format import (
    BLOCK,
    HEADER_BYTES,
    Header,
    Table,
    block_bytes,
    block_columns,
    checksum,
    pack_block,
    pack_header,
    pack_table,
    read_header,
    read_table,
)


class Holders(NamedTuple):
    """Articles that have some of the keys that were asked for."""

    #: int64: place of the key among those that were asked for, rising.
    places: I64
    #: int64.
    articles: I64
    #: int64, one for each key: all its postings, read or not.
    totals: I64


class Segment:
    """A segment that is open for reading; several threads may use one."""

    def __init__(self, path: Path, stamp: bytes) -> None:
        """Open a segment and check header, size and table.

        Args:
            path: The file.
            stamp: Of the settings its keys must have been made with.

        Raises:
            IndexDamaged: The file is missing, cut or changed.
            IndexMismatch: It has another version or other settings.
        """
        self.path = path
        try:
            with path.open("rb") as file:
                self._data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"{path} cannot be read: {error}.") from error
        self.header: Header = read_header(self._data, str(path), stamp)
        self.table: Table = read_table(self._data, str(path), self.header)
        self._keys, self._articles = block_columns(self._data, self.header)
        self._checked = np.zeros(self.header.blocks, np.bool_)

    def find(self, keys: U64, most: int, *, newest: bool = False) -> Holders:
        """The first or last `most` articles of each key, and how many there are.

        Args:
            keys: uint64, rising, each once.
            most: At least 1.
            newest: The last ones.
        """
        fences, postings = self.table.fences, self.header.postings
        # The first posting of a key may stand in the block before the first fence that has it.
        low = self._bound((np.searchsorted(fences, keys, "left") - 1).clip(0), keys, upper=False)
        low = np.minimum(low, postings)
        high = low.copy()
        # Most keys have no posting: where they end is looked for only for those that have.
        there = np.flatnonzero(low < postings)
        self._check(low[there] // BLOCK)
        there = there[self._keys[low[there] // BLOCK, low[there] % BLOCK] == keys[there]]
        if len(there):
            blocks = (np.searchsorted(fences, keys[there], "right") - 1).clip(0)
            high[there] = np.minimum(self._bound(blocks, keys[there], upper=True), postings)
        places, at = choose(low, high, most, newest=newest)
        self._check(at // BLOCK)
        articles = self._articles[at // BLOCK, at % BLOCK].astype(np.int64)
        return Holders(places, articles, high - low)

    def check(self) -> None:
        """Read and check everything.

        Raises:
            IndexDamaged: A block has changed, or keys do not rise.
        """
        self._check(np.arange(self.header.blocks))

    def between(self, low: int, high: int | None) -> tuple[U64, U32]:
        """All postings with keys from `low` to below `high`, None for all the rest, in order."""
        edges = [low] if high is None else [low, high]
        keys = np.array(edges, np.uint64)
        blocks = (np.searchsorted(self.table.fences, keys, "left") - 1).clip(0)
        places = self._bound(blocks, keys, upper=False).tolist()
        begin = min(places[0], self.header.postings)
        end = self.header.postings if high is None else min(places[1], self.header.postings)
        at = np.arange(begin, end)
        self._check(at // BLOCK)
        return self._keys[at // BLOCK, at % BLOCK], self._articles[at // BLOCK, at % BLOCK]

    def _bound(self, blocks: I64, keys: U64, *, upper: bool) -> I64:
        """Where each key begins, or ends, when that is in or right behind its block."""
        if not self.header.blocks:
            return np.zeros(len(keys), np.int64)
        self._check(blocks)
        low = np.zeros(len(keys), np.int64)
        step = BLOCK
        while step:
            probe = low + step - 1
            inside = probe < BLOCK
            values = self._keys[blocks, np.minimum(probe, BLOCK - 1)]
            below = values <= keys if upper else values < keys
            low += step * (inside & below)
            step //= 2
        return blocks * BLOCK + low

    def _check(self, blocks: I64) -> None:
        """Check those of some blocks that have not been read yet."""
        fresh = np.unique(blocks[~self._checked[blocks]])
        for number in fresh.tolist():
            data = block_bytes(self._data, number)
            if checksum(data) != int(self.table.checksums[number]):
                begin = HEADER_BYTES + number * len(data)
                raise IndexDamaged(
                    f"{self.path}, bytes {begin} to {begin + len(data)}: block {number} has "
                    "changed."
                )
            self._checked[number] = True


def choose(low: I64, high: I64, most: int, *, newest: bool) -> tuple[I64, I64]:
    """The first or last `most` numbers of each stretch low..high: stretch and number."""
    taken = np.minimum(high - low, most)
    begins = high - taken if newest else low
    places = np.repeat(np.arange(len(low)), taken)
    starts = np.repeat(begins - (np.cumsum(taken) - taken), taken)
    return places, starts + np.arange(len(places))


def write_segment(path: Path, parts: Iterable[tuple[U64, U32]], stamp: bytes) -> None:
    """Write a segment, synced and whole or not at all.

    Args:
        path: Where it goes; a file of that name with ".tmp" behind it is used meanwhile.
        parts: Keys and articles, in order of both, part behind part.
        stamp: Of the settings of the keys.
    """
    fences: list[int] = []
    checksums: list[int] = []
    articles = np.zeros(0, np.uint32)
    postings = 0
    keys, holders = np.zeros(0, np.uint64), articles
    scratch = path.with_name(path.name + ".tmp")
    try:
        with scratch.open("wb") as file:
            file.write(bytes(HEADER_BYTES))
            for part, is_last in _with_last(parts):
                keys, holders = np.append(keys, part[0]), np.append(holders, part[1])
                articles = np.union1d(articles, part[1])
                end = len(keys) if is_last else len(keys) // BLOCK * BLOCK
                for begin in range(0, end, BLOCK):
                    stop = min(begin + BLOCK, end)
                    block = pack_block(keys[begin:stop], holders[begin:stop])
                    fences.append(int(keys[begin]))
                    checksums.append(checksum(block))
                    file.write(block)
                postings += end
                keys, holders = keys[end:], holders[end:]
            columns = np.array(fences, np.uint64), np.array(checksums, np.uint64)
            table = pack_table(Table(*columns, articles))
            file.write(table)
            file.seek(0)
            file.write(pack_header(stamp, postings, len(articles), table))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        sync_folder(path.parent)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Make names of new files last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _with_last(
    parts: Iterable[tuple[U64, U32]],
) -> Iterator[tuple[tuple[U64, U32], bool]]:
    """Each part, and whether it is the last one."""
    waiting = None
    for part in parts:
        if waiting is not None:
            yield waiting, False
        waiting = part
    if waiting is not None:
        yield waiting, True
