"""Read JSON Lines as they come: all that is there, and never more, so that nobody waits.

In: a stream of plain bytes. Out: batches of lines in their order, each byte for byte with its
line end, and the article or the reject it is. The lines put together are the stream. What a line
means is left to `jsonl`.
"""

from __future__ import annotations

import io
import os
import select
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from dedup.errors import InputError
from dedup.read import gunzip, unzstd
from dedup.read.fields import Fields
from dedup.read.jsonl import LONGEST_LINE, read_jsonl
from dedup.read.rejects import Rejects
from dedup.records import Record, Reject

#: Bytes taken from the stream at a time, and bytes of a batch from which no more are taken.
_TAKEN, _BATCH = 1 << 16, 1 << 21
_BOM = b"\xef\xbb\xbf"


class FeedLine(NamedTuple):
    """A line of a feed: an article, a reject or, where both are None, a blank line.

    The rest of a line that is too long comes as blank lines too.
    """

    #: With its line end, if it has one.
    raw: bytes
    record: Record | None
    reject: Reject | None


class Feed:
    """The lines of a stream, once, in batches of what is there.

    `waiting` is true while nothing is there: then an interrupt loses nothing.
    """

    def __init__(
        self, source: BinaryIO, fields: Fields, name: str = "-", longest_line: int = LONGEST_LINE
    ) -> None:
        """Take a stream, the names of fields, a name for rejects and ids, and a length in bytes."""
        self.waiting = False
        self._source = source
        self._fields = fields
        self._name = name
        self._longest = longest_line
        self._number = 0
        self._offset = 0

    def __iter__(self) -> Iterator[list[FeedLine]]:
        """Each batch: whole lines, the last one of the stream excepted.

        Raises:
            InputError: the stream is compressed.
            OSError: the stream cannot be read.
        """
        pieces: list[bytes] = []
        held = 0
        is_first, in_long_line = True, False
        while block := self._take():
            if is_first and (block.startswith(gunzip.MAGIC) or unzstd.is_zstd(block[:4])):
                raise InputError(
                    "the feed is compressed. Decompress it: zcat FILE | ..., or zstdcat FILE | ..."
                )
            is_first = False
            if in_long_line:
                size = block.find(b"\n") + 1 or len(block)
                yield [FeedLine(block[:size], None, None)]
                self._offset += size
                in_long_line, block = not block[:size].endswith(b"\n"), block[size:]
            whole, end, rest = block.rpartition(b"\n")
            if end:
                yield self._parse(b"".join([*pieces, whole, end]))
                pieces, held = [], 0
            pieces.append(rest)
            held += len(rest)
            if held > self._longest + 1:
                yield self._begin_long_line(b"".join(pieces))
                pieces, held, in_long_line = [], 0, True
        if held:
            yield self._parse(b"".join(pieces))

    def _take(self) -> bytes:
        """All that is there, up to a batch; waits while nothing is. b"" is the end."""
        try:
            file = self._source.fileno()
        except (OSError, io.UnsupportedOperation):
            return self._source.read(_BATCH)
        self.waiting = True
        try:
            select.select([file], [], [])
        finally:
            self.waiting = False
        blocks = [os.read(file, _TAKEN)]
        size = len(blocks[0])
        while blocks[-1] and size < _BATCH and select.select([file], [], [], 0)[0]:
            blocks.append(os.read(file, _TAKEN))
            size += len(blocks[-1])
        return b"".join(blocks)

    def _begin_long_line(self, raw: bytes) -> list[FeedLine]:
        self._number += 1
        detail = f"line {self._number}: more than {self._longest} bytes"
        reject = Reject(self._name, self._offset, "huge-line", detail)
        self._offset += len(raw)
        return [FeedLine(raw, None, reject)]

    def _parse(self, data: bytes) -> list[FeedLine]:
        """The lines of some whole lines, with numbers and offsets in the stream."""
        lines = [line + b"\n" for line in data.split(b"\n")]
        lines[-1] = lines[-1][:-1]
        if not lines[-1]:
            lines.pop()
        rejects = Rejects()
        records: dict[int, Record] = {}
        for record in read_jsonl(
            io.BytesIO(data), self._name, self._fields, rejects, self._longest
        ):
            number = int(record.origin.rpartition(":")[2])
            origin = f"{self._name}:{self._number + number}"
            id_ = origin if record.id == record.origin else record.id
            records[number] = record._replace(id=id_, origin=origin)
        by_offset = {reject.offset: reject for reject in rejects.entries}
        found, offset = [], 0
        for number, line in enumerate(lines, 1):
            begin = offset + 3 * (number == 1 and line.startswith(_BOM))
            reject = by_offset.get(begin)
            if reject is not None:
                detail = f"line {self._number + number}: {_without_line(reject.detail)}"
                reject = reject._replace(offset=self._offset + begin, detail=detail)
            found.append(FeedLine(line, records.get(number), reject))
            offset += len(line)
        self._number += len(lines)
        self._offset += len(data)
        return found


def _without_line(detail: str) -> str:
    """A detail without its line number, which counts from the begin of the batch."""
    line, _, rest = detail.partition(": ")
    return rest if line.startswith("line ") else detail
