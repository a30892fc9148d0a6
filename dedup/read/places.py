"""Find where articles lie in a file, so that it can be written again without them.

In: a file, and the numbers its reader put into the origins of articles. Out: half-open spans of
its plain bytes, in order; for gzip the members too, since who leaves out a record wants all others
as they are stored. Writing is left to the room of reports.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from dedup.errors import InputError
from dedup.read.arc import ARC
from dedup.read.csv import find_rows
from dedup.read.frames import read_frames
from dedup.read.gunzip import Damage, GzipMember, gunzip, read_members
from dedup.read.rejects import Rejects
from dedup.read.streams import BLOCK, Readable, as_utf8, open_stream
from dedup.read.warc import WARC

_KINDS = {"WARC": WARC, "ARC": ARC}
Span = tuple[int, int]


def find_spans(
    path: str | os.PathLike[str],
    format_: str,
    numbers: Collection[int],
    charsets: tuple[str, ...] = (),
) -> Iterator[Span]:
    """Where the articles with these numbers lie, with the line ends behind them.

    Args:
        path: The file, packed or not.
        format_: WARC or ARC (a number is the byte where a record begins), or CSV (the line where
            a row begins).
        numbers: Of the articles.
        charsets: Of CSV, as for `as_utf8`; the spans are then those of its UTF-8.

    Raises:
        InputError: An article is not there.
        OSError: The file cannot be read.
    """
    left = set(numbers)
    with open_stream(path) as stream:
        if format_ in _KINDS:
            rows = _find_records(stream, os.fspath(path), format_)
        else:
            found = find_rows(as_utf8(stream, charsets)[0], os.fspath(path))
            rows = ((row.line, row.begin, row.behind) for row in found)
        for number, begin, end in rows:
            if number in left:
                left.remove(number)
                yield begin, end
    if left:
        what = "line" if format_ == "CSV" else "byte"
        raise InputError(f"there is no article at {what} {min(left)} any more")


def find_row_ends(
    path: str | os.PathLike[str], new: Collection[str], charsets: tuple[str, ...] = ()
) -> Iterator[tuple[int, int, str]]:
    """Of each row of a CSV file: its line, the byte behind its last cell, the delimiter.

    The row of names comes first. Other arguments and errors as of `find_spans`.

    Raises:
        InputError: There is a column of a `new` name already.
    """
    with open_stream(path) as stream:
        plain, _ = as_utf8(stream, charsets)
        for row in find_rows(plain, os.fspath(path), new):
            yield row.line, row.end, row.delimiter


def _find_records(stream: Readable, name: str, format_: str) -> Iterator[tuple[int, int, int]]:
    for frame in read_frames(stream, name, _KINDS[format_], Rejects()):
        yield frame.offset, frame.offset, frame.end


def list_members(path: str | os.PathLike[str]) -> Iterator[GzipMember]:
    """The members of a gzip file, damaged ones among them; it is inflated for that."""
    with Path(path).open("rb") as file:
        try:
            for piece in read_members(file.read):
                if isinstance(piece, GzipMember):
                    yield piece
        except Damage:
            return


def read_member(path: str | os.PathLike[str], member: GzipMember) -> Iterator[bytes]:
    """The plain bytes of one member, of a damaged one those that can be had."""
    with Path(path).open("rb") as file:
        file.seek(member.begin)
        left = member.end - member.begin

        def take(size: int) -> bytes:
            nonlocal left
            data = file.read(min(size, left))
            left -= len(data)
            return data

        try:
            yield from gunzip(take)
        except Damage:
            return


def read_stored(path: str | os.PathLike[str], member: GzipMember) -> Iterator[bytes]:
    """The bytes of one member as they are stored."""
    with Path(path).open("rb") as file:
        file.seek(member.begin)
        left = member.end - member.begin
        while left and (block := file.read(min(BLOCK, left))):
            left -= len(block)
            yield block
