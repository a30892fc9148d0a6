"""Frames: every record of a file, also those behind a damage, and a name for each damage."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read import streams
from dedup.read.arc import ARC
from dedup.read.frames import Frame, read_frames
from dedup.read.rejects import Rejects
from dedup.read.streams import open_stream
from dedup.read.warc import WARC
from tests.read.crawls import arc, arc_info, found, warc, wet
from tests.read.making import gz, gz_members


def frames(data: bytes, longest: int = 1 << 20) -> tuple[list[Frame], Rejects]:
    rejects = Rejects()
    stream = open_stream("-", io.BytesIO(data))
    return list(read_frames(stream, "x", WARC, rejects, longest)), rejects


def numbers(data: bytes, longest: int = 1 << 20) -> tuple[list[int], list[tuple[int, str]]]:
    """Which of the records made by `wet` are found whole, and what is rejected."""
    got, rejects = frames(data, longest)
    return [int(f.fields["warc-target-uri"].rpartition("/")[2]) for f in got], found(rejects)


def content(record: bytes) -> bytes:
    return record.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")


@given(st.lists(st.binary(max_size=300), max_size=8), st.sampled_from([b"\r\n\r\n", b"\n\n", b""]))
def test_every_record_is_found_with_its_offset_and_its_bytes(
    contents: list[bytes], end: bytes
) -> None:
    contents = [one for one in contents if b"WARC/" not in one]
    records = [warc(one, end=end) for one in contents]
    got, rejects = frames(b"".join(records))
    assert not rejects
    assert [frame.content for frame in got] == contents
    assert [frame.offset for frame in got] == [sum(map(len, records[:i])) for i in range(len(got))]


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\n", b"\n\n", b"\r\n" * 50])
def test_missing_or_many_blank_lines_between_records_do_no_harm(end: bytes) -> None:
    assert numbers(wet(1, end=end) + wet(2, end=end) + wet(3, end=end)) == ([1, 2, 3], [])


@pytest.mark.parametrize("length", [0, 1, 20, 40, 70, 150, 400, 900, 2 << 20, 10**15])
def test_a_wrong_length_costs_one_record_and_is_named(length: int) -> None:
    whole = wet(1) + wet(2, length=length) + wet(3) + wet(4)
    got, rejects = numbers(whole)
    reason = "huge-record" if length > 1 << 20 else "bad-length"
    assert rejects == [(len(wet(1)), reason)]
    assert got == [1, 3, 4]


@pytest.mark.parametrize("length", ["", "-5", "1e3", "0x10", "12 34", "٣", "9" * 40])
def test_a_length_that_is_no_number_is_a_bad_record(length: str) -> None:
    assert numbers(wet(1) + wet(2, length=length) + wet(3)) == (
        [1, 3],
        [(len(wet(1)), "bad-record")],
    )


@pytest.mark.parametrize("garbage", [b"x", b"garbage\r\n" * 20_000, b"WARC/", b"\0" * 3_000_000])
def test_records_behind_garbage_are_found(garbage: bytes) -> None:
    got, rejects = numbers(wet(1) + garbage + wet(2) + wet(3))
    assert got == [1, 2, 3]
    assert rejects == [(len(wet(1)), "bad-record")]


def test_a_record_that_is_too_long_is_passed_over_and_named() -> None:
    big = warc(b"x" * 3_000_000, "conversion", "https://daily.example/2")
    assert numbers(wet(1) + big + wet(3)) == ([1, 3], [(len(wet(1)), "huge-record")])


def test_records_on_either_side_of_a_block_are_found() -> None:
    size = (1 << 20) - 40
    for shift in range(0, 80, 7):
        first = warc(b"x" * (size + shift), "conversion", "https://daily.example/1", end=b"")
        bad = warc(b"y" * 500, "conversion", "https://daily.example/2", length=10)
        got, rejects = numbers(first + bad + wet(3), 2 << 20)
        assert got == [1, 3]
        assert rejects == [(len(first), "bad-length")]


def test_a_cut_at_any_byte_gives_the_records_before_it_and_is_told() -> None:
    records = [wet(n) for n in range(3)]
    whole = b"".join(records)
    for size in range(1, len(whole)):
        got, rejects = numbers(whole[:size])
        done = sum(size >= sum(map(len, records[: n + 1])) - 4 for n in range(3))
        assert got == list(range(done))
        inside = size > sum(map(len, records[:done]))
        # Behind the content there may be blank lines, or not.
        assert len(rejects) == inside


def test_a_cut_gzip_file_gives_the_records_before_it_and_is_told() -> None:
    records = [wet(n) for n in range(40)]
    packed = gz_members(b"".join(records), len(records[0]))
    got, rejects = numbers(packed[: len(packed) // 2])
    assert 10 < len(got) < 30
    assert got == list(range(len(got)))
    assert [reason for _, reason in rejects] == ["cut-file"]


def test_a_cut_inside_a_record_is_one_reject_with_its_offset() -> None:
    packed = gz(wet(1) + warc(bytes(range(256)) * 400, "resource"))
    got, rejects = frames(packed[:-200])
    assert len(got) == 1
    assert found(rejects) == [(len(wet(1)), "cut-file")]
    assert "bytes came before; the record has " in rejects.entries[0].detail


def test_a_stream_that_fails_is_unreadable() -> None:
    class Failing:
        def read(self, size: int = -1, /) -> bytes:
            raise OSError("the disk is gone")

    rejects = Rejects()
    assert not list(read_frames(Failing(), "x", WARC, rejects))
    assert found(rejects) == [(0, "unreadable")]


def test_a_crawl_file_inside_a_record_is_not_taken_apart() -> None:
    outer = warc(wet(7) + wet(8), "resource", "https://daily.example/1")
    assert numbers(outer + wet(2)) == ([1, 2], [])


@given(st.data())
def test_a_flipped_byte_loses_at_most_two_records_of_ten(data: st.DataObject) -> None:
    whole = bytearray(b"".join(wet(n) for n in range(10)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] ^= data.draw(st.integers(1, 255))
    got, rejects = frames(bytes(whole))
    same = {content(wet(n)) for n in range(10)}
    assert sum(frame.content in same for frame in got) >= 8
    assert len(got) + len(rejects) >= 9


def test_a_head_that_does_not_end_is_a_bad_record() -> None:
    endless = b"WARC/1.0\r\n" + b"X-Field: value\r\n" * 10_000
    got, rejects = frames(wet(1) + endless + b"\r\n\r\n" + wet(2))
    assert len(got) == 2
    assert [reason for _, reason in found(rejects)] == ["bad-record"]


def test_a_wrong_length_in_an_arc_file_costs_one_record() -> None:
    rejects = Rejects()
    whole = arc_info() + arc(b"one") + arc(b"two", length=90) + arc(b"three") + arc(b"four")
    got = list(read_frames(io.BytesIO(whole), "x", ARC, rejects))
    assert [frame.content for frame in got][1:] == [b"one", b"three", b"four"]
    assert found(rejects) == [(len(arc_info() + arc(b"one")), "bad-length")]


def test_a_sparse_file_with_a_record_of_500_mb_is_read_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.warc"
    size = 500 << 20
    head = warc(b"", "conversion", length=size, end=b"")
    with path.open("wb") as file:
        file.write(wet(1) + head)
        file.seek(size, io.SEEK_CUR)
        file.write(b"\r\n\r\n" + wet(2))
    with open_stream(path) as stream:
        rejects = Rejects()
        got = list(read_frames(stream, "x", WARC, rejects))
    assert [frame.content for frame in got] == [content(wet(1)), content(wet(2))]
    assert found(rejects) == [(len(wet(1)), "huge-record")]


@pytest.mark.parametrize("is_ahead", [False, True])
def test_the_records_behind_a_damaged_member_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_ahead: bool
) -> None:
    monkeypatch.setattr(streams, "_LONG", 0 if is_ahead else 1 << 40)
    members = [bytearray(gz(wet(n))) for n in range(40)]
    for n in (0, 7, 8, 30):
        members[n][len(members[n]) // 2] ^= 0x55
    (tmp_path / "a.warc.gz").write_bytes(b"".join(members))
    rejects = Rejects()
    with open_stream(tmp_path / "a.warc.gz") as stream:
        got = [f.fields["warc-target-uri"] for f in read_frames(stream, "x", WARC, rejects)]
    lost = {f"https://daily.example/{n}" for n in (0, 7, 8, 30)}
    assert {f"https://daily.example/{n}" for n in range(40)} - set(got) <= lost
    assert len(got) == len(set(got))
    assert [reason for _, reason in found(rejects)] == ["damaged-part"] * 4


@given(st.lists(st.integers(0, 255), min_size=1, max_size=5), st.data())
def test_what_a_damage_leaves_is_found_wherever_it_is(
    flips: list[int], data: st.DataObject
) -> None:
    members = [gz(wet(n)) for n in range(12)]
    whole = bytearray(b"".join(members))
    hurt = set()
    for flip in flips:
        place = data.draw(st.integers(2, len(whole) - 1))  # behind the magic number
        if flip:
            whole[place] ^= flip
            hurt.add(next(n for n in range(12) if place < sum(map(len, members[: n + 1]))))
    got, rejects = frames(bytes(whole))
    urls = {frame.fields.get("warc-target-uri", "") for frame in got}
    lost = {n for n in range(12) if f"https://daily.example/{n}" not in urls}
    assert lost <= hurt
    # A flip in the time of a member says nothing else; one in its text may be a letter of the url.
    assert rejects or not lost


def test_a_cut_member_and_those_appended_behind_it() -> None:
    cut = gz(wet(1))[:-40]
    found, rejects = numbers(gz(wet(0)) + cut + gz(wet(2)) + gz(wet(3)))
    assert found == [0, 2, 3]
    # What unpacking makes of the next member's first bytes depends on the time that stands in it.
    assert {reason for _, reason in rejects} in ({"damaged-part"}, {"bad-length", "damaged-part"})
    assert rejects[0][0] == len(wet(0))
