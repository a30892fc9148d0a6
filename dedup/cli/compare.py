"""`dedup compare`: one pair, with the passages side by side."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from dedup.cli.options import thresholds
from dedup.settings import Settings


@click.command("compare")
@click.argument("a")
@click.argument("b")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="What goes to standard output.",
)  # fmt: skip
@click.option("--full", is_flag=True, help="Show long passages whole, not only their ends.")
@thresholds
@click.option("--exit-code", is_flag=True, help="Exit 1 when the two share anything.")
def command(a: str, b: str, format_: str, full: bool, exit_code: bool, **settings: Any) -> int:
    """Compare the texts in the files A and B, of any length, also as .gz or .zst.

    Shows the kind of the pair, its numbers, and the passages both share, side by side; words
    without a counterpart are marked. One of the two may be - for standard input.

    \b
    Example:  dedup compare seeds/01-gipfel-bericht.txt seeds/03-gipfel-ausschnitt.txt

    Exit status: 0 done, whatever was found; 1 with --exit-code, when anything was shared; 2
    wrong usage or a file that cannot be read; 130 interrupted.
    """
    from dedup.pipeline import compare_paths
    from dedup.report import relation_line

    if a == b == "-":
        raise click.UsageError("only one of the two texts can come from standard input.")
    text_a, text_b, relation = compare_paths(a, b, settings=Settings(**settings))
    if format_ == "json":
        click.echo(json.dumps(json.loads(relation_line(relation)), ensure_ascii=False, indent=1))
    else:
        from rich.console import Console

        from dedup.report.side_by_side import pair_table, passage_table

        console = Console(file=sys.stdout, highlight=False)
        console.print(pair_table(relation))
        for passage in relation.passages:
            console.print(passage_table(passage, text_a, text_b, full=full))
    return 1 if exit_code and relation.kind != "none" else 0
