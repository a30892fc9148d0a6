"""Inflate gzip, member after member, and keep all that comes before and behind a damage.

In: a `take(size)` that gives exactly so many bytes until the end. Out: blocks of plain bytes.
`gunzip` raises `Damage` after the last good byte; `read_members` goes on with the next member
that can be found, and says where bytes were lost and where each member lay. Naming the file and
counting bytes is left to `streams`.
"""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterator
from typing import NamedTuple

MAGIC = b"\x1f\x8b"
#: The magic number with its only method, deflate: three bytes, for searching.
_MEMBER = b"\x1f\x8b\x08"
#: Compressed bytes taken at a time, and plain bytes given at a time.
_TAKEN = 1 << 17
_GIVEN = 1 << 20
#: zlib's way to say: expect a gzip header and check its trailer.
_GZIP = 31
#: Compressed bytes of a member that are held, to look for the next one in them: a damaged member
#: may be inflated far beyond its end.
_HELD = 1 << 20
#: Bytes that must inflate where a member is believed to begin: few, so that one that is damaged
#: itself is found too.
_TRIED = 64
#: Highest byte of flags; the bits above are reserved.
_FLAGS = 0x1F


class Damage(Exception):
    """A compressed stream ends too early or does not make sense from here on."""

    #: Whether all bytes before it are as they were: a damage shows behind where it is.
    is_good = False


class Cut(Damage):
    """It ends too early."""

    is_good = True


class Gap(Damage):
    """Bytes are lost here, and others follow; it stands between blocks and is not raised."""

    def __init__(self, message: str, is_good: bool) -> None:
        """Say what was lost."""
        super().__init__(message)
        self.is_good = is_good


class GzipMember(NamedTuple):
    """Where a member lay; it stands behind its blocks."""

    #: Bytes of the file, half-open, and the plain bytes that came out.
    begin: int
    end: int
    size: int
    #: False: it is damaged, and `end` is where the next one was found or the file ends.
    is_whole: bool


def gunzip(take: Callable[[int], bytes]) -> Iterator[bytes]:
    """Inflate every member of a gzip file.

    As gzip does, zeros and other bytes behind the last member are ignored; but not when another
    member is found among them, since then articles would be lost in silence.

    Raises:
        Damage: the file is cut or damaged; everything before it has been given.
    """
    for piece in read_members(take):
        if isinstance(piece, Gap):
            raise piece
        if isinstance(piece, bytes):
            yield piece


def read_members(take: Callable[[int], bytes]) -> Iterator[bytes | Gap | GzipMember]:
    """Inflate every member of a gzip file, also those behind a damage.

    Raises:
        Damage: the file is cut or damaged, and no member follows; everything has been given.
    """
    source = _Source(take)
    while source.data:
        begin = source.begin_member()
        size, error = yield from _inflate_member(source)
        if error is None:
            yield GzipMember(begin, source.position, size, True)
            source.skip_zeros()
            if MAGIC.startswith(source.data[:2]):
                continue
            if not source.find_member(0):
                return
            yield Gap("the gzip file has a member behind bytes that are none", True)
            continue
        error.is_good |= not size
        is_found = source.find_member(1)
        yield GzipMember(begin, source.position, size, False)
        if not is_found:
            raise error
        yield Gap(f"{error}; the next member begins at byte {source.position}", not size)


def _inflate_member(
    source: _Source,
) -> Generator[bytes | Gap | GzipMember, None, tuple[int, Damage | None]]:
    """Inflate the member ahead; return its plain size, and what is wrong with it."""
    inflater = zlib.decompressobj(_GZIP)
    data, size = source.data, 0
    while not inflater.eof:
        if not data:
            return size, Cut("the gzip file ends inside a member")
        before = inflater.copy()
        try:
            block = inflater.decompress(data, _GIVEN)
        except zlib.error as error:
            for block in _salvage(before, data):
                size += len(block)
                yield block
            return size, Damage(f"the gzip file is damaged: {error}")
        size += len(block)
        if block:
            yield block
        data = inflater.unconsumed_tail or (b"" if inflater.eof else source.take_more())
    source.data = inflater.unused_data
    if not source.data:
        source.take_more()
    return size, None


def _salvage(inflater: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Inflate what can be inflated of `data`, known to be damaged, by halving the step."""
    size = len(data)
    while size:
        before = inflater.copy()
        try:
            block = inflater.decompress(data[:size])
        except zlib.error:
            inflater = before
        else:
            data = data[size:]
            if block:
                yield block
        size //= 2


class _Source:
    """Compressed bytes, with those of the present member held for searching."""

    def __init__(self, take: Callable[[int], bytes]) -> None:
        self._take = take
        self._taken = 0
        self._held: deque[bytes] = deque()
        #: Bytes that come next.
        self.data = b""
        self.take_more()

    @property
    def position(self) -> int:
        """Byte of the file that comes next."""
        return self._taken - len(self.data)

    def begin_member(self) -> int:
        """Forget what was held; gives the position."""
        self._held.clear()
        self._hold(self.data)
        return self.position

    def take_more(self) -> bytes:
        """The next bytes of the file, which become those ahead; b"" at its end."""
        self.data = self._take(_TAKEN)
        self._taken += len(self.data)
        self._hold(self.data)
        return self.data

    def _hold(self, data: bytes) -> None:
        self._held.append(data)
        while sum(map(len, self._held)) - len(self._held[0]) >= _HELD:
            self._held.popleft()

    def skip_zeros(self) -> None:
        """Drop padding; leave at least two of the bytes behind it, if there are as many."""
        self.data = self.data.lstrip(b"\0")
        while len(self.data) < 2 and (more := self._more()):
            self.data = (self.data + more).lstrip(b"\0")

    def find_member(self, begin: int) -> bool:
        """Go to the next member, `begin` bytes behind where the present one began at least."""
        self.data = b"".join(self._held) if begin else self.data
        self._held.clear()
        while True:
            place = self.data.find(_MEMBER, begin)
            if place >= 0 and len(self.data) - place < _TRIED and (more := self._more()):
                self.data += more
            elif place >= 0 and _is_member(self.data[place : place + _TRIED]):
                self.data = self.data[place:]
                return True
            elif place >= 0:
                begin = place + 1
            else:
                self.data, begin = self.data[-2:], 0
                if not (more := self._more()):
                    self.data = b""
                    return False
                self.data += more

    def _more(self) -> bytes:
        more = self._take(_TAKEN)
        self._taken += len(more)
        return more


def _is_member(data: bytes) -> bool:
    """Whether these bytes inflate."""
    if len(data) < 4 or data[3] > _FLAGS:
        return False
    try:
        zlib.decompressobj(_GZIP).decompress(data, _GIVEN)
    except zlib.error:
        return False
    return True
