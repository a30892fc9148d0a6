"""A file again without some lines: what stays is what was there, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import xxhash
from hypothesis import given
from hypothesis import strategies as st

from dedup import InputError, OutputError
from dedup.read import open_stream
from dedup.report import CorpusFolder, open_packed, without_lines

lines = st.lists(st.binary(max_size=6).map(lambda row: row.replace(b"\n", b"")), max_size=9)


def hashes(rows: list[bytes], gone: set[int]) -> dict[int, int]:
    return {n: xxhash.xxh3_64_intdigest(rows[n - 1].removesuffix(b"\r")) for n in gone}


def cut(data: bytes, size: int) -> Iterator[bytes]:
    return (data[n : n + size] for n in range(0, len(data), size))


@given(lines, st.sets(st.integers(1, 9)), st.integers(1, 20), st.booleans())
def test_the_lines_that_go_are_gone_and_all_else_stays(
    rows: list[bytes], gone: set[int], size: int, has_end: bool
) -> None:
    # No line that is read begins with the byte order mark of the file.
    rows = [row.replace(b"\xef\xbb\xbf", b"") or b"x" for row in rows]
    ends = [b"\n"] * len(rows)
    if rows and not has_end:
        ends[-1] = b""
    gone = {n for n in gone if n <= len(rows)}
    data = b"".join(row + end for row, end in zip(rows, ends, strict=True))
    pairs = enumerate(zip(rows, ends, strict=True), 1)
    expected = b"".join(row + end for n, (row, end) in pairs if n not in gone)
    assert b"".join(without_lines(cut(data, size), hashes(rows, gone))) == expected


def test_a_byte_order_mark_outlives_its_line() -> None:
    data = b"\xef\xbb\xbfone\r\ntwo\r\n"
    assert b"".join(without_lines([data], hashes([b"one"], {1}))) == b"\xef\xbb\xbftwo\r\n"


@pytest.mark.parametrize("data", [b"one\ntwX\n", b"one\n", b"", b"one\nTWO"])
def test_a_line_that_is_not_what_it_was_is_an_error(data: bytes) -> None:
    with pytest.raises(InputError, match="line 2"):
        list(without_lines([data], hashes([b"one", b"two"], {2})))


@pytest.mark.parametrize("compression", ["", "gzip", "zstd", "bzip2", "xz"])
def test_what_is_packed_is_what_is_read_and_equal_each_time(
    tmp_path: Path, compression: str
) -> None:
    written = []
    for _ in range(2):
        with open_packed(tmp_path / "a", compression) as file:
            file.write(b"one\n" * 1000)
        written.append((tmp_path / "a").read_bytes())
    assert written[0] == written[1]
    with open_stream(tmp_path / "a") as stream:
        assert b"".join(iter(lambda: stream.read(99), b"")) == b"one\n" * 1000
    assert ((tmp_path / "a").stat().st_size < 1000) == bool(compression)


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    def fail() -> None:
        with CorpusFolder(tmp_path / "out") as folder:
            folder.place("deep/er/file").write_text("x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
    with CorpusFolder(tmp_path / "out") as folder:
        folder.place("deep/er/file").write_text("x")
        folder.commit()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert sorted(path.name for path in (tmp_path / "out").rglob("*")) == ["deep", "er", "file"]


def test_a_folder_with_anything_in_it_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with CorpusFolder(tmp_path / "out") as folder:
        folder.commit()
    (tmp_path / "out" / "diary.txt").write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        CorpusFolder(tmp_path / "out")


def test_what_a_killed_run_left_is_emptied_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "out.partial" / "old").mkdir(parents=True)
    with pytest.raises(OutputError, match="not ours"):
        CorpusFolder(tmp_path / "out")
    (tmp_path / "out.partial" / ".dedup-apply").touch()
    with CorpusFolder(tmp_path / "out") as folder:
        with pytest.raises(OutputError, match="another run"), CorpusFolder(tmp_path / "out"):
            pass
        folder.commit()
    assert list((tmp_path / "out").iterdir()) == []


def test_an_interrupt_while_a_folder_is_cleared_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = CorpusFolder(tmp_path / "out")

    def interrupt(_: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "iterdir", interrupt)
    with pytest.raises(KeyboardInterrupt), folder:
        pass
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []
