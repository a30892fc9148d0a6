"""What a user says is boilerplate → a list of shingles; all there is in a stream.

Takes the texts given and allowed; gives the list as `verify` takes it and marks fingerprints for
`index`. Learning more needs a corpus (`learning`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dedup import core
from dedup.core import Flags, Sketches
from dedup.mask.flagged import Marks, is_in
from dedup.records import Given
from dedup.settings import Settings

#: The list of `given_flags` that holds what was given; list 0, of all sites, is empty.
GIVEN_LIST = 1


def shingles_of(texts: Sequence[str], words: int) -> set[int]:
    """Hashes of all shingles of so many words of some texts."""
    tokens = core.tokenize(list(texts))
    _, hashes = core.shingles(tokens.hashes, tokens.weights, tokens.offsets, words)
    return set(hashes.tolist())


def given_flags(given: Given, settings: Settings) -> Flags:
    """Shingles of what is given and not allowed, as list `GIVEN_LIST`."""
    words = settings.fingerprint_k
    listed = shingles_of(given.texts, words) - shingles_of(given.allowed, words)
    hashes = np.array(sorted(listed), np.uint64)
    return Flags(hashes, np.array([0, 0, len(hashes)], np.int64), words)


def given_prints(sketches: Sketches, flags: Flags) -> Marks:
    """Which fingerprints of some sketches are on the list of what was given."""
    return is_in(sketches.fingerprints, flags.hashes[slice(*flags.offsets[GIVEN_LIST:][:2])])
