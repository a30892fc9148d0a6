"""Texts of a stream's articles, packed, so that what comes later can be verified.

Takes ids and texts in the order of arrival; gives them back by number as long as they are in
reach. What finds candidates is left to `stream`. Sizes: docs/choices/0020-filter-memory.md.
"""

from __future__ import annotations

import zlib
from array import array

#: Level of the packing: 1 takes 44 % of the time of 6 and 7 % more room.
_LEVEL = 1


class Memory:
    """Texts of the articles that were kept, by number in the stream, packed with their ids."""

    def __init__(self, reach: int | None) -> None:
        """Begin with nothing; articles more than `reach` back may be forgotten."""
        self._reach = reach
        self._begin = 0
        self._packed: list[bytes | None] = []
        self._weights = array("I")

    def add(self, id_: str, text: bytes | None, weight: int) -> None:
        """The next article; without a text when it was not kept."""
        name = id_.encode("utf-8", "surrogatepass")
        head = len(name).to_bytes(4, "little") + name
        packed = None if text is None else zlib.compress(head + text, _LEVEL)
        self._packed.append(packed)
        self._weights.append(weight)
        if self._reach is not None and len(self._packed) > self._reach + self._reach // 4 + 1:
            gone = len(self._packed) - self._reach
            del self._packed[:gone], self._weights[:gone]
            self._begin += gone

    def is_kept(self, number: int) -> bool:
        """Whether the article was kept; it must be in reach."""
        return self._packed[number - self._begin] is not None

    def weight(self, number: int) -> int:
        """Length in quarter-words."""
        return self._weights[number - self._begin]

    def article(self, number: int) -> tuple[str, bytes]:
        """Id and text of an article that was kept."""
        packed = self._packed[number - self._begin]
        assert packed is not None
        data = zlib.decompress(packed)
        end = 4 + int.from_bytes(data[:4], "little")
        return data[4:end].decode("utf-8", "surrogatepass"), data[end:]

    def __len__(self) -> int:
        """Articles whose text is held."""
        return sum(packed is not None for packed in self._packed)
