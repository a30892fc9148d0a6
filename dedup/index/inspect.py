"""What is in an index, and whether all of it fits together.

Takes an open store; gives faults, counts and rows for people. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dedup.core import I64, U64
from dedup.errors import IndexDamaged
from dedup.index.format import FORMAT, KEY_BITS
from dedup.index.merge import FindKeys, find_damaged
from dedup.index.segments import Segment
from dedup.index.store import Store, open_listed

#: Keys of a segment that are read at a time: a part of their space.
_PARTS = 64


def find_faults(
    store: Store, find_keys: FindKeys, find_digests: Callable[[Sequence[bytes]], list[bytes]]
) -> list[str]:
    """Compare everything with everything; gives what is wrong.

    The file of the catalogue; every block of every segment; each text with the digest of its
    words; and the postings of each article with the keys its text has.

    Args:
        store: Open.
        find_keys: Gives the keys of stored articles.
        find_digests: Gives the digests of some texts.
    """
    catalogue = store.catalogue
    faults = [f"{catalogue.path}: {text}" for text in catalogue.faults()]
    if faults:
        return faults
    damaged = find_damaged(store)
    faults += damaged.values()
    with catalogue.reading():
        counts, sums = _postings(store, set(damaged))
        gone = set(catalogue.gone())
        for page in catalogue.pages():
            texts = catalogue.texts(row.ordinal for row in page)
            digests = find_digests(list(texts.values()))
            right = dict(zip(texts, digests, strict=True))
            keys = find_keys([row for row in page if row.posted])
            for row in page:
                if right.get(row.ordinal, row.digest) != row.digest:
                    faults.append(
                        f"{catalogue.path}, article {row.id!r}: its text has other words than the "
                        "digest says."
                    )
            for row, own in zip((row for row in page if row.posted), keys, strict=True):
                found = counts.pop(row.ordinal, 0), sums.pop(row.ordinal, 0)
                wanted = len(own), int(own.sum(dtype=np.uint64)) if len(own) else 0
                if found != wanted and not damaged:
                    faults.append(
                        f"{store.folder}, article {row.id!r}: {found[0]} postings, where its text "
                        f"has {wanted[0]} keys, or other ones."
                    )
    faults += [
        f"{store.folder}: postings of article number {n}, which is not in the catalogue."
        for n in sorted(set(counts) - gone)
    ]
    return faults


def _postings(store: Store, without: set[Any]) -> tuple[dict[int, int], dict[int, int]]:
    """Of each article that has postings their number, and the sum of their keys modulo 2^64."""
    counts: dict[int, int] = {}
    sums: dict[int, int] = {}

    def book(articles: I64, number: I64, total: U64) -> None:
        for a, n, t in zip(articles.tolist(), number.tolist(), total.tolist(), strict=True):
            counts[a] = counts.get(a, 0) + n
            sums[a] = (sums.get(a, 0) + t) % 2**64

    for listed in store.catalogue.segments():
        if listed in without:
            continue
        segment = open_listed(store.folder, listed, store.stamp)
        holders = segment.table.articles
        number, total = np.zeros(len(holders), np.int64), np.zeros(len(holders), np.uint64)
        for keys, articles in _parts(segment):
            places = np.searchsorted(holders, articles)
            number += np.bincount(places, minlength=len(holders))
            np.add.at(total, places, keys)
        book(holders.astype(np.int64), number, total)
    for one in store.catalogue.pending():
        book(
            np.array([one.ordinal]), np.array([len(one.keys)]),
            one.keys.sum(dtype=np.uint64, keepdims=True),
        )  # fmt: skip
    return counts, sums


def _parts(segment: Segment) -> Iterator[tuple[U64, Any]]:
    """All postings, a part of the keys' space at a time."""
    edges = [(n << KEY_BITS) // _PARTS for n in range(_PARTS)]
    for low, high in zip(edges, [*edges[1:], None], strict=True):
        yield segment.between(low, high)


def count_all(store: Store) -> dict[str, Any]:
    """Counts and sizes; in a transaction, after `refresh`."""
    catalogue, segments = store.catalogue, list(store.segments)
    kinds: dict[str, int] = {}
    for _, _, kind, _ in catalogue.relations():
        kinds[kind] = kinds.get(kind, 0) + 1
    articles, posted, dated, first, last = catalogue.tally()
    return {
        "format": FORMAT,
        "articles": articles,
        "identical": articles - posted,
        "dated": dated,
        "first_date": first,
        "last_date": last,
        "relations": dict(sorted(kinds.items())),
        "segments": len(segments),
        "postings": sum(one.postings for one in segments),
        "unflushed": catalogue.num_pending(),
        "removed_with_postings": len(store.gone),
        "catalogue_bytes": sum(file.stat().st_size for file in store.folder.glob("catalogue.db*")),
        "segment_bytes": sum(one.size for one in segments),
    }


def list_articles(store: Store, *, texts: bool) -> Iterator[dict[str, Any]]:
    """Every article as a JSON object that a reader understands again; in a transaction."""
    for page in store.catalogue.pages():
        bodies = store.catalogue.texts(row.ordinal for row in page) if texts else {}
        for row in page:
            out: dict[str, Any] = {
                "id": row.id, "date": row.date, "site": row.site, "url": row.url,
                "words": row.words, "digest": row.digest.hex(), "posted": bool(row.posted),
            }  # fmt: skip
            if texts:
                text = bodies.get(row.ordinal)
                out["text"] = None if text is None else text.decode("utf-8", "surrogatepass")
            yield out


def list_segment(store: Store, name: str) -> Iterator[dict[str, Any]]:
    """A segment: its header, then its postings in order.

    Raises:
        IndexDamaged: It is not listed, or has changed.
    """
    listed = next((one for one in store.catalogue.segments() if one.name == name), None)
    if listed is None:
        raise IndexDamaged(f"{store.folder} lists no segment {name}.")
    segment = open_listed(store.folder, listed, store.stamp)
    header = segment.header._asdict()
    yield {**header, "stamp": segment.header.stamp.hex(), "blocks": segment.header.blocks}
    for keys, articles in _parts(segment):
        for key, article in zip(keys.tolist(), articles.tolist(), strict=True):
            yield {"key": f"{key:012x}", "article": article}
