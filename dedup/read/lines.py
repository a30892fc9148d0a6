"""Cut a stream into lines, each with its number and byte offset, in bounded memory.

In: a stream of bytes. Out: lines without their line end (LF or CRLF) and without the byte order
mark of the file; a line that is too long comes as None. What a line means is left to `jsonl`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from dedup.read.streams import BLOCK, Readable

_BOM = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line of a file."""

    #: Counted from 1.
    number: int
    #: Byte of the plain file where its content begins.
    offset: int
    #: Without its line end; None if it is too long.
    content: bytes | None


class Lines:
    """The lines of a stream, once. `offset` is where the line now being read begins."""

    def __init__(self, stream: Readable, longest: int) -> None:
        """Cut `stream`; lines of more than `longest` bytes are passed over, never held."""
        self.offset = 0
        self._stream = stream
        self._longest = longest
        self._number = 0
        self._held: list[bytes] = []
        self._size = 0

    def __iter__(self) -> Iterator[Line]:
        """Each line; the last one may lack its line end. Errors of the stream pass through."""
        while block := self._stream.read(BLOCK):
            *ended, rest = block.split(b"\n")
            for piece in ended:
                self._hold(piece)
                yield self._finish()
                self.offset += self._size + 1
                self._size = 0
            self._hold(rest)
        if self._size:
            yield self._finish()
            self.offset += self._size
            self._size = 0

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        # One byte more may be the CR of the line end.
        if self._size > self._longest + 1:
            self._held.clear()
        else:
            self._held.append(piece)

    def _finish(self) -> Line:
        self._number += 1
        content = b"".join(self._held)
        self._held.clear()
        is_long = self._size > self._longest + 1
        content = content.removesuffix(b"\r")
        offset = self.offset
        if self._number == 1 and content.startswith(_BOM):
            content = content[len(_BOM) :]
            offset += len(_BOM)
        is_long = is_long or len(content) > self._longest
        return Line(self._number, offset, None if is_long else content)
