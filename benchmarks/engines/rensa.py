"""rensa: `RMinHash` of whole sets and `RMinHashLSH`; the shingles are made in Python.

Variants "rho" and "rho-sets" look at a sample of the positions of what they are given. They are
here for their recall: where the positions move, copies are not found. "rho" gets the shingles in
the order of the text, which is the best for it; "rho-sets" gets sets, as all others do.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.engines import task

SEED = 42


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Shingles, signatures, index and questions, exact resemblance."""
    rensa = importlib.import_module("rensa")
    if settings.variant.startswith("rho"):
        make = _shingle_list if settings.variant == "rho" else task.shingle_set
        return _with_rho(rensa.RMinHash, texts, laps, make)
    signatures = []
    for sets in task.shingle_sets(texts, laps):
        with laps("signatures"):
            signatures += rensa.RMinHash.from_token_sets(sets, task.SLOTS, SEED)
    with laps("candidates"):
        index = rensa.RMinHashLSH(task.THRESHOLD, task.SLOTS, task.BANDS)
        index.insert_many(signatures)
        found = task.pairs_of_answers(index.query_all(signatures))
    with laps("verify"):
        return task.verified_texts(found, texts)


def _with_rho(
    kind: Any, texts: list[str], laps: task.Laps, make: Callable[[str], Iterable[str]]
) -> task.Pairs:
    with laps("shingles"):
        lists = [make(text) for text in texts]
    with laps("signatures"):
        matrix = kind.digest_matrix_from_token_sets_rho(lists, task.SLOTS, SEED)
    with laps("candidates"):
        found = task.pairs_in_bands(matrix.to_rows())
    with laps("verify"):
        return task.verified_texts(found, texts)


def _shingle_list(text: str) -> list[str]:
    words = text.lower().split()
    size = task.SHINGLE_WORDS
    if len(words) < size:
        return [" ".join(words)]
    return [" ".join(words[i : i + size]) for i in range(len(words) - size + 1)]


def estimate_all(pairs: list[tuple[list[bytes], list[bytes]]], variant: str) -> list[float]:
    """Its estimates for pairs of sets."""
    kind = importlib.import_module("rensa").RMinHash
    sets = [items for pair in pairs for items in pair]
    if variant == "rho":
        rows = kind.digest_matrix_from_token_sets_rho(sets, task.SLOTS, SEED).to_rows()
        return [task.share_of_equal(rows[i], rows[i + 1]) for i in range(0, len(rows), 2)]
    signatures = kind.from_token_sets(sets, task.SLOTS, SEED)
    return [float(signatures[i].jaccard(signatures[i + 1])) for i in range(0, len(signatures), 2)]
