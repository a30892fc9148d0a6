"""Signatures: unbiased, and no worse than independent permutations would be."""

from __future__ import annotations

import numpy as np
import pytest

from dedup import core
from dedup.settings import Settings
from dedup.sketch import estimate_resemblance, join_sketches, sketch_texts

SLOTS = 128
TRIALS = 400


def errors(union: int, shared: int, seed: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Estimate minus truth for random pairs of sets with a given overlap."""
    rng = np.random.Generator(np.random.PCG64(seed))
    hashes = rng.integers(0, 2**64, size=(TRIALS, union), dtype=np.uint64)
    only_a = (union - shared) // 2
    a, b = hashes[:, : shared + only_a], np.delete(hashes, np.s_[shared : shared + only_a], axis=1)
    signed = []
    for side in (a, b):
        offsets = np.arange(TRIALS + 1, dtype=np.int64) * side.shape[1]
        signed.append(core.sign(side.ravel(), offsets, SLOTS))
    truth = shared / union
    pairs = zip(*signed, strict=True)
    return np.array([estimate_resemblance(x, y) - truth for x, y in pairs])


@pytest.mark.parametrize("union", [40, 120, 480, 2000])
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_estimate_is_unbiased_and_its_error_is_small(union: int, share: float) -> None:
    shared = round(union * share)
    found = errors(union, shared, seed=union + shared)
    truth = shared / union
    deviation = np.sqrt(truth * (1 - truth) / SLOTS)  # of independent permutations
    assert abs(found.mean()) < 4 * deviation / np.sqrt(TRIALS)
    assert np.sqrt((found**2).mean()) < 1.12 * deviation  # 400 trials: 3 standard errors


def test_short_articles_are_estimated_better_than_by_independent_permutations() -> None:
    found = np.concatenate([errors(40, shared, seed=shared) for shared in (12, 20, 28)])
    expected = np.mean([j * (1 - j) / SLOTS for j in (0.3, 0.5, 0.7)])
    assert (found**2).mean() < 0.75 * expected


def test_repeated_shingles_change_nothing() -> None:
    hashes = np.arange(1, 40, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    once = core.sign(hashes, np.array([0, len(hashes)]), SLOTS)
    thrice = core.sign(np.tile(hashes, 3), np.array([0, 3 * len(hashes)]), SLOTS)
    assert once.tolist() == thrice.tolist()


def test_texts_without_shingles_resemble_nothing() -> None:
    sketches = sketch_texts(["", "zu kurz"], Settings())
    assert not sketches.signatures.any()
    assert estimate_resemblance(sketches.signatures[0], sketches.signatures[1]) == 0.0


def test_signatures_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="16 and 32 slots"):
        estimate_resemblance(np.zeros(16, np.uint16), np.zeros(32, np.uint16))


def test_batches_put_together_equal_one_batch() -> None:
    texts = [" ".join(f"w{n * s % 41}" for n in range(90)) for s in range(1, 12)]
    settings = Settings()
    whole = sketch_texts(texts, settings)
    parts = [sketch_texts(texts[:4], settings), sketch_texts([], settings)]
    joined = join_sketches([*parts, sketch_texts(texts[4:], settings)], settings.num_perm)
    assert [np.asarray(c).tolist() for c in whole] == [np.asarray(c).tolist() for c in joined]
