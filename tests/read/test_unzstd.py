"""Zstandard: every kind of frame, cut into its blocks."""

from __future__ import annotations

from typing import Any

from tests.read.making import zst, zstd
from tests.read.test_streams import LINES, unpack


def test_bytes_of_no_frame_behind_zstd_are_a_damage() -> None:
    data, error = unpack(zst(LINES) + b"garbage")
    assert data == LINES
    assert error


def test_a_zstd_frame_with_a_window_of_two_gigabytes_is_read() -> None:
    wide: dict[Any, int] = {
        zstd.CompressionParameter.window_log: 31,
        zstd.CompressionParameter.enable_long_distance_matching: 0,
    }
    packer = zstd.ZstdCompressor(options=wide)
    # Without a known size the frame states its full window.
    packed = packer.compress(b"x" * 100, zstd.ZstdCompressor.FLUSH_BLOCK) + packer.flush()
    assert unpack(packed) == (b"x" * 100, None)


def test_every_kind_of_zstd_frame_header_is_understood() -> None:
    for size in (0, 1, 255, 256, 65_791, 65_792, 300_000):
        data = (LINES * 10)[:size]
        for flags in ({"content_size_flag": 0}, {"checksum_flag": 0}, {"checksum_flag": 1}):
            options = {getattr(zstd.CompressionParameter, k): v for k, v in flags.items()}
            assert unpack(zstd.compress(data, options=options)) == (data, None)
    assert unpack(zst(b"\0" * 1_000_000)) == (b"\0" * 1_000_000, None)
