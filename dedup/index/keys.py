"""Sketches → keys: the fingerprints and bands by which articles find each other.

Takes sketches and which of their fingerprints are boilerplate; gives the keys of each article in
one flat column. Who shares a key is found by the join of a corpus (`find_candidates`) and by the
index of a stream (`stream`). Method: docs/method.md, step 4.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dedup.core import I64, U64, Sketches
from dedup.index.bands import band_keys, choose_bands
from dedup.settings import Settings

Flagged = npt.NDArray[np.bool_]

#: Share of an article's fingerprints that are boilerplate from which its bands say too little.
MOST_HIDDEN = 0.1


def without_prints(sketches: Sketches, hidden: Flagged) -> Sketches:
    """Sketches without some of their fingerprints."""
    running = np.concatenate([[0], np.cumsum(~hidden)])
    return sketches._replace(
        offsets=running[sketches.offsets].astype(np.int64),
        fingerprints=sketches.fingerprints[~hidden],
        positions=sketches.positions[~hidden],
    )


def article_keys(
    sketches: Sketches, articles: I64, settings: Settings, boilerplate: Flagged | None = None
) -> tuple[U64, I64, I64]:
    """Keys of `articles`, int64 offsets, one longer than the articles, and fingerprints of each.

    The keys of an article are its fingerprints, then its bands.

    Args:
        sketches: Of the whole corpus, or of a batch.
        articles: Positions in it.
        settings: For bands.
        boilerplate: bool, which fingerprints do not count. An article with many of them has no
            bands either, since those know no difference.
    """
    totals = np.diff(sketches.offsets)
    if boilerplate is not None:
        owner = np.repeat(np.arange(len(totals)), totals)
        hidden = np.bincount(owner, boilerplate, len(totals))
        sketches = without_prints(sketches, boilerplate)
        clear = (hidden == 0) | (hidden < MOST_HIDDEN * totals)
    else:
        clear = np.ones(len(totals), np.bool_)
    cut = choose_bands(settings.num_perm, settings.band_threshold, settings.band_recall)
    banded = band_keys(sketches.signatures[articles], cut)
    has_shingles = sketches.signatures[articles].any(axis=1) & clear[articles]
    counts = np.diff(sketches.offsets)[articles]
    totals = counts + cut.bands * has_shingles
    offsets = np.concatenate([[0], np.cumsum(totals)]).astype(np.int64)
    keys = np.empty(int(offsets[-1]), np.uint64)
    # Fingerprints first, then bands, article by article: both moved as whole columns.
    source = np.repeat(sketches.offsets[articles] - (np.cumsum(counts) - counts), counts)
    target = np.repeat(offsets[:-1] - (np.cumsum(counts) - counts), counts)
    running = np.arange(int(counts.sum()))
    keys[target + running] = sketches.fingerprints[source + running]
    rows = np.flatnonzero(has_shingles)
    places = (offsets[:-1] + counts)[rows, None] + np.arange(cut.bands)
    keys[places] = banded[rows]
    return keys, offsets, counts
