"""The articles of a scan: read, sketched behind the reader's back, and put in order.

Takes batches from any reader; gives a `Corpus`, one entry an article, and their sketches. What
is done with them stands in pipeline.py.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np

from dedup.core import I32, I64
from dedup.read import Rejects
from dedup.records import Batch, Progress
from dedup.settings import Settings
from dedup.sketch import Sketches, sketch_texts


@dataclass
class Corpus:
    """The articles of a scan, one entry each, in input order."""

    #: As the input names them, and after `put_in_order` each one once.
    names: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    dates: list[int | None] = field(default_factory=list)
    sites: list[str] = field(default_factory=list)
    #: By (date, id, words); undated ones last. And the same turned round: articles by rank.
    ranks: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    #: New id → id in the input, where that had been used already.
    renamed: dict[str, str] = field(default_factory=dict)

    def add(self, batch: Batch) -> None:
        """Append the articles of a batch."""
        texts, offsets = bytes(batch.texts[0]), batch.texts[1].tolist()
        self.names += batch.ids
        self.texts += [texts[begin:end] for begin, end in pairwise(offsets)]
        self.dates += batch.dates
        self.sites += batch.sites

    def days(self) -> I32:
        """Days since some day long ago, -1 where there is no date."""
        return np.array([-1 if d is None else d // 86400 + 800_000 for d in self.dates], np.int32)

    def put_in_order(self, sketches: Sketches) -> None:
        """Rank the articles and make ids unique: the second "x" by rank becomes "x#2"."""
        self.ids = list(self.names)
        never = np.iinfo(np.int64).max
        dates = np.array([never if date is None else date for date in self.dates], np.int64)
        by_id = np.array(sorted(range(len(self.ids)), key=self.ids.__getitem__), np.int64)
        order = by_id[np.argsort(dates[by_id], kind="stable")]
        if len(set(self.ids)) < len(self.ids):
            self._order_equal(order, dates, sketches)
        self.order = order.tolist()
        ranks = np.empty(len(order), np.int64)
        ranks[order] = np.arange(len(order))
        self.ranks = ranks.tolist()
        self._rename()

    def _order_equal(self, order: I64, dates: I64, sketches: Sketches) -> None:
        """Put articles of equal date and id in the order of their digests and texts."""
        ids, texts = self.ids, self.texts
        changes = [
            place
            for place, (n, m) in enumerate(pairwise(order.tolist()), 1)
            if ids[n] != ids[m] or dates[n] != dates[m]
        ]
        for begin, end in pairwise([0, *changes, len(order)]):
            if end - begin > 1:
                equal = order[begin:end].tolist()
                equal.sort(key=lambda n: (sketches.digests[n].tolist(), texts[n]))
                order[begin:end] = equal

    def _rename(self) -> None:
        """Give the second, third, ... article of an id a new one, by rank."""
        self.renamed = {}
        taken = set(self.ids)
        if len(taken) == len(self.ids):
            return
        seen: dict[str, int] = {}
        for n in self.order:
            id_ = self.ids[n]
            seen[id_] = seen.get(id_, 0) + 1
            if seen[id_] > 1:
                count = seen[id_]
                while f"{id_}#{count}" in taken:
                    count += 1
                seen[id_] = count
                taken.add(f"{id_}#{count}")
                self.ids[n] = f"{id_}#{count}"
                self.renamed[self.ids[n]] = id_


def read_corpus(
    batches: Iterable[Batch],
    corpus: Corpus,
    settings: Settings,
    pool: Executor,
    ahead: int,
    progress: Progress,
) -> list[Sketches]:
    """Add everything to the corpus; batches are sketched behind the reader's back.

    At most `ahead` of them wait. Gives the sketches of what was added, batch by batch.
    """
    progress.stage("reading", None, "articles")
    waiting: deque[Future[Sketches]] = deque()
    done: list[Sketches] = []
    sketch = partial(sketch_texts, settings=settings)
    for batch in batches:
        corpus.add(batch)
        waiting.append(pool.submit(sketch, batch.texts))
        progress.advance(len(batch.ids))
        if len(waiting) > ahead:
            done.append(waiting.popleft().result())
    done.extend(future.result() for future in waiting)
    return done


def nothing_read(rejects: Rejects) -> str:
    """Why there is nothing to scan, for people."""
    if not len(rejects):
        return "the input holds no article: it is empty."
    first = rejects.entries[0]
    more = f" and {len(rejects) - 1} more like it" if len(rejects) > 1 else ""
    return (
        f"nothing could be read. {first.file}, byte {first.offset}: {first.reason} "
        f"({first.detail}){more}."
    )
