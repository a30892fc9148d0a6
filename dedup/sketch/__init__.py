"""Articles → sketches: signature, digest, fingerprints.

Takes texts as UTF-8; gives columns of a few hundred bytes per article. Sketches only propose:
what two articles really share is measured in `verify`. Method: docs/method.md, step 2.
"""

from __future__ import annotations

import numpy as np

from dedup import core
from dedup.core import Sketches, Texts
from dedup.settings import Settings

__all__ = ["Sketches", "estimate_resemblance", "join_sketches", "sketch_texts"]


def sketch_texts(texts: Texts, settings: Settings, *, fingerprints: bool = True) -> Sketches:
    """Sketch a batch of texts; releases the GIL, so batches can run on several threads."""
    wanted = settings.fingerprint_k if fingerprints else 0
    return core.sketch(texts, settings.k, settings.num_perm, wanted, settings.window)


def join_sketches(batches: list[Sketches], num_perm: int) -> Sketches:
    """Put batches behind each other; gives empty columns for no batches."""
    if not batches:
        return core.sketch([], 1, num_perm, 1, 1)
    starts = np.cumsum([0, *(len(batch.fingerprints) for batch in batches)])
    offsets = [batch.offsets[:-1] + start for batch, start in zip(batches, starts, strict=False)]
    return Sketches(
        signatures=np.concatenate([batch.signatures for batch in batches]),
        digests=np.concatenate([batch.digests for batch in batches]),
        tokens=np.concatenate([batch.tokens for batch in batches]),
        weights=np.concatenate([batch.weights for batch in batches]),
        offsets=np.concatenate([*offsets, starts[-1:]]).astype(np.int64),
        fingerprints=np.concatenate([batch.fingerprints for batch in batches]),
        positions=np.concatenate([batch.positions for batch in batches]),
    )


def estimate_resemblance(a: core.U16, b: core.U16) -> float:
    """Estimate the resemblance of two articles from their signatures.

    The share of equal slots, corrected for the 2^-16 of unequal ones that agree by chance;
    unbiased. With 128 slots the standard error at 0.8 is at most 0.035.

    Args:
        a: uint16, shape (num_perm,); `b` likewise, made with equal settings.
        b: See `a`.

    Returns:
        A share in [0, 1]. Two texts without shingles give 0.0: sharing nothing is no sign of
        copying.

    Raises:
        ValueError: the signatures differ in length.

    Source: Broder (1997), On the resemblance and containment of documents; Li and König
    (2010), b-Bit minwise hashing, for the correction.
    """
    if a.shape != b.shape:
        raise ValueError(f"signatures have {len(a)} and {len(b)} slots; they cannot be compared")
    if not a.any() or not b.any():
        return 0.0
    chance = 2.0**-16
    equal = float(np.count_nonzero(a == b)) / len(a)
    return max(0.0, (equal - chance) / (1 - chance))
