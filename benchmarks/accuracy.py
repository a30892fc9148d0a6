"""Recall of what was planted, and the error of estimates, for the tables.

In: a feed and the engines that give estimates. Out: rows. What a copy is follows from how it was
made (`feed`), its resemblance is exact (`stored_feed`), estimates are compared in `estimates`.
"""

from __future__ import annotations

import importlib
import sys
from collections import Counter
from typing import Any, Final

from benchmarks.homes import Absent
from benchmarks.scale import run_in_home
from benchmarks.scoring import expand, identical_sets
from benchmarks.stored_feed import StoredFeed
from benchmarks.truth import ordered

#: Engine, module and way of each row.
ESTIMATORS: Final = (
    ("ours", "ours", "sketch"),
    ("datasketch", "datasketch", "xxh32"),
    ("rensa", "rensa", "full"),
    ("rensa-rho", "rensa", "rho"),
    ("fastsketch", "fastsketch", ""),
)


def measure_estimates() -> list[dict[str, Any]]:
    """Error and bias of each engine that gives estimates."""
    rows = []
    for name, module, variant in ESTIMATORS:
        print(f"estimates, {name} ...", file=sys.stderr)
        try:
            found = run_in_home(name, ["benchmarks.estimates", module, variant])
        except Absent as reason:
            rows.append({"engine": name, "absent": str(reason)})
            continue
        rows.append({"engine": name, "sizes": found})
    return rows


def measure_recall(feed: StoredFeed, threads: int = 2) -> dict[str, Any]:
    """Scan a feed and count what of the planted was found, under any name.

    Returns:
        "planted": for each planted kind how many, and how many were found. "excerpts": the same
        for all articles with 60 words or more of another one, whatever kind that is. "near": for
        all pairs of exact resemblance 0.7 and more. "wrong": reported pairs that share nothing.
    """
    dedup = importlib.import_module("dedup")
    texts = feed.texts()
    result = dedup.scan([(str(i), text) for i, text in enumerate(texts)], threads=threads)
    named = {str(i): text for i, text in enumerate(texts)}
    sets = identical_sets(result.relations)
    found = expand(result.relations, sets, named).keys() | expand(result.quotes, sets, named).keys()
    wanted, hits = Counter[str](), Counter[str]()
    for a, b, kind in feed.planted():
        wanted[kind] += 1
        hits[kind] += ordered(str(a), str(b)) in found
    taken = [kind for kind in wanted if kind in ("excerpt", "overlap", "quote")]
    near = feed.pairs(0.7)
    origins = feed.origins()
    wrong = sum(
        origins.get(int(a), {int(a)}).isdisjoint(origins.get(int(b), {int(b)})) for a, b in found
    )
    return {
        "articles": len(texts),
        "planted": {k: {"wanted": wanted[k], "found": hits[k]} for k in sorted(wanted)},
        "excerpts": {
            "wanted": sum(wanted[kind] for kind in taken),
            "found": sum(hits[kind] for kind in taken),
        },
        "near": {
            "wanted": len(near),
            "found": sum(ordered(str(pair.a), str(pair.b)) in found for pair in near),
        },
        "reported": len(found),
        "wrong": wrong,
    }
