"""Each kernel, compiled and pure: same values, same errors, on random and edge-length input."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.core import _native, pure
from tests.core.alike import assert_alike, outcome

ALPHABET = (
    "abcXYZ019 \n\t.,-_'\"»äöüßÉéñ\u0301\u0323\u00ad\u200b\u200d\ufe0f½①ﬁ漢字東京かなカナーไทยກ"
    "កမ한국어ابتмосква\ud800\udfff\U0001f600\U00020000\U0001d400"
)
nasty_texts = st.text(st.sampled_from(ALPHABET), max_size=120)
any_texts = st.one_of(nasty_texts, st.text(max_size=60))
FEW = ["ja", "nein", "wort", "haus", "das", "ist", "ein", "test"]
word_texts = st.lists(st.sampled_from(FEW), max_size=80)
PARAMS = (5, 4, 40, 6, 4, 12, 0.5, 1 << 20)


def unmasked(n: int) -> tuple[Any, ...]:
    """Arguments of verify that say that no boilerplate is known."""
    return np.zeros(n, np.uint32), np.zeros(0, np.uint64), np.zeros(2, np.int64), 6


@given(st.lists(any_texts, max_size=4))
def test_tokenize_gives_the_same_words(texts: list[str]) -> None:
    assert_alike("tokenize", texts)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=3))
def test_bytes_that_are_not_utf8_are_the_same_error(texts: list[bytes]) -> None:
    assert_alike("tokenize", texts)
    assert_alike("sketch", texts, 5, 128, 6, 7)


@given(st.lists(any_texts, max_size=5))
def test_texts_and_their_arrow_layout_give_the_same(texts: list[str]) -> None:
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)]).astype(np.int64)
    expected = assert_alike("tokenize", texts)
    assert assert_alike("tokenize", encoded) == expected
    assert assert_alike("tokenize", (b"".join(encoded), offsets)) == expected


@given(st.lists(nasty_texts, max_size=3), st.integers(1, 8), st.integers(1, 9))
@settings(max_examples=60)
def test_sketch_gives_the_same(texts: list[str], k: int, window: int) -> None:
    for slots in (16, 128):
        assert_alike("sketch", texts, k, slots, k + 1, window)


@given(st.lists(nasty_texts, max_size=3))
@settings(max_examples=40)
def test_sketch_gives_the_same_without_fingerprints(texts: list[str]) -> None:
    whole, bare = (
        assert_alike("sketch", texts, 5, 16, 6, 7),
        assert_alike("sketch", texts, 5, 16, 0, 0),
    )
    assert bare[:4] == whole[:4]
    assert bare[4:] == [[0] * (len(texts) + 1), [], []]


@pytest.mark.parametrize("length", [0, 1, 4, 5, 6, 11, 12, 13, 47, 48, 49, 200])
def test_sketch_gives_the_same_at_edge_lengths(length: int) -> None:
    words = [f"w{n * n % 31}" for n in range(length)]
    for joined in (" ".join(words), "漢" * length, "カ" * length):
        assert_alike("sketch", [joined], 5, 128, 6, 7)


hashes = st.lists(st.integers(0, 2**64 - 1), max_size=60)


@given(hashes, st.integers(0, 60), st.sampled_from([2, 16, 128, 256]))
@settings(max_examples=60)
def test_sign_gives_the_same(values: list[int], cut: int, slots: int) -> None:
    cut = min(cut, len(values))
    offsets = np.array([0, cut, len(values)], np.int64)
    assert_alike("sign", np.array(values, np.uint64), offsets, slots)


@given(hashes, st.integers(1, 9), st.data())
def test_shingles_give_the_same(values: list[int], k: int, data: st.DataObject) -> None:
    weights = data.draw(
        st.lists(st.sampled_from([1, 2, 4]), min_size=len(values), max_size=len(values))
    )
    offsets = np.array([0, len(values) // 2, len(values)], np.int64)
    arrays = np.array(values, np.uint64), np.array(weights, np.uint8)
    assert_alike("shingles", *arrays, offsets, k)


def all_pairs(n: int) -> tuple[Any, Any]:
    pairs = list(combinations(range(n), 2))
    return np.array([a for a, _ in pairs], np.uint32), np.array([b for _, b in pairs], np.uint32)


@given(st.lists(word_texts, min_size=2, max_size=3))
@settings(max_examples=60)
def test_verify_gives_the_same_on_few_words(texts: list[list[str]]) -> None:
    joined = [" ".join(text) for text in texts]
    assert_alike("verify", joined, *all_pairs(len(joined)), *unmasked(len(joined)), *PARAMS)


@given(st.lists(nasty_texts, min_size=2, max_size=2))
@settings(max_examples=60)
def test_verify_gives_the_same_on_nasty_texts(texts: list[str]) -> None:
    a, b = texts
    assert_alike("verify", [a + b, b + a, a], *all_pairs(3), *unmasked(3), *PARAMS)


@given(st.data())
@settings(max_examples=60)
def test_verify_gives_the_same_on_edited_copies(data: st.DataObject) -> None:
    words = st.integers(0, 400).map(lambda n: f"word{n:03}")
    source = data.draw(st.lists(words, min_size=30, max_size=150))
    copy = list(source)
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, len(copy) - 1))
        edit = data.draw(st.sampled_from(["drop", "typo", "other", "insert", "move"]))
        if edit == "drop" and len(copy) > 1:
            del copy[at]
        elif edit == "typo":
            copy[at] = copy[at][:-1] + "x"
        elif edit == "other":
            copy[at] = data.draw(words)
        elif edit == "insert":
            copy[at:at] = data.draw(st.lists(words, max_size=45))
        else:
            copy = copy[at:] + copy[:at]
    a, b = " ".join(source), " ".join(copy)
    for x_drop, fuzzy, density in ((6, 4, 0.5), (1, 0, 0.9), (20, 2, 0.0)):
        params = (5, 4, 40, x_drop, fuzzy, 12, density, 1 << 20)
        assert_alike("verify", [a, b], *all_pairs(2), *unmasked(2), *params)


@given(st.data())
@settings(max_examples=80)
def test_verify_masks_the_same(data: st.DataObject) -> None:
    words = st.integers(0, 60).map(lambda n: f"word{n:02}")
    pieces = data.draw(st.lists(st.lists(words, min_size=6, max_size=30), min_size=2, max_size=4))
    sides = []
    for _ in range(3):
        chosen = data.draw(st.lists(st.integers(0, len(pieces) - 1), max_size=4))
        sides.append(" ".join(word for n in chosen for word in pieces[n]))
    known = [
        sorted(set(shingle_hashes(data.draw(st.sampled_from(pieces)), 6)))
        if data.draw(st.booleans())
        else []
        for _ in range(3)
    ]
    lists = np.array([data.draw(st.integers(0, 2)) for _ in sides], np.uint32)
    flags = np.array([h for one in known for h in one], np.uint64)
    offsets = np.cumsum([0, *map(len, known)]).astype(np.int64)
    assert_alike("verify", sides, *all_pairs(3), lists, flags, offsets, 6, *PARAMS)


@given(st.lists(word_texts, min_size=2, max_size=3), st.lists(nasty_texts, min_size=2, max_size=2))
@settings(max_examples=60)
def test_resemble_gives_the_same(few: list[list[str]], nasty: list[str]) -> None:
    a, b = nasty
    for texts in ([" ".join(text) for text in few], [a + b, b + a, a, a + " "]):
        for k in (1, 5, 70):
            assert_alike("resemble", texts, *all_pairs(len(texts)), k, 1 << 20)


def test_resemble_counts_each_shingle_once() -> None:
    one, zero = np.array([1], np.uint32), np.array([0], np.uint32)
    texts = ["a b c a b c a b d", "A, B - C? a b e"]
    # Of the first: abc bca cab abd. Of the second: abc bca cab abe.
    assert assert_alike("resemble", texts, zero, one, 3, 1) == [[0, 3, 4, 4]]
    assert assert_alike("resemble", ["x y", "X y!"], zero, one, 3, 1) == [[1, 0, 0, 0]]


def shingle_hashes(words: list[str], k: int) -> list[int]:
    hashes = [pure.hash_word(word.encode()) for word in words]
    return pure.shingles_of(hashes, pure.sums_of([4] * len(hashes)), k)


def test_a_small_shelf_changes_no_answer() -> None:
    texts = [" ".join(f"w{(n * s) % 50}" for n in range(60)) for s in range(1, 9)]
    whole = outcome(_native, "verify", texts, *all_pairs(8), *unmasked(8), *PARAMS)
    assert outcome(_native, "verify", texts, *all_pairs(8), *unmasked(8), *PARAMS[:-1], 1) == whole


@pytest.mark.parametrize(
    ("kernel", "args"),
    [
        ("tokenize", (["a", 1],)),
        ("tokenize", ("abc",)),
        ("tokenize", ((b"abc", np.array([0, 4], np.int64)),)),
        ("tokenize", ((b"abc", np.array([0, 2, 1], np.int64)),)),
        ("tokenize", ((b"abc", np.array([], np.int64)),)),
        ("sign", (np.zeros(3, np.uint64), np.array([0, 4], np.int64), 16)),
        ("sign", (np.zeros(3, np.uint64), np.array([-1, 2], np.int64), 16)),
        (
            "verify",
            (["a"], np.array([0], np.uint32), np.array([1], np.uint32), *unmasked(1), *PARAMS),
        ),
        (
            "verify",
            (["a"], np.array([0], np.uint32), np.zeros(2, np.uint32), *unmasked(1), *PARAMS),
        ),
        ("shingles", (np.zeros(3, np.uint64), np.zeros(2, np.uint8), np.array([0, 3]), 5)),
    ],
)
def test_arguments_that_do_not_fit_are_the_same_error(kernel: str, args: Any) -> None:
    found = assert_alike(kernel, *args)
    assert isinstance(found, str)
