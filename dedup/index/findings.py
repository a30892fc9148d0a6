"""What an index knows beside its articles: what is boilerplate, and which group each is in.

Takes and gives rows of a catalogue, in a transaction of the caller. What is learned and how stars
are made stands elsewhere; tables: docs/formats/index.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from dedup.core import U64
from dedup.index.connection import Connection
from dedup.records import Boilerplate

#: Most parameters of one statement; SQLite's own limit was 999 for long.
_AT_ONCE = 900
#: Of the tables of a catalogue; that of segments is in `format`.
FORMAT = 2
#: Tables that format 1 did not have.
_TABLES = """
CREATE TABLE boilerplate (
  id TEXT PRIMARY KEY, site TEXT NOT NULL, text TEXT NOT NULL, contexts INTEGER NOT NULL,
  days INTEGER NOT NULL, sites INTEGER NOT NULL, articles INTEGER NOT NULL,
  masked INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE mask (site TEXT PRIMARY KEY, shingles BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE standing (ordinal INTEGER PRIMARY KEY, site TEXT NOT NULL);
CREATE TABLE learned (number INTEGER NOT NULL, last INTEGER NOT NULL);
INSERT INTO learned VALUES (0, 0);
CREATE TABLE node (ordinal INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, keeper INTEGER NOT NULL);
CREATE INDEX node_keeper ON node (keeper)
"""


#: Places of what is said of either side in the JSON of a relation.
_SIDES = ((2, 3), (5, 6))


class Node(NamedTuple):
    """An article that has copies, or near-duplicates, and stands for its words."""

    ordinal: int
    #: Of those with its words the oldest by (date, id).
    oldest: int
    #: The node in the middle of its star; itself where it is that one.
    keeper: int


class Known(NamedTuple):
    """Boilerplate that was learned, as far as masking needs it."""

    #: Rises whenever something is learned.
    number: int
    #: The last article there was when it was learned.
    last: int
    #: uint64, rising: masked shingles of each site, those that were given among them; "" is
    #: everywhere, without those.
    masks: dict[str, U64]
    #: Articles that are masked as those of another site.
    standing: dict[int, str]


class Findings(Connection):
    """The rows of findings; `Catalogue` adds those of articles."""

    def lacks_tables(self) -> bool:
        """Whether it has been made by format 1, or is only half made."""
        with self._told():
            select = "SELECT 1 FROM sqlite_master WHERE name = 'node'"
            return self._db.execute(select).fetchone() is None

    def upgrade(self) -> None:
        """Add the tables that format 1 had not, in a transaction of the only writer."""
        for statement in _TABLES.split(";"):
            self._db.execute(statement)
        self.set_meta("format", FORMAT)

    def set_meta(self, name: str, value: Any) -> None:
        """Change what is said of the index."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, json.dumps(value)))

    def meta_value(self, name: str) -> Any:
        """One value of what is said of the index, None where it is not there."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _many(self, select: str, values: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        wanted = list(values)
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            yield from self._db.execute(f"{select} ({','.join('?' * len(some))})", some)

    # Boilerplate -------------------------------------------------------------------------------

    def known(self) -> Known:
        """What is masked."""
        number, last = self._db.execute("SELECT number, last FROM learned").fetchone()
        masks = self._db.execute("SELECT site, shingles FROM mask ORDER BY site")
        return Known(
            number, last,
            {site: np.frombuffer(packed, "<u8") for site, packed in masks},
            dict(self._db.execute("SELECT ordinal, site FROM standing").fetchall()),
        )  # fmt: skip

    def boilerplate(self) -> list[Boilerplate]:
        """What was learned, for people: everywhere first, then by site and text."""
        rows = self._db.execute("SELECT * FROM boilerplate ORDER BY site, text")
        return [Boilerplate._make((*row[:-1], bool(row[-1]))) for row in rows]

    def learn(self, known: Known, runs: Iterable[Boilerplate]) -> None:
        """Replace everything that was learned."""
        for table in ("boilerplate", "mask", "standing"):
            self._db.execute(f"DELETE FROM {table}")
        places = ",".join("?" * len(Boilerplate._fields))
        self._db.executemany(f"INSERT INTO boilerplate VALUES ({places})", runs)
        masks = [(site, part.astype("<u8").tobytes()) for site, part in known.masks.items()]
        self._db.executemany("INSERT INTO mask VALUES (?, ?)", masks)
        self._db.executemany("INSERT INTO standing VALUES (?, ?)", known.standing.items())
        self._db.execute("UPDATE learned SET number = ?, last = ?", (known.number, known.last))

    def stand(self, ordinal: int, site: str | None) -> None:
        """Let an article be masked as one of another site, or (None) of its own."""
        self._db.execute("DELETE FROM standing WHERE ordinal = ?", (ordinal,))
        if site is not None:
            self._db.execute("INSERT INTO standing VALUES (?, ?)", (ordinal, site))

    def standing(self, ordinal: int) -> str | None:
        """The site an article is masked as, where that is not its own."""
        row = self._db.execute("SELECT site FROM standing WHERE ordinal = ?", (ordinal,)).fetchone()
        return None if row is None else str(row[0])

    # Groups ------------------------------------------------------------------------------------

    def node(self, ordinal: int) -> Node | None:
        """The node of an article that stands for its words."""
        select = "SELECT ordinal, oldest, keeper FROM node WHERE ordinal = ?"
        row = self._db.execute(select, (ordinal,)).fetchone()
        return None if row is None else Node(*row)

    def nodes(self, ordinals: Iterable[int]) -> dict[int, Node]:
        """Nodes by number; those that stand alone are missing."""
        select = "SELECT ordinal, oldest, keeper FROM node WHERE ordinal IN"
        return {row[0]: Node(*row) for row in self._many(select, ordinals)}

    def star(self, keeper: int) -> list[Node]:
        """All nodes of a star."""
        select = "SELECT ordinal, oldest, keeper FROM node WHERE keeper = ? ORDER BY ordinal"
        return [Node(*row) for row in self._db.execute(select, (keeper,))]

    def all_nodes(self) -> list[Node]:
        """All nodes."""
        return [Node(*row) for row in self._db.execute("SELECT ordinal, oldest, keeper FROM node")]

    def set_nodes(self, nodes: Mapping[int, Node | None]) -> None:
        """Write nodes; None takes one out."""
        for ordinal, node in nodes.items():
            if node is None:
                self._db.execute("DELETE FROM node WHERE ordinal = ?", (ordinal,))
            else:
                self._db.execute("INSERT OR REPLACE INTO node VALUES (?, ?, ?)", node)

    def clear_nodes(self) -> None:
        """Forget all nodes."""
        self._db.execute("DELETE FROM node")

    def edges(self, ordinal: int, kind: str) -> list[tuple[int, int, str | None]]:
        """Relations of a kind that an article has: newer, older, JSON."""
        select = "SELECT newer, older, data FROM relation WHERE kind = ? AND"
        return [
            row
            for side in ("newer", "older")
            for row in self._db.execute(f"{select} {side} = ?", (kind, ordinal))
        ]

    def has_edge(self, ordinal: int, kind: str) -> bool:
        """Whether an article has a relation of a kind."""
        select = "SELECT 1 FROM relation WHERE kind = ? AND"
        return any(
            self._db.execute(f"{select} {side} = ? LIMIT 1", (kind, ordinal)).fetchone()
            for side in ("newer", "older")
        )

    def related_to(self, ordinal: int) -> list[tuple[int, int]]:
        """Pairs (newer, older) of all relations an article has."""
        select = "SELECT newer, older FROM relation WHERE"
        return [
            row
            for side in ("newer", "older")
            for row in self._db.execute(f"{select} {side} = ?", (ordinal,))
        ]

    def unrelate(self, newer: int, older: int) -> None:
        """Forget what two articles share."""
        self._db.execute("DELETE FROM relation WHERE newer = ? AND older = ?", (newer, older))


def turned(data: str | None, *, is_swapped: bool) -> str | None:
    """The JSON of a relation when another article with the same words takes one of its sides.

    The measures stay; spans are unknown. Where the other article is on the other side, what is
    said of both sides is exchanged.
    """
    if data is None:
        return None
    values, _ = json.loads(data)
    if is_swapped:
        values[0] = {"a_in_b": "b_in_a", "b_in_a": "a_in_b"}.get(values[0])
        for x, y in _SIDES:
            values[x], values[y] = values[y], values[x]
    return json.dumps([values, None])
