"""Progress of long work on standard error: a bar a stage on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Any


class Bar:
    """A `records.Progress` for people; silent when standard error is no terminal."""

    def __init__(self, *, quiet: bool) -> None:
        self._bar: Any = None
        self._task: Any = None
        self._quiet = quiet or not sys.stderr.isatty()
        #: Units of the stage that are done, its total or None, and how far it is in words.
        self._done = 0
        self._total: int | None = None
        self._unit, self._note = "", ""

    def __enter__(self) -> Bar | None:
        """Nothing where nobody would see it."""
        if self._quiet:
            return None
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            Progress,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def stage(self, name: str, total: int | None, unit: str) -> None:
        """Begin a stage in a new line; the one before is done."""
        if self._task is not None:
            end = self._bar.tasks[-1].completed or 1
            self._bar.update(self._task, total=end, completed=end)
        self._done, self._total, self._unit, self._note = 0, total, unit, ""
        self._task = self._bar.add_task(name, total=total, said="")

    def advance(self, amount: int) -> None:
        """So many more units of the stage are done."""
        self._done += amount
        if not self._note:
            self._bar.update(self._task, completed=self._done)
        self._say()

    def reach(self, done: int, total: int, note: str) -> None:
        """The bar and the time left follow these numbers instead; the note stands beside."""
        self._note = note
        # Bytes of standard input and pipes are not known ahead: then there is no end to show.
        self._bar.update(self._task, completed=done, total=total or None)
        self._say()

    def _say(self) -> None:
        elapsed = self._bar.tasks[-1].elapsed
        of = f" of {self._total:,}" if self._total else ""
        rate = f", {self._done / elapsed:,.0f}/s" if elapsed and self._done else ""
        note = f", {self._note}" if self._note else ""
        self._bar.update(self._task, said=f"{self._done:,}{of} {self._unit}{rate}{note}")
