"""`dedup pairs`: pairs by resemblance alone."""

from __future__ import annotations

import json
from typing import Any

import click

from dedup.cli.options import inputs, take_fields
from dedup.settings import Settings

_DEFAULTS = Settings()


@click.command("pairs")
@click.argument("paths", nargs=-1, metavar="PATH...")
@click.option(
    "--jaccard", type=click.FloatRange(0, 1, min_open=True), default=0.7, metavar="J",
    show_default=True, help="Resemblance of the sets of shingles from which pairs are wanted, 0-1.",
)  # fmt: skip
@click.option(
    "--recall", type=click.FloatRange(0, 0.999999), default=0.999, metavar="P", show_default=True,
    help="Share of the pairs at J that must be found, 0-1; above J more are.",
)  # fmt: skip
@click.option(
    "--k", type=click.IntRange(1, 32), default=_DEFAULTS.k, metavar="WORDS", show_default=True,
    help="Words of a shingle.",
)  # fmt: skip
@click.option(
    "--num-perm", type=click.IntRange(16, 1024), default=_DEFAULTS.num_perm, metavar="N",
    show_default=True, help="Slots of a signature.",
)  # fmt: skip
@click.option("--groups", is_flag=True, help="Print groups, the oldest article first, not pairs.")
@click.option("--threads", type=click.IntRange(1, 1024), metavar="N", help="[default: all cores]")
@inputs
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on standard error but errors.")
def command(
    paths: tuple[str, ...],
    jaccard: float,
    recall: float,
    k: int,
    num_perm: int,
    groups: bool,
    threads: int | None,
    extractor: str,
    files_from: str | None,
    strict: bool,
    quiet: bool,
    **settings: Any,
) -> int:
    """Find the articles in PATH... whose sets of shingles resemble each other by J or more.

    PATH is what `dedup scan` reads. Pairs are proposed by MinHash signatures, and the resemblance
    of each is computed from both texts. Nothing is aligned: this is several times as fast as a
    scan, and knows nothing of passages, excerpts and boilerplate. One JSON object a line goes to
    standard output: a, b, jaccard, shingles_a_in_b, shingles_b_in_a; with --groups a list of ids.
    Articles with the same words are paired with the oldest of them only. All texts are held in
    memory.

    \b
    Example:  dedup pairs march.jsonl.gz > pairs.jsonl
              dedup pairs march.jsonl.gz --jaccard 0.5 --groups

    Exit status: 0 done, whether or not anything was found; 2 wrong usage or nothing readable; 3
    with --strict, when any input was rejected; 130 interrupted.
    """
    from dedup.report import plain
    from dedup.resembling import find_pairs_paths

    if not paths and files_from is None:
        raise click.UsageError("Missing argument 'PATH...', or --files-from.")
    if files_from == "-" and "-" in paths:
        raise click.UsageError("only one of PATH and --files-from can be standard input.")
    fields = take_fields(settings)
    found = find_pairs_paths(
        paths, jaccard=jaccard, recall=recall, k=k, num_perm=num_perm, threads=threads,
        fields=fields, extractor=extractor, files_from=files_from,
    )  # fmt: skip
    if groups:
        for group in found.groups:
            click.echo(json.dumps(group, ensure_ascii=False))
    else:
        for pair in found.pairs:
            row = {
                name: round(value, 6) if isinstance(value, float) else value
                for name, value in pair._asdict().items()
            }
            click.echo(json.dumps(row, ensure_ascii=False))
    if not quiet:
        for reject in found.rejects[:20]:
            where = f"{reject.file}, byte {reject.offset}"
            click.echo(plain(f"rejected: {where}: {reject.reason} ({reject.detail})"), err=True)
        if len(found.rejects) > 20:
            click.echo(f"rejected: {len(found.rejects) - 20:,} more", err=True)
        click.echo(f"read      {found.articles + len(found.rejects):,}", err=True)
        click.echo(f"rejected  {len(found.rejects):,}", err=True)
        click.echo(f"pairs     {len(found.pairs):,} of {found.candidates:,} candidates", err=True)
        click.echo(f"groups    {len(found.groups):,}", err=True)
    return 3 if strict and found.rejects else 0
