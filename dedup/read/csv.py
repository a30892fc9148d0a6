"""Read CSV and TSV: names in the first row, then one article a row.

In: a stream of plain bytes. Out: records in the order of the rows, each with its row as a JSON
object. Cells may be quoted, and hold line ends then. Decompression is left to `streams`, the
meaning of names to `fields`.
Source: RFC 4180 (CSV); the parser is that of the standard library.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import NamedTuple, cast

from dedup.errors import InputError
from dedup.read.charset import decode_piece, name_bad_byte
from dedup.read.fields import Fields, Place, find_record
from dedup.read.folders import has_suffix
from dedup.read.pages import write_line
from dedup.read.rejects import Rejects
from dedup.read.streams import BLOCK, CutFile, Readable
from dedup.records import Record

#: Characters of the longest cell, and bytes of the longest line of one.
LONGEST_CELL = 16 << 20
_BOM = b"\xef\xbb\xbf"
#: What may stand between cells; the first that makes names out of the first row is taken.
_TAB_SUFFIXES = (".tsv",)
_TRIED = ",;\t|"
#: Stands between the cells of a row while its charset is looked for.
_APART = "\x1b\n"


def read_csv(stream: Readable, name: str, fields: Fields, rejects: Rejects) -> Iterator[Record]:
    r"""Read the articles of a stream.

    Each row that is not blank gives one record or one reject, the row of names aside; a cut adds
    one reject. Cells that are empty count as missing.

    Args:
        stream: plain bytes, UTF-8 or in a charset that contains ASCII, with or without a byte
            order mark; cells apart by a tab in .tsv, else by the first of , ; tab | that gives a
            known name for the text.
        name: the path for rejects, origins and missing ids.
        fields: where to find text, id, date and site.
        rejects: receives `not-utf8`, `bad-row` (a row of another length than the first, or with
            a quote that does not end), `huge-row`, `no-text` (once, when no column is the text),
            `empty-text`, `cut-file` and `unreadable`.
    """
    lines = _Lines(stream)
    try:
        header = _read_header(lines, name, fields, rejects)
        if header is None:
            return
        names, delimiter = header
        # The limit is one for the process; nobody is hurt when it becomes larger.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
        rows = csv.reader(lines, delimiter=delimiter, strict=True)
        while True:
            offset, number = lines.offset, lines.number + 1
            try:
                cells = next(rows, None)
            except csv.Error as error:
                what = "huge-row" if "limit" in str(error) else "bad-row"
                rejects.add(name, offset, what, f"line {number}: {error}")
                lines.skip_to_end_of_line()
                continue
            if cells is None:
                return
            if cells:
                record = _make_record(names, cells, name, offset, number, fields, rejects)
                if record is not None:
                    yield record
    except CutFile as error:
        detail = f"{error}; {error.delivered} bytes came before"
        rejects.add(name, lines.offset, "cut-file", detail)
    except OSError as error:
        rejects.add(name, lines.offset, "unreadable", str(error))


class Row(NamedTuple):
    """A row of a file, by its place."""

    #: The line where it begins, from 1.
    line: int
    begin: int
    #: Behind its last cell; and behind its line end.
    end: int
    behind: int
    #: What stands between the cells of the file.
    delimiter: str


def find_rows(stream: Readable, name: str, new: Collection[str] = ()) -> Iterator[Row]:
    """The rows that may be articles, of a file that was read before.

    The names that were looked for are not needed: what stands between cells is what makes a known
    name for the text out of the first row, or else most cells. When columns of `new` names shall
    be added, the row of names comes first.

    Raises:
        InputError: There is a column of a new name already.
    """
    lines = _Lines(stream)
    header = _split_header(lines, name, Fields())
    if header is None:
        return
    names, delimiter, _ = header
    if new:
        if known := next((one for one in names if one in new), None):
            raise InputError(f"there is a column {known} already")
        yield Row(lines.number, 0, lines.end, lines.offset, delimiter)
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        offset, number = lines.offset, lines.number + 1
        try:
            cells = next(rows, None)
        except csv.Error:
            lines.skip_to_end_of_line()
            continue
        except OSError:
            return
        if cells is None:
            return
        if len(cells) == len(names):
            yield Row(number, offset, lines.end, lines.offset, delimiter)


def _split_header(lines: _Lines, name: str, fields: Fields) -> tuple[list[str], str, bool] | None:
    """Names, what stands between them, and whether the text is among them; None for no row."""
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        return None
    found: tuple[list[str], str] = [], ","
    for delimiter in "\t" if has_suffix(name, _TAB_SUFFIXES) else _TRIED:
        try:
            cells = next(csv.reader([first], delimiter=delimiter), [])
        except csv.Error:  # a lone CR, NULs
            cells = []
        names = [cell.strip() for cell in cells]
        if set(names) & set(fields.text):
            return names, delimiter, True
        found = max(found, (names, delimiter), key=lambda one: len(one[0]))
    return *found, False


def _read_header(
    lines: _Lines, name: str, fields: Fields, rejects: Rejects
) -> tuple[list[str], str] | None:
    header = _split_header(lines, name, fields)
    if header is None:
        return None
    found, delimiter, has_text = header
    if has_text:
        if not all(map(_is_whole, found)):
            with suppress(UnicodeDecodeError):
                found, _ = _decode_cells(found, fields)
        return found, delimiter
    detail = f"expected a column {', '.join(fields.text)}; found {', '.join(found)[:200]}"
    rejects.add(name, 0, "no-text", detail)
    return None


def _make_record(
    names: list[str],
    cells: list[str],
    name: str,
    offset: int,
    number: int,
    fields: Fields,
    rejects: Rejects,
) -> Record | None:
    if len(cells) != len(names):
        detail = f"line {number}: expected {len(names)} cells; found {len(cells)}"
        rejects.add(name, offset, "bad-row", detail)
        return None
    # Bytes that are not UTF-8 come as lone surrogates, which valid UTF-8 never gives.
    charset = ""
    if not all(cell.isascii() or _is_whole(cell) for cell in cells):
        try:
            cells, charset = _decode_cells(cells, fields)
        except UnicodeDecodeError as error:
            rejects.add(name, offset, "not-utf8", f"line {number}: {name_bad_byte(error)}")
            return None
    # Of two columns of one name the first counts.
    mapping = dict(zip(reversed(names), reversed(cells), strict=True))
    mapping = {key: mapping[key] for key in dict.fromkeys(names) if mapping[key]}
    mapping.setdefault(next(key for key in fields.text if key in names), "")
    origin = f"{name}:{number}"
    record = find_record(mapping, fields, Place(name, offset, origin, origin), rejects)
    if record is None:
        return None
    if charset:
        rejects.charsets[charset] += 1
    rest = {key: value for key, value in mapping.items() if key != "id"}
    return record._replace(line=write_line(record.id, rest))


def _decode_cells(cells: list[str], fields: Fields) -> tuple[list[str], str]:
    """Cells with bytes that are not UTF-8, decoded, and their charset.

    Raises:
        UnicodeDecodeError: No charset fits.
    """
    raw = _APART.join(cells).encode("utf-8", "surrogateescape")
    _, text, charset = decode_piece(raw, fields.charset, fields.likely)
    found = text.split(_APART)
    if len(found) != len(cells):  # a cell holds what stands between them
        found = [decode_piece(c.encode("utf-8", "surrogateescape"), (charset,))[1] for c in cells]
    return found, charset


def _is_whole(cell: str) -> bool:
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Lines:
    """The lines of a stream for `csv.reader`, with offset and number of those taken."""

    def __init__(self, stream: Readable) -> None:
        # BufferedReader asks for nothing but what a ByteStream has.
        self._stream = io.BufferedReader(cast("io.RawIOBase", stream), BLOCK)
        self.offset = 0
        #: Where the line that was taken last ends, without its line end.
        self.end = 0
        self.number = 0
        self._is_long = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(LONGEST_CELL)
        if not line:
            raise StopIteration
        begin = len(_BOM) if self.offset == 0 and line.startswith(_BOM) else 0
        self.offset += len(line)
        self.end = self.offset - len(line) + len(line.rstrip(b"\r\n"))
        self.number += 1
        if len(line) == LONGEST_CELL and not line.endswith(b"\n"):
            self._is_long = True
            raise csv.Error(f"a line is over the limit of {LONGEST_CELL} bytes")
        return line[begin:].decode("utf-8", "surrogateescape")

    def skip_to_end_of_line(self) -> None:
        """Pass over what is left of a line that is too long."""
        while self._is_long:
            line = self._stream.readline(LONGEST_CELL)
            self.offset += len(line)
            self._is_long = not line.endswith(b"\n") and bool(line)
