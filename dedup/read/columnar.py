"""Read Parquet and Arrow files: one article a row.

In: a path. Out: records in the order of the rows, each with its row as a JSON object. Of the
columns only those that `Fields` names are read, batch by batch. How tables become rows is left to
`tables`, the meaning of names to `fields`. pyarrow is loaded only when such a file is met.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from dedup.errors import InputError
from dedup.read.fields import Fields, Place, find_record
from dedup.read.pages import write_line
from dedup.read.rejects import Rejects
from dedup.read.streams import Readable
from dedup.read.tables import NOT_UTF8, check_columns, iterate_batches, load_pyarrow
from dedup.records import Record

#: First bytes; the Arrow stream format begins with a message of any length.
PARQUET_MAGIC, ARROW_MAGIC = b"PAR1", b"ARROW1"
_STREAM_MAGIC = b"\xff\xff\xff\xff"
#: Rows decoded at a time.
_ROWS = 1024


def read_columnar(
    stream: Readable, name: str, path: str, fields: Fields, rejects: Rejects
) -> Iterator[Record]:
    """Read the articles of a Parquet file, or of an Arrow file or stream (Feather 2 too).

    Each row gives one record or one reject; a file that is damaged adds one.

    Args:
        stream: the file's plain bytes, for telling whether it is packed.
        name: the path for rejects, origins and missing ids.
        path: what to open; these formats are read from their end.
        fields: where to find text, id, date and site.
        rejects: receives `no-text` (once, when no column is the text; else for texts that are
            null or no string), `empty-text`, `not-utf8`, `bad-table` and `packed-table`. The
            offset is the number of the row, from 0.

    Raises:
        InputError: pyarrow is missing; the message names the cure.
    """
    if path == "-" or not _is_plain(stream, path):
        detail = "Parquet and Arrow are compressed inside; give the file itself"
        rejects.add(name, 0, "packed-table", detail)
        return
    pa = load_pyarrow("reading Parquet and Arrow files", "parquet")
    number = 0
    try:
        with Path(path).open("rb") as file:
            for row in _open_rows(pa, file, fields):
                record = _make_record(row, name, number, fields, rejects)
                if record is not None:
                    yield record
                number += 1
    except InputError as error:
        rejects.add(name, 0, "no-text", str(error))
    except (pa.ArrowException, OSError, ValueError) as error:
        rejects.add(name, number, "bad-table", f"row {number}: {str(error).splitlines()[0][:200]}")


def _open_rows(pa: Any, file: Any, fields: Fields) -> Iterator[object]:
    magic = file.read(len(_STREAM_MAGIC))
    file.seek(0)
    if magic == PARQUET_MAGIC:
        from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]

        # Not a row group at once: they can be gigabytes.
        table = parquet.ParquetFile(file, pre_buffer=False)
        names = table.schema_arrow.names
        check_columns(names, fields)
        wanted = [name for name in dict.fromkeys(names) if name in fields.names()]
        return iterate_batches(table.iter_batches(_ROWS, columns=wanted), fields)
    from pyarrow import ipc  # type: ignore[import-untyped,import-not-found,unused-ignore]

    if magic == _STREAM_MAGIC:
        reader = ipc.open_stream(file)
        check_columns(reader.schema.names, fields)
        return iterate_batches(reader, fields)
    reader = ipc.open_file(file)
    check_columns(reader.schema.names, fields)
    return iterate_batches(map(reader.get_batch, range(reader.num_record_batches)), fields)


def _make_record(
    row: object, name: str, number: int, fields: Fields, rejects: Rejects
) -> Record | None:
    origin = f"{name}:{number}"
    if row is NOT_UTF8 or not isinstance(row, Mapping):
        rejects.add(name, number, "not-utf8", f"row {number} has bytes that are not UTF-8")
        return None
    record = find_record(row, fields, Place(name, number, origin, origin), rejects)
    if record is None:
        return None
    values = {key: _to_json(value) for key, value in row.items() if key != "id"}
    return record._replace(line=write_line(record.id, values))


def _to_json(value: object) -> object:
    """A value that JSON can hold, or None."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, str | int) else None


def _is_plain(stream: Readable, path: str) -> bool:
    """Whether the file begins as its plain bytes do: then it is not packed."""
    peek = getattr(stream, "peek", None)
    head = bytes(peek(len(PARQUET_MAGIC)))[: len(PARQUET_MAGIC)] if peek else b""
    with Path(path).open("rb") as file:
        return file.read(len(PARQUET_MAGIC)) == head
