"""Read JSON Lines: one object a line, one article an object.

In: a stream of plain bytes. Out: batches, or records, in the order of the lines, each article
with its line byte for byte; a line that is not UTF-8 as UTF-8. Plain lines are read by the core,
all others by the standard library, which also names what is wrong with them.
Decompression is left to `streams`, the meaning of field names to `fields`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dedup.read.charset import decode_piece, name_bad_byte
from dedup.read.columns import ColumnReader, Plain
from dedup.read.fields import Fields, Place, find_date, find_record, find_site
from dedup.read.lines import BOM, Blocks
from dedup.read.rejects import Rejects
from dedup.read.streams import CutFile, Readable
from dedup.records import Batch, Record

#: Bytes of the longest line that is read; longer ones are passed over without being held.
LONGEST_LINE = 256 << 20
#: Digits every Python converts, whatever its environment says (sys.int_info).
_INT_DIGITS = 640


def read_jsonl(
    stream: Readable,
    name: str,
    fields: Fields,
    rejects: Rejects,
    longest_line: int = LONGEST_LINE,
) -> Iterator[Record]:
    """Read the articles of a stream, one by one; see `read_batches`."""
    for batch in read_batches(stream, name, fields, rejects, longest_line):
        yield from batch.records()


def read_batches(
    stream: Readable,
    name: str,
    fields: Fields,
    rejects: Rejects,
    longest_line: int = LONGEST_LINE,
) -> Iterator[Batch]:
    """Read the articles of a stream, about 1 MiB of lines at a time.

    Each line that is not blank gives one article or one reject; a cut adds one reject, which also
    stands for the half line before it.

    Args:
        stream: plain bytes; LF or CRLF, with or without a byte order mark.
        name: the path for rejects, origins and missing ids.
        fields: where to find text, id, date and site.
        rejects: receives `not-utf8`, `bad-json`, `not-an-object`, `no-text`, `empty-text`,
            `huge-line`, `cut-file` and `unreadable`.
        longest_line: bytes; longer lines are rejects.
    """
    reader = _LineReader(name, fields, rejects, longest_line)
    columns = ColumnReader(fields)
    blocks = Blocks(stream, longest_line)
    number = 1
    try:
        for offset, data in blocks:
            if data is None:
                reader.refuse_long(number, offset)
                number += 1
                continue
            plain = columns.read(data, name, number, longest_line)
            batch = reader.complete(plain, data, number, offset)
            number += len(plain.starts) - 1
            if batch.ids:
                yield batch
    except CutFile as error:
        detail = f"{error}; {error.delivered} bytes came before"
        rejects.add(name, blocks.offset, "cut-file", detail)
    except OSError as error:
        rejects.add(name, blocks.offset, "unreadable", str(error))


class _LineReader:
    """Reads line by line what is not plain."""

    def __init__(self, name: str, fields: Fields, rejects: Rejects, longest: int) -> None:
        self._name = name
        self._fields = fields
        self._rejects = rejects
        self._longest = longest
        self._decoder = json.JSONDecoder(parse_int=_parse_int)

    def complete(self, plain: Plain, data: bytes, number: int, offset: int) -> Batch:
        """The batch of a block with all that is still missing in it."""
        for n in plain.unsure:
            line = data[plain.batch.line_begins[n] : plain.batch.line_ends[n]]
            value = self._decoder.decode(line.decode())
            plain.batch.dates[n] = find_date(value, self._fields)
            plain.batch.sites[n] = find_site(value, self._fields)
        found: list[tuple[int, Record]] = []
        for n in plain.left:
            line = data[plain.starts[n] : plain.starts[n + 1]].removesuffix(b"\n")
            record = self._read(line, number + n, offset + plain.starts[n])
            if record is not None:
                found.append((n, record))
        if not found:
            return plain.batch
        found.extend(zip(plain.taken, plain.batch.records(), strict=True))
        return Batch.of(record for _, record in sorted(found))

    def refuse_long(self, number: int, offset: int) -> None:
        """Note a line that is too long."""
        detail = f"line {number}: more than {self._longest} bytes"
        self._rejects.add(self._name, offset, "huge-line", detail)

    def _read(self, line: bytes, number: int, offset: int) -> Record | None:
        """The article of a line without its LF; None if it is blank, or after noting a reject."""
        is_long = len(line) > self._longest + 1
        line = line.removesuffix(b"\r")
        if number == 1 and not is_long and line.startswith(BOM):
            line = line[len(BOM) :]
            offset += len(BOM)
        if is_long or len(line) > self._longest:
            self.refuse_long(number, offset)
            return None
        if not line or line.isspace():
            return None
        try:
            line, text, charset = decode_piece(line, self._fields.charset, self._fields.likely)
        except UnicodeDecodeError as error:
            detail = f"line {number}: {name_bad_byte(error)}"
            self._rejects.add(self._name, offset, "not-utf8", detail)
            return None
        value = self._parse(text, number, offset)
        if value is None:
            return None
        if charset:
            self._rejects.charsets[charset] += 1
        origin = f"{self._name}:{number}"
        place = Place(self._name, offset, origin, origin, line)
        return find_record(value, self._fields, place, self._rejects)

    def _parse(self, line: str, number: int, offset: int) -> dict[str, Any] | None:
        """The object of a line; None after noting a reject."""
        try:
            value = self._decoder.decode(line)
        except json.JSONDecodeError as error:
            reason, detail = "bad-json", f"column {error.pos + 1}: {error.msg}"
        except RecursionError:
            reason, detail = "bad-json", "nested too deeply"
        else:
            if isinstance(value, dict):
                return value
            reason, detail = "not-an-object", f"expected an object; found {type(value).__name__}"
        self._rejects.add(self._name, offset, reason, f"line {number}: {detail}")
        return None


def _parse_int(digits: str) -> int | float:
    """An integer; one that some Pythons refuse to convert becomes a float."""
    return int(digits) if len(digits) <= _INT_DIGITS else float(digits)
