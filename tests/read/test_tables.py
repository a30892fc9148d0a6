"""Tables of any library: the columns needed, row by row, each accounted for."""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import Any

import pytest

from dedup.errors import InputError
from dedup.read import Fields, Rejects, from_items
from dedup.records import Record

DAY = 1706659200


def read(items: object, fields: Fields | None = None) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    return list(from_items(items, rejects, fields)), rejects


@pytest.fixture
def pa() -> Any:
    return pytest.importorskip("pyarrow")


def test_a_table_is_read_by_the_names_of_its_columns(pa: Any) -> None:
    table = pa.table(
        {
            "id": [1, 2, 3],
            "maintext": ["one", None, "three"],
            "date": pa.array([datetime(2024, 1, 31)] * 3, pa.timestamp("ns")),
            "other": [b"x"] * 3,
        }
    )
    for items in (table, table.to_batches()[0], table.to_reader()):
        records, rejects = read(items)
        assert [(r.id, r.text, r.date) for r in records] == [
            ("1", b"one", DAY),
            ("3", b"three", DAY),
        ]
        assert [(r.offset, r.reason) for r in rejects.entries] == [(1, "no-text")]


def test_only_the_interface_is_asked_for(pa: Any) -> None:
    class Stream:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            return pa.table({"text": ["one"]}).__arrow_c_stream__(requested_schema)

    class Array:
        def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
            batch = pa.record_batch({"text": ["one"]})
            return batch.__arrow_c_array__(requested_schema)

    for items in (Stream(), Array()):
        assert [record.text for record in read(items)[0]] == [b"one"]


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary"])
def test_every_kind_of_text_column_is_read(pa: Any, kind: str) -> None:
    values = pa.array(["one", "two", "one"])
    values = values.dictionary_encode() if kind == "dictionary" else values.cast(kind)
    assert [r.text for r in read(pa.table({"text": values}))[0]] == [b"one", b"two", b"one"]


def test_a_column_of_texts_is_read_like_a_list(pa: Any) -> None:
    for items in (pa.array(["one", None]), pa.chunked_array([["one"], [None]])):
        records, rejects = read(items)
        assert [(r.id, r.text) for r in records] == [("0", b"one")]
        assert [(r.offset, r.reason) for r in rejects.entries] == [(1, "no-text")]


def test_dates_of_a_table_may_have_any_unit_zone_and_century(pa: Any) -> None:
    moment = datetime(1900, 1, 1)
    for unit in ("s", "ms", "us", "ns"):
        for zone in (None, "UTC", "America/New_York", "+01:00"):
            dates = pa.array([moment, None], pa.timestamp(unit, zone))
            records, _ = read(pa.table({"text": ["a", "b"], "date": dates}))
            assert [record.date for record in records] == [-2_208_988_800, None]
    extreme = pa.array([2**62, -(2**62)], pa.int64()).cast(pa.timestamp("s"))
    assert [r.date for r in read(pa.table({"text": ["a", "b"], "date": extreme}))[0]] == [None] * 2
    days = pa.array([datetime(2024, 1, 31)], pa.date32())
    assert read(pa.table({"text": ["a"], "date": days}))[0][0].date == DAY


def test_many_rows_keep_their_order_and_positions(pa: Any) -> None:
    texts = [f"text {i}" if i % 7 else None for i in range(5000)]
    records, rejects = read(pa.table({"text": texts}))
    assert [r.text.decode() for r in records] == [text for text in texts if text]
    assert [r.offset for r in rejects.entries] == list(range(0, 5000, 7))


def test_a_row_that_is_not_utf8_is_a_reject(pa: Any) -> None:
    raw = pa.array([b"one", b"\xff", b"three"], pa.binary())
    column = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    records, rejects = read(pa.table({"text": column}))
    assert [record.text for record in records] == [b"one", b"three"]
    assert [(r.offset, r.reason) for r in rejects.entries] == [(1, "not-utf8")]


def test_of_two_columns_with_one_name_the_first_counts(pa: Any) -> None:
    table = pa.Table.from_arrays([pa.array(["one"]), pa.array(["two"])], names=["text", "text"])
    assert [record.text for record in read(table)[0]] == [b"one"]


def test_a_table_without_a_text_column_is_refused_at_once(pa: Any) -> None:
    with pytest.raises(InputError, match="found headline"):
        from_items(pa.table({"headline": ["one"]}), Rejects())
    assert len(read(pa.table({"headline": ["one"]}), Fields(text=("headline",)))[0]) == 1


def test_without_pyarrow_a_table_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    class Table:
        def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
            raise NotImplementedError

    real = builtins.__import__

    def refuse(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pyarrow":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match=r"dedup\[arrow\]"):
        from_items(Table(), Rejects())
