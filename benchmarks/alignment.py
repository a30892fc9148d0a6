"""Know what two stories share, word by word, from where their words come from.

In: stories whose words remember their origin. Out: for each pair with words in common
the passages, their weights and the kinds the pair may be called by (method 1.3 and 1.4).
No text is compared here except to tell whether a word was edited on the way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.syndication import Story
from benchmarks.tokens import Token, fold, weight_of
from benchmarks.truth import QUOTE_COV, QUOTE_MAX, RUN_WORDS, TAU_DUP, TAU_IN

# Matched words further apart than this lie in two passages. Less than the detector bridges:
# an edited stretch of this length is no shared text, and a passage is then surely dense.
GAP_WORDS: Final = 20
# How near a threshold a pair may be called by either kind: what an honest aligner may gain or
# lose by chance matches, by misread words and at the ends of passages.
_NEAR_DUP: Final = 0.05
_NEAR_IN: Final = 0.05
_NEAR_QUOTE: Final = 8
_NEAR_SHARE: Final = 0.04

Ints = NDArray[np.int64]
Edges = tuple[int, int, int, int]


class Words(NamedTuple):
    """A story as numbers: origin, folded form and weight (quarter-words) of each word."""

    origins: Ints
    forms: Ints
    weights: Ints


@dataclass(frozen=True)
class Shared:
    """What two stories share.

    Attributes:
        label: 1 related; -1 not to be judged: less than a run of 12 words in common,
            and no copy made directly.
        kinds: Kinds the pair may be called by; two where it lies near a threshold.
        direction: "a_in_b" or "b_in_a" for excerpts.
        resemblance: R of method 1.3.
        run: Word-equivalents of the longest run without any edit.
        passages: Half-open ranges of word numbers in a and in b.
        equal: Both are the same words throughout.
    """

    label: int
    kinds: frozenset[str]
    direction: str | None
    resemblance: float
    run: float
    passages: tuple[Edges, ...]
    equal: bool


def number_words(stories: Iterable[Sequence[Token]]) -> list[Words]:
    """Turn stories into numbers; equal folded words get equal numbers."""
    forms: dict[str, int] = {}
    out = []
    for tokens in stories:
        out.append(
            Words(
                np.array([token.origin for token in tokens], np.int64),
                np.array([forms.setdefault(fold(t.word), len(forms)) for t in tokens], np.int64),
                np.array([weight_of(fold(t.word)[:1]) for t in tokens], np.int64),
            )
        )
    return out


def kinds_of(in_a: float, in_b: float, longest: float) -> frozenset[str]:
    """Give the kinds of method 1.4, all that are possible near a threshold.

    Args:
        in_a: Share of a that b has too.
        in_b: Share of b that a has too; the matched mass is the same.
        longest: Word-equivalents of the longest passage.
    """
    if not in_a or not in_b:
        return frozenset()
    # With a one-to-one matching: D = 2M/(n_A+n_B) is the harmonic mean of the shares.
    dice = 2 / (1 / in_a + 1 / in_b)
    resemblance = dice / (2 - dice)
    most = max(in_a, in_b)
    kinds: set[str] = set()
    if resemblance >= TAU_DUP - _NEAR_DUP:
        kinds.add("near-duplicate")
    if resemblance >= TAU_DUP + _NEAR_DUP:
        return frozenset(kinds)
    if most >= TAU_IN - _NEAR_IN:
        kinds.add("excerpt")
    if most >= TAU_IN + _NEAR_IN:
        return frozenset(kinds)
    if longest <= QUOTE_MAX + _NEAR_QUOTE and most < QUOTE_COV + _NEAR_SHARE:
        kinds.add("quote")
    if longest > QUOTE_MAX - _NEAR_QUOTE or most >= QUOTE_COV - _NEAR_SHARE:
        kinds.add("overlap")
    return frozenset(kinds)


def _longest_run(a: Words, b: Words, ia: Ints, ib: Ints) -> float:
    """Weigh the longest run of equal neighbours."""
    if not len(ia):
        return 0.0
    equal = a.forms[ia] == b.forms[ib]
    joined = (np.diff(ia) == 1) & (np.diff(ib) == 1) & equal[1:] & equal[:-1]
    group = np.concatenate([[0], np.cumsum(~joined)])
    sums = np.bincount(group, weights=a.weights[ia] * equal)
    return float(sums.max()) / 4


def share(a: Words, b: Words, planted: bool) -> Shared | None:
    """Measure what two stories share; None if no word of one comes from the other.

    Args:
        a: One story.
        b: The other.
        planted: One was made from the other, or both from the same, directly.
    """
    _, ia, ib = np.intersect1d(a.origins, b.origins, return_indices=True)
    if not len(ia):
        return None
    order = np.argsort(ia, kind="stable")
    ia, ib = ia[order], ib[order]
    at_a, at_b = np.cumsum(a.weights) / 4, np.cumsum(b.weights) / 4
    broken = (
        (np.diff(ib) <= 0)
        | (np.diff(at_a[ia]) > GAP_WORDS)
        | (np.abs(np.diff(at_b[ib])) > GAP_WORDS)
    )
    begins = np.concatenate([[0], np.flatnonzero(broken) + 1, [len(ia)]])
    passages: list[Edges] = []
    matched, longest = 0.0, 0.0
    for begin, end in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        mass = float(a.weights[ia[begin:end]].sum()) / 4
        if mass >= RUN_WORDS:
            ends = int(ia[begin]), int(ia[end - 1]) + 1, int(ib[begin]), int(ib[end - 1]) + 1
            passages.append(ends)
            matched += mass
            longest = max(longest, mass)
    in_a, in_b = matched / float(at_a[-1]), matched / float(at_b[-1])
    run = _longest_run(a, b, ia, ib)
    kinds = kinds_of(in_a, in_b, longest)
    dice = 2 * matched / float(at_a[-1] + at_b[-1])
    return Shared(
        label=1 if kinds and (run >= RUN_WORDS or planted) else -1,
        kinds=kinds,
        direction="a_in_b" if in_a >= in_b else "b_in_a",
        resemblance=dice / (2 - dice),
        run=run,
        passages=tuple(passages),
        equal=len(a.forms) == len(b.forms) and bool((a.forms == b.forms).all()),
    )


def planted_pairs(stories: Sequence[Story]) -> set[tuple[int, int]]:
    """List who was made from whom, and the copies of one agency text among each other."""
    pairs: set[tuple[int, int]] = set()
    wires: dict[int, list[int]] = {}
    for story in stories:
        pairs.update((source, story.number) for source in story.sources)
        if story.shape == "agency" and story.sources:
            wire = wires.setdefault(story.sources[0], [])
            pairs.update((other, story.number) for other in wire)
            wire.append(story.number)
    return pairs


def align(stories: Sequence[Story]) -> dict[tuple[int, int], Shared]:
    """Measure all pairs of stories that have words in common, by their numbers, a < b."""
    numbered = number_words(story.tokens for story in stories)
    holders: dict[int, list[int]] = {}
    for story in stories:
        for root in story.roots:
            holders.setdefault(root, []).append(story.number)
    pairs = {(a, b) for held in holders.values() for i, b in enumerate(held) for a in held[:i]}
    planted = planted_pairs(stories)
    out: dict[tuple[int, int], Shared] = {}
    for a, b in sorted(pairs):
        shared = share(numbered[a], numbered[b], (a, b) in planted)
        if shared is not None:
            out[a, b] = shared
    return out
