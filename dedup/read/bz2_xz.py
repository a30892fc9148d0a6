"""Decompress bzip2 and xz, stream after stream, and keep all that comes before a damage.

In: a `take(size)` that gives exactly so many bytes until the end. Out: blocks of plain bytes,
each of at most 1 MiB. A cut or damaged file raises `Damage` after its last good block (of a
damaged one a few kilobytes before it may be lost too); naming the file and counting bytes is left
to `streams`.
"""

from __future__ import annotations

import bz2
import lzma
from collections.abc import Callable, Iterator

from dedup.read.gunzip import Cut, Damage

#: Magic numbers as far as their first four bytes show them; of bzip2 a digit follows.
BZ2_MAGIC, XZ_MAGIC = b"BZh", b"\xfd7zX"
#: Compressed bytes taken at a time: what a failing call had decoded is lost with it.
_TAKEN = 1 << 13
_GIVEN = 1 << 20
#: Bytes a stream may ask for: xz -9 asks for 65 MiB, its header can ask for 4 GiB.
_MEMORY = 512 << 20

_Decoder = bz2.BZ2Decompressor | lzma.LZMADecompressor


def is_bz2(head: bytes) -> bool:
    """Whether a file that begins with these four bytes is bzip2."""
    return head.startswith(BZ2_MAGIC) and head[3:4] in b"123456789" and len(head) > 3


def is_xz(head: bytes) -> bool:
    """Whether a file that begins with these four bytes is xz."""
    return head == XZ_MAGIC


def unbz2(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Decompress every stream of a bzip2 file.

    Raises:
        Damage: the file is cut or damaged; everything before it has been given.
    """
    yield from _decompress(take, bz2.BZ2Decompressor, "bzip2", BZ2_MAGIC)


def unxz(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Decompress every stream of an xz file.

    Raises:
        Damage: the file is cut or damaged, or asks for more memory than 512 MiB; everything
            before it has been given.
    """

    def start() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)

    yield from _decompress(take, start, "xz", XZ_MAGIC)


def _decompress(
    take: Callable[[int], bytes], start: Callable[[], _Decoder], name: str, magic: bytes
) -> Iterator[bytes]:
    data = take(_TAKEN)
    while data:
        decoder = start()
        while not decoder.eof:
            if decoder.needs_input and not data and not (data := take(_TAKEN)):
                raise Cut(f"the {name} file ends inside a stream")
            try:
                block = decoder.decompress(data, _GIVEN)
            except (OSError, EOFError, lzma.LZMAError) as error:
                raise Damage(f"the {name} file is damaged: {error}") from error
            data = b""
            if block:
                yield block
        data = decoder.unused_data.lstrip(b"\0")
        while len(data) < len(magic) and (more := take(_TAKEN)):
            data = (data + more).lstrip(b"\0")
        if data and not data.startswith(magic):
            cut = magic.startswith(data)
            raise Damage(f"the {name} file " + ("is cut" if cut else "has bytes of no stream"))
