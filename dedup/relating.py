"""Relations of an index, as it keeps them and as a scan would give them.

An index relates an article to those stored before it; a scan relates by rank, (date, id), and
lets the oldest of identical articles stand for them. Takes the rows of a store; verifies again
where the two views differ, because spans belong to texts.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import fields

import numpy as np

from dedup.index import Row, Store
from dedup.lookup import How, text_of
from dedup.records import Passage, Relation
from dedup.verify import verify_pairs

#: Kinds that say that two articles share nothing that counts.
NOTHING = ("none", "boilerplate-only")
#: Pairs verified at a time.
_BATCH = 4096
_NAMES = tuple(f.name for f in fields(Relation) if f.name not in ("kind", "a", "b", "passages"))


def relation_data(relation: Relation) -> str:
    """All of a relation but its kind and its articles, as JSON."""
    return json.dumps([[getattr(relation, name) for name in _NAMES], relation.passages])


def read_relation(kind: str, a: str, b: str, data: str) -> Relation:
    """The relation again."""
    values, passages = json.loads(data)
    return Relation(
        kind=kind, a=a, b=b, passages=tuple(Passage(*p) for p in passages),
        **dict(zip(_NAMES, values, strict=True)),
    )  # fmt: skip


def related(store: Store, how: How) -> list[Relation]:
    """All relations, by the ranks of both articles; in a transaction.

    Pairs of which a text cannot be had are left out where they would have to be verified again.
    """
    rows: dict[int, Row] = {}
    classes: dict[bytes, list[Row]] = defaultdict(list)
    for page in store.catalogue.pages("words > 0"):
        for row in page:
            rows[row.ordinal] = row
            classes[row.digest].append(row)
    first = {digest: min(some, key=_rank) for digest, some in classes.items()}
    out: list[tuple[Row, Row, Relation]] = []
    again: list[tuple[Row, Row]] = []
    for newer, older, kind, data in store.catalogue.relations():
        pair = rows[older], rows[newer]
        a, b = sorted((first[row.digest] for row in pair), key=_rank)
        if data is not None and pair == (a, b):
            out.append((a, b, read_relation(kind, a.id, b.id, data)))
        else:
            again.append((a, b))
    for digest, some in classes.items():
        again += [(first[digest], row) for row in some if row is not first[digest]]
    for begin in range(0, len(again), _BATCH):
        out += _verified(store, how, again[begin : begin + _BATCH])
    out.sort(key=lambda found: (_rank(found[0]), _rank(found[1])))
    return [relation for _, _, relation in out]


def _rank(row: Row) -> tuple[float, str]:
    """Place in a scan: by date, undated ones last, then by id."""
    return (float("inf") if row.date is None else row.date, row.id)


def _verified(
    store: Store, how: How, pairs: list[tuple[Row, Row]]
) -> list[tuple[Row, Row, Relation]]:
    wanted = {row.ordinal: row for pair in pairs for row in pair}
    kept = store.catalogue.texts(wanted)
    texts = {n: text_of(row, kept.get(n), how) for n, row in wanted.items()}
    known = [n for n, text in texts.items() if text is not None]
    place = {n: i for i, n in enumerate(known)}
    chosen = [p for p in pairs if p[0].ordinal in place and p[1].ordinal in place]
    if not chosen:
        return []
    a, b = (np.array([place[p[side].ordinal] for p in chosen], np.uint32) for side in (0, 1))
    lists = None if how.flags is None else np.ones(len(known), np.uint32)
    found = verify_pairs(
        [texts[n] or b"" for n in known], [wanted[n].id for n in known], a, b, how.settings,
        flags=how.flags, lists=lists, with_none=True,
    )  # fmt: skip
    return [
        (*pair, relation)
        for pair, (_, _, relation) in zip(chosen, found, strict=True)
        if relation.kind not in NOTHING
    ]
