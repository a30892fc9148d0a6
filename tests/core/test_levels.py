"""Every instruction set this machine has, where their blocks and vectors begin and end.

Words are compared by their digest, weight and number with those of `tokenize`, which has no
levels and is compared with the pure twin in test_kernels.py and test_fold.py.
"""

from __future__ import annotations

import functools
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import core
from dedup.core import _native, pure

LEVELS = pytest.mark.parametrize("level", _native.LEVELS)

#: One of each sort of code point the block kernels and the general fold tell apart.
SORTS = (
    "a", "Z", "7", " ", "\0", "_", "ä", "Ä", "é", "ß", "Æ", "ø", "Þ", "×", "÷", "ÿ",
    "\u00a0", "»", "\u00ad", "²", "ª", "½", "\u0085", "–", "„", "’", "\u200b", "\u200d", "‼",
    "⁊", "\u202f", "ł", "ẞ", "й", "Й", "ς", "\u0301", "\u0345", "漢", "か", "が", "ไ", "\u0e31",
    "ा", "한", "각", "ﷺ", "㎒", "\ufeff", "\ud800", "\udfff", "\U0001f600", "\U00020000",
    "\U0001d400",
)  # fmt: skip


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def arrow(texts: list[bytes]) -> tuple[Any, Any]:
    """Texts in memory of exactly their size, so that a sanitizer sees what lies outside."""
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return np.frombuffer(b"".join(texts), np.uint8).copy(), offsets


def outcome(module: Any, kernel: str, *args: Any) -> Any:
    """The bytes of all columns, or the error."""
    try:
        return [bytes(memoryview(column)) for column in getattr(module, kernel)(*args)]
    except ValueError as error:
        return str(error)


def assert_words(texts: list[bytes], level: str) -> None:
    """The level reads the words that `tokenize` reads."""
    offsets, hashes, _, _, weights, _, _ = _native.tokenize(texts)
    bounds = np.frombuffer(offsets, np.int64)
    words = np.frombuffer(hashes, np.uint64) if bounds[-1] else np.zeros(0, np.uint64)
    sums = np.concatenate([[0], np.cumsum(np.frombuffer(weights, np.uint8), dtype=np.int64)])
    _, digests, tokens, weight, *_ = _native.sketch(arrow(texts), 5, 16, 6, 7, level)
    found = np.frombuffer(digests, np.uint64).reshape(-1, 2)[:, 0].tolist()
    data = [words[b:e].tobytes() for b, e in pairwise(bounds)]
    expected = [xxhash.xxh64_intdigest(one, 0) for one in data]
    assert [t for t, a, b in zip(texts, found, expected, strict=True) if a != b] == []
    assert np.frombuffer(tokens, np.uint32).tolist() == np.diff(bounds).tolist()
    assert np.frombuffer(weight, np.uint32).tolist() == np.diff(sums[bounds]).tolist()


@LEVELS
def test_every_code_point_is_read_alike(level: str) -> None:
    lines = [
        encode(" ".join(f"a{chr(code)}b {chr(code)}" for code in range(first, first + 64)))
        for first in range(0, 0x110000, 64)
    ]
    assert_words(lines, level)


@LEVELS
def test_every_sort_of_code_point_is_read_alike_wherever_a_block_ends(level: str) -> None:
    for a in SORTS:
        texts = [encode("x" * n + a + "yz") for n in range(140)]
        texts += [encode("x " * (n // 2) + a * 3) for n in range(140)]
        assert_words(texts, level)


@LEVELS
def test_pairs_of_sorts_are_read_alike(level: str) -> None:
    pairs = [a + b for a in SORTS for b in SORTS]
    for before in (0, 5, 61, 62, 63, 64):
        assert_words([encode("x" * before + pair + "y" * 70) for pair in pairs], level)


@LEVELS
@given(st.lists(st.sampled_from(SORTS), max_size=200))
@settings(deadline=None)
def test_mixtures_of_sorts_are_read_alike(level: str, chars: list[str]) -> None:
    assert_words([encode("".join(chars)), encode("ab, cd " * 12 + "".join(chars))], level)


@LEVELS
def test_words_of_every_length_are_read_alike(level: str) -> None:
    for letter in ("w", "ü", "ß", "й"):
        assert_words([encode(f"{letter * n} {'a' * n}") for n in range(200)], level)


@LEVELS
def test_a_text_of_words_of_one_letter_is_read_alike(level: str) -> None:
    assert_words([b"a " * n + b"b" for n in range(200)], level)


@LEVELS
def test_a_wrong_byte_anywhere_is_the_same_error(level: str) -> None:
    chance = random.Random(5)
    text = bytearray(encode("Übergröße „naïve“ – 漢字 й\u0301 \u00ad\u200b\U0001f600 ‼ ½ " * 4))
    for at in range(len(text)):
        for byte in (0x00, 0x41, 0x80, 0xBF, 0xC0, 0xC2, 0xC3, 0xE2, 0xED, 0xF4, 0xFF):
            broken = bytes(text[:at] + bytes([byte]) + text[at + 1 :])
            cut = broken[: chance.randrange(at, len(text) + 1)]
            for one in (broken, cut):
                args = arrow([b"", one]), 5, 16, 6, 7
                expected = outcome(_native, "tokenize", args[0])
                found = outcome(_native, "sketch", *args, level)
                if isinstance(expected, str) or isinstance(found, str):
                    assert found == expected, (at, byte)


@LEVELS
@given(st.binary(max_size=150))
@settings(deadline=None)
def test_any_bytes_are_read_alike_or_refused_alike(level: str, data: bytes) -> None:
    args = arrow([data]), 3, 16, 3, 4
    assert outcome(_native, "sketch", *args, level) == outcome(pure, "sketch", *args)


FEW = ["ja", "nein", "wort", "haus", "das", "ist", "ein", "test"]


@LEVELS
@given(
    st.lists(st.sampled_from(FEW), max_size=160),
    st.integers(0, 7),
    st.integers(0, 7),
    st.sampled_from([1, 2, 3, 6, 7, 8, 9, 16, 33, 64, 65, 100]),
)
@settings(max_examples=60)
def test_texts_of_few_words_have_the_same_fingerprints(
    level: str, words: list[str], k: int, fingerprint_k: int, window: int
) -> None:
    args = [" ".join(words)], k, 16, fingerprint_k, window
    assert outcome(_native, "sketch", *args, level) == outcome(pure, "sketch", *args)


@LEVELS
@pytest.mark.parametrize(("fingerprint_k", "window"), [(6, 7), (1, 7), (6, 20), (9, 64)])
def test_every_number_of_words_has_the_same_sketch(
    level: str, fingerprint_k: int, window: int
) -> None:
    chance = random.Random(3)
    texts = [" ".join(f"w{chance.randrange(10**6)}" for _ in range(n)) for n in range(160)]
    args = texts, 5, 128, fingerprint_k, window
    assert outcome(_native, "sketch", *args, level) == outcome(pure, "sketch", *args)


@functools.cache
def alike_above() -> tuple[list[tuple[str, str]], list[str]]:
    """Words by rising hash as shingles, and pairs of them with equal upper halves."""
    names = [f"n{n}" for n in range(400_000)]
    words = core.tokenize([" ".join(names)])
    _, values = core.shingles(words.hashes, words.weights, words.offsets, 1)
    order = np.argsort(values)
    upper = values[order] >> np.uint64(32)
    found = np.flatnonzero(upper[1:] == upper[:-1])
    return [(names[order[i]], names[order[i + 1]]) for i in found], [names[i] for i in order]


@LEVELS
def test_hashes_that_differ_only_in_their_lower_halves_are_told_apart(level: str) -> None:
    # The compiled kernels winnow by upper halves. In both orders and at all distances, as the
    # minimum of a window, left or pushed out by a lower one.
    pairs, rising = alike_above()
    assert pairs
    lowest, above = rising[0], rising[-9:]
    for low, high in pairs[:2]:
        texts = [
            " ".join([*above, a, *above[:gap], b, *above[:last], lowest, *above])
            for a, b in ((low, high), (high, low), (low, low))
            for gap in range(8)
            for last in (0, 1, 4, 9)
        ]
        for window in (1, 2, 7, 8, 20):
            args = texts, 5, 16, 1, window
            assert outcome(_native, "sketch", *args, level) == outcome(pure, "sketch", *args)


@LEVELS
@pytest.mark.parametrize("slots", [2, 16, 64, 128, 256, 512, 1024])
def test_sets_of_every_size_have_the_same_signature(level: str, slots: int) -> None:
    generator = np.random.default_rng(slots)
    sizes = [*range(0, 20), 31, 63, 64, 65, 127, 128, 129, 200, 700]
    values = generator.integers(0, 2**64, sum(sizes), np.uint64, endpoint=False)
    values[::7] &= np.uint64(0xFFFF)  # few slots, and lowest bits that are all zeros or ones
    values[::11] |= np.uint64(0xFFFFFFFF)
    offsets = np.cumsum([0, *sizes]).astype(np.int64)
    args = values, offsets, slots
    assert outcome(_native, "sign", *args, level) == outcome(pure, "sign", *args)


@LEVELS
def test_a_long_text_has_the_same_sketch_as_its_words(level: str) -> None:
    chance = random.Random(9)
    words = ["grün", "Straße", "naïve", "don’t", "x" * 40, "und", "„so“", "2025", "каша"]
    text = " ".join(chance.choice(words) for _ in range(60_000))
    assert_words([encode(text)], level)
    assert outcome(_native, "sketch", [text], 5, 128, 6, 7, level) == outcome(
        _native, "sketch", [text], 5, 128, 6, 7, "scalar"
    )


def arguments(a: bytes, b: bytes) -> tuple[Any, ...]:
    """A pair for `verify`, of which three words in a row are enough for a passage."""
    one, zero = np.array([1], np.uint32), np.array([0], np.uint32)
    lists, hashes, bounds = np.zeros(2, np.uint32), np.zeros(0, np.uint64), np.zeros(2, np.int64)
    return [a, b], zero, one, lists, hashes, bounds, 6, 3, 2, 40, 1, 0, 3, 0.5, 1 << 20


@LEVELS
@given(st.lists(st.sampled_from(SORTS), max_size=300), st.integers(0, 70), st.integers(1, 5))
@settings(max_examples=150)
def test_spans_are_alike_wherever_a_block_ends(
    level: str, chars: list[str], before: int, step: int
) -> None:
    pieces = ["".join(chars[i : i + step]) for i in range(0, len(chars), step)]
    own = "p " * before + " ".join(f"{piece}w{n}q{piece}" for n, piece in enumerate(pieces))
    args = arguments(encode(f"{own} w\u0301x yz"), encode(f"other words w\u0301x {own} z"))
    assert outcome(_native, "verify", *args, level) == outcome(pure, "verify", *args)


@LEVELS
def test_a_span_is_found_behind_any_sort_of_code_point(level: str) -> None:
    run = "eins zwei drei vier"
    for a in SORTS:
        for n in range(130):
            text = f"{'ab' * (n % 3)}{a * n} ,{run}, {a}"
            args = arguments(encode(text), encode(f"- {run}"))
            _, _, passages = outcome(_native, "verify", *args, level)
            rows = np.frombuffer(passages, np.uint32).reshape(-1, 6).tolist()
            begin = text.index(run)
            assert [begin, begin + len(run), 2, 2 + len(run)] in [row[:4] for row in rows], (a, n)
