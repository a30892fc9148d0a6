"""Relations of an index, as it keeps them and as a scan would give them.

An index relates an article to those stored before it; a scan relates by rank, (date, id), and
lets the oldest of identical articles stand for them. Takes the rows of a store; verifies again
where the two views differ, because spans belong to texts.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields

import numpy as np

from dedup.grouping import rank
from dedup.index import Catalogue, Row, Store
from dedup.lookup import How
from dedup.masking import NOTHING, known_texts
from dedup.records import Passage, Relation
from dedup.verify import verify_pairs

#: Pairs verified at a time.
_BATCH = 4096
_NAMES = tuple(f.name for f in fields(Relation) if f.name not in ("kind", "a", "b", "passages"))


def relation_data(relation: Relation) -> str:
    """All of a relation but its kind and its articles, as JSON."""
    return json.dumps([[getattr(relation, name) for name in _NAMES], relation.passages])


def read_relation(kind: str, a: str, b: str, data: str) -> Relation | None:
    """The relation again; None where its spans are not known."""
    values, passages = json.loads(data)
    if passages is None:
        return None
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
    first = {digest: min(some, key=rank) for digest, some in classes.items()}
    out: list[tuple[Row, Row, Relation]] = []
    again: list[tuple[Row, Row]] = []
    for newer, older, kind, data in store.catalogue.relations():
        pair = rows[older], rows[newer]
        a, b = sorted((first[row.digest] for row in pair), key=rank)
        relation = read_relation(kind, a.id, b.id, data) if pair == (a, b) else None
        if relation is not None:
            out.append((a, b, relation))
        else:
            again.append((a, b))
    for digest, some in classes.items():
        again += [(first[digest], row) for row in some if row is not first[digest]]
    for begin in range(0, len(again), _BATCH):
        out += verified(store.catalogue, how, again[begin : begin + _BATCH])
    out.sort(key=lambda found: (rank(found[0]), rank(found[1])))
    return [relation for _, _, relation in out]


def verified(
    catalogue: Catalogue,
    how: How,
    pairs: Sequence[tuple[Row, Row]],
    texts: Mapping[int, bytes] | None = None,
) -> list[tuple[Row, Row, Relation]]:
    """Pairs of stored articles, verified again; those that share nothing that counts are left out.

    An article is masked as the one that stands for its words.
    """
    wanted = {row.ordinal: row for pair in pairs for row in pair}
    if texts is None:
        texts = known_texts(list(wanted.values()), catalogue.texts(wanted), how)
    place = {n: i for i, n in enumerate(n for n in wanted if n in texts)}
    chosen = [p for p in pairs if p[0].ordinal in place and p[1].ordinal in place]
    if not chosen:
        return []
    a, b = (np.array([place[p[side].ordinal] for p in chosen], np.uint32) for side in (0, 1))
    rows = [wanted[n] for n in place]
    posted = [row if row.posted else catalogue.by_digest(row.digest) or row for row in rows]
    found = verify_pairs(
        [texts[n] for n in place], [row.id for row in rows], a, b, how.settings,
        flags=how.flags, lists=how.lists(map(how.site_of, posted)), with_none=True,
    )  # fmt: skip
    return [
        (*pair, relation)
        for pair, (_, _, relation) in zip(chosen, found, strict=True)
        if relation.kind not in NOTHING
    ]
