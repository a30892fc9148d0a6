"""What a scan found, as columns → a `Result` for programs, and `Findings` for the report.

Takes a corpus, matches on a shelf, groups and removals. Objects are made when somebody looks at
them: a result of a million relations is a few columns until then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, cast, overload

import numpy as np

from dedup.core import I64
from dedup.corpus import NO_DATE, Corpus
from dedup.records import (
    REASONS,
    Boilerplate,
    Counts,
    Group,
    GroupColumns,
    InputFile,
    Reject,
    Relation,
    RelationColumns,
    Removal,
    RemovalColumns,
    Result,
)
from dedup.report import Findings
from dedup.rounds import Found
from dedup.settings import Settings
from dedup.verify import KINDS, relation_columns

#: Objects that are made at a time.
_ROWS = 4096
T = TypeVar("T")


class Rows(Sequence[T], Generic[T]):
    """A list whose items are made when they are looked at, and not kept."""

    def __init__(self, count: int, make: Callable[[int, int], list[T]]) -> None:
        """So many items; `make` gives those from one place to another."""
        self._count = count
        self._make = make

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[T]:
        for begin in range(0, self._count, _ROWS):
            yield from self._make(begin, min(begin + _ROWS, self._count))

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> list[T]: ...
    def __getitem__(self, place: int | slice) -> T | list[T]:
        if isinstance(place, slice):
            begin, end, step = place.indices(self._count)
            if step == 1:
                return self._make(begin, max(begin, end))
            return [self[n] for n in range(begin, end, step)]
        n = place + self._count if place < 0 else place
        if not 0 <= n < self._count:
            raise IndexError("list index out of range")
        return self._make(n, n + 1)[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, list | Rows):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __add__(self, other: Sequence[T]) -> list[T]:
        return [*self, *other]

    def __radd__(self, other: Sequence[T]) -> list[T]:
        return [*other, *self]

    def __repr__(self) -> str:
        return repr(list(self))


@dataclass
class Outcome:
    """All that was found."""

    corpus: Corpus
    settings: Settings
    found: Found
    groups: GroupColumns
    removals: RemovalColumns
    boilerplate: list[Boilerplate]
    candidates: int
    common_keys: int
    crowded_articles: int
    rejects: Sequence[Reject]
    reasons: dict[str, int]
    seconds: dict[str, float]

    def __post_init__(self) -> None:
        """Put relations in the order of the ranks of both articles, quotes apart."""
        matches, ranks = self.found.matches(), self.corpus.ranks
        order = np.lexsort((ranks[matches.b], ranks[matches.a]))
        is_quote = matches.kinds[order] == KINDS.index("quote")
        self.relations, self.quotes = order[~is_quote], order[is_quote]

    def columns(self, rows: I64) -> RelationColumns:
        """Some relations, by rows of the shelf."""
        matches, ids = self.found.matches().take(rows), self.corpus.ids
        size = len(matches.a)
        names = ids.take(np.concatenate([matches.a, matches.b]).astype(np.int64))
        return relation_columns(matches, names[:size], names[size:], self.settings)

    def counts(self) -> Counts:
        """The books; they are checked."""
        corpus, gone = self.corpus, self.removals.articles
        kinds = np.bincount(self.found.matches().kinds, minlength=len(KINDS)).tolist()
        removed = Counter(REASONS[reason] for reason in self.removals.reasons.tolist())
        articles, sites = len(corpus), corpus.shelf.column("sites")
        unknown = [n for n, name in enumerate(corpus.names) if not name]
        counts = Counts(
            read=articles + len(self.rejects),
            kept=articles - len(gone),
            removed=len(gone),
            rejected=len(self.rejects),
            bytes=corpus.shelf.count("texts"),
            removed_bytes=int(corpus.texts.sizes(gone).sum()),
            reasons=self.reasons,
            removed_kinds={k: removed[k] for k in reversed(KINDS) if removed[k]},
            relations={k: n for k, n in reversed(list(zip(KINDS, kinds, strict=True))) if n},
            groups=len(self.groups.keepers),
            without_words=int((corpus.sketches.tokens == 0).sum()),
            undated=int((corpus.dates == NO_DATE).sum()),
            duplicate_ids=len(corpus.renamed),
            candidates=self.candidates,
            aligned=self.found.aligned,
            boilerplate=len(self.boilerplate),
            boilerplate_only=self.found.boilerplate_only,
            without_site=int(np.isin(sites, unknown).sum()),
            common_keys=self.common_keys,
            crowded_articles=self.crowded_articles,
        )
        counts.check()
        return counts

    def result(self, *, lazy: bool) -> Result:
        """The result for programs: lists, or sequences that make what is looked at."""
        name, ids, ranks = self.corpus.ids.take, self.corpus.ids, self.corpus.ranks
        removals = self.removals
        by_rank = np.argsort(ranks[removals.articles])
        stays = np.ones(len(ids), np.bool_)
        stays[removals.articles] = False
        kept = np.flatnonzero(stays)

        def relations(rows: I64) -> list[Relation]:
            count, make = len(rows), lambda b, e: self.columns(rows[b:e]).relations()
            return _listed(Rows[Relation](count, make), lazy=lazy)

        def groups(begin: int, end: int) -> list[Group]:
            return self.groups.groups(begin, end, name)

        def removed(begin: int, end: int) -> list[Removal]:
            return removals.removals(by_rank[begin:end], name)

        return Result(
            relations=relations(self.relations),
            quotes=relations(self.quotes),
            groups=_listed(Rows(len(self.groups.keepers), groups), lazy=lazy),
            removals=_listed(Rows(len(by_rank), removed), lazy=lazy),
            kept=_listed(Rows(len(kept), lambda b, e: name(kept[b:e])), lazy=lazy),
            rejects=list(self.rejects),
            boilerplate=self.boilerplate,
            renamed=self.corpus.renamed,
            counts=self.counts(),
            settings=self.settings,
            seconds=self.seconds,
        )

    def findings(self, inputs: Sequence[InputFile]) -> Findings:
        """What the report writes."""

        def parts(rows: I64) -> Iterator[RelationColumns]:
            for begin in range(0, len(rows), _ROWS):
                yield self.columns(rows[begin : begin + _ROWS])
                self.found.shelf.release()

        return Findings(
            relations=parts(self.relations),
            quotes=parts(self.quotes),
            groups=self.groups,
            removals=self.removals,
            name=self.corpus.ids.take,
            rejects=self.rejects,
            boilerplate=self.boilerplate,
            inputs=inputs,
            read=len(self.corpus) + len(self.rejects),
        )


def _listed(rows: Rows[T], *, lazy: bool) -> list[T]:
    """A list, or what behaves like one."""
    return cast("list[T]", rows) if lazy else list(rows)
