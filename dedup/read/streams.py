"""Open a file or standard input as plain bytes, whatever it is compressed with.

In: a path, "-" or a binary stream. Out: a `ByteStream`; gzip, Zstandard, bzip2 and xz are
recognized by their magic number, never by the name. A cut file first gives all bytes before the
cut, then raises `CutFile`; a reader that can find its way behind a damage may go on (`resume`).
What the bytes mean is left to the readers.
"""

from __future__ import annotations

import codecs
import io
import os
import stat
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from dedup.errors import InputError
from dedup.read import bz2_xz, gunzip, unzstd
from dedup.read.ahead import read_ahead
from dedup.read.charset import find_stream_codec
from dedup.read.gunzip import Cut, Damage, Gap, GzipMember

#: Bytes a reader should ask for at a time.
BLOCK = 1 << 20
_HEAD = 4
#: Compressed files of so many bytes are worth a thread of their own.
_LONG = 1 << 20


#: Takes a function that reads so many bytes; gives plain blocks, and gaps where some are lost.
Unpack = Callable[[Callable[[int], bytes]], Iterator[bytes | Gap]]


class Readable(Protocol):
    """Anything with `read(size)`; b"" means the end, fewer bytes do not."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes."""
        ...


class CutFile(OSError):
    """A compressed file ends too early or is damaged; `delivered` plain bytes came before.

    Unless `is_good`, the last of them may be wrong: a damage shows some bytes behind where it is.
    """

    def __init__(self, message: str, delivered: int, is_good: bool) -> None:
        """Say what is wrong and how many plain bytes came before."""
        super().__init__(message)
        self.delivered = delivered
        self.is_good = is_good


class ByteStream(io.RawIOBase):
    """Plain bytes from blocks; read it with `read(BLOCK)`, or wrap it in BufferedReader."""

    def __init__(self, blocks: Generator[bytes | Gap, None, None], owned: BinaryIO | None) -> None:
        """Take the blocks, and the file to close with this stream, if it is ours."""
        super().__init__()
        self._blocks = blocks
        self._owned = owned
        self._pending = memoryview(b"")
        self._delivered = 0
        self._damage: Damage | None = None

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill `buffer` as far as one block goes.

        Raises:
            CutFile: everything before the cut has been read; again at each further call.
        """
        block = self.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, as far as one block goes; a whole block is given uncopied.

        Raises:
            CutFile: everything before the cut has been read; again at each further call.
        """
        if size < 0:
            return self.readall()
        block: bytes | memoryview = self._pending or self._next_block()
        if not block and self._damage:
            damage = self._damage
            raise CutFile(str(damage), self._delivered, damage.is_good) from damage
        if size < len(block):
            block = memoryview(block)
            block, self._pending = block[:size], block[size:]
        else:
            self._pending = memoryview(b"")
        self._delivered += len(block)
        return bytes(block)

    def peek(self, size: int) -> bytes:
        """The next bytes, left in place: `size` or more unless the file ends or is cut."""
        while len(self._pending) < size and (block := self._next_block()):
            self._pending = memoryview(bytes(self._pending) + block)
        return bytes(self._pending)

    @property
    def is_cut(self) -> bool:
        """Whether a cut has been met; the bytes before it may still have to be read."""
        return self._damage is not None

    def resume(self) -> bool:
        """After `CutFile`: go on behind the damage, if anything was found there."""
        if not isinstance(self._damage, Gap):
            return False
        self._damage = None
        return True

    def position(self) -> int:
        """Stored bytes that have been taken from the file; 0 where it cannot tell."""
        try:
            return self._owned.tell() if self._owned is not None else 0
        except (OSError, ValueError):
            return 0

    def close(self) -> None:
        """Close the file too, if this stream opened it."""
        self._blocks.close()
        if self._owned is not None:
            self._owned.close()
        super().close()

    def _next_block(self) -> bytes:
        if self._damage:
            return b""
        try:
            found = next(self._blocks, b"")
        except Damage as damage:
            self._damage = damage
            return b""
        if isinstance(found, Gap):
            self._damage = found
            return b""
        return found


def as_utf8(stream: ByteStream, charsets: tuple[str, ...] = ()) -> tuple[ByteStream, str]:
    """The stream in UTF-8 and its charset, if whole files are decoded in that; else itself and "".

    UTF-16 and UTF-32 are known by their byte order mark, which stays, or by being the first of
    `charsets`. Offsets count bytes of the UTF-8.
    """
    codec = find_stream_codec(stream.peek(_HEAD), charsets)
    return (stream, "") if codec is None else (ByteStream(_to_utf8(stream, codec), None), codec)


def _to_utf8(stream: ByteStream, codec: str) -> Generator[bytes | Gap, None, None]:
    # Lone surrogates pass: JSON Lines may hold them.
    errors = "surrogatepass" if codec.startswith("utf") else "strict"
    decoder = codecs.getincrementaldecoder(codec)(errors)
    try:
        while block := stream.read(BLOCK):
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        decoder.decode(b"", final=True)
    except CutFile as error:
        raise Cut(str(error)) if error.is_good else Damage(str(error)) from error
    except UnicodeError as error:
        raise Damage(f"the file is not {codec}: {error}") from error


def open_stream(
    path: str | os.PathLike[str],
    stdin: BinaryIO | None = None,
    watch: Callable[[bytes], None] | None = None,
) -> ByteStream:
    """Open a file, or standard input for "-", and decompress it while reading.

    Args:
        path: a file, pipe or device; "-" for standard input.
        stdin: what "-" stands for; sys.stdin.buffer if None. It is not closed.
        watch: is given all bytes of a file as they are stored, from the first on, as far as they
            are read; the last of them before the stream is closed.

    Raises:
        OSError: the file cannot be opened or read.
        InputError: it is Zstandard and the library for it is missing.
    """
    if os.fspath(path) == "-":
        if stdin is None and sys.stdin is None:
            raise InputError("standard input is closed, but '-' asks for it.")
        return ByteStream(_decompress(stdin or sys.stdin.buffer, ""), None)
    file = Path(path).open("rb")  # noqa: SIM115
    return ByteStream(_decompress(file, os.fspath(path), watch), file)


def _decompress(
    file: BinaryIO, name: str, watch: Callable[[bytes], None] | None = None
) -> Generator[bytes | Gap, None, None]:
    head = _read_full(file, _HEAD)
    take = _put_back(head, file)
    if watch:
        take = _watched(take, watch)
    unpack = _unpacking(head)
    if unpack:
        # Not for standard input: a thread that waits for a pipe cannot be ended.
        yield from read_ahead(unpack(take)) if name and _is_long(file) else unpack(take)
    elif len(head) < _HEAD and name.lower().endswith((".gz", ".zst", ".bz2", ".xz")):
        # Too short to have a magic number: what a failed download leaves behind.
        raise Damage(f"the compressed file has only {len(head)} bytes")
    else:
        while block := take(BLOCK):
            yield block


def _unpacking(head: bytes) -> Unpack | None:
    """What unpacks a file with this magic number; None for plain bytes."""
    if head.startswith(gunzip.MAGIC):
        return _inflate
    if unzstd.is_zstd(head):
        return unzstd.unzstd
    if bz2_xz.is_bz2(head):
        return bz2_xz.unbz2
    return bz2_xz.unxz if bz2_xz.is_xz(head) else None


def _inflate(take: Callable[[int], bytes]) -> Iterator[bytes | Gap]:
    return (piece for piece in gunzip.read_members(take) if not isinstance(piece, GzipMember))


def _is_long(file: BinaryIO) -> bool:
    found = os.fstat(file.fileno())
    return stat.S_ISREG(found.st_mode) and found.st_size >= _LONG


def _watched(
    take: Callable[[int], bytes], watch: Callable[[bytes], None]
) -> Callable[[int], bytes]:
    def take_watched(size: int) -> bytes:
        data = take(size)
        watch(data)
        return data

    return take_watched


def _put_back(head: bytes, file: BinaryIO) -> Callable[[int], bytes]:
    def take(size: int) -> bytes:
        nonlocal head
        first, head = head[:size], head[size:]
        return first + _read_full(file, size - len(first)) if len(first) < size else first

    return take


def _read_full(file: BinaryIO, size: int) -> bytes:
    """Read exactly `size` bytes unless the file ends; pipes give what they have."""
    data = file.read(size)
    while data and len(data) < size and (more := file.read(size - len(data))):
        data += more
    return data
