"""Fingerprints of a corpus → boilerplate, and who is masked with it.

Takes sketches, texts, sites and days; gives lists of shingles for `verify` and the learned runs
for people. Text is boilerplate when it comes back in articles that have otherwise nothing in
common: document frequency cannot tell it from copy. What remains of a pair is measured in
`verify`. Method: docs/method.md, step 3.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import xxhash

from dedup import core
from dedup.core import I32, I64, U32, U64, Flags, LearnRule, LearnSettings, Sketches
from dedup.mask.given import given_flags, given_prints, shingles_of
from dedup.records import Boilerplate, Given
from dedup.settings import Settings

__all__ = ["Masks", "given_flags", "given_prints", "learn_boilerplate"]

#: Contexts looked at for a fingerprint of a site, and of all sites; and holders looked at.
SITE_CONTEXTS, GLOBAL_CONTEXTS, LOOK_AT = 8, 20, 64
#: Times the rules are applied, each time without what is known already.
PASSES = 2


@dataclass(frozen=True)
class Masks:
    """Boilerplate of a corpus, as `verify` takes it."""

    flags: Flags
    #: uint32: which list of `flags` holds for each article of the corpus.
    lists: U32
    #: bool: which fingerprints of the corpus are boilerplate.
    fingerprints: np.ndarray[tuple[int], np.dtype[np.bool_]]
    runs: list[Boilerplate]


def learn_boilerplate(
    sketches: Sketches,
    texts: Sequence[bytes],
    articles: I64,
    sites: Sequence[str],
    days: I32,
    settings: Settings,
    given: Given,
) -> Masks:
    """Learn what comes back in different contexts, and put it together with what was given.

    Args:
        sketches: Of the corpus.
        texts: Of the corpus.
        articles: Positions of those that take part, oldest first.
        sites: Of the corpus; "" where it is not known.
        days: Of the corpus; -1 where they are not known.
        settings: When text is boilerplate.
        given: Texts that are boilerplate, or are not, whatever is learned.
    """
    names = sorted(set(sites) - {""})
    number = {name: n for n, name in enumerate(names)}
    site = np.array([number.get(name, -1) for name in sites], np.int32)
    runs: list[_Run] = []
    if settings.learn and len(articles):
        runs = _learn(sketches, texts, articles, site, days, names, settings)
    words = settings.fingerprint_k
    allowed = shingles_of(given.allowed, words)
    masked = [run for run in runs if run.id not in given.keep and not run.shingles <= allowed]
    learned = _flags_of(masked, len(names), allowed, words)
    listed = np.array(sorted(shingles_of(given.texts, words) - allowed), np.uint64)
    # List 0 is everywhere, list 1 what was given, list 2 + n that of site n with what was given.
    parts = np.split(learned.hashes, learned.offsets[1:-1])
    columns = [parts[0], listed, *(np.union1d(part, listed) for part in parts[1:])]
    flags = Flags(
        np.concatenate(columns), np.cumsum([0, *map(len, columns)]).astype(np.int64), words
    )
    chosen = (site + 2).clip(1).astype(np.uint32)
    flagged = _flagged(sketches, flags, chosen, settings)
    holders = _holders(sketches, flagged)
    known = {id(run) for run in masked}
    listed_runs = [run.listed(names, holders, id(run) in known) for run in runs]
    return Masks(flags, chosen, flagged, listed_runs)


def _learn(
    sketches: Sketches,
    texts: Sequence[bytes],
    articles: I64,
    site: I32,
    days: I32,
    names: Sequence[str],
    settings: Settings,
) -> list[_Run]:
    """The runs of all rules; what one pass has learned is no text any more for the next.

    First what a large part of a site's articles have; then what comes back by the rules of one
    site and of all, until there is no more, `PASSES` times at most.
    """
    counts = np.diff(sketches.offsets)[articles]
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    moved = np.repeat(sketches.offsets[articles] - offsets[:-1], counts)
    source = moved + np.arange(int(offsets[-1]))
    columns = (
        [texts[n] for n in articles.tolist()],
        sketches.fingerprints[source],
        sketches.positions[source],
        offsets,
        sketches.tokens[articles],
        sketches.weights[articles],
        site[articles],
        days[articles],
        np.zeros(0, np.uint64),  # all fingerprints
    )
    s = settings
    frequent = LearnRule(
        s.site_heavy_contexts, s.site_days, s.site_undated_contexts,
        s.site_heavy_contexts, s.site_days, 1, s.frequent_share,
    )  # fmt: skip
    of_site = LearnRule(
        s.site_heavy_contexts, s.site_heavy_days, s.site_undated_contexts,
        s.site_contexts, s.site_days, 1, 0.0,
    )  # fmt: skip
    of_all = LearnRule(
        s.global_heavy_contexts, s.global_heavy_days, 0,
        s.global_contexts, s.global_days, s.global_sites, 0.0,
    )  # fmt: skip
    how = LearnSettings(
        s.fingerprint_k, s.window, s.own_min, SITE_CONTEXTS, LOOK_AT,
        s.own_share, s.light_share, s.light_stability, s.heavy_stability,
    )  # fmt: skip
    loose = how._replace(stability=s.light_stability)
    many = how._replace(most_contexts=GLOBAL_CONTEXTS)
    runs: list[_Run] = []
    with ThreadPoolExecutor(2) as pool:
        for number in range(PASSES):
            known = _flags_of(runs, len(names), frozenset(), settings.fingerprint_k)
            if number == 0:
                found = [pool.submit(core.learn, *columns, known, True, frequent, loose)]
            else:
                found = [
                    pool.submit(core.learn, *columns, known, True, of_site, how),
                    pool.submit(core.learn, *columns, known, False, of_all, many),
                ]
            rows = np.concatenate([future.result()[0] for future in found])
            if number and not len(rows):
                break
            runs = _merged(runs + _describe(rows, texts, articles, names, settings))
    return runs


def _flags_of(runs: Sequence[_Run], num_sites: int, without: AbstractSet[int], words: int) -> Flags:
    """Shingles of the runs: list 0 everywhere, list 1 + n of site n."""
    lists: list[set[int]] = [set() for _ in range(num_sites + 1)]
    for run in runs:
        lists[run.site + 1] |= run.shingles - without
    return Flags(
        np.array([h for column in lists for h in sorted(column)], np.uint64),
        np.cumsum([0, *map(len, lists)]).astype(np.int64),
        words,
    )


@dataclass(frozen=True)
class _Run:
    """A learned run with all it covers."""

    id: str
    site: int
    text: str
    contexts: int
    days: int
    sites: int
    shingles: frozenset[int]

    def listed(self, names: Sequence[str], holders: dict[int, int], masked: bool) -> Boilerplate:
        """The run for people."""
        articles = max((holders.get(shingle, 0) for shingle in self.shingles), default=0)
        name = names[self.site] if self.site >= 0 else ""
        return Boilerplate(
            self.id, name, self.text, self.contexts, self.days, self.sites,
            articles if masked else 0, masked,
        )  # fmt: skip


def _describe(
    rows: I32, texts: Sequence[bytes], articles: I64, names: Sequence[str], settings: Settings
) -> list[_Run]:
    """The runs of some rows, with text and shingles."""
    if not len(rows):
        return []
    used = sorted({int(row[0]) for row in rows})
    place = {article: n for n, article in enumerate(used)}
    chosen = [texts[int(articles[article])] for article in used]
    tokens = core.tokenize(chosen)
    decoded = [text.decode("utf-8", "surrogatepass") for text in chosen]
    runs: list[_Run] = []
    for article, first, last, contexts, days, sites, site in rows.tolist():
        begin = int(tokens.offsets[place[article]])
        part = slice(begin + first, begin + last + 1)
        hashes = tokens.hashes[part]
        _, shingles = core.shingles(
            hashes, tokens.weights[part], np.array([0, len(hashes)]), settings.fingerprint_k
        )
        name = names[site] if site >= 0 else ""
        stamp = name.encode("utf-8", "surrogatepass") + b"\0" + hashes.astype("<u8").tobytes()
        text = decoded[place[article]][tokens.begins[part][0] : tokens.ends[part][-1]]
        covered = frozenset(shingles.tolist())
        id_ = xxhash.xxh3_64_hexdigest(stamp)[:12]
        runs.append(_Run(id_, site, text, contexts, days, sites, covered))
    return runs


def _merged(runs: list[_Run]) -> list[_Run]:
    """The runs, each once: what lies inside longer runs of its site is no run of its own."""
    kept: list[_Run] = []
    seen: dict[int, set[int]] = defaultdict(set)
    for run in sorted(runs, key=lambda r: (r.site, -len(r.shingles), r.text, -r.contexts, r.id)):
        if not run.shingles <= seen[run.site]:
            kept.append(run)
            seen[run.site] |= run.shingles
    return kept


def _flagged(
    sketches: Sketches, flags: Flags, lists: U32, settings: Settings
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which fingerprints are boilerplate for the article that has them."""
    owner = np.repeat(np.arange(len(lists)), np.diff(sketches.offsets))
    everywhere = flags.hashes[: flags.offsets[1]]
    flagged = _is_in(sketches.fingerprints, everywhere)
    # What is most of an article is no furniture (see native/prepare.h, which counts words; here
    # they are known but for those at the borders, so in doubt nothing is hidden).
    most = (
        2 * (_covered(sketches, flagged, owner, settings) + 2 * settings.window) >= sketches.tokens
    )
    flagged &= ~most[owner]
    by_list = np.argsort(lists[owner], kind="stable")
    starts = np.searchsorted(lists[owner][by_list], np.arange(len(flags.offsets)))
    for n in range(1, len(flags.offsets) - 1):
        known = flags.hashes[flags.offsets[n] : flags.offsets[n + 1]]
        if len(known):
            mine = by_list[starts[n] : starts[n + 1]]
            flagged[mine] |= _is_in(sketches.fingerprints[mine], known)
    return flagged


def _covered(
    sketches: Sketches,
    flagged: np.ndarray[tuple[int], np.dtype[np.bool_]],
    owner: I64,
    settings: Settings,
) -> I64:
    """Words of each article inside runs of flagged fingerprints."""
    positions, whose = sketches.positions[flagged].astype(np.int64), owner[flagged]
    steps = np.full(len(positions), settings.fingerprint_k, np.int64)
    gaps = np.diff(positions)
    run = (whose[1:] == whose[:-1]) & (gaps <= 2 * settings.window)
    steps[:-1][run] = gaps[run]
    return np.bincount(whose, steps, len(sketches.tokens)).astype(np.int64)


def _is_in(values: U64, rising: U64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which values stand in a rising column."""
    if not len(rising):
        return np.zeros(len(values), np.bool_)
    places = np.searchsorted(rising, values).clip(max=len(rising) - 1)
    found: np.ndarray[tuple[int], np.dtype[np.bool_]] = rising[places] == values
    return found


def _holders(
    sketches: Sketches, flagged: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> dict[int, int]:
    """In how many articles each flagged fingerprint is masked."""
    owner = np.repeat(np.arange(len(sketches.tokens)), np.diff(sketches.offsets))[flagged]
    pairs = np.unique(np.stack([sketches.fingerprints[flagged], owner.astype(np.uint64)]), axis=1)
    values, counts = np.unique(pairs[0], return_counts=True)
    return dict(zip(values.tolist(), counts.tolist(), strict=True))
