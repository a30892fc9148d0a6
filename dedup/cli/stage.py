"""`dedup stage`: a scan in stages, each shared by many processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from dedup.cli.options import (
    masking,
    memory,
    policies,
    read_lines,
    reading,
    take_fields,
    threads,
    thresholds,
)
from dedup.cli.progress import Bar
from dedup.settings import Settings

F = TypeVar("F", bound=Callable[..., Any])


class Share(click.ParamType[tuple[int, int]]):
    """One share of several: 2/3 is the second of three."""

    name = "share"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, int]:
        """Place of the share, from 0, and how many there are."""
        if isinstance(value, tuple):
            return value[0], value[1]
        part, _, parts = str(value).partition("/")
        if part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts):
            return int(part) - 1, int(parts)
        return self.fail(f"{value!r} is no share; give one like 2/3.", param, ctx)


share = click.option(
    "--shard",
    "share_",
    type=Share(),
    metavar="I/N",
    default="1/1",
    show_default=True,
    help="Which share of the stage is done here.",
)
quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors.")


@click.group("stage", no_args_is_help=True)
def command() -> None:
    """Scan in stages that many processes share, for clusters without an engine.

    The stages are sketch, match, group and write, in this order. All shares of a stage may run at
    the same time, on machines that see the same WORK folder; the next stage begins when all of
    them are done. A share that was killed is started again and goes on where it stopped. The
    result is that of dedup scan, byte by byte.

    \b
    Example:  for i in 1 2 3; do dedup stage sketch --shard $i/3 work/ crawl/*.warc.gz & done; wait
              for i in 1 2 3; do dedup stage match --shard $i/3 work/ & done; wait
              for i in 1 2 3; do dedup stage group --shard $i/3 work/ & done; wait
              dedup stage write work/ -o clean/
              seq 8 | parallel dedup stage match --shard {}/8 work/
              sbatch --array=1-8 --wrap 'dedup stage match --shard $SLURM_ARRAY_TASK_ID/8 work/'

    Exit status: 0 done; 2 wrong usage, or a share of the stage before is missing; 130 interrupted.
    """


@command.command("sketch")
@click.argument("work")
@click.argument("paths", nargs=-1, metavar="PATH...")
@share
@policies
@thresholds
@masking
@reading
@click.option("--annotate", is_flag=True, help="Write annotated.jsonl in the end, as dedup scan.")
@threads
@quiet
def sketch(
    work: str,
    paths: tuple[str, ...],
    share_: tuple[int, int],
    lose_nothing: bool,
    boilerplate: str | None,
    allow: str | None,
    keep_boilerplate: tuple[str, ...],
    files_from: str | None,
    annotate: bool,
    threads: int | None,
    quiet: bool,
    **settings: Any,
) -> int:
    """Read a share of the files in PATH... and sketch their articles.

    Give every share the same paths and options: files are cut into runs of about as many bytes.
    All options of a scan that change its result are given here and hold for all stages.

    \b
    Example:  dedup stage sketch --shard 2/8 work/ crawl/*.warc.gz --keep longest

    Exit status: 0 done; 2 wrong usage, or what is needed is missing; 130 interrupted.
    """
    from dedup.records import Given
    from dedup.stages import sketch_share

    if not paths and files_from is None:
        raise click.UsageError("Missing argument 'PATH...', or --files-from.")
    fields = take_fields(settings)
    with Bar(quiet=quiet) as progress:
        articles = sketch_share(
            work,
            paths,
            share_,
            settings=Settings(most_lost=0.0 if lose_nothing else 1.0, **settings),
            fields=fields,
            given=Given(
                texts=read_lines(boilerplate),
                allowed=read_lines(allow),
                keep=frozenset(keep_boilerplate),
            ),
            files_from=files_from,
            annotate=annotate,
            threads=threads,
            progress=progress,
        )
    return _done(quiet, f"sketched {articles:,} articles", share_)


@command.command("match")
@click.argument("work")
@share
@threads
@memory
@quiet
def match(work: str, share_: tuple[int, int], quiet: bool, **options: Any) -> int:
    """Find candidates among all articles that were sketched, and verify a share of them.

    \b
    Example:  dedup stage match --shard 2/8 work/

    Exit status: 0 done; 2 wrong usage, or what is needed is missing; 130 interrupted.
    """
    from dedup.stages import match_share

    with Bar(quiet=quiet) as progress:
        matches = match_share(work, share_, progress=progress, **options)
    return _done(quiet, f"found {matches:,} relations", share_)


@command.command("group")
@click.argument("work")
@share
@threads
@memory
@quiet
def group(work: str, share_: tuple[int, int], quiet: bool, **options: Any) -> int:
    """Verify a share of the candidates that large sets of copies leave over.

    \b
    Example:  dedup stage group --shard 2/8 work/

    Exit status: 0 done; 2 wrong usage, or what is needed is missing; 130 interrupted.
    """
    from dedup.stages import group_share

    with Bar(quiet=quiet) as progress:
        matches = group_share(work, share_, progress=progress, **options)
    return _done(quiet, f"found {matches:,} more relations", share_)


@command.command("write")
@click.argument("work")
@share
@click.option("-o", "--out", metavar="FOLDER", required=True, help="Write the result there.")
@click.option("--force", is_flag=True, help="Replace an earlier result at FOLDER.")
@threads
@memory
@quiet
def write(
    work: str, share_: tuple[int, int], out: str, force: bool, quiet: bool, **options: Any
) -> int:
    """Make groups of all that was found and write the result, in one process.

    WORK is left as it is: remove it when the result is there.

    \b
    Example:  dedup stage write work/ -o clean/

    Exit status: 0 done; 2 wrong usage, or what is needed is missing; 130 interrupted.
    """
    from dedup.report import summary_lines
    from dedup.stages import write_share

    if share_ != (0, 1):
        raise click.UsageError("the result is written by one process: --shard 1/1, or none.")
    with Bar(quiet=quiet) as progress:
        result = write_share(work, out, force=force, progress=progress, **options)
    if not quiet:
        for line in summary_lines(result):
            click.echo(line, err=True)
        click.echo(f"written   {out}", err=True)
    return 0


def _done(quiet: bool, what: str, share_: tuple[int, int]) -> int:
    if not quiet:
        click.echo(f"share {share_[0] + 1} of {share_[1]}: {what}", err=True)
    return 0
