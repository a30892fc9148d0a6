"""Streams: recognized by content, complete up to the cut."""

from __future__ import annotations

import gzip
import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.streams import BLOCK, ByteStream, CutFile, open_stream
from tests.read.making import PACKINGS, Pack, Trickle, gz, gz_members, zst, zst_frames

LINES = b"".join(b'{"text": "article number %d"}\n' % i for i in range(2000))
NOISE = random.Random(7).randbytes(400_000)


def drain(stream: ByteStream) -> tuple[bytes, CutFile | None]:
    data = b""
    try:
        while block := stream.read(BLOCK):
            data += block
    except CutFile as error:
        return data, error
    return data, None


def unpack(data: bytes) -> tuple[bytes, CutFile | None]:
    return drain(open_stream("-", io.BytesIO(data)))


@pytest.mark.parametrize("pack", PACKINGS)
@pytest.mark.parametrize("data", [b"", b"x", b"\n", LINES, NOISE], ids=len)
def test_every_packing_gives_back_the_bytes(pack: Pack, data: bytes) -> None:
    assert unpack(pack(data)) == (data, None)


@pytest.mark.parametrize("pack", PACKINGS)
def test_the_name_of_a_file_does_not_matter(pack: Pack, tmp_path: Path) -> None:
    for name in ("a.jsonl", "a.gz", "a.zst", "a"):
        (tmp_path / name).write_bytes(pack(LINES))
        with open_stream(tmp_path / name) as stream:
            assert drain(stream) == (LINES, None)


@pytest.mark.parametrize("pack", PACKINGS)
def test_a_slow_pipe_gives_the_same_bytes(pack: Pack) -> None:
    assert drain(open_stream("-", Trickle(pack(LINES[:999])))) == (LINES[:999], None)  # type: ignore[arg-type]


@pytest.mark.parametrize("pack", PACKINGS)
def test_small_reads_give_the_same_bytes(pack: Pack) -> None:
    stream = io.BufferedReader(open_stream("-", io.BytesIO(pack(LINES))), 64)
    assert stream.read(7) + stream.readline() + stream.read() == LINES


@pytest.mark.parametrize("pack", [gz, gz_members, zst, zst_frames])
def test_a_cut_at_any_byte_gives_a_beginning_and_then_says_so(pack: Pack) -> None:
    packed = pack(LINES[:300])
    whole = {size for size in range(len(packed)) if not unpack(packed[:size])[1]}
    for size in range(4, len(packed)):
        data, error = unpack(packed[:size])
        assert LINES.startswith(data)
        if error:
            assert error.delivered == len(data)
            assert isinstance(error, OSError)
    # Only between members or frames is a cut not to be seen.
    if pack in (gz, zst):
        assert whole <= {0, 1, 2, 3}
    else:
        assert all(len(unpack(packed[:size])[0]) % 50 == 0 for size in whole if size > 3)


def test_all_bytes_before_a_cut_in_a_long_file_are_given() -> None:
    packed = gz(LINES)
    data, error = unpack(packed[: len(packed) // 2])
    assert error
    assert error.delivered == len(data) > len(LINES) // 4
    stored = zst(NOISE)
    data, error = unpack(stored[: len(stored) // 2])
    assert error
    assert NOISE.startswith(data)
    assert len(data) > len(stored) // 2 - 100


def test_a_cut_is_told_again_at_each_read() -> None:
    stream = open_stream("-", io.BytesIO(gz(LINES)[:-9]))
    drain(stream)
    with pytest.raises(CutFile):
        stream.read(1)


def test_a_broken_checksum_is_told_after_all_bytes() -> None:
    for packed in (gz(LINES), zst(LINES)):
        broken = bytearray(packed)
        broken[-8 if packed[0] == 0x1F else -1] ^= 1
        data, error = unpack(bytes(broken))
        assert data == LINES
        assert error
        assert error.delivered == len(LINES)


@given(st.sampled_from([gz, gz_members, zst, zst_frames]), st.data())
def test_a_flipped_byte_never_changes_the_bytes_in_silence(pack: Pack, data: st.DataObject) -> None:
    whole = LINES[:400]
    packed = bytearray(pack(whole))
    # Before 4 it is the magic number, and without that the file is plain.
    position = data.draw(st.integers(4, len(packed) - 1))
    packed[position] ^= data.draw(st.integers(1, 255))
    got, error = unpack(bytes(packed))
    if error is None and pack is gz_members:
        # The magic number of the last member: gzip, too, takes that member for garbage.
        assert got in (whole, whole[:350])
    elif error is None:
        assert got == whole


def test_a_damage_in_the_middle_keeps_the_members_before_it() -> None:
    packed = bytearray(gz_members(LINES, 1000))
    first = len(gz(LINES[:1000]))
    packed[first + 15] ^= 0xFF
    packed[first + 16] ^= 0xFF
    data, error = unpack(bytes(packed))
    assert error
    assert data.startswith(LINES[:1000])


def test_all_that_can_be_inflated_before_a_damage_is_given() -> None:
    noise = gz(NOISE)
    broken = noise[:300_000] + b"\xff" * 1000 + noise[301_000:]
    data, error = unpack(broken)
    assert error
    assert data[:299_000] == NOISE[:299_000]


@pytest.mark.parametrize("tail", [b"\0", b"\0" * 5000, b"garbage", b"\0\0garbage", b"g"])
def test_gzip_padding_and_garbage_behind_the_last_member_are_ignored(tail: bytes) -> None:
    assert unpack(gz_members(LINES) + tail) == (LINES, None)


def test_zeros_between_gzip_members_are_ignored() -> None:
    assert unpack(gz(LINES) + b"\0" * 300_000 + gz(LINES)) == (LINES + LINES, None)


def test_a_gzip_member_behind_garbage_is_not_lost_in_silence() -> None:
    for garbage in (b"garbage", b"g" * 131_071, b"g" * 300_000):
        data, error = unpack(gz(LINES) + garbage + gz(LINES))
        assert data == LINES
        assert error


def test_a_compressed_name_with_next_to_no_bytes_is_a_cut(tmp_path: Path) -> None:
    for name in ("a.jsonl.gz", "a.zst"):
        (tmp_path / name).write_bytes(b"")
        with pytest.raises(CutFile), open_stream(tmp_path / name) as stream:
            stream.read(1)


def test_peeking_leaves_the_bytes_in_place() -> None:
    stream = open_stream("-", io.BytesIO(gz_members(LINES)))
    assert LINES.startswith(stream.peek(1000))
    assert len(stream.peek(1000)) >= 1000
    assert drain(stream) == (LINES, None)


def test_standard_input_stays_open_and_files_are_closed(tmp_path: Path) -> None:
    source = io.BytesIO(b"x")
    open_stream("-", source).close()
    assert not source.closed
    (tmp_path / "a").write_bytes(gzip.compress(b"x"))
    stream = open_stream(tmp_path / "a")
    stream.close()
    assert stream.closed
