"""The steps of a scan behind the reading, each done once: what is on a shelf is not done again.

Takes a corpus that was read and put in order; gives what the next step needs. In which order they
come stands in pipeline.py, who does which share of them in stages.py.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from dedup.cluster import Articles, Edges, find_groups
from dedup.core import I64, Flags, Holders
from dedup.corpus import Corpus
from dedup.index import Candidates, collapse_identical, find_candidates
from dedup.mask import Learner, Masks, find_masks
from dedup.outcome import Outcome
from dedup.records import Boilerplate, Given, Progress, Reject
from dedup.rounds import Found, Known, Rounds
from dedup.settings import Settings
from dedup.shelf import Column, Shelf
from dedup.verify import KINDS
from dedup.work import Shelves

#: What is kept of boilerplate and of candidates (docs/formats/work.md).
MASK_COLUMNS = {
    "hashes": Column("<u8"),
    "offsets": Column("<i8"),
    "lists": Column("<u4"),
    "fingerprints": Column("?"),
    "runs": Column("u1"),
}
CANDIDATE_COLUMNS = {
    "older": Column("<u4"),
    "newer": Column("<u4"),
    "first": Column("u1"),
}
#: Matches that are looked at together.
_ROWS = 1 << 16
_NEAR, _EXCERPT = KINDS.index("near-duplicate"), KINDS.index("excerpt")


@dataclass
class Steps:
    """The steps over one corpus."""

    corpus: Corpus
    shelves: Shelves
    settings: Settings
    given: Given
    pool: Executor
    workers: int
    progress: Progress
    learner: Learner | None = None
    known: Known | None = None
    #: Bytes that joins may take; None: as they like. And where their temporary files lie.
    budget: int | None = None
    scratch: str | None = None

    def copies(self, found: Found, share: tuple[int, int] = (0, 1)) -> Rounds:
        """Articles with the same words, read again; the rounds that come next."""
        sketches = self.corpus.sketches
        self.oldest = collapse_identical(sketches.digests, sketches.tokens, self.corpus.order)
        rounds = Rounds(
            self.corpus, self.settings, self.pool, self.workers, self.progress, found, self.known,
            share,
        )  # fmt: skip
        rounds.verify_copies(self.oldest)
        order = self.corpus.order
        self.alone = order[(self.oldest[order] == order) & (sketches.tokens[order] > 0)]
        self.articles = Articles(self.corpus.ids, self.corpus.ranks, sketches.weights, self.oldest)
        self.corpus.shelf.release()
        return rounds

    def boilerplate(self) -> Masks:
        """What is masked."""
        self.progress.stage("boilerplate", None, "articles")

        held: list[list[Holders] | None] = []

        def find() -> tuple[list[Any], dict[str, Any]]:
            masks = find_masks(
                self.corpus.sketches, self.corpus.texts, self.alone, self.corpus.sites(),
                self.corpus.days(), self.settings, self.given, self.learner,
                budget_bytes=self.budget, scratch=self.scratch,
            )  # fmt: skip
            held.append(masks.held)
            runs = "".join(json.dumps(list(run)) + "\n" for run in masks.runs).encode()
            columns = [*masks.flags[:2], masks.lists, masks.fingerprints, runs]
            return columns, {"words": masks.flags.words}

        shelf = self._kept("boilerplate", MASK_COLUMNS, find)
        hashes, offsets, lists, fingerprints = map(shelf.column, list(MASK_COLUMNS)[:4])
        runs = shelf.read("runs", 0, shelf.count("runs")).splitlines()
        self.corpus.shelf.release()
        return Masks(
            Flags(hashes, offsets, shelf.note["words"]), lists, fingerprints,
            [Boilerplate(*json.loads(run)) for run in runs], held[0] if held else None,
        )  # fmt: skip

    def candidates(self, masks: Masks) -> Candidates:
        """Pairs worth verifying."""
        self.progress.stage("candidates", None, "articles")

        def find() -> tuple[list[Any], dict[str, Any]]:
            found = find_candidates(
                self.corpus.sketches, self.alone, self.settings, masks.fingerprints, masks.held,
                budget_bytes=self.budget, scratch=self.scratch,
            )  # fmt: skip
            return list(found[:3]), {"common": found[3], "crowded": found[4]}

        shelf = self._kept("candidates", CANDIDATE_COLUMNS, find)
        self.corpus.shelf.release()
        older, newer, first = map(shelf.column, CANDIDATE_COLUMNS)
        return Candidates(older, newer, first, shelf.note["common"], shelf.note["crowded"])

    def _kept(
        self,
        name: str,
        columns: dict[str, Column],
        find: Callable[[], tuple[list[Any], dict[str, Any]]],
    ) -> Shelf:
        """A shelf that is filled at once, by whoever comes first."""
        with self.shelves.locked(name):
            shelf = self.shelves.open(name, columns)
            if not shelf.note:
                values, note = find()
                for column, value in zip(columns, values, strict=True):
                    shelf.append(column, value)
                shelf.commit(note)
        return shelf

    def groups(
        self,
        found: Found,
        edges: Edges,
        masks: Masks,
        candidates: Candidates,
        rejects: list[Reject],
        reasons: dict[str, int],
        seconds: dict[str, float],
    ) -> Outcome:
        """Groups and removals, with all that was found before."""
        self.progress.stage("grouping", None, "articles")
        groups, removals = find_groups(self.articles, edges, self.settings)
        return Outcome(
            self.corpus, self.settings, found, groups, removals, masks.runs,
            len(candidates.older), candidates.common_keys, candidates.crowded_articles,
            rejects, reasons, seconds,
        )  # fmt: skip


class EdgeList:
    """Near-duplicates and excerpts among matches, read off once."""

    def __init__(self, settings: Settings) -> None:
        """Begin with none."""
        self._settings = settings
        empty = np.zeros(0, np.int64)
        shares = np.zeros(0)
        self._parts = [Edges(empty, empty, np.zeros(0, np.bool_), shares, shares, shares)]
        self._seen = 0

    def of(self, found: Found) -> Edges:
        """Those of all rounds that are done: a round that was broken off begins with the same."""
        whole = found.matches()
        done = found.ends[-1] if found.ends else 0
        while self._seen < done:
            end = min(self._seen + _ROWS, done)
            kinds = whole.kinds[self._seen : end]
            rows: I64 = self._seen + np.flatnonzero((kinds == _NEAR) | (kinds == _EXCERPT))
            part = whole.take(rows)
            measures = part.measures(self._settings)
            self._parts.append(
                Edges(
                    part.a.astype(np.int64), part.b.astype(np.int64), part.kinds == _NEAR,
                    measures.resemblance, measures.containment_a, measures.containment_b,
                )
            )  # fmt: skip
            self._seen = end
        found.shelf.release()
        self._parts = [Edges(*map(np.concatenate, zip(*self._parts, strict=True)))]
        return self._parts[0]
