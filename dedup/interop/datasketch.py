"""MinHash objects of datasketch, value for value, computed by our kernels.

    >>> from datasketch import MinHashLSH
    >>> from dedup.interop.datasketch import minhashes
    >>> index = MinHashLSH(threshold=0.7, num_perm=128)
    >>> for name, minhash in zip(names, minhashes(texts)):
    ...     index.insert(name, minhash)

Takes texts, or sets of bytes; gives `datasketch.MinHash` and `datasketch.LeanMinHash`, or their
values as an array. `minhashes(texts)` equals `MinHash.bulk(shingles(texts))`, so both may stand
in one index. Indexes, estimates and storage are left to datasketch, and proof to `dedup.scan`.
Bytes and formulas: docs/formats/datasketch.md.

Arguments that mean the same everywhere:

- `texts`: `str`, or `bytes` in UTF-8. One result for each, in order.
- `k`: words in a shingle, 1 to 32. A text with fewer has no shingle, and its MinHash is empty.
- `num_perm`, `seed`, `scheme`: as in datasketch. The schemes "affine32" and "affine64" need
  datasketch 2.0; "legacy" is the one of all versions before.
- `hashfunc`: "sha1_hash32", "sha1_hash64", "xxh32", "xxh64" or "xxh3_64" (or that function of
  `datasketch`, or its `_intdigest` of `xxhash`), hashed natively; or another function from bytes
  to int, called for each shingle. None is the default of datasketch: SHA-1, of 64 bits for
  "affine64" and of 32 bits otherwise.

An argument that cannot be used is a `SettingsError`; a text that cannot be used, and datasketch
not being installed, is an `InputError`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dedup import core
from dedup.errors import InputError, SettingsError
from dedup.interop.values import (
    XXHASH,
    HashFunction,
    Plan,
    Signatures,
    make_plan,
    name_of,
    pieces,
    spell,
)

if TYPE_CHECKING:
    from datasketch import LeanMinHash, MinHash

__all__ = [
    "bulk", "from_datasketch", "lean_minhashes", "minhashes", "shingles", "signatures",
    "to_datasketch",
]  # fmt: skip


def signatures(
    texts: Iterable[str | bytes],
    num_perm: int = 128,
    k: int = 5,
    seed: int = 1,
    scheme: str = "affine32",
    hashfunc: HashFunction = None,
) -> Signatures:
    """The values of the MinHash of each text; datasketch need not be installed.

    Returns:
        Shape (n, num_perm), uint32 for "affine32", otherwise uint64. Row n holds the `hashvalues`
        of `minhashes(texts, ...)[n]`; a text without shingles has the highest value everywhere.

    Raises:
        SettingsError: An argument is out of its range, or hash and scheme do not go together.
        InputError: A text is not `str` or `bytes`, or not UTF-8.
    """
    plan = make_plan(num_perm, seed, scheme, hashfunc)
    return plan.stack([plan.rows(spelled) for spelled in spell(texts, k)])


def minhashes(
    texts: Iterable[str | bytes],
    num_perm: int = 128,
    k: int = 5,
    seed: int = 1,
    scheme: str = "affine32",
    hashfunc: HashFunction = None,
) -> list[MinHash]:
    """A `datasketch.MinHash` of each text, equal to `MinHash.bulk(shingles(texts, k), ...)`.

    They can be updated, merged, pickled and put into an index like any other.

    Raises:
        SettingsError: As `signatures`, and where the installed datasketch lacks the scheme.
        InputError: As `signatures`, and where datasketch is not installed.
    """
    plan = make_plan(num_perm, seed, scheme, hashfunc)
    make = _maker(plan)
    return [make(row) for spelled in spell(texts, k) for row in plan.rows(spelled)]


def lean_minhashes(
    texts: Iterable[str | bytes],
    num_perm: int = 128,
    k: int = 5,
    seed: int = 1,
    scheme: str = "affine32",
    hashfunc: HashFunction = None,
) -> list[LeanMinHash]:
    """As `minhashes`, but `datasketch.LeanMinHash`: smaller, and cannot be updated."""
    plan = make_plan(num_perm, seed, scheme, hashfunc)
    make = _maker(plan, lean=True)
    return [make(row) for spelled in spell(texts, k) for row in plan.rows(spelled)]


def bulk(
    sets: Iterable[Iterable[Any]],
    num_perm: int = 128,
    seed: int = 1,
    scheme: str = "affine32",
    hashfunc: HashFunction = None,
) -> list[MinHash]:
    """As `datasketch.MinHash.bulk`: a MinHash of each set of bytes, for shingles of your own.

    With a function of your own as `hashfunc` the sets may hold whatever it takes.

    Raises:
        SettingsError: As `minhashes`.
        InputError: A set cannot be hashed, or datasketch is not installed.
    """
    plan = make_plan(num_perm, seed, scheme, hashfunc)
    make = _maker(plan)
    made = []
    for number, held in enumerate(sets):
        try:
            rows = plan.row(list(held))
        except TypeError as error:
            raise InputError(
                f"set {number} cannot be hashed ({error}). Give sets of bytes: encode strings."
            ) from error
        made.append(make(rows[0]))
    return made


def shingles(texts: Iterable[str | bytes], k: int = 5) -> list[list[bytes]]:
    """The shingles of each text as bytes: folded words in UTF-8, one space between them.

    They are those of a scan, in order, repeats included.

    Raises:
        SettingsError: `k` is out of its range.
        InputError: A text is not `str` or `bytes`, or not UTF-8.
    """
    return [own for spelled in spell(texts, k) for own in pieces(spelled)]


def to_datasketch(
    values: npt.ArrayLike,
    seed: int = 1,
    scheme: str = "affine32",
    hashfunc: HashFunction = None,
) -> list[MinHash]:
    """A `datasketch.MinHash` of each row of `signatures`, made with the same arguments.

    Args:
        values: Shape (n, num_perm).
        seed: That of the signatures, as `scheme` and `hashfunc`.
        scheme: See `seed`.
        hashfunc: See `seed`.

    Raises:
        SettingsError: As `minhashes`, and where values do not fit the scheme.
        InputError: datasketch is not installed.
    """
    rows = np.asarray(values)
    if rows.ndim != 2 or rows.dtype.kind not in "iu":
        raise SettingsError(
            "values must be whole numbers of shape (n, num_perm), but are "
            f"{rows.dtype} of shape {rows.shape}. Give what signatures() gave."
        )
    make = _maker(make_plan(rows.shape[1], seed, scheme, hashfunc))
    most = (1 << 64) - 1 if scheme == "affine64" else (1 << 32) - 1
    if rows.size and not 0 <= int(rows.min()) <= int(rows.max()) <= most:
        raise SettingsError(
            f"values must be 0 to {most} in scheme {scheme!r}, but are {rows.min()} to "
            f"{rows.max()}. Give the scheme they were made with."
        )
    return [make(row) for row in rows.astype(core.SCHEMES[scheme][1])]


def from_datasketch(
    minhashes: Iterable[MinHash],
    num_perm: int = 128,
    seed: int = 1,
    scheme: str = "affine32",
    hashfunc: HashFunction = None,
) -> Signatures:
    """Rows as `signatures` gives them, of objects that were made with the same arguments.

    A `LeanMinHash` does not know its hash function; of it only the rest is checked. Objects of
    datasketch before 2.0 are of the scheme "legacy".

    Args:
        minhashes: `datasketch.MinHash` or `datasketch.LeanMinHash` objects.
        num_perm: What each must have been made with, as all arguments that follow.
        seed: See `num_perm`.
        scheme: See `num_perm`.
        hashfunc: See `num_perm`.

    Returns:
        Shape (n, num_perm), a copy.

    Raises:
        SettingsError: An object was made differently; the message names both values.
        InputError: Something is no MinHash, or datasketch is not installed.
    """
    plan = make_plan(num_perm, seed, scheme, hashfunc)
    library = _library()
    rows = []
    for number, minhash in enumerate(minhashes):
        if not isinstance(minhash, library.MinHash):
            raise InputError(
                f"minhash {number} is a {type(minhash).__name__}, not a datasketch.MinHash. "
                "Give a list of them."
            )
        _check_alike(number, minhash, plan, lean=isinstance(minhash, library.LeanMinHash))
        rows.append(np.asarray(minhash.hashvalues)[np.newaxis])
    return plan.stack(rows)


def _check_alike(number: int, minhash: MinHash, plan: Plan, lean: bool) -> None:
    """SettingsError where an object was not made as planned."""
    compared: dict[str, tuple[Any, Any]] = {
        "scheme": (getattr(minhash, "scheme", "legacy"), plan.scheme),
        "num_perm": (len(minhash), len(plan.a)),
        "seed": (minhash.seed, plan.seed),
    }
    if not lean:
        compared["hashfunc"] = name_of(minhash.hashfunc), plan.hashfunc
    for what, (found, wanted) in compared.items():
        if found != wanted:
            raise SettingsError(
                f"minhash {number} was made with {what}={found!r}, but {what}={wanted!r} is asked "
                f"for. Ask for {what}={found!r}, or make it again with {what}={wanted!r}."
            )
    if not lean and not np.array_equal(minhash.permutations, (plan.a, plan.b)):
        raise SettingsError(
            f"minhash {number} was made with permutations of its own, but those of seed="
            f"{plan.seed} are asked for. Make it again without permutations."
        )


def _maker(plan: Plan, lean: bool = False) -> Callable[[Any], Any]:
    """A function from a row of values to an object of datasketch."""
    library = _library()
    has_schemes = "scheme" in inspect.signature(library.MinHash).parameters
    if plan.scheme != "legacy" and not has_schemes:
        raise SettingsError(
            f"scheme {plan.scheme!r} needs datasketch 2.0, but the one that is installed has only "
            "'legacy'. Use scheme='legacy', or: pip install 'datasketch>=2.0'"
        )
    scheme = {"scheme": plan.scheme} if has_schemes else {}
    if lean:
        return lambda row: library.LeanMinHash(seed=plan.seed, hashvalues=row, **scheme)
    hashfunc = plan.hashfunc
    if isinstance(hashfunc, str):
        hashfunc = XXHASH.get(hashfunc) or getattr(library.hashfunc, hashfunc)
    # One array for all objects, as datasketch shares it.
    permutations = np.array([plan.a, plan.b], core.SCHEMES[plan.scheme][1])
    return lambda row: library.MinHash(
        seed=plan.seed, hashfunc=hashfunc, hashvalues=row, permutations=permutations, **scheme
    )


def _library() -> Any:
    try:
        import datasketch
    except ImportError as error:
        raise InputError(
            "MinHash objects need a library that is not installed: pip install 'dedup[datasketch]'"
        ) from error
    return datasketch
