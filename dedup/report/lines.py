"""Findings → lines of JSON, as docs/formats/results.md specifies them.

Takes columns of relations, groups or removals; gives their lines, many at once. Files and their
order are left to `results`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring as _quote
from typing import Any

import numpy as np

from dedup.records import (
    REASONS,
    Excerpt,
    Group,
    GroupColumns,
    Member,
    Relation,
    RelationColumns,
    Removal,
    RemovalColumns,
)

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
#: Ids of positions; site, date and origin of a position.
Name = Callable[[Any], list[str]]
Source = Callable[[int], tuple[str, int | None, str]]


def dump(value: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8, compact without `indent`; lone surrogates stay escaped."""
    try:
        if indent is None:
            return _COMPACT.encode(value).encode()
        return json.dumps(value, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:
        separators = (",", ":") if indent is None else None
        return json.dumps(value, indent=indent, separators=separators).encode()


def rounded(values: Any) -> list[float]:
    """Shares as they are written: `round(value, 6)` of each.

    Six digits of a share are a whole number of millionths, so rounding those and dividing gives
    the float that `round` gives, but where the seventh digit is a 5 and nothing follows: there
    the last bit of the product decides, and `round` is asked.
    """
    scaled = np.asarray(values, np.float64) * 1e6
    whole = np.rint(scaled)
    out: list[float] = (whole / 1e6).tolist()
    for n in np.flatnonzero(np.abs(np.abs(scaled - whole) - 0.5) < 1e-4).tolist():
        out[n] = round(float(values[n]), 6)
    return out


def relation_lines(columns: RelationColumns) -> list[bytes]:
    """Relations as relations.jsonl has them, with their line ends."""
    spans = [column.tolist() for column in columns.passages[:5]]
    passages = [
        f'{{"a_begin":{a},"a_end":{b},"b_begin":{c},"b_end":{d},"words":{words!r},'
        f'"identity":{identity!r}}}'
        for a, b, c, d, words, identity in zip(*spans, rounded(columns.passages[5]), strict=True)
    ]
    offsets = columns.offsets.tolist()
    rows = zip(
        map(_quote, columns.a), map(_quote, columns.b), columns.kinds, columns.directions,
        *map(rounded, columns.shares), columns.longest_passages.tolist(),
        columns.longest_runs.tolist(), offsets[:-1], offsets[1:], strict=True,
    )  # fmt: skip
    return [
        _encode(
            f'{{"a":{a},"b":{b},"kind":"{kind}",'
            f'"direction":{_quote(direction) if direction else "null"},'
            f'"resemblance":{r!r},"containment_a_in_b":{a_in_b!r},"containment_b_in_a":{b_in_a!r},'
            f'"jaccard":{j!r},"shingles_a_in_b":{s_a!r},"shingles_b_in_a":{s_b!r},'
            f'"longest_passage":{longest!r},"longest_run":{run},'
            f'"passages":[{",".join(passages[begin:end])}]}}'
        )
        for a, b, kind, direction, r, a_in_b, b_in_a, j, s_a, s_b, longest, run, begin, end in rows
    ]


def relation_line(relation: Relation) -> bytes:
    """One relation as relations.jsonl has it, without line end."""
    return dump(relation.as_dict())


def group_as_dict(group: Group, sources: Mapping[str, tuple[str, int | None]]) -> dict[str, Any]:
    """A group as groups.jsonl has it, without origins; `sources`: site and date of each id."""

    def row(article: Member | Excerpt) -> dict[str, Any]:
        site, date = sources[article.id]
        values = article._asdict().items()
        shares = {k: round(v, 6) if isinstance(v, float) else v for k, v in values}
        return {**shares, "site": site, "date": date}

    site, date = sources[group.keeper]
    return {
        "keeper": group.keeper,
        "site": site,
        "date": date,
        "size": len(group.members) + 1,
        "weakest_resemblance": round(group.weakest_resemblance, 6),
        "members": [row(member) for member in group.members],
        "excerpts": [row(excerpt) for excerpt in group.excerpts],
    }


def group_lines(
    groups: GroupColumns, begin: int, end: int, name: Name, source: Source
) -> list[bytes]:
    """Some groups as groups.jsonl has them, with their line ends."""
    keepers, members, excerpts, ours, theirs = groups.rows(begin, end, name)
    of, inner = groups.member_offsets, groups.excerpt_offsets

    def origins(positions: Any) -> list[str]:
        found = map(source, positions.tolist())
        return [
            f'"site":{_quote(site)},"date":{"null" if date is None else date},'
            f'"origin":{_quote(origin)}'
            for site, date, origin in found
        ]

    ids, near, *shares = members
    members_text = [
        f'{{"id":{_quote(id_)},"kind":"{REASONS[kind]}","resemblance":{r!r},'
        f'"containment_in_keeper":{inside!r},"containment_of_keeper":{around!r},{origin}}}'
        for id_, kind, r, inside, around, origin in zip(
            ids, near, *map(rounded, shares), origins(groups.members[of[begin] : of[end]]),
            strict=True,
        )
    ]  # fmt: skip
    excerpts_text = [
        f'{{"id":{_quote(id_)},"of":{_quote(outer)},"containment":{share!r},{origin}}}'
        for id_, outer, share, origin in zip(
            *excerpts[:2], rounded(excerpts[2]),
            origins(groups.excerpts[inner[begin] : inner[end]]), strict=True,
        )
    ]  # fmt: skip
    spans = list(ours)
    weakest = [min(shares[0][slice(*span)], default=1.0) for span in spans]
    return [
        _encode(
            f'{{"keeper":{_quote(keeper)},{origin},"size":{span[1] - span[0] + 1},'
            f'"weakest_resemblance":{least!r},"members":[{",".join(members_text[slice(*span)])}],'
            f'"excerpts":[{",".join(excerpts_text[slice(*inside)])}]}}'
        )
        for keeper, origin, span, inside, least in zip(
            keepers,
            origins(groups.keepers[begin:end]),
            spans,
            theirs,
            rounded(weakest),
            strict=True,
        )
    ]


def removed_lines(
    removals: RemovalColumns, rows: Any, name: Name, origins: Sequence[str]
) -> list[bytes]:
    """Some removals as removed.jsonl has them, up to where the article's own line follows."""
    inside = removals.containment_in_keeper[rows]
    columns = zip(
        name(removals.articles[rows]), removals.reasons[rows].tolist(),
        name(removals.keepers[rows]), rounded(removals.resemblance[rows]), rounded(inside),
        rounded(1.0 - inside), origins, strict=True,
    )  # fmt: skip
    return [
        _encode(
            f'{{"id":{_quote(id_)},"reason":"{REASONS[reason]}","keeper":{_quote(keeper)},'
            f'"resemblance":{r!r},"containment_in_keeper":{share!r},"lost_share":{lost!r},'
            f'"origin":{_quote(origin)}}}'
        )[:-2]
        + b',"record":'
        for id_, reason, keeper, r, share, lost, origin in columns
    ]


def removed_line(removal: Removal, origin: str, line: bytes) -> bytes:
    """One removal as removed.jsonl has it, with the article's own line inside, byte for byte."""
    values = {**removal._asdict(), "lost_share": removal.lost_share, "origin": origin}
    head = dump({k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()})
    return head[:-1] + b',"record":' + line + b"}\n"


def _encode(line: str) -> bytes:
    """A line of JSON in UTF-8 with its end; with a lone surrogate all of it in ASCII."""
    try:
        return line.encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(json.loads(line), separators=(",", ":")).encode() + b"\n"
