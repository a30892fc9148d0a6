"""Articles into an index: insert, relate, group, in the one transaction of a writer.

Takes what was asked and an open store; the transaction is that of `seen`. Nothing here is seen by
others before it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from dedup.answers import Looked, Stored
from dedup.errors import IdTaken
from dedup.grouping import add_copy, keepers_of, regroup
from dedup.index import Row, Store
from dedup.lookup import Asked, How, Relations, find, text_of, verify_found, verify_two
from dedup.masking import NOTHING, without_hidden
from dedup.records import Record, Relation
from dedup.relating import relation_data
from dedup.upkeep import take_out

#: Above every number of an article.
ALL = 1 << 62

Root = tuple[Row, Relation | None]


def find_root(store: Store, asked: Asked, n: int, how: How) -> Root | None:
    """The article that stands for the words of a text, once both were compared."""
    row = store.catalogue.by_digest(asked.digests[n]) if asked.words[n] else None
    if row is None:
        return None
    text = text_of(row, store.catalogue.texts([row.ordinal]).get(row.ordinal), how)
    if text is None:
        return row, None
    relation = verify_two(row, text, asked.texts[n], how)
    return (row, relation) if relation.kind == "identical" else None


class Storing:
    """Some articles on their way into the catalogue; the methods are called in their order."""

    def __init__(
        self, store: Store, keep_text: bool, path: str, records: Sequence[Record],
        urls: Sequence[str], asked: Asked, how: How,
    ) -> None:  # fmt: skip
        """Take what is to be stored, in a transaction that writes."""
        self._store, self._keep_text, self._path = store, keep_text, path
        self._records, self._urls = records, urls
        self._asked, self._how = asked, how
        #: The number of each, which of them are new, and who has their words already.
        self.ordinals: list[int] = []
        self._added: list[bool] = []
        self._roots: list[Root | None] = []
        #: Ids they are stored under, and those of which another article was taken out.
        self._names: list[str] = []
        self._replaced: set[str] = set()

    def clear_ids(self) -> bool:
        """Take out what has one of the ids and is not the same; gives whether there was any."""
        catalogue = self._store.catalogue
        gone = []
        for n, record in enumerate(self._records):
            row = catalogue.by_id(record.id)
            if row is not None and not self._is_same(row, n):
                gone.append(row)
        take_out(self._store, gone, self._how)
        self._replaced = {row.id for row in gone}
        return bool(gone)

    def _is_same(self, row: Row, n: int) -> bool:
        record = self._records[n]
        if (row.digest, row.date, row.site, row.url) != (
            self._asked.digests[n], record.date, record.site, self._urls[n],
        ):  # fmt: skip
            return False
        kept = self._store.catalogue.texts([row.ordinal]).get(row.ordinal)
        return kept is None or kept == record.text

    def insert(self, looked: Looked | None, *, rename: bool) -> None:
        """Store what is not there yet.

        Raises:
            IdTaken: An id has other words already, and it is not to be renamed.
        """
        catalogue, asked = self._store.catalogue, self._asked
        for n, record in enumerate(self._records):
            root = looked.root if looked else find_root(self._store, asked, n, self._how)
            id_, there = self._free(record.id, asked.digests[n], rename=rename)
            if there is None:
                row = Row(
                    0, id_, record.date, record.site, self._urls[n], asked.digests[n],
                    asked.words[n], asked.weights[n], int(root is None),
                )  # fmt: skip
                text = record.text if self._keep_text else None
                keys = asked.posted[n]
                number = catalogue.add(row, text, keys, keep_keys=not self._keep_text)
            else:
                number = there.ordinal
            self.ordinals.append(number)
            self._names.append(id_)
            self._added.append(there is None)
            self._roots.append(root)

    def _free(self, id_: str, digest: bytes, *, rename: bool) -> tuple[str, Row | None]:
        """The id to store under; with the article, where it is there already."""
        name, count = id_, 1
        find_row = self._store.catalogue.by_id
        while (there := find_row(name)) is not None and there.digest != digest:
            if not rename:
                raise IdTaken(
                    f"{self._path}: the id {id_!r} has other words already. Remove it first, "
                    "update it, or add the article under another id."
                )
            count += 1
            name = f"{id_}#{count}"
        return name, there

    def look_again(self, looked: Looked | None, pool: ThreadPoolExecutor | None) -> list[Looked]:
        """Look in this transaction; what was verified before is not verified again."""
        asked, how = self._asked, self._how
        self._store.refresh()
        own = dict(zip(self.ordinals, asked.texts, strict=True))
        before = [
            number if new and root is None else 0
            for number, new, root in zip(self.ordinals, self._added, self._roots, strict=True)
        ]
        found = find(self._store, asked, np.array(before, np.int64), how, own)
        known = None if looked is None else [looked.relations]
        relations: list[Relations] = [
            without_hidden(found, some, asked.keys[n], how)
            for n, some in enumerate(verify_found(found, how, known, pool))
        ]
        return [
            Looked(root, found.part(n), some, {})
            for n, (root, some) in enumerate(zip(self._roots, relations, strict=True))
        ]

    def relate(self, looked: Sequence[Looked]) -> None:
        """Book what the new articles share with earlier ones."""
        self._store.catalogue.relate(
            (self.ordinals[n], older, relation.kind, relation_data(relation))
            for n, one in enumerate(looked)
            if self._added[n]
            for older, relation in one.relations.items()
            if relation is not None and relation.kind not in NOTHING
        )

    def group(self, looked: Sequence[Looked]) -> tuple[list[Looked], list[Stored]]:
        """Bring the groups up to date; gives who is kept for each match, and for each article."""
        catalogue = self._store.catalogue
        moved: set[int] = set()
        touched: set[int] = set()
        for n, one in enumerate(looked):
            if not self._added[n]:
                continue
            if one.root is not None:
                first = one.root[0].ordinal
                is_new = first in touched
                moved |= add_copy(catalogue, first, self.ordinals[n], is_new=is_new)
            elif _near(one):
                touched.add(self.ordinals[n])
        regroup(catalogue, touched, moved)
        out: list[Looked] = []
        stored: list[Stored] = []
        for n, one in enumerate(looked):
            own = one.root[0].ordinal if one.root else self.ordinals[n]
            related = [a for a, r in one.relations.items() if r and r.kind not in NOTHING]
            keepers = {}
            if related or one.root:
                keepers = keepers_of(catalogue, [*related, own])
            alone = one.root[0].id if one.root else self._names[n]
            is_new = self._records[n].id in self._replaced
            stored.append(Stored(self._added[n], is_new, keepers.get(own, alone)))
            out.append(one._replace(keepers=keepers))
        return out, stored


def _near(looked: Looked) -> bool:
    """Whether there is a near-duplicate among what was found."""
    return any(r is not None and r.kind == "near-duplicate" for r in looked.relations.values())
