"""Applying a result to crawl files and tables: what stays is what it was."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import ipc, parquet

from dedup import InputError, scan_paths
from dedup.applying import Applied, apply_plan, plan_removal
from dedup.read import find_spans
from dedup.report import open_packed, without_spans
from tests.read.crawls import arc, arc_info, http, info, page, sentences, warc
from tests.read.making import gz

#: Numbers of the texts of seven articles: the third and the sixth are copies.
TEXTS = (1, 2, 1, 3, 4, 2, 5)
GONE = (2, 5)
STAY = [n for n in range(len(TEXTS)) if n not in GONE]


def apply(tmp_path: Path, name: str) -> tuple[Path, Applied]:
    """The file written again, and what was done."""
    result = scan_paths([tmp_path / name], tmp_path / "result")
    assert len(result.removals) == len(GONE)
    done = apply_plan(plan_removal(tmp_path / "result"), tmp_path / "clean")
    return tmp_path / "clean" / name, done


def wets() -> list[bytes]:
    """Records of a WET file, with those that are no article between."""
    rows = [info()]
    for n, seed in enumerate(TEXTS):
        text = "\n".join(sentences(seed)).encode()
        rows.append(warc(text, "conversion", f"https://daily.example/{n}"))
        rows.append(warc(b"{}", "metadata", f"https://daily.example/{n}", more="WARC-X: \xe9\r\n"))
    return rows


def left(rows: list[bytes]) -> list[bytes]:
    """The records but those of the copies."""
    gone = {1 + 2 * n for n in GONE}
    return [row for n, row in enumerate(rows) if n not in gone]


def members(packed: bytes) -> list[bytes]:
    """The members of a gzip file as they are stored, by another way than ours."""
    found = []
    while packed:
        inflater = zlib.decompressobj(31)
        inflater.decompress(packed)
        assert inflater.eof
        found.append(packed[: len(packed) - len(inflater.unused_data)])
        packed = inflater.unused_data
    return found


def test_of_a_warc_gz_the_members_that_stay_are_copied_as_they_are_stored(tmp_path: Path) -> None:
    stored = [gzip.compress(row, 1 + n % 9, mtime=n) for n, row in enumerate(wets())]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(stored))
    path, done = apply(tmp_path, "a.warc.gz")
    assert path.read_bytes() == b"".join(left(stored))
    assert (done.rewritten, done.cut) == (1, {})


def test_a_member_of_many_records_is_packed_again_as_one_member(tmp_path: Path) -> None:
    rows = wets()
    stored = [gz(b"".join(rows[:9])), gz(b"".join(rows[9:12])), gz(b"".join(rows[12:]))]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(stored))
    path, _ = apply(tmp_path, "a.warc.gz")
    found = members(path.read_bytes())
    assert len(found) == 3
    assert gzip.decompress(path.read_bytes()) == b"".join(left(rows))
    # The last one has no copy in it.
    assert found[2] == stored[2]


def test_a_record_that_goes_may_lie_in_several_members(tmp_path: Path) -> None:
    whole = b"".join(wets())
    pieces = [whole[begin : begin + 333] for begin in range(0, len(whole), 333)]
    (tmp_path / "a.warc.gz").write_bytes(b"".join(map(gz, pieces)))
    path, _ = apply(tmp_path, "a.warc.gz")
    assert gzip.decompress(path.read_bytes()) == b"".join(left(wets()))


def test_a_damaged_member_stays_as_it_is(tmp_path: Path) -> None:
    stored = list(map(gz, wets()))
    hurt = bytearray(stored[9])
    hurt[len(hurt) // 2] ^= 0x55
    stored[9] = bytes(hurt)
    (tmp_path / "a.warc.gz").write_bytes(b"".join(stored))
    path, _ = apply(tmp_path, "a.warc.gz")
    assert path.read_bytes() == b"".join(left(stored))


@pytest.mark.parametrize("compression", ["", "zstd", "bzip2", "xz"])
def test_of_other_crawl_files_the_records_that_stay_stay_whole(
    tmp_path: Path, compression: str
) -> None:
    with open_packed(tmp_path / "a.wet", compression) as file:
        file.writelines(wets())
    path, _ = apply(tmp_path, "a.wet")
    with open_packed(tmp_path / "b", compression) as file:
        file.write(b"".join(left(wets())))
    assert path.read_bytes() == (tmp_path / "b").read_bytes()


def test_of_pages_in_warc_and_arc_the_records_that_stay_stay_whole(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    bodies = [http(page(seed).encode(), more=f"X-Number: {n}\r\n") for n, seed in enumerate(TEXTS)]
    for name, first, make in (("a.warc", info(), warc), ("a.arc", arc_info(), arc)):
        rows = [make(body, url=f"http://daily.example/{n}") for n, body in enumerate(bodies)]
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_bytes(first + b"".join(rows))
        path, _ = apply(tmp_path / name, name)
        assert path.read_bytes() == first + b"".join(rows[n] for n in STAY)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("field", ["text", "lead"])
def test_rows_of_csv_stay_byte_for_byte(tmp_path: Path, delimiter: str, field: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    starts = []
    writer.writerow(["id", field, "note"])
    for n, seed in enumerate(TEXTS):
        starts.append(out.tell())
        writer.writerow([n, "\n".join(sentences(seed)), 'a "quoted" cell;, \t|'])
    rows = out.getvalue()
    (tmp_path / "a.csv").write_bytes(b"\xef\xbb\xbf" + rows.encode() + b"broken\r\n")
    from dedup.read import Fields

    fields = Fields(text=(field,))
    scan_paths([tmp_path / "a.csv"], tmp_path / "result", fields=fields)
    apply_plan(plan_removal(tmp_path / "result"), tmp_path / "clean")
    ends = [*starts[1:], len(rows)]
    head = rows[: starts[0]] + "".join(rows[starts[n] : ends[n]] for n in STAY)
    expected = b"\xef\xbb\xbf" + head.encode() + b"broken\r\n"
    assert (tmp_path / "clean" / "a.csv").read_bytes() == expected


def table() -> pa.Table:
    """Articles with nested, dictionary, decimal and null columns, and metadata of all kinds."""
    count = len(TEXTS)
    day = datetime.datetime(2024, 3, 5, 6, 7, 8, 123456)
    columns: dict[str, Any] = {
        "note": pa.array([None, "x"] * 4, pa.string()).slice(0, count),
        "text": pa.array(["\n".join(sentences(seed)) for seed in TEXTS], pa.large_string()),
        "tags": pa.array([["a", None], [], None] * 3, pa.list_(pa.string())).slice(0, count),
        "meta": pa.array([{"n": n, "deep": [{"x": n / 7}]} for n in range(count)]),
        "kind": pa.array(["news", "news", None, "blog", "news", "x", "x"]).dictionary_encode(),
        "when": pa.array([day] * count, pa.timestamp("us", tz="UTC")),
        "price": pa.array([None] * count, pa.decimal128(12, 3)),
        "id": pa.array(range(count), pa.int32()),
    }
    made = pa.table(columns)
    fields = [made.schema.field(n).with_metadata({b"about": b"column"}) for n in range(8)]
    fields[7] = fields[7].with_nullable(False)
    return made.cast(pa.schema(fields, metadata={b"about": b"\xff table", b"pandas": b"{}"}))


@pytest.mark.parametrize("codec", ["NONE", "snappy", "gzip", "zstd", "brotli"])
@pytest.mark.parametrize("version", ["1.0", "2.6"])
def test_of_parquet_stay_schema_metadata_columns_row_groups_and_compression(
    tmp_path: Path, codec: str, version: str
) -> None:
    made = table()
    parquet.write_table(
        made, tmp_path / "a.parquet", row_group_size=3, version=version, use_dictionary=["kind"],
        compression={"text": codec, "note": "snappy", "id": "zstd"},
    )  # fmt: skip
    was = parquet.ParquetFile(tmp_path / "a.parquet")
    path, _ = apply(tmp_path, "a.parquet")
    now = parquet.ParquetFile(path)
    assert now.schema_arrow.equals(was.schema_arrow, check_metadata=True)
    assert now.schema.equals(was.schema)
    assert now.read().equals(was.read().take(STAY))
    assert now.metadata.format_version == was.metadata.format_version
    groups = [now.metadata.row_group(n) for n in range(now.metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [2, 2, 1]
    for n in range(groups[0].num_columns):
        before, after = was.metadata.row_group(0).column(n), groups[0].column(n)
        assert (after.compression, after.path_in_schema) == (
            before.compression, before.path_in_schema,
        )  # fmt: skip
        assert set(after.encodings) == set(before.encodings)


def test_parquet_of_older_writers_keeps_their_types(tmp_path: Path) -> None:
    made = table().select(["id", "text", "tags", "when"])
    parquet.write_table(
        made, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True, store_schema=False,
        use_compliant_nested_type=False,
    )  # fmt: skip
    was = parquet.ParquetFile(tmp_path / "a.parquet")
    path, _ = apply(tmp_path, "a.parquet")
    now = parquet.ParquetFile(path)
    assert [str(now.schema.column(n)) for n in range(4)] == [
        str(was.schema.column(n)) for n in range(4)
    ]
    assert now.read().equals(was.read().take(STAY))


def test_a_row_group_of_copies_only_is_left_out(tmp_path: Path) -> None:
    parquet.write_table(table(), tmp_path / "a.parquet", row_group_size=1)
    path, _ = apply(tmp_path, "a.parquet")
    assert parquet.ParquetFile(path).metadata.num_row_groups == len(STAY)


@pytest.mark.parametrize("packing", [None, "lz4", "zstd"])
@pytest.mark.parametrize("is_stream", [False, True])
def test_of_arrow_stay_schema_batches_and_compression(
    tmp_path: Path, packing: str | None, is_stream: bool
) -> None:
    made = table()
    options = ipc.IpcWriteOptions(compression=packing)
    start = ipc.new_stream if is_stream else ipc.new_file
    with start(tmp_path / "a.arrow", made.schema, options=options) as writer:
        writer.write_table(made.combine_chunks(), max_chunksize=3)
    path, _ = apply(tmp_path, "a.arrow")
    reader = ipc.open_stream(path) if is_stream else ipc.open_file(path)
    assert reader.schema.equals(made.schema, check_metadata=True)
    assert reader.read_all().equals(made.take(STAY))
    with start(tmp_path / "b.arrow", made.schema, options=options) as writer:
        for batch in made.combine_chunks().to_batches(max_chunksize=3):
            rows = [n for n in batch.column("id").to_pylist() if n in STAY]
            numbers = batch.column("id").to_pylist()
            writer.write_batch(batch.take(pa.array([numbers.index(n) for n in rows])))
    assert path.stat().st_size == (tmp_path / "b.arrow").stat().st_size


def test_an_article_that_is_not_there_any_more_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(wets()))
    (tmp_path / "a.csv").write_bytes(b"id,text\n1,words\n")
    with pytest.raises(InputError, match="no article at byte 7 any more"):
        list(find_spans(tmp_path / "a.warc", "WARC", {0, 7}))
    with pytest.raises(InputError, match="no article at line 3 any more"):
        list(find_spans(tmp_path / "a.csv", "CSV", {2, 3}))


def test_a_file_that_is_written_to_meanwhile_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(b"".join(wets()))
    scan_paths([tmp_path / "a.warc"], tmp_path / "result")
    plan = plan_removal(tmp_path / "result")
    with (tmp_path / "a.warc").open("ab") as file:
        file.write(b"\r\n")
    with pytest.raises(InputError, match="written to meanwhile"):
        apply_plan(plan, tmp_path / "clean")
    assert not (tmp_path / "clean").exists()


@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=8), st.integers(1, 70))
def test_spans_are_cut_out_wherever_blocks_end(data: bytes, marks: list[int], size: int) -> None:
    edges = sorted(set(marks))
    spans = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False) if b <= len(data)]
    blocks = [data[begin : begin + size] for begin in range(0, len(data), size)]
    gone = {n for begin, end in spans for n in range(begin, end)}
    expected = bytes(byte for n, byte in enumerate(data) if n not in gone)
    assert b"".join(without_spans(blocks, spans)) == expected
    tail = [data[begin : begin + size] for begin in range(7, len(data), size)]
    late = bytes(byte for n, byte in enumerate(data) if n not in gone and n >= 7)
    assert b"".join(without_spans(tail, spans, 7)) == late
