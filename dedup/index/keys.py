"""Sketches → keys: the fingerprints and bands by which articles find each other.

Takes sketches and which of their fingerprints are boilerplate; gives the keys of each article: as
columns for the join of a corpus (`find_candidates`), and in one flat column for the index of a
stream (`stream`) and the store, where who shares a key is found. Method: docs/method.md, step 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core import I64, U64, BandColumn, HeldColumn, Holders, KeyColumn, Sketches, drop_pages
from dedup.index.bands import band_keys, choose_bands
from dedup.index.format import KEY_BITS
from dedup.settings import Settings

Flagged = npt.NDArray[np.bool_]

#: Articles whose hidden fingerprints are counted at a time; speed only.
BLOCK = 1 << 16
#: Slots of a signature in a line of the cache: bands of so many are cut together at most, and so
#: many that their keys are sorted at once.
SLOTS_TOGETHER = 32
KEYS_TOGETHER = 24 << 20
#: Share of an article's fingerprints that are boilerplate from which its bands say too little.
MOST_HIDDEN = 0.1


class Keys(NamedTuple):
    """Keys of some articles; nothing is copied as long as no fingerprint is hidden."""

    #: Fingerprints of the whole corpus, and where those of each article begin and end.
    prints: U64
    begins: I64
    ends: I64
    #: Shape (articles, bands), and whether they count.
    bands: U64
    has_bands: Flagged


def find_keys(
    sketches: Sketches, articles: I64, settings: Settings, boilerplate: Flagged | None = None
) -> Keys:
    """Keys of `articles`, in their order.

    Args:
        sketches: Of the whole corpus, or of a batch.
        articles: Positions in it.
        settings: For bands.
        boilerplate: bool, which fingerprints do not count. An article with many of them has no
            bands either, since those know no difference.
    """
    prints, offsets = sketches.fingerprints, sketches.offsets
    signatures = sketches.signatures[articles]
    has_bands = np.asarray(signatures.any(axis=1))
    if boilerplate is not None and boilerplate.any():
        running = np.concatenate([[0], np.cumsum(boilerplate)])
        has_bands &= _have_bands(boilerplate, offsets)[articles]
        prints, offsets = prints[~boilerplate], offsets - running[offsets]
    cut = choose_bands(settings.num_perm, settings.band_threshold, settings.band_recall)
    bands = band_keys(signatures, cut)
    return Keys(prints, offsets[articles], offsets[articles + 1], bands, has_bands)


def key_columns(
    sketches: Sketches,
    articles: I64,
    settings: Settings,
    boilerplate: Flagged | None = None,
    held: Sequence[Holders] | None = None,
) -> list[KeyColumn | BandColumn | HeldColumn]:
    """The same keys as the join of a corpus takes them: where they lie, nothing copied."""
    offsets = sketches.offsets
    begins, ends = offsets[articles], offsets[articles + 1]
    rows = articles
    if boilerplate is not None and boilerplate.any():
        rows = np.where(_have_bands(boilerplate, offsets)[articles], articles, -1)
    else:
        boilerplate = None
    cut = choose_bands(settings.num_perm, settings.band_threshold, settings.band_recall)
    most = KEYS_TOGETHER // max(1, len(articles))
    together = max(1, min(SLOTS_TOGETHER // cut.rows, most))
    columns: list[KeyColumn | BandColumn | HeldColumn] = [
        KeyColumn(sketches.fingerprints, begins, ends, boilerplate)
        if held is None
        else HeldColumn(held, len(articles))
    ]
    for first in range(0, cut.bands, together):
        bands = min(together, cut.bands - first)
        columns.append(BandColumn(sketches.signatures, rows, first, bands, cut.rows))
    return columns


def _have_bands(boilerplate: Flagged, offsets: I64) -> Flagged:
    """Which articles of a corpus have so little boilerplate that their bands count."""
    have = np.ones(len(offsets) - 1, np.bool_)
    for first in range(0, len(have), BLOCK):
        bounds = offsets[first : first + BLOCK + 1]
        marks = boilerplate[bounds[0] : bounds[-1]]
        running = np.concatenate([[0], np.cumsum(marks, dtype=np.int64)])
        hidden, totals = np.diff(running[bounds - bounds[0]]), np.diff(bounds)
        have[first : first + BLOCK] = (hidden == 0) | (hidden < MOST_HIDDEN * totals)
        drop_pages(marks)
    return have


def flat_keys(keys: Keys) -> tuple[U64, I64, I64]:
    """All keys, int64 offsets, one longer than the articles, and fingerprints of each.

    The keys of an article are its fingerprints, then its bands.
    """
    counts = keys.ends - keys.begins
    totals = counts + keys.bands.shape[1] * keys.has_bands
    offsets = np.concatenate([[0], np.cumsum(totals)]).astype(np.int64)
    flat = np.empty(int(offsets[-1]), np.uint64)
    # Fingerprints first, then bands, article by article: both moved as whole columns.
    before = np.cumsum(counts) - counts
    running = np.arange(int(counts.sum()))
    source = np.repeat(keys.begins - before, counts) + running
    flat[np.repeat(offsets[:-1] - before, counts) + running] = keys.prints[source]
    rows = np.flatnonzero(keys.has_bands)
    places = (offsets[:-1] + counts)[rows, None] + np.arange(keys.bands.shape[1])
    flat[places] = keys.bands[rows]
    return flat, offsets, counts


def kept_keys(keys: Keys) -> list[U64]:
    """The keys of each article as an index keeps them: cut to `KEY_BITS`, rising, each once."""
    flat, offsets, _ = flat_keys(keys)
    flat >>= np.uint64(64 - KEY_BITS)
    out = []
    for begin, end in pairwise(offsets.tolist()):
        own = np.sort(flat[begin:end])
        if len(own):
            own = own[np.concatenate([[True], own[1:] != own[:-1]])]
        out.append(own)
    return out
