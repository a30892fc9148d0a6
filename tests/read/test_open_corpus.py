"""A corpus: many paths, each accounted for, none stopping the rest."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dedup.read import FORMATS, Fields, Rejects, open_corpus
from dedup.records import Record
from tests.read.making import PACKINGS, Pack, gz, zst

GOOD = b'{"id": "a", "text": "words"}\n'


def read(*paths: str | Path, stdin: bytes = b"") -> tuple[list[Record], Rejects]:
    rejects = Rejects()
    records = list(open_corpus(paths, Fields(), rejects, io.BytesIO(stdin)))
    return records, rejects


def test_a_folder_is_read_in_the_order_of_its_paths_whatever_the_kinds(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "d.txt").write_bytes(b"text")
    (tmp_path / "c.jsonl").write_bytes(GOOD)
    (tmp_path / "sub" / "x.ndjson.zst").write_bytes(zst(GOOD + GOOD))
    (tmp_path / "sub" / "y.txt.gz").write_bytes(gz(b"text"))
    (tmp_path / "README.md").write_bytes(b"not an article")
    (tmp_path / "meta.json").write_bytes(b'{"not": "an article"}')
    records, rejects = read(tmp_path)
    assert not rejects
    assert [record.id for record in records] == ["a", "d", "a", "a", "sub/y"]
    assert records[0].origin == f"{tmp_path}/c.jsonl:1"


@pytest.mark.parametrize("pack", PACKINGS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.JSONL.GZ", "a", "a.dump"])
def test_a_file_is_json_lines_by_suffix_or_first_byte(
    tmp_path: Path, name: str, pack: Pack
) -> None:
    (tmp_path / name).write_bytes(pack(b"\xef\xbb\xbf \r\n\n" + GOOD))
    records, rejects = read(tmp_path / name)
    assert len(records) == 1
    assert not rejects


def test_a_text_file_that_begins_with_a_brace_is_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"{not json")
    assert [record.text for record in read(tmp_path / "a.txt")[0]] == [b"{not json"]


@pytest.mark.parametrize("data", [b"", b"\n", b"WARP/1.0\r\n", b"[{}]", b"\x89PNG", gz(b"words")])
def test_an_unknown_file_is_named_with_what_would_be_understood(
    tmp_path: Path, data: bytes
) -> None:
    (tmp_path / "a.bin").write_bytes(data)
    records, rejects = read(tmp_path / "a.bin")
    assert not records
    assert rejects.counts == {"unknown-format": 1}
    detail = rejects.entries[0].detail
    assert ".jsonl, .ndjson, .txt, .warc, " in detail
    assert "(also .gz, .zst, .bz2, .xz)" in detail


def test_an_empty_named_file_holds_no_articles_and_no_rejects(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    records, rejects = read(tmp_path / "a.jsonl")
    assert not records
    assert not rejects


def test_a_cut_file_without_a_suffix_is_cut_not_unknown(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gz(GOOD)[:12])
    (tmp_path / "b.jsonl.gz").write_bytes(b"")
    assert read(tmp_path / "a", tmp_path / "b.jsonl.gz")[1].counts == {"cut-file": 2}


def test_standard_input_may_be_compressed() -> None:
    for pack in PACKINGS:
        records, rejects = read("-", stdin=pack(GOOD + b"[]\n"))
        assert [record.origin for record in records] == ["-:1"]
        assert [(r.file, r.offset) for r in rejects.entries] == [("-", len(GOOD))]


def test_no_reject_stops_the_rest(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.md").write_bytes(b"a,b")
    (tmp_path / "dead").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "good.jsonl").write_bytes(GOOD)
    names = ["missing", "good.jsonl/x", "empty", "other", "dead", "self", "nul\0", "good.jsonl"]
    records, rejects = read("", *(tmp_path / name for name in names))
    assert len(records) == 1
    assert [(Path(r.file).name, r.reason) for r in rejects.entries] == [
        ("", "no-such-path"),
        ("missing", "no-such-path"),
        ("x", "no-such-path"),
        ("empty", "no-articles"),
        ("other", "no-articles"),
        ("dead", "no-such-path"),
        ("self", "unreadable"),
        ("nul\0", "no-such-path"),
    ]


def test_a_folder_with_only_broken_files_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "nowhere")
    assert read(tmp_path)[1].counts == {"unreadable": 1}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_forbidden_file_and_folder_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "a.jsonl").chmod(0)
    (tmp_path / "in").mkdir(mode=0)
    assert read(tmp_path / "a.jsonl", tmp_path / "in")[1].counts == {"unreadable": 2}


def test_one_path_need_not_be_in_a_list(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    for path in (tmp_path / "a.jsonl", str(tmp_path / "a.jsonl")):
        assert len(list(open_corpus(path, Fields(), Rejects()))) == 1


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_pipe_that_is_named_is_read() -> None:
    reader, writer = os.pipe()
    os.write(writer, GOOD)
    os.close(writer)
    records, rejects = read(f"/dev/fd/{reader}")
    os.close(reader)
    assert len(records) == 1
    assert not rejects


def test_no_suffix_belongs_to_two_formats() -> None:
    suffixes = [s for f in FORMATS for s in f.suffixes + f.named_suffixes]
    assert len(suffixes) == len(set(suffixes))


def test_starting_up_loads_no_optional_library() -> None:
    code = "import sys, dedup.read; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pyarrow", "pandas", "compression.zstd", "backports.zstd"} & set(
        done.stdout.split()
    )
