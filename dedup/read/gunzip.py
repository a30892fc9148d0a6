"""Inflate gzip, member after member, and keep all that comes before a damage.

In: a `take(size)` that gives exactly so many bytes until the end. Out: blocks of plain bytes.
A cut or damaged file raises `Damage` after its last good byte; naming the file and counting
bytes is left to `streams`.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator, Iterator

MAGIC = b"\x1f\x8b"
#: The magic number with its only method, deflate: three bytes, for searching.
_MEMBER = b"\x1f\x8b\x08"
#: Compressed bytes taken at a time, and plain bytes given at a time.
_TAKEN = 1 << 17
_GIVEN = 1 << 20
#: zlib's way to say: expect a gzip header and check its trailer.
_GZIP = 31


class Damage(Exception):
    """A compressed stream ends too early or does not make sense from here on."""


def gunzip(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Inflate every member of a gzip file.

    As gzip does, zeros and other bytes behind the last member are ignored; but not when another
    member's magic number is found among them, since then articles would be lost in silence.

    Raises:
        Damage: the file is cut or damaged; everything before it has been given.
    """
    data = take(_TAKEN)
    while data:
        data = yield from _inflate_member(data, take)
        data = _skip_zeros(data, take)
        if not MAGIC.startswith(data[:2]):
            _check_garbage(data, take)
            return


def _inflate_member(data: bytes, take: Callable[[int], bytes]) -> Generator[bytes, None, bytes]:
    """Inflate one member that begins with `data`; return the bytes taken from behind it."""
    inflater = zlib.decompressobj(_GZIP)
    while not inflater.eof:
        if not data:
            raise Damage("the gzip file ends inside a member")
        before = inflater.copy()
        try:
            block = inflater.decompress(data, _GIVEN)
        except zlib.error as error:
            yield from _salvage(before, data)
            raise Damage(f"the gzip file is damaged: {error}") from error
        if block:
            yield block
        data = inflater.unconsumed_tail or (b"" if inflater.eof else take(_TAKEN))
    return inflater.unused_data


def _salvage(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Inflate what can be inflated of `data`, known to be damaged, by halving the step."""
    size = len(data)
    while size:
        before = inflater.copy()
        try:
            block = inflater.decompress(data[:size])
        except zlib.error:
            inflater = before
        else:
            data = data[size:]
            if block:
                yield block
        size //= 2


def _skip_zeros(data: bytes, take: Callable[[int], bytes]) -> bytes:
    """Drop padding; at least two of the bytes behind it, if there are as many."""
    data = data.lstrip(b"\0")
    while len(data) < 2 and (more := take(_TAKEN)):
        data = (data + more).lstrip(b"\0")
    return data


def _check_garbage(data: bytes, take: Callable[[int], bytes]) -> None:
    """Refuse to ignore bytes that hold another member."""
    while data:
        if _MEMBER in data:
            raise Damage("the gzip file has a member behind bytes that are none")
        more = take(_TAKEN)
        data = data[-2:] + more if more else b""
