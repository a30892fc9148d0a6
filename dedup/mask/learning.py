"""Fingerprints, sites and days → runs of boilerplate, learned in passes; a corpus may grow.

What comes back in articles that have otherwise nothing in common is found by `core.learn`; here
is which rules are applied, in which order, and what need not be looked at again when articles
were added. Method: docs/method.md, step 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from dedup import core
from dedup.core import I32, I64, U64, Flags, Holders, KeyColumn, LearnRule, LearnSettings, Sketches
from dedup.mask.flagged import Marks, is_in
from dedup.mask.runs import Row, Run, describe, flags_of, merged
from dedup.settings import Settings

#: Contexts looked at for a fingerprint of a site, and of all sites; and holders looked at.
SITE_CONTEXTS, GLOBAL_CONTEXTS, LOOK_AT = 8, 20, 64
#: Passes with the rule of what stands between boilerplate, each without what is known already.
BETWEEN_PASSES = 2


class Library(NamedTuple):
    """The articles that take part, oldest first, as the kernels take them."""

    #: Their positions in the corpus.
    articles: I64
    texts: list[bytes]
    fingerprints: U64
    positions: core.U32
    offsets: I64
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
        self._articles: frozenset[int] | None = None
        self._pages: Counter[str] = Counter()
        self._passes: list[_Pass] = []

    def learn(
        self,
        sketches: Sketches,
        texts: Sequence[bytes],
        articles: I64,
        sites: Sequence[str],
        days: I32,
    ) -> list[Run]:
        """The runs of all rules.

        Args:
            sketches: Of the corpus. Articles keep their places in it from call to call.
            texts: Of the corpus.
            articles: Positions of those that take part, oldest first.
            sites: Of the corpus; "" where it is not known.
            days: Of the corpus; -1 where they are not known.
        """
        library = _library(sketches, texts, articles, sites, days)
        bounds = sketches.offsets[articles], sketches.offsets[articles + 1]
        held = core.holders([KeyColumn(sketches.fingerprints, *bounds)])
        now = frozenset(articles.tolist())
        moved = None if self._articles is None else now ^ self._articles
        gone = () if self._articles is None else self._articles - now
        left = [sketches.fingerprints[slice(*sketches.offsets[n : n + 2])] for n in gone]
        pages = Counter(sites[n] for n in now)
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
                changed = _changed(library, memory.known, known) | np.isin(
                    library.articles, list(moved)
                )
                if any(rule.share for rule, _, _ in rules):
                    changed |= np.isin(library.sites, shrunk)
                    again = [value for value, site in memory.rows if site in resized]
                else:
                    again = []
                columns = [library.fingerprints[np.repeat(changed, np.diff(library.offsets))]]
                dirty = np.unique(np.concatenate([*columns, *left, np.array(again, np.uint64)]))
                chosen = _only(held, dirty)
                stale = set(dirty.tolist())
                kept = {key: row for key, row in memory.rows.items() if key[0] not in stale}
            rows = {**kept, **_apply(rules, library, chosen, flags)}
            self._passes.append(_Pass(known, rows))
            if number > 1 and not rows:
                break
            runs = merged([*runs, *describe(list(rows.values()), texts, words)])
        self._articles, self._pages = now, pages
        return runs


def _library(
    sketches: Sketches, texts: Sequence[bytes], articles: I64, sites: Sequence[str], days: I32
) -> Library:
    names = sorted(set(sites) - {""})
    number = {name: n for n, name in enumerate(names)}
    site = np.array([number.get(name, -1) for name in sites], np.int32)
    counts = np.diff(sketches.offsets)[articles]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    source = np.repeat(sketches.offsets[articles] - offsets[:-1], counts) + np.arange(offsets[-1])
    return Library(
        articles, [texts[n] for n in articles.tolist()],
        sketches.fingerprints[source], sketches.positions[source], offsets,
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
    rules: Rules, library: Library, held: Holders, known: Flags
) -> dict[tuple[int, str | None], Row]:
    """What the rules of one pass learn from some fingerprints."""
    if not len(held.keys):
        return {}
    columns = (
        library.texts, library.fingerprints, library.positions, library.offsets,
        library.tokens, library.weights, library.sites, library.days, held, known,
    )  # fmt: skip
    rows: dict[tuple[int, str | None], Row] = {}
    with ThreadPoolExecutor(len(rules)) as pool:
        found = [
            pool.submit(core.learn, *columns, by_site, rule, how) for rule, how, by_site in rules
        ]
        for future in found:
            numbers, hashes = future.result()
            for row, value in zip(numbers.tolist(), hashes.tolist(), strict=True):
                article, first, last, contexts, days, sites, number = row
                site = library.names[number] if number >= 0 else None
                place = int(library.articles[article])
                rows[value, site] = site, place, first, last, contexts, days, sites
    return rows


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
    owner = np.repeat(np.arange(len(library.articles)), np.diff(library.offsets))
    changed: Marks = np.zeros(len(library.articles), np.bool_)
    for site in before.keys() | now.keys():
        other = before.get(site, frozenset()) ^ now.get(site, frozenset())
        if not other:
            continue
        hit = owner[is_in(library.fingerprints, np.array(sorted(other), np.uint64))]
        if site is not None:
            hit = hit[library.sites[hit] == _number(site, library)]
        changed[hit] = True
    return changed


def _number(site: str | None, library: Library) -> int:
    """The number of a site, -2 where there is none."""
    return library.names.index(site) if site in library.names else -2


def _only(held: Holders, keys: U64) -> Holders:
    """Some keys of all, with their holders."""
    chosen = is_in(held.keys, keys)
    counts = np.diff(held.offsets)
    return Holders(
        held.keys[chosen],
        np.concatenate([[0], np.cumsum(counts[chosen])]).astype(np.int64),
        held.articles[np.repeat(chosen, counts)],
    )
