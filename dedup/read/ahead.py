"""Make blocks on a thread of their own, some ahead of who takes them.

In: an iterator of blocks of bytes, as decompression gives them. Out: the same bytes in blocks of
about 1 MiB, and the same gap or error at the same byte. zlib and Zstandard work without the GIL, so
that the next blocks are inflated while the kernels read and sketch the last ones.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import Empty, Queue
from threading import Event, Thread

from dedup.read.gunzip import Gap

#: Bytes of a block at least, the last one aside.
_SIZE = 1 << 20
#: Blocks that may wait. Two at least: closing makes room for so many, the thread puts no more.
_AHEAD = 3


def read_ahead(blocks: Iterator[bytes | Gap]) -> Generator[bytes | Gap, None, None]:
    """Take `blocks` from a thread; closing this generator ends the thread.

    Raises:
        Exception: whatever `blocks` raises, after all bytes that came before it.
    """
    waiting: Queue[bytes | Exception] = Queue(_AHEAD)
    stop = Event()
    thread = Thread(target=_fill, args=(waiting, blocks, stop), name="read-ahead", daemon=True)
    thread.start()
    try:
        while block := waiting.get():
            if isinstance(block, Exception) and not isinstance(block, Gap):
                raise block
            yield block
    finally:
        stop.set()
        _empty(waiting)
        thread.join()


def _fill(waiting: Queue[bytes | Exception], blocks: Iterator[bytes | Gap], stop: Event) -> None:
    """Put all blocks, then the error or b"" for the end."""
    end: bytes | Exception = b""
    held: list[bytes] = []
    size = 0
    try:
        for block in blocks:
            is_gap = isinstance(block, Gap)
            if not isinstance(block, Gap):
                held.append(block)
                size += len(block)
            if size >= _SIZE or (is_gap and held):
                waiting.put(b"".join(held))
                held, size = [], 0
            if isinstance(block, Gap):
                waiting.put(block)
            if stop.is_set():
                return
    except Exception as error:
        end = error
    if held:
        waiting.put(b"".join(held))
    waiting.put(end)


def _empty(waiting: Queue[bytes | Exception]) -> None:
    while True:
        try:
            waiting.get_nowait()
        except Empty:
            return
