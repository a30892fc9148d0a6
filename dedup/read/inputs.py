"""Remember what was read: each file with its size and digest, so that a change can be told later.

In: the files of a corpus, as the readers open and finish them. Out: one `InputFile` each, and how
far the reading is, in files and bytes. A digest is taken of the bytes as they are read; only what a
reader leaves over is read here.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import xxhash

from dedup.read.bz2_xz import is_bz2, is_xz
from dedup.read.gunzip import MAGIC as GZIP
from dedup.read.unzstd import is_zstd
from dedup.records import InputFile

_BLOCK = 1 << 20


class Stamp(NamedTuple):
    """What the system says about a file; it differs when the file was written to."""

    bytes: int
    changed: int


class Digest:
    """Size and XXH3-128 of a file, of the bytes that pass and then of the rest."""

    def __init__(self) -> None:
        self.size = 0
        self.head = b""
        self._hasher = xxhash.xxh3_128()

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self.head = self.head or data[:4]
        self._hasher.update(data)
        self.size += len(data)

    def finish(self, path: str | os.PathLike[str]) -> str:
        """Add what is left of the file; 32 hex digits.

        Raises:
            OSError: It cannot be read.
        """
        with Path(path).open("rb") as file:
            file.seek(self.size)
            while block := file.read(_BLOCK):
                self.add(block)
        return self._hasher.hexdigest()


class Inputs:
    """The books of one run's files, in the order they were read."""

    def __init__(self, *, digests: bool = True, is_watched: bool = True) -> None:
        """Begin with none; without `digests` only count, unwatched not ahead."""
        self.is_watched = is_watched
        self.files: list[InputFile] = []
        self._digests = digests
        self._digest = Digest()
        #: Stored bytes and files that have been read, and all there are as far as is known.
        self._bytes_done = 0
        self._bytes_total = 0
        self._files_done = 0
        self._files_total = 0
        #: Says how far the file now being read is.
        self._position: Callable[[], int] | None = None

    def expect(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        """These files lie ahead."""
        for path in paths:
            stamp = _stamp(path)
            self._files_total += 1
            self._bytes_total += stamp.bytes if stamp else 0

    def place(self) -> tuple[int, int, str]:
        """Stored bytes that have been read, all of them as far as is known, and both in words."""
        done = self._bytes_done + (self._position() if self._position else 0)
        files = f"{self._files_done:,} of {self._files_total:,} files, "
        note = f"{done / 1e6:,.1f} of {self._bytes_total / 1e6:,.1f} MB"
        return done, self._bytes_total, (files if self._files_total > 1 else "") + note

    def watch(self) -> Callable[[bytes], None] | None:
        """Takes all bytes of the file that is opened next, as they are stored; None: not wanted."""
        self._digest = Digest()
        return self._digest.add if self._digests else None

    def begin(self, path: str | os.PathLike[str], position: Callable[[], int]) -> Stamp | None:
        """A file was opened and can say how far it is; give what is returned to `end`."""
        self._position = position
        return _stamp(path)

    def end(
        self,
        path: str | os.PathLike[str],
        name: str,
        format_: str,
        before: Stamp | None,
        charsets: dict[str, int] | None = None,
    ) -> None:
        """A file was read and closed: take its digest, if it is plain and was not written to."""
        charsets = charsets or {}
        self._position = None
        self._files_done += 1
        self._bytes_done += before.bytes if before else 0
        if not self._digests:
            return
        if before is None:
            self.files.append(InputFile(name, format_, "", None, None, charsets))
            return
        read = self._digest
        try:
            digest = read.finish(path)
        except OSError:
            digest = ""
        if not digest or _stamp(path) != before:
            self.files.append(InputFile(name, format_, "", None, None, charsets))
        else:
            packing = _compression(read.head)
            self.files.append(InputFile(name, format_, packing, read.size, digest, charsets))


def describe_file(path: str | os.PathLike[str]) -> tuple[int, str, str]:
    """Size in bytes, XXH3-128 in hex and compression of a file as it is stored.

    The compression is "", gzip, zstd, bzip2 or xz.

    Raises:
        OSError: it cannot be read.
    """
    digest = Digest()
    found = digest.finish(path)
    return digest.size, found, _compression(digest.head)


def _compression(head: bytes) -> str:
    """What a file that begins with these four bytes is compressed with."""
    if head.startswith(GZIP):
        return "gzip"
    if is_zstd(head):
        return "zstd"
    return "bzip2" if is_bz2(head) else "xz" if is_xz(head) else ""


def _stamp(path: str | os.PathLike[str]) -> Stamp | None:
    """None for what is no plain file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(found.st_size, found.st_mtime_ns)
