"""How much of a text its verified passages leave over.

Takes a text, the texts it shares passages with and the passages; gives a share. A passage may
have gaps, so its span alone says too much: a word is covered when it lies in a run of two words
that the other side of its passage has too. Method: docs/method.md, step 6.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from dedup import core
from dedup.core import U8, U64, Flags, Tokens
from dedup.records import Passage

#: Words of a run that covers.
RUN = 2


def novel_share(
    text: bytes,
    shared: Sequence[tuple[bytes, Sequence[Passage]]],
    flags: Flags | None,
    chosen: int = 1,
) -> tuple[float, float, float]:
    """Share of a text's words that no passage covers, and how many words are its own.

    Args:
        text: UTF-8.
        shared: Texts it shares passages with, and the passages; `a` is the text, `b` the other.
        flags: Boilerplate. What is masked counts neither way.
        chosen: The list of `flags` that holds for the text, beside list 0.

    Returns:
        A share in [0, 1], 0 for a text of which nothing is left; and word-equivalents that are
        not masked, and those that are.
    """
    tokens = core.tokenize([text, *(other for other, _ in shared)])
    mine = _part(tokens, 0)
    counts = ~_masked(mine, flags, chosen)
    covered = np.zeros(len(counts), np.bool_)
    for n, (_, passages) in enumerate(shared, 1):
        if covered[counts].all():
            break
        theirs = _part(tokens, n)
        for passage in passages:
            here = _inside(mine, passage.a_begin, passage.a_end)
            there = _inside(theirs, passage.b_begin, passage.b_end)
            known = _run_hashes(theirs, there, RUN)
            found = _are_among(_run_hashes(mine, here, RUN), known)
            covered[here] |= _covered_by(mine.weights[here], found, RUN)
    weights = mine.weights.astype(np.int64)
    own = int(weights[counts].sum())
    left = int(weights[counts & ~covered].sum())
    return (left / own if own else 0.0), own / 4, (int(weights.sum()) - own) / 4


def _part(tokens: Tokens, n: int) -> Tokens:
    """The words of one text; letters are left out."""
    part = slice(int(tokens.offsets[n]), int(tokens.offsets[n + 1]))
    return tokens._replace(
        hashes=tokens.hashes[part],
        begins=tokens.begins[part],
        ends=tokens.ends[part],
        weights=tokens.weights[part],
    )


def _inside(tokens: Tokens, begin: int, end: int) -> slice:
    """Words of a span in code points."""
    first = int(np.searchsorted(tokens.begins, begin, "left"))
    return slice(first, max(first, int(np.searchsorted(tokens.ends, end, "right"))))


def _run_hashes(tokens: Tokens, part: slice, words: int) -> npt.NDArray[np.uint64]:
    hashes = tokens.hashes[part]
    offsets = np.array([0, len(hashes)], np.int64)
    return core.shingles(hashes, tokens.weights[part], offsets, words)[1]


def _are_among(values: U64, known: U64) -> npt.NDArray[np.bool_]:
    """As `np.isin`, which takes ten times as long for a passage."""
    if not len(known):
        return np.zeros(len(values), np.bool_)
    rising = np.sort(known)
    places = np.searchsorted(rising, values)
    return np.asarray(rising[np.minimum(places, len(rising) - 1)] == values)


def _covered_by(weights: U8, found: npt.NDArray[np.bool_], words: int) -> npt.NDArray[np.bool_]:
    """Which words lie in a run that was found; run n begins at word n and weighs `words`."""
    running = np.concatenate([[0], np.cumsum(weights, dtype=np.int64)])
    begins = np.flatnonzero(found)
    ends = np.searchsorted(running, running[begins] + 4 * words)
    steps = np.zeros(len(weights) + 1, np.int64)
    np.add.at(steps, begins, 1)
    np.add.at(steps, np.minimum(ends, len(weights)), -1)
    return np.asarray(np.cumsum(steps[:-1]) > 0)


def masked_words(
    texts: Sequence[bytes], flags: Flags | None, lists: Sequence[int]
) -> list[npt.NDArray[np.bool_]]:
    """Which words of some texts are boilerplate, as they are masked in verification.

    Args:
        texts: UTF-8.
        flags: Boilerplate.
        lists: The list of `flags` that holds for each text, beside list 0.
    """
    tokens = core.tokenize(list(texts))
    return [_masked(_part(tokens, n), flags, chosen) for n, chosen in enumerate(lists)]


def _masked(tokens: Tokens, flags: Flags | None, chosen: int) -> npt.NDArray[np.bool_]:
    """Which words of one text are boilerplate."""
    masked = np.zeros(len(tokens.hashes), np.bool_)
    if flags is None or not len(flags.hashes):
        return masked
    shingles = _run_hashes(tokens, slice(0, len(tokens.hashes)), flags.words)
    for n in {0: 0, chosen: chosen}:
        known = flags.hashes[flags.offsets[n] : flags.offsets[n + 1]]
        if not len(known):
            continue
        places = np.searchsorted(known, shingles).clip(max=len(known) - 1)
        found = _covered_by(tokens.weights, known[places] == shingles, flags.words)
        weights = tokens.weights.astype(np.int64)
        # What is most of an article is no furniture of all sites (native/prepare.h).
        if n or 2 * int(weights[found].sum()) < int(weights.sum()):
            masked |= found
    return masked
