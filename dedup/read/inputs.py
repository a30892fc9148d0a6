"""Remember what was read: each file with its size and digest, so that a change can be told later.

In: the files of a corpus, as the readers open and finish them. Out: one `InputFile` each, and how
far the reading is, in files and bytes. Nothing is read here but for the digest.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import xxhash

from dedup.read.gunzip import MAGIC as GZIP
from dedup.read.unzstd import is_zstd
from dedup.records import InputFile

_BLOCK = 1 << 20


class Stamp(NamedTuple):
    """What the system says about a file; it differs when the file was written to."""

    bytes: int
    changed: int


class Inputs:
    """The books of one run's files, in the order they were read."""

    def __init__(self) -> None:
        """Begin with none."""
        self.files: list[InputFile] = []
        #: Stored bytes and files that have been read, and all there are as far as is known.
        self.bytes_done = 0
        self.bytes_total = 0
        self.files_total = 0

    def expect(self, paths: Iterable[str | os.PathLike[str]]) -> None:
        """These files lie ahead."""
        for path in paths:
            stamp = _stamp(path)
            self.files_total += 1
            self.bytes_total += stamp.bytes if stamp else 0

    def begin(self, path: str | os.PathLike[str]) -> Stamp | None:
        """A file is opened; give what is returned to `end`."""
        return _stamp(path)

    def end(
        self, path: str | os.PathLike[str], name: str, format_: str, before: Stamp | None
    ) -> None:
        """A file has been read: take its digest, unless it is no plain file or was written to."""
        if before is None:
            self.files.append(InputFile(name, format_, "", None, None))
            return
        self.bytes_done += before.bytes
        try:
            found = describe_file(path)
        except OSError:
            found = None
        if found is None or _stamp(path) != before:
            self.files.append(InputFile(name, format_, "", None, None))
        else:
            size, digest, compression = found
            self.files.append(InputFile(name, format_, compression, size, digest))


def describe_file(path: str | os.PathLike[str]) -> tuple[int, str, str]:
    """Size in bytes, XXH3-128 in hex and compression ("", gzip, zstd) of a file as it is stored.

    Raises:
        OSError: it cannot be read.
    """
    hasher, size, head = xxhash.xxh3_128(), 0, b""
    with Path(path).open("rb") as file:
        while block := file.read(_BLOCK):
            head = head or block[:4]
            hasher.update(block)
            size += len(block)
    compression = "gzip" if head.startswith(GZIP) else "zstd" if is_zstd(head) else ""
    return size, hasher.hexdigest(), compression


def _stamp(path: str | os.PathLike[str]) -> Stamp | None:
    """None for what is no plain file."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(found.st_mode):
        return None
    return Stamp(found.st_size, found.st_mtime_ns)
