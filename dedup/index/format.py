"""Bytes of a segment: the only place that knows where they stand.

Takes counts and columns, gives bytes; and back again, with every check that needs no more than
the file. The code side of docs/formats/index.md; what segments are for stands in `segments`.
All numbers are little-endian and unsigned; checksums are XXH3-64.
"""

from __future__ import annotations

import json
import struct
from typing import Any, NamedTuple

import numpy as np
import xxhash

from dedup.core import U32, U64
from dedup.errors import IndexDamaged, IndexMismatch
from dedup.settings import TEXT_VERSION, UNICODE_VERSION, Settings

MAGIC = b"DEDUPSEG"
#: Version of segments and catalogue together.
FORMAT = 1
#: Postings of a block, and its bytes: keys first, then articles.
BLOCK = 512
BLOCK_BYTES = BLOCK * (8 + 4)
#: magic, format, postings of a block, stamp, postings, articles, table offset, size, checksum of
#: the table; then the checksum of all that.
_HEADER = struct.Struct("<8sII16sQQQQQ")
_CHECKSUM = struct.Struct("<Q")
HEADER_BYTES = _HEADER.size + _CHECKSUM.size
#: What fills the last block.
_NO_KEY, _NO_ARTICLE = np.uint64(2**64 - 1), np.uint32(2**32 - 1)

#: Settings on which the keys of an article depend, and those on which its relations do.
KEY_SETTINGS = ("k", "num_perm", "band_threshold", "band_recall", "fingerprint_k", "window")
RELATION_SETTINGS = (
    "read_cap", "max_candidates", "family", "seed_words", "max_gap", "x_drop", "fuzzy_letters",
    "min_passage", "min_density", "near_duplicate", "excerpt", "quote_max", "quote_share",
)  # fmt: skip


class Header(NamedTuple):
    """What the first bytes of a segment say."""

    #: XXH3-128 of the settings of the keys.
    stamp: bytes
    postings: int
    articles: int
    #: Where the table begins, and the bytes of the whole file.
    table: int
    size: int
    #: Of the table; and of the header itself, which stands for the whole file.
    table_checksum: int
    checksum: int

    @property
    def blocks(self) -> int:
        """Blocks of postings."""
        return -(-self.postings // BLOCK)


class Table(NamedTuple):
    """What stands behind the blocks."""

    #: uint64, the first key of each block, and the checksum of each block.
    fences: U64
    checksums: U64
    #: uint32, rising: every article that has a posting here.
    articles: U32


def key_stamp(settings: Settings) -> bytes:
    """16 bytes that change with whatever changes keys: settings, text and Unicode version."""
    named: dict[str, Any] = {name: getattr(settings, name) for name in KEY_SETTINGS}
    named |= {"text_version": TEXT_VERSION, "unicode": UNICODE_VERSION}
    data = json.dumps(named, sort_keys=True, separators=(",", ":"))
    return xxhash.xxh3_128_digest(data.encode())


def checksum(data: bytes | memoryview) -> int:
    """XXH3-64."""
    return xxhash.xxh3_64_intdigest(data)


def pack_block(keys: U64, articles: U32) -> bytes:
    """A block of up to `BLOCK` postings, filled up with the largest numbers."""
    missing = BLOCK - len(keys)
    keys = np.append(keys, np.full(missing, _NO_KEY))
    articles = np.append(articles, np.full(missing, _NO_ARTICLE))
    return keys.astype("<u8").tobytes() + articles.astype("<u4").tobytes()


def pack_table(table: Table) -> bytes:
    """Fences, checksums and articles, filled up with zeros to a multiple of eight bytes."""
    columns = (
        table.fences.astype("<u8").tobytes(),
        table.checksums.astype("<u8").tobytes(),
        table.articles.astype("<u4").tobytes(),
    )
    data = b"".join(columns)
    return data + bytes(-len(data) % 8)


def pack_header(stamp: bytes, postings: int, articles: int, table: bytes) -> bytes:
    """The header of a segment whose table has these bytes."""
    begin = HEADER_BYTES + -(-postings // BLOCK) * BLOCK_BYTES
    size = begin + len(table)
    data = _HEADER.pack(
        MAGIC, FORMAT, BLOCK, stamp, postings, articles, begin, size, checksum(table)
    )
    return data + _CHECKSUM.pack(checksum(data))


def read_header(data: memoryview, name: str, stamp: bytes) -> Header:
    """Check and read the header; `data` is the whole file.

    Raises:
        IndexMismatch: Another version, or other settings.
        IndexDamaged: Anything else that does not fit.
    """
    if len(data) < HEADER_BYTES or data[: len(MAGIC)] != MAGIC:
        raise IndexDamaged(f"{name}, byte 0: expected {MAGIC!r}, found {bytes(data[:8])!r}.")
    fields = _HEADER.unpack_from(data)
    (found,) = _CHECKSUM.unpack_from(data, _HEADER.size)
    if checksum(data[: _HEADER.size]) != found:
        raise IndexDamaged(f"{name}, bytes 0 to {HEADER_BYTES}: the header has changed.")
    _, format_, block, stamped, postings, articles, table, size, behind = fields
    if format_ != FORMAT or block != BLOCK:
        raise IndexMismatch(
            f"{name} has format {format_} with {block} postings a block; this version reads "
            f"format {FORMAT} with {BLOCK}. Read it with the version that wrote it, or delete the "
            "file and run `dedup index verify --repair`, which makes it again."
        )
    if stamped != stamp:
        raise IndexMismatch(
            f"{name} was made with settings {stamped.hex()}; the catalogue says {stamp.hex()}. "
            "Delete the file and run `dedup index verify --repair`, which makes it again."
        )
    header = Header(stamped, postings, articles, table, size, behind, found)
    if header.size != len(data):
        raise IndexDamaged(f"{name}: expected {header.size} bytes, found {len(data)}.")
    return header


def read_table(data: memoryview, name: str, header: Header) -> Table:
    """Check and read what stands behind the blocks.

    Raises:
        IndexDamaged: It has changed.
    """
    if checksum(data[header.table :]) != header.table_checksum:
        raise IndexDamaged(f"{name}, bytes {header.table} to {header.size}: the table has changed.")
    n, begin = header.blocks, header.table
    return Table(
        np.frombuffer(data, "<u8", n, begin),
        np.frombuffer(data, "<u8", n, begin + 8 * n),
        np.frombuffer(data, "<u4", header.articles, begin + 16 * n),
    )


def block_columns(data: memoryview, header: Header) -> tuple[U64, U32]:
    """Keys and articles of all blocks, shape (blocks, BLOCK); nothing is copied or checked."""
    n = header.blocks
    keys = np.ndarray((n, BLOCK), "<u8", data, HEADER_BYTES, (BLOCK_BYTES, 8))
    articles = np.ndarray((n, BLOCK), "<u4", data, HEADER_BYTES + 8 * BLOCK, (BLOCK_BYTES, 4))
    return keys, articles


def block_bytes(data: memoryview, number: int) -> memoryview:
    """The bytes of one block."""
    begin = HEADER_BYTES + number * BLOCK_BYTES
    return data[begin : begin + BLOCK_BYTES]
