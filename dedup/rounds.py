"""The rounds of verification: which pairs are aligned after what is known of others.

Takes a corpus and its candidates; what is found goes on a shelf. Copies come first, then the oldest
and best candidates of each article, then those of the others that large families leave over, then
pairs with keepers. Each round is verified on threads, batch by batch, and goes on behind the last
batch that was committed. Its pairs are those of the rooms `index` and `cluster`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field

import numpy as np

from dedup.cluster import Articles, Edges, pairs_with_keepers, without_family
from dedup.core import I64, U32
from dedup.corpus import Corpus
from dedup.index import Candidates
from dedup.mask import Masks
from dedup.records import Progress
from dedup.settings import Settings
from dedup.shelf import Column, Shelf
from dedup.verify import KINDS, Matches, in_batches, join_matches, match_pairs

#: Pairs per batch of the verifying threads, and bytes of their texts unless one pair is longer;
#: speed and memory only. They do not depend on the cap, so that a batch that is done stays one.
BATCH_PAIRS, BATCH_BYTES = 4096, 16 << 20
#: Batches after which what was found is committed.
COMMIT_BATCHES = 4
ROUNDS = COPIES, FIRST, REST, KEEPERS = range(4)
_STAGES = "copies", "verifying", "verifying the rest", "verifying keepers"
IDENTICAL, BOILERPLATE_ONLY = KINDS.index("identical"), KINDS.index("boilerplate-only")
#: What is kept of a pair (docs/formats/work.md).
MATCH_COLUMNS = {
    "a": Column("<u4"),
    "b": Column("<u4"),
    "kinds": Column("u1"),
    "counts": Column("<u4", 11),
    "offsets": Column("<i8"),
    "passages": Column("<u4", 6),
}


@dataclass
class Known:
    """Pairs that were verified before, and under which boilerplate."""

    #: What both articles of a pair were masked with, and its row in `table`, -1 for none.
    pairs: dict[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)
    #: The same of the scan that is running; what it does not need again is forgotten.
    used: dict[tuple[int, int], tuple[int, int, int]] = field(default_factory=dict)
    table: Matches = field(default_factory=Matches.none)

    def forget(self) -> None:
        """Keep what the last scan has used."""
        rows = np.array([row for _, _, row in self.used.values() if row >= 0], np.int64)
        self.table = self.table.take(rows)
        places = {row: n for n, row in enumerate(rows.tolist())}
        self.pairs = {pair: (x, y, places.get(row, -1)) for pair, (x, y, row) in self.used.items()}
        self.used = {}


class Found:
    """Matches on a shelf, round after round."""

    def __init__(self, shelf: Shelf) -> None:
        """Take up what is there."""
        self.shelf = shelf
        if not shelf.count("offsets"):
            shelf.append("offsets", np.zeros(1, np.int64))
        #: Rows at the end of each round that is done, and what is done of the next one.
        self.ends: list[int] = list(shelf.note.get("ends", []))
        self.batches: int = shelf.note.get("batches", 0)
        #: Candidates that were aligned, and those of them that share boilerplate only.
        self.aligned: int = shelf.note.get("aligned", 0)
        self.boilerplate_only: int = shelf.note.get("boilerplate_only", 0)

    def add(self, matches: Matches) -> None:
        """Append what was found."""
        shift = self.shelf.count("passages") - int(matches.offsets[0])
        self.shelf.append("offsets", matches.offsets[1:] + shift)
        for name in ("a", "b", "kinds", "counts", "passages"):
            self.shelf.append(name, np.ascontiguousarray(getattr(matches, name)))

    def commit(self, *, is_whole: bool) -> None:
        """Make it lasting; a round that is whole is done."""
        if is_whole:
            self.ends.append(self.shelf.count("a"))
            self.batches = 0
        self.shelf.commit({
            "ends": self.ends, "batches": self.batches, "aligned": self.aligned,
            "boilerplate_only": self.boilerplate_only,
        })  # fmt: skip

    def matches(self, begin: int = 0, end: int | None = None) -> Matches:
        """What is on the shelf, or some rows of it."""
        columns = [self.shelf.column(name) for name in Matches._fields]
        if (begin, end) == (0, None):
            return Matches(*columns)
        a, b, kinds, counts, offsets, passages = columns
        rows = slice(begin, end)
        offsets = offsets[begin:][: len(a[rows]) + 1]
        first, last = int(offsets[0]), int(offsets[-1])
        return Matches(
            a[rows], b[rows], kinds[rows], counts[rows], offsets - first, passages[first:last]
        )

    def rows_of(self, round_: int) -> tuple[int, int]:
        """Where the rows of a round begin and end."""
        return ([0, *self.ends])[round_], self.ends[round_]


@dataclass
class Rounds:
    """What is verified, round by round."""

    corpus: Corpus
    settings: Settings
    pool: Executor
    workers: int
    progress: Progress
    found: Found
    known: Known | None = None
    #: Which batches are done here, and in how many shares they are cut; copies are always whole.
    share: tuple[int, int] = (0, 1)

    def verify_copies(self, oldest: I64) -> None:
        """Read the identical ones again; in `oldest` a copy that is none stands alone after it."""
        copies = np.flatnonzero(oldest != np.arange(len(oldest))).astype(np.uint32)
        self._round(COPIES, oldest[copies].astype(np.uint32), copies, None)
        oldest[copies] = copies
        identical = self.found.matches(*self.found.rows_of(COPIES))
        oldest[identical.b] = identical.a

    def verify_first(self, candidates: Candidates, masks: Masks) -> None:
        """Verify the oldest and best candidates of each article."""
        first = np.flatnonzero(candidates.first)
        self._round(FIRST, candidates.older[first], candidates.newer[first], masks)

    def verify_rest(self, candidates: Candidates, masks: Masks, edges: Edges) -> None:
        """Verify what large families leave over; `edges` are those of all that was verified."""
        order, family = self.corpus.order, self.settings.family
        pairs = candidates.older, candidates.newer
        rest = without_family(*pairs, edges, order, family, candidates.first == 0)
        self._round(REST, *rest, masks)

    def verify_keepers(self, masks: Masks, articles: Articles, edges: Edges) -> None:
        """Verify what the keep policy prefers with its family."""
        self._round(KEEPERS, *pairs_with_keepers(articles, edges, self.settings), masks)

    def _round(self, round_: int, a: U32, b: U32, masks: Masks | None) -> None:
        found = self.found
        if len(found.ends) > round_:
            return
        self.progress.stage(_STAGES[round_], len(a), "pairs")
        if self.known is not None:
            self._take(round_, self._remember(a, b, masks, self.known))
            found.aligned += len(a) if round_ else 0
            found.commit(is_whole=True)
            return
        part, parts = self.share if round_ != COPIES else (0, 1)
        mine = self._batches(a, b)[part::parts]
        left = mine[found.batches :]
        for batch in mine[: found.batches]:
            self.progress.advance(len(batch))
        for batch, matches in zip(left, self._align(a, b, left, masks), strict=True):
            self._take(round_, matches)
            found.aligned += len(batch) if round_ else 0
            found.batches += 1
            if found.batches % COMMIT_BATCHES == 0:
                found.commit(is_whole=False)
        found.commit(is_whole=True)

    def _take(self, round_: int, matches: Matches) -> None:
        """Keep what counts: of copies identical ones, of others all that share more than masks."""
        if round_ == COPIES:
            kept = matches.kinds == IDENTICAL
        else:
            kept = matches.kinds != BOILERPLATE_ONLY
            self.found.boilerplate_only += int((~kept).sum())
        self.found.add(matches if kept.all() else matches.take(np.flatnonzero(kept)))

    def _remember(self, a: U32, b: U32, masks: Masks | None, known: Known) -> Matches:
        """Matches of all pairs; those that were verified under the same masks are known."""
        pairs, used = known.pairs, known.used
        states = masks.states() if masks else [0] * len(self.corpus)
        keys = list(zip(a.tolist(), b.tolist(), strict=True))
        new = [
            n
            for n, (x, y) in enumerate(keys)
            if pairs.get((x, y), (-1, -1))[:2] != (states[x], states[y])
        ]
        fresh = join_matches(
            list(self._align(a[new], b[new], self._batches(a[new], b[new]), masks))
        )
        start = len(known.table.a)
        known.table = join_matches([known.table, fresh])
        places = {
            pair: start + n
            for n, pair in enumerate(zip(fresh.a.tolist(), fresh.b.tolist(), strict=True))
        }
        for n in new:
            x, y = keys[n]
            pairs[x, y] = states[x], states[y], places.get((x, y), -1)
        used.update((key, pairs[key]) for key in keys)
        rows = [row for key in keys if (row := pairs[key][2]) >= 0]
        return known.table.take(np.array(rows, np.int64))

    def _batches(self, a: U32, b: U32) -> list[I64]:
        """Batches of bounded pairs and bytes; they depend on nothing but the pairs."""
        texts, out = self.corpus.texts, list[I64]()
        for batch in in_batches(a, b, BATCH_PAIRS):
            waiting = [batch]
            while waiting:
                part = waiting.pop()
                used = np.unique(np.concatenate([a[part], b[part]]))
                if len(part) > 1 and int(texts.sizes(used).sum()) > BATCH_BYTES:
                    waiting += [part[len(part) // 2 :], part[: len(part) // 2]]
                else:
                    out.append(part)
        return out

    def _align(self, a: U32, b: U32, batches: list[I64], masks: Masks | None) -> Iterator[Matches]:
        """Matches of each batch, in order; few batches are ahead of who takes them."""
        texts, settings = self.corpus.texts, self.settings
        flags, lists = (masks.flags, masks.lists) if masks else (None, None)

        def run(batch: I64) -> Matches:
            used = np.unique(np.concatenate([a[batch], b[batch]])).astype(np.int64)
            return match_pairs(
                texts.take(used), used, a[batch], b[batch], settings, flags=flags, lists=lists
            )

        waiting: deque[tuple[I64, Future[Matches]]] = deque()
        for batch in batches:
            waiting.append((batch, self.pool.submit(run, batch)))
            if len(waiting) > 2 * self.workers:
                yield self._done(*waiting.popleft())
        while waiting:
            yield self._done(*waiting.popleft())

    def _done(self, batch: I64, future: Future[Matches]) -> Matches:
        matches = future.result()
        self.progress.advance(len(batch))
        return matches
