"""Findings → lines of JSON, as docs/formats/results.md specifies them.

Takes one group, relation or removal; gives its line. Files and their order are left to `results`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dedup.records import Excerpt, Group, Member, Relation, Removal

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_quote = _COMPACT.encode


def dump(value: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8, compact without `indent`; lone surrogates stay escaped."""
    try:
        if indent is None:
            return _COMPACT.encode(value).encode()
        return json.dumps(value, ensure_ascii=False, indent=indent).encode()
    except UnicodeEncodeError:
        separators = (",", ":") if indent is None else None
        return json.dumps(value, indent=indent, separators=separators).encode()


def group_as_dict(group: Group, sources: Mapping[str, tuple[str, int | None]]) -> dict[str, Any]:
    """A group as groups.jsonl has it; `sources` gives site and date of each article by id."""

    def row(article: Member | Excerpt) -> dict[str, Any]:
        site, date = sources[article.id]
        return {**_rounded(article._asdict()), "site": site, "date": date}

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


def relation_line(relation: Relation) -> bytes:
    """One relation as relations.jsonl has it: `as_dict` as JSON, without going through it."""
    r = relation
    passages = ",".join(
        f'{{"a_begin":{p[0]},"a_end":{p[1]},"b_begin":{p[2]},"b_end":{p[3]},"words":{p[4]!r},'
        f'"identity":{round(p[5], 6)!r}}}'
        for p in r.passages
    )
    line = (
        f'{{"a":{_quote(r.a)},"b":{_quote(r.b)},"kind":"{r.kind}",'
        f'"direction":{_quote(r.direction) if r.direction else "null"},'
        f'"resemblance":{round(r.resemblance, 6)!r},'
        f'"containment_a_in_b":{round(r.containment_a_in_b, 6)!r},'
        f'"containment_b_in_a":{round(r.containment_b_in_a, 6)!r},'
        f'"jaccard":{round(r.jaccard, 6)!r},'
        f'"shingles_a_in_b":{round(r.shingles_a_in_b, 6)!r},'
        f'"shingles_b_in_a":{round(r.shingles_b_in_a, 6)!r},'
        f'"longest_passage":{r.longest_passage!r},"longest_run":{r.longest_run},'
        f'"passages":[{passages}]}}'
    )
    try:
        return line.encode()
    except UnicodeEncodeError:
        return dump(r.as_dict())


def removed_line(removal: Removal, origin: str, line: bytes) -> bytes:
    """A removal as removed.jsonl has it, with the article's own line inside, byte for byte."""
    more = {"lost_share": removal.lost_share, "origin": origin}
    head = dump(_rounded({**removal._asdict(), **more}))
    return head[:-1] + b',"record":' + line + b"}\n"


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {k: round(v, 6) if isinstance(v, float) else v for k, v in values.items()}
