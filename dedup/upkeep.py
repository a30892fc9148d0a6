"""What keeps an index small and true: removing, expiring, forgetting, making again.

Takes an open store; each function has its own transactions. Removing costs what is removed: rows
and relations go at once, postings when their segment is written next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from dedup.core import U64
from dedup.grouping import edges_of, group_faults, regroup, settle_copies
from dedup.index import (
    Catalogue,
    FindKeys,
    Row,
    Store,
    find_faults,
    flush_recent,
    make_again,
    merge_segments,
)
from dedup.learning import learn_anew
from dedup.lookup import How, ask, keys_of, text_of
from dedup.sketch import sketch_texts

#: Articles that go in one transaction.
_BATCH = 500


def remove_ids(store: Store, ids: Sequence[str], how: How) -> list[int]:
    """Take articles out; gives the numbers of those that were there."""
    out: list[int] = []
    for begin in range(0, len(ids), _BATCH):
        with store.catalogue.writing():
            rows = [
                store.catalogue.by_id(id_) for id_ in dict.fromkeys(ids[begin : begin + _BATCH])
            ]
            out += take_out(store, [row for row in rows if row is not None], how)
    merge_segments(store)
    return out


def expire_before(store: Store, before: int, how: How) -> int:
    """Take out the articles with an earlier date; gives how many there were."""
    count = 0
    while True:
        with store.catalogue.writing():
            page = store.catalogue.before(before, _BATCH)
            count += len(take_out(store, page, how))
        if not page:
            merge_segments(store)
            return count


def forget_ids(store: Store, ids: Sequence[str], how: How) -> int:
    """Take articles out so that no byte of them is left in the folder; gives how many."""
    gone = remove_ids(store, ids, how)
    if store.catalogue.boilerplate():
        # What was learned quotes articles: perhaps one of these.
        learn_anew(store, how)
    merge_segments(store, purge=gone)
    store.catalogue.rewrite()
    return len(gone)


def flush_and_merge(store: Store, *, everything: bool = False) -> None:
    """Write what is in no segment yet, when that is much or when all is wanted; then merge."""
    if flush_recent(store, 1) if everything else flush_recent(store):
        merge_segments(store)
    if everything:
        merge_segments(store, everything=True)


def repair(store: Store, how: How) -> list[str]:
    """Make damaged segments again; gives what was wrong with them."""
    return list(make_again(store, _key_finder(store, how)).values())


def verify_all(store: Store, how: How) -> list[str]:
    """Compare everything with everything; gives what is wrong, nothing when all is well."""

    def find_digests(texts: Sequence[bytes]) -> list[bytes]:
        return ask(texts, [None] * len(texts), how).digests

    faults = find_faults(store, _key_finder(store, how), find_digests)
    if not faults:
        with store.catalogue.reading():
            faults = group_faults(store.catalogue)
    return faults


def take_out(store: Store, rows: Sequence[Row], how: How) -> list[int]:
    """Rows go; where they stood for others with their words, the oldest of those does now.

    In a transaction of the caller; gives the numbers of what has gone.
    """
    catalogue = store.catalogue
    ends = _ends(catalogue, rows)
    catalogue.remove(rows)
    find_keys = _key_finder(store, how)
    for row in rows:
        heir = catalogue.oldest_by_digest(row.digest) if row.posted and row.words else None
        if heir is None or heir.posted:
            catalogue.drop_relations(row.ordinal)
        else:
            (keys,) = find_keys([heir])
            catalogue.post(heir, keys)
            catalogue.move_relations(row.ordinal, heir.ordinal)
            # It is masked as before until boilerplate is learned again.
            site = catalogue.standing(row.ordinal)
            site = row.site if site is None else site
            if site != heir.site:
                catalogue.stand(heir.ordinal, site)
            ends.touched.add(heir.ordinal)
        if row.posted:
            catalogue.stand(row.ordinal, None)
    moved = settle_copies(catalogue, ends.digests)
    regroup(catalogue, ends.touched, moved, ends.thinned)
    return [row.ordinal for row in rows]


class _Ends(NamedTuple):
    """What removing some articles touches."""

    #: Articles whose star may change, and those that go.
    touched: set[int]
    #: Articles that lose a copy, or a near-duplicate that was no keeper.
    thinned: set[int]
    #: Words whose oldest article may be another one then.
    digests: set[bytes]


def _ends(catalogue: Catalogue, rows: Sequence[Row]) -> _Ends:
    out = _Ends(set(), set(), set())
    for row in rows:
        posted = row if row.posted or not row.words else catalogue.by_digest(row.digest)
        node = catalogue.node(posted.ordinal) if posted else None
        if posted is None or node is None:
            continue
        if row.posted:
            out.touched.add(row.ordinal)
            lost = out.touched if node.keeper == row.ordinal else out.thinned
            lost.update(edges_of(catalogue, row.ordinal, "near-duplicate"))
        else:
            out.thinned.add(posted.ordinal)
        if row.posted or node.oldest == row.ordinal:
            out.digests.add(row.digest)
    return out


def _key_finder(store: Store, how: How) -> FindKeys:
    """Gives keys of stored articles: from their texts, or those that are kept instead."""

    def find_keys(rows: Sequence[Row]) -> list[U64]:
        ordinals = [row.ordinal for row in rows]
        kept = store.catalogue.kept_keys(ordinals)
        texts = store.catalogue.texts(n for n in ordinals if n not in kept)
        missing = [row for row in rows if row.ordinal not in kept]
        found = [text_of(row, texts.get(row.ordinal), how) or b"" for row in missing]
        made = keys_of(sketch_texts(found, how.settings), how)
        kept |= {row.ordinal: keys for row, keys in zip(missing, made, strict=True)}
        return [kept[n] for n in ordinals]

    return find_keys
