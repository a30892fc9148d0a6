"""Progress of long work on standard error: a bar on a terminal, nothing elsewhere."""

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

    def __enter__(self) -> Bar:
        if not self._quiet:
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
                BarColumn(),
                TextColumn("{task.completed:,} {task.fields[unit]}, {task.fields[rate]}/s"),
                TimeElapsedColumn(),
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
        """Begin a stage in a new line."""
        if self._bar is not None:
            self._task = self._bar.add_task(name, total=total, unit=unit, rate="-")

    def advance(self, amount: int) -> None:
        """Move the bar of the current stage."""
        if self._bar is not None:
            self._bar.advance(self._task, amount)
            task = self._bar.tasks[-1]
            rate = task.completed / task.elapsed if task.elapsed else 0
            self._bar.update(self._task, rate=f"{rate:,.0f}")
