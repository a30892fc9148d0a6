"""Slow and obvious: what the detector must agree with, written without looking at it.

Works on lists of words (any hashable), so that no tokenizer is involved.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

Words = Sequence[Hashable]


def shingle_set(words: Words, k: int) -> set[tuple[Hashable, ...]]:
    """All runs of k words."""
    return {tuple(words[i : i + k]) for i in range(len(words) - k + 1)}


def resemblance(a: Words, b: Words, k: int) -> float:
    """Jaccard of the shingle sets; 0 when both are empty."""
    x, y = shingle_set(a, k), shingle_set(b, k)
    return len(x & y) / len(x | y) if x | y else 0.0


def containment(a: Words, b: Words, k: int) -> float:
    """Share of a's shingles that b has."""
    x, y = shingle_set(a, k), shingle_set(b, k)
    return len(x & y) / len(x) if x else 0.0


def shares_run(a: Words, b: Words, length: int) -> bool:
    """Whether some run of so many words stands in both."""
    return bool(shingle_set(a, length) & shingle_set(b, length))


def winnowed(values: Sequence[int], window: int) -> set[int]:
    """Window minima of a sequence: every set that winnowing may choose from contains them."""
    if len(values) <= window:
        return {min(values)} if values else set()
    return {min(values[i : i + window]) for i in range(len(values) - window + 1)}
