"""Make the inputs of these tests: compressed in every way, cut and broken."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd


def gz(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def gz_members(data: bytes, size: int = 50) -> bytes:
    return b"".join(gz(data[i : i + size]) for i in range(0, len(data), size)) or gz(b"")


def zst(data: bytes) -> bytes:
    checked: dict[Any, int] = {zstd.CompressionParameter.checksum_flag: 1}
    return zstd.compress(data, options=checked)


def zst_frames(data: bytes, between: bytes = b"") -> bytes:
    return between.join(zst(data[i : i + 50]) for i in range(0, len(data), 50))


def zst_skippable(data: bytes) -> bytes:
    skippable = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc"
    return skippable + zst_frames(data, skippable)


def bz(data: bytes) -> bytes:
    return bz2.compress(data, 1)


def bz_streams(data: bytes, size: int = 5000) -> bytes:
    return b"".join(bz(data[i : i + size]) for i in range(0, len(data), size)) or bz(b"")


def xz(data: bytes) -> bytes:
    return lzma.compress(data, preset=0)


def xz_streams(data: bytes, size: int = 5000) -> bytes:
    """Streams with padding between them."""
    parts = [xz(data[i : i + size]) for i in range(0, len(data), size)]
    return (b"\0" * 8).join(parts) or xz(b"")


def plain(data: bytes) -> bytes:
    return data


Pack = Callable[[bytes], bytes]
PACKINGS: list[Pack] = [
    plain, gz, gz_members, zst, zst_frames, zst_skippable, bz, bz_streams, xz, xz_streams,
]  # fmt: skip


class Trickle(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int = 3) -> None:
        super().__init__()
        self._data = io.BytesIO(data)
        self._size = size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(self._size if size < 0 else min(size, self._size))
