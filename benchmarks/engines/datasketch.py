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
    signatures = []
    for sets in task.shingle_sets(texts, laps):
        with laps("shingles"):
            encoded = [[shingle.encode() for shingle in one] for one in sets]
        with laps("signatures"):
            signatures += datasketch.MinHash.bulk(
                encoded, num_perm=task.SLOTS, **_hash(settings.variant)
            )
    with laps("candidates"):
        index = datasketch.MinHashLSH(num_perm=task.SLOTS, params=(task.BANDS, task.ROWS))
        for i, signature in enumerate(signatures):
            index.insert(i, signature)
        found = task.pairs_of_answers(index.query(signature) for signature in signatures)
    with laps("verify"):
        return task.verified_texts(found, texts)


def estimate_all(pairs: list[tuple[list[bytes], list[bytes]]], variant: str) -> list[float]:
    """Its estimates for pairs of sets."""
    datasketch = importlib.import_module("datasketch")
    sets = [items for pair in pairs for items in pair]
    signatures = datasketch.MinHash.bulk(sets, num_perm=task.SLOTS, **_hash(variant))
    return [float(signatures[i].jaccard(signatures[i + 1])) for i in range(0, len(signatures), 2)]


def _hash(variant: str) -> dict[str, Any]:
    if variant != "xxh32":
        return {}
    return {"hashfunc": importlib.import_module("xxhash").xxh32_intdigest}
