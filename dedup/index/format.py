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
import numpy.typing as npt
import xxhash

from dedup import core
from dedup.core import U8, U32, U64, PackedPostings
from dedup.errors import IndexDamaged, IndexMismatch
from dedup.settings import TEXT_VERSION, UNICODE_VERSION, Settings

MAGIC = b"DEDUPSEG"
#: Version of segments and catalogue together.
FORMAT = 2
#: Postings of a block; how they are packed is said by `dedup.core.pack_postings`.
BLOCK = 512
#: Highest bits of a key that are kept. Of 48, one in 6,000 questions to ten million articles meets
#: a foreign article by chance, which verification then drops; 16 more bits cost 280 bytes an
#: article (docs/choices/0030).
KEY_BITS = 48
KEY_BYTES = KEY_BITS // 8
#: magic, format, postings of a block, stamp, postings, articles, table offset, size, checksum of
#: the table; then the checksum of all that.
_HEADER = struct.Struct("<8sII16sQQQQQ")
_CHECKSUM = struct.Struct("<Q")
HEADER_BYTES = _HEADER.size + _CHECKSUM.size
#: Bytes of the table for each block, and the fewest that stand behind the blocks.
_ROW_BYTES = 8 + 8 + 4 + 1 + 1
_LEAST_TABLE = 16

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
    """What stands behind the blocks: for each block what reads it, and who is there."""

    #: Fences, checksums, bases and bits of each block: see `dedup.core.Blocks`.
    fences: U64
    checksums: U64
    bases: U32
    key_bits: U8
    article_bits: U8
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


def pack_keys(keys: U64) -> bytes:
    """Keys as the catalogue keeps them: six bytes each."""
    return keys.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :KEY_BYTES].tobytes()


def unpack_keys(data: bytes) -> U64:
    """The keys again."""
    out = np.zeros((len(data) // KEY_BYTES, 8), np.uint8)
    out[:, :KEY_BYTES] = np.frombuffer(data, np.uint8).reshape(-1, KEY_BYTES)
    return np.asarray(out.view("<u8").reshape(-1).astype(np.uint64, copy=False))


def pack_table(table: Table) -> bytes:
    """The columns of a table, filled up with zeros to a multiple of eight bytes."""
    columns: tuple[npt.NDArray[Any], ...] = (
        table.fences.astype("<u8"),
        table.checksums.astype("<u8"),
        table.bases.astype("<u4"),
        table.articles.astype("<u4"),
        table.key_bits,
        table.article_bits,
    )
    data = b"".join(column.tobytes() for column in columns)
    return data + bytes(max(_LEAST_TABLE - len(data), -len(data) % 8))


def pack_header(stamp: bytes, postings: int, articles: int, begin: int, table: bytes) -> bytes:
    """The header of a segment whose table begins there and has these bytes."""
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
    if header.size - begin < _ROW_BYTES * n + 4 * header.articles:
        raise IndexDamaged(f"{name}: its table is shorter than its header says.")

    def column(dtype: str, count: int) -> Any:
        nonlocal begin
        out = np.frombuffer(data, dtype, count, begin)
        begin += out.nbytes
        return out

    fences, checksums, bases = column("<u8", n), column("<u8", n), column("<u4", n)
    articles = column("<u4", header.articles)
    return Table(fences, checksums, bases, column("u1", n), column("u1", n), articles)


def open_blocks(data: memoryview, name: str, header: Header, table: Table) -> PackedPostings:
    """The blocks, ready to be looked up; each is checked when it is first read.

    Raises:
        IndexDamaged: Blocks and table do not fit.
    """
    try:
        packed = core.open_postings(
            data, HEADER_BYTES, table.fences, table.checksums, table.bases, table.key_bits,
            table.article_bits, BLOCK, header.postings,
        )  # fmt: skip
    except ValueError as error:
        raise IndexDamaged(f"{name}: {error}.") from error
    end = int(packed.begins[-1])
    if data[end : header.table] != bytes(-end % 8):
        raise IndexDamaged(f"{name}, bytes {end} to {header.table}: they should be zeros.")
    return packed
