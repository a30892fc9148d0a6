"""Texts or bytes → the values datasketch would give them, without datasketch.

Takes texts or pieces of bytes, and how they are to be hashed and permuted; gives arrays. A `Plan`
is made once per call and holds the permutations. Objects are made in `datasketch.py`.
Bytes and formulas: docs/formats/datasketch.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xxhash

from dedup import core
from dedup.errors import InputError, SettingsError

#: A hash function: its name, or a function from bytes to int; None is the default of the scheme.
HashFunction = str | Callable[[Any], int] | None
#: uint32 for "affine32", uint64 otherwise; shape (n, num_perm).
Signatures = npt.NDArray[np.uint32] | npt.NDArray[np.uint64]

#: Texts in one call of the kernels: about a megabyte, so that what passes between them is near.
BATCH = 256
#: Functions that are hashed natively when they are handed in, by module and name.
NATIVE = {
    ("datasketch.hashfunc", "sha1_hash32"): "sha1_hash32",
    ("datasketch.hashfunc", "sha1_hash64"): "sha1_hash64",
}
#: The xxhash functions of the names.
XXHASH: dict[str, Callable[[Any], int]] = {
    "xxh32": xxhash.xxh32_intdigest,
    "xxh64": xxhash.xxh64_intdigest,
    "xxh3_64": xxhash.xxh3_64_intdigest,
}
PRIME = (1 << 61) - 1


class Plan(NamedTuple):
    """Checked arguments: how hash values are made and permuted."""

    seed: int
    scheme: str
    #: A name of `core.HASHES`, or the user's function.
    hashfunc: str | Callable[[Any], int]
    #: Parameters of the permutations.
    a: core.U64
    b: core.U64

    def rows(self, spelled: core.Shingles) -> Signatures:
        """The values of each text of a batch."""
        if isinstance(self.hashfunc, str):
            hashes = core.hash_bytes(spelled.letters, spelled.begins, spelled.ends, self.hashfunc)
        else:
            hashes = call(self.hashfunc, [p for own in pieces(spelled) for p in own], self.scheme)
        return core.permute(hashes, spelled.offsets, self.a, self.b, self.scheme)

    def row(self, held: list[Any]) -> Signatures:
        """The values of one set of bytes, or of whatever the user's function takes; one row."""
        if isinstance(self.hashfunc, str):
            data = b"".join(held)
            ends = np.cumsum([0, *map(len, held)])
            hashes = core.hash_bytes(data, ends[:-1], ends[1:], self.hashfunc)
        else:
            hashes = call(self.hashfunc, held, self.scheme)
        return core.permute(hashes, np.array([0, len(held)]), self.a, self.b, self.scheme)

    def stack(self, batches: list[Any]) -> Signatures:
        """Batches of rows as one array, also when there are none."""
        none = np.empty((0, len(self.a)), core.SCHEMES[self.scheme][1])
        return np.concatenate([none, *batches])


def make_plan(num_perm: int, seed: int, scheme: str, hashfunc: HashFunction) -> Plan:
    """Check the arguments and draw the permutations; SettingsError."""
    if scheme not in core.SCHEMES:
        known = ", ".join(core.SCHEMES)
        raise SettingsError(f"scheme must be one of {known}, but is {scheme!r}")
    if num_perm < 1:
        raise SettingsError(f"num_perm must be 1 or more, but is {num_perm}")
    if not 0 <= seed < 1 << 32:
        raise SettingsError(f"seed must be 0 to 2**32 - 1, but is {seed}")
    if hashfunc is None:
        hashfunc = "sha1_hash64" if scheme == "affine64" else "sha1_hash32"
    named, bits = name_of(hashfunc), core.SCHEMES[scheme][0]
    if not callable(named):
        if named not in core.HASHES:
            known = ", ".join(core.HASHES)
            raise SettingsError(f"hashfunc must be a function or one of {known}, but is {named!r}")
        if core.HASHES[named] > bits:
            raise SettingsError(
                f"hashfunc {named!r} gives {core.HASHES[named]} bits, but scheme {scheme!r} takes "
                f"{bits}. Use a hash of 32 bits, or scheme='affine64'."
            )
    return Plan(seed, scheme, named, *draw_permutations(num_perm, seed, scheme))


def draw_permutations(num_perm: int, seed: int, scheme: str) -> tuple[core.U64, core.U64]:
    """Parameters a and b, drawn as datasketch draws them."""
    draw = np.random.RandomState(seed).randint
    if scheme == "legacy":
        drawn = [draw(low, PRIME, dtype=np.uint64) for _ in range(num_perm) for low in (1, 0)]
        return np.array(drawn[::2], np.uint64), np.array(drawn[1::2], np.uint64)
    bits, dtype = core.SCHEMES[scheme]
    a = draw(0, 1 << (bits - 1), num_perm, dtype=dtype).astype(np.uint64)
    b = draw(0, 1 << bits, num_perm, dtype=dtype).astype(np.uint64)
    return a * np.uint64(2) + np.uint64(1), b


def name_of(hashfunc: str | Callable[[Any], int]) -> str | Callable[[Any], int]:
    """The name of a function that is hashed natively, else what was given."""
    for name, function in XXHASH.items():
        if hashfunc is function:
            return name
    place = getattr(hashfunc, "__module__", ""), getattr(hashfunc, "__qualname__", "")
    return NATIVE.get(place, hashfunc)


def call(hashfunc: Callable[[Any], int], held: list[Any], scheme: str) -> core.U64:
    """Hash values of the user's function, which must fit the scheme."""
    values, bits = [hashfunc(piece) for piece in held], core.SCHEMES[scheme][0]
    for value in values:
        if not 0 <= value < 1 << bits:
            raise SettingsError(
                f"hashfunc gave {value}, but scheme {scheme!r} takes 0 to 2**{bits} - 1. "
                "Use a hash of fewer bits, or scheme='affine64'."
            )
    return np.array(values, np.uint64)


def spell(texts: Iterable[str | bytes], k: int) -> Iterator[core.Shingles]:
    """Shingles of the texts, batch by batch; SettingsError, InputError."""
    if not 1 <= k <= 32:
        raise SettingsError(f"k must be 1 to 32, but is {k}")
    if isinstance(texts, str | bytes):
        raise InputError("texts must be a list, but are one text. Put it into a list.")
    several: Iterator[Any] = iter(texts)
    done = 0
    while batch := list(islice(several, BATCH)):
        for number, text in enumerate(batch, done):
            check_text(number, text)
        done += len(batch)
        yield core.shingle_bytes(batch, k)


def check_text(number: int, text: object) -> None:
    """Nothing, or an InputError that says which text cannot be used and why."""
    if isinstance(text, bytes):
        try:
            text.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise InputError(
                f"text {number} is not UTF-8 at byte {error.start}. Decode it first."
            ) from None
    elif not isinstance(text, str):
        raise InputError(f"text {number} must be str or bytes, but is {type(text).__name__}.")


def pieces(spelled: core.Shingles) -> Iterator[list[bytes]]:
    """The shingles of each text of a batch."""
    letters = spelled.letters.tobytes()
    spans = list(zip(spelled.begins.tolist(), spelled.ends.tolist(), strict=True))
    for first, end in pairwise(spelled.offsets.tolist()):
        yield [letters[b:e] for b, e in spans[first:end]]
