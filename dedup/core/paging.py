"""Columns that lie in files: whether one does, and how its pages leave memory again.

A column that is a `np.memmap` (or a view of one) is read page by page and stays in memory as long
as the system likes, which counts as memory of this process. Whoever walks through one lets go of
what lies behind.
"""

from __future__ import annotations

import mmap
import tempfile
from typing import Any

import numpy as np


def file_of(values: Any) -> np.memmap[Any, Any] | None:
    """The mapped file a column is a view of; None for columns in memory."""
    while isinstance(values, np.ndarray):
        if isinstance(values, np.memmap) and isinstance(values.base, mmap.mmap):
            return values
        values = values.base
    return None


def drop_pages(values: Any) -> None:
    """Let go of the pages under a column; they are read again when they are asked for.

    Nothing is lost: what was written to a shared mapping stays with the system. Nothing happens to
    columns in memory, to private mappings (mode "c"), and where the system cannot do it.
    """
    mapped = file_of(values)
    if mapped is None or mapped.mode == "c" or not values.nbytes:
        return
    if not hasattr(mmap, "MADV_DONTNEED"):  # pragma: no cover - only on Windows
        return
    whole = mapped.base
    assert isinstance(whole, mmap.mmap)
    part = values if values.flags.c_contiguous else mapped
    start = np.frombuffer(whole, np.uint8, 1).ctypes.data
    begin = part.ctypes.data - start
    # From the page of the first byte to that of the last one; half a page costs little to read.
    first = begin // mmap.PAGESIZE * mmap.PAGESIZE
    whole.madvise(mmap.MADV_DONTNEED, first, begin + part.nbytes - first)


class Spill:
    """A column that is written to a temporary file as it grows, and then read from there."""

    def __init__(self, dtype: Any, folder: str | None = None) -> None:
        """Begin an empty one; `folder` is the system's own for such files when not given."""
        self._dtype = np.dtype(dtype)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed below
        self._size = 0

    def __enter__(self) -> Spill:
        """For `with`: the file is gone behind it, unless it was closed before."""
        return self

    def __exit__(self, *_: object) -> None:
        """See `__enter__`."""
        self._file.close()

    def add(self, values: Any) -> slice:
        """Append values; gives where they will stand."""
        begin = self._size
        data = memoryview(values).cast("B") if len(memoryview(values)) else b""
        self._file.write(data)
        self._size += len(data) // self._dtype.itemsize
        return slice(begin, self._size)

    def close(self) -> Any:
        """All values, mapped from the file, which vanishes with the last view of them."""
        self._file.flush()
        with self._file:
            if not self._size:
                return np.empty(0, self._dtype)
            return np.memmap(self._file, self._dtype, "r+", shape=(self._size,))
