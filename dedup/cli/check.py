"""`dedup check`: one article against an index."""

from __future__ import annotations

import json

import click

from dedup.cli.index import show_answer


@click.command("check")
@click.argument("path", metavar="ARTICLE")
@click.option("--index", "index", required=True, metavar="INDEX", help="The index to ask.")
@click.option("--date", metavar="DATE", help="Of the article, ISO 8601; for indexes with a window.")
@click.option("--url", metavar="URL", help="Of the article; its host is the site.")
@click.option("--site", metavar="SITE", help="Of the article: whose boilerplate is masked.")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="What goes to standard output.",
)  # fmt: skip
def command(
    path: str, index: str, date: str | None, url: str | None, site: str | None, format_: str
) -> int:
    """Ask INDEX whether the text in the file ARTICLE, or part of it, is already there.

    A duplicate is what a scan would remove: identical, or a near-duplicate. Other matches are
    shown and are no reason for exit status 1. ARTICLE may be - for standard input.

    \b
    Example:  dedup check article.txt --index seen.dedup

    Exit status: 0 new; 1 a duplicate; 2 wrong usage, no index, or a file that cannot be read.
    """
    from dedup.filling import read_one
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        answer = opened.check(read_one(path), date=date, url=url, site=site)
    if format_ == "json":
        click.echo(json.dumps(answer.as_dict(), ensure_ascii=False, indent=1))
    else:
        show_answer(path, answer)
    return 1 if answer.is_duplicate else 0
