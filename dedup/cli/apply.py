"""`dedup apply`: the corpus of a result again, without what was removed or with what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

import click

from dedup.cli.progress import Bar

#: Articles that a dry run shows.
_SHOWN = 20


@click.command("apply")
@click.argument("result", metavar="RESULT")
@click.option("-o", "--out", metavar="FOLDER", help="Write the files there.")
@click.option(
    "--dry-run", is_flag=True,
    help="Write nothing; say what would go and why, of articles the first 20.",
)  # fmt: skip
@click.option(
    "-l", "--list", "listed", is_flag=True,
    help="List all that goes: reason, id, keeper and place, with tabs between.",
)  # fmt: skip
@click.option(
    "--annotate", is_flag=True,
    help="Remove nothing: add dup_group, dup_of, dup_kind and dup_resemblance to each article.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing on standard error but errors.")
def command(
    result: str, out: str | None, dry_run: bool, listed: bool, annotate: bool, quiet: bool
) -> None:
    """Write the files of RESULT again without what was removed, to another folder.

    RESULT is a folder that dedup scan -o wrote. JSON Lines, CSV, WARC, WET and ARC lose the lines,
    rows and records of these articles; all other bytes stay, also those that were no article, and
    packed files stay packed. Parquet and Arrow lose rows; columns, schema and metadata stay. Of
    plain text and HTML whole files are left out. Files of which nothing goes are copied. Paths are
    kept below the folder that all inputs of the scan have in common. Input that changed since the
    scan is refused. The input itself is never changed.

    With --annotate all articles stay. JSON Lines get four members, CSV four cells, Parquet and
    Arrow four columns: the keeper of the group, the article it is a copy or an excerpt of, the
    kind and the resemblance; empty where an article is related to nothing. Files of other formats
    are copied.

    \b
    Example:  dedup scan march.jsonl.gz april/ -o result/
              dedup apply result/ --dry-run
              dedup apply result/ -o clean/
              dedup apply result/ --annotate -o annotated/

    Exit status: 0 done; 2 wrong usage, input that is not what was scanned, or output that cannot
    be written; 130 interrupted: nothing was written.
    """
    from dedup.applying import apply_plan, list_removals, plan_annotation, plan_removal
    from dedup.report import plain

    if (out is None) != dry_run:
        raise click.UsageError("give either -o FOLDER or --dry-run.")
    if annotate and (dry_run or listed):
        raise click.UsageError("--annotate removes nothing: give it with -o FOLDER alone.")
    with Bar(quiet=quiet) as progress:
        plan = plan_annotation(result, progress) if annotate else plan_removal(result, progress)
        done = None if out is None else apply_plan(plan, out, progress)
    if listed:
        for removal, origin in list_removals(plan):
            columns = (removal.reason, removal.id, removal.keeper, origin)
            click.echo("\t".join(map(plain, columns)))
    going = sum(plan.removed_kinds.values())
    if plan.notes is None:
        lines = [f"removed   {going:>10,}{_divided(plan.removed_kinds)}"]
    else:
        kinds = Counter(n.dup_kind for notes in plan.notes.values() for n in notes.values())
        copies = {kind: count for kind, count in kinds.items() if kind}
        lines = [f"annotated {sum(copies.values()):>10,}{_divided(copies)}"]
    if done is None:
        whole = sum(map(plan.is_left_out, plan.gone))
        lines = [
            f"would go  {going:>10,}{_divided(plan.removed_kinds)}",
            f"files     {len(plan.files):>10,}  ({len(plan.gone) - whole:,} would be written "
            f"again, {whole:,} left out, {len(plan.files) - len(plan.gone):,} copied)",
        ]
        for removal, origin in islice(list_removals(plan), 0 if listed else _SHOWN):
            lines.append(
                f"  {plain(removal.id)}  {removal.reason} of {plain(removal.keeper)}, "
                f"resemblance {removal.resemblance:.2f}, from {plain(origin)}"
            )
        if going > _SHOWN and not listed:
            lines.append(f"  and {going - _SHOWN:,} more; --list shows all")
    else:
        lines += [
            f"files     {len(plan.files):>10,}  ({done.rewritten:,} written again, "
            f"{done.left_out:,} left out, {done.copied:,} copied)",
            f"bytes     {done.bytes_after:>10,}  of {done.bytes_before:,}, as stored",
        ]
    for name, reason in plan.unused.items():
        lines.append(f"not written: {plain(name)} ({reason} in the scan)")
    for name in done.unmarked if done else ():
        lines.append(f"not annotated: {plain(name)} (its format has no place for it)")
    for name, size in done.cut.items() if done else ():
        lines.append(f"cut: {plain(name)} is damaged behind {size:,} bytes; those were written")
    if not quiet or (dry_run and not listed):
        for line in lines:
            click.echo(line, err=not dry_run or listed)
        if out and not quiet:
            click.echo(f"written   {out}", err=True)


def _divided(counts: Mapping[str, int]) -> str:
    parts = ", ".join(f"{count:,} {kind}" for kind, count in sorted(counts.items()))
    return f"  ({parts})" if parts else ""
