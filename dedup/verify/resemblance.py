"""Pairs → exact resemblance of their sets of shingles, and nothing else.

Takes texts and pairs; gives counts. Nothing is aligned, so this says which articles resemble
each other and not where; passages and kinds are found by `verify_pairs`. Method: docs/method.md,
"Measures".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dedup import core
from dedup.core import U32
from dedup.settings import Settings
from dedup.verify.kinds import Shares, share


class Resemblances(NamedTuple):
    """Exact measures of n pairs; float64 shares in [0, 1], shape (n,)."""

    jaccard: Shares
    shingles_a: Shares
    shingles_b: Shares


def resemble_pairs(
    texts: Sequence[bytes] | Sequence[str], a: U32, b: U32, settings: Settings
) -> Resemblances:
    """Resemblance and both containments of pairs; most of the time the GIL is released.

    Articles with the same words resemble each other by 1, however few they are.

    Args:
        texts: Of a corpus; only those that a pair names are touched.
        a: Positions of the first articles, uint32; `b` of the second ones.
        b: See `a`.
        settings: For `k`, the words of a shingle.

    Source: Broder (1997), On the resemblance and containment of documents.
    """
    used = np.unique(np.concatenate([a, b]))
    counts = core.resemble(
        [texts[n] for n in used.tolist()],
        np.searchsorted(used, a).astype(np.uint32),
        np.searchsorted(used, b).astype(np.uint32),
        settings.k,
    )
    same, shared, in_a, in_b = counts.T
    whole = share(shared, in_a + in_b - shared), share(shared, in_a), share(shared, in_b)
    return Resemblances(*(np.where(same > 0, 1.0, column) for column in whole))
