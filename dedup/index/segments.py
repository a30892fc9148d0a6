"""Segments: sorted postings in a file that never changes, memory-mapped.

Takes keys with the articles that have them; gives what `dedup.core.look_up` finds them in. A
posting is a key and an article, in order of both. What is read is checked first, block by block,
each once; what does not fit is an `IndexDamaged` that names the file. A segment can always be
made again from the catalogue, which is left to `merge`.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from dedup import core
from dedup.core import U32, U64, Blocks
from dedup.errors import IndexDamaged
from dedup.index.format import (
    BLOCK,
    HEADER_BYTES,
    Header,
    Table,
    open_blocks,
    pack_header,
    pack_table,
    read_header,
    read_table,
)

#: Blocks that are unpacked at a time.
_AT_ONCE = 1024


class Segment:
    """A segment that is open for reading; not for two threads at a time."""

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
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError) as error:
            raise IndexDamaged(f"{path} cannot be read: {error}.") from error
        self.header: Header = read_header(data, str(path), stamp)
        self.table: Table = read_table(data, str(path), self.header)
        self.packed = open_blocks(data, str(path), self.header, self.table)

    def check(self) -> None:
        """Read and check everything.

        Raises:
            IndexDamaged: A block has changed.
        """
        for begin in range(0, self.header.blocks, _AT_ONCE):
            self._unpack(begin, min(begin + _AT_ONCE, self.header.blocks))

    def between(self, low: int, high: int | None) -> tuple[U64, U32]:
        """All postings with keys from `low` to below `high`, None for all the rest, in order."""
        fences = self.table.fences
        first = max(int(np.searchsorted(fences, np.uint64(low), "left")) - 1, 0)
        end = len(fences)
        if high is not None:
            end = int(np.searchsorted(fences, np.uint64(high), "left"))
        keys, articles = self._unpack(first, max(first, end))
        begin = int(np.searchsorted(keys, np.uint64(low), "left"))
        stop = len(keys)
        if high is not None:
            stop = int(np.searchsorted(keys, np.uint64(high), "left"))
        return keys[begin:stop], articles[begin:stop]

    def _unpack(self, first: int, end: int) -> tuple[U64, U32]:
        keys, articles, damaged = core.unpack_postings(self.packed, first, end)
        if damaged >= 0:
            raise self.damage(damaged)
        return keys, articles

    def damage(self, block: int) -> IndexDamaged:
        """What to say of a block that has changed."""
        begin = int(self.packed.begins[block])
        return IndexDamaged(
            f"{self.path}, bytes {begin} to "
            f"{int(self.packed.begins[block + 1])}: block {block} has changed."
        )


def write_segment(path: Path, parts: Iterable[tuple[U64, U32]], stamp: bytes) -> None:
    """Write a segment, synced and whole or not at all.

    Args:
        path: Where it goes; a file of that name with ".tmp" behind it is used meanwhile.
        parts: Keys and articles, in order of both, part behind part.
        stamp: Of the settings of the keys.
    """
    written: list[Blocks] = []
    articles = np.zeros(0, np.uint32)
    postings, size = 0, HEADER_BYTES
    keys, holders = np.zeros(0, np.uint64), articles
    scratch = path.with_name(path.name + ".tmp")
    try:
        with scratch.open("wb") as file:
            file.write(bytes(HEADER_BYTES))
            for part, is_last in _with_last(parts):
                keys, holders = np.append(keys, part[0]), np.append(holders, part[1])
                articles = _once(np.concatenate([articles, _once(part[1])]))
                end = len(keys) if is_last else len(keys) // BLOCK * BLOCK
                blocks = core.pack_postings(keys[:end], holders[:end], BLOCK)
                file.write(blocks.data.tobytes())
                size += len(blocks.data)
                written.append(blocks._replace(data=blocks.data[:0]))
                postings += end
                keys, holders = keys[end:], holders[end:]
            file.write(bytes(-size % 8))
            begin = size + -size % 8
            _, *columns = map(np.concatenate, zip(*written, strict=True))
            fences, checksums, bases, key_bits, article_bits = columns
            table = pack_table(Table(fences, checksums, bases, key_bits, article_bits, articles))
            file.write(table)
            file.seek(0)
            file.write(pack_header(stamp, postings, len(articles), begin, table))
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
        sync_folder(path.parent)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _once(values: U32) -> U32:
    """Rising, each once; sorting takes a twentieth of `np.unique`, which hashes."""
    rising = np.sort(values)
    return np.asarray(rising[np.diff(rising, prepend=rising[:1] + np.uint32(1)) != 0])


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
