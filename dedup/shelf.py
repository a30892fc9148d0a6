"""Columns that grow: in memory, or in files that survive a kill.

In: bytes for named columns, and a commit now and then. Out: each column as an array, or a part of
it as bytes. What is on disk is committed by one line in a journal, with checksums: after a kill,
a full disk or a power cut a shelf is what it was at its last whole commit. What the columns mean
is left to others. Format: docs/formats/work.md.
"""

from __future__ import annotations

import json
import mmap
import os
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import xxhash

from dedup.errors import OutputError

#: Bytes that are read at a time to check them.
_BLOCK = 8 << 20


class Column(NamedTuple):
    """What a column holds: values of a type, `width` of them in a row."""

    dtype: str
    width: int = 1

    @property
    def row_bytes(self) -> int:
        """Bytes of a row."""
        return np.dtype(self.dtype).itemsize * self.width

    def shaped(self, values: Any) -> Any:
        """Rows of a flat array."""
        return values.reshape(-1, self.width) if self.width > 1 else values


class Shelf(Protocol):
    """Named columns, to which rows are added at the end."""

    def append(self, name: str, values: Any) -> None:
        """Add rows: anything with a buffer of the type of the column."""

    def commit(self, note: Mapping[str, Any]) -> None:
        """Make lasting what was added, and remember the note with it."""

    @property
    def note(self) -> dict[str, Any]:
        """The note of the last commit."""

    def count(self, name: str) -> int:
        """Rows of a column."""

    def column(self, name: str) -> Any:
        """All rows that were added, read-only."""

    def read(self, name: str, begin: int, end: int) -> bytes:
        """The bytes of some rows."""

    def release(self, *names: str) -> None:
        """Columns that were gone through need not stay in memory."""

    def close(self) -> None:
        """Nothing is added any more; columns that were handed out stay."""


class MemoryShelf:
    """A shelf of a process."""

    def __init__(self, columns: Mapping[str, Column]) -> None:
        """Begin with empty columns."""
        self._columns = columns
        self._pieces: dict[str, list[Any]] = {name: [] for name in columns}
        self._begins: dict[str, list[int]] = {name: [0] for name in columns}
        self.note: dict[str, Any] = {}

    def append(self, name: str, values: Any) -> None:
        """Add rows; they must not be changed afterwards."""
        column = self._columns[name]
        piece = column.shaped(np.frombuffer(values, column.dtype) if len(values) else values)
        if len(piece):
            self._pieces[name].append(piece)
            self._begins[name].append(self._begins[name][-1] + len(piece))

    def commit(self, note: Mapping[str, Any]) -> None:
        """Remember the note."""
        self.note = dict(note)

    def count(self, name: str) -> int:
        """Rows of a column."""
        return self._begins[name][-1]

    def column(self, name: str) -> Any:
        """All rows as one array."""
        column, pieces = self._columns[name], self._pieces[name]
        if not pieces:
            return column.shaped(np.empty(0, column.dtype))
        if len(pieces) > 1:
            pieces[:] = [np.concatenate(pieces)]
            self._begins[name] = [0, len(pieces[0])]
        return pieces[0]

    def read(self, name: str, begin: int, end: int) -> bytes:
        """The bytes of some rows, most often of one piece."""
        begins, pieces = self._begins[name], self._pieces[name]
        place = bisect_right(begins, begin) - 1
        out = b""
        while begin < end:
            first = begins[place]
            part = pieces[place][begin - first : end - first]
            out = out + part.tobytes() if out else part.tobytes()
            begin = begins[place + 1]
            place += 1
        return out

    def release(self, *names: str) -> None:
        """Nothing: all is in memory."""

    def close(self) -> None:
        """Nothing to close."""


class DiskShelf:
    """A shelf in a folder.

    Raises:
        OutputError: The folder cannot be made or written.
    """

    def __init__(self, folder: Path, columns: Mapping[str, Column]) -> None:
        """Open a folder, or make it; what was not committed is cut off."""
        self._files: dict[str, int] = {}
        self._folder = folder
        self._columns = columns
        self._maps: dict[str, Any] = {}
        self._ends = dict.fromkeys(columns, 0)
        self._sums = {name: xxhash.xxh3_64() for name in columns}
        self.note: dict[str, Any] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("journal", *columns):
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._files[name] = os.open(folder / name, flags, 0o666)
            size = self._replay()
            for name, end in [*self._ends.items(), ("journal", size)]:
                os.ftruncate(self._files[name], end)
                os.lseek(self._files[name], end, os.SEEK_SET)
        except OSError as error:
            self.close()
            raise self._wrong(error) from error

    def _wrong(self, error: OSError) -> OutputError:
        return OutputError(
            f"{self._folder} cannot be written: {error.strerror or error}. Nothing was replaced, "
            "and what is done so far stays: go on with --resume."
        )

    def _replay(self) -> int:
        """Go from commit to commit as long as all of it is whole; gives the journal's size."""
        size = 0
        for line in _read(self._files["journal"], 0, 1 << 40).splitlines(keepends=True):
            stamp, _, body = line.partition(b" ")
            if not line.endswith(b"\n") or stamp != _digest(body):
                break
            commit = json.loads(body)
            if any(self._sum(n, end) != total for n, (end, total) in commit["columns"].items()):
                break
            self._ends.update((name, end) for name, (end, _) in commit["columns"].items())
            self.note = commit["note"]
            size += len(line)
        return size

    def _sum(self, name: str, end: int) -> str:
        """Checksum of the bytes from the last commit to an end."""
        hasher, place = xxhash.xxh3_64(), self._ends[name]
        while place < end and (
            block := os.pread(self._files[name], min(_BLOCK, end - place), place)
        ):
            hasher.update(block)
            place += len(block)
        return hasher.hexdigest() if place == end else ""

    def append(self, name: str, values: Any) -> None:
        """Add rows.

        Raises:
            OutputError: The disk is full or cannot be written.
        """
        view = memoryview(values).cast("B") if len(values) else memoryview(b"")
        self._sums[name].update(view)
        self._ends[name] += len(view)
        self._write(name, view)

    def _write(self, name: str, view: memoryview) -> None:
        try:
            while len(view):
                view = view[os.write(self._files[name], view) :]
        except OSError as error:
            raise self._wrong(error) from error

    def commit(self, note: Mapping[str, Any]) -> None:
        """Write one line to the journal."""
        columns = {
            name: (self._ends[name], hasher.hexdigest()) for name, hasher in self._sums.items()
        }
        self.note = dict(note)
        body = json.dumps({"columns": columns, "note": self.note}).encode() + b"\n"
        self._write("journal", memoryview(_digest(body) + b" " + body))
        for hasher in self._sums.values():
            hasher.reset()

    def count(self, name: str) -> int:
        """Rows of a column."""
        return self._ends[name] // self._columns[name].row_bytes

    def column(self, name: str) -> Any:
        """All rows as one array over the file."""
        column, size = self._columns[name], self._ends[name]
        if not size:
            return column.shaped(np.empty(0, column.dtype))
        known = self._maps.get(name)
        if known is None or known.nbytes != size:
            shape = size // np.dtype(column.dtype).itemsize
            known = np.memmap(self._folder / name, column.dtype, "r", shape=shape)
            self._maps[name] = known
        return column.shaped(known.view(np.ndarray))

    def read(self, name: str, begin: int, end: int) -> bytes:
        """The bytes of some rows.

        Raises:
            OutputError: The file was cut by somebody else.
        """
        row = self._columns[name].row_bytes
        data = _read(self._files[name], begin * row, (end - begin) * row)
        if len(data) < (end - begin) * row:
            raise OutputError(f"{self._folder / name} is shorter than it was.")
        return data

    def release(self, *names: str) -> None:
        """Give back the memory of columns that were gone through; they can be read again."""
        for name in names or self._maps:
            if name in self._maps:
                self._maps[name].base.madvise(mmap.MADV_DONTNEED)

    def close(self) -> None:
        """Close the files; arrays over them stay."""
        while self._files:
            os.close(self._files.popitem()[1])

    def __del__(self) -> None:
        self.close()


def _read(file: int, place: int, size: int) -> bytes:
    """Up to `size` bytes; the system gives 2 GiB at most at a time."""
    data = os.pread(file, min(size, 1 << 30), place)
    while len(data) < size and (
        more := os.pread(file, min(size - len(data), 1 << 30), place + len(data))
    ):
        data += more
    return data


def _digest(body: bytes) -> bytes:
    return xxhash.xxh3_64_hexdigest(body).encode()
