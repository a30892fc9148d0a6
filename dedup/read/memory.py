"""Read what a program hands in: strings, pairs, mappings, articles, tables.

In: an iterable of items, or anything that speaks the Arrow C interface (pyarrow, polars, pandas,
duckdb). Out: records in the order of the items; items that cannot be used are rejects with
their position as offset. Tables are read in `tables`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dedup.errors import InputError
from dedup.read.fields import Fields, Place, find_record
from dedup.read.rejects import Rejects
from dedup.read.tables import NOT_UTF8, is_table, iterate_rows
from dedup.records import Article, Record

#: What stands for a path in rejects and origins.
MEMORY = "<memory>"
_EXPECTED = "expected a str, an (id, text) pair, a mapping or an Article"


def from_items(
    items: object, rejects: Rejects, fields: Fields | None = None, first: int = 0
) -> Iterator[Record]:
    """Read articles that are in memory.

    Args:
        items: an iterable of str (the id is the position), of (id, text) pairs, of
            mappings or of Article; or a table.
        rejects: receives `not-an-article`, `no-text`, `empty-text` and, for tables, `not-utf8`.
        fields: names to look for in mappings and tables; those of `Fields()` if None.
        first: the position of the first item.

    Returns:
        One record or one reject for each item, as it is asked for.

    Raises:
        InputError: at once, if `items` is a single string, a dict or no iterable, or a table
            without a text column or without pyarrow to read it.
    """
    names = Fields() if fields is None else fields
    if isinstance(items, str | bytes):
        raise InputError("expected many texts, but got one string. Pass a list: [text].")
    if isinstance(items, Mapping):
        raise InputError("expected many texts, but got a dict. Pass its pairs: texts.items().")
    if is_table(items):
        return _read_items(iterate_rows(items, names), rejects, names, first)
    if not isinstance(items, Iterable):
        raise InputError(f"expected an iterable of texts, but got {type(items).__name__}.")
    return _read_items(items, rejects, names, first)


def _read_items(
    items: Iterable[object], rejects: Rejects, fields: Fields, first: int
) -> Iterator[Record]:
    for position, item in enumerate(items, first):
        place = Place(MEMORY, position, f"{MEMORY}:{position}", str(position))
        if item is NOT_UTF8:
            rejects.add(MEMORY, position, "not-utf8", "the row has bytes that are not UTF-8")
            continue
        found = _to_mapping(item, fields)
        if isinstance(found, str):
            rejects.add(MEMORY, position, "not-an-article", found)
            continue
        record = find_record(*found, place, rejects)
        if record is not None:
            yield record


def _to_mapping(item: object, fields: Fields) -> tuple[Mapping[str, Any], Fields] | str:
    """The item as a mapping with the names to look for; or what is wrong with it."""
    plain = Fields(text=("text",), id=("id",))
    if isinstance(item, str):
        return {"text": item}, plain
    if isinstance(item, Mapping):
        return item, fields
    if isinstance(item, Article):
        names = ("id", "text", "date", "site", "url")
        return {name: getattr(item, name) for name in names}, plain
    if isinstance(item, tuple | list):
        if len(item) == 2:
            return {"id": item[0], "text": item[1]}, plain
        return f"{_EXPECTED}; found {len(item)} values"
    return f"{_EXPECTED}; found {type(item).__name__}"
