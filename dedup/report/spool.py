"""Articles on disk while a scan is under way: their lines, and where they came from.

Takes batches as they are read and gives columns for whoever keeps them; takes the columns and gives
lines back byte for byte, one by one or many in a row, with site, date and origin. What is written
of them is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import IO, Any, NamedTuple

import numpy as np

from dedup.core import I64, U8, U32
from dedup.records import Batch
from dedup.report.lines import dump

#: Bytes of article lines that are read at a time.
COPIED = 4 << 20
#: Stands for an origin that is a file and no line of it.
NO_LINE = -1
#: The columns that are kept for a `Spool`, beside sites and dates; `begins` has one row more.
SPOOL_COLUMNS = {
    "lines": "u1", "begins": "<i8", "has_line": "u1", "files": "<u4", "line_numbers": "<i8",
}  # fmt: skip


class Spooled(NamedTuple):
    """What a spool keeps of a batch."""

    #: Lines with their ends; of articles without one the text, which may hold line ends.
    lines: Any
    #: Bytes of each with its end.
    sizes: I64
    has_line: U8
    #: Origin: its file, and the number of the line or `NO_LINE`.
    files: Sequence[str]
    numbers: I64


def spool_batch(batch: Batch) -> Spooled:
    """The columns of a batch."""
    begins = np.frombuffer(batch.line_begins, np.int64)
    ends = np.frombuffer(batch.line_ends, np.int64)
    has_line = begins < ends
    sizes = ends - begins + 1
    if has_line.all() and (ends[:-1] == begins[1:] - 1).all():
        first, last = (int(begins[0]), int(ends[-1])) if len(begins) else (0, 0)
        data: Any = memoryview(batch.lines)[first : last + 1]  # all of them in a row
        if len(data) == last - first or data[-1:] != b"\n":
            data = bytes(data[: last - first]) + b"\n"
    else:
        texts, offsets = batch.texts[0], np.frombuffer(batch.texts[1], np.int64)
        sizes = np.where(has_line, sizes, np.diff(offsets) + 1)
        spans = zip(begins.tolist(), ends.tolist(), offsets.tolist(), strict=False)
        places = offsets[1:].tolist()
        data = b"".join(
            batch.lines[begin:end] + b"\n" if begin < end else bytes(texts[text:stop]) + b"\n"
            for (begin, end, text), stop in zip(spans, places, strict=True)
        )
    numbers = getattr(batch.origins, "numbers", None)
    if numbers is not None:
        files: Sequence[str] = [batch.origins.name] * len(numbers)  # type: ignore[attr-defined]
    else:
        parsed = [_parse_origin(origin) for origin in batch.origins]
        files, numbers = [file for file, _ in parsed], [line for _, line in parsed]
    return Spooled(data, sizes, has_line.astype(np.uint8), files, np.array(numbers, np.int64))


class Spool:
    """Article lines in input order.

    Articles from sources without lines wait as text; their line is made of id and text.
    """

    def __init__(
        self,
        read: Callable[[int, int], bytes],
        begins: I64,
        has_line: U8,
        sites: U32,
        files: U32,
        line_numbers: I64,
        date: Callable[[int], int | None],
        names: Sequence[str],
        ids: Sequence[str],
    ) -> None:
        """Take the columns; `read` gives the lines from one byte to another.

        Sites and files are numbers of `names`.
        """
        self._read = read
        self._begins = begins
        self._has_line = has_line
        self._without = np.flatnonzero(has_line == 0)
        self._sites = sites
        self._files = files
        self._lines = line_numbers
        self._date = date
        self._names = names
        self._ids = ids
        #: A stretch of lines that was read, and where it begins.
        self._block, self._block_begin = b"", 0

    def __len__(self) -> int:
        """Articles that wait."""
        return len(self._has_line)

    def origin(self, position: int) -> str:
        """Where one article came from, as its reader said."""
        file, line = self._names[self._files[position]], int(self._lines[position])
        return file if line == NO_LINE else f"{file}:{line}"

    def source(self, position: int) -> tuple[str, int | None, str]:
        """Site, date and origin of one article."""
        site = self._names[self._sites[position]]
        return site, self._date(position), self.origin(position)

    def line(self, position: int) -> bytes:
        """The line of one article, without its end; articles one after the other are fastest."""
        data = self._bytes(int(self._begins[position]), int(self._begins[position + 1]) - 1)
        if self._has_line[position]:
            return bytes(data)
        id_ = self._ids[position]
        return dump({"id": id_, "text": bytes(data).decode("utf-8", "surrogatepass")})

    def lines(self) -> Iterator[bytes]:
        """The lines of all articles, without their ends."""
        for position in range(len(self)):
            yield self.line(position)

    def copy(self, begin: int, end: int, out: IO[bytes]) -> None:
        """Write the lines of the articles begin..end with their ends; those in a row as one."""
        first, last = np.searchsorted(self._without, (begin, end)) if len(self._without) else (0, 0)
        for stop in self._without[first:last].tolist():
            self._copy_lines(begin, stop, out)
            out.write(self.line(stop) + b"\n")
            begin = stop + 1
        self._copy_lines(begin, end, out)

    def _copy_lines(self, begin: int, end: int, out: IO[bytes]) -> None:
        place, last = int(self._begins[begin]), int(self._begins[end])
        while place < last:
            part = self._bytes(place, min(last, place + COPIED))
            out.write(part)
            place += len(part)

    def _bytes(self, begin: int, end: int) -> memoryview:
        """Some bytes, from the stretch that was read last or a new one."""
        first = begin - self._block_begin
        if first < 0 or end - self._block_begin > len(self._block):
            last = min(max(end, begin + COPIED), int(self._begins[-1]))
            self._block, self._block_begin, first = self._read(begin, last), begin, 0
        return memoryview(self._block)[first : first + end - begin]


def _parse_origin(origin: str) -> tuple[str, int]:
    """File and line, or all of it and `NO_LINE`; put together again they are the origin."""
    file, mark, line = origin.rpartition(":")
    # Eighteen digits fit into 64 bits.
    if mark and line.isascii() and line.isdecimal() and len(line) <= 18 and str(int(line)) == line:
        return file, int(line)
    return origin, NO_LINE
