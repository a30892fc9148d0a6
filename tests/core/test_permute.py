"""The kernels of datasketch's values: compiled and pure alike, at every instruction set."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup import core
from dedup.core import _native, pure, pure_permute
from tests.strategies import messy_texts

LEVELS = (0, 1, 2)
I64 = np.int64


def outcome(module: Any, kernel: str, dtypes: list[Any], *args: Any) -> Any:
    """All values a kernel gives, or the error it raises."""
    try:
        values = getattr(module, kernel)(*args)
    except ValueError as error:
        return str(error)
    return [
        np.frombuffer(value, dtype).tolist() if len(memoryview(value)) else []
        for value, dtype in zip(values, dtypes, strict=True)
    ]


def assert_alike(kernel: str, dtypes: list[Any], *args: Any) -> Any:
    native = outcome(_native, kernel, dtypes, *args)
    assert native == outcome(pure, kernel, dtypes, *args)
    return native


def assert_alike_at_every_level(kernel: str, *args: Any) -> Any:
    found = [assert_alike(kernel, [np.uint64], *args, level) for level in LEVELS]
    assert found[1:] == found[:-1]
    return found[0]


@given(st.lists(messy_texts(), max_size=4), st.integers(1, 9))
@settings(deadline=None)
def test_shingle_bytes_gives_the_same(texts: list[str], k: int) -> None:
    assert_alike("shingle_bytes", [np.uint8, I64, I64, I64], texts, k)


@given(st.lists(st.binary(max_size=20), max_size=3))
@settings(deadline=None)
def test_bytes_that_are_not_utf8_are_the_same_error(texts: list[bytes]) -> None:
    assert_alike("shingle_bytes", [np.uint8, I64, I64, I64], texts, 2)


@given(st.lists(messy_texts(), max_size=4), st.integers(1, 9))
@settings(deadline=None)
def test_there_are_as_many_shingles_as_hashes_of_shingles(texts: list[str], k: int) -> None:
    tokens = core.tokenize(texts)
    offsets, _ = core.shingles(tokens.hashes, tokens.weights, tokens.offsets, k)
    assert core.shingle_bytes(texts, k).offsets.tolist() == offsets.tolist()


@given(st.lists(st.text("ab cdé", max_size=30), max_size=3), st.integers(1, 4))
@settings(deadline=None)
def test_a_shingle_is_its_folded_words_with_spaces_between(texts: list[str], k: int) -> None:
    spelled = core.shingle_bytes(texts, k)
    data = spelled.letters.tobytes()
    found = [data[b:e] for b, e in zip(spelled.begins, spelled.ends, strict=True)]
    words = [text.replace("é", "e").encode().split() for text in texts]
    assert found == [b" ".join(w[i : i + k]) for w in words for i in range(len(w) - k + 1)]


#: Around the blocks of SHA-1 (55, 64, 119) and the cases of XXH3 (3, 8, 16, 128, 240, 1024).
EDGES = [
    *range(20), 31, 32, 33, 54, 55, 56, 63, 64, 65, 95, 96, 97, 118, 119, 120, 127, 128, 129, 143,
    144, 145, 160, 239, 240, 241, 256, 257, 1023, 1024, 1025, 1088, 1089, 2048, 2049, 3000,
]  # fmt: skip


@pytest.mark.parametrize("kind", range(len(core.HASHES)), ids=list(core.HASHES))
def test_hashes_are_those_of_hashlib_and_xxhash_at_edge_lengths(kind: int) -> None:
    data = bytes((n * n * 31 + n // 7) % 256 for n in range(3100))
    begins = np.array([n % 97 for n in EDGES], I64)
    ends = begins + np.array(EDGES, I64)
    found = assert_alike_at_every_level("hash_bytes", data, begins, ends, kind)
    assert len(set(found[0])) == len(EDGES)


@given(st.binary(max_size=300), st.data(), st.integers(0, len(core.HASHES) - 1))
@settings(max_examples=60, deadline=None)
def test_hash_bytes_gives_the_same(data: bytes, draw: st.DataObject, kind: int) -> None:
    place = st.integers(0, len(data))
    spans = [sorted(span) for span in draw.draw(st.lists(st.tuples(place, place), max_size=40))]
    begins, ends = (np.array([span[n] for span in spans], I64) for n in (0, 1))
    assert_alike_at_every_level("hash_bytes", data, begins, ends, kind)


def test_sha1_gives_the_answers_of_the_standard() -> None:
    # FIPS 180-4: the digests of "" and "abc" begin da39a3ee 5e6b4b0d and a9993e36 4706816a.
    found = core.hash_bytes(b"abc", np.array([0, 0]), np.array([0, 3]), "sha1_hash64")
    assert [int(h).to_bytes(8, "little").hex() for h in found] == [
        "da39a3ee5e6b4b0d",
        "a9993e364706816a",
    ]
    assert hashlib.sha1(b"abc").hexdigest().startswith("a9993e364706816a")


def test_long_messages_and_many_of_them_are_hashed() -> None:
    data = bytes(range(256)) * 300
    begins = np.arange(0, 400, dtype=I64)
    ends = begins + np.array([70_000 if n == 13 else n % 150 for n in range(400)], I64)
    assert_alike_at_every_level("hash_bytes", data, begins, ends, 1)


values = st.lists(st.integers(0, 2**64 - 1) | st.integers(0, 2**32 - 1), max_size=40)
parameters = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)), max_size=70)


@given(values, parameters, st.integers(0, 40), st.integers(0, 2))
@settings(max_examples=80, deadline=None)
def test_permute_gives_the_same(
    hashes: list[int], pairs: list[tuple[int, int]], cut: int, scheme: int
) -> None:
    offsets = np.array([0, min(cut, len(hashes)), len(hashes)], I64)
    a, b = (np.array([pair[n] for pair in pairs], np.uint64) for n in (0, 1))
    if scheme == 0:
        a, b = a & np.uint64(2**32 - 1), b & np.uint64(2**32 - 1)
    assert_alike_at_every_level("permute", np.array(hashes, np.uint64), offsets, a, b, scheme)


@pytest.mark.parametrize("num_perm", [1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 300])
@pytest.mark.parametrize("scheme", range(3), ids=list(core.SCHEMES))
def test_permute_gives_the_same_at_edge_numbers(num_perm: int, scheme: int) -> None:
    a, b, hashes = (
        np.array([(n * n + salt) * 0x9E3779B97F4A7C15 % 2**64 for n in range(num_perm)], np.uint64)
        for salt in (1, 2, 3)
    )
    if scheme == 0:
        a, b = a >> np.uint64(32), b >> np.uint64(32)
    offsets = np.array([0, 0, num_perm // 2, num_perm], I64)
    found = assert_alike_at_every_level("permute", hashes, offsets, a, b, scheme)[0]
    highest = 2**64 - 1 if scheme == 1 else 2**32 - 1
    assert found[:num_perm] == [highest] * num_perm
    assert found[2 * num_perm] < highest


def test_the_prime_folds_as_division_does_where_it_matters() -> None:
    prime = pure_permute.PRIME
    sums = [0, 1, prime - 1, prime, prime + 1, 7 * prime, 8 * prime, 8 * prime + 7, 2**64 - 1]
    one = np.array([0], np.uint64)
    for total in sums:
        b = np.array([total], np.uint64)
        found = assert_alike_at_every_level("permute", one, np.array([0, 1], I64), b, b, 2)
        assert found == [[total % prime & 0xFFFFFFFF]]


none, two, spans = np.zeros(0, np.uint64), np.zeros(2, np.uint64), np.array([0, 2], I64)


@pytest.mark.parametrize(
    ("kernel", "args"),
    [
        ("hash_bytes", (b"abc", np.array([0]), np.array([4]), 0, 0)),
        ("hash_bytes", (b"abc", np.array([-1]), np.array([2]), 0, 0)),
        ("hash_bytes", (b"abc", np.array([2]), np.array([1]), 0, 0)),
        ("hash_bytes", (b"abc", np.array([2]), spans, 0, 0)),
        ("hash_bytes", (b"abc", np.array([0]), np.array([1]), 5, 0)),
        ("permute", (two, spans, two, none, 0, 0)),
        ("permute", (two, spans, two, two, 3, 0)),
        ("permute", (two, np.array([0, 3], I64), two, two, 0, 0)),
        ("permute", (two, np.array([], I64), two, two, 0, 0)),
        ("shingle_bytes", (["a", 1], 5)),
    ],
)
def test_arguments_that_do_not_fit_are_the_same_error(kernel: str, args: Any) -> None:
    assert isinstance(assert_alike(kernel, [np.uint64], *args), str)
