"""Texts and rows as the catalogue keeps them: packed, and sealed so that no change goes unnoticed.

SQLite checks the structure of its file and not what stands in it. Takes values, texts and keys,
and the number of their article; gives bytes, and what they were again. Bytes:
docs/formats/index.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import xxhash

#: Level 3 packs as small as zlib's 6 in a third of the time: 3.1 kB to 1.59 kB in 58 us
#: (docs/choices/0030).
_LEVEL = 3
_CHECK_BYTES = 8


class NotWhole(ValueError):
    """What is kept of a text, or of keys, is not what was stored."""


def seal(number: int, data: bytes) -> bytes:
    """Some data behind 8 bytes by which it is known again as that of this article."""
    return xxhash.xxh3_64_intdigest(data, number).to_bytes(_CHECK_BYTES, "little") + data


def unseal(number: int, sealed: bytes) -> bytes:
    """The data again.

    Raises:
        NotWhole: It has changed, or is that of another article.
    """
    data = sealed[_CHECK_BYTES:]
    if seal(number, data) != sealed:
        raise NotWhole("it is not what was stored")
    return data


def tag_of(sealed: bytes) -> int:
    """32 bits of the seal of some data."""
    return int.from_bytes(sealed[:4], "little")


def seal_of(values: Sequence[int | str | bytes | None]) -> int:
    """What seals a row: the lowest 32 bits of XXH3-64 of its values as JSON."""
    return xxhash.xxh3_64_intdigest(_encode(values).encode()) & 0xFFFFFFFF


def _hex(value: bytes) -> list[str]:
    """A blob, as no text can look."""
    return [value.hex()]


_encode = json.JSONEncoder(separators=(",", ":"), default=_hex).encode


def pack_text(number: int, text: bytes) -> bytes:
    """Pack the text of an article."""
    return seal(number, _zstd().compress(text, _LEVEL))


def unpack_text(number: int, packed: bytes) -> bytes:
    """The text again.

    Raises:
        NotWhole: It has changed, or is that of another article.
    """
    data = unseal(number, packed)
    try:
        return bytes(_zstd().decompress(data))
    except _zstd().ZstdError as error:
        raise NotWhole(str(error)) from error


def _zstd() -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
