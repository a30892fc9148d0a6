"""Shelves: what was committed stays, whatever happens to the files; in memory as on disk."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import OutputError
from dedup.shelf import Column, DiskShelf, MemoryShelf, Shelf

COLUMNS = {"letters": Column("u1"), "pairs": Column("<u4", 2), "empty": Column("<i8")}


def fill(shelf: Shelf, rounds: list[tuple[bytes, int]]) -> None:
    """Add letters and some pairs, and commit, round by round."""
    for n, (letters, pairs) in enumerate(rounds):
        shelf.append("letters", letters)
        shelf.append("pairs", np.arange(2 * pairs, dtype=np.uint32).reshape(-1, 2) + n)
        shelf.commit({"round": n})


def content(shelf: Shelf) -> tuple[bytes, list[list[int]], dict[str, int]]:
    """All that is on a shelf."""
    assert shelf.count("empty") == len(shelf.column("empty")) == 0
    assert shelf.count("pairs") == len(shelf.column("pairs"))
    assert shelf.read("letters", 0, shelf.count("letters")) == shelf.column("letters").tobytes()
    return shelf.column("letters").tobytes(), shelf.column("pairs").tolist(), shelf.note


rounds_of = st.lists(st.tuples(st.binary(max_size=20), st.integers(0, 3)), max_size=5)


@given(rounds_of)
def test_a_shelf_on_disk_is_one_in_memory(rounds: list[tuple[bytes, int]]) -> None:
    memory = MemoryShelf(COLUMNS)
    fill(memory, rounds)
    with TemporaryDirectory() as folder:
        disk = DiskShelf(Path(folder, "shelf"), COLUMNS)
        fill(disk, rounds)
        assert content(disk) == content(memory)
        disk.release()
        assert content(disk) == content(memory)
        assert content(DiskShelf(Path(folder, "shelf"), COLUMNS)) == content(memory)


@given(rounds_of, st.data())
def test_any_rows_can_be_read(rounds: list[tuple[bytes, int]], data: st.DataObject) -> None:
    shelf = MemoryShelf(COLUMNS)
    fill(shelf, rounds)
    whole = b"".join(letters for letters, _ in rounds)
    begin = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(begin, len(whole)))
    assert shelf.read("letters", begin, end) == whole[begin:end]


@settings(max_examples=60)
@given(rounds_of.filter(bool), st.sampled_from(["journal", "letters", "pairs"]), st.data())
def test_after_any_cut_or_changed_byte_a_shelf_is_what_it_was_at_an_earlier_commit(
    rounds: list[tuple[bytes, int]], name: str, data: st.DataObject
) -> None:
    states = []
    for count in range(len(rounds) + 1):
        memory = MemoryShelf(COLUMNS)
        fill(memory, rounds[:count])
        states.append(content(memory))
    with TemporaryDirectory() as folder:
        fill(DiskShelf(Path(folder), COLUMNS), rounds)
        file = Path(folder, name)
        whole = bytearray(file.read_bytes())
        if whole:
            place = data.draw(st.integers(0, len(whole) - 1))
            if data.draw(st.booleans()):
                whole[place] ^= 1 << data.draw(st.integers(0, 7))
            else:
                del whole[place:]
            file.write_bytes(whole)
        shelf = DiskShelf(Path(folder), COLUMNS)
        found = content(shelf)
        assert found in states
        # What is added now stands behind that.
        fill(shelf, [(b"more", 1)])
        assert content(DiskShelf(Path(folder), COLUMNS))[0] == found[0] + b"more"


def test_what_was_not_committed_is_gone(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path, COLUMNS)
    fill(shelf, [(b"kept", 1)])
    shelf.append("letters", b"lost")
    again = DiskShelf(tmp_path, COLUMNS)
    assert content(again)[0] == b"kept"
    assert (tmp_path / "letters").read_bytes() == b"kept"


def test_a_full_disk_is_an_error_that_names_the_way_on_and_the_last_commit_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = DiskShelf(tmp_path, COLUMNS)
    fill(shelf, [(b"kept", 1)])

    def fail(file: int, data: memoryview) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(OutputError, match=r"No space left on device.*--resume"):
        shelf.append("letters", b"more")
    monkeypatch.undo()
    assert content(DiskShelf(tmp_path, COLUMNS))[0] == b"kept"


def test_a_file_that_was_cut_meanwhile_is_an_error(tmp_path: Path) -> None:
    shelf = DiskShelf(tmp_path, COLUMNS)
    fill(shelf, [(b"kept", 1)])
    (tmp_path / "letters").write_bytes(b"k")
    with pytest.raises(OutputError, match="shorter"):
        shelf.read("letters", 0, 4)
