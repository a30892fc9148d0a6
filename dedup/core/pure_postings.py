"""Postings of an index in plain Python: packed to bits, found by key, ranked.

Takes columns of keys and articles, or packed blocks; gives the same values as the compiled
kernels. What is read has been compared with its checksum, block by block. Bytes:
docs/formats/index.md; rule of candidates: docs/method.md, step 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import xxhash


class DamagedBlock(Exception):
    """A block is not what its checksum says."""


def pack_column(values: Sequence[int], bits: int) -> bytes:
    """Numbers of so many bits each, the lowest bits first."""
    packed = sum(value << bits * n for n, value in enumerate(values))
    return packed.to_bytes((len(values) * bits + 7) // 8, "little")


def unpack_column(data: bytes, bits: int, count: int) -> list[int]:
    """The numbers again."""
    packed = int.from_bytes(data, "little")
    return [packed >> bits * n & (1 << bits) - 1 for n in range(count)]


def pack_postings(keys: Any, articles: Any, block: int) -> tuple[Any, ...]:
    """See `dedup.core.pack_postings`."""
    if block < 1:
        raise ValueError("a block must hold a posting at least")
    if len(keys) != len(articles):
        raise ValueError("postings must have two columns of one length")
    all_keys, all_articles = [int(key) for key in keys], [int(one) for one in articles]
    if all_keys != sorted(all_keys):
        raise ValueError("keys must rise")
    data, fences, checksums, bases, key_bits, article_bits = b"", [], [], [], [], []
    for begin in range(0, len(all_keys), block):
        some, held = all_keys[begin : begin + block], all_articles[begin : begin + block]
        base = min(held)
        fences.append(some[0])
        bases.append(base)
        key_bits.append((some[-1] - some[0]).bit_length())
        article_bits.append((max(held) - base).bit_length())
        packed = pack_column([key - some[0] for key in some], key_bits[-1])
        packed += pack_column([one - base for one in held], article_bits[-1])
        checksums.append(xxhash.xxh3_64_intdigest(packed))
        data += packed
    return (
        data, np.array(fences, np.uint64), np.array(checksums, np.uint64),
        np.array(bases, np.uint32), bytes(key_bits), bytes(article_bits),
    )  # fmt: skip


def num_blocks(segment: tuple[Any, ...]) -> int:
    """Blocks of a segment, once its columns have been compared with that."""
    _, begins, *columns, block, postings = segment
    if block < 1:
        raise ValueError("a block must hold a posting at least")
    blocks = -(-postings // block)
    if len(begins) != blocks + 1 or any(len(column) != blocks for column in columns):
        raise ValueError("the columns of a segment must have one length")
    return int(blocks)


def check_postings(segment: tuple[Any, ...]) -> None:
    """See `dedup.core.PackedPostings`."""
    data, begins, fences, _, _, key_bits, article_bits, _, block, postings = segment
    for b in range(num_blocks(segment)):
        n = min(block, postings - b * block)
        bytes_ = (n * int(key_bits[b]) + 7) // 8 + (n * int(article_bits[b]) + 7) // 8
        is_too_wide = key_bits[b] > 64 or article_bits[b] > 32
        if is_too_wide or begins[b] < 0 or begins[b + 1] - begins[b] != bytes_:
            raise ValueError("a block has another size than its bits say")
        if b and fences[b] < fences[b - 1]:
            raise ValueError("keys must rise")
    if len(fences) and int(begins[-1]) + 9 > len(data):
        raise ValueError("nine bytes must follow the blocks")


def read_block(segment: tuple[Any, ...], b: int) -> list[tuple[int, int]]:
    """The postings of a block, which is compared with its checksum once."""
    data, begins, fences, checksums, bases, key_bits, article_bits, checked, block, postings = (
        segment
    )
    packed = bytes(data[int(begins[b]) : int(begins[b + 1])])
    if not checked[b]:
        if xxhash.xxh3_64_intdigest(packed) != int(checksums[b]):
            raise DamagedBlock(b)
        checked[b] = 1
    n = min(block, postings - b * block)
    middle = (n * int(key_bits[b]) + 7) // 8
    keys = unpack_column(packed[:middle], int(key_bits[b]), n)
    articles = unpack_column(packed[middle:], int(article_bits[b]), n)
    fence, base = int(fences[b]), int(bases[b])
    return [(fence + k, base + a) for k, a in zip(keys, articles, strict=True)]


def unpack_postings(segment: tuple[Any, ...], first: int, end: int) -> tuple[Any, ...]:
    """See `dedup.core.unpack_postings`."""
    if first < 0 or end < first or end > num_blocks(segment):
        raise ValueError("there are no such blocks")
    found: list[tuple[int, int]] = []
    damaged = -1
    try:
        for b in range(first, end):
            found += read_block(segment, b)
    except DamagedBlock as error:
        damaged = error.args[0]
    return np.array([k for k, _ in found], np.uint64), np.array(
        [a for _, a in found], np.uint32
    ), damaged  # fmt: skip


def find_in_segment(segment: tuple[Any, ...], key: int) -> Iterator[int]:
    """Holders of a key; reads the blocks that may hold it."""
    fences = [int(fence) for fence in segment[2]]
    if not fences:
        return
    first = max(sum(fence < key for fence in fences) - 1, 0)
    last = max(sum(fence <= key for fence in fences) - 1, first)
    for b in range(first, last + 1):
        yield from (article for found, article in read_block(segment, b) if found == key)


def look_up(
    segments: Any, parts: Any, keys: Any, most: int, newest: bool, gone: Any
) -> tuple[Any, ...]:
    """See `dedup.core.look_up`."""
    if not isinstance(segments, list) or not isinstance(parts, list):
        raise ValueError("sources must be a list")
    if most < 1:
        raise ValueError("one holder at least must be asked for")
    for segment in segments:
        num_blocks(segment)
    if any(len(held) != len(articles) for held, articles in parts):
        raise ValueError("postings must have two columns of one length")
    removed = {int(one) for one in gone}
    asked = [int(key) for key in keys]
    read: list[list[int]] = [[] for _ in asked]
    totals = [0] * len(asked)

    def take(n: int, holders: Sequence[int]) -> None:
        totals[n] += len(holders)
        left = [one for one in holders if one not in removed]
        read[n] += left[-most:] if newest else left[:most]

    source, damaged = -1, -1
    try:
        for segment in segments:
            source += 1
            for n, key in enumerate(asked):
                take(n, list(find_in_segment(segment, key)))
        source = -1
    except DamagedBlock as error:
        damaged = error.args[0]
    if source < 0:
        for held, articles in parts:
            for n, key in enumerate(asked):
                pairs = zip(held, articles, strict=True)
                take(n, [int(article) for other, article in pairs if int(other) == key])
    offsets = np.cumsum([0, *map(len, read)]).astype(np.int64)
    flat = [article for some in read for article in sorted(some)]
    return offsets, np.array(flat, np.uint32), np.array(totals, np.uint64), source, damaged


def best_holders(
    offsets: Any, articles: Any, totals: Any, allowed: Any, starts: Any, before: Any,
    read_cap: int, most: int, depth: int,
) -> tuple[Any, ...]:  # fmt: skip
    """See `dedup.core.best_holders`."""
    from dedup.core.pure import check_offsets

    bounds = check_offsets(offsets, len(articles))
    asking = check_offsets(starts, len(bounds) - 1)
    if (len(totals), len(allowed), len(before)) != (
        len(bounds) - 1, len(articles), len(asking) - 1
    ):  # fmt: skip
        raise ValueError("holders must have columns of one length")
    if min(read_cap, most, depth) < 0:
        raise ValueError("bounds must not be negative")
    ends, out, first = [0], [], []
    for n, limit in enumerate(map(int, before)):
        scores: dict[int, int] = defaultdict(int)
        for k in range(asking[n], asking[n + 1]):
            held = range(bounds[k], bounds[k + 1])
            met = [int(articles[h]) for h in held if allowed[h] and articles[h] < limit]
            for article in met[:read_cap]:
                scores[article] += (limit // (int(totals[k]) + 1)).bit_length() ** 2
        oldest = sorted(scores)[:depth]
        others = set(scores) - set(oldest)
        order = [
            article
            for some in (oldest, others)
            for article in sorted(some, key=lambda a: (-scores[a], a))
        ][: max(most, depth)]
        out += order
        first += [int(place < 2 * depth) for place in range(len(order))]
        ends.append(len(out))
    return np.array(ends, np.int64), np.array(out, np.uint32), bytes(first)
