"""Boilerplate by context in plain Python: the specification of contexts.h and widen.h.

Takes fingerprints with positions, sites and days of articles, oldest first; gives those that come
back in articles which have otherwise nothing in common, and the words around them. Rules:
docs/method.md, step 3.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import NamedTuple


class Rule(NamedTuple):
    """How many contexts, on how many days and sites; 0 where a way is closed."""

    contexts: int
    days: int
    undated_contexts: int
    light_contexts: int
    light_days: int
    sites: int
    share: float
    between: int


class Params(NamedTuple):
    """The settings of learning; meanings in `dedup.settings`."""

    k: int
    window: int
    own_min: int
    most_contexts: int
    look_at: int
    own_share: float
    light_share: float
    light_stability: float
    stability: float


@dataclass(frozen=True)
class Library:
    """The articles; `prints` holds (fingerprint, position) in order of position."""

    prints: Sequence[Sequence[tuple[int, int]]]
    tokens: Sequence[int]
    #: In quarter-words.
    weights: Sequence[int]
    sites: list[int]
    days: Sequence[int]
    #: Boilerplate learned before: everywhere, then of each site.
    known: Sequence[Set[int]]

    def scaled(self, article: int, position: int) -> int:
        """A position in word-equivalents, taken as evenly spread over the article."""
        return position * self.weights[article] // (4 * max(self.tokens[article], 1))

    def is_known(self, article: int, value: int) -> bool:
        """Whether a fingerprint is known to be boilerplate in an article."""
        site = self.sites[article]
        return value in self.known[0] or (site >= 0 and value in self.known[site + 1])


class Learned(NamedTuple):
    """A fingerprint that is boilerplate; site -1 is everywhere."""

    hash: int
    site: int
    days: int
    sites: int
    #: The articles that stand for it, and where it first is in each.
    contexts: list[int]
    positions: list[int]


class Anchor(NamedTuple):
    """A fingerprint two articles share, with its positions."""

    a: int
    b: int
    hash: int


def learn(
    library: Library, p: Params, rule: Rule, by_site: bool, held: Mapping[int, Sequence[int]]
) -> list[Learned]:
    """Boilerplate of every site, or of all sites together.

    From the fingerprints in `held`, each with the articles that hold it, oldest first.
    """
    holders: dict[tuple[int, int], list[int]] = defaultdict(list)
    for value, articles in held.items():
        for article in articles:
            site = library.sites[article] if by_site else -1
            if (by_site and site < 0) or library.is_known(article, value):
                continue
            holders[value, site].append(article)
    light_least = rule.light_contexts or rule.contexts
    least = min(rule.contexts, light_least, rule.undated_contexts or rule.contexts)
    learned = []
    for value, site in sorted(holders):
        found = holders[value, site]
        pages = library.sites.count(site) if site >= 0 else len(library.sites)
        if len(found) > 1 and len(found) >= max(least, rule.share * pages):
            judged = judge(library, value, found, p, rule)
            if judged:
                contexts, days, sites = judged
                places = [first_places(library.prints[article])[value] for article in contexts]
                learned.append(Learned(value, site, days, sites, contexts, places))
    return learned


def judge(
    library: Library, value: int, holders: Sequence[int], p: Params, rule: Rule
) -> tuple[list[int], int, int] | None:
    """Contexts, days and sites of a fingerprint that is boilerplate; None for all others."""
    contexts: list[int] = []
    stretches: list[set[int]] = []
    light = True
    for place in spread(len(holders), p.look_at):
        if len(contexts) == p.most_contexts:
            break
        article = holders[place]
        compared = []
        for other in contexts:
            compared.append(compare(library, other, article, value, p))
            if compared[-1] is None:
                break
        pairs = [pair for pair in compared if pair is not None]
        if len(pairs) < len(compared):
            continue
        contexts.append(article)
        stretches += [stretch for stretch, _ in pairs]
        light = light and all(small for _, small in pairs)
    dates = [library.days[a] for a in contexts if library.days[a] >= 0]
    days = len(set(dates))
    sites = len({library.sites[a] if library.sites[a] >= 0 else -1 - a for a in contexts})
    count = len(contexts)
    if count < 2 or sites < rule.sites:
        return None
    if rule.between and not stands_between(library, value, contexts, p, rule.between):
        return None
    mean = sum(map(len, stretches)) / len(stretches)
    if len(set.intersection(*stretches)) / mean < (p.light_stability if light else p.stability):
        return None
    if not dates or 2 * len(dates) < count:
        enough = bool(rule.undated_contexts) and count >= rule.undated_contexts
    elif light:
        enough = count >= rule.light_contexts and days >= rule.light_days
    else:
        enough = count >= rule.contexts and days >= rule.days
    return (contexts, days, sites) if enough else None


def stands_between(
    library: Library, value: int, articles: Sequence[int], p: Params, between: int
) -> bool:
    """Whether known boilerplate is near on both sides in half of the articles, on one in all."""
    enclosed = 0
    for article in articles:
        prints = library.prints[article]
        at = library.scaled(article, first_places(prints)[value])
        known = [library.scaled(article, q) for h, q in prints if library.is_known(article, h)]
        near = [place for place in known if abs(place - at) <= p.k + between]
        before, behind = any(place < at for place in near), any(place >= at for place in near)
        if not before and not behind:
            return False
        enclosed += before and behind
    return 2 * enclosed >= len(articles)


def spread(n: int, look_at: int) -> list[int]:
    """Which of n holders to look at: spread evenly over all, coarse before fine."""
    count = min(n, look_at)
    bits = max(count - 1, 0).bit_length()
    order = [int(f"{i:0{bits}b}"[::-1], 2) if bits else 0 for i in range(1 << bits)]
    return [place * n // count for place in order if place < count]


def compare(
    library: Library, a: int, b: int, value: int, p: Params
) -> tuple[set[int], bool] | None:
    """The shared stretch around a fingerprint, and whether the two share little; or None.

    None: one of the two has hardly any text of its own, so they are versions of one article.
    """
    first_a, first_b = first_places(library.prints[a]), first_places(library.prints[b])
    anchors = [
        Anchor(library.scaled(a, first_a[h]), library.scaled(b, first_b[h]), h)
        for h in first_a.keys() & first_b.keys()
    ]
    length_a, length_b = library.weights[a] // 4, library.weights[b] // 4
    own_a, matched_a = longest_own(sorted(x.a for x in anchors), length_a, p)
    own_b, matched_b = longest_own(sorted(x.b for x in anchors), length_b, p)
    matched = max(matched_a, matched_b)
    if min(own_a, own_b) < max(p.own_min, p.own_share * matched):
        return None
    # What is known to be boilerplate is no sign that the two are versions of one article.
    fresh = [
        x for x in anchors if not library.is_known(a, x.hash) and not library.is_known(b, x.hash)
    ]
    if len(fresh) < len(anchors):
        anchors = fresh
        _, matched_a = longest_own(sorted(x.a for x in anchors), length_a, p)
        _, matched_b = longest_own(sorted(x.b for x in anchors), length_b, p)
        matched = max(matched_a, matched_b)
    light = matched < p.light_share * min(length_a, length_b)
    anchors.sort()
    here = next(n for n, anchor in enumerate(anchors) if anchor.hash == value)
    first = last = here
    while first > 0 and adjacent(anchors[first - 1], anchors[first], p):
        first -= 1
    while last + 1 < len(anchors) and adjacent(anchors[last], anchors[last + 1], p):
        last += 1
    return {anchor.hash for anchor in anchors[first : last + 1]}, light


def first_places(prints: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The first position of each fingerprint."""
    out: dict[int, int] = {}
    for value, position in prints:
        out.setdefault(value, position)
    return out


def adjacent(x: Anchor, y: Anchor, p: Params) -> bool:
    """Whether two anchors belong to one stretch on both sides."""
    return y.a - x.a <= 2 * p.window and 0 <= y.b - x.b <= 2 * p.window


def longest_own(positions: Sequence[int], words: int, p: Params) -> tuple[int, int]:
    """Longest stretch of own words, and the number that are shared.

    Own are those no shared fingerprint covers, less the window - 1 words at each border with
    shared text that may be shared too, since a shared run is seen from its first fingerprint on.
    """
    covered = longest = matched = 0
    blur = p.window - 1
    for position in positions:
        # Shared text has a fingerprint in every window, so a shorter hole is no hole.
        if position > covered + p.window:
            longest = max(longest, position - covered - (2 * blur if covered else blur))
        elif position > covered:
            matched += position - covered
        end = min(position + p.k, words)
        if end > covered:
            matched += end - max(covered, position)
            covered = end
    return max(longest, words - covered - (blur if covered else 0), 0), matched


def widen(words: Sequence[Sequence[int]], at: Sequence[int], k: int) -> tuple[int, int]:
    """The words around k of the first text that three others, or all, share with it.

    `words` are the word hashes of some texts, `at` the place in each.
    """
    mine = words[0]
    agreeing = min(3, len(words) - 1)
    first, last = at[0], min(at[0] + k, len(mine)) - 1

    def step(others: list[int], offset: int) -> list[int]:
        return [
            n
            for n in others
            if 0 <= at[n] + offset < len(words[n])
            and words[n][at[n] + offset] == mine[at[0] + offset]
        ]

    others = list(range(1, len(words)))
    while first > 0:
        others = step(others, first - 1 - at[0])
        if len(others) < agreeing:
            break
        first -= 1
    others = list(range(1, len(words)))
    for end in itertools.count(last + 1):
        if end >= len(mine):
            break
        others = step(others, end - at[0])
        if len(others) < agreeing:
            break
        last = end
    return first, last
