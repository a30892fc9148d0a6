"""Cut a crawl file into its records, and find the next one behind a damage.

In: a stream of plain bytes, and how a record begins (`warc`, `arc`). Out: `Frame`s with their
bytes and offsets; what is no record, or says a wrong length, is a reject, and the records behind
it are found again, also those behind a damaged member of a packed file. What a record holds is
left to `warc` and `arc`.

A length is never believed: what follows the content must be the end, or another record. Nothing
is held that is longer than a record may be, and nothing is allocated because a header says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dedup.read.rejects import Rejects
from dedup.read.streams import BLOCK, ByteStream, CutFile, Readable

#: Bytes of the longest content that is read; longer ones are passed over without being held.
LONGEST_RECORD = 64 << 20
#: Bytes in which the head of a record must end.
LONGEST_HEAD = 1 << 16
#: Bytes kept back while searching, since a beginning may lie across two blocks.
_OVERLAP = 1 << 13

_LINE_ENDS = re.compile(rb"[\r\n]*")


class Head(NamedTuple):
    """The head of a record: its fields, its bytes, and the bytes of content it announces."""

    fields: dict[str, str]
    size: int
    #: None: it says none, or nonsense.
    length: int | None


class Frame(NamedTuple):
    """A record: where it and its line ends lie in the plain file, the fields of its head."""

    offset: int
    end: int
    fields: dict[str, str]
    content: bytes


class Kind(NamedTuple):
    """How the records of a file begin."""

    #: For messages: "WARC".
    name: str
    #: Bytes of line ends behind the content, at least.
    num_line_ends: int
    #: What a record begins with, also behind a damage: strict, and not long.
    begin: re.Pattern[bytes]
    #: The head at a position of these bytes, or None.
    parse: Callable[[bytes, int], Head | None]


def read_frames(
    stream: Readable, name: str, kind: Kind, rejects: Rejects, longest: int = LONGEST_RECORD
) -> Iterator[Frame]:
    """Read the records of a stream, in their order.

    Args:
        stream: plain bytes.
        name: the path for rejects.
        kind: how records begin.
        rejects: receives `bad-record` (no head where one must be, or one that cannot be read),
            `bad-length` (what follows the content is no record), `huge-record`, `damaged-part`
            (of a packed file; reading goes on behind it), `cut-file` and `unreadable`.
        longest: bytes of content; longer records are rejects.
    """
    begin: int | None = 0
    while begin is not None:
        view = _View(stream, begin)
        yield from _read_part(view, name, kind, rejects, longest)
        begin = view.resumed


def _read_part(
    view: _View, name: str, kind: Kind, rejects: Rejects, longest: int
) -> Iterator[Frame]:
    """The records up to the end of the stream, or to the next damage."""
    while view.skip_line_ends():
        view.fill(LONGEST_HEAD)
        is_begun = kind.begin.match(view.data, view.at)
        head = kind.parse(view.data, view.at) if is_begun else None
        if head is not None and head.length is not None:
            frame = _read_frame(view, name, kind, head, rejects, longest)
            if frame is not None:
                yield frame
            continue
        offset, found = view.offset, view.data[view.at : view.at + 32]
        view.drop(1)
        if not view.search(kind.begin) and view.error:
            break
        detail = f"expected a {kind.name} record that says its length; found {found!r}"
        rejects.add(name, offset, "bad-record", detail)
    if view.error:
        rejects.add(name, view.offset, *view.name_error())


def _read_frame(
    view: _View, name: str, kind: Kind, head: Head, rejects: Rejects, longest: int
) -> Frame | None:
    """The record ahead; None after noting a reject and going on to the next one."""
    offset, length = view.offset, head.length or 0
    if length > longest:
        view.drop(head.size)
        view.search(kind.begin, length)
        detail = f"{length} bytes are announced, {longest} are read"
        rejects.add(name, offset, "huge-record", detail)
        return None
    view.fill(head.size + length + _OVERLAP)
    begin = view.at + head.size
    end = begin + length
    content = view.data[begin:end]
    if len(content) == length:
        match = _LINE_ENDS.match(view.data, end)
        behind = match.end() if match else end
        is_last = behind == len(view.data)
        if is_last and isinstance(view.error, CutFile) and not view.error.is_good:
            view.drop(behind - view.at)
            _refuse_cut(view, offset, name, length, length, rejects)
            return None
        is_whole = is_last or kind.begin.match(view.data, behind)
        # Line ends, and then something else: that is damaged, and not this record.
        if is_whole or (behind - end >= kind.num_line_ends and not kind.begin.search(content)):
            view.drop(behind - view.at)
            return Frame(offset, view.offset, head.fields, content)
    view.drop(head.size)
    if view.search(kind.begin) or len(content) == length:
        detail = f"{length} bytes are announced, and what follows them is no {kind.name} record"
        rejects.add(name, offset, "bad-length", detail)
    else:
        _refuse_cut(view, offset, name, len(content), length, rejects)
    return None


def _refuse_cut(
    view: _View, offset: int, name: str, there: int, length: int, rejects: Rejects
) -> None:
    """Note a record that reaches the end of what can be read, and the error that ended it."""
    reason, detail = "cut-file", "the file ends inside a record"
    if view.error:
        reason, detail = view.name_error()
        view.error = None
    detail = f"{detail}; the record has {there} of {length} bytes"
    rejects.add(name, offset, reason, detail)


class _View:
    """A stream with as many bytes ahead as are asked for; an error of the stream ends it."""

    def __init__(self, stream: Readable, begin: int = 0) -> None:
        self.error: OSError | None = None
        #: Byte at which the stream goes on behind the error, if it does.
        self.resumed: int | None = None
        #: What is held, and where in it the bytes ahead begin.
        self.data = b""
        self.at = 0
        self._stream = stream
        self._dropped = begin
        self._ended = False

    def name_error(self) -> tuple[str, str]:
        """Reason and detail of the error."""
        if not isinstance(self.error, CutFile):
            return "unreadable", str(self.error)
        reason = "cut-file" if self.resumed is None else "damaged-part"
        return reason, f"{self.error}; {self.error.delivered} bytes came before"

    @property
    def offset(self) -> int:
        """Byte of the plain file that comes next."""
        return self._dropped + self.at

    def fill(self, size: int) -> bool:
        """Have `size` bytes ahead, or all that are left; whether there are any."""
        have = len(self.data) - self.at
        if have < size and not self._ended:
            blocks = [self.data[self.at :]]
            while have < size and not self._ended:
                blocks.append(self._read())
                have += len(blocks[-1])
            self.data = b"".join(blocks)
            self._dropped += self.at
            self.at = 0
        return have > 0

    def drop(self, size: int) -> None:
        """Pass over bytes that are ahead."""
        self.at = min(self.at + size, len(self.data))

    def skip_line_ends(self) -> bool:
        """Pass over CR and LF; whether anything follows."""
        while self.fill(1):
            match = _LINE_ENDS.match(self.data, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self.data):
                return True
        return False

    def search(self, pattern: re.Pattern[bytes], limit: int | None = None) -> bool:
        """Go to the next match, or over `limit` bytes; whether a match begins before that."""
        stop = None if limit is None else self.offset + limit
        while self.fill(_OVERLAP + 1):
            end = len(self.data) if stop is None else min(len(self.data), stop - self._dropped)
            match = pattern.search(self.data, self.at)
            if match and match.start() < end:
                self.at = match.start()
                return True
            # Where more may follow, a match may begin in the last bytes.
            held = len(self.data) if self._ended else max(self.at, len(self.data) - _OVERLAP)
            self.at = min(end, held)
            if self.offset == stop:
                return False
        return False

    def _read(self) -> bytes:
        try:
            block = self._stream.read(BLOCK)
        except OSError as error:
            self.error = error
            block = b""
            # Only such a stream raises it, and tests read from others.
            stream = self._stream
            if isinstance(error, CutFile) and isinstance(stream, ByteStream) and stream.resume():
                self.resumed = error.delivered
        self._ended = not block
        return block
