"""`dedup filter`: a stream of articles in, the same without what came before."""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

import click

from dedup.cli.options import naming, read_lines, take_fields, thresholds
from dedup.errors import InputError, OutputError
from dedup.settings import Settings

if TYPE_CHECKING:
    from dedup.filtering import Decided, FilteredFeed

#: Rejects that are named one by one.
_NAMED = 20


_naming = partial(naming, keys=("text", "id"))


@click.command("filter")
@click.option(
    "--remove", type=click.Choice(["identical", "near-duplicate", "excerpt"]),
    default="near-duplicate", show_default=True,
    help="What is removed; each kind includes the ones before it.",
)  # fmt: skip
@click.option(
    "--lose-nothing", is_flag=True,
    help="Remove only what the kept article holds whole, furniture and typos aside.",
)  # fmt: skip
@click.option(
    "--remember", type=click.IntRange(min=1), metavar="N",
    help="Compare an article with the N before it only.  [default: with all]",
)  # fmt: skip
@thresholds
@click.option(
    "--boilerplate", type=click.Path(exists=True, dir_okay=False), metavar="FILE",
    help="Texts that are boilerplate on every site, one a line. Nothing is learned in a stream.",
)  # fmt: skip
@click.option(
    "--removed", type=click.Path(dir_okay=False), metavar="FILE",
    help="Write what is removed there, with reason and keeper, as in removed.jsonl.",
)  # fmt: skip
@click.option(
    "--rejected", type=click.Path(dir_okay=False), metavar="FILE",
    help="Write lines that are no article there instead of passing them on.",
)  # fmt: skip
@click.option("--threads", type=click.IntRange(1, 1024), metavar="N", help="[default: all cores]")
@_naming
@click.option("--exit-code", is_flag=True, help="Exit 1 when anything was removed.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on standard error but errors.")
def command(
    lose_nothing: bool,
    remember: int | None,
    boilerplate: str | None,
    removed: str | None,
    rejected: str | None,
    threads: int | None,
    exit_code: bool,
    quiet: bool,
    **settings: Any,
) -> int:
    """Pass JSON Lines from standard input on without articles that came before.

    In one pass: the first article of its kind is kept, a later one goes when it was aligned with
    a kept one and found to be its copy. Lines pass through byte for byte, as soon as they are
    decided. Lines that are no article are named, counted and passed on too. Boilerplate is learned
    from a whole corpus (dedup scan) only; here just what is given is masked. An article of 400
    words takes about 3.5 kB as long as it is remembered.

    \b
    Example:  cat feed.jsonl | dedup filter > new.jsonl
              zcat feed.jsonl.gz | dedup filter --remember 1000000 --removed gone.jsonl > new.jsonl

    Exit status: 0 done; 1 with --exit-code, when anything was removed; 2 wrong usage or input that
    cannot be read; 130 interrupted: what was decided until then has been written.
    """
    from dedup.filtering import Filter, FilteredFeed
    from dedup.records import Given

    if sys.stdin is None:
        raise InputError("standard input is closed, but the feed comes from there.")
    fields = take_fields(settings)
    filter_ = Filter(
        Settings(most_lost=0.0 if lose_nothing else 1.0, **settings),
        given=Given(texts=read_lines(boilerplate)), remember=remember, threads=threads,
    )  # fmt: skip
    books = _Books(quiet)
    with ExitStack() as stack:
        copies, others = (_open(path, stack) for path in (removed, rejected))
        feed = FilteredFeed(sys.stdin.buffer, fields, filter_)
        interrupted = stack.enter_context(_Interrupt(feed))
        try:
            for lines in feed:
                _write(lines, books, copies, others)
                if interrupted.came:
                    break
        except KeyboardInterrupt:
            interrupted.came = True
    if not quiet:
        for line in books.lines(filter_.remembered):
            click.echo(line, err=True)
    if interrupted.came:
        click.echo("interrupted; what was decided until then has been written", err=True)
        return 130
    return 1 if exit_code and books.removed else 0


@dataclass
class _Books:
    """What has been counted: read = kept + removed + rejected."""

    quiet: bool
    kept: int = 0
    removed: int = 0
    bytes_kept: int = 0
    bytes_removed: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def lines(self, remembered: int) -> Iterator[str]:
        """The books in words."""
        rejected = self.reasons.total()

        def divided(counts: Counter[str]) -> str:
            parts = ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items()))
            return f"  ({parts})" if parts else ""

        yield f"read      {self.kept + self.removed + rejected:>10,}"
        yield f"kept      {self.kept:>10,}  ({remembered:,} remembered at the end)"
        yield f"removed   {self.removed:>10,}{divided(self.kinds)}"
        yield f"rejected  {rejected:>10,}{divided(self.reasons)}"
        whole = self.bytes_kept + self.bytes_removed
        share = self.bytes_removed / whole if whole else 0.0
        yield f"saved     {self.bytes_removed:>10,}  of {whole:,} bytes ({share:.1%})"


class _Interrupt:
    """An interrupt ends the work between two batches, or at once while nothing comes in."""

    def __init__(self, feed: FilteredFeed) -> None:
        self.came = False
        self._feed = feed

    def __enter__(self) -> _Interrupt:
        self._before = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.came or self._feed.waiting:
            raise KeyboardInterrupt
        self.came = True


def _open(path: str | None, stack: ExitStack) -> IO[bytes] | None:
    if path is None:
        return None
    try:
        return stack.enter_context(Path(path).open("xb"))
    except FileExistsError:
        if not os.path.isfile(path):  # a device or a pipe
            return stack.enter_context(Path(path).open("wb"))
        raise OutputError(f"{path} exists already. Choose another file.") from None
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}.") from error


def _write(
    lines: list[Decided],
    books: _Books,
    copies: IO[bytes] | None,
    others: IO[bytes] | None,
) -> None:
    """Write a batch; all of it is out of our hands afterwards."""
    from dedup.report import plain, removed_line

    out: list[bytes] = []
    for line in lines:
        if line.removal is not None:
            books.removed += 1
            books.kinds[line.removal.reason] += 1
            books.bytes_removed += len(line.raw)
            if copies and line.record:
                copies.write(removed_line(line.removal, line.record.origin, line.record.line))
            continue
        books.bytes_kept += len(line.raw)
        if line.record is not None:
            books.kept += 1
        elif line.reject is not None:
            reject = line.reject
            books.reasons[reject.reason] += 1
            count = books.reasons.total()
            if not books.quiet and count <= _NAMED:
                where = f"{reject.file}, byte {reject.offset}"
                text = f"rejected: {where}: {reject.reason} ({reject.detail})"
                click.echo(plain(text), err=True)
            elif not books.quiet and count == _NAMED + 1:
                click.echo("rejected: more; they are counted at the end", err=True)
        if others and line.record is None and line.raw.strip():
            others.write(line.raw)
        else:
            out.append(line.raw)
    sys.stdout.buffer.write(b"".join(out))
    for stream in (sys.stdout.buffer, copies, others):
        if stream:
            stream.flush()
