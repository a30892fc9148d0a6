"""Rows of the learner → runs of boilerplate: their text, their shingles, their names.

Whether a run is masked is decided elsewhere; here it is only described.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
import xxhash

from dedup import core
from dedup.core import Flags
from dedup.records import Boilerplate

#: Site, article, first and last word (both included), contexts, days, sites.
Row = tuple[str | None, int, int, int, int, int, int]


@dataclass(frozen=True, eq=False)
class Run:
    """Learned boilerplate; `site` is None where it holds everywhere."""

    id: str
    site: str | None
    text: str
    contexts: int
    days: int
    sites: int
    shingles: frozenset[int]

    def listed(self, holders: dict[int, int], masked: bool) -> Boilerplate:
        """The run for people; `holders` counts the articles of each masked fingerprint."""
        articles = max((holders.get(shingle, 0) for shingle in self.shingles), default=0)
        return Boilerplate(
            self.id, self.site or "", self.text, self.contexts, self.days, self.sites,
            articles if masked else 0, masked,
        )  # fmt: skip


def describe(rows: Sequence[Row], texts: Sequence[bytes], words: int) -> list[Run]:
    """The runs of some rows; `words` is the length of a shingle."""
    used = sorted({row[1] for row in rows})
    place = {article: n for n, article in enumerate(used)}
    chosen = [texts[article] for article in used]
    tokens = core.tokenize(chosen)
    decoded = [text.decode("utf-8", "surrogatepass") for text in chosen]
    runs: list[Run] = []
    for site, article, first, last, contexts, days, sites in rows:
        begin = int(tokens.offsets[place[article]])
        part = slice(begin + first, begin + last + 1)
        hashes = tokens.hashes[part]
        _, shingles = core.shingles(hashes, tokens.weights[part], np.array([0, len(hashes)]), words)
        name = (site or "").encode("utf-8", "surrogatepass")
        stamp = name + b"\0" + hashes.astype("<u8").tobytes()
        text = decoded[place[article]][tokens.begins[part][0] : tokens.ends[part][-1]]
        id_ = xxhash.xxh3_64_hexdigest(stamp)[:12]
        covered = frozenset(shingles.tolist())
        runs.append(Run(id_, site, text, contexts, days, sites, covered))
    return runs


def merged(runs: Sequence[Run]) -> list[Run]:
    """The runs, each once: what lies inside longer runs of its site is no run of its own."""
    kept: list[Run] = []
    seen: dict[str | None, set[int]] = defaultdict(set)

    def longest_first(run: Run) -> tuple[bool, str, int, str, int, str]:
        site = run.site or ""
        return run.site is not None, site, -len(run.shingles), run.text, -run.contexts, run.id

    for run in sorted(runs, key=longest_first):
        if not run.shingles <= seen[run.site]:
            kept.append(run)
            seen[run.site] |= run.shingles
    return kept


def flags_of(
    runs: Sequence[Run], sites: Sequence[str], without: AbstractSet[int], words: int
) -> Flags:
    """Shingles of the runs but for some: list 0 everywhere, list 1 + n of sites[n]."""
    lists: dict[str | None, set[int]] = {None: set(), **{site: set() for site in sites}}
    for run in runs:
        lists[run.site] |= run.shingles - without
    return Flags(
        np.array([h for column in lists.values() for h in sorted(column)], np.uint64),
        np.cumsum([0, *map(len, lists.values())]).astype(np.int64),
        words,
    )
