"""Texts → stored articles they share something with: sketch, index and verify in one go.

Takes texts and an open store; gives verified relations, in two steps: `find` reads candidates in
a transaction, `verify_found` aligns them outside of one. What is stored of it, and what is
answered, is left to `seen`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dedup.core import I64, U32, U64, Flags
from dedup.errors import IndexDamaged
from dedup.index import NO_DATE, Keys, Row, Store, find_keys, kept_keys
from dedup.mask import flagged_fingerprints, given_prints
from dedup.records import Relation
from dedup.settings import Settings
from dedup.sketch import Sketches, sketch_texts
from dedup.verify import verify_pairs

#: Pairs a thread aligns at a time; speed only.
BATCH_PAIRS = 512

#: Gives the text of an article that is kept elsewhere, by its id; None when it is not there.
FindText = Callable[[str], str | None]


class How(NamedTuple):
    """What every look-up needs to know."""

    settings: Settings
    #: Boilerplate: list 0 is everywhere, list 1 what was given; None when there is none.
    flags: Flags | None
    find_text: FindText | None
    #: The list of a site of which boilerplate was learned; 1 of all others.
    sites: Mapping[str, int] = {}
    #: Articles that are masked as those of another site.
    standing: Mapping[int, str] = {}
    #: Which state of what was learned this is, and the last article there was then.
    number: int = 0
    last: int = 0

    def lists(self, sites: Iterable[str]) -> U32:
        """The list that holds for texts of some sites."""
        other = 0 if self.flags is None else 1
        return np.array([self.sites.get(site, other) for site in sites], np.uint32)

    def site_of(self, row: Row) -> str:
        """The site a stored article is masked as one of."""
        return self.standing.get(row.ordinal, row.site)

    @property
    def has_learned(self) -> bool:
        """Whether there is more boilerplate than what was given."""
        return self.flags is not None and (bool(self.sites) or bool(self.flags.offsets[1]))


class Asked(NamedTuple):
    """Texts that are looked up, and what finding needs of them."""

    texts: list[bytes]
    dates: list[int | None]
    #: 16 bytes each.
    digests: list[bytes]
    words: list[int]
    #: In quarter-words.
    weights: list[int]
    #: uint64, rising, each once: what is looked up.
    keys: list[U64]
    #: What is stored: those that learned boilerplate hides are among them.
    posted: list[U64]
    #: The site of each, and the list of boilerplate that holds for it.
    sites: list[str]
    lists: U32


@dataclass
class Found:
    """Candidates of some texts, with all that verifying them needs."""

    asked: Asked
    #: For each text the articles it may share something with, best first.
    articles: list[list[int]]
    #: How many of them are looked at in any case.
    num_first: list[int]
    rows: dict[int, Row]
    texts: dict[int, bytes]
    #: Known near-duplicates of candidates, where there are many.
    near: dict[int, set[int]] = field(default_factory=dict)

    def part(self, n: int) -> Found:
        """What concerns one text."""
        return replace(self, articles=[self.articles[n]], num_first=[self.num_first[n]])


#: Relations of one text by article, the stored one as `a`; None where its text cannot be had.
Relations = dict[int, Relation | None]


def ask(
    texts: Sequence[bytes], dates: Sequence[int | None], how: How, sites: Sequence[str] = ()
) -> Asked:
    """Sketch some texts."""
    sketches = sketch_texts(list(texts), how.settings)
    sites = list(sites) or [""] * len(texts)
    lists = how.lists(sites)
    posted = keys_of(sketches, how)
    return Asked(
        list(texts),
        list(dates),
        [digest.astype("<u8").tobytes() for digest in sketches.digests],
        sketches.tokens.tolist(),
        sketches.weights.tolist(),
        keys_of(sketches, how, lists) if how.has_learned else posted,
        posted,
        sites,
        lists,
    )


def keys_of(sketches: Sketches, how: How, lists: U32 | None = None) -> list[U64]:
    """The keys of each article, rising, each once.

    Args:
        sketches: Of the articles.
        how: For boilerplate, which hides keys.
        lists: Of each article; when not given only what was given hides.
    """
    hidden = None
    if how.flags is not None and lists is None:
        hidden = given_prints(sketches, how.flags)
    elif how.flags is not None and lists is not None:
        hidden, _, _ = flagged_fingerprints(sketches, how.flags, lists, how.settings)
    count = len(sketches.tokens)
    return kept_keys(find_keys(sketches, np.arange(count), how.settings, hidden))


def find(
    store: Store, asked: Asked, before: I64, how: How, own: Mapping[int, bytes] | None = None
) -> Found:
    """Read the candidates of some texts; in a transaction, after `refresh`.

    Args:
        store: Open.
        asked: The texts.
        before: Each meets articles with lower numbers only; 0 meets none.
        how: Bounds.
        own: Texts by number that need not be read.
    """
    count = len(asked.texts)
    met = store.candidates(
        Keys(
            np.concatenate([np.zeros(0, np.uint64), *asked.keys]),
            np.cumsum([0, *map(len, asked.keys)]),
            before,
            np.array([NO_DATE if date is None else date for date in asked.dates], np.int64),
        )
    )
    bounds = met.offsets.tolist()
    articles = [met.articles[b:e].tolist() for b, e in pairwise(bounds)]
    num_first = [int(met.first[b:e].sum()) for b, e in pairwise(bounds)]
    wanted = set(met.articles.tolist())
    rows, texts = store.read(wanted, own or {})
    found = Found(asked, articles, num_first, rows, texts)
    crowded = [n for n in range(count) if len(articles[n]) > num_first[n]]
    if crowded:
        first = sorted({a for n in crowded for a in articles[n][: num_first[n]]})
        for newer, older in store.catalogue.near_duplicates(first):
            found.near.setdefault(newer, set()).add(older)
            found.near.setdefault(older, set()).add(newer)
    return found


def verify_found(
    found: Found,
    how: How,
    known: Sequence[Relations] | None = None,
    pool: ThreadPoolExecutor | None = None,
) -> list[Relations]:
    """Align all candidates; those of large families that need none are left out.

    Args:
        found: Of `find`.
        how: Settings and boilerplate.
        known: What is known of each text already, and is not aligned again.
        pool: For many pairs.

    Returns:
        For each text what was found, kinds none and boilerplate-only too.
    """
    family = how.settings.family
    out: list[Relations] = []
    rounds: list[list[int]] = []
    for n, articles in enumerate(found.articles):
        before = known[n] if known else {}
        out.append({a: before[a] for a in articles if a in before})
        rounds.append([a for a in articles[: found.num_first[n]] if a not in before])
    _align(found, rounds, how, pool, out)
    for n, articles in enumerate(found.articles):
        near = [a for a, r in out[n].items() if r is not None and r.kind == "near-duplicate"]
        skipped: set[int] = set()
        if len(near) >= family:
            skipped.update(*(found.near.get(a, ()) for a in near))
        rest = articles[found.num_first[n] :]
        rounds[n] = [a for a in rest if a not in out[n] and a not in skipped]
    _align(found, rounds, how, pool, out)
    for relations in out:
        for a, relation in relations.items():
            # Who has the same words was looked for by digest, and not found.
            if relation is not None and relation.kind == "identical":
                raise IndexDamaged(
                    f"the catalogue does not find article {found.rows[a].id!r} by its words. "
                    "`dedup index verify` says what is wrong with it."
                )
    return out


def verify_two(older: Row, older_text: bytes, text: bytes, how: How) -> Relation:
    """One stored article and a text; the kind may be none."""
    pair = np.array([0], np.uint32), np.array([1], np.uint32)
    lists = how.lists(["", ""])  # identical ones are identical, whatever is masked
    ((_, _, relation),) = verify_pairs(
        [older_text, text], [older.id, ""], *pair, how.settings,
        flags=how.flags, lists=lists, with_none=True,
    )  # fmt: skip
    return relation


def text_of(row: Row, kept: bytes | None, how: How) -> bytes | None:
    """The text of a stored article, from the index or from who keeps it; None without one."""
    if kept is not None or how.find_text is None:
        return kept
    given = how.find_text(row.id)
    if given is None:
        return None
    text = given.encode("utf-8", "surrogatepass")
    # What was given must still have the words that were indexed.
    return text if ask([text], [None], how).digests[0] == row.digest else None


def _align(
    found: Found,
    rounds: Sequence[Sequence[int]],
    how: How,
    pool: ThreadPoolExecutor | None,
    out: list[Relations],
) -> None:
    """Align each text with some articles, and put what was found where it belongs."""
    count = len(found.asked.texts)
    wanted = sorted({a for articles in rounds for a in articles} & set(found.rows))
    stored = {a: text_of(found.rows[a], found.texts.get(a), how) for a in wanted}
    found.texts |= {a: text for a, text in stored.items() if text is not None}
    place = {a: count + n for n, a in enumerate(wanted)}
    texts = [*found.asked.texts, *(stored[a] or b"" for a in wanted)]
    ids = [""] * count + [found.rows[a].id for a in wanted]
    pairs = []
    for n, articles in enumerate(rounds):
        for a in articles:
            if a in stored and stored[a] is None:
                out[n][a] = None
            elif a in stored:
                pairs.append((place[a], n))
    sites = [how.site_of(found.rows[a]) for a in wanted]
    lists = np.concatenate([found.asked.lists, how.lists(sites)])

    def run(some: Sequence[tuple[int, int]]) -> list[tuple[int, int, Relation]]:
        older, newer = np.array(some, np.uint32).T
        return verify_pairs(
            texts, ids, older, newer, how.settings, flags=how.flags, lists=lists, with_none=True
        )

    parts = [pairs[n : n + BATCH_PAIRS] for n in range(0, len(pairs), BATCH_PAIRS)]
    for part in (pool.map if pool else map)(run, parts):
        for older, newer, relation in part:
            out[newer][wanted[older - count]] = relation
