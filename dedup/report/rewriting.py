"""A corpus again, without some of its articles: these left out, the rest byte for byte.

Takes plain bytes and the lines or spans that go; gives the plain bytes that stay, and files that
pack them as they were packed. The folder is whole or not there. Which lines go is decided
elsewhere.
"""

from __future__ import annotations

import bz2
import codecs
import fcntl
import gzip
import lzma
import os
import shutil
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

import xxhash

from dedup.errors import InputError, OutputError

_LOCK = ".dedup-apply"
_BOM = b"\xef\xbb\xbf"


def without_lines(blocks: Iterable[bytes], gone: Mapping[int, int]) -> Iterator[bytes]:
    """The bytes of some blocks but those of the lines that go, with their line ends.

    A byte order mark stays, whatever becomes of its line.

    Args:
        blocks: Plain bytes.
        gone: Numbers of the lines that go, from 1, each with the XXH3-64 of its content.

    Raises:
        InputError: A line that goes is not the one it was, or is not there.
    """
    left = dict(gone)
    number, held = 1, b""
    for block in blocks:
        *whole, rest = block.split(b"\n")
        stays: list[bytes] = []
        for line in whole:
            if number in left:
                stays.append(_checked(held + line, number, left))
                held = b""
            else:
                stays += (line, b"\n")
            number += 1
        # A line that stays need not be held, however long it is.
        if number in left:
            held += rest
        else:
            stays.append(rest)
        yield b"".join(stays)
    if held:
        yield _checked(held, number, left)
    if left:
        raise InputError(f"line {min(left)} is not there any more")


def _checked(line: bytes, number: int, left: dict[int, int]) -> bytes:
    """What stays of a line that goes: its byte order mark."""
    mark = _BOM if number == 1 and line.startswith(_BOM) else b""
    content = line[len(mark) :].removesuffix(b"\r")
    # Of lines in other charsets the result has the UTF-8: nothing to compare.
    if xxhash.xxh3_64_intdigest(content) != left.pop(number) and is_utf8(content):
        raise InputError(f"line {number} is not the one that was scanned")
    return mark


def without_spans(
    blocks: Iterable[bytes], spans: Sequence[tuple[int, int]], begin: int = 0
) -> Iterator[bytes]:
    """The bytes of some blocks but those of the spans that go.

    Args:
        blocks: Plain bytes.
        spans: Half-open, in order, apart from each other.
        begin: Where the first byte of the blocks lies.
    """
    number = bisect_right(spans, begin, key=lambda span: span[1])
    for block in blocks:
        end, place = begin + len(block), begin
        stays: list[bytes] = []
        while number < len(spans) and spans[number][0] < end:
            first, last = spans[number]
            if place < first:
                stays.append(block[place - begin : first - begin])
            place = min(last, end)
            if last > end:  # it goes on in the next block
                break
            number += 1
        stays.append(block[place - begin :])
        yield b"".join(stays)
        begin = end


def is_utf8(data: bytes) -> bool:
    """Whether all bytes are UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def encode_blocks(blocks: Iterable[bytes], codec: str) -> Iterator[bytes]:
    """Blocks of UTF-8 in another charset."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    encoder = codecs.getincrementalencoder(codec)("surrogatepass" if "utf" in codec else "strict")
    for block in blocks:
        yield encoder.encode(decoder.decode(block))
    yield encoder.encode(decoder.decode(b"", final=True), final=True)


def open_packed(path: Path, compression: str) -> IO[bytes]:
    """A new file that packs what is written to it; "" leaves it plain. Without a time inside."""
    if compression == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(path, "wb", compresslevel=6, mtime=0))
    if compression == "zstd":
        return cast("IO[bytes]", _zstd().open(path, "wb"))
    if compression == "bzip2":
        return cast("IO[bytes]", bz2.BZ2File(path, "wb"))
    if compression == "xz":
        return cast("IO[bytes]", lzma.LZMAFile(path, "wb"))
    return path.open("wb")


def write_member(blocks: Iterable[bytes], out: IO[bytes]) -> None:
    """Pack blocks as one gzip member behind what has been written."""
    with gzip.GzipFile("", "wb", 6, out, mtime=0) as packed:
        packed.writelines(blocks)


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        try:
            from backports import zstd
        except ImportError as error:
            raise InputError(
                "writing .zst needs a library that is not installed: pip install backports.zstd"
            ) from error
    return zstd


class CorpusFolder:
    """A folder of files in the making; leaving the `with` block by an error removes it.

    Raises:
        OutputError: There is something at `path` already, another run is writing there, or it
            cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(os.path.abspath(path))
        self.partial = self.path.with_name(self.path.name + ".partial")
        self._lock: IO[bytes] | None = None
        if self.path.is_symlink() or (self.path.exists() and not _is_empty(self.path)):
            raise OutputError(f"{self.path} exists already. Choose another folder with -o.")
        if self.partial.is_symlink() or (
            self.partial.exists()
            and not _is_empty(self.partial)
            and not (self.partial / _LOCK).is_file()
        ):
            raise OutputError(
                f"{self.partial} is in the way and not ours. Move it away, or choose another "
                "folder with -o."
            )

    def __enter__(self) -> CorpusFolder:
        ours = False
        try:
            self.partial.mkdir(parents=True, exist_ok=True)
            self._lock = (self.partial / _LOCK).open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = True
            for entry in self.partial.iterdir():  # what a killed run left behind
                if entry.name != _LOCK:
                    shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        except BlockingIOError:
            self._release()
            raise OutputError(f"another run is writing {self.partial}. Wait for it.") from None
        except OSError as error:
            self._release()
            raise OutputError(f"{self.partial} cannot be written: {error.strerror}.") from error
        except BaseException:  # interrupted before there is anything to keep
            if ours:
                shutil.rmtree(self.partial, ignore_errors=True)
            self._release()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            shutil.rmtree(self.partial, ignore_errors=True)
        self._release()

    def _release(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def place(self, inner: str) -> Path:
        """Where a file goes for now; its folders are made."""
        path = self.partial / inner
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def commit(self) -> None:
        """Put the folder in place; all of it is on disk before."""
        # One call for however many files there are; fsync would take one for each.
        os.sync()
        (self.partial / _LOCK).unlink()
        self.partial.rename(self.path)
        self._release()


def _is_empty(path: Path) -> bool:
    return path.is_dir() and next(path.iterdir(), None) is None
