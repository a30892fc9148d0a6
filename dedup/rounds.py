"""The rounds of verification: which pairs are aligned after what is known of others.

Takes a corpus and its candidates; gives what was found. Copies come first, then the oldest and
best candidates of each article, then those of the others that large families leave over, then
pairs with keepers. Each round is verified on threads; its pairs are those of the rooms `index`
and `cluster`.
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

import numpy as np

from dedup.cluster import Articles, Found, pairs_with_keepers, without_family
from dedup.core import I64, U32
from dedup.corpus import Corpus
from dedup.index import Candidates
from dedup.mask import Masks
from dedup.records import Progress, Relation
from dedup.settings import Settings
from dedup.verify import in_batches, verify_pairs

#: Pairs per batch of the verifying threads; speed only.
BATCH_PAIRS = 4096


@dataclass
class Verified:
    """Pairs that were verified before, and under which boilerplate."""

    #: Relation of a pair, None where it was none, and what both articles were masked with.
    pairs: dict[tuple[int, int], tuple[int, int, Relation | None]] = field(default_factory=dict)
    #: The same of the scan that is running; what it does not need again is forgotten.
    used: dict[tuple[int, int], tuple[int, int, Relation | None]] = field(default_factory=dict)

    def forget(self) -> None:
        """Keep what the last scan has used."""
        self.pairs, self.used = self.used, {}


@dataclass
class Rounds:
    """What was verified so far."""

    corpus: Corpus
    settings: Settings
    pool: Executor
    progress: Progress
    verified: Verified | None = None
    found: list[Found] = field(default_factory=list)
    #: Candidates that were aligned, and those of them that share boilerplate only.
    aligned: int = 0
    boilerplate_only: int = 0

    def verify_copies(self, oldest: I64) -> None:
        """Read the identical ones again; in `oldest` a copy that is none stands alone after it."""
        copies = np.flatnonzero(oldest != np.arange(len(oldest))).astype(np.uint32)
        found = self._verify(oldest[copies].astype(np.uint32), copies, None, "copies")
        identical = [pair for pair in found if pair[2].kind == "identical"]
        oldest[copies] = copies
        for first, copy, _ in identical:
            oldest[copy] = first
        self.found += identical

    def verify_candidates(self, candidates: Candidates, masks: Masks, articles: Articles) -> None:
        """Verify what each round before has left over."""
        first = candidates.first > 0
        self._round(candidates.older[first], candidates.newer[first], masks, "verifying")
        older, newer = candidates.older[~first], candidates.newer[~first]
        order, family = self.corpus.order, self.settings.family
        rest = without_family(older, newer, self.found, order, family)
        self._round(*rest, masks, "verifying the rest")
        more = pairs_with_keepers(articles, self.found, self.settings)
        self._round(*more, masks, "verifying keepers")

    def in_order(self) -> list[Found]:
        """What was found, by the ranks of both articles."""
        ranks = np.array(self.corpus.ranks, np.int64)
        a, b = (np.array([pair[side] for pair in self.found], np.int64) for side in (0, 1))
        return [self.found[n] for n in np.lexsort((ranks[b], ranks[a])).tolist()]

    def _round(self, a: U32, b: U32, masks: Masks, stage: str) -> None:
        found = self._verify(a, b, masks, stage)
        clear = [pair for pair in found if pair[2].kind != "boilerplate-only"]
        self.found += clear
        self.aligned += len(a)
        self.boilerplate_only += len(found) - len(clear)

    def _verify(self, a: U32, b: U32, masks: Masks | None, stage: str) -> list[Found]:
        """Relations of all pairs; those that were verified under the same masks are known."""
        if self.verified is None:
            return self._align(a, b, masks, stage)
        known, used, ids = self.verified.pairs, self.verified.used, self.corpus.ids
        states = masks.states() if masks else [0] * len(ids)
        keys = list(zip(a.tolist(), b.tolist(), strict=True))
        new = [
            n
            for n, (x, y) in enumerate(keys)
            if known.get((x, y), (-1, -1))[:2] != (states[x], states[y])
        ]
        found = {(x, y): it for x, y, it in self._align(a[new], b[new], masks, stage)}
        for n in new:
            x, y = keys[n]
            known[x, y] = states[x], states[y], found.get((x, y))
        relations: list[Found] = []
        for x, y in keys:
            used[x, y] = known[x, y]
            relation = known[x, y][2]
            if relation is not None:
                if (relation.a, relation.b) != (ids[x], ids[y]):
                    relation = replace(relation, a=ids[x], b=ids[y])
                relations.append((x, y, relation))
        return relations

    def _align(self, a: U32, b: U32, masks: Masks | None, stage: str) -> list[Found]:
        """Relations of all pairs, batch by batch."""
        self.progress.stage(stage, len(a), "pairs")
        texts, ids = self.corpus.texts, self.corpus.ids
        flags, lists = (masks.flags, masks.lists) if masks else (None, None)

        def run(batch: I64) -> list[Found]:
            return verify_pairs(
                texts, ids, a[batch], b[batch], self.settings, flags=flags, lists=lists
            )

        batches = in_batches(a, b, BATCH_PAIRS)
        found: list[Found] = []
        for batch, some in zip(batches, self.pool.map(run, batches), strict=True):
            found += some
            self.progress.advance(len(batch))
        return found
