"""MinHash values of datasketch in plain Python: its hashes of bytes, its three schemes.

Takes bytes, or the hash values of one article and the parameters of the permutations; gives hash
values, or the lowest permuted values. What a shingle's bytes are and where the parameters come
from is decided elsewhere. Formulas: docs/formats/datasketch.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import xxhash

Lowest = Callable[[Sequence[int], Sequence[tuple[int, int]]], list[int]]

MASK32 = (1 << 32) - 1
MASK64 = (1 << 64) - 1
PRIME = (1 << 61) - 1


def sha1_hash32(data: bytes) -> int:
    """The first four bytes of the SHA-1 digest, little-endian."""
    return int.from_bytes(hashlib.sha1(data, usedforsecurity=False).digest()[:4], "little")


def sha1_hash64(data: bytes) -> int:
    """The first eight bytes of the SHA-1 digest, little-endian."""
    return int.from_bytes(hashlib.sha1(data, usedforsecurity=False).digest()[:8], "little")


#: In the order of `dedup.core.HASHES`.
HASHES: tuple[Callable[[bytes], int], ...] = (
    sha1_hash32,
    sha1_hash64,
    xxhash.xxh32_intdigest,
    xxhash.xxh64_intdigest,
    xxhash.xxh3_64_intdigest,
)


def mix32(h: int) -> int:
    """The finalizer of MurmurHash3 for 32 bits (Appleby)."""
    h = (h ^ h >> 16) * 0x85EBCA6B & MASK32
    h = (h ^ h >> 13) * 0xC2B2AE35 & MASK32
    return h ^ h >> 16


def mix64(h: int) -> int:
    """The same for 64 bits."""
    h = (h ^ h >> 33) * 0xFF51AFD7ED558CCD & MASK64
    h = (h ^ h >> 33) * 0xC4CEB9FE1A85EC53 & MASK64
    return h ^ h >> 33


def affine32(hashes: Sequence[int], permutations: Sequence[tuple[int, int]]) -> list[int]:
    """Lowest a h + b modulo 2^32 for each (a, b)."""
    mixed = [mix32(h & MASK32) for h in hashes]
    return [min([MASK32, *(a * h + b & MASK32 for h in mixed)]) for a, b in permutations]


def affine64(hashes: Sequence[int], permutations: Sequence[tuple[int, int]]) -> list[int]:
    """Lowest a h + b modulo 2^64 for each (a, b)."""
    mixed = [mix64(h) for h in hashes]
    return [min([MASK64, *(a * h + b & MASK64 for h in mixed)]) for a, b in permutations]


def legacy(hashes: Sequence[int], permutations: Sequence[tuple[int, int]]) -> list[int]:
    """Lowest of the low 32 bits of (a h + b modulo 2^64) modulo 2^61 - 1, for each (a, b)."""
    return [
        min([MASK32, *((a * h + b & MASK64) % PRIME & MASK32 for h in hashes)])
        for a, b in permutations
    ]


#: In the order of `dedup.core.SCHEMES`.
SCHEMES: tuple[Lowest, ...] = (affine32, affine64, legacy)
