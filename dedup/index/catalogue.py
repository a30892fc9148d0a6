"""The catalogue of an index: SQLite, and the only truth.

Takes and gives rows: articles, packed texts, relations, keys that are in no segment yet, the list
of segments. Everything else in the folder can be made again from it. Transactions are the
caller's; what the rows mean together stands in `store`. Tables: docs/formats/index.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup.core import U64
from dedup.errors import IndexDamaged
from dedup.index.findings import Findings, turned
from dedup.index.format import KEY_BYTES, pack_keys, unpack_keys
from dedup.index.packing import NotWhole, pack_text, seal, seal_of, tag_of, unpack_text, unseal

_COLUMNS = "ordinal, id, date, site, url, digest, words, weight, posted"
_SEALED = f"{_COLUMNS}, seal"


class Row(NamedTuple):
    """An article of the catalogue."""

    #: Its number: later ones have larger ones, and none is used twice.
    ordinal: int
    id: str
    #: Seconds since 1970-01-01 UTC.
    date: int | None
    site: str
    url: str
    #: 16 bytes, of its words.
    digest: bytes
    words: int
    #: In quarter-words.
    weight: int
    #: Whether it stands for all articles with its words: then it has postings.
    posted: int


class Listed(NamedTuple):
    """A segment as the catalogue lists it."""

    name: str
    articles: int
    postings: int
    size: int
    #: Of its header, 16 hex digits.
    checksum: str


class Waiting(NamedTuple):
    """Keys of an article that are in no segment yet."""

    #: Rises with every one.
    seq: int
    ordinal: int
    keys: U64
    #: Of its seal.
    tag: int


class Catalogue(Findings):
    """The rows of a catalogue, in a transaction of the caller."""

    # Articles ----------------------------------------------------------------------------------

    def add(self, row: Row, text: bytes | None, keys: U64, *, keep_keys: bool) -> int:
        """Insert an article under the next number, which is given back."""
        select = "SELECT seq + 1 FROM sqlite_sequence WHERE name = 'article'"
        (ordinal,) = self._db.execute(select).fetchone() or (1,)
        row = row._replace(ordinal=ordinal)
        marks = ", ".join("?" * (len(row) + 1))
        self._db.execute(f"INSERT INTO article ({_SEALED}) VALUES ({marks})", (*row, seal_of(row)))
        if text is not None:
            self._db.execute("INSERT INTO body VALUES (?, ?)", (ordinal, pack_text(ordinal, text)))
        if keep_keys:
            packed = seal(ordinal, pack_keys(keys))
            self._db.execute("INSERT INTO kept_keys VALUES (?, ?)", (ordinal, packed))
        if row.posted:
            self._wait(ordinal, keys)
        return int(ordinal)

    def post(self, row: Row, keys: U64) -> None:
        """Let an article be found by these keys, and stand for its words."""
        self._wait(row.ordinal, keys)
        self._db.execute(
            "UPDATE article SET posted = 1, seal = ? WHERE ordinal = ?",
            (seal_of(row._replace(posted=1)), row.ordinal),
        )

    def _wait(self, ordinal: int, keys: U64) -> None:
        """Keys that are in no segment yet."""
        packed = seal(ordinal, pack_keys(keys))
        self._db.execute("INSERT INTO pending (ordinal, keys) VALUES (?, ?)", (ordinal, packed))
        self._book(1, tag_of(packed))

    def _book(self, rows: int, seals: int) -> None:
        """Note how many keys wait, and the sum of their seals, so that none is lost unnoticed."""
        state = self.state()
        self._state = state._replace(
            waiting=state.waiting + rows, waiting_seals=state.waiting_seals + seals
        )

    def _row(self, values: Sequence[Any]) -> Row:
        """A row that was read with its seal.

        Raises:
            IndexDamaged: It has changed.
        """
        if seal_of(values[:-1]) != values[-1]:
            raise IndexDamaged(f"{self.path}, article {values[0]} ({values[1]!r}): it has changed.")
        return Row(*values[:-1])

    def remove(self, rows: Sequence[Row]) -> None:
        """Take articles out, with their relations; who stands for their words is not settled."""
        for row in rows:
            ordinal = (row.ordinal,)
            waiting = self.waiting(*ordinal)
            unflushed = len(waiting)
            if waiting:
                self._db.execute("DELETE FROM pending WHERE ordinal = ?", ordinal)
                self._book(-1, -tag_of(*waiting))
            for table in ("article", "body", "kept_keys"):
                self._db.execute(f"DELETE FROM {table} WHERE ordinal = ?", ordinal)
            if row.posted:
                self._db.execute(
                    "INSERT INTO gone (ordinal, unflushed) VALUES (?, ?)", (*ordinal, unflushed)
                )

    def drop_relations(self, ordinal: int) -> None:
        """Forget all relations of an article."""
        self._db.execute("DELETE FROM relation WHERE newer = ?", (ordinal,))
        self._db.execute("DELETE FROM relation WHERE older = ?", (ordinal,))

    def move_relations(self, old: int, new: int) -> None:
        """Let the relations of an article be those of another one with its words.

        The older of the two sides stays the one with the lower number; spans are unknown then.
        """
        rows = self.relations_of(old)
        self.drop_relations(old)
        for newer, older, kind, data in rows:
            other = older if newer == old else newer
            data = turned(data, is_swapped=(old > other) != (new > other))
            self._put("relation", [(max(new, other), min(new, other), kind, data)])

    def by_id(self, id_: str) -> Row | None:
        """The article with an id."""
        return self._one("id = ?", id_)

    def by_digest(self, digest: bytes) -> Row | None:
        """The article that stands for these words."""
        return self._one("digest = ? AND posted = 1", digest)

    def oldest_by_digest(self, digest: bytes) -> Row | None:
        """The article with these words that has been here longest."""
        return self._one("digest = ? ORDER BY ordinal LIMIT 1", digest)

    def same_words(self, digest: bytes) -> list[Row]:
        """All articles with these words, those stored first before."""
        select = f"SELECT {_SEALED} FROM article WHERE digest = ? ORDER BY ordinal"
        return [self._row(row) for row in self._db.execute(select, (digest,))]

    def last_ordinal(self) -> int:
        """The highest number an article has."""
        return int(self._db.execute("SELECT max(ordinal) FROM article").fetchone()[0] or 0)

    def has_copies(self, row: Row) -> bool:
        """Whether another article has the words of one."""
        select = "SELECT 1 FROM article WHERE digest = ? LIMIT 2"
        return row.words > 0 and len(self._db.execute(select, (row.digest,)).fetchall()) > 1

    def copied_digests(self) -> list[bytes]:
        """Words that several articles have."""
        select = "SELECT digest FROM article WHERE words > 0 GROUP BY digest HAVING count(*) > 1"
        return [digest for (digest,) in self._db.execute(select)]

    def ranked(self, most: int) -> list[Row]:
        """The last articles by (date, id) that have words, undated ones behind all others."""
        select = (
            f"SELECT {_SEALED} FROM article WHERE words > 0 "
            "ORDER BY date IS NULL DESC, date DESC, id DESC LIMIT ?"
        )
        return [self._row(row) for row in self._db.execute(select, (most,))][::-1]

    def _one(self, condition: str, value: object) -> Row | None:
        row = self._db.execute(f"SELECT {_SEALED} FROM article WHERE {condition}", (value,))
        found = row.fetchone()
        return self._row(found) if found else None

    def rows(self, ordinals: Iterable[int]) -> dict[int, Row]:
        """Articles by number; those that are not there are missing."""
        return {
            row[0]: self._row(row)
            for row in self._many(f"SELECT {_SEALED} FROM article WHERE ordinal IN", ordinals)
        }

    def texts(self, ordinals: Iterable[int]) -> dict[int, bytes]:
        """Texts by number, as far as they were kept.

        Raises:
            IndexDamaged: One cannot be unpacked.
        """
        found = {}
        for ordinal, packed in self._many("SELECT * FROM body WHERE ordinal IN", ordinals):
            try:
                found[ordinal] = unpack_text(ordinal, packed)
            except NotWhole as error:
                raise IndexDamaged(f"{self.path}, text of article {ordinal}: {error}.") from error
        return found

    def kept_keys(self, ordinals: Iterable[int]) -> dict[int, U64]:
        """Keys by number, where they are kept because texts are not."""
        found = self._many("SELECT * FROM kept_keys WHERE ordinal IN", ordinals)
        return {ordinal: self._keys(ordinal, keys) for ordinal, keys in found}

    def _keys(self, ordinal: int, sealed: bytes) -> U64:
        try:
            return unpack_keys(unseal(ordinal, sealed))
        except NotWhole as error:
            raise IndexDamaged(f"{self.path}, keys of article {ordinal}: {error}.") from error

    def pages(self, condition: str = "1", size: int = 1000) -> Iterator[list[Row]]:
        """All articles that meet a condition, in order of their numbers."""
        last = 0
        while True:
            found = self._db.execute(
                f"SELECT {_SEALED} FROM article WHERE {condition} AND ordinal > ? "
                "ORDER BY ordinal LIMIT ?", (last, size)
            ).fetchall()  # fmt: skip
            if not found:
                return
            last = found[-1][0]
            yield [self._row(row) for row in found]

    def before(self, date: int, most: int) -> list[Row]:
        """Some articles with an earlier date."""
        select = f"SELECT {_SEALED} FROM article WHERE date < ? LIMIT ?"
        return [self._row(row) for row in self._db.execute(select, (date, most))]

    def count(self) -> int:
        """Articles that are there."""
        return int(self._db.execute("SELECT count(*) FROM article").fetchone()[0])

    def tally(self) -> tuple[int, int, int, int | None, int | None]:
        """Articles, those that stand for their words, those with a date, first and last date."""
        row: tuple[int, int, int, int | None, int | None] = self._db.execute(
            "SELECT count(*), total(posted), count(date), min(date), max(date) FROM article"
        ).fetchone()
        return int(row[0]), int(row[1]), *row[2:]

    # Relations ---------------------------------------------------------------------------------

    def relate(self, rows: Iterable[tuple[int, int, str, str]]) -> None:
        """Insert relations: newer, older, kind, and all else as JSON."""
        self._put("relation", rows)

    def near_duplicates(self, ordinals: Sequence[int]) -> list[tuple[int, int]]:
        """Pairs (newer, older) of near-duplicates in which one of these articles is."""
        found: list[tuple[Any, ...]] = []
        for side in ("newer", "older"):
            found += self._many(
                "SELECT newer, older FROM relation WHERE kind = 'near-duplicate' AND "
                f"{side} IN", ordinals
            )  # fmt: skip
        return [(int(newer), int(older)) for newer, older in found]

    def relations(self) -> list[tuple[Any, ...]]:
        """All relations but those of identical articles: newer, older, kind, JSON."""
        return self._whole("relation", self._db.execute("SELECT * FROM relation"))

    # Segments ----------------------------------------------------------------------------------

    def pending(self, after: int = 0) -> list[Waiting]:
        """Keys that are in no segment yet, in the order in which they came."""
        rows = self._db.execute(
            "SELECT seq, ordinal, keys FROM pending WHERE seq > ? ORDER BY seq", (after,)
        )
        found = rows.fetchall()
        try:
            own = [unseal(ordinal, keys) for _, ordinal, keys in found]
        except NotWhole as error:
            raise IndexDamaged(f"{self.path}, table pending: {error}.") from error
        # Unpacked together: one by one it is a tenth of adding.
        flat = unpack_keys(b"".join(own))
        ends = np.cumsum([len(data) // KEY_BYTES for data in own]).tolist()
        return [
            Waiting(seq, ordinal, flat[begin:end], tag_of(keys))
            for (seq, ordinal, keys), begin, end in zip(found, [0, *ends], ends, strict=False)
        ]

    def waiting(self, ordinal: int) -> list[bytes]:
        """The sealed keys of an article that are in no segment yet, if there are some."""
        select = "SELECT keys FROM pending WHERE ordinal = ?"
        return [keys for (keys,) in self._db.execute(select, (ordinal,))]

    def last_waiting(self) -> int:
        """The sequence number of the last keys that are in no segment yet."""
        return int(self._db.execute("SELECT max(seq) FROM pending").fetchone()[0] or 0)

    def num_pending(self) -> int:
        """Articles whose keys are in no segment yet."""
        return int(self._db.execute("SELECT count(*) FROM pending").fetchone()[0])

    def gone(self) -> list[int]:
        """Numbers of articles that were removed and may still have postings."""
        rows = self._db.execute("SELECT ordinal FROM gone ORDER BY ordinal")
        return [ordinal for (ordinal,) in rows]

    def segments(self) -> list[Listed]:
        """The list of segments."""
        found = self._listed()
        if _seal_list(found) != self.state().listed:
            raise IndexDamaged(f"{self.path}: the list of segments has changed.")
        return found

    def _listed(self) -> list[Listed]:
        rows = self._db.execute(
            "SELECT name, articles, postings, size, checksum FROM segment ORDER BY name"
        )
        return [Listed(*row) for row in rows]

    def swap(self, old: Iterable[str], new: Iterable[Listed]) -> None:
        """Change the list of segments."""
        self._db.executemany("DELETE FROM segment WHERE name = ?", [(name,) for name in old])
        self._db.executemany("INSERT INTO segment VALUES (?, ?, ?, ?, ?)", new)
        state = self.state()
        self._state = state._replace(
            generation=state.generation + 1, listed=_seal_list(self._listed())
        )

    def flushed(self, written: Sequence[Waiting]) -> None:
        """These keys stand in a segment now."""
        last, those = written[-1].seq, {one.ordinal for one in written}
        select = "SELECT substr(keys, 1, 4) FROM pending WHERE seq <= ?"
        tags = [tag_of(tag) for (tag,) in self._db.execute(select, (last,))]
        self._db.execute("DELETE FROM pending WHERE seq <= ?", (last,))
        self._book(-len(tags), -sum(tags))
        rows = self._db.execute("SELECT ordinal FROM gone WHERE unflushed").fetchall()
        for (ordinal,) in rows:
            if ordinal in those:
                self._db.execute("UPDATE gone SET unflushed = 0 WHERE ordinal = ?", (ordinal,))
            else:
                self._db.execute("DELETE FROM gone WHERE ordinal = ?", (ordinal,))

    def purged(self, ordinals: Iterable[int]) -> None:
        """These removed articles have no postings any more."""
        self._db.executemany("DELETE FROM gone WHERE ordinal = ?", [(n,) for n in ordinals])


def _seal_list(listed: Sequence[Listed]) -> int:
    return seal_of([value for one in listed for value in one])
