"""`dedup stats`: what copies a result holds, as text, JSON and charts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from dedup.errors import OutputError


@click.command("stats")
@click.argument("result", metavar="RESULT")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="What goes to standard output.",
)  # fmt: skip
@click.option(
    "--top", type=click.IntRange(min=1), default=20, show_default=True, metavar="N",
    help="Show so many groups and pairs of sites.",
)  # fmt: skip
@click.option("--plots", "folder", metavar="FOLDER", help="Write charts there, as SVG.")
def command(result: str, format_: str, top: int, folder: str | None) -> None:
    """Show what copies RESULT holds: kinds, sizes of groups, and which sites have what from whom.

    RESULT is a folder that dedup scan -o wrote. Within a group copies come from its oldest
    article. Sites are the field site or the domain of the url. Charts are four SVG files, readable
    on light and on dark; files of the same names are replaced.

    \b
    Example:  dedup stats result/
              dedup stats result/ -f json --plots charts/

    Exit status: 0 done; 2 wrong usage, or no result.
    """
    from dedup.report import ResultFolder, draw_plots, result_stats, stats_lines

    stats = result_stats(ResultFolder(result), top)
    if folder is not None:
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            for name, text in draw_plots(stats).items():
                Path(folder, name).write_text(text, "utf-8")
        except OSError as error:
            raise OutputError(f"{folder} cannot be written: {error.strerror}.") from error
    if format_ == "json":
        click.echo(json.dumps(stats, ensure_ascii=True, indent=1))
    else:
        for line in stats_lines(stats):
            click.echo(line)
