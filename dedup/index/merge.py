"""From the catalogue to segments, and from many segments to few.

Takes an open store; writes segments and changes their list. A segment is written and synced
before a transaction lists it, and removed after one has dropped it: what a crash leaves is a file
that nobody lists, which the next one deletes. One process at a time works here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from dedup.core import U32, U64
from dedup.errors import IndexDamaged, IndexMismatch
from dedup.index.catalogue import Listed, Row
from dedup.index.format import KEY_BITS
from dedup.index.place import work_lock
from dedup.index.segments import Segment, write_segment
from dedup.index.store import Store, open_listed

#: Articles whose keys are held in memory, by each process, before they become a segment.
FLUSH_ARTICLES = 4096
#: Segments of about one size that are merged into one.
FAN_IN = 8
#: Postings of a segment from which it is merged with no others (about 1 GB).
MOST_POSTINGS = 160_000_000
#: Share of removed articles from which a segment is written without them.
MOST_GONE = 0.25
#: Postings merged at a time.
_SLICE = 1 << 20

#: Gives the keys of some articles.
FindKeys = Callable[[Sequence[Row]], list[U64]]


def flush_recent(store: Store, least: int = FLUSH_ARTICLES) -> bool:
    """Put the keys of recent articles into a segment when there are `least` of them.

    Gives whether it did. Does nothing while another process works on segments.
    """
    with work_lock(store.folder, wait=False) as is_mine:
        if not is_mine:
            return False
        _delete_unlisted(store)
        with store.catalogue.reading():
            mark = store.catalogue.mark()
            rows = store.catalogue.pending() if store.catalogue.num_pending() >= least else []
        if not rows:
            return False
        keys = np.concatenate([one.keys for one in rows])
        articles = np.repeat(
            np.array([one.ordinal for one in rows], np.uint32), [len(one.keys) for one in rows]
        )
        some = _in_order(keys, articles)
        new = [_write(store, mark.generation, 0, some)] if len(keys) else []
        with store.catalogue.writing():
            store.catalogue.swap([], new)
            store.catalogue.flushed(rows)
    return True


def merge_segments(store: Store, *, everything: bool = False, purge: Collection[int] = ()) -> bool:
    """Merge segments of one size, and write those anew that hold many removed articles.

    Args:
        store: Open.
        everything: All segments into one, without any removed article; waits for whoever
            works on segments, as with `purge`.
        purge: Removed articles of which no posting may stay.

    Returns:
        Whether anything was done.
    """
    done = False
    wanted = np.array(sorted(purge), np.uint32)
    with work_lock(store.folder, wait=everything or bool(purge)) as is_mine:
        while is_mine:
            with store.catalogue.reading():
                store.refresh()
                mark, gone = store.catalogue.mark(), store.gone
                segments = dict(store.segments)
            chosen = list(segments) if everything and not done else _choose(segments, gone, wanted)
            if not chosen:
                break
            parts = [segments[listed] for listed in chosen]
            held = np.concatenate([part.table.articles for part in parts])
            purged = held[np.isin(held, gone)].tolist()
            left = len(held) - len(purged)
            merged = _merged(parts, gone)
            new = [_write(store, mark.generation, 0, merged)] if left else []
            with store.catalogue.writing():
                store.catalogue.swap([listed.name for listed in chosen], new)
                store.catalogue.purged(purged)
            for listed in chosen:
                (store.folder / listed.name).unlink(missing_ok=True)
            done = True
    return done


def find_damaged(store: Store) -> dict[Listed, str]:
    """Read every segment to its end: those that are no good, with what is wrong."""
    with store.catalogue.reading():
        listed = store.catalogue.segments()
    damaged = {}
    for one in listed:
        try:
            open_listed(store.folder, one, store.stamp).check()
        except (IndexDamaged, IndexMismatch) as error:
            damaged[one] = str(error)
    return damaged


def make_again(store: Store, find_keys: FindKeys) -> dict[Listed, str]:
    """Make damaged segments again from the catalogue; gives what was wrong with them."""
    with work_lock(store.folder, wait=True):
        damaged = find_damaged(store)
        if not damaged:
            return {}
        with store.catalogue.reading():
            mark = store.catalogue.mark()
            whole = [one for one in store.catalogue.segments() if one not in damaged]
            known = {one.ordinal for one in store.catalogue.pending()}
            for one in whole:
                known |= set(open_listed(store.folder, one, store.stamp).table.articles.tolist())
            new = [
                _write(store, mark.generation, n, _in_order(*columns))
                for n, columns in enumerate(_lost(store, known, find_keys))
            ]
        with store.catalogue.writing():
            store.catalogue.swap([one.name for one in damaged], new)
        for one in damaged:
            (store.folder / one.name).unlink(missing_ok=True)
    store.forget()
    return damaged


def _lost(store: Store, known: set[int], find_keys: FindKeys) -> Iterator[tuple[U64, U32]]:
    """Keys and articles that stand in no whole segment, as many at a time as make a segment."""
    waiting: list[tuple[U64, U32]] = []
    num_articles = 0
    for page in store.catalogue.pages("posted = 1"):
        rows = [row for row in page if row.ordinal not in known]
        for row, keys in zip(rows, find_keys(rows), strict=True):
            if len(keys):
                waiting.append((keys, np.full(len(keys), row.ordinal, np.uint32)))
                num_articles += 1
        if num_articles >= FAN_IN * FLUSH_ARTICLES:
            yield _joined(waiting)
            waiting, num_articles = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(parts: Sequence[tuple[U64, U32]]) -> tuple[U64, U32]:
    keys, articles = zip(*parts, strict=True)
    return np.concatenate(keys), np.concatenate(articles)


def _in_order(keys: U64, articles: U32) -> Iterator[tuple[U64, U32]]:
    order = np.lexsort((articles, keys))
    yield keys[order], articles[order]


def _write(store: Store, generation: int, number: int, parts: Iterator[tuple[U64, U32]]) -> Listed:
    """Write a segment under a name that was never used."""
    name = f"segment-{generation + 1:08d}-{number:03d}"
    write_segment(store.folder / name, parts, store.stamp)
    header = Segment(store.folder / name, store.stamp).header
    return Listed(name, header.articles, header.postings, header.size, f"{header.checksum:016x}")


def _merged(segments: Sequence[Segment], gone: U32) -> Iterator[tuple[U64, U32]]:
    """All postings of articles that are there, in order, slice by slice of the keys."""
    slices = 1 + sum(segment.header.postings for segment in segments) // _SLICE
    edges = [(n << KEY_BITS) // slices for n in range(slices)]
    for low, high in zip(edges, chain(edges[1:], [None]), strict=True):
        keys, articles = _joined([segment.between(low, high) for segment in segments])
        if len(gone):
            alive = ~np.isin(articles, gone)
            keys, articles = keys[alive], articles[alive]
        yield from _in_order(keys, articles)


def _choose(segments: dict[Listed, Segment], gone: U32, purge: U32) -> list[Listed]:
    """Which segments to merge next; none when all is well."""
    for listed, segment in segments.items():
        articles = segment.table.articles
        if np.isin(purge, articles).any() or (
            np.isin(gone, articles).sum() > MOST_GONE * listed.articles
        ):
            return [listed]
    tiers: dict[int, list[Listed]] = defaultdict(list)
    for listed in segments:
        if listed.postings <= MOST_POSTINGS // FAN_IN:
            tier = 0
            while listed.articles >= FLUSH_ARTICLES * FAN_IN ** (tier + 1):
                tier += 1
            tiers[tier].append(listed)
    return next((tier[:FAN_IN] for tier in tiers.values() if len(tier) >= FAN_IN), [])


def _delete_unlisted(store: Store) -> None:
    """Delete what a crash has left: files that are not listed."""
    with store.catalogue.reading():
        listed = {one.name for one in store.catalogue.segments()}
    for file in store.folder.glob("segment-*"):
        if file.name not in listed:
            Path(file).unlink(missing_ok=True)
