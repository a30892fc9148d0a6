"""Keys of articles in plain Python: the specification of share.h, join.h and their like.

Takes keys, in columns or as records (key, article), and lists of boilerplate; gives holders of
keys, pairs of articles, and marks. Rules: docs/method.md, steps 3 and 4.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

MASK = (1 << 64) - 1
#: Counts of hits, by the highest 12 bits of the key.
HIT_PARTS = 4096


def keys_of(block: Any) -> Iterator[tuple[int, int]]:
    """All (key, article) of a tuple (keys, hidden, begins, ends, articles)."""
    if not isinstance(block, tuple) or len(block) != 5:
        raise ValueError("keys must be a tuple (keys, hidden, begins, ends, articles)")
    keys, hidden, begins, ends, articles = block
    keys, articles = np.asarray(keys).tolist(), articles.tolist()
    if hidden is not None and len(hidden) != len(keys):
        raise ValueError("each key must be hidden or not")
    if not len(begins) == len(ends) == len(articles):
        raise ValueError("columns of keys must have one length")
    bounds = list(zip(begins.tolist(), ends.tolist(), strict=True))
    if any(not 0 <= begin <= end <= len(keys) for begin, end in bounds):
        raise ValueError("an article's keys reach beyond the data")
    for article, (begin, end) in zip(articles, bounds, strict=True):
        for n in range(begin, end):
            if hidden is None or not hidden[n]:
                yield keys[n], article


def slot_of(key: int, table: Any) -> tuple[int, int]:
    """The byte of a table and the shift of the two bits in it that belong to a key."""
    if not len(table):
        raise ValueError("a table must have one byte at least")
    slot = key * 4 * len(table) >> 64
    return slot >> 2, 2 * (slot & 3)


def note_keys(block: Any, table: Any, hits: Any) -> tuple[()]:
    """Set the first bit of each key's slot, the second when the first is set; count the latter."""
    if len(hits) != HIT_PARTS:
        raise ValueError("there must be 4096 counts of hits")
    found = list(keys_of(block))
    slot_of(0, table)
    for key, _ in found:
        place, shift = slot_of(key, table)
        if int(table[place]) >> shift & 1:
            table[place] |= 2 << shift
            hits[key >> 52] += np.uint64(1)
        table[place] |= 1 << shift
    return ()


def pick_keys(block: Any, table: Any, low: int, high: int) -> tuple[Any, ...]:
    """The records from `low` to `high` whose slot has the second bit."""
    found = list(keys_of(block))
    slot_of(0, table)
    records = []
    for key, article in found:
        place, shift = slot_of(key, table)
        if low <= key <= high and int(table[place]) >> shift & 2:
            records.append((key, article))
    return (
        np.array([key for key, _ in records], np.uint64),
        np.array([article for _, article in records], np.uint32),
    )


def records_of(records: Any, most: int) -> Iterator[tuple[int, int]]:
    """All (key, article) of a list of records or of columns of keys."""
    if not isinstance(records, list):
        raise ValueError("records must be a list")
    if len({isinstance(one, tuple) and len(one) == 5 for one in records}) > 1:
        raise ValueError("records must be of one kind")
    for one in records:
        if isinstance(one, tuple) and len(one) == 5:
            found = list(keys_of(one))
            named = one[4].tolist()
        elif isinstance(one, tuple) and len(one) == 2:
            keys, articles = (np.asarray(values).tolist() for values in one)
            if len(keys) != len(articles):
                raise ValueError("records must have one length")
            found, named = list(zip(keys, articles, strict=True)), articles
        else:
            raise ValueError("records must be tuples (keys, articles)")
        if any(article >= most for article in named):
            raise ValueError("a record names an article that is not there")
        yield from found


def shared(records: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """The articles that hold each key that two at least hold; both rise."""
    found: dict[int, set[int]] = defaultdict(set)
    for key, article in records:
        found[key].add(article)
    return {key: sorted(found[key]) for key in sorted(found) if len(found[key]) > 1}


def holders(records: Any) -> tuple[Any, ...]:
    """Keys that several articles hold, and who holds them."""
    return columns_of(shared(records_of(records, 1 << 32)))


def columns_of(found: dict[int, list[int]]) -> tuple[Any, ...]:
    """Keys, offsets and articles."""
    return (
        np.array(list(found), np.uint64),
        np.cumsum([0, *map(len, found.values())]).astype(np.int64),
        np.array([article for who in found.values() for article in who], np.uint32),
    )


def held_by(offsets: Any, articles: Any, most: int) -> list[list[int]]:
    """The holders of each key."""
    bounds = np.asarray(offsets).tolist()
    if not bounds:
        raise ValueError("offsets must have one value at least")
    if any(begin > end for begin, end in itertools.pairwise([0, *bounds])):
        raise ValueError("offsets must rise from 0")
    if bounds[-1] > len(articles):
        raise ValueError("offsets reach beyond the data")
    who = [np.asarray(articles[b:e]).tolist() for b, e in itertools.pairwise(bounds)]
    if any(len(one) < 2 for one in who):
        raise ValueError("a key needs two holders")
    if any(article >= most for article in np.asarray(articles).tolist()):
        raise ValueError("a holder is not there")
    return who


def groups(records: Any, size: int, read_cap: int) -> tuple[Any, ...]:
    """Groups of holders as `pairs` takes them; `size` is the number of articles."""
    return grouped(list(shared(records_of(records, size)).values()), size, read_cap)


def group_holders(offsets: Any, articles: Any, size: int, read_cap: int) -> tuple[Any, ...]:
    """The same from holders that are known."""
    return grouped(held_by(offsets, articles, size), size, read_cap)


def grouped(found: list[list[int]], size: int, read_cap: int) -> tuple[Any, ...]:
    """Of each group how many are listed, its weight, and the oldest; then who is in which."""
    stored: list[int] = []
    newer: list[tuple[int, int]] = []
    for who in found:
        newer += [(article, len(stored)) for article in who[1:]]
        listed = who[:read_cap]
        stored += [len(listed), (size // len(who)).bit_length() ** 2, *listed]
    newer.sort()
    return (
        np.array(stored, np.uint32),
        np.array([article for article, _ in newer], np.uint32),
        np.array([head for _, head in newer], np.uint32),
        sum(len(who) > read_cap for who in found),
    )


def pairs(parts: Any, begin: int, end: int, max_candidates: int, depth: int) -> tuple[Any, ...]:
    """Pairs (older, newer) of the newer articles begin .. end, best first as in join.h."""
    if not isinstance(parts, list):
        raise ValueError("groups must be a list")
    scores: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for part in parts:
        if not isinstance(part, tuple) or len(part) != 3:
            raise ValueError("groups must be tuples (stored, newer, heads)")
        stored, newer, heads = (np.asarray(one).tolist() for one in part)
        if len(newer) != len(heads):
            raise ValueError("each holder must name a group")
        for place, (article, head) in enumerate(zip(newer, heads, strict=True)):
            if head + 2 > len(stored) or stored[head] > len(stored) - head - 2:
                raise ValueError("a group reaches beyond the data")
            if not begin <= article < end or (place and article < newer[place - 1]):
                raise ValueError("holders must rise within the range of articles")
            for older in stored[head + 2 : head + 2 + stored[head]]:
                if older < article:
                    scores[article][older] += stored[head + 1]
    rows = []
    for article in sorted(scores):
        met = scores[article]
        oldest, others = sorted(met)[:depth], sorted(met)[depth:]
        others.sort(key=lambda older: (-met[older], older))
        del others[max(max_candidates - len(oldest), 0) :]
        rows += [(older, article, True) for older in oldest + sorted(others[:depth])]
        rows += [(older, article, False) for older in sorted(others[depth:])]
    return (
        np.array([older for older, _, _ in rows], np.uint32),
        np.array([article for _, article, _ in rows], np.uint32),
        np.array([first for _, _, first in rows], np.uint8),
        sum(len(partners) > max(max_candidates, depth) for partners in scores.values()),
    )


def band_keys(
    signatures: Any, slots: int, which: Any, first: int, bands: int, rows: int
) -> tuple[Any, ...]:
    """Keys of some bands of some signatures, and which of the signatures are not empty."""
    if slots == 0 or (first + bands) * rows > slots:
        raise ValueError("bands reach beyond the signature")
    values = np.asarray(signatures).reshape(-1, slots)
    if any(not 0 <= n < len(values) for n in which.tolist()):
        raise ValueError("a signature is not there")
    keys = []
    for n in which.tolist():
        signature = values[n].tolist()
        for band in range(first, first + bands):
            key = (band + 1) * 0x9E3779B97F4A7C15 & MASK
            for value in signature[band * rows : (band + 1) * rows]:
                key = (key ^ value) * 0xBF58476D1CE4E5B9 & MASK
                key ^= key >> 32
            keys.append(key)
    signed = [bool(values[n].any()) for n in which.tolist()]
    return np.array(keys, np.uint64), np.array(signed, np.uint8)


def band_groups(
    signatures: Any,
    slots: int,
    rows: Any,
    first: int,
    bands: int,
    height: int,
    read_cap: int,
    _: int,
) -> tuple[Any, ...]:
    """Groups as `pairs` takes them of the articles that share a band, band after band.

    Article a has row rows[a] of the signatures, and no band where that is negative. The last
    argument says how many bits of a key a record holds in the other backend.
    """
    who = np.flatnonzero(rows >= 0)
    keys, signed = band_keys(signatures, slots, rows[who], first, bands, height)
    found: list[list[int]] = []
    for column in keys.reshape(len(who), bands).T.tolist():
        records = zip(column, who.tolist(), strict=True)
        found += shared(itertools.compress(records, signed.tolist())).values()
    return grouped(found, len(rows), read_cap)


def lists_of(flags: Any, bounds: Any) -> list[set[int]]:
    """Lists of boilerplate: list 0 holds for every text, the others for those that name them."""
    ends = np.asarray(bounds).tolist()
    if not ends:
        raise ValueError("offsets must have one value at least")
    if any(begin > end for begin, end in itertools.pairwise([0, *ends])):
        raise ValueError("offsets must rise from 0")
    if ends[-1] > len(flags):
        raise ValueError("offsets reach beyond the data")
    return [set(np.asarray(flags[b:e]).tolist()) for b, e in itertools.pairwise(ends)]


def mark(
    hashes: Any, positions: Any, offsets: Any, tokens: Any, lists: Any, flags: Any, bounds: Any,
    values: Any, words: int, window: int,
) -> tuple[Any, ...]:  # fmt: skip
    """Which fingerprints are boilerplate; which articles list 0 spares; holders of each value."""
    starts = offsets.tolist()
    if not starts:
        raise ValueError("offsets must have one value at least")
    if any(begin > end for begin, end in itertools.pairwise([0, *starts])):
        raise ValueError("offsets must rise from 0")
    if starts[-1] > min(len(hashes), len(positions)):
        raise ValueError("offsets reach beyond the data")
    known = lists_of(flags, bounds)
    if not len(tokens) == len(lists) == len(starts) - 1:
        raise ValueError("columns of articles must have one length")
    if any(n >= len(known) for n in lists.tolist()):
        raise ValueError("a text names a list that is not there")
    if not set(np.asarray(flags).tolist()) <= set(values.tolist()):
        raise ValueError("what the lists hold must be among the values")
    marks, spared = [False] * len(hashes), []
    counts: dict[int, int] = defaultdict(int)
    for article, (begin, end) in enumerate(itertools.pairwise(starts)):
        own = hashes[begin:end].tolist()
        common = [n for n, value in enumerate(own) if value in known[0]]
        places = [int(positions[begin + n]) for n in common]
        steps = [after - before for before, after in itertools.pairwise(places)]
        covered = sum(step if step <= 2 * window else words for step in steps)
        covered += words if common else 0
        spared.append(2 * (covered + 2 * window) >= tokens[article])
        held = known[lists[article]] if lists[article] else set()
        found = {value for value in own if value in held}
        if not spared[-1]:
            found |= {own[n] for n in common}
        marks[begin:end] = [value in found for value in own]
        for value in found:
            counts[value] += 1
    return (
        np.array(marks, np.uint8),
        np.array(spared, np.uint8),
        np.array([counts[value] for value in values.tolist()], np.uint32),
    )


def leave_marked(
    keys: Any, offsets: Any, articles: Any, flags: Any, bounds: Any, lists: Any, spared: Any
) -> tuple[Any, ...]:
    """Holders without those for whom the key is boilerplate; keys that two at least have left."""
    who = held_by(offsets, articles, len(lists))
    known = lists_of(flags, bounds)
    if len(keys) != len(who):
        raise ValueError("each fingerprint needs its holders")
    if len(spared) != len(lists):
        raise ValueError("columns of articles must have one length")
    if any(n >= len(known) for n in lists.tolist()):
        raise ValueError("a text names a list that is not there")
    left = {}
    for key, mine in zip(np.asarray(keys).tolist(), who, strict=True):
        others = [
            article
            for article in mine
            if not (key in known[0] and not spared[article])
            and not (lists[article] and key in known[lists[article]])
        ]
        if len(others) > 1:
            left[key] = others
    return columns_of(left)
