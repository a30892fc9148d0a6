"""Plain text: one file, one article, byte for byte."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dedup.read import Fields, Rejects, open_corpus, open_stream, read_text_file
from dedup.read.text import read_text
from dedup.records import Record
from tests.read.making import gz, zst


def read(path: Path) -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    return list(open_corpus(path, Fields(), rejects)), rejects


def test_every_text_below_the_folder_is_read_in_the_order_of_the_paths(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.txt.gz").write_bytes(gz(b"three"))
    (tmp_path / "b.txt").write_bytes(b"two")
    (tmp_path / "z.TXT.zst").write_bytes(zst(b"four"))
    (tmp_path / "a.b.txt").write_bytes(b"one")
    (tmp_path / "notes.md").write_bytes(b"none")
    records, rejects = read(tmp_path)
    assert not rejects
    assert [(r.id, r.text) for r in records] == [
        ("a.b", b"one"),
        ("b", b"two"),
        ("b/c", b"three"),
        ("z", b"four"),
    ]
    assert {(r.line, r.date, r.site) for r in records} == {(b"", None, "")}
    assert records[2].origin == str(tmp_path / "b" / "c.txt.gz")


def test_byte_order_mark_and_line_ends_stay_in_the_text(tmp_path: Path) -> None:
    data = "\ufeffone\r\ntwo\rthree\n".encode()
    (tmp_path / "a.txt").write_bytes(data)
    assert [record.text for record in read(tmp_path)[0]] == [data]


def test_a_single_file_is_named_without_its_suffix(tmp_path: Path) -> None:
    rejects = Rejects()
    (tmp_path / "a.txt.gz").write_bytes(gz(b"one"))
    assert [record.id for record in read_text_file(tmp_path / "a.txt.gz", rejects)] == ["a"]


def test_a_name_of_nothing_but_a_suffix_is_kept(tmp_path: Path) -> None:
    (tmp_path / ".txt").write_bytes(b"one")
    assert [record.id for record in read(tmp_path)[0]] == [".txt"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"good \xff", "not-utf8"),
        (b"\xed\xa0\x80", "not-utf8"),
        (b"", "empty-text"),
        (b" \r\n\t", "empty-text"),
        (b"\xef\xbb\xbf\n", "empty-text"),
        (gz(b"words " * 100)[:-5], "cut-file"),
        (zst(b"words " * 100)[:-5], "cut-file"),
    ],
)
def test_a_broken_file_is_one_reject_and_the_rest_is_read(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    (tmp_path / "a.txt").write_bytes(b"one")
    (tmp_path / "b.txt").write_bytes(data)
    (tmp_path / "c.txt").write_bytes(b"three")
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["a", "c"]
    assert [(r.file, r.offset, r.reason) for r in rejects.entries] == [
        (str(tmp_path / "b.txt"), 0, reason)
    ]


def test_a_huge_file_is_a_reject(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(gz(b"x" * 3_000_000))
    rejects = Rejects()
    with open_stream(tmp_path / "a.txt") as stream:
        assert not list(read_text(stream, "a.txt", "a.txt", rejects, longest=1000))
    assert rejects.counts == {"huge-file": 1}


def test_a_file_of_just_the_limit_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1000)
    with open_stream(tmp_path / "a.txt") as stream:
        assert len(list(read_text(stream, "a", "a", Rejects(), longest=1000))) == 1


def test_a_loop_of_links_ends_and_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"one")
    (tmp_path / "in" / "loop").symlink_to(tmp_path)
    (tmp_path / "link.txt").symlink_to(tmp_path / "in" / "a.txt")
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["in/a", "link"]
    assert not rejects


def test_a_broken_link_is_unreadable_and_a_folder_named_like_a_text_is_a_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "dead.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.txt").symlink_to(tmp_path / "self.txt")
    (tmp_path / "x.txt").mkdir()
    (tmp_path / "x.txt" / "y.txt").write_bytes(b"one")
    records, rejects = read(tmp_path)
    assert [record.id for record in records] == ["x.txt/y"]
    assert [Path(r.file).name for r in rejects.entries] == ["dead.txt", "self.txt"]
    assert rejects.counts == {"unreadable": 2}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.txt")
    records, rejects = read(tmp_path)
    assert not records
    assert rejects.counts == {"unreadable": 1}


def test_a_name_that_is_not_utf8_is_escaped(tmp_path: Path) -> None:
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.txt")).write_bytes(b"one")
    except OSError:
        pytest.skip("the file system takes UTF-8 names only")
    (record,) = read(tmp_path)[0]
    assert record.id == "caf\\udce9"
    assert record.origin.encode()
