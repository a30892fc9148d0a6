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
from typing import Any, NamedTuple

import numpy as np

from dedup.answers import Answer, answer_of
from dedup.errors import IdTaken, InputError, OutputError
from dedup.handle import READ, WRITE, Handle, text_record
from dedup.index import FLUSH_ARTICLES, Mark, Row, Store
from dedup.lookup import (
    Asked,
    FindText,
    Found,
    Relations,
    ask,
    find,
    text_of,
    verify_found,
    verify_two,
)
from dedup.opening import open_folder
from dedup.read import Rejects, from_items
from dedup.records import Given, Record, Relation
from dedup.relating import NOTHING, relation_data
from dedup.settings import Settings
from dedup.upkeep import flush_and_merge

#: Articles of one transaction of `add`; speed only.
BATCH = 200
#: Above every number of an article.
_ALL = 1 << 62


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
        settings: `Settings()` by default. Those of learning mean nothing here; `keep`, `remove`
            and `most_lost` may change from one opening to the next.
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


class Looked(NamedTuple):
    """What was found out about a text before it was added."""

    mark: Mark
    #: The article that stands for its words, if there is one; without a relation when its text
    #: cannot be had.
    root: tuple[Row, Relation | None] | None
    found: Found | None
    relations: Relations


class Index(Handle):
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
        asked = ask([record.text], [record.date], self._how)

        def run() -> list[Answer]:
            return self._add([record], [url or ""], asked, self._look(asked))

        (answer,) = self._retrying(run)
        self._keep_up()
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
        pool: ThreadPoolExecutor | None = None,
    ) -> list[Answer]:
        """Ask and store what a reader found, all in one transaction.

        Args:
            records: The articles.
            urls: Where they are from, "" where that is not known.
            rename: Where an id has other words already, store under "id#2", "id#3", ...
            pool: For aligning.

        Raises:
            IdTaken: Without `rename`.
        """
        asked = ask([r.text for r in records], [r.date for r in records], self._how)
        answers = self._retrying(
            lambda: self._add(records, urls, asked, None, rename=rename, pool=pool)
        )
        self._keep_up()
        return answers

    def check_record(self, record: Record) -> Answer:
        """As `check`, for what a reader found."""
        asked = ask([record.text], [record.date], self._how)
        looked = self._retrying(lambda: self._look(asked))
        return self._answer(asked, 0, looked, added=False)

    def _look(self, asked: Asked) -> Looked:
        """What is found of one text, without the lock of writers."""
        with self._using(READ) as store, store.catalogue.reading():
            mark = store.refresh()
            root = self._root(store, asked, 0)
            found = None
            if root is None:
                found = find(store, asked, np.array([_ALL]), self._how)
        (relations,) = verify_found(found, self._how) if found else ({},)
        return Looked(mark, root, found, relations)

    def _root(self, store: Store, asked: Asked, n: int) -> tuple[Row, Relation | None] | None:
        """The article that stands for the words of a text, once both were compared."""
        row = store.catalogue.by_digest(asked.digests[n]) if asked.words[n] else None
        if row is None:
            return None
        kept = store.catalogue.texts([row.ordinal]).get(row.ordinal)
        text = text_of(row, kept, self._how)
        if text is None:
            return row, None
        relation = verify_two(row, text, asked.texts[n], self._how)
        return (row, relation) if relation.kind == "identical" else None

    def _answer(self, asked: Asked, n: int, looked: Looked, *, added: bool) -> Answer:
        return answer_of(
            asked.texts[n], asked.words[n], self._how,
            looked.root, looked.found, looked.relations, added=added,
        )  # fmt: skip

    # Storing -----------------------------------------------------------------------------------

    def _add(
        self,
        records: Sequence[Record],
        urls: Sequence[str],
        asked: Asked,
        looked: Looked | None,
        *,
        rename: bool = False,
        pool: ThreadPoolExecutor | None = None,
    ) -> list[Answer]:
        """One transaction: look again if something has changed, insert, relate."""
        with self._using(WRITE) as store:
            try:
                with store.catalogue.writing():
                    is_same = looked is not None and store.refresh() == looked.mark
                    ordinals, added, roots = self._insert(
                        store, records, urls, asked, looked if is_same else None, rename=rename
                    )
                    if looked is not None and is_same:
                        all_looked = [looked]
                    else:
                        all_looked = self._look_again(
                            store, asked, ordinals, added, roots, looked, pool
                        )
                    store.catalogue.relate(
                        (ordinals[n], older, relation.kind, relation_data(relation))
                        for n, one in enumerate(all_looked)
                        if added[n]
                        for older, relation in one.relations.items()
                        if relation is not None and relation.kind not in NOTHING
                    )
            except BaseException:
                store.forget()
                raise
        return [self._answer(asked, n, one, added=added[n]) for n, one in enumerate(all_looked)]

    def _insert(
        self,
        store: Store,
        records: Sequence[Record],
        urls: Sequence[str],
        asked: Asked,
        looked: Looked | None,
        *,
        rename: bool,
    ) -> tuple[list[int], list[bool], list[tuple[Row, Relation | None] | None]]:
        """Store what is not there yet: numbers, whether each is new, and who has its words."""
        ordinals, added, roots = [], [], []
        for n, record in enumerate(records):
            root = looked.root if looked else self._root(store, asked, n)
            id_, there = self._free(store, record.id, asked.digests[n], rename=rename)
            if there is None:
                row = Row(
                    0, id_, record.date, record.site, urls[n], asked.digests[n],
                    asked.words[n], asked.weights[n], int(root is None),
                )  # fmt: skip
                text = record.text if self.keep_text else None
                number = store.catalogue.add(row, text, asked.keys[n], keep_keys=not self.keep_text)
            else:
                number = there.ordinal
            ordinals.append(number)
            added.append(there is None)
            roots.append(root)
        return ordinals, added, roots

    def _free(
        self, store: Store, id_: str, digest: bytes, *, rename: bool
    ) -> tuple[str, Row | None]:
        """The id to store under; with the article, where it is there already."""
        name, count = id_, 1
        while (there := store.catalogue.by_id(name)) is not None and there.digest != digest:
            if not rename:
                raise IdTaken(
                    f"{self.path}: the id {id_!r} has other words already. Remove it first, or "
                    "add the article under another id."
                )
            count += 1
            name = f"{id_}#{count}"
        return name, there

    def _look_again(
        self,
        store: Store,
        asked: Asked,
        ordinals: Sequence[int],
        added: Sequence[bool],
        roots: Sequence[tuple[Row, Relation | None] | None],
        looked: Looked | None,
        pool: ThreadPoolExecutor | None,
    ) -> list[Looked]:
        """Look in the transaction that stores; what was verified before is not verified again."""
        mark = store.refresh()
        own = dict(zip(ordinals, asked.texts, strict=True))
        before = [
            number if new and root is None else 0
            for number, new, root in zip(ordinals, added, roots, strict=True)
        ]
        found = find(store, asked, np.array(before, np.int64), self._how, own)
        known = None if looked is None else [looked.relations]
        relations = verify_found(found, self._how, known, pool)
        return [
            Looked(mark, root, found.part(n), some)
            for n, (root, some) in enumerate(zip(roots, relations, strict=True))
        ]

    def _keep_up(self) -> None:
        """Flush and merge when there is enough to do; what was stored is safe if that fails."""
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
