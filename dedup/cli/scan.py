"""`dedup scan`: all rooms at once, from files to the result folder."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

import click
from click.core import ParameterSource

from dedup.cli.options import (
    inputs,
    masking,
    memory,
    policies,
    read_lines,
    take_fields,
    threads,
    thresholds,
)
from dedup.cli.progress import Bar
from dedup.errors import DedupError
from dedup.records import Relation, Result
from dedup.settings import Settings


@click.command("scan")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option("-o", "--out", metavar="FOLDER", help="Write the result there (9 files).")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a scan to FOLDER that was killed or stopped; paths and options may be left "
    "out, or must be as they were.",
)
@click.option("--force", is_flag=True, help="Replace an earlier result at FOLDER.")
@click.option(
    "--annotate",
    is_flag=True,
    help="Write annotated.jsonl there too: all articles with dup_group, dup_of, ...",
)
@click.option(
    "-f",
    "--format",
    "format_",
    type=click.Choice(["text", "json", "jsonl", "none"]),
    help="What goes to standard output.  [default: text; none with --out]",
)
@click.option("--quotes", is_flag=True, help="Show short shared passages too.")
@policies
@thresholds
@masking
@threads
@memory
@inputs
@click.option(
    "--exit-code", is_flag=True, help="Exit 1 when copies, excerpts or overlaps are found."
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on standard error but errors.")
def command(
    paths: tuple[str, ...],
    out: str | None,
    resume: bool,
    memory: str | None,
    force: bool,
    annotate: bool,
    format_: str | None,
    quotes: bool,
    lose_nothing: bool,
    learn: bool,
    boilerplate: str | None,
    allow: str | None,
    keep_boilerplate: tuple[str, ...],
    threads: int | None,
    files_from: str | None,
    strict: bool,
    exit_code: bool,
    quiet: bool,
    **settings: Any,
) -> int:
    """Find copies, near-copies, excerpts and overlaps in PATH... and prove them with spans.

    PATH is a file (.jsonl, .txt, .csv, .tsv, .parquet, .arrow, .warc, .wet, .arc, .html, also as
    .gz, .zst, .bz2 or .xz), a folder of them, or - for standard input. Every relation was
    recomputed from both texts. Near-duplicates and identical articles are removed from the kept
    set, excerpts are only reported; the input is never changed. Text that comes back in otherwise
    different articles of a site is masked. Input that cannot be used is counted and named, and
    the rest goes on. With --out texts lie on disk meanwhile, so the
    input may be larger than memory.

    \b
    Example:  dedup scan march.jsonl.gz april/ -o clean/
              dedup scan crawl.warc.gz --extractor fast -o clean/
              find dump -name '*.html' -print0 | dedup scan --files-from - -o clean/
              zcat feed.jsonl.gz | dedup scan - -f jsonl > relations.jsonl
              dedup scan crawl/*.warc.gz -o clean/ --memory 2G
              dedup scan --resume -o clean/      # after a kill, a full disk, a power cut

    Exit status: 0 done, whether or not anything was found; 1 with --exit-code, when something
    was; 2 wrong usage or nothing readable; 3 with --strict, when any input was rejected; 130
    interrupted.
    """
    from dedup.pipeline import begun_scan, scan_paths
    from dedup.read import Fields
    from dedup.records import Given
    from dedup.report import plain, relation_line, run_as_dict, summary_lines, text_lines

    if resume and not out:
        raise click.UsageError("--resume needs the folder of the scan: give -o FOLDER.")
    if not paths and files_from is None and not resume:
        raise click.UsageError("Missing argument 'PATH...', or --files-from.")
    if files_from == "-" and "-" in paths:
        raise click.UsageError("only one of PATH and --files-from can be standard input.")
    if annotate and not out:
        raise click.UsageError("--annotate needs a folder for annotated.jsonl: give -o FOLDER.")
    fields = take_fields(settings)
    chosen = {**settings, "most_lost": 0.0 if lose_nothing else 1.0, "learn": learn}
    before = begun_scan(out) if resume and out else None
    if resume and before is None:
        click.echo(f"{out} is whole: there is nothing to go on with.", err=True)
        return 0
    if before is not None:
        # What is not given is as it was when the scan was begun.
        options = {"most_lost": "lose_nothing"}
        chosen = {
            key: value if _is_given(options.get(key, key)) else getattr(before.settings, key)
            for key, value in chosen.items()
        }
    given = Given(
        texts=read_lines(boilerplate), allowed=read_lines(allow), keep=frozenset(keep_boilerplate)
    )
    base = before.settings if before is not None else Settings()
    with _hint_of(out), Bar(quiet=quiet) as progress:
        result = scan_paths(
            paths,
            out,
            settings=base.changed(**chosen),
            fields=fields if before is None or fields != Fields() else None,
            given=given if before is None or given != Given() else None,
            threads=threads,
            memory=memory,
            force=force,
            resume=resume,
            annotate=annotate,
            progress=progress,
            files_from=files_from,
        )
    format_ = format_ or ("none" if out else "text")
    if format_ == "text":
        for line in text_lines(result, quotes=quotes):
            click.echo(line)
    elif format_ == "jsonl":
        for relation in _shown(result, quotes=quotes):
            click.echo(relation_line(relation))
    elif format_ == "json":
        whole = run_as_dict(result, paths) | {
            "relations": [r.as_dict() for r in _shown(result, quotes=quotes)]
        }
        click.echo(json.dumps(whole, indent=1))
    if not quiet:
        for reject in result.rejects[:20]:
            where = f"{reject.file}, byte {reject.offset}"
            click.echo(plain(f"rejected: {where}: {reject.reason} ({reject.detail})"), err=True)
        if len(result.rejects) > 20:
            where = f"{out}/rejects.jsonl" if out else "write them with -o"
            click.echo(f"rejected: {len(result.rejects) - 20:,} more; all: {where}", err=True)
        for line in summary_lines(result):
            click.echo(line, err=True)
        if out:
            click.echo(f"written   {out}", err=True)
    if strict and result.rejects:
        return 3
    return 1 if exit_code and result.relations else 0


def _is_given(name: str) -> bool:
    """Whether an option was given on the command line."""
    source = click.get_current_context().get_parameter_source(name)
    return source is ParameterSource.COMMANDLINE


def _shown(result: Result, *, quotes: bool) -> Iterator[Relation]:
    """The relations that are shown, one by one: there may be millions."""
    return chain(result.relations, result.quotes if quotes else ())


@contextmanager
def _hint_of(out: str | None) -> Iterator[None]:
    """Say after an interrupt how the scan is gone on with, where something is done already."""
    from dedup.pipeline import begun_scan

    try:
        yield
    except KeyboardInterrupt:
        with suppress(DedupError):
            if out and begun_scan(out) is not None:
                click.echo(f"go on with: dedup scan --resume -o {shlex.quote(out)}", err=True)
        raise
