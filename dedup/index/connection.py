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

FILE = "catalogue.db"
#: SQLite's field for the kind of file: "DdIx".
APPLICATION_ID = 0x44644978
_SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (
  ordinal INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, date INTEGER,
  site TEXT NOT NULL, url TEXT NOT NULL, digest BLOB NOT NULL, words INTEGER NOT NULL,
  weight INTEGER NOT NULL, posted INTEGER NOT NULL);
CREATE INDEX article_digest ON article (digest);
CREATE INDEX article_date ON article (date) WHERE date IS NOT NULL;
CREATE TABLE body (ordinal INTEGER PRIMARY KEY, packed BLOB NOT NULL);
CREATE TABLE kept_keys (ordinal INTEGER PRIMARY KEY, keys BLOB NOT NULL);
CREATE TABLE relation (
  newer INTEGER NOT NULL, older INTEGER NOT NULL, kind TEXT NOT NULL, data TEXT,
  PRIMARY KEY (newer, older)) WITHOUT ROWID;
CREATE INDEX relation_older ON relation (older, newer);
CREATE TABLE pending (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, ordinal INTEGER NOT NULL UNIQUE, keys BLOB NOT NULL);
CREATE TABLE gone (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, ordinal INTEGER NOT NULL UNIQUE,
  unflushed INTEGER NOT NULL);
CREATE TABLE segment (
  name TEXT PRIMARY KEY, articles INTEGER NOT NULL, postings INTEGER NOT NULL,
  size INTEGER NOT NULL, checksum TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE state (generation INTEGER NOT NULL);
INSERT INTO state VALUES (0);
"""


class Mark(NamedTuple):
    """How far a catalogue is; equal marks mean that nothing has changed."""

    #: Changes with the list of segments.
    generation: int
    pending: int
    gone: int
    #: Rises whenever boilerplate is learned.
    learned: int


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
        with self._told(), self._transaction("BEGIN IMMEDIATE"):
            yield

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
            raise IndexDamaged(
                f"{self.path}: {error}. The catalogue is the only truth: restore it from a copy."
            ) from error

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
                    self._db.executemany("INSERT INTO meta VALUES (?, ?)", rows)

    def meta(self) -> dict[str, Any]:
        """What was said when the index was made."""
        with self._told():
            (kind,) = self._db.execute("PRAGMA application_id").fetchone()
            if kind != APPLICATION_ID:
                raise IndexDamaged(f"{self.path} is no catalogue of an index.")
            rows = self._db.execute("SELECT name, value FROM meta").fetchall()
        try:
            return {name: json.loads(value) for name, value in rows}
        except ValueError as error:
            raise IndexDamaged(f"{self.path}, table meta: {error}.") from error

    def mark(self) -> Mark:
        """How far it is."""
        row = self._db.execute(
            "SELECT (SELECT generation FROM state), (SELECT max(seq) FROM pending), "
            "(SELECT max(seq) FROM gone), (SELECT number FROM learned)"
        ).fetchone()
        return Mark(*(value or 0 for value in row))

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
