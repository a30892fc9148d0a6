"""Articles on disk while a scan is under way: their lines, and where they came from.

Takes batches as they are read; gives lines back byte for byte, one by one or many in a row, with
site, date and origin. What is written of them is decided elsewhere.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import IO

from dedup.errors import OutputError
from dedup.records import Batch
from dedup.report.lines import dump

#: Bytes of article lines that are copied at a time.
COPIED = 1 << 20
#: Stands for a date that is not known, and for an origin that is a file and no line of it.
_NO_DATE, _NO_LINE = -1 << 63, -1


class Spool:
    """Article lines in input order; about 40 bytes of an article stay in memory.

    Articles from sources without lines wait as text; their line is made of id and text.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        #: Where each article begins, and where the last one ends; and whether it has a line.
        self._begins = array("q", [0])
        self._has_line = bytearray()
        #: Sites and files, each once, and which ones each article has.
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._sites, self._files = array("i"), array("i")
        self._lines, self._dates = array("q"), array("q")

    def add(self, batch: Batch) -> None:
        """Append the articles of a batch."""
        begins, ends = batch.line_begins.tolist(), batch.line_ends.tolist()
        has_line = [begin < end for begin, end in zip(begins, ends, strict=True)]
        if all(has_line) and ends[:-1] == [begin - 1 for begin in begins[1:]]:
            data = batch.lines[begins[0] : ends[-1]] + b"\n"  # all of them in a row
        else:
            texts, offsets = batch.texts[0], batch.texts[1].tolist()
            data = b"".join(
                batch.lines[begins[n] : ends[n]] + b"\n"
                if has_line[n]
                else bytes(texts[offsets[n] : offsets[n + 1]]) + b"\n"
                for n in range(len(begins))
            )
            ends = [
                end if own else begin + offsets[n + 1] - offsets[n]
                for n, (begin, end, own) in enumerate(zip(begins, ends, has_line, strict=True))
            ]
        try:
            self._file.write(data)
        except OSError as error:
            raise OutputError(f"the articles cannot be put aside: {error.strerror}.") from error
        sizes = (end - begin + 1 for begin, end in zip(begins, ends, strict=True))
        self._begins.extend(accumulate(sizes, initial=self._begins.pop()))
        self._has_line.extend(has_line)
        self._sites.extend(map(self._number, batch.sites))
        self._dates.extend(_NO_DATE if date is None else date for date in batch.dates)
        for origin in batch.origins:
            file, line = _parse_origin(origin)
            self._files.append(self._number(file))
            self._lines.append(line)

    def __len__(self) -> int:
        """Articles that wait."""
        return len(self._has_line)

    def origin(self, position: int) -> str:
        """Where one article came from, as its reader said."""
        file, line = self._names[self._files[position]], self._lines[position]
        return file if line == _NO_LINE else f"{file}:{line}"

    def source(self, position: int) -> tuple[str, int | None]:
        """Site and date of one article."""
        date = self._dates[position]
        return self._names[self._sites[position]], None if date == _NO_DATE else date

    def line(self, position: int, id_: str) -> bytes:
        """The line of one article, without its end."""
        begin, end = self._begins[position : position + 2]
        self._file.seek(begin)
        data = self._file.read(end - begin - 1)
        if self._has_line[position]:
            return data
        return dump({"id": id_, "text": data.decode("utf-8", "surrogatepass")})

    def lines(self, ids: Sequence[str]) -> Iterator[bytes]:
        """The lines of all articles, without their ends."""
        for position in range(len(self)):
            yield self.line(position, ids[position])

    def copy(self, begin: int, end: int, ids: Sequence[str], out: IO[bytes]) -> None:
        """Write the lines of the articles begin..end with their ends; those in a row as one."""
        while begin < end:
            stop = self._has_line.find(0, begin, end)
            stop = end if stop < 0 else stop
            self._copy_bytes(self._begins[begin], self._begins[stop], out)
            if stop < end:
                out.write(self.line(stop, ids[stop]) + b"\n")
            begin = stop + 1

    def _copy_bytes(self, begin: int, end: int, out: IO[bytes]) -> None:
        self._file.seek(begin)
        while begin < end:
            data = self._file.read(min(COPIED, end - begin))
            if not data:
                raise OutputError("the articles that were put aside are gone.")
            out.write(data)
            begin += len(data)

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number


def _parse_origin(origin: str) -> tuple[str, int]:
    """File and line, or all of it and `_NO_LINE`; put together again they are the origin."""
    file, mark, line = origin.rpartition(":")
    # Eighteen digits fit into 64 bits.
    if mark and line.isascii() and line.isdecimal() and len(line) <= 18 and str(int(line)) == line:
        return file, int(line)
    return origin, _NO_LINE
