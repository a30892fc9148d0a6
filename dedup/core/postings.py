"""Kernels of an index: postings packed to bits, found by key, ranked. Part of the door.

A posting is a key and an article that has it. Rows of the table in `dedup.core`; bytes:
docs/formats/index.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import dedup.core as door

if TYPE_CHECKING:
    from dedup.core import I64, U8, U32, U64


class Blocks(NamedTuple):
    """Blocks of packed postings, and for each what is needed to read it."""

    #: Bytes of all blocks.
    data: U8
    #: First key, and XXH3-64 of the bytes.
    fences: U64
    checksums: U64
    #: Lowest article.
    bases: U32
    #: Bits of each key less the first one, and of each article less the lowest one.
    key_bits: U8
    article_bits: U8


class PackedPostings(NamedTuple):
    """Blocks as they are looked up; made by `open_postings`, which checks that they fit."""

    #: At least nine bytes follow the last block.
    data: Any
    #: int64, one longer than the blocks: where each begins in `data`.
    begins: I64
    fences: U64
    checksums: U64
    bases: U32
    key_bits: U8
    article_bits: U8
    #: One byte a block: 1 once its checksum has been compared. Kernels write to it.
    checked: bytearray
    #: Postings of a block but the last one, and of all.
    block: int
    postings: int


class Held(NamedTuple):
    """Holders of keys."""

    #: int64, one longer than the keys: holders of key n are articles[offsets[n]..offsets[n+1]].
    offsets: I64
    #: uint32, rising for each key.
    articles: U32
    #: uint64: postings of each key, read or not.
    totals: U64
    #: Segment and block that are not what their checksum says, -1 when all is well.
    segment: int
    block: int


class Best(NamedTuple):
    """Candidates of several articles that ask."""

    #: int64, one longer than those that ask.
    offsets: I64
    #: uint32, best first.
    articles: U32
    #: uint8, 1 where it is among the oldest or best ones, which are aligned before the others.
    first: U8


def pack_postings(keys: U64, articles: U32, block: int) -> Blocks:
    """Pack postings in order of key and article, so many to a block."""
    dtypes = (np.uint8, np.uint64, np.uint64, np.uint32, np.uint8, np.uint8)
    raw = door._kernels().pack_postings(
        door._contiguous(keys, np.uint64), door._contiguous(articles, np.uint32), block
    )
    return Blocks(*map(door._array, raw, dtypes))


def open_postings(
    data: Any, begin: int, fences: U64, checksums: U64, bases: U32, key_bits: U8,
    article_bits: U8, block: int, postings: int,
) -> PackedPostings:  # fmt: skip
    """Blocks from byte `begin` of some data on.

    Raises:
        ValueError: The columns do not fit each other or the data.
    """
    counts = np.minimum(block, postings - block * np.arange(len(fences)))
    sizes = (counts * key_bits + 7) // 8 + (counts * article_bits + 7) // 8
    begins = np.cumsum(np.concatenate([[begin], sizes])).astype(np.int64)
    packed = PackedPostings(
        data, begins, fences, checksums, bases, key_bits, article_bits,
        bytearray(len(fences)), block, postings,
    )  # fmt: skip
    door._kernels().check_postings(tuple(packed))
    return packed


def unpack_postings(packed: PackedPostings, first: int, end: int) -> tuple[U64, U32, int]:
    """Keys and articles of some blocks; and the block that has changed, or -1."""
    keys, articles, damaged = door._kernels().unpack_postings(tuple(packed), first, end)
    return door._array(keys, np.uint64), door._array(articles, np.uint32), damaged


def look_up(
    segments: Sequence[PackedPostings], parts: Sequence[tuple[U64, U32]], keys: U64, most: int,
    gone: U32, *, newest: bool = False,
) -> Held:  # fmt: skip
    """Holders of keys, in any order.

    Args:
        segments: Where to look.
        parts: Likewise: keys, and an article for each, in order of both.
        keys: uint64; one that is asked for twice is answered twice.
        most: Of each key so many holders are read from each source: the first ones.
        gone: uint32, rising: articles that do not count.
        newest: The last ones.
    """
    offsets, articles, totals, segment, block = door._kernels().look_up(
        [tuple(one) for one in segments], list(parts), door._contiguous(keys, np.uint64), most,
        newest, door._contiguous(gone, np.uint32),
    )  # fmt: skip
    return Held(
        door._array(offsets, np.int64),
        door._array(articles, np.uint32),
        door._array(totals, np.uint64),
        segment,
        block,
    )


def best_holders(
    held: Held, allowed: U8, starts: I64, before: U64, read_cap: int, max_candidates: int,
    depth: int,
) -> Best:  # fmt: skip
    """Candidates among the holders of keys (docs/method.md, step 4).

    Args:
        held: Holders of the keys of all that ask, one behind the other.
        allowed: uint8, which of these holders may be met.
        starts: int64, one longer than those that ask: where the keys of each begin.
        before: uint64: each meets articles with lower numbers only.
        read_cap: Holders of a key that are met.
        max_candidates: Of each that asks.
        depth: Oldest candidates that are kept however many others there are, and best ones that
            are marked as first beside them.
    """
    raw = door._kernels().best_holders(
        held.offsets, held.articles, held.totals, door._contiguous(allowed, np.uint8),
        door._contiguous(starts, np.int64), door._contiguous(before, np.uint64),
        read_cap, max_candidates, depth,
    )  # fmt: skip
    return Best(*map(door._array, raw, (np.int64, np.uint32, np.uint8)))
