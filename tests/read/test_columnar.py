"""Parquet and Arrow files: rows to records, and a name for each row that is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import feather, ipc, parquet

from dedup.errors import InputError
from tests.read.crawls import found, read
from tests.read.making import gz

ROWS = {
    "id": ["a", "b", "c", "d"],
    "text": ["one two", None, "  ", "größer"],
    "date": [datetime(2024, 3, 5, tzinfo=UTC), None, None, datetime(1969, 7, 20, tzinfo=UTC)],
    "url": ["https://www.a.example/1", None, None, None],
    "unneeded": [b"\xff"] * 4,
}


def write_parquet(table: pa.Table, path: Path) -> None:
    parquet.write_table(table, path, row_group_size=2)


def write_file(table: pa.Table, path: Path) -> None:
    with ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def write_stream(table: pa.Table, path: Path) -> None:
    with path.open("wb") as file, ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def write_feather(table: pa.Table, path: Path) -> None:
    feather.write_feather(table, path, compression="zstd")


WRITERS: list[tuple[Callable[[pa.Table, Path], None], str]] = [
    (write_parquet, "a.parquet"), (write_file, "a.arrow"), (write_stream, "a.arrow"),
    (write_feather, "a.feather"),
]  # fmt: skip


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_rows_are_records_and_null_and_blank_texts_are_rejects(
    tmp_path: Path, write: Any, name: str
) -> None:
    write(pa.table(ROWS), tmp_path / name)
    records, rejects = read(tmp_path)
    assert [(r.id, r.text.decode(), r.date, r.site) for r in records] == [
        ("a", "one two", 1709596800, "a.example"),
        ("d", "größer", -14256000, ""),
    ]
    assert records[1].origin == f"{tmp_path}/{name}:3"
    assert found(rejects) == [(1, "no-text"), (2, "empty-text")]


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_the_line_of_a_row_gives_the_same_record(tmp_path: Path, write: Any, name: str) -> None:
    write(pa.table({**ROWS, "score": [float("nan")] * 4}), tmp_path / name)
    records, _ = read(tmp_path)
    (tmp_path / "kept.jsonl").write_bytes(b"\n".join(record.line for record in records))
    again, _ = read(tmp_path / "kept.jsonl")
    assert [record[:4] for record in again] == [record[:4] for record in records]
    assert set(json.loads(records[0].line)) == {"id", "text", "date", "url"}


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_missing_column_is_one_reject_that_names_the_others(
    tmp_path: Path, write: Any, name: str
) -> None:
    write(pa.table({"id": ["a", "b"], "words": ["x", "y"]}), tmp_path / name)
    records, rejects = read(tmp_path)
    assert not records
    assert found(rejects) == [(0, "no-text")]
    assert "found id, words" in rejects.entries[0].detail


@pytest.mark.parametrize(("write", "name"), WRITERS)
def test_a_damaged_table_is_named(tmp_path: Path, write: Any, name: str) -> None:
    write(pa.table(ROWS), tmp_path / name)
    whole = (tmp_path / name).read_bytes()
    for size in (0, 3, 9, len(whole) // 2):
        (tmp_path / name).write_bytes(whole[:size])
        records, rejects = read(tmp_path)
        assert not records
        assert [reject.reason for reject in rejects.entries] == ["bad-table"], size


def test_rows_before_a_damage_count(tmp_path: Path) -> None:
    texts = [f"row number {n} " + "x" * 200 for n in range(4000)]
    write_stream(pa.table({"text": texts}), tmp_path / "a.arrow")
    whole = (tmp_path / "a.arrow").read_bytes()
    (tmp_path / "a.arrow").write_bytes(whole[: len(whole) * 3 // 4])
    records, rejects = read(tmp_path)
    assert 1000 < len(records) < 4000
    assert [record.text.decode() for record in records] == texts[: len(records)]
    assert found(rejects) == [(len(records), "bad-table")]


def test_texts_may_be_of_any_string_type(tmp_path: Path) -> None:
    for n, kind in enumerate(
        [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())]
    ):
        column = pa.array(["words", "words", None], pa.string()).cast(kind)
        write_parquet(pa.table({"text": column}), tmp_path / f"{n}.parquet")
    records, rejects = read(tmp_path)
    assert [record.text for record in records] == [b"words"] * 6
    assert [reason for _, reason in found(rejects)] == ["no-text"] * 3


def test_texts_that_are_numbers_or_bytes_are_no_texts(tmp_path: Path) -> None:
    write_parquet(pa.table({"text": [1, 2]}), tmp_path / "a.parquet")
    write_parquet(pa.table({"text": [b"x"]}), tmp_path / "b.parquet")
    assert [reason for _, reason in found(read(tmp_path)[1])] == ["no-text"] * 3


def test_a_text_that_is_not_utf_8_is_named_with_its_row(tmp_path: Path) -> None:
    data = pa.py_buffer(b"good\xff\xfe")
    offsets = pa.array([0, 4, 6], pa.int32()).buffers()[1]
    column = pa.Array.from_buffers(pa.string(), 2, [None, offsets, data])
    write_file(pa.table({"text": column}), tmp_path / "a.arrow")
    records, rejects = read(tmp_path)
    assert [record.text for record in records] == [b"good"]
    assert found(rejects) == [(1, "not-utf8")]


def test_a_table_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    write_parquet(pa.table({"text": ["words"]}), tmp_path / "a.bin")
    write_file(pa.table({"text": ["words"]}), tmp_path / "b.bin")
    assert len(read(tmp_path / "a.bin", tmp_path / "b.bin")[0]) == 2


def test_a_packed_table_is_refused_by_name(tmp_path: Path) -> None:
    write_parquet(pa.table({"text": ["words"]}), tmp_path / "a.parquet")
    packed = gz((tmp_path / "a.parquet").read_bytes())
    (tmp_path / "a.parquet").write_bytes(packed)
    assert found(read(tmp_path)[1]) == [(0, "packed-table")]


def test_a_missing_library_is_an_error_that_names_the_cure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parquet(pa.table({"text": ["words"]}), tmp_path / "a.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InputError, match=r"pip install 'dedup\[parquet\]'"):
        read(tmp_path)
