"""Texts and ids of a corpus, packed behind each other: one object for all, read when asked for.

In: a column of bytes on a shelf, and where each entry begins. Out: entries one by one, or many at
once as the kernels take them; and the order of ids. A text is never in memory but while it is
used.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from dedup.core import I64
from dedup.shelf import Shelf

#: Rows whose letters are looked at together while ids are put in order.
_ROWS = 1 << 16
#: Bytes between two entries that are read with them: less than a call of the system costs.
_GAP = 4096


class Packed(Sequence[bytes]):
    """Entries of a column of bytes."""

    def __init__(self, shelf: Shelf, name: str, offsets: I64) -> None:
        """Entry n is the bytes offsets[n]..offsets[n+1] of the column."""
        self._shelf = shelf
        self._name = name
        self.offsets = offsets

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, n: Any) -> Any:
        if isinstance(n, slice):
            return [self[i] for i in range(*n.indices(len(self)))]
        if n < 0:
            n += len(self)
        if not 0 <= n < len(self):
            raise IndexError(n)
        return self._shelf.read(self._name, int(self.offsets[n]), int(self.offsets[n + 1]))

    def sizes(self, rows: I64) -> I64:
        """Bytes of some entries."""
        sizes: I64 = self.offsets[rows + 1] - self.offsets[rows]
        return sizes

    def take(self, rows: I64) -> tuple[bytes, I64]:
        """Some entries in one buffer with offsets; fastest when `rows` rise."""
        begins, ends = self.offsets[rows], self.offsets[rows + 1]
        # Entries behind each other are read as one.
        cuts = np.flatnonzero(begins[1:] != ends[:-1]) + 1
        first = begins[np.concatenate([[0], cuts])] if len(rows) else begins
        last = ends[np.concatenate([cuts - 1, [len(rows) - 1]])] if len(rows) else ends
        parts = self._read(first, last)
        offsets = np.concatenate([[0], np.cumsum(ends - begins)]).astype(np.int64)
        return parts[0] if len(parts) == 1 else b"".join(parts), offsets

    def _read(self, first: I64, last: I64) -> list[bytes]:
        """Stretches that rise; those close to each other are read together."""
        read, name = self._shelf.read, self._name
        far = first[1:] - last[:-1]
        cuts = np.flatnonzero((far < 0) | (far > _GAP)) + 1
        starts, ends = np.append(0, cuts), np.append(cuts, len(first))
        parts = []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            if start == end:
                continue
            begin = int(first[start])
            block = read(name, begin, int(last[end - 1]))
            if end == start + 1:
                parts.append(block)
                continue
            mine = slice(start, end)
            spans = zip((first[mine] - begin).tolist(), (last[mine] - begin).tolist(), strict=True)
            parts += [block[b:e] for b, e in spans]
        return parts


class Ids(Sequence[str]):
    """Ids of a corpus in input order, each once after some have been renamed."""

    def __init__(self, packed: Packed, renamed: dict[int, str]) -> None:
        """Take the ids as the input has them, and those of some articles that differ."""
        self._packed = packed
        self._renamed = renamed

    def __len__(self) -> int:
        return len(self._packed)

    def __getitem__(self, n: Any) -> Any:
        if isinstance(n, slice):
            return self.take(np.arange(*n.indices(len(self))))
        known = self._renamed.get(n)
        return self._packed[n].decode("utf-8", "surrogatepass") if known is None else known

    def take(self, rows: I64) -> list[str]:
        """Some ids."""
        if not len(rows):
            return []
        # Each one once, so that those behind each other are read together.
        used, places = np.unique(rows, return_inverse=True)
        data, offsets = self._packed.take(used)
        pairs = pairwise(offsets.tolist())
        if data.isascii():
            whole = data.decode()
            found = [whole[begin:end] for begin, end in pairs]
        else:
            found = [data[begin:end].decode("utf-8", "surrogatepass") for begin, end in pairs]
        if self._renamed:
            for place, n in enumerate(used.tolist()):
                found[place] = self._renamed.get(n, found[place])
        return [found[place] for place in places.tolist()]


def sort_entries(data: Any, offsets: I64) -> tuple[I64, Any]:
    """Entries in the order of their bytes, which in UTF-8 is that of their code points.

    Args:
        data: uint8, all entries behind each other.
        offsets: One longer than the entries.

    Returns:
        The entries in order, equal ones in their own; and for each place but the first whether
        its entry equals the one before.
    """
    order = np.arange(len(offsets) - 1)
    if not len(data):
        return order, np.ones(max(len(order) - 1, 0), np.bool_)
    groups = np.zeros(len(order), np.int64)
    active = np.arange(len(order))  # places whose group is not decided
    done = 0
    while len(active) > 1:
        rows = order[active]
        words, left = _eight(data, offsets, rows, done)
        mine = groups[active]
        sequence = np.lexsort((left, words, mine))
        order[active] = rows[sequence]
        words, left, mine = words[sequence], left[sequence], mine[sequence]
        new = np.empty(len(active), np.bool_)
        new[0] = True
        new[1:] = (mine[1:] != mine[:-1]) | (words[1:] != words[:-1]) | (left[1:] != left[:-1])
        # A group is named by its first place.
        groups[active] = np.maximum.accumulate(np.where(new, active, 0))
        alone = new & np.append(new[1:], True)
        active = active[~alone & (left > 8)]
        done += 8
    same = np.zeros(max(len(order) - 1, 0), np.bool_)
    if len(order) > 1:
        same[:] = groups[1:] == groups[:-1]
    return order, same


def _eight(data: Any, offsets: I64, rows: I64, done: int) -> tuple[Any, I64]:
    """The next eight bytes of each entry as a number, and how many there are, 9 for more."""
    words = np.zeros(len(rows), np.uint64)
    left = np.clip(offsets[rows + 1] - offsets[rows] - done, 0, 9)
    for begin in range(0, len(rows), _ROWS):
        part = slice(begin, begin + _ROWS)
        places = (offsets[rows[part]] + done)[:, None] + np.arange(8)
        inside = np.arange(8) < left[part, None]
        letters = np.where(inside, data[np.where(inside, places, 0)], 0).astype(np.uint8)
        words[part] = letters.view(">u8").reshape(-1)
    return words, left
