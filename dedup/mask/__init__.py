"""Fingerprints of a corpus → boilerplate, and who is masked with it.

Takes sketches, texts, sites and days; gives lists of shingles for `verify` and the learned runs
for people. Text is boilerplate when it comes back in articles that have otherwise nothing in
common: document frequency cannot tell it from copy. What remains of a pair is measured in
`verify`. Method: docs/method.md, step 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import xxhash

from dedup.core import I32, I64, U32, Flags, Sketches
from dedup.mask.flagged import Marks, count_holders, flagged_fingerprints
from dedup.mask.given import given_flags, given_prints, shingles_of
from dedup.mask.learning import Learner
from dedup.mask.runs import Run, flags_of
from dedup.records import Boilerplate, Given
from dedup.settings import Settings

__all__ = [
    "Learner",
    "Masks",
    "find_masks",
    "flagged_fingerprints",
    "given_flags",
    "given_prints",
]


@dataclass(frozen=True)
class Masks:
    """Boilerplate of a corpus, as `verify` takes it."""

    flags: Flags
    #: uint32: which list of `flags` holds for each article of the corpus.
    lists: U32
    #: bool: which fingerprints of the corpus are boilerplate.
    fingerprints: Marks
    runs: list[Boilerplate]

    def states(self) -> list[int]:
        """For each article a number that changes with the lists it is masked with."""
        bounds = self.flags.offsets.tolist()
        everywhere, *others = (
            xxhash.xxh3_64_intdigest(self.flags.hashes[begin:end].tobytes())
            for begin, end in pairwise(bounds)
        )
        lists = [everywhere] + [hash((everywhere, other)) for other in others]
        return [lists[n] for n in self.lists.tolist()]


def find_masks(
    sketches: Sketches,
    texts: Sequence[bytes],
    articles: I64,
    sites: Sequence[str],
    days: I32,
    settings: Settings,
    given: Given,
    learner: Learner | None = None,
) -> Masks:
    """Learn what comes back in different contexts, and put it together with what was given.

    Args:
        sketches: Of the corpus.
        texts: Of the corpus.
        articles: Positions of those that take part, oldest first.
        sites: Of the corpus; "" where it is not known.
        days: Of the corpus; -1 where they are not known.
        settings: When text is boilerplate.
        given: Texts that are boilerplate, or are not, whatever is learned.
        learner: One that has seen a part of the corpus; a new one when not given.
    """
    names = sorted(set(sites) - {""})
    number = {name: n for n, name in enumerate(names)}
    runs: list[Run] = []
    if settings.learn and len(articles):
        runs = (learner or Learner(settings)).learn(sketches, texts, articles, sites, days)
    words = settings.fingerprint_k
    allowed = shingles_of(given.allowed, words)
    masked = [run for run in runs if run.id not in given.keep and not run.shingles <= allowed]
    known = {id(run) for run in masked}
    learned = flags_of(masked, names, allowed, words)
    listed = np.array(sorted(shingles_of(given.texts, words) - allowed), np.uint64)
    # List 0 is everywhere, list 1 what was given, list 2 + n that of site n with what was given.
    parts = np.split(learned.hashes, learned.offsets[1:-1])
    columns = [parts[0], listed, *(np.union1d(part, listed) for part in parts[1:])]
    offsets = np.cumsum([0, *map(len, columns)]).astype(np.int64)
    flags = Flags(np.concatenate(columns), offsets, words)
    chosen = np.array([number.get(name, -1) + 2 for name in sites], np.int32).clip(1)
    lists = chosen.astype(np.uint32)
    flagged = flagged_fingerprints(sketches, flags, lists, settings)
    holders = count_holders(sketches, flagged)
    return Masks(flags, lists, flagged, [run.listed(holders, id(run) in known) for run in runs])
