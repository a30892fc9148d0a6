"""Catalogue and segments as one: which stored articles share keys with a new one.

Takes keys of articles; gives candidates among those stored before, by the rule of
docs/method.md, step 4. A store sees the state its catalogue is in at its last `refresh`, which
stands in a transaction of the caller. Flushing, merging and making again: `merge`.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core import I64, U64
from dedup.errors import IndexDamaged
from dedup.index.catalogue import Catalogue, Listed
from dedup.index.connection import Mark
from dedup.index.recent import Part, Recent
from dedup.index.segments import Segment
from dedup.settings import Settings

#: Holders of a key that are read where dates decide: the newest ones.
WINDOW_READ = 4096
_NEVER = np.iinfo(np.int64).min


class Keys(NamedTuple):
    """Keys of several articles that ask."""

    #: uint64, those of one article behind those of the one before.
    keys: U64
    #: int64, one for each key: which article asks, from 0.
    owners: I64
    #: int64, one for each article: it meets those with lower numbers only.
    before: I64
    #: int64, one for each article: seconds since 1970, `NO_DATE` where there is none.
    dates: I64


class Met(NamedTuple):
    """Candidates; of each article that asks the best first."""

    owners: I64
    articles: I64
    #: bool: among the oldest or best ones, which are aligned before the others.
    first: npt.NDArray[np.bool_]


NO_DATE = _NEVER


class Store:
    """The articles of an index, by their keys."""

    def __init__(
        self, folder: Path, catalogue: Catalogue, settings: Settings, stamp: bytes,
        window: int | None,
    ) -> None:  # fmt: skip
        """Begin with nothing read.

        Args:
            folder: Of the index.
            catalogue: Its connection.
            settings: For bounds.
            stamp: Of the settings of the keys.
            window: Seconds between two dated articles that may meet, None for any.
        """
        self.folder, self.catalogue, self.stamp = folder, catalogue, stamp
        self._settings, self._window = settings, window
        self.segments: dict[Listed, Segment] = {}
        self.gone: I64 = np.zeros(0, np.int64)
        self.mark: Mark | None = None
        #: Articles that were in no segment when they were first seen.
        self.num_recent = 0
        self._recent = Recent()
        self._last = 0

    def forget(self) -> None:
        """Read everything again at the next `refresh`; after a transaction that failed."""
        self.mark = None

    def refresh(self) -> Mark:
        """See what the transaction sees; gives what was seen.

        Raises:
            IndexDamaged: A segment is missing or has changed.
        """
        mark = self.catalogue.mark()
        if mark == self.mark:
            return mark
        if self.mark is None or mark.generation != self.mark.generation:
            self.mark = None
            self.segments = {listed: self._open(listed) for listed in self.catalogue.segments()}
            self._recent, self._last, self.num_recent = Recent(), 0, 0
        rows = self.catalogue.pending(self._last)
        self._recent.add((ordinal, keys) for _, ordinal, keys in rows)
        self.num_recent += len(rows)
        self._last = max([self._last, *(seq for seq, _, _ in rows)])
        if self.mark is None or mark.gone != self.mark.gone:
            self.gone = np.array(self.catalogue.gone(), np.int64)
        self.mark = mark
        return mark

    def _open(self, listed: Listed) -> Segment:
        known = self.segments.get(listed)
        return known if known is not None else open_listed(self.folder, listed, self.stamp)

    def candidates(self, asked: Keys) -> Met:
        """Stored articles that share a key, bounded as in a scan."""
        settings = self._settings
        keys, inverse = np.unique(asked.keys, return_inverse=True)
        most = settings.read_cap if self._window is None else WINDOW_READ
        newest = self._window is not None
        sources: list[Segment | Part] = [*self.segments.values(), *self._recent.parts]
        found = [source.find(keys, most + len(self.gone), newest=newest) for source in sources]
        if not found:
            return Met(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_))
        places = np.concatenate([holders.places for holders in found])
        articles = np.concatenate([holders.articles for holders in found])
        totals = np.sum([holders.totals for holders in found], axis=0)
        alive = ~np.isin(articles, self.gone)
        places, articles = places[alive], articles[alive]
        order = np.lexsort((articles, places))
        places, articles = places[order], articles[order]
        begins = np.searchsorted(places, np.arange(len(keys)))
        counts = np.searchsorted(places, np.arange(len(keys)), "right") - begins
        # Each asked key with all holders that were read, then those that may be met.
        rows = np.repeat(np.arange(len(inverse)), counts[inverse])
        within = np.arange(len(rows)) - np.repeat(
            np.cumsum(counts[inverse]) - counts[inverse], counts[inverse]
        )
        met = articles[begins[inverse][rows] + within]
        owners = asked.owners[rows]
        allowed = met < asked.before[owners]
        if self._window is not None:
            allowed &= self._in_window(met, asked.dates[owners])
        rows, met, owners = rows[allowed], met[allowed], owners[allowed]
        some = _place_in_run(rows) < settings.read_cap
        rows, met, owners = rows[some], met[some], owners[some]
        number = asked.before[owners]
        rarity = _bit_length(number // (totals[inverse[rows]] + 1))
        return _best(owners, met, rarity**2, settings)

    def _in_window(self, articles: I64, dates: I64) -> npt.NDArray[np.bool_]:
        """Which articles are near enough to the dates beside them; those without one are."""
        wanted = np.unique(articles)
        rows = self.catalogue.rows(wanted.tolist())
        stored = [rows[n].date if n in rows else None for n in wanted.tolist()]
        known = np.array([NO_DATE if date is None else date for date in stored], np.int64)
        known = known[np.searchsorted(wanted, articles)]
        undated = (known == NO_DATE) | (dates == NO_DATE)
        near = np.abs(np.where(undated, 0, known) - np.where(undated, 0, dates)) <= self._window
        return np.asarray(undated | near)


def open_listed(folder: Path, listed: Listed, stamp: bytes) -> Segment:
    """Open a segment of the list.

    Raises:
        IndexDamaged: It is missing or has changed, or is not the one that is listed.
    """
    segment = Segment(folder / listed.name, stamp)
    found = f"{segment.header.checksum:016x}"
    if found != listed.checksum:
        raise IndexDamaged(
            f"{segment.path} has checksum {found}, but the catalogue lists {listed.checksum}."
        )
    return segment


def _best(owners: I64, articles: I64, weights: I64, settings: Settings) -> Met:
    """Each pair once; of each article that asks the oldest and those with the highest scores."""
    order = np.lexsort((articles, owners))
    owners, articles = owners[order], articles[order]
    changes = (np.diff(owners, prepend=-1) != 0) | (np.diff(articles, prepend=-1) != 0)
    starts = np.flatnonzero(changes)
    if not len(starts):
        return Met(owners, articles, np.zeros(0, np.bool_))
    score = np.add.reduceat(weights[order], starts)
    owners, articles = owners[starts], articles[starts]
    depth = settings.family
    is_oldest = _place_in_run(owners) < depth
    order = np.lexsort((articles, -score, ~is_oldest, owners))
    rank = _place_in_run(owners[order])
    kept = rank < max(settings.max_candidates, depth)
    return Met(owners[order][kept], articles[order][kept], (rank < 2 * depth)[kept])


def _place_in_run(values: I64) -> I64:
    """The place of each value among its equal neighbours, from 0."""
    starts = np.flatnonzero(np.diff(values, prepend=-1))
    lengths = np.diff(np.append(starts, len(values)))
    return np.arange(len(values)) - np.repeat(starts, lengths)


def _bit_length(values: I64) -> I64:
    """Bits of each number, 0 for 0."""
    return np.frexp(values.astype(np.float64))[1].astype(np.int64)
