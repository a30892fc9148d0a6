"""Put records together into batches.

In: records one by one, batches among them. Out: batches, in the same order. What a batch is
stands in `records`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dedup.records import Batch, Record

#: Articles and bytes from which a batch is full; speed only.
BATCH_ARTICLES, BATCH_BYTES = 2000, 1 << 20


def gather(found: Iterable[Record | Batch]) -> Iterator[Batch]:
    """Batches of at least one article; those that come as batches stay what they are."""
    waiting: list[Record] = []
    size = 0
    for item in found:
        if isinstance(item, Batch):
            if waiting:
                yield Batch.of(waiting)
                waiting, size = [], 0
            yield item
            continue
        waiting.append(item)
        size += len(item.text) + len(item.line)
        if len(waiting) >= BATCH_ARTICLES or size >= BATCH_BYTES:
            yield Batch.of(waiting)
            waiting, size = [], 0
    if waiting:
        yield Batch.of(waiting)
