"""The index that lasts: ask whether an article, or part of it, is already there.

    sketch → index → verify, against what was stored before

One folder, several processes of one host, no server. What was acknowledged outlives a process
that is killed. `lookup` finds and verifies, `index` stores, `answers` says it; here stands what
happens in which transaction. Format: docs/formats/index.md.
"""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from dedup.answers import Answer, Looked, answer_of
from dedup.errors import InputError, OutputError
from dedup.grouping import keepers_of
from dedup.handle import READ, WRITE, text_record
from dedup.index import FLUSH_ARTICLES, Mark, Store
from dedup.learning import is_due, learn_anew
from dedup.lookup import Asked, FindText, How, Relations, ask, find, verify_found
from dedup.masking import without_hidden
from dedup.opening import open_folder
from dedup.read import Rejects, from_items
from dedup.records import Given, Record
from dedup.settings import Settings
from dedup.storing import ALL, Storing, find_root
from dedup.upkeep import flush_and_merge
from dedup.viewing import Views

#: Articles of one transaction of `add`; speed only.
BATCH = 200


def open_index(
    path: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    given: Given | None = None,
    keep_text: bool | None = None,
    window_days: float | None = None,
    find_text: FindText | None = None,
    create: bool | None = None,
    wait: float = 60.0,
    durable: bool = False,
) -> Index:
    """Open an index, or make it where there is none.

    What it was made with is kept in it. An argument that says otherwise is refused; one that is
    not given is taken from the index, or for a new one from the default.

    Args:
        path: A folder on a disk of this host.
        settings: `Settings()` by default. `keep`, `remove`, `most_lost` and
            those of learning may change from one opening to the next.
        given: Texts that are boilerplate, or are not; none by default.
        keep_text: Whether texts are kept, packed; they are by default. Without them an article
            can be verified only through `find_text`.
        window_days: Dated articles that lie further apart are not compared; any by default.
        find_text: Gives the text of a stored article by its id, or None, where none is kept.
        create: True: there must be none yet. False: there must be one.
        wait: Seconds to wait for other processes that write.
        durable: Sync every article to disk, so that it outlives a power failure too, and not only
            the end of the process.

    Raises:
        IndexMismatch: It was made with something else than is asked for, or by another version.
        IndexPlace: The folder is no place for an index.
        IndexDamaged: Its catalogue cannot be read.
    """
    folder = Path(path)
    opened = open_folder(folder, settings, given, keep_text, window_days, find_text, create, wait)
    return Index(opened, wait, durable)


class Index(Views):
    """An index that is open; for several threads, and for both processes after a fork.

    Made by `dedup.open_index`. Use it in a `with` statement, or call `close`.
    """

    # Asking ------------------------------------------------------------------------------------

    def check(
        self, text: str, *, url: str | None = None, date: Any = None, site: str | None = None
    ) -> Answer:
        """Whether a text, or part of it, is already there; nothing is stored.

        Args:
            text: The article.
            url: Where it is from.
            date: ISO 8601, seconds since 1970 or a datetime; matters with `window_days`.
            site: The outlet's domain; that of `url` when not given.

        Raises:
            IndexDamaged: The index cannot be read, and not be repaired either.
        """
        return self.check_record(text_record("", text, url, date, site))

    def check_and_add(
        self,
        id: str,
        text: str,
        *,
        url: str | None = None,
        date: Any = None,
        site: str | None = None,
    ) -> Answer:
        """Ask and store in one step: of two processes with one article exactly one is first.

        What is there already under this id with the same words is not stored again.

        Args:
            id: Unique in the index.
            text: As for `check`, like all that follows.
            url: See `check`.
            date: See `check`.
            site: See `check`.

        Raises:
            IdTaken: The id has other words already; nothing is stored.
            IndexLocked: Another process kept the index locked for too long.
            OutputError: The disk is full, say; nothing is stored.
        """
        record = text_record(id, text, url, date, site)
        how = self._how
        asked = ask([record.text], [record.date], how, [record.site])

        def run() -> list[Answer]:
            # On the connection that stores: only one has to read what was stored before.
            mark, now, again, looked = self._look(asked, how, WRITE)
            return self._add([record], [url or ""], again, now, (mark, looked))

        (answer,) = self._retrying(run)
        self._keep_up()
        return answer

    def update(
        self,
        id: str,
        text: str,
        *,
        url: str | None = None,
        date: Any = None,
        site: str | None = None,
    ) -> Answer:
        """Store a new version of an article in place of the one that has its id.

        Both in one transaction: it is asked against all others, and nobody sees it missing. When
        nothing has changed nothing is done; where there is no such id, it is added.

        Args:
            id: Of the article.
            text: As for `check`, like all that follows.
            url: See `check`.
            date: See `check`.
            site: See `check`.
        """
        record = text_record(id, text, url, date, site)
        (answer,) = self.add_records([record], [url or ""], replace=True)
        return answer

    def add(self, articles: object, *, threads: int = 1) -> Iterator[Answer]:
        """Ask and store many: each article is asked against all before it.

        Args:
            articles: As for `dedup.scan`: strings, (id, text) pairs, mappings, `Article`s, tables.
            threads: For aligning; changes speed only.

        Returns:
            One answer an article. They are stored while answers are taken: batch by batch, each
            in one transaction.

        Raises:
            InputError: An item is no article.
            IdTaken: An id has other words already; its batch is not stored.
        """
        rejects = Rejects()
        urls: deque[str] = deque()
        records = from_items(_noting_urls(articles, urls), rejects)
        with ThreadPoolExecutor(threads) as pool:
            while batch := list(islice(records, BATCH)):
                if len(rejects):
                    raise InputError(f"{rejects.entries[0].reason}: {rejects.entries[0].detail}.")
                some = [urls.popleft() if urls else "" for _ in batch]
                yield from self.add_records(batch, some, pool=pool)
        if len(rejects):
            raise InputError(f"{rejects.entries[0].reason}: {rejects.entries[0].detail}.")

    def add_records(
        self,
        records: Sequence[Record],
        urls: Sequence[str],
        *,
        rename: bool = False,
        replace: bool = False,
        pool: ThreadPoolExecutor | None = None,
    ) -> list[Answer]:
        """Ask and store what a reader found, all in one transaction.

        Args:
            records: The articles.
            urls: Where they are from, "" where that is not known.
            rename: Where an id has other words already, store under "id#2", "id#3", ...
            replace: Where an id is there already, take that article out first; an id that comes
                twice is stored in transactions of its own.
            pool: For aligning.

        Raises:
            IdTaken: With neither of the two.
        """
        if not records:
            return []
        if replace and len({record.id for record in records}) < len(records):
            # The last one of an id is to be the one that stays.
            one_by_one = (
                self.add_records([record], [url], replace=True, pool=pool)
                for record, url in zip(records, urls, strict=True)
            )
            return [answer for (answer,) in one_by_one]
        how = self._how
        asked = ask(
            [r.text for r in records], [r.date for r in records], how, [r.site for r in records]
        )
        answers = self._retrying(
            lambda: self._add(
                records, urls, asked, how, None, rename=rename, replace=replace, pool=pool
            )
        )
        self._keep_up()
        return answers

    def check_record(self, record: Record) -> Answer:
        """As `check`, for what a reader found."""
        how = self._how
        asked = ask([record.text], [record.date], how, [record.site])
        _, how, asked, looked = self._retrying(lambda: self._look(asked, how))
        return answer_of(asked, 0, how, looked)

    def _look(self, asked: Asked, how: How, side: int = READ) -> tuple[Mark, How, Asked, Looked]:
        """What is found of one text, without the lock of writers, and on which state."""
        with self._using(side) as store, store.catalogue.reading():
            mark = store.refresh()
            how, asked = self._knowing(store, mark, how, asked)
            root = find_root(store, asked, 0, how)
            found = None if root else find(store, asked, np.array([ALL]), how)
            met = found.rows if found else [root[0].ordinal] if root else ()
            keepers = keepers_of(store.catalogue, met)
        relations: Relations = {}
        if found is not None:
            (relations,) = verify_found(found, how)
            relations = without_hidden(found, relations, asked.keys[0], how)
        return mark, how, asked, Looked(root, found, relations, keepers)

    def _knowing(self, store: Store, mark: Mark, how: How, asked: Asked) -> tuple[How, Asked]:
        """The same, or sketched again where boilerplate has been learned meanwhile."""
        now = self._matching(store, mark)
        if now.number != how.number:
            asked = ask(asked.texts, asked.dates, now, asked.sites)
            how = now
        return how, asked

    # Storing -----------------------------------------------------------------------------------

    def _add(
        self,
        records: Sequence[Record],
        urls: Sequence[str],
        asked: Asked,
        how: How,
        known: tuple[Mark, Looked] | None,
        *,
        rename: bool = False,
        replace: bool = False,
        pool: ThreadPoolExecutor | None = None,
    ) -> list[Answer]:
        """One transaction: look again if something has changed, insert, relate, group."""
        with self._using(WRITE) as store:
            try:
                with store.catalogue.writing():
                    mark = store.refresh()
                    if known is not None and known[0].learned != mark.learned:
                        known = None
                    how, asked = self._knowing(store, mark, how, asked)
                    storing = Storing(
                        store, self.keep_text, str(self.path), records, urls, asked, how
                    )
                    if replace and storing.clear_ids():
                        known = None
                    is_same = known is not None and known[0] == mark
                    looked = known[1] if known is not None else None
                    storing.insert(looked if is_same else None, rename=rename)
                    if looked is not None and is_same:
                        all_looked = [looked]
                    else:
                        all_looked = storing.look_again(looked, pool)
                    storing.relate(all_looked)
                    all_looked, stored = storing.group(all_looked)
                    self._last = max(self._last, *storing.ordinals)
            except BaseException:
                store.forget()
                raise
        return [
            answer_of(asked, n, how, one, stored=what)
            for n, (one, what) in enumerate(zip(all_looked, stored, strict=True))
        ]

    def learn(self, *, veto: Iterable[str] = ()) -> None:
        """Learn what is boilerplate, and put right what was found before.

        Then relations and groups are those of `dedup.scan` over all articles. It is done without
        being asked when the number of articles has doubled, from 500 to 64,000 (not with the
        setting `learn` = False); in between new articles are masked with what was known. Takes
        0.1 to 0.2 ms an article, more where much is new (docs/choices/0028); it is learned from
        the last 100,000 by date.

        Args:
            veto: Ids of learned texts that are not to be masked, now and later; `boilerplate`
                lists them.
        """
        self._learn(veto, is_due=False)

    def _learn(self, veto: Iterable[str], *, is_due: bool) -> None:
        wanted = tuple(veto)

        def run(store: Store) -> How:
            return learn_anew(store, self._how, wanted, is_due=is_due)

        self._how = self._working(run)

    def _keep_up(self) -> None:
        """Learn, flush and merge when there is enough to do; what was stored is safe anyway."""
        if self.settings.learn and is_due(self._last, self._how.last):
            self._learn((), is_due=True)
        with self._using(WRITE) as store:
            if store.num_recent < FLUSH_ARTICLES:
                return
            try:
                self._working(flush_and_merge)
            except (OSError, OutputError) as error:
                message = (
                    f"{self.path}: no segment could be written: {error} All articles are kept."
                )
                warnings.warn(message, RuntimeWarning, stacklevel=3)


def _noting_urls(articles: object, urls: deque[str]) -> object:
    """The same articles; the url of each is noted when it is taken. Tables are left as they are."""
    if not isinstance(articles, Iterable) or isinstance(articles, str | bytes | Mapping):
        return articles
    if any(hasattr(articles, f"__{name}__") for name in ("arrow_c_stream", "arrow_c_array")):
        return articles

    def note() -> Iterator[object]:
        for item in articles:
            found = item.get("url") if isinstance(item, Mapping) else getattr(item, "url", None)
            urls.append(found if isinstance(found, str) else "")
            yield item

    return note()
