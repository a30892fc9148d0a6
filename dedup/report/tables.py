"""A Parquet or Arrow file again, without some of its rows or with columns more; the rest stays.

Takes a file and the numbers of the rows that go, or what is to be said of some; writes a new file
of the same kind, packed as the old one was. What that is is decided elsewhere. pyarrow is loaded
only when asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from dedup.errors import InputError
from dedup.report.annotating import Annotation

#: Bytes of a row group, unpacked, up to which it is read and written as one; larger ones are
#: read in batches, and each batch becomes a row group.
_GROUP = 256 << 20
_ROWS = 1 << 14
_PARQUET, _STREAM = b"PAR1", b"\xff\xff\xff\xff"
#: Bytes in front of the first message of an Arrow file: magic number and padding.
_ARROW_HEAD = 8
#: How a packed buffer begins, behind the eight bytes of its length.
_PACKINGS = {b"\x04\x22\x4d\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd"}


def write_table(source: Path, target: Path, gone: Collection[int]) -> None:
    """Write the rows of `source` but those numbered in `gone`, from 0, to `target`.

    Of Parquet stay the row groups (those over 256 MiB aside), compression of each column,
    dictionary encoding, format version and metadata; of Arrow the batches, compression and
    metadata of the schema. Row groups of which nothing stays are left out.

    Raises:
        InputError: pyarrow is missing, the file cannot be read any more, or its schema cannot be
            written as it is.
        OSError: `target` cannot be written.
    """
    rows = np.sort(np.fromiter(gone, np.int64))
    _write(source, target, lambda tables: _without_rows(tables, rows), lambda schema: schema)


def annotate_table(source: Path, target: Path, annotations: Mapping[int, Annotation]) -> None:
    """Write `source` to `target` with four columns more, null but in the rows that are given.

    Columns of these names that are there already are left out. The rest, and errors, as of
    `write_table`.
    """
    _write(source, target, lambda tables: _with_columns(tables, annotations), _new_schema)


def _write(
    source: Path,
    target: Path,
    change: Callable[[Iterator[Any]], Iterator[Any]],
    change_schema: Callable[[Any], Any],
) -> None:
    try:
        import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError as error:
        raise InputError(
            "writing Parquet and Arrow files needs a library that is not installed: "
            "pip install 'dedup[parquet]'"
        ) from error
    with source.open("rb") as file:
        magic = file.read(4)
    write = _write_parquet if magic == _PARQUET else _write_arrow
    try:
        write(source, target, change, change_schema)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"it cannot be written again: {str(error).splitlines()[0]}") from error


def _write_parquet(source: Path, target: Path, change: Any, change_schema: Any) -> None:
    from pyarrow import parquet  # type: ignore[import-untyped,import-not-found,unused-ignore]

    with parquet.ParquetFile(source, pre_buffer=False) as file:
        schema = change_schema(file.schema_arrow)
        options = _parquet_options(file.metadata, schema)
        with parquet.ParquetWriter(target, schema, **options) as writer:
            for batch in change(_row_groups(file)):
                writer.write_table(batch, row_group_size=max(1, batch.num_rows))
    with parquet.ParquetFile(target) as written:
        if not written.schema_arrow.equals(schema, check_metadata=True):
            raise InputError("its schema cannot be written as it is")


def _row_groups(file: Any) -> Iterator[Any]:
    """Tables, one a row group, or many of a large one."""
    import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]

    for n in range(file.metadata.num_row_groups):
        if file.metadata.row_group(n).total_byte_size <= _GROUP:
            yield file.read_row_group(n)
        else:
            for batch in file.iter_batches(_ROWS, row_groups=[n]):
                yield pa.Table.from_batches([batch])


def _parquet_options(metadata: Any, schema: Any) -> dict[str, Any]:
    """How a file was written, as far as its first row group tells; new columns as the first."""
    options: dict[str, Any] = {"version": metadata.format_version, "store_schema": True}
    if not metadata.num_row_groups:
        return options
    group = metadata.row_group(0)
    columns = [group.column(n) for n in range(group.num_columns)]
    codecs = {c.path_in_schema: c.compression.replace("UNCOMPRESSED", "NONE") for c in columns}
    first = next(iter(codecs.values()), "NONE")
    codecs.update((name, first) for name in Annotation._fields if name in schema.names)
    packed = [c.path_in_schema for c in columns if any("DICTIONARY" in e for e in c.encodings)]
    return options | {
        "compression": codecs,
        "use_dictionary": packed or False,
        "use_deprecated_int96_timestamps": any(c.physical_type == "INT96" for c in columns),
        # Older writers call the values of a list "item".
        "use_compliant_nested_type": not any(".list.item" in name for name in codecs),
        "sorting_columns": group.sorting_columns or None,
    }


def _write_arrow(source: Path, target: Path, change: Any, change_schema: Any) -> None:
    from pyarrow import ipc  # type: ignore[import-untyped,import-not-found,unused-ignore]

    with ExitStack() as stack:
        file = stack.enter_context(source.open("rb"))
        is_stream = file.read(4) == _STREAM
        options = ipc.IpcWriteOptions(compression=_find_packing(file, is_stream=is_stream))
        file.seek(0)
        if is_stream:
            reader = ipc.open_stream(file)
            batches: Iterator[Any] = iter(reader)
        else:
            reader = ipc.open_file(file)
            batches = map(reader.get_batch, range(reader.num_record_batches))
        new = ipc.new_stream if is_stream else ipc.new_file
        schema = change_schema(reader.schema)
        writer = stack.enter_context(new(target, schema, options=options))
        for batch in change(batches):
            writer.write(batch)


def _find_packing(file: Any, *, is_stream: bool) -> str | None:
    """lz4, zstd or None, by the first buffer that holds anything: nothing else says it."""
    from pyarrow import ipc  # type: ignore[import-untyped,import-not-found,unused-ignore]

    file.seek(0 if is_stream else _ARROW_HEAD)
    for message in ipc.MessageReader.open_stream(file):
        if message.type in ("record batch", "dictionary") and message.body:
            head = message.body.slice(0, 12).to_pybytes()
            if packing := _PACKINGS.get(head[8:]):
                return packing
    return None


def _without_rows(tables: Iterator[Any], gone: Any) -> Iterator[Any]:
    """Tables or batches without the rows of these numbers; those that become empty are left out."""
    begin, left = 0, 0
    for table in tables:
        end = begin + table.num_rows
        first, last = np.searchsorted(gone, (begin, end)).tolist()
        if first < last:
            left += last - first
            stays = np.ones(table.num_rows, np.bool_)
            stays[gone[first:last] - begin] = False
            table = table.take(np.flatnonzero(stays))
        if table.num_rows:
            yield table
        begin = end
    if left < len(gone):
        raise InputError(f"row {int(gone[-1])} is not there any more")


def _new_schema(schema: Any) -> Any:
    """A schema with the four columns at its end."""
    import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]

    stay = [field for field in schema if field.name not in Annotation._fields]
    types = [pa.string(), pa.string(), pa.string(), pa.float64()]
    new = [pa.field(*one) for one in zip(Annotation._fields, types, strict=True)]
    return pa.schema([*stay, *new], schema.metadata)


def _with_columns(tables: Iterator[Any], annotations: Mapping[int, Annotation]) -> Iterator[Any]:
    """Tables or batches with the four columns at their ends."""
    import pyarrow as pa  # type: ignore[import-untyped,import-not-found,unused-ignore]

    begin, nothing = 0, Annotation()
    for table in tables:
        schema = _new_schema(table.schema)
        rows = [annotations.get(begin + n, nothing) for n in range(table.num_rows)]
        stay = [table.column(n) for n, name in enumerate(table.schema.names)
                if name not in Annotation._fields]  # fmt: skip
        new = [
            pa.array([row[n] for row in rows], field.type)
            for n, field in enumerate(schema.field(name) for name in Annotation._fields)
        ]
        yield type(table).from_arrays([*stay, *new], schema=schema)
        begin += table.num_rows
