"""Read tables that speak the Arrow C interface, row by row, only the columns needed.

In: a pyarrow, polars, pandas or duckdb table, or a column of texts. Out: one dict a row, or one
pair ("", text). What a row means is left to `memory` and `columnar`. pyarrow is loaded only when
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from dedup.errors import InputError
from dedup.read.fields import Fields

#: Stands for a row whose bytes are not UTF-8: Arrow does not check.
NOT_UTF8 = object()
#: Rows that are Python objects at a time.
_ROWS = 1024


def is_table(items: object) -> bool:
    """Whether `iterate_rows` can read it."""
    return (
        hasattr(items, "__arrow_c_stream__")
        or hasattr(items, "__arrow_c_array__")
        or _is_old_pandas(items)
    )


def iterate_rows(items: Any, fields: Fields) -> Iterator[object]:
    """Go through the rows of a table, or the values of a column.

    Yields:
        Dicts of the columns that `fields` names, or pairs ("", text) of a column; `NOT_UTF8`.

    Raises:
        InputError: at once, if pyarrow is missing or no column can be the text.
    """
    pa = load_pyarrow("reading tables", "arrow")
    if _is_old_pandas(items):
        items = pa.Table.from_pandas(items, preserve_index=False)
    if hasattr(items, "__arrow_c_stream__"):
        try:
            batches = pa.RecordBatchReader.from_stream(items)
        except (pa.ArrowInvalid, TypeError):
            return _iterate_values(pa.chunked_array(items).chunks)
    else:
        array = pa.array(items)
        if not pa.types.is_struct(array.type):
            return _iterate_values([array])
        batch = pa.RecordBatch.from_struct_array(array)
        batches = pa.RecordBatchReader.from_batches(batch.schema, [batch])
    check_columns(batches.schema.names, fields)
    return iterate_batches(batches, fields)


def check_columns(names: Iterable[str], fields: Fields) -> None:
    """Raise InputError unless one of these columns can be the text."""
    found = list(names)
    if not set(found) & set(fields.text):
        raise InputError(
            f"the table has no text column. Expected one of {', '.join(fields.text)}; "
            f"found {', '.join(found)}."
        )


def iterate_batches(batches: Iterable[Any], fields: Fields) -> Iterator[object]:
    """Go through the rows of record batches: dicts of the columns wanted, or `NOT_UTF8`."""
    pa = load_pyarrow("reading tables", "arrow")
    wanted = fields.names()
    for batch in batches:
        # By number, because Arrow allows several columns of one name; the first one counts.
        names = reversed(list(enumerate(batch.schema.names)))
        columns = {name: i for i, name in names if name in wanted}
        for begin in range(0, batch.num_rows, _ROWS):
            part = batch.slice(begin, _ROWS)
            lists = [_to_list(pa, part.column(i)) for i in columns.values()]
            for values in zip(*lists, strict=True):
                bad = any(value is NOT_UTF8 for value in values)
                yield NOT_UTF8 if bad else dict(zip(columns, values, strict=True))


def _iterate_values(chunks: list[Any]) -> Iterator[object]:
    pa = load_pyarrow("reading tables", "arrow")
    for chunk in chunks:
        for begin in range(0, len(chunk), _ROWS):
            for value in _to_list(pa, chunk.slice(begin, _ROWS)):
                yield value if value is NOT_UTF8 else ("", value)


def _to_list(pa: Any, array: Any) -> list[Any]:
    if pa.types.is_timestamp(array.type):
        # As seconds UTC: to_pylist fails on nanoseconds and on zones it does not know.
        return [_to_datetime(s) for s in array.cast(pa.timestamp("s"), safe=False).cast("int64")]
    try:
        values: list[Any] = array.to_pylist()
    except UnicodeDecodeError:
        return [_to_value(scalar) for scalar in array]
    return values


def _to_datetime(scalar: Any) -> datetime | None:
    seconds = scalar.as_py()
    try:
        return None if seconds is None else datetime(1970, 1, 1) + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _to_value(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return NOT_UTF8


def _is_old_pandas(items: object) -> bool:
    """Whether it is a DataFrame from before pandas spoke the interface (2.2)."""
    return type(items).__module__.partition(".")[0] == "pandas" and hasattr(items, "columns")


def load_pyarrow(doing: str, extra: str) -> Any:
    """The module; InputError says which extra brings it."""
    try:
        import pyarrow  # type: ignore[import-untyped,import-not-found,unused-ignore]
    except ImportError as error:
        raise InputError(
            f"{doing} needs a library that is not installed: pip install 'dedup[{extra}]'"
        ) from error
    return pyarrow
