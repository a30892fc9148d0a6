"""What keeps an index small and true: removing, expiring, forgetting, making again.

Takes an open store; each function has its own transactions. Removing costs what is removed: rows
and relations go at once, postings when their segment is written next.
"""

from __future__ import annotations

from collections.abc import Sequence

from dedup.core import U64
from dedup.index import FindKeys, Row, Store, find_faults, flush_recent, make_again, merge_segments
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
            out += _remove(store, [row for row in rows if row is not None], how)
    merge_segments(store)
    return out


def expire_before(store: Store, before: int, how: How) -> int:
    """Take out the articles with an earlier date; gives how many there were."""
    count = 0
    while True:
        with store.catalogue.writing():
            page = store.catalogue.before(before, _BATCH)
            count += len(_remove(store, page, how))
        if not page:
            merge_segments(store)
            return count


def forget_ids(store: Store, ids: Sequence[str], how: How) -> int:
    """Take articles out so that no byte of them is left in the folder; gives how many."""
    gone = remove_ids(store, ids, how)
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
    return find_faults(store, _key_finder(store, how), lambda texts: ask(
        texts, [None] * len(texts), how
    ).digests)  # fmt: skip


def _remove(store: Store, rows: Sequence[Row], how: How) -> list[int]:
    """Rows go; where they stood for others with their words, the oldest of those does now."""
    store.catalogue.remove(rows)
    find_keys = _key_finder(store, how)
    for row in rows:
        heir = store.catalogue.oldest_by_digest(row.digest) if row.posted else None
        if heir is None or heir.posted:
            store.catalogue.drop_relations(row.ordinal)
        else:
            (keys,) = find_keys([heir])
            store.catalogue.post(heir, keys)
            store.catalogue.move_relations(row.ordinal, heir.ordinal)
    return [row.ordinal for row in rows]


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
