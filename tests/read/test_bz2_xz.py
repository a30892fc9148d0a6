"""bzip2 and xz: whole up to the cut, and in bounded memory."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import zlib

import pytest

from dedup.read.streams import BLOCK, CutFile, open_stream
from tests.read.making import Pack, bz, bz_streams, xz, xz_streams

LINES = b"".join(b'{"text": "article number %d"}\n' % i for i in range(3000))


def unpack(data: bytes) -> tuple[bytes, CutFile | None]:
    stream, got = open_stream("-", io.BytesIO(data)), b""
    try:
        while block := stream.read(BLOCK):
            got += block
    except CutFile as error:
        return got, error
    return got, None


@pytest.mark.parametrize("pack", [bz, bz_streams, xz, xz_streams])
def test_a_cut_at_any_byte_gives_a_beginning_and_then_says_so(pack: Pack) -> None:
    packed = pack(LINES[:15_000])
    whole = []
    for size in range(4, len(packed)):
        data, error = unpack(packed[:size])
        assert LINES.startswith(data)
        if error:
            assert error.delivered == len(data)
        else:
            whole.append(len(data))
    # Only between streams is a cut not to be seen.
    assert all(size % 5000 == 0 for size in whole)
    assert bool(whole) == (pack in (bz_streams, xz_streams))


@pytest.mark.parametrize("pack", [bz_streams, xz_streams])
def test_a_damage_keeps_the_streams_before_it(pack: Pack) -> None:
    packed = bytearray(pack(LINES))
    packed[len(packed) // 2] ^= 0x55
    data, error = unpack(bytes(packed))
    assert error
    assert LINES.startswith(data)
    assert len(data) >= len(LINES) // 2 - 10_000


@pytest.mark.parametrize("pack", [bz, xz])
@pytest.mark.parametrize("tail", [b"garbage" * 9, b"BZ", b"\xfd7", b"\0" * 8 + b"x"])
def test_bytes_behind_the_last_stream_are_named(pack: Pack, tail: bytes) -> None:
    data, error = unpack(pack(LINES) + tail)
    assert data == LINES
    assert error


@pytest.mark.parametrize("pack", [bz, xz])
def test_zeros_behind_the_last_stream_are_ignored(pack: Pack) -> None:
    assert unpack(pack(LINES) + b"\0" * 20_000) == (LINES, None)


@pytest.mark.parametrize("pack", [bz2.compress, lzma.compress])
def test_a_bomb_comes_in_small_blocks(pack: Pack) -> None:
    zeros = b"\0" * (16 << 20)
    stream = open_stream("-", io.BytesIO(pack(zeros) * 3))
    sizes = []
    while block := stream.read(1 << 30):
        sizes.append(len(block))
    assert sum(sizes) == 3 * len(zeros)
    assert max(sizes) <= 1 << 20


def test_memory_is_not_taken_because_a_header_asks_for_it() -> None:
    whole = bytearray(lzma.compress(LINES, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0}]))
    # The header of the block: sizes, filter LZMA2, one byte for a dictionary of 4 GiB, checksum.
    assert whole[14:16] == b"\x21\x01"
    whole[16] = 40
    size = (whole[12] + 1) * 4
    whole[12 + size - 4 : 12 + size] = struct.pack("<I", zlib.crc32(whole[12 : 12 + size - 4]))
    data, error = unpack(bytes(whole))
    assert data == b""
    assert "Memory" in str(error)
