"""Boilerplate of an index: learned from its articles, and earlier relations put right.

    stored articles → mask → verify again what is masked otherwise than before

Takes an open store; changes what its catalogue says is boilerplate, and the relations and groups
of the articles for which that makes a difference. Reading and verifying are done on a snapshot;
the lock of writers is held for what has come meanwhile, and to write. One process at a time
learns. Method: docs/method.md, "An index"; why so: docs/choices/0028-learning-in-an-index.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import xxhash

from dedup.core import I32
from dedup.grouping import regroup
from dedup.index import Catalogue, Known, Row, Store, work_lock
from dedup.lookup import How, ask, find
from dedup.mask import find_masks, flagged_fingerprints
from dedup.masking import VETOED, knowing, known_texts, share_key, visible_keys
from dedup.records import Boilerplate, Given, Relation
from dedup.relating import relation_data, verified
from dedup.sketch import join_sketches, sketch_texts
from dedup.verify import masked_words

T = TypeVar("T")
Marks = npt.NDArray[np.bool_]

#: The last articles by date from which is learned: bounds the memory, about 5 kB for each.
LEARN_FROM = 100_000
#: Articles from which it is learned without being asked, each time their number has doubled, and
#: the number up to which: beyond, the process that stores would stand still for too long.
LEARN_FIRST, LEARN_LAST = 500, 64_000
#: Articles read, and articles corrected, at a time; speed only.
_BATCH, _SOME = 2000, 200
_ALL = 1 << 62

#: Newer and older article.
Pair = tuple[int, int]


class _Learned(NamedTuple):
    """What was found out on a snapshot."""

    how: How
    known: Known
    runs: list[Boilerplate]


def is_due(last: int, known: int) -> bool:
    """Whether so many articles were ever stored that it is time to learn again.

    Args:
        last: The number of the last article.
        known: The same when it was learned.
    """
    return LEARN_FIRST <= last <= LEARN_LAST and last >= 2 * known


def learn_anew(store: Store, how: How, veto: Iterable[str] = (), *, is_due: bool = False) -> How:
    """Learn from the articles that are there, and put right what was found before.

    Args:
        store: Open.
        how: What is known so far.
        veto: Ids of learned texts that are not masked from now on.
        is_due: Only when no other process is at work.
    """
    catalogue = store.catalogue
    with work_lock(store.folder, wait=not is_due) as is_mine:
        if not is_mine:
            return how
        if veto:
            with catalogue.writing():
                vetoed = {*(catalogue.meta_value(VETOED) or ()), *veto}
                catalogue.set_meta(VETOED, sorted(vetoed))
        with catalogue.reading():
            mark, last = store.refresh(), catalogue.last_waiting()
            how = knowing(how, catalogue.known())
            learned = _learn(store, how)
            new = learned.how
            touched = _touched(catalogue, catalogue.pages("posted AND words > 0"), how, new)
            found = _corrected(store, new, touched)
        with catalogue.writing():
            if store.refresh() != mark:
                late = {one.ordinal for one in catalogue.pending(last)}
                found |= _corrected(store, new, dict.fromkeys(late, True))
            catalogue.learn(learned.known, learned.runs)
            _write(catalogue, found)
    return new


def _learn(store: Store, how: How) -> _Learned:
    """What the articles of the index teach, as a scan of them would learn it."""
    catalogue = store.catalogue
    given = Given(
        tuple(catalogue.meta_value("boilerplate")), tuple(catalogue.meta_value("allowed")),
        frozenset(catalogue.meta_value(VETOED) or ()),
    )  # fmt: skip
    rows: list[Row] = []
    texts: list[bytes] = []
    parts = []
    ranked = iter(catalogue.ranked(LEARN_FROM))
    while some := list(islice(ranked, _BATCH)):
        had = known_texts(some, catalogue.texts(row.ordinal for row in some), how)
        rows += [row for row in some if row.ordinal in had]
        texts += had.values()
        parts.append(sketch_texts(list(had.values()), how.settings))
    first = {row.digest: n for n, row in reversed(list(enumerate(rows)))}
    articles = np.array(sorted(first.values()), np.int64)
    masks = find_masks(
        join_sketches(parts, how.settings.num_perm), texts, articles, [row.site for row in rows],
        _days(rows), how.settings.changed(learn=True), given,
    )  # fmt: skip
    names = ["", None, *sorted({row.site for row in rows} - {""})]
    lists = np.split(masks.flags.hashes, masks.flags.offsets[1:-1])
    listed = {
        name: part
        for name, part in zip(names, lists, strict=True)
        if name is not None and len(part) > (len(lists[1]) if name else 0)
    }
    last = catalogue.last_ordinal()
    known = Known(how.number + 1, last, listed, _standing(catalogue))
    return _Learned(knowing(how, known), known, masks.runs)


def _days(rows: Sequence[Row]) -> I32:
    """Days since some day long ago, -1 where there is no date, as in `corpus`."""
    days = [-1 if row.date is None else row.date // 86400 + 800_000 for row in rows]
    return np.array(days, np.int32)


def _standing(catalogue: Catalogue) -> dict[int, str]:
    """Articles whose oldest copy is of another site: in a scan that one stands for the words."""
    copied = [node for node in catalogue.all_nodes() if node.oldest != node.ordinal]
    rows = catalogue.rows([n for node in copied for n in (node.ordinal, node.oldest)])
    return {
        node.ordinal: rows[node.oldest].site
        for node in copied
        if rows[node.oldest].site != rows[node.ordinal].site
    }


def _touched(
    catalogue: Catalogue, pages: Iterable[Sequence[Row]], how: How, new: How
) -> dict[int, bool]:
    """Articles that are masked otherwise than before, and whether less of them is.

    Only texts of sites whose list has changed are read.
    """
    before, after = _states(how), _states(new)
    out: dict[int, bool] = {}
    for page in pages:
        rows = []
        for row in page:
            old, now = (int(one.lists([one.site_of(row)])[0]) for one in (how, new))
            if before[old] != after[now]:
                rows.append(row)
        texts = known_texts(rows, catalogue.texts(row.ordinal for row in rows), how)
        rows = [row for row in rows if row.ordinal in texts]
        columns = (_marks(rows, texts, one) for one in (how, new))
        for row, *marks in zip(rows, *columns, strict=True):
            pairs = list(zip(*marks, strict=True))
            if any((old != now).any() for old, now in pairs):
                out[row.ordinal] = any((old & ~now).any() for old, now in pairs)
    return out


def _marks(rows: Sequence[Row], texts: Mapping[int, bytes], how: How) -> list[tuple[Marks, Marks]]:
    """Of each article which words are masked, and which fingerprints."""
    chosen = [texts[row.ordinal] for row in rows]
    lists = how.lists(map(how.site_of, rows))
    sketches = sketch_texts(chosen, how.settings)
    if how.flags is None:
        prints = np.zeros(len(sketches.fingerprints), np.bool_)
    else:
        prints, _, _ = flagged_fingerprints(sketches, how.flags, lists, how.settings)
    words = masked_words(chosen, how.flags, lists.tolist())
    return list(zip(words, np.split(prints, sketches.offsets[1:-1]), strict=True)) if rows else []


def _states(how: How) -> dict[int, tuple[int, int]]:
    """For each list a number that changes with what it masks, together with that of all sites."""
    if how.flags is None:
        nothing = xxhash.xxh3_64_intdigest(b"")
        return {0: (nothing, nothing)}
    bounds = how.flags.offsets.tolist()
    parts = [how.flags.hashes[slice(*bounds[n : n + 2])].tobytes() for n in range(len(bounds) - 1)]
    digests = [xxhash.xxh3_64_intdigest(part) for part in parts]
    return {n: (digests[0], digests[n]) for n in range(1, len(parts))}


def _corrected(store: Store, how: How, touched: dict[int, bool]) -> dict[Pair, Relation | None]:
    """What pairs of some articles are now: those that are related, and those that may have become.

    Args:
        store: Open, in a transaction.
        how: What is masked now.
        touched: Articles, and whether others have to be looked for too.
    """
    out: dict[Pair, Relation | None] = {}
    catalogue = store.catalogue
    for some in _in_parts(sorted(touched), _SOME):
        rows = catalogue.rows(some)
        known = {found[:2] for n in rows for found in catalogue.relations_of(n)}
        texts = known_texts(list(rows.values()), catalogue.texts(rows), how)
        wide = [n for n in texts if touched[n]]
        asked = ask(
            [texts[n] for n in wide], [rows[n].date for n in wide], how,
            [how.site_of(rows[n]) for n in wide],
        )  # fmt: skip
        met = find(store, asked, np.full(len(wide), _ALL), how, texts) if wide else None
        for n, articles in zip(wide, met.articles if met else (), strict=True):
            known |= {(max(n, other), min(n, other)) for other in articles if other != n}
        out |= _verify_all(catalogue, how, sorted(known - out.keys()))
    return out


def _verify_all(
    catalogue: Catalogue, how: How, pairs: Sequence[Pair]
) -> dict[Pair, Relation | None]:
    """What pairs are now; None where nothing counts, or they share visible keys no more."""
    out: dict[Pair, Relation | None] = {}
    for some in _in_parts(pairs, _BATCH):
        rows = catalogue.rows({n for pair in some for n in pair})
        texts = known_texts(list(rows.values()), catalogue.texts(rows), how)
        chosen = [pair for pair in some if pair[0] in texts and pair[1] in texts]
        pairs_of_rows = [(rows[older], rows[newer]) for newer, older in chosen]
        found = verified(catalogue, how, pairs_of_rows, texts)
        ends = {row.ordinal: row for a, b, _ in found for row in (a, b)}
        keys = visible_keys(ends, texts, how)
        out |= dict.fromkeys(chosen)
        for a, b, relation in found:
            if share_key(keys[a.ordinal], keys[b.ordinal]):
                out[b.ordinal, a.ordinal] = relation
    return out


def _write(catalogue: Catalogue, found: dict[Pair, Relation | None]) -> None:
    """Replace relations, and bring the groups up to date."""
    rows = catalogue.rows({n for pair in found for n in pair})
    alive = {
        pair: r for pair, r in found.items() if all(n in rows and rows[n].posted for n in pair)
    }
    for pair in alive:
        catalogue.unrelate(*pair)
    catalogue.relate(
        (*pair, relation.kind, relation_data(relation))
        for pair, relation in alive.items()
        if relation is not None
    )
    regroup(catalogue, {n for pair in alive for n in pair})


def _in_parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]
