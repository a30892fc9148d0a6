"""datasketch: `MinHash.bulk`, `MinHashLSH`; the shingles are made in Python.

Variants: "sha1", its default hash, and "xxh32", the fastest one it can be given.
"""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.engines import task


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Shingles, signatures, index and questions, exact resemblance."""
    datasketch = importlib.import_module("datasketch")
    more: dict[str, Any] = {}
    if settings.variant == "xxh32":
        more["hashfunc"] = importlib.import_module("xxhash").xxh32_intdigest
    with laps("shingles"):
        sets = [task.shingle_set(text) for text in texts]
        encoded = [[shingle.encode() for shingle in one] for one in sets]
    with laps("signatures"):
        signatures = datasketch.MinHash.bulk(encoded, num_perm=task.SLOTS, **more)
    with laps("candidates"):
        index = datasketch.MinHashLSH(num_perm=task.SLOTS, params=(task.BANDS, task.ROWS))
        for i, signature in enumerate(signatures):
            index.insert(i, signature)
        found = task.pairs_of_answers(index.query(signature) for signature in signatures)
    with laps("verify"):
        return task.verified(found, sets.__getitem__)


def estimate(a: list[str], b: list[str]) -> float:
    """Its estimate of the resemblance of two sets."""
    datasketch = importlib.import_module("datasketch")
    one, other = datasketch.MinHash.bulk(
        [[item.encode() for item in items] for items in (a, b)], num_perm=task.SLOTS
    )
    return float(one.jaccard(other))
