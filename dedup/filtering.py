"""The corridor of a stream: what came before is remembered, what comes again is named.

    read → sketch → mask → index → verify, batch by batch

The first article of its kind is kept and its text remembered, packed; a later one goes only when
it was aligned with a kept one and found to be its copy. The answer for an article depends on the
articles before it alone, never on how the stream was cut into batches, nor on threads.
How this differs from a scan, and what is remembered: docs/choices/0020-filter-memory.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import BinaryIO, NamedTuple

import numpy as np

from dedup.core import Flags
from dedup.index import Memory, StreamIndex
from dedup.mask import given_flags, given_prints
from dedup.memory import cores
from dedup.read import Feed, Fields
from dedup.records import Given, Record, Reject, Relation, Removal
from dedup.settings import Settings
from dedup.sketch import join_sketches, sketch_texts
from dedup.verify import verify_pairs

#: Share of an article's fingerprints that a candidate must have, if they share no band.
LEAST_SHARED = 1 / 32
#: Articles and pairs a thread takes at a time; speed only.
_ARTICLES, _PAIRS = 64, 1024
#: Candidates of an article that are aligned in one go, best first: until one is a copy.
_ROUNDS = (0, 8, 32, 128, 1 << 31, 1 << 31)


@dataclass
class _Undecided:
    """An article of the batch that is being looked at."""

    number: int
    #: Candidates, best first.
    older: Sequence[int]
    round: int = 0
    #: Whether the candidates of this round have been aligned, and what was found.
    is_aligned: bool = False
    relations: Sequence[Relation | None] = ()

    def next_ones(self) -> Sequence[int]:
        """The candidates of this round."""
        return self.older[_ROUNDS[self.round] : _ROUNDS[self.round + 1]]


class Filter:
    """Decides article by article whether it came before; remembers those that did not."""

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        given: Given | None = None,
        remember: int | None = None,
        threads: int | None = None,
    ) -> None:
        """Begin with nothing remembered.

        Args:
            settings: `remove` says what goes, `most_lost` how much of it the kept one may lack;
                `keep` and what concerns learning mean nothing here.
            given: Boilerplate that is known; nothing is learned.
            remember: How many articles back an article is compared, None for all.
            threads: As many as there are cores when not given; changes speed only.
        """
        self.settings = settings or Settings()
        self._flags: Flags | None = None
        if given and given.texts:
            self._flags = given_flags(given, self.settings)
        self._index = StreamIndex(
            self.settings, remember, identical_only=not self.settings.removes("near-duplicate")
        )
        self._memory = Memory(remember)
        self._threads = threads or cores()
        self._pool = ThreadPoolExecutor(self._threads)
        self._next = 0

    def decide(self, articles: Sequence[Record]) -> list[Removal | None]:
        """For each of the next articles why it goes, or None: it is kept and remembered."""
        texts = [article.text for article in articles]
        parts = [texts[n : n + _ARTICLES] for n in range(0, len(texts), _ARTICLES)]
        sketch = partial(sketch_texts, settings=self.settings)
        sketches = join_sketches(list(self._pool.map(sketch, parts)), self.settings.num_perm)
        hidden = None if self._flags is None else given_prints(sketches, self._flags)
        met = self._index.meet(sketches, hidden)
        first, self._next = self._next, self._next + len(articles)
        likely = met.shared >= LEAST_SHARED
        bounds = np.searchsorted(met.newer[likely], np.arange(first, self._next + 1)).tolist()
        older = met.older[likely].tolist()
        weights = sketches.weights.tolist()
        batch = _Batch(first, articles, weights, self._memory)
        waiting = [
            _Undecided(first + n, older[begin:end])
            for n, (begin, end) in enumerate(pairwise(bounds))
        ]
        while waiting:
            waiting = self._go_on(waiting, batch)
        for article, weight, removal in zip(articles, weights, batch.removals, strict=True):
            self._memory.add(article.id, None if removal else article.text, weight)
        return batch.removals

    def _go_on(self, waiting: Sequence[_Undecided], batch: _Batch) -> list[_Undecided]:
        """One round of alignments for all, then what follows; gives those still undecided."""
        pairs = [
            (older, one.number)
            for one in waiting
            if not one.is_aligned
            for older in one.next_ones()
            if batch.is_open(older) or batch.is_kept(older)
        ]
        found = self._verify(pairs, batch)
        for one in waiting:
            if not one.is_aligned:
                one.is_aligned = True
                one.relations = [found.get((older, one.number)) for older in one.next_ones()]
            self._settle(one, batch)
        return [one for one in waiting if batch.is_open(one.number)]

    def _settle(self, one: _Undecided, batch: _Batch) -> None:
        """Decide what can be decided; an article waits for those of the batch it may copy."""
        if any(map(batch.is_open, one.next_ones())):
            return
        for older, relation in zip(one.next_ones(), one.relations, strict=True):
            if relation and batch.is_kept(older) and self._goes(relation, older, one.number, batch):
                batch.remove(one.number, relation)
                return
        one.round += 1
        one.is_aligned, one.relations = False, []
        if not one.next_ones():
            batch.keep(one.number)

    def _goes(self, relation: Relation, older: int, newer: int, batch: _Batch) -> bool:
        """Whether what was found is reason enough for the newer one to go."""
        settings = self.settings
        if relation.kind == "excerpt":
            inner = relation.direction == "b_in_a" and batch.weight(newer) < batch.weight(older)
            if not inner:
                return False
        elif relation.kind not in ("identical", "near-duplicate"):
            return False
        lost = 1.0 - relation.containment_b_in_a
        return settings.removes(relation.kind) and lost <= settings.most_lost

    def _verify(
        self, pairs: Sequence[tuple[int, int]], batch: _Batch
    ) -> dict[tuple[int, int], Relation]:
        """Relations of the pairs (older, newer), by pair."""
        size = min(_PAIRS, -(-len(pairs) // self._threads) or 1)
        parts = [pairs[n : n + size] for n in range(0, len(pairs), size)]
        found: dict[tuple[int, int], Relation] = {}
        for some in self._pool.map(partial(self._verify_some, batch), parts):
            found |= some
        return found

    def _verify_some(
        self, batch: _Batch, pairs: Sequence[tuple[int, int]]
    ) -> dict[tuple[int, int], Relation]:
        numbers = sorted({number for pair in pairs for number in pair})
        place = {number: n for n, number in enumerate(numbers)}
        articles = [batch.article(number) for number in numbers]
        a, b = (np.array([place[pair[side]] for pair in pairs], np.uint32) for side in (0, 1))
        lists = None if self._flags is None else np.ones(len(numbers), np.uint32)
        found = verify_pairs(
            [text for _, text in articles], [id_ for id_, _ in articles], a, b, self.settings,
            flags=self._flags, lists=lists,
        )  # fmt: skip
        return {(numbers[a], numbers[b]): relation for a, b, relation in found}

    @property
    def remembered(self) -> int:
        """Articles whose text is held."""
        return len(self._memory)


class _Batch:
    """The articles that are being decided, with those before them."""

    def __init__(
        self, first: int, articles: Sequence[Record], weights: Sequence[int], memory: Memory
    ) -> None:
        self._first = first
        self._articles = articles
        self._weights = weights
        self._memory = memory
        self._open = [True] * len(articles)
        self.removals: list[Removal | None] = [None] * len(articles)

    def is_open(self, number: int) -> bool:
        """Whether nothing has been decided yet."""
        return number >= self._first and self._open[number - self._first]

    def is_kept(self, number: int) -> bool:
        """Whether a decided article was kept."""
        if number < self._first:
            return self._memory.is_kept(number)
        return self.removals[number - self._first] is None

    def keep(self, number: int) -> None:
        """It is kept."""
        self._open[number - self._first] = False

    def remove(self, number: int, relation: Relation) -> None:
        """It goes, for this reason: the older one is `a`."""
        self._open[number - self._first] = False
        self.removals[number - self._first] = Removal(
            relation.b, relation.kind, relation.a, relation.resemblance, relation.containment_b_in_a
        )

    def weight(self, number: int) -> int:
        """Length in quarter-words."""
        if number < self._first:
            return self._memory.weight(number)
        return self._weights[number - self._first]

    def article(self, number: int) -> tuple[str, bytes]:
        """Id and text."""
        if number < self._first:
            return self._memory.article(number)
        article = self._articles[number - self._first]
        return article.id, article.text


class Decided(NamedTuple):
    """A line of a feed; both record and reject are None for a blank one."""

    #: With its line end, if it has one.
    raw: bytes
    record: Record | None
    reject: Reject | None
    #: Why an article goes; None for all that stays, and for lines that are no article.
    removal: Removal | None


class FilteredFeed:
    """The lines of a stream, once, in batches of what is there, each with what was decided."""

    def __init__(self, source: BinaryIO, fields: Fields | None, filter_: Filter) -> None:
        """Take a stream of plain JSON Lines, the names of fields, and who decides."""
        self._feed = Feed(source, fields or Fields())
        self._filter = filter_

    @property
    def waiting(self) -> bool:
        """True while nothing is there: then an interrupt loses nothing."""
        return self._feed.waiting

    def __iter__(self) -> Iterator[list[Decided]]:
        """Each batch; what becomes of lines that are no article is left to the caller."""
        for lines in self._feed:
            articles = [line.record for line in lines if line.record is not None]
            removals = iter(self._filter.decide(articles))
            yield [Decided(*line, next(removals) if line.record else None) for line in lines]
