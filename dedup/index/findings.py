"""What an index knows beside its articles: what is boilerplate, and which group each is in.

Takes and gives rows of a catalogue, in a transaction of the caller. What is learned and how stars
are made stands elsewhere; tables: docs/formats/index.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from dedup.core import U64
from dedup.errors import IndexDamaged
from dedup.index.connection import Connection
from dedup.index.packing import seal_of
from dedup.records import Boilerplate

#: Most parameters of one statement; SQLite's own limit was 999 for long.
_AT_ONCE = 900
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

    def set_meta(self, name: str, value: Any) -> None:
        """Change what is said of the index."""
        change = "INSERT OR REPLACE INTO meta VALUES (?, ?)"
        self._db.execute(change, (name, json.dumps(value)))
        rows = self._db.execute("SELECT name, value FROM meta WHERE name != 'seal'").fetchall()
        sealed = seal_of([value for row in sorted(rows) for value in row])
        self._db.execute(change, ("seal", str(sealed)))

    def meta_value(self, name: str) -> Any:
        """One value of what is said of the index, None where it is not there."""
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _many(self, select: str, values: Iterable[int]) -> Iterator[tuple[Any, ...]]:
        wanted = list(values)
        for begin in range(0, len(wanted), _AT_ONCE):
            some = wanted[begin : begin + _AT_ONCE]
            yield from self._db.execute(f"{select} ({','.join('?' * len(some))})", some)

    def _whole(self, table: str, rows: Iterable[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """Rows without their seals.

        Raises:
            IndexDamaged: One has changed.
        """
        out = []
        for *values, sealed in rows:
            if seal_of(values) != sealed:
                raise IndexDamaged(f"{self.path}, table {table}, {values[0]!r}: it has changed.")
            out.append(tuple(values))
        return out

    def _put(self, table: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows, sealed."""
        sealed = [(*row, seal_of(row)) for row in rows]
        if sealed:
            places = ",".join("?" * len(sealed[0]))
            self._db.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", sealed)

    # Boilerplate -------------------------------------------------------------------------------

    def known(self) -> Known:
        """What is masked."""

        def read(table: str) -> list[tuple[Any, ...]]:
            return self._whole(table, self._db.execute(f"SELECT * FROM {table}"))

        learned = read("learned")
        if len(learned) != 1:
            raise IndexDamaged(f"{self.path}, table learned: it has changed.")
        ((number, last),) = learned
        masks = {site: np.frombuffer(packed, "<u8") for site, packed in read("mask")}
        return Known(number, last, masks, dict(read("standing")))

    def boilerplate(self) -> list[Boilerplate]:
        """What was learned, for people: everywhere first, then by site and text."""
        rows = self._db.execute("SELECT * FROM boilerplate ORDER BY site, text")
        found = self._whole("boilerplate", rows)
        return [Boilerplate._make((*row[:-1], bool(row[-1]))) for row in found]

    def learn(self, known: Known, runs: Iterable[Boilerplate]) -> None:
        """Replace everything that was learned."""
        for table in ("boilerplate", "mask", "standing", "learned"):
            self._db.execute(f"DELETE FROM {table}")
        self._put("boilerplate", [(*run[:-1], int(run.masked)) for run in runs])
        masks = [(site, part.astype("<u8").tobytes()) for site, part in known.masks.items()]
        self._put("mask", masks)
        self._put("standing", list(known.standing.items()))
        self._put("learned", [(known.number, known.last)])

    def stand(self, ordinal: int, site: str | None) -> None:
        """Let an article be masked as one of another site, or (None) of its own."""
        self._db.execute("DELETE FROM standing WHERE ordinal = ?", (ordinal,))
        if site is not None:
            self._put("standing", [(ordinal, site)])

    def standing(self, ordinal: int) -> str | None:
        """The site an article is masked as, where that is not its own."""
        found = self._db.execute("SELECT * FROM standing WHERE ordinal = ?", (ordinal,))
        return next((str(site) for _, site in self._whole("standing", found)), None)

    # Groups ------------------------------------------------------------------------------------

    def node(self, ordinal: int) -> Node | None:
        """The node of an article that stands for its words."""
        return self.nodes([ordinal]).get(ordinal)

    def nodes(self, ordinals: Iterable[int]) -> dict[int, Node]:
        """Nodes by number; those that stand alone are missing."""
        return {node[0]: node for node in self._nodes("ordinal IN", ordinals)}

    def star(self, keeper: int) -> list[Node]:
        """All nodes of a star."""
        return sorted(self._nodes("keeper IN", [keeper]))

    def _nodes(self, condition: str, values: Iterable[int]) -> list[Node]:
        rows = self._many(f"SELECT * FROM node WHERE {condition}", values)
        return [Node(*row) for row in self._whole("node", rows)]

    def all_nodes(self) -> list[Node]:
        """All nodes."""
        rows = self._whole("node", self._db.execute("SELECT * FROM node"))
        return [Node(*row) for row in rows]

    def set_nodes(self, nodes: Mapping[int, Node | None]) -> None:
        """Write nodes; None takes one out."""
        for ordinal, node in nodes.items():
            if node is None:
                self._db.execute("DELETE FROM node WHERE ordinal = ?", (ordinal,))
            else:
                self._put("node", [node])

    def clear_nodes(self) -> None:
        """Forget all nodes."""
        self._db.execute("DELETE FROM node")

    def relations_of(self, ordinal: int) -> list[tuple[Any, ...]]:
        """Relations that an article has: newer, older, kind, JSON."""
        rows: list[Sequence[Any]] = []
        for side in ("newer", "older"):
            rows += self._db.execute(f"SELECT * FROM relation WHERE {side} = ?", (ordinal,))
        return self._whole("relation", rows)

    def edges(self, ordinal: int, kind: str) -> list[tuple[int, int, str]]:
        """Relations of a kind that an article has: newer, older, JSON."""
        # A kind that has changed is found by its seal only where all kinds are read.
        found = self.relations_of(ordinal)
        return [(newer, older, data) for newer, older, own, data in found if own == kind]

    def has_edge(self, ordinal: int, kind: str) -> bool:
        """Whether an article has a relation of a kind."""
        select = "SELECT 1 FROM relation WHERE kind = ? AND"
        return any(
            self._db.execute(f"{select} {side} = ? LIMIT 1", (kind, ordinal)).fetchone()
            for side in ("newer", "older")
        )

    def unrelate(self, newer: int, older: int) -> None:
        """Forget what two articles share."""
        self._db.execute("DELETE FROM relation WHERE newer = ? AND older = ?", (newer, older))


def turned(data: str, *, is_swapped: bool) -> str:
    """The JSON of a relation when another article with the same words takes one of its sides.

    The measures stay; spans are unknown. Where the other article is on the other side, what is
    said of both sides is exchanged.
    """
    values, _ = json.loads(data)
    if is_swapped:
        values[0] = {"a_in_b": "b_in_a", "b_in_a": "a_in_b"}.get(values[0])
        for x, y in _SIDES:
            values[x], values[y] = values[y], values[x]
    return json.dumps([values, None])
