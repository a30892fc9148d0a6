"""The connection to a catalogue: tables, transactions, and SQLite's errors as ours.

Takes a folder; gives transactions in which `catalogue` reads and writes rows. What the tables
mean: docs/formats/index.md.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from dedup.errors import IndexDamaged, IndexLocked, OutputError
from dedup.index.packing import seal_of
from dedup.index.place import note_changes, noted_changes

FILE = "catalogue.db"
#: SQLite's field for the kind of file: "DdIx".
APPLICATION_ID = 0x44644978
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, date INTEGER,
  site TEXT NOT NULL, url TEXT NOT NULL, digest BLOB NOT NULL, words INTEGER NOT NULL,
  weight INTEGER NOT NULL, posted INTEGER NOT NULL, seal INTEGER NOT NULL);
CREATE INDEX article_digest ON article (digest);
CREATE INDEX article_date ON article (date) WHERE date IS NOT NULL;
CREATE TABLE body (ordinal INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE kept_keys (ordinal INTEGER PRIMARY KEY, keys BLOB NOT NULL);
CREATE TABLE relation (
  newer INTEGER NOT NULL, older INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,
  seal INTEGER NOT NULL, PRIMARY KEY (newer, older)) WITHOUT ROWID;
CREATE INDEX relation_older ON relation (older, newer);
CREATE TABLE pending (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, ordinal INTEGER NOT NULL UNIQUE, keys BLOB NOT NULL);
CREATE TABLE gone (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, ordinal INTEGER NOT NULL UNIQUE,
  unflushed INTEGER NOT NULL);
CREATE TABLE segment (
  name TEXT PRIMARY KEY, articles INTEGER NOT NULL, postings INTEGER NOT NULL,
  size INTEGER NOT NULL, checksum TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE boilerplate (
  id TEXT PRIMARY KEY, site TEXT NOT NULL, text TEXT NOT NULL, contexts INTEGER NOT NULL,
  days INTEGER NOT NULL, sites INTEGER NOT NULL, articles INTEGER NOT NULL,
  masked INTEGER NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE mask (
  site TEXT PRIMARY KEY, shingles BLOB NOT NULL, seal INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE standing (ordinal INTEGER PRIMARY KEY, site TEXT NOT NULL, seal INTEGER NOT NULL);
CREATE TABLE learned (number INTEGER NOT NULL, last INTEGER NOT NULL, seal INTEGER NOT NULL);
CREATE TABLE node (
  ordinal INTEGER PRIMARY KEY, oldest INTEGER NOT NULL, keeper INTEGER NOT NULL,
  seal INTEGER NOT NULL);
CREATE INDEX node_keeper ON node (keeper);
CREATE TABLE state (
  generation INTEGER NOT NULL, changes INTEGER NOT NULL, listed INTEGER NOT NULL,
  waiting INTEGER NOT NULL, waiting_seals INTEGER NOT NULL, seal INTEGER NOT NULL);
"""


#: Bytes of a catalogue up to which it is read whole on opening; 25 MB took 36 ms.
SMALL = 32 << 20


class State(NamedTuple):
    """What a catalogue says about itself; every transaction that writes changes it."""

    #: Changes with the list of segments.
    generation: int = 0
    #: Transactions that wrote.
    changes: int = 0
    #: Seal of the list of segments; that of none to begin with.
    listed: int = seal_of([])
    #: Articles whose keys are in no segment yet, and the sum of their seals.
    waiting: int = 0
    waiting_seals: int = 0


class Mark(NamedTuple):
    """How far a catalogue is; equal marks mean that nothing has changed."""

    state: State
    gone: int
    #: Rises whenever boilerplate is learned.
    learned: int

    @property
    def generation(self) -> int:
        """Changes with the list of segments."""
        return self.state.generation


class Connection:
    """One connection to a catalogue; not for two threads at a time."""

    def __init__(self, folder: Path, *, wait: float, durable: bool) -> None:
        """Connect; the file is made when it is missing.

        Args:
            folder: Of the index.
            wait: Seconds to wait for other writers.
            durable: Sync every commit, so that it outlives a power failure.
        """
        self.path = folder / FILE
        with self._told():
            self._db = sqlite3.connect(
                self.path, timeout=wait, isolation_level=None, check_same_thread=False
            )
            try:
                self._db.execute("PRAGMA secure_delete = ON")
                self._db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._db.execute("PRAGMA cache_size = -16384")
            except BaseException:
                self._db.close()
                raise

        self._state: State | None = None

    def close(self) -> None:
        """Disconnect."""
        self._db.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A transaction that sees one state of the catalogue."""
        with self._told(), self._transaction("BEGIN"):
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction of the only writer; committed at its end, rolled back on any error."""
        try:
            with self._told(), self._transaction("BEGIN IMMEDIATE"):
                self._state = state = self.state()
                yield
                state = self._state
                self._set(state._replace(changes=state.changes + 1))
        finally:
            self._state = None
        note_changes(self.path, state.changes + 1)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        self._db.execute(begin)
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of SQLite as ours."""
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
                raise IndexLocked(
                    f"{self.path} is locked by another process. Try again."
                ) from error
            if name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN", "SQLITE_READ")):
                raise OutputError(f"{self.path} cannot be written: {error}.") from error
            raise self._damage(error) from error
        except (UnicodeDecodeError, json.JSONDecodeError) as error:
            raise self._damage(error) from error

    def _damage(self, fault: object) -> IndexDamaged:
        return IndexDamaged(
            f"{self.path}: {fault}. The catalogue is the only truth: restore it from a copy."
        )

    # What the index is -------------------------------------------------------------------------

    def is_new(self) -> bool:
        """Whether nothing has been made yet."""
        with self._told():
            found = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        return not found[0]

    def create(self, meta: dict[str, Any]) -> None:
        """Make the tables, unless another process has."""
        with self._told():
            self._db.execute("PRAGMA journal_mode = WAL")
            with self._transaction("BEGIN IMMEDIATE"):
                if self.is_new():
                    for statement in _SCHEMA.split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                    rows = [(name, json.dumps(value)) for name, value in meta.items()]
                    rows.append(("seal", str(seal_of([x for row in sorted(rows) for x in row]))))
                    self._db.executemany("INSERT INTO meta VALUES (?, ?)", rows)
                    self._db.execute("INSERT INTO learned VALUES (0, 0, ?)", (seal_of([0, 0]),))
                    names = (*State(), seal_of(State()))
                    self._db.execute(
                        f"INSERT INTO state VALUES ({', '.join('?' * len(names))})", names
                    )

    def meta(self) -> dict[str, Any]:
        """What was said when the index was made; `is_whole`: and nothing else."""
        with self._told():
            (kind,) = self._db.execute("PRAGMA application_id").fetchone()
            if kind != APPLICATION_ID:
                raise IndexDamaged(f"{self.path} is no catalogue of an index.")
            rows = self._db.execute("SELECT name, value FROM meta").fetchall()
        if not all(isinstance(value, str) for row in rows for value in row):
            raise IndexDamaged(f"{self.path}, table meta: it has changed.")
        values = [row for row in rows if row[0] != "seal"]
        seal = "seal", str(seal_of([value for row in sorted(values) for value in row]))
        try:
            return {name: json.loads(value) for name, value in values} | {"is_whole": seal in rows}
        except ValueError as error:
            raise IndexDamaged(f"{self.path}, table meta: {error}.") from error

    def check_opened(self) -> None:
        """Compare the tables with what they should be, and of a small catalogue everything.

        Raises:
            IndexDamaged: Something is wrong.
        """
        with self._told():
            found = {sql for (sql,) in self._db.execute("SELECT sql FROM sqlite_master") if sql}
        wanted = {one.strip() for one in _SCHEMA.split(";") if one.strip()}
        faults = [f"expected {one}" for one in sorted(wanted - found)]
        if not faults and self.path.stat().st_size <= SMALL:
            faults = self.faults()
        if faults:
            raise self._damage(faults[0])

    def num_lost(self) -> int:
        """Transactions that were once committed here and are missing now."""
        noted = noted_changes(self.path)
        with self.reading():
            return max(0, noted - self.state().changes)

    def state(self) -> State:
        """What the catalogue says about itself.

        Raises:
            IndexDamaged: It says something else than was written.
        """
        if self._state is not None:
            return self._state
        rows = self._db.execute(f"SELECT {', '.join(State._fields)}, seal FROM state").fetchall()
        if len(rows) != 1 or seal_of(rows[0][:-1]) != rows[0][-1]:
            raise IndexDamaged(f"{self.path}, table state: it has changed.")
        return State(*rows[0][:-1])

    def _set(self, state: State) -> None:
        names = ", ".join(f"{name} = ?" for name in State._fields)
        self._db.execute(f"UPDATE state SET {names}, seal = ?", (*state, seal_of(state)))

    def mark(self) -> Mark:
        """How far it is."""
        row = self._db.execute(
            "SELECT (SELECT max(seq) FROM gone), (SELECT number FROM learned)"
        ).fetchone()
        return Mark(self.state(), *(value or 0 for value in row))

    def faults(self) -> list[str]:
        """What SQLite finds wrong with the file; nothing when all is well."""
        with self._told():
            rows = self._db.execute("PRAGMA integrity_check").fetchall()
        return [text for (text,) in rows if text != "ok"]

    def rewrite(self) -> None:
        """Write the file anew and empty its log, so that nothing is left of what was deleted.

        Raises:
            IndexLocked: Another process reads or writes for longer than is waited.
        """
        with self._told():
            self._db.execute("VACUUM")
            busy, *_ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise IndexLocked(f"{self.path}-wal cannot be emptied: another process reads it.")
