"""The articles of a scan: read, sketched behind the reader's back, and put in order.

Takes batches from any reader; gives a `Corpus`: columns on a shelf, some in memory, some on disk.
About 100 bytes of an article are in memory, whatever its length. What is done with them stands in
pipeline.py.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from itertools import chain, islice, pairwise

import numpy as np
import xxhash

from dedup.core import I32, I64, U32
from dedup.errors import InputError
from dedup.packed import Ids, Packed, sort_entries
from dedup.read import Rejects
from dedup.records import Batch, Progress
from dedup.report import SPOOL_COLUMNS, Spool, spool_batch
from dedup.settings import Settings
from dedup.shelf import Column, Shelf
from dedup.sketch import Sketches, sketch_texts

#: Stands for a date that is not known: newer than all.
NO_DATE = np.iinfo(np.int64).max
#: Bytes of text after which what was read is committed; speed only.
COMMIT_BYTES = 32 << 20


class Silence:
    """Progress that nobody watches."""

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """Nothing to tell."""

    def advance(self, amount: int) -> None:
        """Nothing to tell."""

    def reach(self, done: int, total: int, note: str) -> None:
        """Nothing to tell."""


def corpus_columns(num_perm: int, *, with_lines: bool) -> dict[str, Column]:
    """The columns of a corpus, in input order (docs/formats/work.md)."""
    columns = {
        "ids": Column("u1"),
        "id_offsets": Column("<i8"),
        "texts": Column("u1"),
        "text_offsets": Column("<i8"),
        "dates": Column("<i8"),
        "sites": Column("<u4"),
        "names": Column("u1"),
        "signatures": Column("<u2", num_perm),
        "digests": Column("<u8", 2),
        "tokens": Column("<u4"),
        "weights": Column("<u4"),
        "offsets": Column("<i8"),
        "fingerprints": Column("<u8"),
        "positions": Column("<u4"),
    }
    if with_lines:
        columns |= {name: Column(dtype) for name, dtype in SPOOL_COLUMNS.items()}
    return columns


class Corpus:
    """The articles of a scan in input order; `put_in_order` before anything but `add` is used."""

    def __init__(self, shelf: Shelf, *, with_lines: bool) -> None:
        """Take up what is on the shelf."""
        self.shelf = shelf
        self._with_lines = with_lines
        #: Columns of offsets, which have one row more than there are entries, and their ends.
        self._ends = dict.fromkeys(("id_offsets", "text_offsets", "offsets"), 0)
        if with_lines:
            self._ends["begins"] = 0
        for name in self._ends:
            if not shelf.count(name):
                shelf.append(name, np.zeros(1, np.int64))
            count = shelf.count(name)
            self._ends[name] = int(np.frombuffer(shelf.read(name, count - 1, count), np.int64)[0])
        known = shelf.read("names", 0, shelf.count("names")).splitlines()
        #: Sites and files, each once.
        self.names: list[str] = [json.loads(name) for name in known]
        self._numbers = {name: n for n, name in enumerate(self.names)}
        self._uncommitted = 0

    def __len__(self) -> int:
        """Articles so far."""
        return self.shelf.count("dates")

    def add(self, batch: Batch, sketches: Sketches) -> None:
        """Append the articles of a batch."""
        shelf = self.shelf
        try:
            data = "".join(batch.ids).encode()
        except UnicodeEncodeError:
            data = b""
        if len(data) == sum(map(len, batch.ids)):
            lengths = list(map(len, batch.ids))
        else:
            ids = [id_.encode("utf-8", "surrogatepass") for id_ in batch.ids]
            data, lengths = b"".join(ids), list(map(len, ids))
        shelf.append("ids", data)
        self._append_ends("id_offsets", np.cumsum(lengths))
        offsets = np.frombuffer(batch.texts[1], np.int64)
        shelf.append("texts", memoryview(batch.texts[0])[: int(offsets[-1])])
        self._append_ends("text_offsets", offsets[1:])
        dates = [NO_DATE if date is None else date for date in batch.dates]
        shelf.append("dates", np.array(dates, np.int64))
        shelf.append("sites", self._number(batch.sites))
        for name in ("signatures", "digests", "tokens", "weights", "fingerprints", "positions"):
            shelf.append(name, getattr(sketches, name))
        self._append_ends("offsets", sketches.offsets[1:])
        if self._with_lines:
            spooled = spool_batch(batch)
            shelf.append("lines", spooled.lines)
            self._append_ends("begins", np.cumsum(spooled.sizes))
            shelf.append("has_line", spooled.has_line)
            shelf.append("files", self._number(spooled.files))
            shelf.append("line_numbers", spooled.numbers)
        self._uncommitted += int(offsets[-1])

    def _append_ends(self, name: str, ends: I64) -> None:
        """Offsets of a batch, which begin at 0, behind those before."""
        moved = ends.astype(np.int64, copy=False) + self._ends[name]
        self.shelf.append(name, moved)
        self._ends[name] = int(moved[-1]) if len(moved) else self._ends[name]

    def _number(self, names: Iterable[str]) -> U32:
        known, before = self._numbers, len(self.names)
        numbers = []
        for name in names:
            number = known.get(name)
            if number is None:
                number = known[name] = len(self.names)
                self.names.append(name)
            numbers.append(number)
        new = "".join(json.dumps(name) + "\n" for name in self.names[before:])
        self.shelf.append("names", new.encode())
        return np.array(numbers, np.uint32)

    def append(self, other: Corpus, block: int) -> None:
        """Append all articles of another corpus, `block` bytes at a time."""
        offsets = dict(self._ends)
        numbers = self._number(other.names)
        for name, column in corpus_columns(
            self.shelf.column("signatures").shape[1], with_lines=self._with_lines
        ).items():
            if name == "names":
                continue
            first, count = int(name in offsets), other.shelf.count(name)
            step = max(block // column.row_bytes, 1)
            for begin in range(first, count, step):
                data = other.shelf.read(name, begin, min(begin + step, count))
                if name in offsets:
                    moved = np.frombuffer(data, np.int64) + offsets[name]
                    self.shelf.append(name, moved)
                    self._ends[name] = int(moved[-1])
                elif name in ("sites", "files"):
                    self.shelf.append(name, numbers[np.frombuffer(data, np.uint32)])
                else:
                    self.shelf.append(name, data)

    def commit(self, *, is_whole: bool = False) -> None:
        """Make what was added last, if it is much or all."""
        if is_whole or self._uncommitted >= COMMIT_BYTES:
            self.shelf.commit({"articles": len(self), "whole": is_whole})
            self._uncommitted = 0

    def put_in_order(self) -> None:
        """Rank the articles and make ids unique: the second "x" by rank becomes "x#2"."""
        shelf = self.shelf
        self.texts = Packed(shelf, "texts", shelf.column("text_offsets"))
        self.dates: I64 = shelf.column("dates")
        self.sketches = Sketches(*map(shelf.column, Sketches._fields))
        names = Packed(shelf, "ids", shelf.column("id_offsets"))
        by_id, same = sort_entries(shelf.column("ids"), names.offsets)
        #: By (date, id, words); undated ones last. And the same turned round: articles by rank.
        self.order: I64 = by_id[np.argsort(self.dates[by_id], kind="stable")]
        renamed: dict[int, str] = {}
        #: New id → id in the input, where that had been used already.
        self.renamed: dict[str, str] = {}
        #: Each one once.
        self.ids = Ids(names, renamed)
        if same.any():
            kinds = np.empty(len(by_id), np.int64)
            kinds[by_id] = np.cumsum(np.append(True, ~same))
            self._order_equal(kinds)
            self._rename(kinds, renamed)
        self.ranks: I64 = np.empty(len(self.order), np.int64)
        self.ranks[self.order] = np.arange(len(self.order))
        shelf.release("ids", "id_offsets")

    def _order_equal(self, kinds: I64) -> None:
        """Put articles of equal date and id in the order of their digests and texts."""
        order, dates = self.order, self.dates
        equal = (kinds[order[1:]] == kinds[order[:-1]]) & (dates[order[1:]] == dates[order[:-1]])
        bounds = np.flatnonzero(np.concatenate([[True], ~equal, [True]]))
        for place in np.flatnonzero(np.diff(bounds) > 1).tolist():
            part = slice(bounds[place], bounds[place + 1])
            digests = self.sketches.digests[order[part]]
            mine = order[part][np.lexsort((digests[:, 1], digests[:, 0]))]
            digests = self.sketches.digests[mine]
            twins = np.all(digests[1:] == digests[:-1], axis=1)
            cuts = np.flatnonzero(np.concatenate([[True], ~twins, [True]])).tolist()
            for begin, end in pairwise(cuts):
                if end - begin > 1:
                    mine[begin:end] = sorted(mine[begin:end].tolist(), key=self.texts.__getitem__)
            order[part] = mine

    def _rename(self, kinds: I64, renamed: dict[int, str]) -> None:
        """Give the second, third, ... article of an id a new one, by rank."""
        # Only ids with a "#" can be taken by chance.
        letters, offsets = self.shelf.column("ids"), self.shelf.column("id_offsets")
        marks = np.searchsorted(offsets, np.flatnonzero(letters == ord("#")), "right") - 1
        taken = set(self.ids.take(np.unique(marks)))
        often = np.bincount(kinds) > 1
        seen: dict[int, int] = {}
        for n in self.order[often[kinds[self.order]]].tolist():
            kind = int(kinds[n])
            count = seen.get(kind, 0) + 1
            if count > 1:
                id_ = self.ids[n]
                while f"{id_}#{count}" in taken:
                    count += 1
                new = f"{id_}#{count}"
                taken.add(new)
                renamed[n] = new
                self.renamed[new] = id_
            seen[kind] = count

    def days(self) -> I32:
        """Days since some day long ago, -1 where there is no date."""
        days = self.dates // 86400 + 800_000
        return np.where(self.dates == NO_DATE, -1, days).astype(np.int32)

    def sites(self) -> list[str]:
        """The site of each article, "" where it is not known."""
        return [self.names[n] for n in self.shelf.column("sites").tolist()]

    def spool(self) -> Spool:
        """The lines of the articles, and where they came from."""
        column = self.shelf.column
        dates = self.dates
        return Spool(
            partial(self.shelf.read, "lines"), column("begins"), column("has_line"),
            column("sites"), column("files"), column("line_numbers"),
            lambda n: None if dates[n] == NO_DATE else int(dates[n]), self.names, self.ids,
        )  # fmt: skip


def read_corpus(
    batches: Iterable[Batch],
    corpus: Corpus,
    settings: Settings,
    pool: Executor,
    ahead: int,
    progress: Progress,
    *,
    fingerprints: bool = True,
) -> None:
    """Add everything to the corpus; batches are sketched behind the reader's back.

    At most `ahead` of them wait. Without fingerprints there are signatures and digests only.
    """
    progress.stage("reading", None, "articles")
    waiting: deque[tuple[Batch, Future[Sketches]]] = deque()
    sketch = partial(sketch_texts, settings=settings, fingerprints=fingerprints)
    for batch in batches:
        waiting.append((batch, pool.submit(sketch, batch.texts)))
        progress.advance(len(batch.ids))
        if len(waiting) > ahead:
            first, future = waiting.popleft()
            corpus.add(first, future.result())
            corpus.commit()
    for batch, future in waiting:
        corpus.add(batch, future.result())


def without_first(batches: Iterable[Batch], corpus: Corpus) -> Iterator[Batch]:
    """The batches behind what the corpus holds, which must be what they begin with.

    Raises:
        InputError: The input is not what it was when a part of it was read.
    """
    left = len(corpus)
    if not left:
        yield from batches
        return
    hashers = xxhash.xxh3_64(), xxhash.xxh3_64()
    source = iter(batches)
    while left and (batch := next(source, None)) is not None:
        first = min(left, len(batch.ids))
        offsets = np.frombuffer(batch.texts[1], np.int64)
        hashers[0].update(memoryview(batch.texts[0])[: int(offsets[first])])
        hashers[1].update("".join(batch.ids[:first]).encode("utf-8", "surrogatepass"))
        left -= first
        if first < len(batch.ids):
            rest = Batch.of(islice(batch.records(), first, None))
            source = chain([rest], source)
    known = [_digest(corpus.shelf, name) for name in ("texts", "ids")]
    if left or [hasher.digest() for hasher in hashers] != known:
        raise InputError(
            "the input is not what it was when this scan began: its first articles have other "
            "texts or ids, or their order changed. Begin again without --resume."
        )
    yield from source


def _digest(shelf: Shelf, name: str) -> bytes:
    """Checksum of a column of bytes."""
    hasher, end = xxhash.xxh3_64(), shelf.count(name)
    for begin in range(0, end, COMMIT_BYTES):
        hasher.update(shelf.read(name, begin, min(begin + COMMIT_BYTES, end)))
    return hasher.digest()


def nothing_read(rejects: Rejects) -> str:
    """Why there is nothing to scan, for people."""
    if not len(rejects):
        return "the input holds no article: it is empty."
    first = rejects.entries[0]
    more = f" and {len(rejects) - 1} more like it" if len(rejects) > 1 else ""
    return (
        f"nothing could be read. {first.file}, byte {first.offset}: {first.reason} "
        f"({first.detail}){more}."
    )
