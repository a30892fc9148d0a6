"""The basement: arrays in, arrays out. This is its only door.

| kernel        | takes                            | gives                                        |
|---------------|----------------------------------|----------------------------------------------|
| tokenize      | texts                            | words with hash, span, weight and letters    |
| shingles      | word hashes and weights, k       | hashes of all runs of k words                |
| sign          | shingle hashes                   | MinHash signature                            |
| sketch        | texts                            | signature, digest, fingerprints in one pass  |
| note_keys     | keys of articles, a table        | the table: which keys may come twice         |
| pick_keys     | keys of articles, that table     | records (key, article) worth sorting         |
| holders       | records                          | keys that several hold, and who holds them   |
| groups        | records                          | the same, as `pairs` takes it                |
| group_holders | keys and who holds them          | the same, as `pairs` takes it                |
| pairs         | groups                           | candidate pairs (older, newer)               |
| band_groups   | signatures                       | who shares a band, as `pairs` takes it       |
| band_keys     | signatures                       | keys of some of their bands                  |
| mark          | fingerprints, lists              | which of them are boilerplate                |
| leave_marked  | keys and who holds them, lists   | the same without boilerplate                 |
| learn         | fingerprints, sites and days     | fingerprints of boilerplate, and where       |
| widen         | texts and places in them         | the runs of words around                     |
| verify        | texts and pairs                  | passages and everything counted about a pair |
| resemble      | texts and pairs                  | shingles that both have, and each has        |
| shingle_bytes | texts, k                         | letters of all runs of k words               |
| hash_bytes    | bytes, which hash                | SHA-1 or xxHash of each stretch of them      |
| permute       | hashes of articles, permutations | lowest permuted value, per permutation       |
| find_fields   | JSON lines, names of fields      | columns of the plain lines                   |
| read_dates    | dates as texts                   | seconds of the common forms                  |
| pack_postings | keys and articles, in order      | blocks of as many bits as they need          |
| unpack_postings | blocks                         | keys and articles                            |
| look_up       | keys, blocks                     | who holds each key                           |
| best_holders  | holders of keys                  | candidates, best first                       |

`texts` is a list of `str` or `bytes` (UTF-8), or a pair (UTF-8 buffer, int64 offsets) as Arrow
lays them out; nothing is copied more than once. Flat arrays of several articles come with
int64 `offsets`, one longer than the articles. Every kernel exists twice: compiled (`_native`,
which releases the GIL) and in plain Python (`pure`, the specification). DEDUP_BACKEND=pure
chooses the second, for comparison, DEDUP_CPU=scalar|avx2|avx512 an instruction set for the
first (`sketch`, `sign`, `verify`, `resemble`, `hash_bytes`, `permute`); both change speed and
nothing else.
A text that is not UTF-8 and arrays that do not fit together are a ValueError. `shared_keys` and
`holders` call several kernels in turn (`joining`), within a budget of memory when one is given.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core.joining import BandColumn as BandColumn
from dedup.core.joining import Candidates as Candidates
from dedup.core.joining import HeldColumn as HeldColumn
from dedup.core.joining import Holders as Holders
from dedup.core.joining import KeyColumn as KeyColumn
from dedup.core.joining import Means, find_holders, find_pairs
from dedup.core.joining import leave_marked as _leave_marked
from dedup.core.paging import drop_pages as drop_pages
from dedup.core.paging import file_of as file_of
from dedup.core.postings import Best as Best
from dedup.core.postings import Blocks as Blocks
from dedup.core.postings import Held as Held
from dedup.core.postings import PackedPostings as PackedPostings
from dedup.core.postings import best_holders as best_holders
from dedup.core.postings import look_up as look_up
from dedup.core.postings import open_postings as open_postings
from dedup.core.postings import pack_postings as pack_postings
from dedup.core.postings import unpack_postings as unpack_postings
from dedup.errors import NativeMissing

Texts = list[str] | list[bytes] | tuple[Any, Any]
U8 = npt.NDArray[np.uint8]
U16 = npt.NDArray[np.uint16]
U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

#: Kinds of JSON values: strings, integers, other numbers; and that there are more.
STRING, INTEGER, NUMBER, MORE = 1, 2, 4, 8
NO_DATE = -(1 << 63)  # what `read_dates` gives for a date in any other form

#: Bytes of prepared articles one call of `verify` or `resemble` keeps; of more, some are prepared
#: again.
SHELF_BYTES = 64 << 20
#: Instruction sets as `hash_bytes` and `permute` number them.
_LEVELS = {"avx2": 1, "avx512": 2}
#: The hashes `hash_bytes` knows, by the names datasketch and xxhash give them, with their bits.
HASHES = {"sha1_hash32": 32, "sha1_hash64": 64, "xxh32": 32, "xxh64": 64, "xxh3_64": 64}
#: The permutation schemes of datasketch, with the bits of a hash value and the type of a result.
SCHEMES: dict[str, tuple[int, Any]] = {
    "affine32": (32, np.uint32),
    "affine64": (64, np.uint64),
    "legacy": (64, np.uint64),
}


class Tokens(NamedTuple):
    """Words of several texts; arrays of one entry per word unless said otherwise."""

    #: int64, one longer than the texts: the words of text t are offsets[t]..offsets[t+1].
    offsets: I64
    hashes: U64
    #: Half-open span in code points of the text.
    begins: U32
    ends: U32
    #: Quarter-words: 4 a word, 2 a Han character, 1 a character of another unspaced script.
    weights: U8
    #: Folded letters of all words, UTF-8, and int64 offsets, one longer than the words.
    letters: U8
    letter_offsets: I64


class Sketches(NamedTuple):
    """Sketches of n texts."""

    #: uint16, shape (n, num_perm); all zeros where a text has no shingle.
    signatures: U16
    #: uint64, shape (n, 2): XXH64 of the word hashes with seeds 0 and 1.
    digests: U64
    #: Words, and their weight in quarter-words; uint32, shape (n,).
    tokens: U32
    weights: U32
    #: Fingerprints of text t are offsets[t]..offsets[t+1]; their positions count words.
    offsets: I64
    fingerprints: U64
    positions: U32


class Shingles(NamedTuple):
    """Shingles of several texts as bytes."""

    #: Folded words of all texts, UTF-8, one space between words.
    letters: U8
    #: int64: shingle s is letters[begins[s]:ends[s]]; shingles overlap.
    begins: I64
    ends: I64
    #: int64, one longer than the texts: the shingles of text t are offsets[t]..offsets[t+1].
    offsets: I64


class Flags(NamedTuple):
    """Shingles of known boilerplate: list 0 holds for every text, list n for those that name it."""

    #: uint64, each list rising.
    hashes: U64
    #: int64, one longer than the lists.
    offsets: I64
    #: Words per shingle.
    words: int

    @staticmethod
    def none() -> Flags:
        """No boilerplate is known."""
        return Flags(np.zeros(0, np.uint64), np.zeros(2, np.int64), 1)


class LearnRule(NamedTuple):
    """When a fingerprint that comes back is boilerplate; docs/method.md, step 3."""

    #: Different contexts, and days, where the contexts share much.
    contexts: int
    days: int
    #: Different contexts where most are undated; 0: never.
    undated_contexts: int
    #: Different contexts, and days, where any two share a small part of both.
    light_contexts: int
    light_days: int
    #: Different sites.
    sites: int
    #: Share of the articles of the site, or of all, that hold it.
    share: float
    #: Words to the next boilerplate, on both sides in half of the contexts; 0: no matter.
    between: int


class Learned(NamedTuple):
    """Fingerprints that are boilerplate, by fingerprint and site."""

    #: uint64.
    hashes: U64
    #: int32, shape (n, 3): site (-1 for all together), days and sites of the contexts.
    rows: I32
    #: int64: the contexts of fingerprint n are offsets[n]..offsets[n+1]; uint32: articles, in the
    #: order in which they were found, and the place of the fingerprint in each, in words.
    offsets: I64
    articles: U32
    positions: U32


class LearnSettings(NamedTuple):
    """How contexts are told apart; meanings and reasons in `dedup.settings`."""

    k: int
    window: int
    own_min: int
    most_contexts: int
    look_at: int
    own_share: float
    light_share: float
    light_stability: float
    stability: float


class Column(NamedTuple):
    """One value for each line that was taken."""

    #: UTF-8 of all values, and int64 offsets, one longer than the values.
    values: U8
    offsets: I64
    #: uint8: `STRING`, `INTEGER`, `NUMBER` or 0; plus `MORE` if a later name had a value too.
    kinds: U8


class FoundFields(NamedTuple):
    """Fields of a block of JSON lines."""

    #: int64, one longer than the lines: where they begin, line ends included.
    starts: I64
    #: uint32, rising: the lines that were taken.
    taken: U32
    columns: list[Column]


class Verified(NamedTuple):
    """What `verify` counted for each pair."""

    #: uint32, shape (pairs, 11), columns as in `PAIR_COLUMNS`.
    pairs: U32
    #: int64: the passages of pair n are offsets[n]..offsets[n+1].
    offsets: I64
    #: uint32, shape (passages, 6): a_begin, a_end, b_begin, b_end in code points, then matched
    #: and span (of the longer side) in quarter-words.
    passages: U32


#: Weights and matches are quarter-words without what is masked, `raw` is `longest` with it;
#: `longest_run` counts words.
PAIR_COLUMNS = (
    "identical", "weight_a", "weight_b", "matched_a", "matched_b",
    "shingles_a", "shingles_b", "shared", "longest", "longest_run", "raw",
)  # fmt: skip


def _wish(name: str) -> str:
    """What the environment asks for; it changes speed and nothing else."""
    return os.environ.get(name, "")


@functools.cache
def _kernels() -> ModuleType:
    """The chosen implementation; the choice is made once per process."""
    wanted = _wish("DEDUP_BACKEND") or "native"
    if wanted == "pure":
        from dedup.core import pure

        return pure
    if wanted != "native":
        raise NativeMissing(f"DEDUP_BACKEND must be native or pure, but is {wanted!r}.")
    try:
        from dedup.core import _native
    except ImportError as error:
        raise NativeMissing(
            f"the compiled core cannot be loaded ({error}). Install a wheel, or build it from the "
            "source folder with a C++17 compiler: pip install . (in a clone: make build). To run "
            "without it, some hundred times slower, set DEDUP_BACKEND=pure."
        ) from error
    return _native


def backend() -> str:
    """Which implementation runs: "native" or "pure"."""
    return "pure" if _kernels().__name__.endswith("pure") else "native"


@functools.cache
def cpu_level() -> str:
    """The instruction set the kernels use; "none" for the pure ones.

    The best this machine has, or the one DEDUP_CPU names.
    """
    if backend() == "pure":
        return "none"
    levels: list[str] = _kernels().LEVELS
    level = _wish("DEDUP_CPU") or levels[-1]
    if level not in levels:
        can = ", ".join(levels)
        raise NativeMissing(f"DEDUP_CPU is {level!r}, but this machine and build can run: {can}.")
    return level


def _array(values: Any, dtype: Any) -> Any:
    return np.frombuffer(values, dtype) if len(memoryview(values)) else np.empty(0, dtype)


def _contiguous(values: Any, dtype: Any) -> Any:
    return np.ascontiguousarray(values, dtype)


def tokenize(texts: Texts) -> Tokens:
    """Fold and tokenize texts (docs/method.md, step 1)."""
    dtypes = (np.int64, np.uint64, np.uint32, np.uint32, np.uint8, np.uint8, np.int64)
    return Tokens(*map(_array, _kernels().tokenize(texts), dtypes))


def shingles(hashes: U64, weights: U8, offsets: I64, k: int) -> tuple[I64, U64]:
    """Hash all runs of k words: offsets, and a hash for each place where a run begins."""
    ends, out = _kernels().shingles(
        _contiguous(hashes, np.uint64),
        _contiguous(weights, np.uint8),
        _contiguous(offsets, np.int64),
        k,
    )
    return _array(ends, np.int64), _array(out, np.uint64)


def sign(hashes: U64, offsets: I64, num_perm: int) -> U16:
    """Signatures, shape (n, num_perm), of n sets of shingle hashes (docs/method.md, step 2)."""
    _check_num_perm(num_perm)
    (out,) = _kernels().sign(
        _contiguous(hashes, np.uint64), _contiguous(offsets, np.int64), num_perm, cpu_level()
    )
    return np.asarray(_array(out, np.uint16)).reshape(-1, num_perm)


def sketch(texts: Texts, k: int, num_perm: int, fingerprint_k: int, window: int) -> Sketches:
    """Signature, digest and fingerprints of each text (docs/method.md, step 2).

    With `fingerprint_k` 0 there are no fingerprints.
    """
    _check_num_perm(num_perm)
    dtypes = (np.uint16, np.uint64, np.uint32, np.uint32, np.int64, np.uint64, np.uint32)
    raw = _kernels().sketch(texts, k, num_perm, fingerprint_k, window, cpu_level())
    out = Sketches(*map(_array, raw, dtypes))
    return out._replace(
        signatures=out.signatures.reshape(-1, num_perm), digests=out.digests.reshape(-1, 2)
    )


def shared_keys(
    columns: Sequence[KeyColumn | BandColumn | HeldColumn],
    read_cap: int,
    max_candidates: int,
    depth: int,
    *,
    budget_bytes: int | None = None,
    scratch: str | None = None,
    threads: int = 1,
) -> Candidates:
    """Pairs of articles that share keys (docs/method.md, step 4); articles oldest first.

    Equal keys of different columns say nothing. Of each article's candidates the `depth` oldest
    and the `depth` best others are marked as first; the oldest are there however many candidates
    there are. With `budget_bytes` the work takes about so much memory, beside 4 bytes an article
    and what is left of the largest key alone, and the columns of the answer are mapped from
    temporary files in `scratch`. Without one, columns are looked at on so many threads.
    """
    means = Means(_kernels(), budget_bytes, scratch, threads)
    return find_pairs(columns, read_cap, max_candidates, depth, means)


def band_keys(signatures: U16, bands: int, rows: int) -> U64:
    """A key for each signature and band of so many rows, uint64, shape (n, bands)."""
    whole = _contiguous(signatures, np.uint16)
    which = np.arange(len(whole), dtype=np.int64)
    keys, _ = _kernels().band_keys(whole, whole.shape[1], which, 0, bands, rows)
    return np.asarray(_array(keys, np.uint64)).reshape(len(whole), bands)


def mark(
    hashes: U64, positions: U32, offsets: I64, tokens: U32, lists: U32, flags: Flags,
    values: U64, window: int,
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], U32]:  # fmt: skip
    """Which fingerprints are boilerplate for the article that has them (docs/method.md, step 3).

    Args:
        hashes: Fingerprints of articles, with `positions`; `offsets` one longer than the articles.
        positions: See `hashes`.
        offsets: See `hashes`.
        tokens: Words of each article.
        lists: The list of `flags` that holds for each article beside list 0.
        flags: Boilerplate.
        values: All hashes of `flags`, rising, each once.
        window: Of the winnowing, in words.

    Returns:
        A mark for each fingerprint; for each article whether list 0 would cover most of it, and so
        does not count there; and for each of `values` how many articles have it marked.
    """
    marks, spared, counts = _kernels().mark(
        _contiguous(hashes, np.uint64), _contiguous(positions, np.uint32),
        _contiguous(offsets, np.int64), _contiguous(tokens, np.uint32),
        _contiguous(lists, np.uint32), _contiguous(flags.hashes, np.uint64),
        _contiguous(flags.offsets, np.int64), _contiguous(values, np.uint64), flags.words, window,
    )  # fmt: skip
    return _array(marks, np.bool_), _array(spared, np.bool_), _array(counts, np.uint32)


def leave_marked(
    held: Sequence[Holders],
    flags: Flags,
    lists: U32,
    spared: npt.NDArray[np.bool_],
    *,
    budget_bytes: int | None = None,
    scratch: str | None = None,
) -> list[Holders]:
    """Holders without those for whom a fingerprint is boilerplate, and keys that two have left.

    Args:
        held: As `holders` gave it.
        flags: Boilerplate.
        lists: The list of `flags` that holds for each article beside list 0, as `held` numbers
            them; `spared` likewise, as `mark` gave it.
        spared: See `lists`.
        budget_bytes: As with `holders`.
        scratch: As with `holders`.
    """
    return _leave_marked(
        held, _contiguous(flags.hashes, np.uint64), _contiguous(flags.offsets, np.int64),
        _contiguous(lists, np.uint32), _contiguous(spared, np.bool_),
        Means(_kernels(), budget_bytes, scratch),
    )  # fmt: skip


def verify(
    texts: Texts,
    a: Sequence[int] | U32,
    b: Sequence[int] | U32,
    lists: Sequence[int] | U32 | None = None,
    flags: Flags | None = None,
    *,
    k: int,
    seed_words: int,
    max_gap: int,
    x_drop: int,
    fuzzy_letters: int,
    min_passage: int,
    min_density: float,
) -> Verified:
    """Align the pairs (texts[a[n]], texts[b[n]]) (docs/method.md, step 5).

    Text n is masked with list 0 and list `lists[n]` of `flags`, only the first when it is 0.
    Faster when the pairs are sorted, since an article is prepared once for its neighbours.
    """
    flags = flags or Flags.none()
    count = len(texts[1]) - 1 if isinstance(texts, tuple) else len(texts)
    pairs, offsets, passages = _kernels().verify(
        texts, _contiguous(a, np.uint32), _contiguous(b, np.uint32),
        _contiguous(np.zeros(count) if lists is None else lists, np.uint32),
        _contiguous(flags.hashes, np.uint64), _contiguous(flags.offsets, np.int64), flags.words,
        k, seed_words, max_gap, x_drop, fuzzy_letters, min_passage, min_density, SHELF_BYTES,
        cpu_level(),
    )  # fmt: skip
    return Verified(
        np.asarray(_array(pairs, np.uint32)).reshape(-1, len(PAIR_COLUMNS)),
        _array(offsets, np.int64),
        np.asarray(_array(passages, np.uint32)).reshape(-1, 6),
    )


def resemble(texts: Texts, a: U32, b: U32, k: int) -> U32:
    """Count the shingles of k words of each pair (texts[a[n]], texts[b[n]]).

    Returns:
        uint32, shape (n, 4): whether both have the same words, shingles that both have, those
        of the first text, those of the second; each different one counts once.
    """
    (rows,) = _kernels().resemble(
        texts, _contiguous(a, np.uint32), _contiguous(b, np.uint32), k, SHELF_BYTES, cpu_level()
    )
    return np.asarray(_array(rows, np.uint32)).reshape(-1, 4)


def holders(
    column: KeyColumn, *, budget_bytes: int | None = None, scratch: str | None = None
) -> list[Holders]:
    """The keys that two articles at least hold, and who holds them; articles oldest first.

    They come in parts, a range of keys each, rising; in one or none without a budget. With
    `budget_bytes` the work takes about so much memory, and the parts are mapped from temporary
    files in `scratch`.
    """
    return find_holders(column, Means(_kernels(), budget_bytes, scratch))


def learn(
    hashes: U64,
    positions: U32,
    begins: I64,
    ends: I64,
    tokens: U32,
    weights: U32,
    sites: I32,
    days: I32,
    held: Holders,
    known: Flags,
    by_site: bool,
    rule: LearnRule,
    settings: LearnSettings,
) -> Learned:
    """Which fingerprints are boilerplate (docs/method.md, step 3); articles oldest first.

    Args:
        hashes: Fingerprints; those of article a are begins[a]..ends[a], `positions` likewise.
        positions: See `hashes`.
        begins: See `hashes`.
        ends: See `hashes`.
        tokens: Words of each article.
        weights: Their weight in quarter-words.
        sites: A number for each site, -1 where it is not known.
        days: Days since any day, -1 where they are not known.
        held: Fingerprints to learn from, with their holders, all of them.
        known: Boilerplate learned before, which does not count: list 0 everywhere, list 1 + n of
            site n.
        by_site: Whether each site is looked at alone, or all together.
        rule: When a fingerprint is boilerplate.
        settings: How contexts are told apart.
    """
    raw = _kernels().learn(
        _contiguous(hashes, np.uint64), _contiguous(positions, np.uint32),
        _contiguous(begins, np.int64), _contiguous(ends, np.int64),
        _contiguous(tokens, np.uint32), _contiguous(weights, np.uint32),
        _contiguous(sites, np.int32), _contiguous(days, np.int32),
        _contiguous(held.keys, np.uint64), _contiguous(held.offsets, np.int64),
        _contiguous(held.articles, np.uint32), _contiguous(known.hashes, np.uint64),
        _contiguous(known.offsets, np.int64), by_site, *rule, *settings,
    )  # fmt: skip
    found = Learned(*map(_array, raw, (np.uint64, np.int32, np.int64, np.uint32, np.uint32)))
    return found._replace(rows=found.rows.reshape(-1, 3))


def widen(texts: Texts, offsets: I64, which: U32, positions: U32, k: int) -> U32:
    """Runs of words around places in texts, uint32, shape (n, 2): first and last word.

    Run n is a stretch of text which[offsets[n]], around its k words from positions[offsets[n]] on,
    as far as at least three of the texts up to offsets[n+1] (or all, if there are fewer) have the
    same words around theirs.
    """
    (out,) = _kernels().widen(
        texts, _contiguous(offsets, np.int64), _contiguous(which, np.uint32),
        _contiguous(positions, np.uint32), k,
    )  # fmt: skip
    return np.asarray(_array(out, np.uint32)).reshape(-1, 2)


def shingle_bytes(texts: Texts, k: int) -> Shingles:
    """Spell all runs of k words (docs/formats/datasketch.md)."""
    dtypes = (np.uint8, np.int64, np.int64, np.int64)
    return Shingles(*map(_array, _kernels().shingle_bytes(texts, k), dtypes))


def hash_bytes(data: bytes | U8, begins: I64, ends: I64, kind: str) -> U64:
    """Hash data[begins[n]:ends[n]] for each n; `kind` is one of `HASHES`."""
    (out,) = _kernels().hash_bytes(
        data, _contiguous(begins, np.int64), _contiguous(ends, np.int64),
        list(HASHES).index(kind), _LEVELS.get(cpu_level(), 0),
    )  # fmt: skip
    return np.asarray(_array(out, np.uint64))


def permute(hashes: U64, offsets: I64, a: U64, b: U64, scheme: str) -> U32 | U64:
    """MinHash values, shape (n, permutations), of n sets of hash values.

    Permutation p has the parameters a[p] and b[p]; `scheme` is one of `SCHEMES`, and gives the
    type of the result (docs/formats/datasketch.md). Of a hash value of more bits than the scheme
    has, the lowest are taken. An empty set has the highest value everywhere.
    """
    (out,) = _kernels().permute(
        _contiguous(hashes, np.uint64), _contiguous(offsets, np.int64),
        _contiguous(a, np.uint64), _contiguous(b, np.uint64),
        list(SCHEMES).index(scheme), _LEVELS.get(cpu_level(), 0),
    )  # fmt: skip
    values = np.asarray(_array(out, np.uint64)).reshape(len(offsets) - 1, len(a))
    return values.astype(SCHEMES[scheme][1], copy=False)


def find_fields(
    lines: Any, columns: Sequence[Sequence[bytes]], accepted: Sequence[int], longest: int
) -> FoundFields:
    """The wanted fields of JSON lines that are plain; all others are for the caller to read.

    Not taken is a line that is longer than `longest` bytes (without its line end); that is not
    UTF-8; not one JSON object (NaN and Infinity are numbers); with a backslash in one of its
    own keys; nested more than 64 deep; without a text, or with a blank one; or whose chosen
    value holds a lone surrogate or is an integer of more than 18 characters or -0. Of a key
    that comes twice the last value counts. Lone surrogates in texts become three bytes each.

    Args:
        lines: Bytes of whole lines; the last one may lack its line end.
        columns: Names of each column in their order of preference; column 0 is the text.
        accepted: Kinds each column takes. The first such value is chosen; empty strings are
            passed over, but not in column 0.
        longest: Bytes.
    """
    names = [name for own in columns for name in own]
    starts = np.cumsum([0, *map(len, columns)]).astype(np.int64)
    raw = _kernels().find_fields(lines, names, starts, np.array(accepted, np.uint8), longest)
    dtypes = (np.uint8, np.int64, np.uint8)
    found = [Column(*map(_array, raw[n : n + 3], dtypes)) for n in range(2, len(raw), 3)]
    return FoundFields(_array(raw[0], np.int64), _array(raw[1], np.uint32), found)


def read_dates(texts: Texts) -> I64:
    """Seconds since 1970-01-01 UTC of dates, `NO_DATE` for what is in no common form.

    The forms: YYYY-MM-DD, T or a space and HH:MM, :SS, up to 9 decimals, Z or +HH:MM or +HHMM;
    9 or 10 digits, 13 for milliseconds. Years from 1001 to 9998.
    """
    (out,) = _kernels().read_dates(texts)
    return np.asarray(_array(out, np.int64))


def _check_num_perm(num_perm: int) -> None:
    if num_perm < 2 or num_perm > 1 << 16 or num_perm & (num_perm - 1):
        raise ValueError(f"num_perm must be a power of two from 2 to 65536, but is {num_perm}")
