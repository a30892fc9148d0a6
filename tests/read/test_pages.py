"""Pages among records: in order, whatever the number of processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dedup.read import open_corpus
from dedup.read.fields import Fields
from dedup.read.html import LONGEST_PAGE
from dedup.read.rejects import Rejects
from tests.read.crawls import SECONDS, found, http, info, page, read, sentences, warc, wet
from tests.read.making import gz


def mixed(tmp_path: Path) -> Path:
    """Pages, texts and all sorts of rejects, in several files."""
    records = [info()]
    for n in range(12):
        url = f"https://daily.example/{n}"
        records.append(warc(http(page(n).encode()), url=url))
        if n % 3 == 0:
            records.append(wet(100 + n))
        if n % 4 == 0:
            records.append(warc(http(b"<div>" * 900), url=f"{url}/deep"))
            records.append(warc(http(b"gone", status="410 Gone")))
    (tmp_path / "a.warc.gz").write_bytes(gz(b"".join(records)))
    (tmp_path / "b.html").write_text(page(50))
    (tmp_path / "c.jsonl").write_bytes(b'{"id": "c", "text": "words"}\n[]\n')
    (tmp_path / "d.htm").write_bytes(b"")
    (tmp_path / "e.txt").write_bytes(b"words")
    return tmp_path


def test_the_number_of_processes_changes_no_answer_and_no_order(tmp_path: Path) -> None:
    one = read(mixed(tmp_path), workers=1)
    three = read(tmp_path, workers=3)
    assert one[0] == three[0]
    assert one[1].entries == three[1].entries
    urls = [record.id.rpartition("/")[2] for record in one[0]]
    expected = [str(n) for k in range(12) for n in ([k, 100 + k] if k % 3 == 0 else [k])]
    assert urls == [*expected, "b", "c", "e"]
    reasons = [reject.reason for reject in one[1].entries]
    assert reasons == ["deep-page", "http-status"] * 3 + ["not-an-object", "empty-text"]
    offsets = [reject.offset for reject in one[1].entries[:6]]
    assert offsets == sorted(offsets)


@pytest.mark.parametrize("extractor", ["precise", "fast"])
def test_a_page_becomes_a_record_with_headline_site_and_both_dates(
    tmp_path: Path, extractor: str
) -> None:
    head = "<meta name='date' content='2024-03-01'>"
    (tmp_path / "a.warc").write_bytes(warc(http(page(1, head).encode())))
    (record,), rejects = read(tmp_path, extractor=extractor)
    assert not rejects
    assert (record.id, record.site) == ("https://www.daily.example/a", "daily.example")
    assert (json.loads(record.line)["title"], record.date) == (
        "A headline",
        SECONDS // 86400 * 86400 - 4 * 86400,
    )
    assert sentences(1)[3].encode() in record.text
    line = json.loads(record.line)
    assert line["date"] == "2024-03-01"
    assert line["date_download"] == "2024-03-05T06:07:08Z"
    (tmp_path / "b.jsonl").write_bytes(record.line)
    (again,), _ = read(tmp_path / "b.jsonl")
    assert again[:5] == record[:5]


@pytest.mark.parametrize("date", ["2031-01-01", "9999-12-31T00:00:00Z", "no date", ""])
def test_a_page_cannot_be_newer_than_its_capture(tmp_path: Path, date: str) -> None:
    head = f"<meta name='date' content='{date}'>"
    (tmp_path / "a.warc").write_bytes(warc(http(page(1, head).encode())))
    (record,), _ = read(tmp_path)
    assert record.date == SECONDS
    assert "date" not in json.loads(record.line)


def test_a_page_that_is_a_file_has_its_path_for_an_id_and_may_have_no_date(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.html.gz").write_bytes(gz(page(1).encode()))
    (record,), rejects = read(tmp_path)
    assert not rejects
    assert (record.id, record.date, record.site) == ("in/one", None, "")
    assert record.origin == f"{tmp_path}/in/one.html.gz"


def test_a_file_that_begins_like_a_page_is_one(tmp_path: Path) -> None:
    (tmp_path / "download").write_bytes(b"\xef\xbb\xbf\n" + page(1).encode())
    (record,), rejects = read(tmp_path / "download")
    assert record.id == "download"
    assert not rejects


def test_a_page_that_is_cut_or_too_long_is_named(tmp_path: Path) -> None:
    (tmp_path / "cut.html.gz").write_bytes(gz(page(1).encode())[:-20])
    (tmp_path / "long.html").write_bytes(b" " * (LONGEST_PAGE + 1))
    records, rejects = read(tmp_path)
    assert not records
    assert found(rejects) == [(0, "cut-file"), (0, "huge-page")]


def test_leaving_early_ends_the_processes(tmp_path: Path) -> None:
    records = open_corpus(mixed(tmp_path), Fields(), Rejects(), workers=2)
    assert next(records).id.endswith("/0")
    records.close()  # type: ignore[attr-defined]


def test_more_pages_than_are_kept_ahead_stay_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dedup.read.pages._MOST_AHEAD", 3)
    monkeypatch.setattr("dedup.read.pages._BYTES_AHEAD", 5_000)
    one = read(mixed(tmp_path), workers=2, extractor="fast")
    monkeypatch.undo()
    assert one[0] == read(tmp_path, workers=1, extractor="fast")[0]
