"""`dedup index learn`, `groups` and `history`: what an index has found out about its articles."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

_FORMAT = click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "jsonl"]), default="text",
    show_default=True, help="What goes to standard output: lines for people, or JSON.",
)  # fmt: skip
#: Code points of a learned text that are shown.
_SHOWN = 70


@click.command("learn")
@click.argument("index", metavar="INDEX")
@click.option(
    "--veto", multiple=True, metavar="ID",
    help="Do not mask this learned text, now and later; may be given several times.",
)  # fmt: skip
@_FORMAT
def learn(index: str, veto: tuple[str, ...], format_: str) -> None:
    """Learn what is boilerplate in INDEX, put earlier findings right, and list it.

    Then relations and groups are those of a scan. `build` does it at its end, and so does every
    process that adds, when the number of articles has doubled, from 500 to 64,000. Beyond that
    it is left to this command.

    \b
    Example:  dedup index learn seen.dedup
              dedup index learn seen.dedup --veto 0a1b2c3d4e5f

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.report import plain
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        opened.learn(veto=veto)
        runs = opened.boilerplate()
    for run in runs:
        if format_ == "jsonl":
            click.echo(json.dumps(run._asdict(), ensure_ascii=False))
            continue
        site = run.site or "every site"
        text = run.text if len(run.text) <= _SHOWN else f"{run.text[: _SHOWN - 3]}..."
        note = f"{run.articles:,} articles" if run.masked else "not masked"
        click.echo(plain(f"{run.id}  {site}  {note}  {' '.join(text.split())}"))
    click.echo(f"{len(runs):,} texts of boilerplate", err=True)


@click.command("groups")
@click.argument("index", metavar="INDEX")
@_FORMAT
def groups(index: str, format_: str) -> None:
    """Show the groups of copies in INDEX, each with its excerpts.

    With jsonl the lines are those of groups.jsonl of a scan, without `origin`.

    \b
    Example:  dedup index groups seen.dedup -f jsonl > groups.jsonl

    Exit status: 0 done; 2 wrong usage, or no index.
    """
    from dedup.report import group_as_dict, plain
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        found = opened.groups()
        named = {group.keeper for group in found}
        named.update(member.id for group in found for member in group.members)
        named.update(excerpt.id for group in found for excerpt in group.excerpts)
        rows = (row for row in opened.dump() if row["id"] in named)
        sources = {row["id"]: (row["site"], row["date"]) for row in rows}
    for group in found:
        if format_ == "jsonl":
            click.echo(json.dumps(group_as_dict(group, sources), ensure_ascii=False))
            continue
        click.echo(plain(group.keeper))
        for member in group.members:
            click.echo(plain(f"  {member.kind}  {member.id}  {member.containment_in_keeper:.0%}"))
        for excerpt in group.excerpts:
            click.echo(plain(f"  excerpt  {excerpt.id}  {excerpt.containment:.0%} in {excerpt.of}"))


@click.command("history")
@click.argument("index", metavar="INDEX")
@click.argument("id_", metavar="ID")
@click.option(
    "-f", "--format", "format_", type=click.Choice(["text", "json"]), default="text",
    show_default=True, help="What goes to standard output: lines for people, or JSON.",
)  # fmt: skip
def history(index: str, id_: str, format_: str) -> None:
    """Show who published the article ID of INDEX first, who copied it, and who took which part.

    "copied from" is said only where the dates differ, else "shares with". Spans are in code
    points of the article that they stand behind.

    \b
    Example:  dedup index history seen.dedup 2026-03-01/17

    Exit status: 0 done; 2 wrong usage, no index, or no such article.
    """
    from dedup.seen import open_index

    with open_index(index, create=False) as opened:
        found = opened.history(id_)
    if format_ == "json":
        click.echo(json.dumps(found.as_dict(), ensure_ascii=False, indent=1))
        return
    _show("copies", found.copies, found)
    _show("excerpts", found.excerpts, found)
    _show("longer articles that contain it", found.containing, found)


def _show(title: str, entries: Sequence[Any], found: Any) -> None:
    from dedup.report import plain

    if not entries:
        return
    click.echo(title)
    for one in entries:
        when = "undated   "
        if one.date is not None:
            when = datetime.fromtimestamp(one.date, UTC).date().isoformat()
        what = "first" if one.kind == "first" else f"{one.kind}, {one.claim} {one.of}"
        if one.kind in ("near-duplicate", "excerpt"):
            what += f", {one.containment_in_of:.0%} of it"
        elif one.kind == "contains":
            what += f", {one.containment_of_of:.0%} of that"
        spans = ", ".join(f"{p.a_begin}-{p.a_end} is {p.b_begin}-{p.b_end}" for p in one.passages)
        kept = " (kept)" if one.id == found.keeper else ""
        where = f"  {one.site}" if one.site else ""
        line = f"  {when}{where}  {one.id}{kept}: {what}{f' [{spans}]' if spans else ''}"
        click.echo(plain(line))
