"""Pages of columns in files: nothing is lost, and they leave memory."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dedup.core import drop_pages, file_of
from dedup.core.paging import Spill


def mapped(path: Path, size: int, mode: Any = "r") -> np.memmap[Any, Any]:
    np.arange(size, dtype=np.int64).tofile(path)
    return np.memmap(path, np.int64, mode)


def resident_bytes(path: Path) -> int:
    """Memory that the mappings of a file take, as the system says."""
    text = Path("/proc/self/smaps").read_text("utf-8")
    parts = re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", text, flags=re.MULTILINE)
    mine = [part for part in parts if str(path) in part]
    return sum(int(re.findall(r"^Rss: +(\d+) kB", part, re.MULTILINE)[0]) for part in mine) * 1024


def test_views_of_a_file_know_it_and_columns_in_memory_have_none(tmp_path: Path) -> None:
    column = mapped(tmp_path / "a", 1000)
    for view in (
        column,
        column[5:90],
        np.asarray(column)[3:].view(np.uint64),
        column.reshape(2, -1),
    ):
        assert file_of(view) is not None
    for other in (np.arange(9), column[[1, 2]], column + 1, np.empty(0), b"abc"):
        assert file_of(other) is None
        drop_pages(other)


@pytest.mark.skipif(sys.platform != "linux", reason="asks the system of Linux")
def test_dropped_pages_are_no_memory_and_come_back(tmp_path: Path) -> None:
    path, size = tmp_path / "a", 1 << 20
    column = mapped(path, size)
    total = int(column.sum())
    assert resident_bytes(path) >= 8 * size
    drop_pages(column[size // 2 :])
    assert 4 * size <= resident_bytes(path) <= 5 * size
    drop_pages(column[::2])
    assert resident_bytes(path) < size
    assert int(column.sum()) == total


@pytest.mark.parametrize("mode", ["r+", "c"])
def test_what_was_written_is_still_there(tmp_path: Path, mode: str) -> None:
    column = mapped(tmp_path / "a", 4096, mode)
    column[:] = column * 3
    drop_pages(column)
    assert column.tolist() == [3 * n for n in range(4096)]


def test_an_empty_view_has_no_pages(tmp_path: Path) -> None:
    drop_pages(mapped(tmp_path / "a", 9)[4:4])


def test_a_spilled_column_is_what_was_added(tmp_path: Path) -> None:
    spill = Spill(np.uint32, str(tmp_path))
    first = spill.add(np.arange(5, dtype=np.uint32))
    nothing = spill.add(np.empty(0, np.uint32))
    second = spill.add(np.arange(9, dtype=np.uint32))
    column = spill.close()
    assert file_of(column) is not None
    assert column[first].tolist() == list(range(5))
    assert column[nothing].tolist() == []
    assert column[second].tolist() == list(range(9))
    assert list(tmp_path.iterdir()) == []
    assert Spill(np.uint8).close().tolist() == []
