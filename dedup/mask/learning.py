"""Fingerprints, sites and days → runs of boilerplate, learned in passes; a corpus may grow.

What comes back in articles that have otherwise nothing in common is found by `core.learn`; here
is which rules are applied, in which order, and what need not be looked at again when articles
were added. Method: docs/method.md, step 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dedup import core
from dedup.core import (
    I32,
    I64,
    U64,
    Flags,
    Holders,
    KeyColumn,
    Learned,
    LearnRule,
    LearnSettings,
    Sketches,
)
from dedup.mask.flagged import Marks, is_in
from dedup.mask.runs import Row, Run, describe, flags_of, merged
from dedup.settings import Settings

#: Contexts looked at for a fingerprint of a site, and of all sites; and holders looked at.
SITE_CONTEXTS, GLOBAL_CONTEXTS, LOOK_AT = 8, 20, 64
#: Passes with the rule of what stands between boilerplate, each without what is known already.
BETWEEN_PASSES = 2
#: Texts that are taken apart at a time to widen what was learned; speed and memory only.
WIDEN_TEXTS = 4096
#: Articles whose fingerprints are gathered at a time; of each one the system may read 64 KiB.
BLOCK = 1 << 8
#: Holders from which a key has many: more are not looked at on a handful of sites.
MANY_HOLDERS = 4 * LOOK_AT
#: Bytes of an article that is read into memory, about; and of one that is looked at where it lies
#: in a file, since the system reads around it.
GATHERED_BYTES, TOUCHED_BYTES = 1 << 11, 1 << 16


class Library(NamedTuple):
    """The articles that take part, oldest first, as the kernels take them."""

    #: Their positions in the corpus.
    articles: I64
    #: Of the corpus; those of article n are begins[n]..ends[n] of the columns.
    fingerprints: U64
    positions: core.U32
    begins: I64
    ends: I64
    tokens: core.U32
    weights: core.U32
    #: Numbers of `names`, -1 where the site is not known.
    sites: I32
    days: I32
    names: list[str]


@dataclass
class _Pass:
    """What a pass knew and found, by fingerprint and site (None: everywhere)."""

    known: Mapping[str | None, frozenset[int]] = field(default_factory=dict)
    rows: dict[tuple[int, str | None], Row] = field(default_factory=dict)


class Learner:
    """Learns the boilerplate of a corpus; remembers, so that a corpus that grew costs less.

    `learn` gives the same runs whether a corpus is shown at once or in parts: only fingerprints
    in articles that came, went, or hold text that is newly known (or no more) are judged again.
    """

    def __init__(self, settings: Settings) -> None:
        """Begin without any memory."""
        self._settings = settings
        self._articles: I64 | None = None
        self._pages: Counter[str] = Counter()
        self._passes: list[_Pass] = []

    def learn(
        self,
        sketches: Sketches,
        texts: Sequence[bytes],
        articles: I64,
        sites: Sequence[str],
        days: I32,
        held: Sequence[Holders] | None = None,
        budget_bytes: int | None = None,
    ) -> list[Run]:
        """The runs of all rules.

        Args:
            sketches: Of the corpus. Articles keep their places in it from call to call.
            texts: Of the corpus.
            articles: Positions of those that take part, oldest first.
            sites: Of the corpus; "" where it is not known.
            days: Of the corpus; -1 where they are not known.
            held: Who of `articles` holds which fingerprint, where that is known already.
            budget_bytes: About how much memory the work may take; changes nothing.
        """
        library = _library(sketches, articles, sites, days)
        if held is None:
            bounds = library.begins, library.ends
            held = core.holders(KeyColumn(sketches.fingerprints, *bounds))
        now = np.sort(articles)
        moved = None if self._articles is None else np.setxor1d(now, self._articles)
        gone = [] if self._articles is None else np.setdiff1d(self._articles, now).tolist()
        left = [sketches.fingerprints[slice(*sketches.offsets[n : n + 2])] for n in gone]
        of_site = np.bincount(library.sites + 1, minlength=len(library.names) + 1)[1:].tolist()
        pages = Counter(dict(zip(library.names, of_site, strict=True)))
        resized = {site for site in pages | self._pages if pages[site] != self._pages[site]}
        shrunk = [_number(site, library) for site in resized if pages[site] < self._pages[site]]
        words = self._settings.fingerprint_k
        runs: list[Run] = []
        before, self._passes = self._passes, []
        for number, rules in enumerate(_rules(self._settings)):
            memory = before[number] if number < len(before) else None
            flags = flags_of(runs, library.names, frozenset(), words)
            known = _by_site(flags, library.names)
            kept: dict[tuple[int, str | None], Row] = {}
            chosen = held
            if memory is not None and moved is not None:
                changed = _changed(library, memory.known, known) | np.isin(articles, moved)
                if any(rule.share for rule, _, _ in rules):
                    changed |= np.isin(library.sites, shrunk)
                    again = [value for value, site in memory.rows if site in resized]
                else:
                    again = []
                columns = [prints for _, prints in _prints(library, np.flatnonzero(changed))]
                dirty = np.unique(np.concatenate([*columns, *left, np.array(again, np.uint64)]))
                chosen = [_only(part, dirty) for part in held]
                stale = set(dirty.tolist())
                kept = {key: row for key, row in memory.rows.items() if key[0] not in stale}
            rows = {**kept, **_apply(rules, library, texts, chosen, flags, budget_bytes)}
            self._passes.append(_Pass(known, rows))
            if number > 1 and not rows:
                break
            runs = merged([*runs, *describe(list(rows.values()), texts, words)])
        self._articles, self._pages = now, pages
        return runs


def _library(sketches: Sketches, articles: I64, sites: Sequence[str], days: I32) -> Library:
    names = sorted(set(sites) - {""})
    number = {name: n for n, name in enumerate(names)}
    site = np.array([number.get(name, -1) for name in sites], np.int32)
    return Library(
        articles, sketches.fingerprints, sketches.positions,
        sketches.offsets[articles], sketches.offsets[articles + 1],
        sketches.tokens[articles], sketches.weights[articles],
        site[articles], days[articles], names,
    )  # fmt: skip


Rules = list[tuple[LearnRule, LearnSettings, bool]]


def _rules(s: Settings) -> list[Rules]:
    """The rules of each pass, with how contexts are told apart and whether site by site.

    First what a large part of a site's articles have; then what comes back by the rules of one
    site and of all; then what stands between that.
    """
    frequent = LearnRule(
        s.site_heavy_contexts, s.site_days, s.site_undated_contexts,
        s.site_heavy_contexts, s.site_days, 1, s.frequent_share, 0,
    )  # fmt: skip
    of_site = LearnRule(
        s.site_heavy_contexts, s.site_heavy_days, s.site_undated_contexts,
        s.site_contexts, s.site_days, 1, 0.0, 0,
    )  # fmt: skip
    of_all = LearnRule(
        s.global_heavy_contexts, s.global_heavy_days, 0,
        s.global_contexts, s.global_days, s.global_sites, 0.0, 0,
    )  # fmt: skip
    least = s.between_contexts
    between = LearnRule(least, 0, least, least, 0, 1, 0.0, s.between_words)
    how = LearnSettings(
        s.fingerprint_k, s.window, s.own_min, SITE_CONTEXTS, LOOK_AT,
        s.own_share, s.light_share, s.light_stability, s.heavy_stability,
    )  # fmt: skip
    loose = how._replace(stability=s.light_stability)
    many = how._replace(most_contexts=GLOBAL_CONTEXTS)
    passes: list[Rules] = [
        [(frequent, loose, True)],
        [(of_site, how, True), (of_all, many, False)],
    ]
    return passes + [[(between, how, True)]] * (BETWEEN_PASSES if s.between_words else 0)


def _apply(
    rules: Rules,
    library: Library,
    texts: Sequence[bytes],
    held: Sequence[Holders],
    known: Flags,
    budget_bytes: int | None,
) -> dict[tuple[int, str | None], Row]:
    """What the rules of one pass learn from some fingerprints."""

    def judged(rule: LearnRule, how: LearnSettings, by_site: bool) -> list[Learned]:
        found: list[Learned] = []
        if rule.between and not len(known.hashes):
            return found
        ways = (rule.contexts, rule.light_contexts, rule.undated_contexts)
        for own, part in _portions(library, held, max(2, min(filter(None, ways))), budget_bytes):
            columns = (
                own.fingerprints, own.positions, own.begins, own.ends,
                own.tokens, own.weights, own.sites, own.days,
            )  # fmt: skip
            found.append(core.learn(*columns, part, known, by_site, rule, how))
            core.drop_pages(library.fingerprints)
            core.drop_pages(library.positions)
        return found

    rows: dict[tuple[int, str | None], Row] = {}
    with ThreadPoolExecutor(len(rules)) as pool:
        for found in pool.map(lambda args: judged(*args), rules):
            several: list[tuple[int, int, Row]] = []
            for learned in found:
                runs = _widened(learned, library, texts, rules[0][1].k)
                contexts = np.diff(learned.offsets).tolist()
                firsts = library.articles[learned.articles[learned.offsets[:-1]]].tolist()
                columns_of = learned.hashes.tolist(), learned.rows.tolist(), runs.tolist()
                for value, (number, days, sites), run, count, place in zip(
                    *columns_of, contexts, firsts, strict=True
                ):
                    site = library.names[number] if number >= 0 else None
                    several.append((value, number, (site, place, *run, count, days, sites)))
            # By fingerprint and site, however they were dealt out.
            for value, _, row in sorted(several, key=lambda one: one[:2]):
                rows[value, row[0]] = row
    return rows


def _portions(
    library: Library, held: Sequence[Holders], least: int, budget_bytes: int | None
) -> Iterator[tuple[Library, Holders]]:
    """Keys with so many holders at least, in portions, with the articles as they are read there.

    Where fingerprints lie in a file, those of the holders of a portion are read into memory; of
    a key with many holders only some are looked at, so they are read where they lie.
    """
    mapped = core.file_of(library.fingerprints) is not None
    room = (budget_bytes or 1 << 30) // 4
    for part in held:
        counts = np.diff(part.offsets)
        enough = np.flatnonzero(counts >= least)
        if not mapped:
            yield library, _those(part, enough)
            continue
        few = counts[enough] <= MANY_HOLDERS
        for places in _cut(enough[few], counts[enough[few]], room // GATHERED_BYTES):
            some = _those(part, places)
            yield _gathered(library, np.unique(some.articles)), some
        many = enough[~few]
        looked = np.full(len(many), MANY_HOLDERS)
        for places in _cut(many, looked, room // TOUCHED_BYTES):
            yield library, _those(part, places)
        for column in part:
            core.drop_pages(column)


def _cut(places: I64, weights: I64, most: int) -> Iterator[I64]:
    """Places in a row of about so much weight together, one at least."""
    total = np.cumsum(weights)
    first = 0
    while first < len(places):
        reached = int(total[first] - weights[first]) + most
        last = max(first + 1, int(np.searchsorted(total, reached, side="right")))
        yield places[first:last]
        first = last


def _gathered(library: Library, articles: I64) -> Library:
    """The same with the fingerprints of some articles in memory, and none of the others."""
    articles = articles[np.argsort(library.begins[articles], kind="stable")]
    counts = library.ends[articles] - library.begins[articles]
    bounds = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    prints, positions = np.empty(bounds[-1], np.uint64), np.empty(bounds[-1], np.uint32)
    for first in range(0, len(articles), BLOCK):
        last = min(first + BLOCK, len(articles))
        shifts = library.begins[articles[first:last]] - bounds[first:last]
        part = slice(int(bounds[first]), int(bounds[last]))
        source = np.repeat(shifts, counts[first:last]) + np.arange(part.start, part.stop)
        prints[part], positions[part] = library.fingerprints[source], library.positions[source]
        core.drop_pages(library.fingerprints)
        core.drop_pages(library.positions)
    begins, ends = np.zeros_like(library.begins), np.zeros_like(library.ends)
    begins[articles], ends[articles] = bounds[:-1], bounds[1:]
    return library._replace(fingerprints=prints, positions=positions, begins=begins, ends=ends)


def _widened(learned: Learned, library: Library, texts: Sequence[bytes], words: int) -> I64:
    """First and last word of each run, in the first of its contexts."""
    runs = np.zeros((len(learned.hashes), 2), np.int64)
    bounds, articles = learned.offsets, learned.articles
    # Runs of one article stand together, so that hardly a text is taken apart twice.
    order = np.argsort(articles[bounds[:-1]], kind="stable")
    first = 0
    while first < len(order):
        last, used = first, set[int]()
        while last < len(order) and (last == first or len(used) < WIDEN_TEXTS):
            used.update(articles[slice(*bounds[order[last] : order[last] + 2])].tolist())
            last += 1
        some = order[first:last]
        counts = np.diff(bounds)[some]
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        source = np.repeat(bounds[some] - offsets[:-1], counts) + np.arange(offsets[-1])
        needed = np.array(sorted(used), np.int64)
        chosen = [texts[n] for n in library.articles[needed].tolist()]
        which = np.searchsorted(needed, articles[source])
        runs[some] = core.widen(chosen, offsets, which, learned.positions[source], words)
        first = last
    return runs


def _by_site(flags: Flags, names: Sequence[str]) -> dict[str | None, frozenset[int]]:
    lists = [None, *names]
    parts = np.split(flags.hashes, flags.offsets[1:-1])
    return {
        site: frozenset(part.tolist()) for site, part in zip(lists, parts, strict=True) if len(part)
    }


def _changed(
    library: Library,
    before: Mapping[str | None, frozenset[int]],
    now: Mapping[str | None, frozenset[int]],
) -> Marks:
    """Which articles hold a fingerprint that was not known before, or is not known any more."""
    changed: Marks = np.zeros(len(library.articles), np.bool_)
    none = frozenset[int]()
    others = {site: before.get(site, none) ^ now.get(site, none) for site in before.keys() | now}
    values = np.array(sorted(none.union(*others.values())), np.uint64)
    if not len(values):
        return changed
    for owner, prints in _prints(library, np.arange(len(changed))):
        met = is_in(prints, values)
        owner, prints = owner[met], prints[met]
        for site, other in others.items():
            hit = owner[is_in(prints, np.array(sorted(other), np.uint64))]
            if site is not None:
                hit = hit[library.sites[hit] == _number(site, library)]
            changed[hit] = True
    return changed


def _prints(library: Library, articles: I64) -> Iterator[tuple[I64, U64]]:
    """Fingerprints of some articles with their owners, many articles at a time."""
    for first in range(0, len(articles), BLOCK):
        some = articles[first : first + BLOCK]
        counts = library.ends[some] - library.begins[some]
        before = np.cumsum(counts) - counts
        source = np.repeat(library.begins[some] - before, counts) + np.arange(counts.sum())
        yield np.repeat(some, counts), library.fingerprints[source]
        core.drop_pages(library.fingerprints)


def _number(site: str | None, library: Library) -> int:
    """The number of a site, -2 where there is none."""
    return library.names.index(site) if site in library.names else -2


def _only(held: Holders, keys: U64) -> Holders:
    """Some keys of all, with their holders."""
    return _those(held, np.flatnonzero(is_in(held.keys, keys)))


def _those(held: Holders, places: I64) -> Holders:
    """The keys at some places, with their holders."""
    if len(places) == len(held.keys):
        return held
    counts = np.diff(held.offsets)[places]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    source = np.repeat(held.offsets[places] - offsets[:-1], counts) + np.arange(offsets[-1])
    return Holders(held.keys[places], offsets, held.articles[source])
