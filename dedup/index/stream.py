"""Sketches of a stream → candidates among the articles that came before.

Takes batches of sketches in the order of arrival; gives for each article the earlier ones that
share a key, best first, and remembers its keys. The answer for an article depends on the articles
before it alone, never on how the stream was cut into batches. Whether a candidate is a copy, and
whose text is still there, is left to others. Bounds as in the join of a corpus
(docs/method.md, step 4); memory: docs/choices/0020-filter-memory.md.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core import I64, U32, U64, Sketches
from dedup.index.keys import Flagged, find_keys, flat_keys
from dedup.settings import Settings

Shares = npt.NDArray[np.float64]


class Met(NamedTuple):
    """Candidates of a batch, by number in the stream; of each newer article best first."""

    older: I64
    newer: I64
    #: Share of the newer one's fingerprints that the older one has, as far as they were read;
    #: 1 where they share a band or all their words.
    shared: Shares


class _Segment(NamedTuple):
    """Postings of consecutive articles: 12 bytes each, sorted by key, then by holder."""

    keys: U64
    holders: U32


class StreamIndex:
    """Which of the articles before share a key; articles are numbered from 0 as they come."""

    def __init__(
        self, settings: Settings, remember: int | None = None, *, identical_only: bool = False
    ) -> None:
        """Begin with nothing.

        Args:
            settings: For keys and bounds.
            remember: How many articles back an article is compared, None for all.
            identical_only: Candidates are those with the same words, and need no other keys.
        """
        self._identical_only = identical_only
        self._settings = settings
        self._reach = remember if remember is not None else 1 << 62
        #: Oldest first; each at least twice as long as the next one, but for the last two.
        self._segments: list[_Segment] = []
        self._next = 0
        #: Nothing older is held; it moves on each quarter of the reach.
        self._tidied = 0

    @property
    def num_postings(self) -> int:
        """Keys that are held, each with a holder."""
        return sum(len(segment.keys) for segment in self._segments)

    def meet(self, sketches: Sketches, boilerplate: Flagged | None = None) -> Met:
        """The candidates of the next articles, each among all before it; then they are known too.

        An article with the words of an earlier one that is remembered is looked up, and leaves no
        keys: the earlier one stands for it, as in a corpus. One without words meets nobody.

        Args:
            sketches: Of the next articles of the stream.
            boilerplate: bool, which of their fingerprints do not count.
        """
        count = len(sketches.tokens)
        numbers = self._next + np.arange(count, dtype=np.int64)
        self._next += count
        found = find_keys(sketches, np.arange(count), self._settings, boilerplate)
        keys, offsets, prints = flat_keys(found)
        if self._identical_only:
            keys, offsets = keys[:0], np.zeros_like(offsets)
        worded = sketches.tokens > 0
        digests = sketches.digests[:, 0]
        owners = np.repeat(np.arange(count), np.diff(offsets))
        is_print = np.arange(len(keys)) - offsets[owners] < prints[owners]
        shares = np.where(is_print, 1 / np.maximum(prints, 1)[owners], 1.0)
        keys = np.concatenate([keys, digests[worded]])
        holders = np.concatenate([numbers[owners], numbers[worded]])
        shares = np.concatenate([shares, np.ones(int(worded.sum()))])
        order = np.lexsort((holders, keys))
        keys, holders, shares = keys[order], holders[order], shares[order]
        fresh = np.ones(len(keys), np.bool_)
        fresh[1:] = (keys[1:] != keys[:-1]) | (holders[1:] != holders[:-1])
        keys, holders, shares = keys[fresh], holders[fresh], shares[fresh]
        stays = self._first_of_their_words(digests, worded, numbers)
        known = stays[holders - numbers[0]] if count else np.zeros(0, np.bool_)
        self._segments.append(_Segment(keys[known], holders[known].astype(np.uint32)))
        met = self._look_up(keys, holders, shares)
        self._tidy()
        return met

    def _first_of_their_words(self, digests: U64, worded: Flagged, numbers: I64) -> Flagged:
        """Which of the next articles have words that no remembered article has."""
        latest = np.full(len(digests), -1, np.int64)
        for segment in self._segments:
            place = np.searchsorted(segment.keys, digests, "right") - 1
            found = place >= 0
            found[found] = segment.keys[place[found]] == digests[found]
            latest[found] = segment.holders[place[found]]
        stays = worded.copy()
        recent: dict[int, int] = {}
        rows = zip(digests.tolist(), latest.tolist(), numbers.tolist(), strict=True)
        for n, (digest, last, number) in enumerate(rows):
            last = recent.get(digest, last)
            if last >= 0 and number - last <= self._reach:
                stays[n] = False
            else:
                recent[digest] = number
        return stays

    def _look_up(self, keys: U64, newer: I64, shares: Shares) -> Met:
        """Candidates by postings: the first `read_cap` holders of each key that are in reach."""
        found: list[tuple[I64, I64, I64, _Segment]] = []
        totals = np.zeros(len(keys), np.int64)
        for segment in self._segments:
            low = np.searchsorted(segment.keys, keys, "left")
            high = np.searchsorted(segment.keys, keys, "right")
            hit = np.flatnonzero(high > low)
            low, high, who = low[hit], high[hit], newer[hit]
            low = _first_from(segment.holders, low, high, who - self._reach)
            high = _first_from(segment.holders, low, high, who)
            totals[hit] += high - low
            found.append((hit, low, high, segment))
        articles = np.minimum(newer, self._reach) + 1
        rarity = _bit_length(articles // (totals + 1))
        left = np.full(len(keys), self._settings.read_cap, np.int64)
        columns: list[tuple[I64, I64, I64, Shares]] = []
        for hit, low, high, segment in found:
            taken = np.minimum(high - low, left[hit])
            left[hit] -= taken
            starts = np.repeat(low - (np.cumsum(taken) - taken), taken)
            rows = np.repeat(hit, taken)
            older = segment.holders[starts + np.arange(len(rows))].astype(np.int64)
            columns.append((older, newer[rows], rarity[rows] ** 2, shares[rows]))
        if not columns:
            return Met(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        return self._best(*(np.concatenate(column) for column in zip(*columns, strict=True)))

    def _best(self, older: I64, newer: I64, weights: I64, shares: Shares) -> Met:
        """Each pair once; of each newer article the oldest and the best, by sum of weights."""
        order = np.lexsort((older, newer))
        older, newer = older[order], newer[order]
        changes = (np.diff(older, prepend=-1) != 0) | (np.diff(newer, prepend=-1) != 0)
        starts = np.flatnonzero(changes)
        if not len(starts):
            return Met(older, newer, shares)
        score = np.add.reduceat(weights[order], starts)
        shared = np.minimum(np.add.reduceat(shares[order], starts), 1.0)
        older, newer = older[starts], newer[starts]
        depth = self._settings.family
        most = max(self._settings.max_candidates, depth)
        oldest = _place_in_run(newer) < depth
        order = np.lexsort((older, -score, ~oldest, newer))
        kept = order[_place_in_run(newer[order]) < most]
        kept = kept[np.lexsort((older[kept], -score[kept], newer[kept]))]
        return Met(older[kept], newer[kept], shared[kept])

    def _tidy(self) -> None:
        """Forget what nobody can reach any more, and join segments so that they stay few."""
        segments = self._segments
        if self._next - self._tidied > self._reach + self._reach // 4:
            self._tidied = oldest = self._next - self._reach
            for n, (keys, holders) in enumerate(segments):
                stays = holders >= oldest
                segments[n] = _Segment(keys[stays], holders[stays])
        segments[:] = [segment for segment in segments if len(segment.keys)]
        while len(segments) > 1 and len(segments[-2].keys) < 2 * len(segments[-1].keys):
            last = segments.pop()
            segments[-1] = _joined(segments[-1], last)


def _joined(a: _Segment, b: _Segment) -> _Segment:
    """Two segments as one; all holders of `a` are older."""
    places = np.searchsorted(a.keys, b.keys, "right") + np.arange(len(b.keys))
    mine = np.ones(len(a.keys) + len(b.keys), np.bool_)
    mine[places] = False
    keys, holders = np.empty(len(mine), np.uint64), np.empty(len(mine), np.uint32)
    keys[places], holders[places] = b.keys, b.holders
    keys[mine], holders[mine] = a.keys, a.holders
    return _Segment(keys, holders)


def _first_from(holders: U32, low: I64, high: I64, bound: I64) -> I64:
    """For each run low..high of rising holders the first place that holds `bound` or more."""
    low, high = low.copy(), high.copy()
    while len(rows := np.flatnonzero(low < high)):
        middle = (low[rows] + high[rows]) // 2
        below = holders[middle] < bound[rows]
        low[rows[below]] = middle[below] + 1
        high[rows[~below]] = middle[~below]
    return low


def _place_in_run(values: I64) -> I64:
    """The place of each value among its equal neighbours, from 0."""
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    lengths = np.diff(np.append(starts, len(values)))
    return np.arange(len(values)) - np.repeat(starts, lengths)


def _bit_length(values: I64) -> I64:
    """Bits of each number, 0 for 0."""
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)
