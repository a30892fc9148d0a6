"""Decompress Zstandard, frame after frame, and keep all that comes before a damage.

In: a `take(size)` that gives exactly so many bytes until the end. Out: blocks of plain bytes,
each of at most 128 KiB. A cut or damaged file raises `Damage` after its last good block; naming
the file and counting bytes is left to `streams`.
The decoder is fed block by block (RFC 8878, section 3.1.1), because a failing call of it also
drops what it had decoded in that call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from dedup.errors import InputError
from dedup.read.gunzip import Cut, Damage

MAGIC = b"\x28\xb5\x2f\xfd"
#: Bytes 2-4 of a skippable frame's magic number; byte 1 is 0x50-0x5f.
_SKIPPABLE = b"\x2a\x4d\x18"
#: zstd --long=31, as used by large archives; the decoder's own default stops at 27.
_WINDOW_LOG_MAX = 31
_SKIPPED = 1 << 20
_RLE = 1


def is_zstd(head: bytes) -> bool:
    """Whether a file that begins with these four bytes is Zstandard."""
    return head == MAGIC or _is_skippable(head)


def unzstd(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Decompress every frame of a Zstandard file.

    Raises:
        Damage: the file is cut or damaged; everything before it has been given.
        InputError: the library is missing; the message names the cure.
    """
    zstd = _load_zstd()
    options = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG_MAX}
    while magic := take(4):
        if _is_skippable(magic):
            _skip_frame(take)
            continue
        if magic != MAGIC:
            cut = MAGIC.startswith(magic)
            raise Damage("the zstd file is cut" if cut else "the zstd file has bytes of no frame")
        decoder = zstd.ZstdDecompressor(options=options)
        for piece in _split_frame(take):
            try:
                block = decoder.decompress(piece)
            except zstd.ZstdError as error:
                raise Damage(f"the zstd file is damaged: {error}") from error
            if block:
                yield block
        if not decoder.eof:
            raise Damage("the zstd file is damaged: a frame does not end where it says")


def _split_frame(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Cut a frame, its magic number already taken, into header, blocks and checksum."""
    descriptor = _take_all(take, 1)
    flags = descriptor[0]
    is_single = flags >> 5 & 1
    sizes = (1 - is_single, (0, 1, 2, 4)[flags & 3], (is_single, 2, 4, 8)[flags >> 6])
    yield MAGIC + descriptor + _take_all(take, sum(sizes))
    is_last = 0
    while not is_last:
        header = _take_all(take, 3)
        number = int.from_bytes(header, "little")
        is_last, kind, size = number & 1, number >> 1 & 3, number >> 3
        size = 1 if kind == _RLE else size
        content = take(size)
        # Also half a block: when it is stored uncompressed, its bytes are good.
        yield header + content
        if len(content) < size:
            raise Cut("the zstd file ends inside a frame")
    if flags >> 2 & 1:
        yield _take_all(take, 4)


def _take_all(take: Callable[[int], bytes], size: int) -> bytes:
    data = take(size)
    if len(data) < size:
        raise Cut("the zstd file ends inside a frame")
    return data


def _is_skippable(head: bytes) -> bool:
    return head[1:] == _SKIPPABLE and head[0] >> 4 == 5


def _skip_frame(take: Callable[[int], bytes]) -> None:
    left = int.from_bytes(_take_all(take, 4), "little")
    while left:
        left -= len(_take_all(take, min(left, _SKIPPED)))


def _load_zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        try:
            from backports import zstd
        except ImportError as error:
            raise InputError(
                "reading .zst needs a library that is not installed: pip install backports.zstd"
            ) from error
    return zstd
