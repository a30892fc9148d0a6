"""The index that lasts for programs with an event loop.

Takes an open index; gives its answers to be awaited. Work runs on threads of its own, since
kernels and SQLite let other threads run meanwhile; what an answer means stands in `seen`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

from dedup.answers import Answer
from dedup.history import History
from dedup.records import Group
from dedup.seen import Index, open_index

T = TypeVar("T")


class AsyncIndex:
    """`dedup.open_index` and its `Index` for asyncio; use it in an `async with` statement.

    A call that is cancelled may still be done: what was stored stays stored.
    """

    def __init__(self, path: str | os.PathLike[str], *, threads: int = 4, **options: Any) -> None:
        """Take what `dedup.open_index` takes; the index is opened on entry.

        Args:
            path: As for `dedup.open_index`.
            threads: Calls that run at a time; storing is done one by one all the same.
            options: As for `dedup.open_index`.
        """
        self._open = partial(open_index, path, **options)
        self._pool = ThreadPoolExecutor(threads, "dedup-index")
        self._index: Index | None = None

    async def check(self, text: str, **about: Any) -> Answer:
        """As `Index.check`."""
        return await self._run(partial(self._opened().check, text, **about))

    async def check_and_add(self, id: str, text: str, **about: Any) -> Answer:
        """As `Index.check_and_add`."""
        return await self._run(partial(self._opened().check_and_add, id, text, **about))

    async def update(self, id: str, text: str, **about: Any) -> Answer:
        """As `Index.update`."""
        return await self._run(partial(self._opened().update, id, text, **about))

    async def learn(self) -> None:
        """As `Index.learn`; calls of other tasks wait only while it writes."""
        await self._run(self._opened().learn)

    async def group_of(self, id: str) -> Group:
        """As `Index.group_of`."""
        return await self._run(partial(self._opened().group_of, id))

    async def history(self, id: str) -> History:
        """As `Index.history`."""
        return await self._run(partial(self._opened().history, id))

    async def remove(self, *ids: str) -> int:
        """As `Index.remove`."""
        return await self._run(partial(self._opened().remove, *ids))

    async def expire(self, *, before: Any) -> int:
        """As `Index.expire`."""
        return await self._run(partial(self._opened().expire, before=before))

    async def forget(self, *ids: str) -> int:
        """As `Index.forget`."""
        return await self._run(partial(self._opened().forget, *ids))

    async def close(self) -> None:
        """Wait for what is under way, and let go of the files."""
        if self._index is not None:
            await self._run(self._index.close)
            self._index = None
        self._pool.shutdown()

    async def __aenter__(self) -> Self:
        self._index = await self._run(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        await self.close()

    def _opened(self) -> Index:
        if self._index is None:
            raise RuntimeError("use the index inside `async with`.")
        return self._index

    async def _run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)
