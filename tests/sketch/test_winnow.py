"""Fingerprints: the guarantee, the density, and scripts without spaces."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import core
from dedup.core import Sketches, pure
from tests import oracles

K, WINDOW = 6, 7
GUARANTEE = K + WINDOW - 1


def sketch(*texts: str) -> Sketches:
    return core.sketch(list(texts), 5, 16, K, WINDOW)


def share_a_fingerprint(a: str, b: str) -> bool:
    sketches = sketch(a, b)
    first, second = np.split(sketches.fingerprints, [sketches.offsets[1]])
    return bool(set(first.tolist()) & set(second.tolist()))


@given(st.data(), st.sampled_from([3, 10, 100, 100_000]))
def test_every_shared_run_of_twelve_words_shares_a_fingerprint(
    data: st.DataObject, vocabulary: int
) -> None:
    words = st.integers(0, vocabulary - 1).map(lambda n: f"w{n}")
    run = data.draw(st.lists(words, min_size=GUARANTEE, max_size=GUARANTEE))
    texts = []
    for _ in range(2):
        before, after = (data.draw(st.lists(words, max_size=30)) for _ in range(2))
        texts.append(" ".join([*before, *run, *after]))
    assert share_a_fingerprint(*texts)


@given(
    st.data(), st.sampled_from(["漢字東京大阪名古屋", "あいうえおカキクケコ", "กขคงจฉช", "漢あกx"])
)
def test_scripts_without_spaces_keep_the_guarantee_by_weight(
    data: st.DataObject, letters: str
) -> None:
    # Rounding to whole characters costs two word-equivalents at most (docs/method.md, step 2).
    letter = st.sampled_from(letters)
    weights = {c: pure.WEIGHTS[pure.units(c)[0][0]] for c in letters}
    run, weight = "", 0
    while weight < 4 * (GUARANTEE + 2):
        drawn = data.draw(letter)
        run += f"{drawn} "  # apart, since Latin letters side by side are one word
        weight += weights[drawn]
    sides = [" ".join(data.draw(st.text(letter, max_size=60))) for _ in range(4)]
    assert share_a_fingerprint(f"{sides[0]} {run} {sides[1]}", f"{sides[2]} {run} {sides[3]}")


def test_random_text_keeps_a_quarter_of_its_shingles() -> None:
    rng = random.Random(7)
    count = 20_000
    sketches = sketch(" ".join(str(rng.getrandbits(40)) for _ in range(count)))
    density = len(sketches.fingerprints) / count
    assert density == pytest.approx(2 / (WINDOW + 1), rel=0.1)


@given(st.lists(st.integers(0, 8), max_size=60))
def test_what_is_chosen_are_the_minima_of_the_windows(values: list[int]) -> None:
    sums = [4 * n for n in range(len(values) + 1)]
    chosen = pure.winnow(values, sums, WINDOW)
    assert {value for value, _ in chosen} == oracles.winnowed(values, WINDOW)
    assert all(values[position] == value for value, position in chosen)


def test_one_word_repeated_is_chosen_once_per_window_and_not_at_every_place() -> None:
    assert len(sketch("ja " * 5000).fingerprints) < 5000 / WINDOW + 2


@pytest.mark.parametrize(("words", "expected"), [(0, 0), (5, 0), (6, 1), (12, 1)])
def test_short_texts_have_one_fingerprint_once_a_shingle_fits(words: int, expected: int) -> None:
    found = len(sketch(" ".join(f"w{n}" for n in range(words))).fingerprints)
    assert found >= expected
    assert (found == 0) == (expected == 0)


def test_positions_say_where_the_shingle_begins() -> None:
    text = " ".join(f"w{n * n % 37}" for n in range(80))
    tokens = core.tokenize([text])
    _, shingles = core.shingles(tokens.hashes, tokens.weights, tokens.offsets, K)
    sketches = sketch(text)
    assert shingles[sketches.positions].tolist() == sketches.fingerprints.tolist()
