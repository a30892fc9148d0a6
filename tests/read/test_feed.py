"""Feeds: every byte comes through, in batches of what is there."""

from __future__ import annotations

import io
import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import InputError
from dedup.read import Feed, FeedLine, Fields, Rejects, read_jsonl
from tests.strategies import junk_lines

GOOD = b'{"id":"a","text":"eins zwei"}'
line_strategy = junk_lines() | st.sampled_from([GOOD, b"", b"  ", b'{"text":"drei"}'])


def feed_of(data: bytes, longest: int = 1 << 20) -> list[FeedLine]:
    return [line for batch in Feed(io.BytesIO(data), Fields(), "-", longest) for line in batch]


@given(st.lists(line_strategy), st.sampled_from([b"\n", b"\r\n"]), st.booleans(), st.booleans())
@settings(deadline=None)
def test_lines_records_and_rejects_are_those_of_the_file(
    rows: list[bytes], end: bytes, has_end: bool, has_mark: bool
) -> None:
    data = (b"\xef\xbb\xbf" if has_mark else b"") + end.join(rows) + (end if has_end else b"")
    found = feed_of(data)
    rejects = Rejects()
    records = list(read_jsonl(io.BytesIO(data), "-", Fields(), rejects))
    assert b"".join(line.raw for line in found) == data
    assert [line.record for line in found if line.record] == records
    named = [line.reject for line in found if line.reject]
    assert [reject[:3] for reject in named] == [reject[:3] for reject in rejects.entries]
    assert all(reject.detail.startswith("line ") for reject in named)


class Pieces(io.RawIOBase):
    """A stream without a file that gives one piece at a time."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def read(self, size: int = -1, /) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


@given(st.binary(max_size=60), st.integers(1, 9))
@settings(deadline=None)
def test_numbers_and_offsets_do_not_depend_on_the_pieces(data: bytes, size: int) -> None:
    pieces = [data[n : n + size] for n in range(0, len(data), size)]
    if data[:2] == b"\x1f\x8b" or data[1:4] == b"\x2a\x4d\x18" or data[:4] == b"\x28\xb5\x2f\xfd":
        return
    batches = Feed(Pieces(pieces), Fields())  # type: ignore[arg-type]
    assert [line for batch in batches for line in batch] == feed_of(data)


def test_a_line_that_is_too_long_passes_in_pieces_and_is_one_reject() -> None:
    rows = [GOOD, b"x" * 3_000_000, GOOD]
    found = feed_of(b"\n".join(rows), longest=1000)
    assert b"".join(line.raw for line in found) == b"\n".join(rows)
    (reject,) = (line.reject for line in found if line.reject)
    assert (reject.reason, reject.offset) == ("huge-line", len(GOOD) + 1)
    assert [line.record.id for line in found if line.record] == ["a", "a"]
    assert [line.record.origin for line in found if line.record] == ["-:1", "-:3"]


def test_a_line_is_given_before_the_next_one_is_written() -> None:
    ours, theirs = os.pipe()
    timer = threading.Timer(30, os.close, [theirs])  # a feed that waits for more ends here
    timer.start()
    os.write(theirs, GOOD + b"\n" + GOOD[:5])
    with open(ours, "rb") as stream:
        batches = iter(Feed(stream, Fields()))
        assert [line.raw for line in next(batches)] == [GOOD + b"\n"]
        os.write(theirs, GOOD[5:] + b"\n")
        assert [line.raw for line in next(batches)] == [GOOD + b"\n"]
        assert timer.is_alive()
        timer.cancel()
        os.close(theirs)
        assert list(batches) == []


@pytest.mark.parametrize("head", [b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd"])
def test_a_compressed_feed_is_refused(head: bytes) -> None:
    with pytest.raises(InputError, match="zcat"):
        feed_of(head + b"more")
