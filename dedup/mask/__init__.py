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

from dedup import core
from dedup.core import I32, I64, U32, Flags, Holders, KeyColumn, Sketches
from dedup.mask.flagged import Marks, flagged_fingerprints
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
    #: The other fingerprints that several of the articles hold, with their holders as places in
    #: `articles`; None when nothing was to be learned, and so nobody looked.
    held: list[Holders] | None

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
    *,
    budget_bytes: int | None = None,
    scratch: str | None = None,
) -> Masks:
    """Learn what comes back in different contexts, and put it together with what was given.

    Args:
        sketches: Of the corpus; columns may be mapped from files (`np.memmap`): they are walked
            through in blocks and not held.
        texts: Of the corpus; those in which boilerplate is found are asked for, some at a time.
        articles: Positions of those that take part, oldest first.
        sites: Of the corpus; "" where it is not known.
        days: Of the corpus; -1 where they are not known.
        settings: When text is boilerplate.
        given: Texts that are boilerplate, or are not, whatever is learned.
        learner: One that has seen a part of the corpus; a new one when not given.
        budget_bytes: About how much memory the work may take, beside 60 bytes an article and a
            mark of one byte for each fingerprint, and up to 200 MB of comparisons that learning
            keeps; as much as is needed when not given. It changes nothing that is learned.
        scratch: Folder for temporary files when there is a budget; the system's when not given.
    """
    names = sorted(set(sites) - {""})
    number = {name: n for n, name in enumerate(names)}
    runs: list[Run] = []
    held: list[Holders] | None = None
    if settings.learn and len(articles):
        bounds = sketches.offsets[articles], sketches.offsets[articles + 1]
        column = KeyColumn(sketches.fingerprints, *bounds)
        held = core.holders(column, budget_bytes=budget_bytes, scratch=scratch)
        runs = (learner or Learner(settings)).learn(
            sketches, texts, articles, sites, days, held, budget_bytes
        )
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
    flagged, spared, counts = flagged_fingerprints(sketches, flags, lists, settings)
    if held and counts:
        held = core.leave_marked(
            held, flags, lists[articles], spared[articles],
            budget_bytes=budget_bytes, scratch=scratch,
        )  # fmt: skip
    listed_runs = [run.listed(counts, id(run) in known) for run in runs]
    return Masks(flags, lists, flagged, listed_runs, held)
