"""WARC, WET and ARC: what each kind of record gives."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dedup.read.arc import read_arc
from dedup.read.fields import Fields
from dedup.read.html import LONGEST_PAGE
from dedup.read.pages import Page
from dedup.read.rejects import Rejects
from dedup.read.streams import Readable
from dedup.read.warc import read_warc
from dedup.records import Record
from tests.read.crawls import (
    DATE,
    SECONDS,
    arc,
    arc_info,
    found,
    http,
    info,
    page,
    read,
    warc,
    wet,
)
from tests.read.making import PACKINGS, Pack

Reader = Callable[[Readable, str, Rejects], Iterator[Record | Page]]


def take(data: bytes, reader: Reader = read_warc) -> tuple[list[Record | Page], Rejects]:
    rejects = Rejects()
    return list(reader(io.BytesIO(data), "x.warc", rejects)), rejects


def test_a_text_of_a_wet_file_is_a_record_with_url_site_and_date() -> None:
    (record,), rejects = take(info() + wet(5))
    assert isinstance(record, Record)
    assert not rejects
    assert record.id == "https://daily.example/5"
    assert record.site == "daily.example"
    assert record.date == SECONDS
    assert record.text.startswith(b"The text of article number 5.")
    assert record.origin == f"x.warc:{len(info())}"


def test_the_line_of_a_text_is_json_that_gives_the_same_record(tmp_path: Path) -> None:
    (record,), _ = take(wet(5))
    assert isinstance(record, Record)
    assert json.loads(record.line)["date_download"] == DATE
    (tmp_path / "kept.jsonl").write_bytes(record.line + b"\n")
    (again,), rejects = read(tmp_path / "kept.jsonl")
    assert not rejects
    assert again[:4] == record[:4]


def test_a_captured_page_waits_to_be_read_with_its_response() -> None:
    body = page(1).encode()
    (got,), rejects = take(warc(http(body, more="Content-Encoding: identity\r\n")))
    assert isinstance(got, Page)
    assert not rejects
    assert got.body == body
    assert got.fields["content-type"] == "text/html; charset=utf-8"
    assert (got.id, got.url, got.date) == (*["https://www.daily.example/a"] * 2, DATE)


def test_a_resource_is_a_page_or_a_text_by_its_media_type() -> None:
    of_page = warc(page(1).encode(), "resource", more="Content-Type: text/html\r\n")
    of_text = warc("Größe".encode(), "resource", more="Content-Type: text/plain\r\n")
    got, rejects = take(of_page + of_text)
    assert [type(one) for one in got] == [Page, Record]
    assert not rejects


def test_records_about_captures_are_no_articles_and_not_counted() -> None:
    kinds = ("warcinfo", "request", "metadata", "continuation")
    about = b"".join(warc(b"GET / HTTP/1.1\r\n", kind) for kind in kinds)
    names = warc(b"20240305060708\ndaily.example. 1 IN A 192.0.2.1\n", url="dns:daily.example")
    got, rejects = take(about + names)
    assert not got
    assert not rejects


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (warc(b"", "revisit"), "revisit"),
        (warc(http(b"gone", status="404 Not Found")), "http-status"),
        (warc(http(b"", status="301 Moved")), "http-status"),
        (warc(http(b"%PDF-1.7", "application/pdf")), "not-a-page"),
        (warc(http(b"{}", "application/json; charset=utf-8")), "not-a-page"),
        (warc(b"no response at all"), "bad-http"),
        (warc(b""), "bad-http"),
        (warc(http(b"x" * (LONGEST_PAGE + 1))), "huge-page"),
        (warc(b"\xff\xfe\xff", "conversion"), "not-utf8"),
        (warc(b" \r\n", "conversion"), "empty-text"),
        (warc(b"text", "novel-kind"), "bad-record"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_offset(record: bytes, reason: str) -> None:
    got, rejects = take(wet(1) + record + wet(2))
    assert len(got) == 2
    assert found(rejects) == [(len(wet(1)), reason)]


def test_a_response_without_a_media_type_is_a_page_if_it_looks_like_one() -> None:
    bare = b"HTTP/1.0 200 OK\r\n\r\n"
    got, rejects = take(warc(bare + b"\n<html>") + warc(bare + b"\x89PNG"))
    assert len(got) == 1
    assert [reason for _, reason in found(rejects)] == ["not-a-page"]


def test_names_of_fields_may_be_written_in_any_case_and_lines_be_folded() -> None:
    raw = (
        b"WARC/1.1\nwarc-type: Conversion\nWARC-TARGET-URI: <http://daily.example/\n a>\n"
        b"content-length:4\n\ntext\n\n"
    )
    (record,), rejects = take(raw)
    assert isinstance(record, Record)
    assert not rejects
    assert (record.id, record.text, record.date) == ("http://daily.example/ a", b"text", None)


def test_a_record_without_a_url_has_file_and_offset_for_an_id() -> None:
    (record,), _ = take(warc(b"text", "conversion", url=""))
    assert isinstance(record, Record)
    assert record.id == "x.warc:0"


def test_an_arc_file_gives_its_pages() -> None:
    one, two = page(1).encode(), page(2).encode()
    dns = arc(b"1.2.3.4", "dns:daily.example")
    data = arc_info() + dns + arc(http(one)) + arc(http(two), "http://daily.example/a b")
    got, rejects = take(data, read_arc)
    assert [one.body for one in got if isinstance(one, Page)] == [one, two]
    assert [one.id for one in got] == ["http://daily.example/a", "http://daily.example/a b"]
    assert not rejects


def test_an_arc_file_of_version_2_gives_its_pages() -> None:
    content = http(page(1).encode())
    line = (
        "http://daily.example/ 192.0.2.1 20240305060708 text/html 200 XY12 - 1234 made.arc "
        f"{len(content)}\n"
    )
    (got,), rejects = take(arc_info() + line.encode() + content + b"\n", read_arc)
    assert isinstance(got, Page)
    assert (got.body, got.date) == (page(1).encode(), "20240305060708")
    assert not rejects


@pytest.mark.parametrize("pack", PACKINGS)
@pytest.mark.parametrize("name", ["a.warc", "a.wet.gz", "a"])
def test_a_crawl_file_is_known_by_suffix_or_first_bytes(
    tmp_path: Path, name: str, pack: Pack
) -> None:
    (tmp_path / name).write_bytes(pack(info() + wet(1) + wet(2)))
    records, rejects = read(tmp_path / name)
    assert [record.id[-1] for record in records] == ["1", "2"]
    assert not rejects


def test_a_mapping_of_fields_does_not_reach_crawl_files(tmp_path: Path) -> None:
    from dedup.read import open_corpus

    (tmp_path / "a.warc").write_bytes(wet(1))
    records = list(open_corpus(tmp_path / "a.warc", Fields(text=("other",)), Rejects()))
    assert len(records) == 1
