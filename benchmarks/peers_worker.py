"""Find pairs with another detector; runs in the environment of the peers, on its own.

In: the name of a peer as argument, and on stdin JSON lines with id and words. Out: on
stdout a JSON line for each pair of ids, and last one with version and seconds.
Shingles are five words, signatures have 128 permutations, for all of them.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

NUM_PERM = 128
SHINGLE_WORDS = 5
Shingles = dict[str, set[str]]


def shingles_of(words: list[str]) -> set[str]:
    """Return all runs of five words; a shorter text is one run."""
    if len(words) < SHINGLE_WORDS:
        return {" ".join(words)}
    return {" ".join(words[i : i + SHINGLE_WORDS]) for i in range(len(words) - SHINGLE_WORDS + 1)}


def _datasketch_signatures(articles: Shingles) -> dict[str, Any]:
    datasketch = importlib.import_module("datasketch")
    out = {}
    for name, shingles in articles.items():
        out[name] = datasketch.MinHash(num_perm=NUM_PERM)
        out[name].update_batch([shingle.encode() for shingle in shingles])
    return out


def datasketch_lsh(articles: Shingles, threshold: float) -> Iterator[tuple[str, str]]:
    """MinHashLSH: its answers as they are, each article asked before it is put in."""
    datasketch = importlib.import_module("datasketch")
    index = datasketch.MinHashLSH(threshold=threshold, num_perm=NUM_PERM)
    for name, signature in _datasketch_signatures(articles).items():
        for other in index.query(signature):
            yield other, name
        index.insert(name, signature)


def datasketch_ensemble(articles: Shingles, threshold: float) -> Iterator[tuple[str, str]]:
    """MinHashLSHEnsemble: indexed at once, then each article is asked for what contains it."""
    datasketch = importlib.import_module("datasketch")
    signatures = _datasketch_signatures(articles)
    index = datasketch.MinHashLSHEnsemble(threshold=threshold, num_perm=NUM_PERM, num_part=16)
    index.index([(name, signatures[name], len(articles[name])) for name in articles])
    for name in articles:
        for other in index.query(signatures[name], len(articles[name])):
            if other != name:
                yield other, name


def rensa(articles: Shingles, threshold: float) -> Iterator[tuple[str, str]]:
    """RMinHash of the full sets and RMinHashLSH; its candidates are held against the threshold."""
    module = importlib.import_module("rensa")
    # Bands of 4 rows for 0.5, of 8 for 0.7: (1/bands)^(1/rows) is 0.42 and 0.71.
    num_bands = 32 if threshold < 0.6 else 16
    index = module.RMinHashLSH(threshold=threshold, num_perm=NUM_PERM, num_bands=num_bands)
    names = list(articles)
    signatures: list[Any] = []
    for number, name in enumerate(names):
        signature = module.RMinHash(num_perm=NUM_PERM, seed=42)
        signature.update(sorted(articles[name]))
        for other in index.query(signature):
            if signatures[other].jaccard(signature) >= threshold:
                yield names[other], name
        index.insert(number, signature)
        signatures.append(signature)


def main() -> int:
    """Read, find, write."""
    peer, _, threshold = sys.argv[1].rpartition("-")
    finders = {
        "datasketch-lsh": datasketch_lsh,
        "datasketch-ensemble": datasketch_ensemble,
        "rensa": rensa,
    }
    articles = {}
    for line in sys.stdin:
        row = json.loads(line)
        articles[row["id"]] = shingles_of(row["words"])
    begin = time.perf_counter()
    pairs = list(finders[peer](articles, float(threshold)))
    seconds = time.perf_counter() - begin
    for pair in pairs:
        print(json.dumps(pair))
    version = importlib.metadata.version(peer.partition("-")[0])
    print(json.dumps({"seconds": seconds, "version": version}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
