"""Catalogue and segments as one: which stored articles share keys with a new one.

Takes keys of articles; gives candidates among those stored before, by the rule of
docs/method.md, step 4. A store sees the state its catalogue is in at its last `refresh`, which
stands in a transaction of the caller. Flushing, merging and making again: `merge`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dedup.core import I64, U32, U64, best_holders, look_up
from dedup.errors import IndexDamaged
from dedup.index.catalogue import Catalogue, Listed, Row
from dedup.index.connection import Mark
from dedup.index.recent import Recent
from dedup.index.segments import Segment
from dedup.settings import Settings

#: Holders of a key that are read where dates decide: the newest ones.
WINDOW_READ = 4096
_NEVER = np.iinfo(np.int64).min


class Keys(NamedTuple):
    """Keys of several articles that ask."""

    #: uint64, those of one article behind those of the one before.
    keys: U64
    #: int64, one longer than the articles: where the keys of each begin.
    offsets: I64
    #: int64, one for each article: it meets those with lower numbers only.
    before: I64
    #: int64, one for each article: seconds since 1970, `NO_DATE` where there is none.
    dates: I64


class Met(NamedTuple):
    """Candidates; of each article that asks the best first."""

    #: int64, one longer than those that ask: those of article n are offsets[n]..offsets[n+1].
    offsets: I64
    articles: I64
    #: bool: among the oldest or best ones, which are aligned before the others.
    first: npt.NDArray[np.bool_]


NO_DATE = _NEVER


class Store:
    """The articles of an index, by their keys."""

    def __init__(
        self, folder: Path, catalogue: Catalogue, settings: Settings, stamp: bytes,
        window: int | None, *, keep_text: bool = False,
    ) -> None:  # fmt: skip
        """Begin with nothing read.

        Args:
            folder: Of the index.
            catalogue: Its connection.
            settings: For bounds.
            stamp: Of the settings of the keys.
            window: Seconds between two dated articles that may meet, None for any.
            keep_text: Whether every article has its text in the catalogue.
        """
        self.folder, self.catalogue, self.stamp = folder, catalogue, stamp
        self._settings, self._window, self._keep_text = settings, window, keep_text
        self.segments: dict[Listed, Segment] = {}
        self.gone: U32 = np.zeros(0, np.uint32)
        self.mark: Mark | None = None
        #: Articles that were in no segment when they were first seen.
        self.num_recent = 0
        self._recent = Recent()
        self._last, self._seals = 0, 0

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
            self._read_again()
        self._read_on()
        if not self._is_complete(mark):
            # Keys of an article that was removed are among them: read all that is left.
            self._read_again()
            self._read_on()
            if not self._is_complete(mark):
                raise IndexDamaged(
                    f"{self.catalogue.path}, table pending: {self.num_recent} articles wait, where "
                    f"{mark.state.waiting} should, or others."
                )
        if self.mark is None or mark.gone != self.mark.gone:
            self.gone = np.array(self.catalogue.gone(), np.uint32)
            if both := self.catalogue.rows(self.gone.tolist()):
                raise IndexDamaged(
                    f"{self.catalogue.path}: article {min(both)} is there and removed at once."
                )
        self.mark = mark
        return mark

    def _read_again(self) -> None:
        self._recent, self._last, self.num_recent, self._seals = Recent(), 0, 0, 0

    def _read_on(self) -> None:
        rows = self.catalogue.pending(self._last)
        self._recent.add((one.ordinal, one.keys) for one in rows)
        self.num_recent += len(rows)
        self._seals += sum(one.tag for one in rows)
        self._last = max([self._last, *(one.seq for one in rows)])

    def _is_complete(self, mark: Mark) -> bool:
        return (self.num_recent, self._seals) == mark.state[-2:]

    def _open(self, listed: Listed) -> Segment:
        known = self.segments.get(listed)
        return known if known is not None else open_listed(self.folder, listed, self.stamp)

    def candidates(self, asked: Keys) -> Met:
        """Stored articles that share a key, bounded as in a scan."""
        settings = self._settings
        segments = list(self.segments.values())
        held = look_up(
            [segment.packed for segment in segments], self._recent.parts, asked.keys,
            settings.read_cap if self._window is None else WINDOW_READ, self.gone,
            newest=self._window is not None,
        )  # fmt: skip
        if held.segment >= 0:
            raise segments[held.segment].damage(held.block)
        allowed = np.ones(len(held.articles), np.uint8)
        if self._window is not None:
            counts = np.diff(held.offsets[asked.offsets])
            dates = np.repeat(asked.dates, counts)
            allowed = self._in_window(held.articles.astype(np.int64), dates).astype(np.uint8)
        best = best_holders(
            held, allowed, asked.offsets, asked.before.astype(np.uint64), settings.read_cap,
            settings.max_candidates, settings.family,
        )  # fmt: skip
        return Met(best.offsets, best.articles.astype(np.int64), best.first.astype(np.bool_))

    def read(
        self, wanted: Collection[int], own: Mapping[int, bytes]
    ) -> tuple[dict[int, Row], dict[int, bytes]]:
        """Rows and texts of articles that have postings; texts as far as they are kept.

        Args:
            wanted: Their numbers.
            own: Texts that need not be read.

        Raises:
            IndexDamaged: One is not there, or has changed.
        """
        rows = self.catalogue.rows(wanted)
        texts = {**own, **self.catalogue.texts(n for n in wanted if n not in own)}
        lost = set(wanted) - rows.keys()
        if self._keep_text:
            lost |= set(wanted) - texts.keys()
        if lost:
            raise IndexDamaged(
                f"{self.catalogue.path}: article {min(lost)}, which has postings, or its text is "
                "missing. Restore the catalogue from a copy."
            )
        return rows, texts

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
