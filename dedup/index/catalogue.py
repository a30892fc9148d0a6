"""The catalogue of an index: SQLite, and the only truth.

Takes and gives rows: articles, packed texts, relations, keys that are in no segment yet, the list
of segments. Everything else in the folder can be made again from it. Transactions are the
caller's; what the rows mean together stands in `store`. Tables: docs/formats/index.md.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup.core import U64
from dedup.errors import IndexDamaged
from dedup.index.findings import Findings, turned

_COLUMNS = "ordinal, id, date, site, url, digest, words, weight, posted"


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


class Catalogue(Findings):
    """The rows of a catalogue, in a transaction of the caller."""

    # Articles ----------------------------------------------------------------------------------

    def add(self, row: Row, text: bytes | None, keys: U64, *, keep_keys: bool) -> int:
        """Insert an article under the next number, which is given back."""
        cursor = self._db.execute(
            f"INSERT INTO article ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", row[1:]
        )
        ordinal = cursor.lastrowid
        assert ordinal is not None
        if text is not None:
            self._db.execute("INSERT INTO body VALUES (?, ?)", (ordinal, zlib.compress(text)))
        packed = keys.astype("<u8").tobytes()
        if keep_keys:
            self._db.execute("INSERT INTO kept_keys VALUES (?, ?)", (ordinal, packed))
        if row.posted:
            self.post(ordinal, keys)
        return ordinal

    def post(self, ordinal: int, keys: U64) -> None:
        """Let an article be found by these keys."""
        packed = keys.astype("<u8").tobytes()
        self._db.execute("INSERT INTO pending (ordinal, keys) VALUES (?, ?)", (ordinal, packed))
        self._db.execute("UPDATE article SET posted = 1 WHERE ordinal = ?", (ordinal,))

    def remove(self, rows: Sequence[Row]) -> None:
        """Take articles out, with their relations; who stands for their words is not settled."""
        for row in rows:
            ordinal = (row.ordinal,)
            unflushed = self._db.execute("DELETE FROM pending WHERE ordinal = ?", ordinal).rowcount
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
        rows = self._db.execute(
            "SELECT newer, older, kind, data FROM relation WHERE newer = ? UNION "
            "SELECT newer, older, kind, data FROM relation WHERE older = ?", (old, old)
        ).fetchall()  # fmt: skip
        self.drop_relations(old)
        for newer, older, kind, data in rows:
            other = older if newer == old else newer
            data = turned(data, is_swapped=(old > other) != (new > other))
            self._db.execute(
                "INSERT OR REPLACE INTO relation VALUES (?, ?, ?, ?)",
                (max(new, other), min(new, other), kind, data),
            )

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
        select = f"SELECT {_COLUMNS} FROM article WHERE digest = ? ORDER BY ordinal"
        return [Row(*row) for row in self._db.execute(select, (digest,))]

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
            f"SELECT {_COLUMNS} FROM article WHERE words > 0 "
            "ORDER BY date IS NULL DESC, date DESC, id DESC LIMIT ?"
        )
        return [Row(*row) for row in self._db.execute(select, (most,))][::-1]

    def _one(self, condition: str, value: object) -> Row | None:
        row = self._db.execute(f"SELECT {_COLUMNS} FROM article WHERE {condition}", (value,))
        found = row.fetchone()
        return Row(*found) if found else None

    def rows(self, ordinals: Iterable[int]) -> dict[int, Row]:
        """Articles by number; those that are not there are missing."""
        return {
            row[0]: Row(*row)
            for row in self._many(f"SELECT {_COLUMNS} FROM article WHERE ordinal IN", ordinals)
        }

    def texts(self, ordinals: Iterable[int]) -> dict[int, bytes]:
        """Texts by number, as far as they were kept.

        Raises:
            IndexDamaged: One cannot be unpacked.
        """
        found = {}
        for ordinal, packed in self._many("SELECT * FROM body WHERE ordinal IN", ordinals):
            try:
                found[ordinal] = zlib.decompress(packed)
            except zlib.error as error:
                raise IndexDamaged(f"{self.path}, text of article {ordinal}: {error}.") from error
        return found

    def kept_keys(self, ordinals: Iterable[int]) -> dict[int, U64]:
        """Keys by number, where they are kept because texts are not."""
        found = self._many("SELECT * FROM kept_keys WHERE ordinal IN", ordinals)
        return {ordinal: np.frombuffer(keys, "<u8") for ordinal, keys in found}

    def pages(self, condition: str = "1", size: int = 1000) -> Iterator[list[Row]]:
        """All articles that meet a condition, in order of their numbers."""
        last = 0
        while True:
            found = self._db.execute(
                f"SELECT {_COLUMNS} FROM article WHERE {condition} AND ordinal > ? "
                "ORDER BY ordinal LIMIT ?", (last, size)
            ).fetchall()  # fmt: skip
            if not found:
                return
            last = found[-1][0]
            yield [Row(*row) for row in found]

    def before(self, date: int, most: int) -> list[Row]:
        """Some articles with an earlier date."""
        select = f"SELECT {_COLUMNS} FROM article WHERE date < ? LIMIT ?"
        return [Row(*row) for row in self._db.execute(select, (date, most))]

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
        self._db.executemany("INSERT INTO relation VALUES (?, ?, ?, ?)", rows)

    def near_duplicates(self, ordinals: Sequence[int]) -> list[tuple[int, int]]:
        """Pairs (newer, older) of near-duplicates in which one of these articles is."""
        found: list[tuple[Any, ...]] = []
        for side in ("newer", "older"):
            found += self._many(
                "SELECT newer, older FROM relation WHERE kind = 'near-duplicate' AND "
                f"{side} IN", ordinals
            )  # fmt: skip
        return [(int(newer), int(older)) for newer, older in found]

    def relations(self) -> list[tuple[int, int, str, str | None]]:
        """All relations but those of identical articles: newer, older, kind, JSON."""
        return self._db.execute("SELECT newer, older, kind, data FROM relation").fetchall()

    # Segments ----------------------------------------------------------------------------------

    def pending(self, after: int = 0) -> list[tuple[int, int, U64]]:
        """Keys that are in no segment yet: sequence number, article, keys."""
        rows = self._db.execute(
            "SELECT seq, ordinal, keys FROM pending WHERE seq > ? ORDER BY seq", (after,)
        )
        return [(seq, ordinal, np.frombuffer(keys, "<u8")) for seq, ordinal, keys in rows]

    def num_pending(self) -> int:
        """Articles whose keys are in no segment yet."""
        return int(self._db.execute("SELECT count(*) FROM pending").fetchone()[0])

    def gone(self) -> list[int]:
        """Numbers of articles that were removed and may still have postings."""
        rows = self._db.execute("SELECT ordinal FROM gone ORDER BY ordinal")
        return [ordinal for (ordinal,) in rows]

    def segments(self) -> list[Listed]:
        """The list of segments."""
        rows = self._db.execute(
            "SELECT name, articles, postings, size, checksum FROM segment ORDER BY name"
        )
        return [Listed(*row) for row in rows]

    def swap(self, old: Iterable[str], new: Iterable[Listed]) -> None:
        """Change the list of segments."""
        self._db.executemany("DELETE FROM segment WHERE name = ?", [(name,) for name in old])
        self._db.executemany("INSERT INTO segment VALUES (?, ?, ?, ?, ?)", new)
        self._db.execute("UPDATE state SET generation = generation + 1")

    def flushed(self, last: int, written: set[int]) -> None:
        """Keys up to a sequence number stand in a segment now, which has postings of `written`."""
        self._db.execute("DELETE FROM pending WHERE seq <= ?", (last,))
        rows = self._db.execute("SELECT ordinal FROM gone WHERE unflushed").fetchall()
        for (ordinal,) in rows:
            if ordinal in written:
                self._db.execute("UPDATE gone SET unflushed = 0 WHERE ordinal = ?", (ordinal,))
            else:
                self._db.execute("DELETE FROM gone WHERE ordinal = ?", (ordinal,))

    def purged(self, ordinals: Iterable[int]) -> None:
        """These removed articles have no postings any more."""
        self._db.executemany("DELETE FROM gone WHERE ordinal = ?", [(n,) for n in ordinals])
