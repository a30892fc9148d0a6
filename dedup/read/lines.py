"""Cut a stream into blocks of whole lines, each with its byte offset.

In: a stream of bytes. Out: blocks that end with a line end, but for the last; a line that is too
long comes as a block of None. Memory is bounded by a block and the longest line that is held.
What a line means is left to `jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dedup.read.streams import BLOCK, Readable

BOM = b"\xef\xbb\xbf"


class Block(NamedTuple):
    """Lines of a file that lie behind each other."""

    #: Byte of the plain file where the first line begins.
    offset: int
    #: With all line ends; None for one line that is too long to be held.
    data: bytes | None


class Blocks:
    """The lines of a stream, once. `offset` is where the first line not yet given begins."""

    def __init__(self, stream: Readable, longest: int) -> None:
        """Cut `stream`; lines of more than `longest` bytes are not held once they are known."""
        self.offset = 0
        self._stream = stream
        self._longest = longest
        self._held: list[bytes | memoryview] = []
        self._size = 0

    def __iter__(self) -> Iterator[Block]:
        """Each block; errors of the stream pass through."""
        while read := self._stream.read(BLOCK):
            first = read.find(b"\n") + 1
            last = read.rfind(b"\n") + 1
            view = memoryview(read)
            if first and self._is_long(first - 1):
                self._size += first
                yield self._give(None)
            else:
                first = 0
            if last > first:
                self._held.append(view[first:last])
                self._size += last - first
                yield self._give(b"".join(self._held))
            self._hold(view[last:])
        if self._size:
            yield self._give(None if self._is_long(0) else b"".join(self._held))

    def _is_long(self, more: int) -> bool:
        # One byte more may be the CR of the line end.
        return self._size + more > self._longest + 1

    def _hold(self, piece: memoryview) -> None:
        self._size += len(piece)
        if self._is_long(0):
            self._held.clear()
        else:
            self._held.append(piece)

    def _give(self, data: bytes | None) -> Block:
        block = Block(self.offset, data)
        self.offset += self._size
        self._size = 0
        self._held.clear()
        return block
