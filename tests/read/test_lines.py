"""Lines: cut anywhere, counted, and never held when too long."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read import Fields, Rejects, read_jsonl
from dedup.read.lines import Blocks
from dedup.records import Record
from tests.read.making import Trickle

GOOD = b'{"id": "a", "text": "words"}'


def read(data: bytes, longest_line: int) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    return list(read_jsonl(io.BytesIO(data), "f.jsonl", Fields(), rejects, longest_line)), rejects


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"bcd", b"\r\n"])), st.integers(1, 4))
def test_blocks_hold_every_line_once_however_the_bytes_arrive(
    pieces: list[bytes], size: int
) -> None:
    data = b"".join(pieces)
    blocks = list(Blocks(Trickle(data, size), 1000))
    assert b"".join(block.data or b"" for block in blocks) == data
    assert all((block.data or b"").endswith(b"\n") for block in blocks[:-1])
    for block in blocks:
        assert data[block.offset :].startswith(block.data or b"none")


@given(st.lists(st.integers(0, 12), max_size=8), st.integers(1, 30), st.booleans())
def test_a_line_is_held_if_it_is_short_enough_however_the_bytes_arrive(
    lengths: list[int], size: int, is_ended: bool
) -> None:
    lines = [b"x" * length for length in lengths]
    data = b"\n".join(lines) + b"\n" * is_ended
    at = 0
    for offset, block in Blocks(Trickle(data, size), 5):
        assert offset == at
        if block is None:
            at = data.find(b"\n", at) + 1 or len(data)
            assert len(data[offset:at].rstrip(b"\n")) > 6
        else:
            at += len(block)
            assert data[offset:at] == block
    assert at == len(data)


def test_a_huge_line_is_passed_over() -> None:
    huge = b'{"text": "' + b"x" * 5_000_000 + b'"}'
    records, rejects = read(GOOD + b"\n" + huge + b"\r\n" + GOOD, longest_line=1000)
    assert [record.origin for record in records] == ["f.jsonl:1", "f.jsonl:3"]
    assert [(r.offset, r.reason) for r in rejects.entries] == [(len(GOOD) + 1, "huge-line")]


def test_a_huge_line_is_never_held() -> None:
    class Zeros(io.RawIOBase):
        left = 64

        def read(self, size: int | None = -1, /) -> bytes:
            self.left -= 1
            return b"0" * 1000 if self.left >= 0 else b""

    blocks = Blocks(Zeros(), 5000)
    assert [block.data for block in blocks] == [None]
    assert blocks.offset == 64_000
    assert not blocks._held


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_line_may_be_just_as_long_as_the_limit(end: bytes) -> None:
    assert len(read(GOOD + end, longest_line=len(GOOD))[0]) == 1
    assert read(GOOD + end, longest_line=len(GOOD) - 1)[1].counts == {"huge-line": 1}
