"""Articles on disk while a scan is under way: bytes, places, sites and dates come back."""

from __future__ import annotations

import io
from array import array
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Batch, Record
from dedup.report.spool import COPIED, Spool


def in_a_row(records: list[Record], end: bytes) -> Batch:
    """A batch whose lines stand in one block, as in a file."""
    ends = array("q", accumulate((len(r.line) + len(end) for r in records), initial=0))
    batch = Batch.of(records)
    return batch._replace(
        lines=b"".join(record.line + end for record in records),
        line_begins=ends[:-1],
        line_ends=array("q", (place - len(end) for place in ends[1:])),
    )


@given(
    st.lists(st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=5), max_size=4),
    st.sampled_from([b"", b"\n", b"\r\n"]),
)
def test_spooled_lines_come_back_in_order_whatever_bytes_they_hold(
    batches: list[list[bytes]], end: bytes
) -> None:
    rows = [row for batch in batches for row in batch]
    spool, ids = Spool(io.BytesIO()), [str(n) for n in range(len(rows))]
    for batch in batches:
        spool.add(in_a_row([Record("id", b"text", None, "", row, "o") for row in batch], end))
    assert len(spool) == len(rows)
    assert [spool.line(n, id_) for n, id_ in enumerate(ids)] == rows
    assert list(spool.lines(ids)) == rows
    for begin in range(len(rows) + 1):
        out = io.BytesIO()
        spool.copy(begin, len(rows), ids, out)
        assert out.getvalue() == b"".join(row + b"\n" for row in rows[begin:])


def test_a_spooled_text_becomes_a_line_with_the_id_the_scan_gave_it() -> None:
    spool = Spool(io.BytesIO())
    spool.add(
        Batch.of([Record("x", "ä\ud83d".encode("utf-8", "surrogatepass"), None, "", b"", "x.txt")])
    )
    spool.add(Batch.of([Record("x", "ä\n".encode(), None, "", b"", "y.txt")]))
    spool.add(Batch.of([Record("y", b"text", None, "", b"{a line}", "z.jsonl:1")]))
    ids = ["x", "x#2", "y"]
    rows = [
        b'{"id":"x","text":"\\u00e4\\ud83d"}',
        '{"id":"x#2","text":"ä\\n"}'.encode(),
        b"{a line}",
    ]
    assert [spool.line(n, id_) for n, id_ in enumerate(ids)] == rows
    out = io.BytesIO()
    spool.copy(0, 3, ids, out)
    assert out.getvalue() == b"".join(row + b"\n" for row in rows)


def test_many_spooled_lines_are_copied_whole(tmp_path: Path) -> None:
    row = b"x" * (COPIED // 3 + 1)
    with (tmp_path / "spool").open("w+b") as file:
        spool, out = Spool(file), io.BytesIO()
        for _ in range(7):
            spool.add(Batch.of([Record("id", b"text", None, "", row, "origin")]))
        spool.copy(1, 7, [""] * 7, out)
    assert out.getvalue() == 6 * (row + b"\n")


@pytest.mark.parametrize(
    "origin",
    ["feed.jsonl:17", "ein:7.txt", "a:007", "a:", ":3", "a:-3", "", "a:٣", "x:" + 30 * "9", "-:1"],
)
def test_an_origin_comes_back_as_it_was(origin: str) -> None:
    spool = Spool(io.BytesIO())
    for text in ("b.jsonl:1", origin, "b.jsonl:2"):
        spool.add(Batch.of([Record("id", b"text", None, "", b"{}", text)]))
    assert [spool.origin(n) for n in range(3)] == ["b.jsonl:1", origin, "b.jsonl:2"]


@given(st.lists(st.tuples(st.text(max_size=3), st.none() | st.integers(-(10**12), 10**12))))
def test_site_and_date_of_each_article_come_back(sources: list[tuple[str, int | None]]) -> None:
    spool = Spool(io.BytesIO())
    for site, date in sources:
        spool.add(Batch.of([Record("id", b"text", date, site, b"{}", site)]))
    assert [spool.source(n) for n in range(len(spool))] == sources
