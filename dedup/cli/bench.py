"""`dedup bench`: where time goes on the user's own data, and what the machine can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from dedup.cli.options import named_fields
from dedup.cli.progress import Bar

if TYPE_CHECKING:
    from dedup.measure import Lap, Measured


def _odd(ctx: click.Context, param: click.Parameter, value: int) -> int:
    if value % 2 == 0:
        raise click.BadParameter(f"{value} is even; a median needs an odd number of runs.")
    return value


@click.command("bench")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="What goes to standard output.",
)  # fmt: skip
@click.option(
    "--runs", type=click.IntRange(1, 99), default=3, show_default=True, callback=_odd,
    help="How often each stage is done, after a first time that does not count; odd.",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(1, 1024), metavar="N",
    help="How many threads are measured beside one.  [default: all cores]",
)  # fmt: skip
@click.option(
    "--text-field", metavar="NAME", help="Field of the text.  [default: text, content, ...]"
)
@click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
def command(
    paths: tuple[str, ...],
    format_: str,
    runs: int,
    threads: int | None,
    text_field: str | None,
    quiet: bool,
) -> None:
    """Measure how fast this machine scans PATH..., stage by stage.

    PATH is what `dedup scan` takes, but not standard input. Every stage is measured on one thread
    and on all, beside what the machine can do at most: reading memory, hashing, decompressing.
    Seconds are wall time, medians; MB are 10^6 bytes of plain input for reading, of text in UTF-8
    for the rest. It takes about ten times as long as a scan, holds the texts in memory, and
    writes nothing.

    \b
    Example:  dedup bench my-feed.jsonl.zst
              dedup bench march/ -f json --runs 5 > march.json

    Exit status: 0 done; 2 wrong usage or nothing readable; 130 interrupted.
    """
    from dedup.measure import measure_paths

    fields = named_fields(text=text_field)
    with Bar(quiet=quiet) as progress:
        measured = measure_paths(
            paths, fields=fields, threads=threads, runs=runs, progress=progress
        )
    if format_ == "json":
        click.echo(json.dumps(as_dict(measured), indent=1))
    else:
        for line in text_lines(measured):
            click.echo(line)


def as_dict(measured: Measured) -> dict[str, Any]:
    """All numbers, with rates and shares of the memory read beside the seconds."""
    whole = asdict(measured)
    whole["laps"] = [
        lap._asdict()
        | {
            "bytes_per_second": rate(lap),
            "articles_per_second": lap.articles / lap.seconds if lap.seconds else None,
            "share_of_memory_read": share(lap, measured),
        }
        for lap in measured.laps
    ]
    return whole


def rate(lap: Lap) -> float | None:
    """Bytes per second; None for what took no time."""
    return lap.size_bytes / lap.seconds if lap.seconds else None


def share(lap: Lap, measured: Measured) -> float | None:
    """How much of the speed at which one thread reads memory a lap reaches."""
    speed = rate(lap)
    return speed / measured.limits["memory read"] if speed is not None else None


def text_lines(measured: Measured) -> Iterator[str]:
    """The same for people."""
    m = measured
    yield (
        f"{m.articles:,} articles, {m.text_bytes / 1e6:,.1f} MB of text, {m.words:,} words; "
        f"files {m.file_bytes / 1e6:,.1f} MB, {m.plain_bytes / 1e6:,.1f} MB unpacked"
    )
    yield f"kernels: {m.backend}, {m.cpu_level}; {m.cores} cores; median of {m.runs}"
    yield ""
    yield (
        f"{'stage':<22}{'threads':>8}{'seconds':>10}{'from':>9}{'to':>9}{'MB/s':>10}"
        f"{'articles/s':>12}{'of memory':>11}"
    )
    for lap in m.laps:
        speed, part = rate(lap), share(lap, m)
        yield (
            f"{lap.stage:<22}{lap.threads:>8}{lap.seconds:>10.3f}{lap.least:>9.3f}{lap.most:>9.3f}"
            + (
                f"{speed / 1e6:>10,.1f}{lap.articles / lap.seconds:>12,.0f}{part:>11.2%}"
                if speed is not None and part is not None
                else f"{'-':>10}{'-':>12}{'-':>11}"
            )
        )
    yield ""
    yield "this machine, one thread: " + ", ".join(
        f"{name} {speed / 1e6:,.0f} MB/s" for name, speed in m.limits.items()
    )
    if m.rejected:
        yield f"{m.rejected:,} pieces of input could not be used; `dedup scan` names them"
