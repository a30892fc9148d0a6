"""Bands and rows from threshold and recall."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedup import core
from dedup.index.bands import Bands, band_keys, choose_bands


def test_the_default_cut_is_32_bands_of_4_rows() -> None:
    assert choose_bands(128, 0.6, 0.98) == Bands(32, 4)


@given(st.sampled_from([16, 64, 128, 256]), st.floats(0.05, 0.95), st.floats(0.1, 0.999))
def test_the_cut_reaches_the_recall_and_one_more_row_would_not(
    num_perm: int, threshold: float, recall: float
) -> None:
    cut = choose_bands(num_perm, threshold, recall)
    assert cut.bands * cut.rows <= num_perm
    if cut.rows > 1:
        assert cut.probability(threshold) >= recall
    for rows in range(cut.rows + 1, num_perm + 1):
        assert Bands(num_perm // rows, rows).probability(threshold) < recall


@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_pairs_share_a_band_as_often_as_the_curve_says(share: float) -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    trials, union = 1500, 200
    shared = round(union * share)
    only_a = (union - shared) // 2
    hashes = rng.integers(0, 2**64, size=(trials, union), dtype=np.uint64)
    keys = []
    for side in (
        hashes[:, : shared + only_a],
        np.delete(hashes, np.s_[shared : shared + only_a], axis=1),
    ):
        offsets = np.arange(trials + 1, dtype=np.int64) * side.shape[1]
        keys.append(band_keys(core.sign(side.ravel(), offsets, 128), Bands(32, 4)))
    found = float((keys[0] == keys[1]).any(axis=1).mean())
    expected = Bands(32, 4).probability(share)
    assert abs(found - expected) < 0.03 + 4 * np.sqrt(expected * (1 - expected) / trials)


def test_equal_rows_give_equal_keys_in_their_band_only() -> None:
    signatures = np.array([[1, 2, 3, 4, 1, 2, 3, 4], [1, 2, 3, 4, 9, 9, 9, 9]], np.uint16)
    keys = band_keys(signatures, Bands(2, 4))
    assert keys[0, 0] == keys[1, 0]
    assert keys[0, 1] != keys[1, 1]
    assert keys[0, 0] != keys[0, 1]
