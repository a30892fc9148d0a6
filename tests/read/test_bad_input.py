"""Input that must be survived: each kind alone, between good articles that must all be found.

How the readers do it is tested beside each of them; here whole files go through `open_corpus`,
and those that could eat the memory go through it in a process of their own.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from dedup.read import FORMATS
from tests.cli.running import ROOT
from tests.read.crawls import arc, arc_info, found, http, info, page, read, warc, wet
from tests.read.making import bz, gz, gz_members, xz, zst

GOOD = b'{"id": "good", "text": "words"}\n'
#: Runs `open_corpus` with so much address space; prints the ids and the rejects.
_BOUNDED = """
import json, resource, sys
from dedup.read import Fields, Rejects, open_corpus
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]), int(sys.argv[2])))
rejects = Rejects()
ids = [record.id for record in open_corpus(sys.argv[1], Fields(), rejects)]
print(json.dumps([ids, rejects.entries]))
"""


def read_bounded(path: Path, megabytes: int) -> tuple[list[str], list[tuple[int, str]]]:
    """Ids, and offset and reason of the rejects, read in so much address space."""
    done = subprocess.run(
        [sys.executable, "-c", _BOUNDED, path, str(megabytes << 20)],
        capture_output=True, text=True, check=False, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ids, rejects = json.loads(done.stdout)
    return ids, [(offset, reason) for _, offset, reason, _ in rejects]


def url(number: int) -> str:
    return f"https://daily.example/{number}"


def test_a_cut_warc_gz(tmp_path: Path) -> None:
    pages = [warc(http(page(n).encode()), url=url(n)) for n in range(6)]
    packed = b"".join(map(gz, pages))
    (tmp_path / "a.warc.gz").write_bytes(packed[: len(packed) - 300])
    (tmp_path / "b.jsonl").write_bytes(GOOD)
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == [*map(url, range(5)), "good"]
    assert found(rejects) == [(sum(map(len, pages[:5])), "cut-file")]
    assert rejects.entries[0].file.endswith("a.warc.gz")


def test_a_warc_with_a_wrong_content_length(tmp_path: Path) -> None:
    for n, length in enumerate([5, 500, 5000, 10**14]):
        (tmp_path / f"{n}.warc").write_bytes(wet(1) + wet(2, length=length) + wet(3))
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == [url(1), url(3)] * 4
    assert [offset for offset, _ in found(rejects)] == [len(wet(1))] * 4
    assert rejects.counts == {"bad-length": 3, "huge-record": 1}


def test_a_warc_with_missing_blank_lines(tmp_path: Path) -> None:
    (tmp_path / "a.warc").write_bytes(wet(1, end=b"") + wet(2, end=b"\n") + wet(3))
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == [url(1), url(2), url(3)]
    assert not rejects


def test_a_record_of_500_mb(tmp_path: Path) -> None:
    size = 500 << 20
    path = tmp_path / "a.warc"
    with path.open("wb") as file:
        file.write(wet(1) + warc(b"", "conversion", url(2), length=size, end=b""))
        file.seek(size, io.SEEK_CUR)
        file.write(b"\r\n\r\n" + wet(3))
    assert read_bounded(path, 400) == ([url(1), url(3)], [(len(wet(1)), "huge-record")])


@cache
def zeros() -> bytes:
    """A gzip member of 50 MiB of zeros."""
    return gzip.compress(b"\0" * (50 << 20), 9)


def bomb(head: bytes, tail: bytes) -> bytes:
    """A gzip file of less than a megabyte with 600 MiB of zeros between head and tail."""
    return gz(head) + zeros() * 12 + gz(tail)


@pytest.mark.parametrize(
    ("name", "head", "tail", "ids", "rejects"),
    [
        (
            "a.warc.gz",
            wet(1) + warc(b"", "conversion", length=600 << 20, end=b""),
            b"\r\n\r\n" + wet(3),
            [url(1), url(3)],
            [(len(wet(1)), "huge-record")],
        ),
        ("a.jsonl.gz", GOOD, b"\n" + GOOD, ["good", "good"], [(len(GOOD), "huge-line")]),
        ("a.txt.gz", b"", b"", [], [(0, "huge-file")]),
        ("a.html.gz", b"<html>", b"", [], [(0, "huge-page")]),
        ("a.csv.gz", b"id,text\n1,words\n", b"\n2,words\n", ["1", "2"], [(16, "huge-row")]),
    ],
)
def test_a_gzip_bomb(
    tmp_path: Path,
    name: str,
    head: bytes,
    tail: bytes,
    ids: list[str],
    rejects: list[tuple[int, str]],
) -> None:
    (tmp_path / name).write_bytes(bomb(head, tail))
    assert (tmp_path / name).stat().st_size < 1 << 20
    # Lines and texts may have 256 MiB.
    assert read_bounded(tmp_path / name, 480) == (ids, rejects)


def test_a_bomb_inside_a_response(tmp_path: Path) -> None:
    body = http(gzip.compress(b" " * (200 << 20), 9), more="Content-Encoding: gzip\r\n")
    (tmp_path / "a.warc").write_bytes(warc(body) + wet(1))
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == [url(1)]
    assert found(rejects) == [(0, "huge-page")]


def test_charset_lies(tmp_path: Path) -> None:
    words = " Die Brücke über den Fluß wird für größere Züge gesperrt, müßte aber erneuert sein."
    text = page(1, title="Größe").replace("</p>", words + "</p>")
    lies = [("utf-8", "cp1252"), ("iso-8859-1", "utf-8"), ("none-such", "cp1252"), ("gbk", "utf-8")]
    captures = [warc(http(text.encode(real), f"text/html; charset={said}")) for said, real in lies]
    (tmp_path / "a.warc").write_bytes(b"".join(captures))
    records, rejects = read(tmp_path)
    assert not rejects
    assert len({record.text for record in records}) == 1
    assert "müßte" in records[0].text.decode()
    assert {json.loads(record.line)["title"] for record in records} == {"Größe"}


@pytest.mark.parametrize("extractor", ["precise", "fast"])
def test_html_of_50_000_nested_divs(tmp_path: Path, extractor: str) -> None:
    (tmp_path / "a.html").write_text("<html><body>" + "<div>" * 50_000 + "words")
    (tmp_path / "b.html").write_text(page(1))
    records, rejects = read(tmp_path, extractor=extractor)
    assert [record.id for record in records] == ["b"]
    assert rejects.counts == {"deep-page": 1}


def test_a_line_of_json_of_100_mb(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(GOOD + b'{"id": "big", "text": "')
        for _ in range(100):
            file.write(b"long words " * (1_000_000 // 11))
        file.write(b'"}\n' + GOOD)
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["good", "big", "good"]
    assert len(records[1].text) > 99_000_000
    assert not rejects


def test_deeply_nested_json(tmp_path: Path) -> None:
    deep = b'{"text": "words", "a": ' + b"[" * 200_000 + b"]" * 200_000 + b"}\n"
    (tmp_path / "a.jsonl").write_bytes(GOOD + deep + GOOD)
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["good", "good"]
    assert found(rejects) == [(len(GOOD), "bad-json")]


def test_a_parquet_file_with_a_missing_column_and_one_with_null_texts(tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": ["a"]}), tmp_path / "a.parquet")
    nulls = pa.table({"id": ["b", "c"], "text": pa.array([None, "words"], pa.string())})
    parquet.write_table(nulls, tmp_path / "b.parquet")
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["c"]
    assert [(Path(r.file).name, r.offset, r.reason) for r in rejects.entries] == [
        ("a.parquet", 0, "no-text"),
        ("b.parquet", 0, "no-text"),
    ]


#: What an empty file of each kind says: nothing where there may be no article, else why not.
EMPTY = {
    ".jsonl": [], ".ndjson": [], ".warc": [], ".wet": [], ".arc": [], ".csv": [], ".tsv": [],
    ".txt": ["empty-text"], ".html": ["empty-text"], ".htm": ["empty-text"],
    ".xhtml": ["empty-text"], ".parquet": ["bad-table"], ".arrow": ["bad-table"],
    ".feather": ["bad-table"],
}  # fmt: skip


def test_an_empty_file_of_each_kind(tmp_path: Path) -> None:
    assert set(EMPTY) == {suffix for format_ in FORMATS for suffix in format_.suffixes}
    for suffix in EMPTY:
        (tmp_path / f"a{suffix}").write_bytes(b"")
    (tmp_path / "z.jsonl").write_bytes(GOOD)
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["good"]
    got: dict[str, list[str]] = {suffix: [] for suffix in EMPTY}
    for reject in rejects.entries:
        got[Path(reject.file).suffix].append(reject.reason)
    assert got == EMPTY


@pytest.mark.parametrize("pack", [gz, zst, bz, xz])
def test_an_empty_file_of_each_kind_compressed(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    for suffix in EMPTY:
        (tmp_path / f"a{suffix}").write_bytes(pack(b""))
    records, rejects = read(tmp_path)
    assert not records
    assert rejects.counts == {"empty-text": 4, "packed-table": 3}


def test_a_compressed_file_of_no_bytes_is_cut(tmp_path: Path) -> None:
    for suffix in ("gz", "zst", "bz2", "xz"):
        (tmp_path / f"a.jsonl.{suffix}").write_bytes(b"")
    assert read(tmp_path)[1].counts == {"cut-file": 4}


def test_symlink_loops(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "self").symlink_to("self")
    (tmp_path / "in" / "b.jsonl").symlink_to("b.jsonl")
    (tmp_path / "in" / "c.jsonl").symlink_to(tmp_path / "in")
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["good"]
    assert rejects.counts == {"unreadable": 1}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_unreadable_files(tmp_path: Path) -> None:
    for name in ("a.warc", "a.csv", "a.html", "a.parquet", "a.txt"):
        (tmp_path / name).write_bytes(b"x")
        (tmp_path / name).chmod(0)
    (tmp_path / "b.jsonl").write_bytes(GOOD)
    records, rejects = read(tmp_path)
    assert len(records) == 1
    assert rejects.counts == {"unreadable": 5}


def test_folders_and_pipes_named_like_files(tmp_path: Path) -> None:
    (tmp_path / "a.warc").mkdir()
    os.mkfifo(tmp_path / "b.csv")
    (tmp_path / "c.jsonl").write_bytes(GOOD)
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["good"]
    assert rejects.counts == {"unreadable": 1}


def test_duplicate_ids_across_files(tmp_path: Path) -> None:
    from dedup import scan_paths

    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "b.csv").write_bytes(b"id,text\ngood,other letters\n")
    (tmp_path / "c.jsonl").write_bytes(b'{"id": "good#2", "text": "more of them"}\n')
    result = scan_paths(tmp_path)
    assert sorted(result.kept) == ["good", "good#2", "good#3"]
    assert result.renamed == {"good#3": "good"}
    assert result.counts.duplicate_ids == 1


def test_dates_in_the_future(tmp_path: Path) -> None:
    from dedup import scan_paths

    text = "the same words in the same order and a few more of them to be an article"
    rows = [("late", "9999-12-31"), ("early", "2020-01-01"), ("never", "99999-01-01")]
    lines = [json.dumps({"id": id_, "text": text, "date": date}) for id_, date in rows]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    result = scan_paths(tmp_path)
    assert result.kept == ["early"]
    assert result.counts.undated == 1


def test_ids_that_are_paths(tmp_path: Path) -> None:
    from dedup import scan_paths

    ids = ["../../x", "/etc/passwd", "a\0b", "..", "con:", "x\ny", "\ud800"]
    lines = [json.dumps({"id": id_, "text": f"words of {n}"}) for n, id_ in enumerate(ids)]
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_text("\n".join(lines))
    captures = [warc(http(page(n).encode()), url=f"http://x/../../{n}") for n in range(2)]
    (tmp_path / "in" / "b.warc").write_bytes(b"".join(captures))
    result = scan_paths(tmp_path / "in", tmp_path / "out", threads=1)
    assert len(result.kept) == len(ids) + 2
    kept = (tmp_path / "out" / "kept.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["id"] for line in kept][: len(ids)] == ids
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]


def test_all_of_it_at_once(tmp_path: Path) -> None:
    deep = warc(http(b"<div>" * 9000), url=url(8))
    (tmp_path / "a.warc.gz").write_bytes(gz_members(info() + wet(1) + deep + wet(2), 4000)[:-9])
    (tmp_path / "b.arc").write_bytes(arc_info() + arc(http(page(1).encode())) + b"noise")
    (tmp_path / "c.csv").write_bytes(b'id,text\n1,"x')
    (tmp_path / "d.parquet").write_bytes(b"PAR1 and no more")
    (tmp_path / "e.html").write_bytes(b"\x00\x01\x81\xff")
    (tmp_path / "f.jsonl").write_bytes(GOOD)
    records, rejects = read(tmp_path, workers=2)
    assert [record.id for record in records] == [url(1), url(2), "http://daily.example/a", "good"]
    assert [reject.reason for reject in rejects.entries] == [
        "deep-page", "cut-file", "bad-record", "bad-row", "bad-table", "bad-charset",
    ]  # fmt: skip
