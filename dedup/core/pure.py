"""Every kernel in plain Python: the specification, and the oracle of the native tests.

Same arguments, same values, same errors as `_native`; slow and short instead of fast.
Hashes: docs/formats/hashing.md. Rules: docs/method.md. Alignment: `pure_align.py`, keys:
`pure_keys.py`.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import xxhash

from dedup.core import pure_align, pure_contexts, pure_permute, pure_read, unicode_tables
from dedup.core.pure_keys import band_groups as band_groups
from dedup.core.pure_keys import band_keys as band_keys
from dedup.core.pure_keys import group_holders as group_holders
from dedup.core.pure_keys import groups as groups
from dedup.core.pure_keys import holders as holders
from dedup.core.pure_keys import leave_marked as leave_marked
from dedup.core.pure_keys import mark as mark
from dedup.core.pure_keys import note_keys as note_keys
from dedup.core.pure_keys import pairs as pairs
from dedup.core.pure_keys import pick_keys as pick_keys
from dedup.core.pure_postings import best_holders as best_holders
from dedup.core.pure_postings import check_postings as check_postings
from dedup.core.pure_postings import look_up as look_up
from dedup.core.pure_postings import pack_postings as pack_postings
from dedup.core.pure_postings import unpack_postings as unpack_postings

LEVELS = ["none"]

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
MUL_A = 0xBF58476D1CE4E5B9
MUL_B = 0x94D049BB133111EB
THROW_MULTIPLIERS = (0, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D)

SEPARATOR, IGNORED, DROPPED_MARK, WORD, HAN, CHAR, MARK, MAPPED, EXPANDED, HANGUL = range(10)
WEIGHTS = {WORD: 4, HAN: 2, CHAR: 1, MARK: 4}


class Token(NamedTuple):
    """One word: folded letters, span in code points, weight in quarter-words."""

    letters: str
    begin: int
    end: int
    weight: int

    @property
    def hash(self) -> int:
        """64-bit hash of the folded letters."""
        return hash_word(self.letters.encode())


# Fold and tokens ------------------------------------------------------------------------------


@functools.cache
def fold_table() -> dict[int, tuple[int, str]]:
    """Tag and fold of every code point that is not a plain separator."""
    table: dict[int, tuple[int, str]] = {}
    for run in unicode_tables.RUNS.split():
        codes, tag = run.split("=")
        first, last = (int(code, 16) for code in codes.split("-"))
        for code in range(first, last + 1):
            table[code] = (int(tag), chr(code))
    for item in unicode_tables.FOLDS.split():
        place, folded = item.split(":")
        text = "".join(chr(int(c, 16)) for c in folded.split(","))
        table[int(place, 16)] = (table[int(place, 16)][0], text)
    return table


def units(char: str) -> list[tuple[int, str]]:
    """The folded code points of one code point, each with its own tag."""
    table = fold_table()
    tag, folded = table.get(ord(char), (SEPARATOR, char))
    if tag == HANGUL:
        s = ord(char) - 0xAC00
        jamo = [0x1100 + s // 588, 0x1161 + s % 588 // 28]
        jamo += [0x11A7 + s % 28] if s % 28 else []
        return [(WORD, chr(j)) for j in jamo]
    if tag in (MAPPED, EXPANDED):
        return [(table.get(ord(c), (SEPARATOR, c))[0], c) for c in folded]
    return [(tag, folded)]


def tokens_of(text: str) -> Iterator[Token]:
    """The words of a text in order."""
    letters, begin, end, kind = "", 0, 0, SEPARATOR
    for position, char in enumerate(text):
        for tag, folded in units(char):
            if tag == IGNORED:
                continue
            if tag == DROPPED_MARK:
                end = position + 1
                continue
            joins = letters and (tag == MARK or tag == WORD == kind)
            if letters and not joins:
                yield Token(letters, begin, end, WEIGHTS[kind])
                letters = ""
            if tag == SEPARATOR:
                continue
            if not letters:
                begin, kind = position, WORD if tag == MARK else tag
            letters += folded
            end = position + 1
    if letters:
        yield Token(letters, begin, end, WEIGHTS[kind])


def decoded(texts: Any) -> Iterator[str]:
    """Each text as str; ValueError as the native kernels raise it."""
    for index, data in enumerate(encoded(texts)):
        try:
            yield data.decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            message = f"text {index} is not valid UTF-8 at byte {error.start}"
            raise ValueError(message) from None


def encoded(texts: Any) -> Iterator[bytes]:
    """Each text as UTF-8 bytes, from any of the accepted forms."""
    if isinstance(texts, tuple) and len(texts) == 2:
        data = memoryview(texts[0]).cast("B")
        offsets = check_offsets(np.frombuffer(texts[1], np.int64), len(data))
        yield from (bytes(data[b:e]) for b, e in itertools.pairwise(offsets))
    elif isinstance(texts, list):
        for text in texts:
            if not isinstance(text, (str, bytes)):
                raise ValueError("texts must be str or bytes")
            yield text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    else:
        raise ValueError("texts must be a list, or a pair (buffer, offsets)")


def check_offsets(offsets: Any, length: int) -> list[int]:
    """Offsets as a list of int, or ValueError."""
    values = [int(value) for value in offsets]
    if not values:
        raise ValueError("offsets must have one value at least")
    if min(values) < 0 or any(b > e for b, e in itertools.pairwise(values)):
        raise ValueError("offsets must rise from 0")
    if values[-1] > length:
        raise ValueError("offsets reach beyond the data")
    return values


def tokenize(texts: Any) -> tuple[Any, ...]:
    """See `dedup.core.tokenize`."""
    words: list[Token] = []
    offsets = [0]
    for text in decoded(texts):
        words.extend(tokens_of(text))
        offsets.append(len(words))
    letters = [word.letters.encode() for word in words]
    ends = np.cumsum([0, *map(len, letters)])
    return (
        np.array(offsets, np.int64),
        np.array([word.hash for word in words], np.uint64),
        np.array([word.begin for word in words], np.uint32),
        np.array([word.end for word in words], np.uint32),
        np.array([word.weight for word in words], np.uint8),
        np.frombuffer(b"".join(letters), np.uint8),
        ends.astype(np.int64),
    )


# Hashes ---------------------------------------------------------------------------------------


def rotate_left(x: int, n: int) -> int:
    """Rotate 64 bits."""
    return ((x << n) | (x >> (64 - n))) & MASK


def hash_word(word: bytes) -> int:
    """Hash of a folded word, 16 bytes at a time, zero-padded."""
    h = GOLDEN * (len(word) + 1) & MASK
    for i in range(0, len(word), 16):
        block = word[i : i + 16].ljust(16, b"\0")
        h = (h ^ int.from_bytes(block[:8], "little")) * MUL_A & MASK
        h ^= h >> 32
        h = (h ^ int.from_bytes(block[8:], "little")) * MUL_B & MASK
        h ^= h >> 29
    return h


def hash_tokens(hashes: Sequence[int]) -> int:
    """Hash of a run of words."""
    x = 0
    for place, h in enumerate(hashes):
        x ^= rotate_left(h, 13 * place % 64)
    x = (x ^ (x >> 32)) * MUL_A & MASK
    return x ^ (x >> 29)


def rehash(x: int, r: int) -> int:
    """The r-th further hash of a shingle hash."""
    x = (x + r * GOLDEN) & MASK
    x = (x ^ (x >> 32)) * MUL_B & MASK
    return x ^ (x >> 29)


def digest_of(hashes: Sequence[int]) -> tuple[int, int]:
    """XXH64 of the word hashes, little-endian, with seeds 0 and 1."""
    data = np.array(hashes, "<u8").tobytes()
    return xxhash.xxh64_intdigest(data, 0), xxhash.xxh64_intdigest(data, 1)


def sums_of(weights: Sequence[int]) -> list[int]:
    """Weight before each word, one longer than the words."""
    sums = [0]
    for weight in weights:
        sums.append(sums[-1] + weight)
    return sums


def shingles_of(hashes: Sequence[int], sums: Sequence[int], k: int) -> list[int]:
    """Hash of the shingle at each place where a whole one begins."""
    out = []
    for i in range(len(hashes)):
        end = next((e for e in range(i, len(sums)) if sums[e] - sums[i] >= 4 * k), None)
        if end is None:
            break
        out.append(hash_tokens(hashes[i:end]))
    return out


def shingles(hashes: Any, weights: Any, offsets: Any, k: int) -> tuple[Any, ...]:
    """See `dedup.core.shingles`."""
    bounds = check_offsets(offsets, min(len(hashes), len(weights)))
    ends, out = [0], []
    for b, e in itertools.pairwise(bounds):
        values = [int(h) for h in hashes[b:e]]
        out += shingles_of(values, sums_of([int(w) for w in weights[b:e]]), k)
        ends.append(len(out))
    return np.array(ends, np.int64), np.array(out, np.uint64)


# Sketch ---------------------------------------------------------------------------------------


def signature_of(hashes: Sequence[int], slots: int) -> list[int]:
    """MinHash signature of a set of shingle hashes; zeros for the empty set."""
    if not hashes:
        return [0] * slots
    bits = slots.bit_length() - 1
    filled: dict[int, int] = {}
    for throw in range(4):
        now: dict[int, int] = {}
        for h in hashes:
            if throw == 0:
                slot, value = h >> (64 - bits), h & 0xFFFFFFFF
            else:
                thrown = ((h >> 16) & 0xFFFFFFFF) * THROW_MULTIPLIERS[throw] & 0xFFFFFFFF
                slot, value = thrown >> (32 - bits), rehash(h, throw) & 0xFFFFFFFF
            if slot not in filled:
                now[slot] = min(value, now.get(slot, value))
        filled |= now
    for slot in range(slots):
        if slot not in filled:
            filled[slot] = min(rehash(h, 4 + slot) & 0xFFFFFFFF for h in hashes)
    return [filled[slot] & 0xFFFF for slot in range(slots)]


def sign(hashes: Any, offsets: Any, slots: int, level: str = "") -> tuple[Any, ...]:
    """See `dedup.core.sign`; the level is for the compiled kernels."""
    bounds = check_offsets(offsets, len(hashes))
    rows = [
        signature_of([int(h) for h in hashes[b:e]], slots) for b, e in itertools.pairwise(bounds)
    ]
    return (np.array(rows, np.uint16),)


def winnow(hashes: Sequence[int], sums: Sequence[int], window: int) -> list[tuple[int, int]]:
    """Robust winnowing: (hash, position) of the chosen shingles."""
    n, out, chosen = len(hashes), list[tuple[int, int]](), -1
    for i in range(n):
        end = next((e for e in range(i + 1, n + 1) if sums[e] - sums[i] >= 4 * window), None)
        if end is None and out:
            break
        lowest = min(hashes[i:end])
        if chosen < i or hashes[chosen] != lowest:
            chosen = max(p for p in range(i, end or n) if hashes[p] == lowest)
            out.append((lowest, chosen))
        if end is None:
            break
    return out


def sketch(
    texts: Any, k: int, slots: int, fingerprint_k: int, window: int, level: str = ""
) -> tuple[Any, ...]:
    """See `dedup.core.sketch`; the level is for the compiled kernels."""
    signatures, digests, counts, weights = [], [], [], []
    offsets, fingerprints, positions = [0], [], []
    for text in decoded(texts):
        words = list(tokens_of(text))
        hashes, sums = [w.hash for w in words], sums_of([w.weight for w in words])
        signatures.append(signature_of(shingles_of(hashes, sums, k), slots))
        digests.append(digest_of(hashes))
        counts.append(len(words))
        weights.append(sums[-1])
        wanted = shingles_of(hashes, sums, fingerprint_k) if fingerprint_k else []
        for value, position in winnow(wanted, sums, window):
            fingerprints.append(value)
            positions.append(position)
        offsets.append(len(fingerprints))
    return (
        np.array(signatures, np.uint16),
        np.array(digests, np.uint64),
        np.array(counts, np.uint32),
        np.array(weights, np.uint32),
        np.array(offsets, np.int64),
        np.array(fingerprints, np.uint64),
        np.array(positions, np.uint32),
    )


# Boilerplate ----------------------------------------------------------------------------------


def learn(
    hashes: Any, positions: Any, begins: Any, ends: Any, tokens: Any, weights: Any,
    sites: Any, days: Any,
    keys: Any, bounds: Any, holders: Any, known: Any, lists: Any, by_site: bool, *numbers: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """See `dedup.core.learn`; `numbers` are the fields of Rule, then those of Params."""
    limits = check_offsets(lists, len(known))
    held_by = check_offsets(bounds, len(holders))
    n = len(begins)
    if {len(ends), len(tokens), len(weights), len(sites), len(days)} != {n}:
        raise ValueError("columns of articles must have one length")
    places = [(int(b), int(e)) for b, e in zip(begins, ends, strict=True)]
    size = min(len(hashes), len(positions))
    if any(not 0 <= b <= e <= size for b, e in places):
        raise ValueError("an article's keys reach beyond the data")
    library = pure_contexts.Library(
        [
            [(int(h), int(q)) for h, q in zip(hashes[b:e], positions[b:e], strict=True)]
            for b, e in places
        ],
        [int(n) for n in tokens],
        [int(n) for n in weights],
        [int(site) for site in sites],
        [int(day) for day in days],
        [{int(h) for h in known[b:e]} for b, e in itertools.pairwise(limits)],
    )
    if any(not -1 <= site < len(library.known) - 1 for site in library.sites):
        raise ValueError("an article names a site that has no list")
    params, rule = pure_contexts.Params(*numbers[8:]), pure_contexts.Rule(*numbers[:8])
    if len(held_by) != len(keys) + 1:
        raise ValueError("each fingerprint needs its holders")
    if any(int(article) >= n for article in holders):
        raise ValueError("a holder is not there")
    held = {
        int(key): [int(article) for article in holders[b:e]]
        for key, (b, e) in zip(keys, itertools.pairwise(held_by), strict=True)
    }
    found = pure_contexts.learn(library, params, rule, by_site, held)
    return (
        np.array([one.hash for one in found], np.uint64),
        np.array([(one.site, one.days, one.sites) for one in found], np.int32).reshape(-1),
        np.cumsum([0, *(len(one.contexts) for one in found)]).astype(np.int64),
        np.array([article for one in found for article in one.contexts], np.uint32),
        np.array([place for one in found for place in one.positions], np.uint32),
    )


def widen(texts: Any, offsets: Any, which: Any, positions: Any, k: int) -> tuple[Any, ...]:
    """See `dedup.core.widen`."""
    words = [[word.hash for word in tokens_of(text)] for text in decoded(texts)]
    bounds = check_offsets(offsets, min(len(which), len(positions)))
    if any(int(n) >= len(words) for n in which):
        raise ValueError("a text is not there")
    runs: list[int] = []
    for begin, end in itertools.pairwise(bounds):
        if begin == end:
            raise ValueError("a run needs a text")
        sides = [words[int(n)] for n in which[begin:end]]
        places = [int(at) for at in positions[begin:end]]
        if any(at >= len(side) for at, side in zip(places, sides, strict=True)):
            raise ValueError("a position lies beyond its text")
        runs += pure_contexts.widen(sides, places, k)
    return (np.array(runs, np.uint32),)


# Values of datasketch -------------------------------------------------------------------------


def shingle_bytes(texts: Any, k: int) -> tuple[Any, ...]:
    """See `dedup.core.shingle_bytes`."""
    letters, begins, ends, offsets = b"", list[int](), list[int](), [0]
    for text in decoded(texts):
        words, starts, stops = list(tokens_of(text)), [], []
        for word in words:
            starts.append(len(letters))
            letters += word.letters.encode()
            stops.append(len(letters))
            letters += b" "
        sums = sums_of([word.weight for word in words])
        for i in range(len(words)):
            end = next((e for e in range(i, len(sums)) if sums[e] - sums[i] >= 4 * k), None)
            if end is not None:
                begins.append(starts[i])
                ends.append(stops[end - 1])
        offsets.append(len(begins))
    return (
        np.frombuffer(letters, np.uint8),
        np.array(begins, np.int64),
        np.array(ends, np.int64),
        np.array(offsets, np.int64),
    )


def hash_bytes(data: Any, begins: Any, ends: Any, kind: int, level: int) -> tuple[Any, ...]:
    """See `dedup.core.hash_bytes`; `level` only matters for speed."""
    held = bytes(data)
    if not 0 <= kind < len(pure_permute.HASHES):
        raise ValueError("there is no such hash")
    if len(begins) != len(ends):
        raise ValueError("stretches must have two columns of one length")
    spans = [(int(b), int(e)) for b, e in zip(begins, ends, strict=True)]
    if any(not 0 <= b <= e <= len(held) for b, e in spans):
        raise ValueError("a stretch reaches beyond the data")
    hash_one = pure_permute.HASHES[kind]
    return (np.array([hash_one(held[b:e]) for b, e in spans], np.uint64),)


def permute(hashes: Any, offsets: Any, a: Any, b: Any, scheme: int, level: int) -> tuple[Any, ...]:
    """See `dedup.core.permute`; `level` only matters for speed."""
    if not 0 <= scheme < len(pure_permute.SCHEMES):
        raise ValueError("there is no such scheme")
    bounds = check_offsets(offsets, len(hashes))
    if len(a) != len(b):
        raise ValueError("permutations must have two columns of one length")
    permutations = [(int(x), int(y)) for x, y in zip(a, b, strict=True)]
    lowest = pure_permute.SCHEMES[scheme]
    rows = [
        lowest([int(h) for h in hashes[first:end]], permutations)
        for first, end in itertools.pairwise(bounds)
    ]
    return (np.array(rows, np.uint64),)


# Verification ---------------------------------------------------------------------------------


# Reading --------------------------------------------------------------------------------------


def find_fields(
    lines: Any, names: Any, columns: Any, accepted: Any, longest: int
) -> tuple[Any, ...]:
    """Wanted fields of JSON lines: line starts, lines taken; values, offsets, kinds a column."""
    known, kinds = list(encoded(names)), bytes(accepted)
    bounds = check_offsets(columns, len(known))
    if len(bounds) == 1 or len(bounds) != len(kinds) + 1:
        raise ValueError("each column must say what it accepts")
    wanted = [known[b:e] for b, e in itertools.pairwise(bounds)]
    found = pure_read.find_fields(bytes(lines), wanted, kinds, longest)
    out: list[Any] = [np.array(found.starts, np.int64), np.array(found.taken, np.uint32)]
    for n in range(len(kinds)):
        values = [row[n].raw for row in found.rows]
        out.append(b"".join(values))
        out.append(np.cumsum([0, *map(len, values)]).astype(np.int64))
        out.append(bytes(row[n].kind for row in found.rows))
    return tuple(out)


def read_dates(texts: Any) -> tuple[Any, ...]:
    """Seconds of dates in common forms."""
    return (np.array([pure_read.read_date(text) for text in encoded(texts)], np.int64),)


def masked(
    hashes: Sequence[int], sums: Sequence[int], everywhere: set[int], own: set[int], words: int
) -> list[bool]:
    """Whether each word is boilerplate of the article's own list, or of all sites.

    The latter counts only where it is less than half of the article.
    """

    def marked(known: set[int]) -> list[bool]:
        marks = [False] * len(hashes)
        for i, shingle in enumerate(shingles_of(hashes, sums, words) if known else []):
            if shingle in known:
                for j in range(i, len(hashes)):
                    if sums[j] - sums[i] < 4 * words:
                        marks[j] = True
        return marks

    common = marked(everywhere)
    weight = sum(sums[i + 1] - sums[i] for i, hidden in enumerate(common) if hidden)
    if 2 * weight >= sums[-1]:
        common = [False] * len(hashes)
    return [x or y for x, y in zip(common, marked(own), strict=True)]


def resemble(
    texts: Any, a: Any, b: Any, k: int, shelf_bytes: int, level: str = ""
) -> tuple[Any, ...]:
    """See `dedup.core.resemble`; `shelf_bytes` and `level` only matter for speed."""
    data = list(encoded(texts))
    check_pairs(a, b, len(data))

    @functools.cache
    def article(index: int) -> tuple[list[int], set[int]]:
        words = list(tokens_of(decoded_one(data, index)))
        hashes = [w.hash for w in words]
        return hashes, set(shingles_of(hashes, sums_of([w.weight for w in words]), k))

    rows = []
    for first, second in zip(a, b, strict=True):
        (x, own), (y, other) = article(int(first)), article(int(second))
        rows.append((x == y, len(own & other), len(own), len(other)))
    return (np.array(rows, np.uint32),)


def check_pairs(a: Any, b: Any, num_texts: int) -> None:
    """Refuse pairs that are none."""
    if len(a) != len(b):
        raise ValueError("pairs must have two columns of one length")
    if any(int(index) >= num_texts for index in (*a, *b)):
        raise ValueError("a pair names a text that is not there")


def decoded_one(data: list[bytes], index: int) -> str:
    """One of several texts.

    Raises:
        ValueError: it is not UTF-8.
    """
    try:
        return data[index].decode("utf-8", "surrogatepass")
    except UnicodeDecodeError as error:
        message = f"text {index} is not valid UTF-8 at byte {error.start}"
        raise ValueError(message) from None


def verify(
    texts: Any, a: Any, b: Any, lists: Any, flag_hashes: Any, flag_offsets: Any, flag_words: int,
    k: int, seed_words: int, max_gap: int, x_drop: int,
    fuzzy_letters: int, min_passage: int, min_density: float, shelf_bytes: int,
    level: str = "",
) -> tuple[Any, ...]:  # fmt: skip
    """See `dedup.core.verify`; `shelf_bytes` and `level` only matter for speed."""
    if len(a) != len(b):
        raise ValueError("pairs must have two columns of one length")
    data = list(encoded(texts))
    bounds = check_offsets(flag_offsets, len(flag_hashes))
    flags = [{int(h) for h in flag_hashes[b:e]} for b, e in itertools.pairwise(bounds)]
    if len(lists) != len(data):
        raise ValueError("each text must name a list")
    if any(int(named) >= len(flags) for named in lists):
        raise ValueError("a text names a list that is not there")
    check_pairs(a, b, len(data))
    params = pure_align.Params(
        k, seed_words, max_gap, x_drop, fuzzy_letters, min_passage, min_density
    )

    @functools.cache
    def article(index: int) -> pure_align.Article:
        words = list(tokens_of(decoded_one(data, index)))
        hashes, sums = [w.hash for w in words], sums_of([w.weight for w in words])
        return pure_align.Article(
            hashes,
            sums,
            [w.letters for w in words],
            [(w.begin, w.end) for w in words],
            digest_of(hashes),
            set(shingles_of(hashes, sums, k)),
            shingles_of(hashes, sums, seed_words),
            shingles_of(hashes, sums, min_passage),
            masked(
                hashes, sums, flags[0], flags[named] if (named := int(lists[index])) else set(),
                flag_words,
            ),
        )  # fmt: skip

    rows, offsets, passages = [], [0], []
    for first, second in zip(a, b, strict=True):
        x, y = article(int(first)), article(int(second))
        row, found = pure_align.verify(x, y, params)
        rows.append(row)
        for p in found:
            passages.append(
                (x.spans[p.a_first][0], x.spans[p.a_last][1],
                 y.spans[p.b_first][0], y.spans[p.b_last][1], p.matched, p.span)
            )  # fmt: skip
        offsets.append(len(passages))
    return (
        np.array(rows, np.uint32),
        np.array(offsets, np.int64),
        np.array(passages, np.uint32),
    )
