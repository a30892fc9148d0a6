"""Articles on disk while a scan is under way: bytes, places, sites and dates come back."""

from __future__ import annotations

import io
from array import array
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup.records import Batch, Record
from dedup.report.spool import COPIED, Spool, spool_batch


def spool_of(batches: list[Batch], ids: list[str]) -> Spool:
    """A spool of some batches, with its columns in memory."""
    parts = [spool_batch(batch) for batch in batches]
    lines = b"".join(bytes(part.lines) for part in parts)
    sites = [site for batch in batches for site in batch.sites]
    files = [file for part in parts for file in part.files]
    dates = [date for batch in batches for date in batch.dates]
    names = sorted({*sites, *files})
    empty = np.zeros(0, np.int64)
    return Spool(
        lambda begin, end: lines[begin:end],
        np.cumsum(np.concatenate([[0], *(part.sizes for part in parts)])).astype(np.int64),
        np.concatenate([empty, *(part.has_line for part in parts)]).astype(np.uint8),
        np.array([names.index(site) for site in sites], np.uint32),
        np.array([names.index(file) for file in files], np.uint32),
        np.concatenate([empty, *(part.numbers for part in parts)]),
        dates.__getitem__,
        names,
        ids,
    )


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
    made = [
        in_a_row([Record("id", b"text", None, "", row, "o") for row in batch], end)
        for batch in batches
    ]
    spool = spool_of(made, ["id"] * len(rows))
    assert len(spool) == len(rows)
    assert [spool.line(n) for n in range(len(rows))] == rows
    assert [spool.line(n) for n in reversed(range(len(rows)))] == rows[::-1]
    for begin in range(len(rows) + 1):
        out = io.BytesIO()
        spool.copy(begin, len(rows), out)
        assert out.getvalue() == b"".join(row + b"\n" for row in rows[begin:])


def test_a_spooled_text_becomes_a_line_with_the_id_the_scan_gave_it() -> None:
    records = [
        Record("x", "ä\ud83d".encode("utf-8", "surrogatepass"), None, "", b"", "x.txt"),
        Record("x", "ä\n".encode(), None, "", b"", "y.txt"),
        Record("y", b"text", None, "", b"{a line}", "z.jsonl:1"),
    ]
    spool = spool_of([Batch.of(records[:1]), Batch.of(records[1:])], ["x", "x#2", "y"])
    rows = [
        b'{"id":"x","text":"\\u00e4\\ud83d"}',
        '{"id":"x#2","text":"ä\\n"}'.encode(),
        b"{a line}",
    ]
    assert [spool.line(n) for n in range(3)] == rows
    out = io.BytesIO()
    spool.copy(0, 3, out)
    assert out.getvalue() == b"".join(row + b"\n" for row in rows)


def test_many_spooled_lines_are_copied_whole() -> None:
    row = b"x" * (COPIED // 3 + 1)
    batch = Batch.of([Record("id", b"text", None, "", row, "origin")])
    out = io.BytesIO()
    spool_of([batch] * 7, ["id"] * 7).copy(1, 7, out)
    assert out.getvalue() == 6 * (row + b"\n")


@pytest.mark.parametrize(
    "origin",
    ["feed.jsonl:17", "ein:7.txt", "a:007", "a:", ":3", "a:-3", "", "a:٣", "x:" + 30 * "9", "-:1"],
)
def test_an_origin_comes_back_as_it_was(origin: str) -> None:
    texts = ["b.jsonl:1", origin, "b.jsonl:2"]
    batch = Batch.of([Record("id", b"text", None, "", b"{}", text) for text in texts])
    spool = spool_of([batch], ["id"] * 3)
    assert [spool.origin(n) for n in range(3)] == texts


@given(st.lists(st.tuples(st.text(max_size=3), st.none() | st.integers(-(10**12), 10**12))))
def test_site_date_and_origin_of_each_article_come_back(
    sources: list[tuple[str, int | None]],
) -> None:
    batches = [Batch.of([Record("id", b"text", date, site, b"{}", site)]) for site, date in sources]
    spool = spool_of(batches, ["id"] * len(sources))
    expected = [(site, date, site) for site, date in sources]
    assert [spool.source(n) for n in range(len(spool))] == expected
