"""A result in words: the summary block of a run, and its groups and relations as text."""

from __future__ import annotations

from collections.abc import Iterator

from dedup.records import Group, Relation, Result

#: Arrow between the ids of a relation, by kind and direction.
_SIGNS = {"identical": "=", "near-duplicate": "~", "overlap": "&", "quote": '"', "none": "/"}


def plain(text: str) -> str:
    """Text with everything but printable characters as a space: nothing may reach a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def summary_lines(result: Result) -> list[str]:
    """The block at the end of a run: the books, the findings, the time."""
    counts = result.counts
    relations = ", ".join(f"{n:,} {kind}" for kind, n in counts.relations.items()) or "none"
    removed = ", ".join(f"{n:,} {kind}" for kind, n in counts.removed_kinds.items())
    lines = [
        f"read      {counts.read:>10,}",
        f"kept      {counts.kept:>10,}",
        f"removed   {counts.removed:>10,}" + (f"  ({removed})" if removed else ""),
        f"rejected  {counts.rejected:>10,}"
        + (
            f"  ({', '.join(f'{n:,} {r}' for r, n in counts.reasons.items())})"
            if counts.reasons
            else ""
        ),
        f"saved     {counts.removed_bytes:>10,}  of {counts.bytes:,} bytes of text"
        + (f" ({counts.removed_bytes / counts.bytes:.1%})" if counts.bytes else ""),
        f"relations {sum(counts.relations.values()):>10,}  ({relations})",
        f"groups    {counts.groups:>10,}",
    ]
    if result.boilerplate or counts.boilerplate_only:
        lines.append(
            f"boilerplate {len(result.boilerplate):>8,}  texts, masked; "
            f"{counts.boilerplate_only:,} aligned pairs share nothing else"
        )
    if counts.without_site and result.settings.learn:
        lines.append(
            f"{counts.without_site:,} articles have no site: boilerplate of their sites is not "
            "known, and pairs that share it are reported"
        )
    if counts.duplicate_ids:
        lines.append(
            f"{counts.duplicate_ids:,} ids occurred before; those articles are now named id#2, ..."
        )
    if counts.without_words:
        lines.append(
            f"{counts.without_words:,} articles hold no word; they are kept and related to nothing"
        )
    lines.append(
        "time      " + ", ".join(f"{name} {s:.2f} s" for name, s in result.seconds.items())
    )
    whole = sum(result.seconds.values())
    if whole:
        lines.append(
            f"in all    {whole:>8.2f} s, {counts.read / whole:,.0f} articles/s, "
            f"{counts.bytes / whole / 1e6:,.1f} MB of text/s"
        )
    return lines


def text_lines(result: Result, *, quotes: bool = False) -> Iterator[str]:
    """Groups and relations for reading, a block per group, then pair by pair."""
    for group in result.groups:
        if group.members:
            yield from _group_lines(group)
            yield ""
    others = [r for r in result.relations if r.kind in ("excerpt", "overlap")]
    yield from (relation_text(relation) for relation in others)
    if quotes:
        yield from (relation_text(relation) for relation in result.quotes)


def _group_lines(group: Group) -> Iterator[str]:
    yield f"{plain(group.keeper)}  (kept of {len(group.members) + 1})"
    for member in group.members:
        yield (
            f"  {_SIGNS[member.kind]} {plain(member.id)}  {member.kind}, "
            f"resemblance {member.resemblance:.2f}"
        )


def relation_text(relation: Relation) -> str:
    """One pair in a line."""
    a, b, sign = plain(relation.a), plain(relation.b), _SIGNS.get(relation.kind, "")
    share = max(relation.containment_a_in_b, relation.containment_b_in_a)
    if relation.direction == "b_in_a":
        a, b = b, a
    if relation.direction:
        sign = "<"
    words = sum(passage.words for passage in relation.passages)
    count = len(relation.passages)
    where = f"{words:g} words in {count} passage{'s' if count != 1 else ''}"
    what = f"{share:.0%} of it" if relation.direction else f"resemblance {relation.resemblance:.2f}"
    return f"{a} {sign} {b}  {relation.kind}, {what}, {where}"
