"""An open index: its connection in threads, forks and repairs, and its upkeep.

Takes what `opening` has checked; gives the store to one thread at a time. Asking and storing
stand in `seen`.
"""

from __future__ import annotations

import os
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from dedup.errors import IndexDamaged, IndexPlace, InputError
from dedup.index import Mark, Store, count_all, list_articles, list_segment
from dedup.lookup import How
from dedup.masking import knowing
from dedup.opening import Opened
from dedup.read import Rejects, from_items
from dedup.records import Article, Record
from dedup.settings import Settings
from dedup.upkeep import (
    expire_before,
    flush_and_merge,
    forget_ids,
    remove_ids,
    repair,
    verify_all,
)

T = TypeVar("T")

#: Times an index is read again when a segment is not what its catalogue says.
_TRIES = 4


READ, WRITE = 0, 1


class _Side:
    """A connection for asking, or for storing, and the lock of the thread that uses it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.store: Store | None = None

    def let_go(self) -> None:
        if self.store is not None:
            self.store.catalogue.close()
            self.store = None


class Handle:
    """What a process has open of an index, for all its threads; and what keeps it small."""

    def __init__(self, opened: Opened, wait: float, durable: bool) -> None:
        """Take what `dedup.open_index` has checked."""
        self.path: Path = opened.folder
        self.settings: Settings = opened.how.settings
        self.keep_text: bool = opened.keep_text
        self.window_days: float | None = opened.window_days
        self._opened, self._how = opened, opened.how
        self._wait, self._durable = wait, durable
        # Two connections, so that who asks never waits for who stores.
        self._sides = _Side(), _Side()
        self._is_closed = False
        #: The highest number of an article that was stored here.
        self._last = 0
        _close_around_forks(self)

    def remove(self, *ids: str) -> int:
        """Take articles out, as if they had never been there; gives how many there were."""
        return len(self._working(lambda store: remove_ids(store, ids, self._how)))

    def expire(self, *, before: Any) -> int:
        """Take out all articles dated before a date; gives how many. Undated ones stay.

        Raises:
            InputError: `before` is no date.
        """
        date = text_record("", "", None, before, None).date
        if date is None:
            raise InputError(f"expected a date such as 2026-01-31, found {before!r}.")
        return self._working(lambda store: expire_before(store, date, self._how))

    def forget(self, *ids: str) -> int:
        """Take articles out so that none of their bytes is left in the folder.

        For removal by law; the whole catalogue is written anew. What file systems, disks and
        copies keep beside it is beyond its reach, and so are processes that have a segment open:
        they let go when they look the next time.

        Raises:
            IndexLocked: Another process reads for longer than is waited. The articles are
                removed; call it again to remove the bytes.
        """
        return self._working(lambda store: forget_ids(store, ids, self._how))

    def merge(self) -> None:
        """Put all postings into one segment, without those of removed articles."""
        self._working(lambda store: flush_and_merge(store, everything=True))

    def verify(self, *, repair_segments: bool = False) -> list[str]:
        """Compare everything with everything; gives what is wrong, nothing when all is well.

        Args:
            repair_segments: Make damaged segments again; what was wrong with them is listed.
        """

        def run(store: Store) -> list[str]:
            repaired = repair(store, self._how) if repair_segments else []
            return [f"{fault} It was made again." for fault in repaired] + verify_all(
                store, self._how
            )

        with self._using(WRITE) as store:
            return run(store)

    def dump(self, *, texts: bool = False, segment: str | None = None) -> Iterator[dict[str, Any]]:
        """Every article, or the header and the postings of a segment, as JSON objects.

        Args:
            texts: With the texts.
            segment: Its name.
        """
        store = self._opened.store(self._wait, self._durable)
        try:
            with store.catalogue.reading():
                if segment is None:
                    yield from list_articles(store, texts=texts)
                else:
                    yield from list_segment(store, segment)
        finally:
            store.catalogue.close()

    def stats(self) -> dict[str, Any]:
        """Counts and sizes by name: docs/formats/index.md."""

        def run(store: Store) -> dict[str, Any]:
            with store.catalogue.reading():
                store.refresh()
                return count_all(store)

        return self._working(run, READ)

    def __len__(self) -> int:
        """Articles that are there."""

        def run(store: Store) -> int:
            with store.catalogue.reading():
                return store.catalogue.count()

        return self._working(run, READ)

    def __contains__(self, id_: object) -> bool:
        def run(store: Store) -> bool:
            with store.catalogue.reading():
                return isinstance(id_, str) and store.catalogue.by_id(id_) is not None

        return self._working(run, READ)

    def close(self) -> None:
        """Let go of the files; an index that is closed cannot be used any more."""
        self._is_closed = True
        for side in self._sides:
            with side.lock:
                side.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self.close()

    def _open(self, side: int = WRITE) -> Store:
        """The store of one side; its lock must be held."""
        if self._is_closed:
            raise IndexPlace(f"the index {self.path} has been closed.")
        if self._sides[side].store is None:
            self._sides[side].store = self._opened.store(self._wait, self._durable)
        store = self._sides[side].store
        assert store is not None
        return store

    def _matching(self, store: Store, mark: Mark) -> How:
        """What is known in the transaction that a store is in."""
        how = self._how
        if mark.learned != how.number:
            self._how = how = knowing(how, store.catalogue.known())
        return how

    @contextmanager
    def _using(self, side: int) -> Iterator[Store]:
        """A store for this thread alone."""
        with self._sides[side].lock:
            yield self._open(side)

    def _working(self, action: Callable[[Store], T], side: int = WRITE) -> T:
        def run() -> T:
            with self._using(side) as store:
                return action(store)

        return self._retrying(run)

    def _repair(self) -> None:
        with self._using(WRITE) as store:
            for fault in repair(store, self._how):
                message = f"{fault} It was made again from the catalogue."
                warnings.warn(message, RuntimeWarning, stacklevel=4)

    def _retrying(self, action: Callable[[], T]) -> T:
        """Do it; where a segment is not what the catalogue says, read again, repair, do it again.

        A segment may also be missing because another process has just merged it.
        """
        for attempt in range(_TRIES):
            try:
                return action()
            except IndexDamaged:
                for side in (READ, WRITE):
                    with self._using(side) as store:
                        store.forget()
                if attempt:
                    self._repair()
        return action()


def _close_around_forks(index: Handle) -> None:
    """SQLite does not outlive a fork: let go before it, and open again when needed, in both."""
    if not hasattr(os, "register_at_fork"):
        return
    known = weakref.ref(index)

    def before() -> None:
        if (one := known()) is not None:
            for side in reversed(one._sides):
                side.lock.acquire()
                side.let_go()

    def in_parent() -> None:
        if (one := known()) is not None:
            for side in one._sides:
                side.lock.release()

    def in_child() -> None:
        if (one := known()) is not None:
            one._sides = _Side(), _Side()

    os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


def text_record(id_: str, text: str, url: str | None, date: Any, site: str | None) -> Record:
    """What a program says about a text, as readers give it; the text may be empty here."""
    if not isinstance(text, str):
        raise InputError(f"expected a text, found {type(text).__name__}.")
    (record,) = from_items([Article(id_ or "-", "-", date, site, url)], Rejects())
    return record._replace(text=text.encode("utf-8", "surrogatepass"))
