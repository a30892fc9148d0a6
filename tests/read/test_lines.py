"""Lines: cut anywhere, counted, and never held when too long."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read import Fields, Rejects, read_jsonl
from dedup.read.lines import Lines
from dedup.records import Record
from tests.read.making import Trickle

GOOD = b'{"id": "a", "text": "words"}'


def read(data: bytes, longest_line: int) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    return list(read_jsonl(io.BytesIO(data), "f.jsonl", Fields(), rejects, longest_line)), rejects


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"bcd", b"\r\n"])), st.integers(1, 4))
def test_lines_are_those_of_split_however_the_bytes_arrive(pieces: list[bytes], size: int) -> None:
    data = b"".join(pieces)
    lines = list(Lines(Trickle(data, size), 1000))
    *ended, rest = data.split(b"\n")
    expected = ended + [rest] * bool(rest)
    assert [line.content for line in lines] == [line.removesuffix(b"\r") for line in expected]
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    for line, content in zip(lines, expected, strict=True):
        assert data[line.offset :].startswith(content)


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

    lines = Lines(Zeros(), 5000)
    for line in lines:
        assert line.content is None
    assert lines.offset == 64_000
    assert not lines._held


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_line_may_be_just_as_long_as_the_limit(end: bytes) -> None:
    assert len(read(GOOD + end, longest_line=len(GOOD))[0]) == 1
    assert read(GOOD + end, longest_line=len(GOOD) - 1)[1].counts == {"huge-line": 1}
