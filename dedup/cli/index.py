"""`dedup index COMMAND`: make, fill, ask and keep an index that lasts."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from dedup.cli import spread
from dedup.cli.options import naming, take_fields, thresholds
from dedup.settings import Settings

#: How a verdict goes on to the article it is about.
_SAID = {
    "identical": "identical to",
    "near-duplicate": "near-duplicate of",
    "excerpt": "excerpt of",
    "contains": "contains",
    "overlap": "overlaps with",
    "quote": "shares a quote with",
}

F = TypeVar("F", bound=Callable[..., Any])


@click.group("index")
def command() -> None:
    """Keep an index of articles, and ask it whether an article is already there.

    An index is a folder on a disk of this host. Several processes may ask and add at the same
    time, and what was added outlives a process that is killed.

    \b
    Example:  dedup index build seen.dedup corpus/
              dedup index add seen.dedup today.jsonl
              dedup check article.txt --index seen.dedup

    Exit status: 0 done; 1 something was found (check, verify); 2 wrong usage, or no index.
    """


def _reading(function: F) -> F:
    """Options of commands that read articles."""
    function = naming(function, ("text", "id", "date", "site", "url"))
    function = click.option(
        "-f", "--format", "format_", type=click.Choice(["text", "jsonl", "none"]), default="text",
        show_default=True, help="What goes to standard output: lines for people, or answers.",
    )(function)  # fmt: skip
    return click.option(
        "-q", "--quiet", is_flag=True, help="Say nothing on standard error but errors."
    )(function)


@command.command("build")
@click.argument("index", metavar="INDEX")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--text/--no-text", default=True, help="Keep the texts, packed.")
@click.option(
    "--learn/--no-learn", default=True, help="Learn boilerplate, at the end and later."
)  # fmt: skip
@click.option(
    "--window-days", type=click.FloatRange(0), metavar="DAYS",
    help="Do not compare dated articles that lie further apart.",
)  # fmt: skip
@click.option(
    "--boilerplate", type=click.File(encoding="utf-8"), metavar="FILE",
    help="Texts that are boilerplate on every site, one a line.",
)  # fmt: skip
@click.option(
    "--allow", type=click.File(encoding="utf-8"), metavar="FILE",
    help="Texts that are never boilerplate, one a line.",
)  # fmt: skip
@thresholds
@_reading
def build(
    index: str, paths: tuple[str, ...], text: bool, learn: bool, window_days: float | None,
    boilerplate: Iterable[str] | None, allow: Iterable[str] | None, format_: str, quiet: bool,
    **settings: Any,
) -> None:  # fmt: skip
    """Make the index INDEX and put the articles of PATH... into it.

    PATH is what `dedup scan` reads. Settings and boilerplate stay with the index.

    \b
    Example:  dedup index build seen.dedup corpus/ --window-days 30

    Exit status: 0 done; 2 wrong usage, INDEX is there already, or nothing readable.
    """
    from dedup.records import Given
    from dedup.seen import open_index

    fields = take_fields(settings)
    given = Given(texts=_lines(boilerplate), allowed=_lines(allow))
    with open_index(
        index, settings=Settings(learn=learn, **settings), given=given, keep_text=text,
        window_days=window_days, create=True,
    ) as opened:  # fmt: skip
        _fill(opened, paths, fields, format_, quiet)
        if learn:
            opened.learn()


@command.command("add")
@click.argument("index", metavar="INDEX")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--replace", is_flag=True,
    help="An article whose id is there already takes the place of the one that has it.",
)  # fmt: skip
@_reading
def add(
    index: str, paths: tuple[str, ...], replace: bool, format_: str, quiet: bool, **names: Any,
) -> None:  # fmt: skip
    """Add the articles of PATH... to INDEX, and say which were there already.

    An id that has other words already becomes "id#2", unless it is to be replaced. Adding a file
    twice changes nothing.

    \b
    Example:  dedup index add seen.dedup today.jsonl -f jsonl > answers.jsonl

    Exit status: 0 done, whatever was found; 2 wrong usage, no index, or nothing readable.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        _fill(opened, paths, take_fields(names), format_, quiet, replace)


@command.command("check")
@click.argument("index", metavar="INDEX")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@_reading
def check(
    index: str, paths: tuple[str, ...], format_: str, quiet: bool, **names: Any,
) -> int:  # fmt: skip
    """Ask INDEX for the articles of PATH...; nothing is added.

    \b
    Example:  dedup index check seen.dedup today.jsonl -f jsonl

    Exit status: 0 all are new; 1 some are duplicates; 2 wrong usage, no index, or nothing
    readable.
    """
    from dedup.filling import check_paths
    from dedup.seen import open_index

    fields = take_fields(names)
    with open_index(index, create=False) as opened:
        found = _show(check_paths(opened, paths, fields), format_, quiet)
    return 1 if found["duplicates"] else 0


@command.command("remove")
@click.argument("index", metavar="INDEX")
@click.argument("ids", nargs=-1, required=True, metavar="ID...")
@click.option(
    "--forget", is_flag=True, help="Leave no byte of them in the folder; writes the catalogue anew."
)
def remove(index: str, ids: tuple[str, ...], forget: bool) -> None:
    """Take articles out of INDEX, as if they had never been there.

    \b
    Example:  dedup index remove seen.dedup 2026-03-01/17 --forget

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        count = opened.forget(*ids) if forget else opened.remove(*ids)
    click.echo(f"{count:,} of {len(ids):,} removed", err=True)


@command.command("expire")
@click.argument("index", metavar="INDEX")
@click.option("--before", required=True, metavar="DATE", help="ISO 8601; UTC without a zone.")
def expire(index: str, before: str) -> None:
    """Take out of INDEX what is dated before DATE; undated articles stay.

    \b
    Example:  dedup index expire seen.dedup --before 2026-01-31

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        click.echo(f"{opened.expire(before=before):,} removed", err=True)


@command.command("merge")
@click.argument("index", metavar="INDEX")
def merge(index: str) -> None:
    """Put all postings of INDEX into one segment. Never needed; makes it smaller and faster.

    \b
    Example:  dedup index merge seen.dedup

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        opened.merge()


@command.command("verify")
@click.argument("index", metavar="INDEX")
@click.option("--repair", is_flag=True, help="Make damaged segments again from the catalogue.")
def verify(index: str, repair: bool) -> int:
    """Compare everything in INDEX with everything else, and name what is wrong.

    The catalogue's file, every block of every segment, each text with the digest of its words,
    and the postings of each article with the keys of its text.

    \b
    Example:  dedup index verify seen.dedup --repair

    Exit status: 0 all is well; 1 something is, or was, wrong; 2 wrong usage, or no index.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        faults = opened.verify(repair_segments=repair)
    for fault in faults:
        click.echo(fault)
    if not faults:
        click.echo("all is well", err=True)
    return 1 if faults else 0


@command.command("dump")
@click.argument("index", metavar="INDEX")
@click.option("--texts", is_flag=True, help="With texts: `dedup index build` reads it again.")
@click.option("--segment", metavar="NAME", help="The postings of a segment instead.")
@click.option("--relations", is_flag=True, help="What is related instead, as a scan gives it.")
def dump(index: str, texts: bool, segment: str | None, relations: bool) -> None:
    """Write what is in INDEX as JSON Lines: the articles, or what an option says.

    \b
    Example:  dedup index dump seen.dedup --texts > articles.jsonl
              dedup index dump seen.dedup --relations > relations.jsonl

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.report import relation_line
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        if relations:
            for relation in opened.relations():
                click.echo(relation_line(relation))
            return
        for line in opened.dump(texts=texts, segment=segment):
            click.echo(json.dumps(line, ensure_ascii=False))


@command.command("stats")
@click.argument("index", metavar="INDEX")
def stats(index: str) -> None:
    """Show counts and sizes of INDEX as JSON.

    \b
    Example:  dedup index stats seen.dedup

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        click.echo(json.dumps(opened.stats(), indent=1))


command.add_command(spread.learn)
command.add_command(spread.groups)
command.add_command(spread.history)


def _lines(file: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(line.rstrip("\n") for line in file or () if line.strip())


def _fill(
    index: Any, paths: tuple[str, ...], fields: Any, format_: str, quiet: bool,
    replace: bool = False,
) -> None:  # fmt: skip
    from dedup.filling import add_paths

    _show(add_paths(index, paths, fields, replace=replace), format_, quiet)


def _show(told: Iterable[Any], format_: str, quiet: bool) -> Counter[str]:
    """Show answers as they come; counts of all of them."""
    from dedup.report import plain

    counts: Counter[str] = Counter()
    for record, answer, reject in told:
        if reject is not None:
            counts["rejected"] += 1
            if not quiet:
                where = f"{reject.file}, byte {reject.offset}: {reject.reason} ({reject.detail})"
                click.echo(plain(f"rejected: {where}"), err=True)
            continue
        counts["articles"] += 1
        counts["added"] += answer.added
        counts["duplicates"] += answer.is_duplicate
        if format_ == "jsonl":
            line = {"id": record.id, **answer.as_dict()}
            click.echo(json.dumps(line, ensure_ascii=False))
        elif format_ == "text" and answer.matches:
            show_answer(record.id, answer)
    if not quiet:
        names = ("articles", "added", "duplicates", "rejected")
        click.echo(", ".join(f"{counts[name]:,} {name}" for name in names), err=True)
    sys.stdout.flush()
    return counts


def show_answer(id_: str, answer: Any) -> None:
    """An answer in a line, for people."""
    from dedup.report import plain

    head = f"{id_}  {answer.verdict}"
    if answer.matches:
        first = answer.matches[0]
        more = f" and {len(answer.matches) - 1} more" if len(answer.matches) > 1 else ""
        share = f"{first.containment_in_match:.0%} of it, {answer.novel_share:.0%} new"
        head = f"{id_}  {_SAID.get(first.kind, first.kind)} {first.id}{more}, {share}"
    click.echo(plain(head))
