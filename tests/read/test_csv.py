"""CSV and TSV: one row, one record or one reject, with the byte where it begins."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.read.csv import LONGEST_CELL, read_csv
from dedup.read.fields import Fields
from dedup.read.rejects import Rejects
from dedup.read.streams import open_stream
from dedup.records import Record
from tests.read.crawls import found, read
from tests.read.making import PACKINGS, Pack, gz


def rows(
    data: bytes, name: str = "x.csv", fields: Fields | None = None
) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    stream = open_stream("-", io.BytesIO(data))
    return list(read_csv(stream, name, fields or Fields(), rejects)), rejects


def test_a_row_is_a_record_with_all_its_fields() -> None:
    data = (
        b"url,title,date,body,author\r\n"
        b'https://www.a.example/1,"A ""headline""",2024-03-05,"Words, and\r\nmore words",X\r\n'
    )
    (record,), rejects = rows(data)
    assert not rejects
    assert record[:5] == (
        "https://www.a.example/1", b"Words, and\r\nmore words", 1709596800, "a.example",
        record.line,
    )  # fmt: skip
    assert (json.loads(record.line)["title"], record.origin) == ('A "headline"', "x.csv:2")
    line = json.loads(record.line)
    assert line["author"] == "X"
    assert list(line) == ["id", "url", "title", "date", "body", "author"]


@given(
    st.lists(
        st.tuples(*[st.text(st.characters(codec="utf-8"), max_size=12)] * 2), min_size=1, max_size=6
    ),
    st.sampled_from(",;\t|"),
)
def test_what_a_writer_of_csv_writes_is_read_back(
    cells: list[tuple[str, str]], delimiter: str
) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([("id", "text"), *cells])
    records, rejects = rows(file.getvalue().encode())
    blank = [not text.removeprefix("\ufeff").strip() for _, text in cells]
    assert [reject.reason for reject in rejects.entries] == ["empty-text"] * sum(blank)
    expected = [(id_, text) for (id_, text), empty in zip(cells, blank, strict=True) if not empty]
    assert [record.text.decode() for record in records] == [text for _, text in expected]
    assert all(r.id == id_ for r, (id_, _) in zip(records, expected, strict=True) if id_)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_a_known_name(delimiter: str) -> None:
    data = delimiter.join(["id", "text", "note"]) + "\n" + delimiter.join(["1", "a, b; c", "n"])
    if delimiter in ",;":
        data = data.replace("a, b; c", '"a, b; c"')
    assert [record.text for record in rows(data.encode())[0]] == [b"a, b; c"]


def test_a_tsv_is_split_at_tabs_only() -> None:
    (record,), _ = rows(b"id\ttext,b\ttext\n1\tx\ty\n", "x.tsv.gz")
    assert record.text == b"y"


def test_every_reject_has_the_byte_where_its_row_begins() -> None:
    parts = [
        b"\xef\xbb\xbfid,text\n",
        b'1,"good\nwith a line end"\n',
        b"2,one cell too many,x\n",
        b"3\n",
        b"\n",
        b"4,caf\xe9\n",
        b"5,\n",
        b'6,"a"b\n',
        b'"7",caf\xc3\xa9\n',
    ]
    records, rejects = rows(b"".join(parts))
    starts = [sum(map(len, parts[:n])) for n in range(len(parts))]
    assert [record.id for record in records] == ["1", "7"]
    assert found(rejects) == [
        (starts[2], "bad-row"), (starts[3], "bad-row"), (starts[5], "not-utf8"),
        (starts[6], "empty-text"), (starts[7], "bad-row"),
    ]  # fmt: skip
    assert records[1].origin == "x.csv:10"


def test_a_first_row_that_is_no_row_is_named() -> None:
    records, rejects = rows(b"id,text\r1,words\r2,more\r\n3,words\n")
    assert not records
    assert found(rejects) == [(0, "no-text")]


def test_a_quote_that_does_not_end_is_a_bad_row() -> None:
    records, rejects = rows(b'id,text\n1,good\n2,"never ends\n3,lost\n')
    assert [record.id for record in records] == ["1"]
    assert found(rejects) == [(15, "bad-row")]


def test_a_table_without_a_column_of_text_is_one_reject() -> None:
    records, rejects = rows(b"id,headline\n1,a\n2,b\n")
    assert not records
    assert found(rejects) == [(0, "no-text")]
    assert "found id, headline" in rejects.entries[0].detail
    assert len(rows(b"id,headline\n1,a\n", fields=Fields(text=("headline",)))[0]) == 1


def test_a_cell_that_is_too_long_is_named_and_the_rest_goes_on() -> None:
    big = b"x" * (LONGEST_CELL + 10)
    data = b"id,text\n1," + big + b"\n2,good\n"
    records, rejects = rows(data)
    assert [record.id for record in records] == ["2"]
    assert found(rejects) == [(8, "huge-row")]


def test_many_lines_in_one_cell_that_is_too_long_are_named() -> None:
    data = b'id,text\n1,"' + b"x" * 99 + (b"\n" + b"y" * 99) * (LONGEST_CELL // 100 + 2) + b'"\n'
    records, rejects = rows(data)
    assert not records
    assert rejects.entries[0].reason == "huge-row"


def test_a_cut_table_gives_its_rows_up_to_the_cut() -> None:
    data = b"id,text\n" + b"".join(b"%d,row number %d\n" % (n, n * n) for n in range(5000))
    records, rejects = rows(gz(data)[:-2000])
    assert 500 < len(records) < 5000
    assert [reject.reason for reject in rejects.entries] == ["cut-file"]
    assert data[rejects.entries[0].offset - 1 :][:1] == b"\n"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"id,text\n", b"\xef\xbb\xbf"])
def test_a_table_without_rows_holds_no_articles_and_no_rejects(data: bytes) -> None:
    records, rejects = rows(data)
    assert not records
    assert not rejects


@pytest.mark.parametrize("pack", PACKINGS)
def test_a_packed_table_is_read(tmp_path: Path, pack: Pack) -> None:
    (tmp_path / "a.csv").write_bytes(pack(b"id,text\n1,words\n"))
    assert [record.id for record in read(tmp_path)[0]] == ["1"]


def test_the_line_of_a_row_gives_the_same_record(tmp_path: Path) -> None:
    (record,), _ = rows("text,date,site\nwörds,2020-02-02,a.example\n".encode())
    (tmp_path / "kept.jsonl").write_bytes(record.line)
    (again,), _ = read(tmp_path / "kept.jsonl")
    assert again[:4] == record[:4]
