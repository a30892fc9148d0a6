"""dedup as a library, in three ways.

"scan" is what most users call: fingerprints and signatures, candidates, alignment of every pair
with spans, groups. It finds excerpts and overlaps too; here its identical articles and
near-duplicates count. "pairs" is the task of the others and no more: text to signature, bands,
exact resemblance, groups. Its words are folded and without punctuation, unlike those of the task;
where its resemblance is close to 0.7, that of the task's own words decides. "file" is the same
from the file of articles: reading counts, which is not asked of others.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from benchmarks.engines import task

_CLOSE: Final = 0.06


class _Found(NamedTuple):
    pairs: list[Any]


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Find them in the way asked for."""
    dedup = importlib.import_module("dedup")
    threads = settings.threads
    if settings.variant == "pairs":
        numbered = [(str(i), text) for i, text in enumerate(texts)]
        return _by_resemblance(
            lambda least: dedup.find_pairs(numbered, jaccard=least, threads=threads), texts, laps
        )
    if settings.variant == "file":
        # Ids of feeds and of the worker's own articles are their places, after a letter if any.
        def find(least: float) -> Any:
            found = dedup.find_pairs_paths(settings.articles, jaccard=least, threads=threads)
            return _Found([(a.strip("f"), b.strip("f"), *rest) for a, b, *rest in found.pairs])

        return _by_resemblance(find, texts, laps)
    with laps("scan"):
        articles = [(str(i), text) for i, text in enumerate(texts)]
        result = dedup.scan(articles, threads=settings.threads)
    for stage, seconds in result.seconds.items():
        laps.wall[f"scan: {stage}"] = seconds
    return _pairs(result)


def _pairs(result: Any) -> task.Pairs:
    """The relations of a scan, carried over to articles that are identical to theirs."""
    same: dict[int, list[int]] = defaultdict(list)
    for relation in result.relations:
        if relation.kind == "identical":
            same[int(relation.a)].append(int(relation.b))
    found: task.Pairs = set()
    for first, others in same.items():
        members = sorted([first, *others])
        found.update((a, b) for n, b in enumerate(members) for a in members[:n])
    for relation in result.relations:
        a, b = int(relation.a), int(relation.b)
        if relation.kind == "near-duplicate":
            found.update(
                (min(i, j), max(i, j)) for i in (a, *same[a]) for j in (b, *same[b]) if i != j
            )
    return found


def _by_resemblance(find: Callable[[float], Any], texts: list[str], laps: task.Laps) -> task.Pairs:
    """Pairs by resemblance alone; near the threshold the words of the task decide."""
    with laps("pairs"):
        # A little more than is wanted, since its words are not quite those of the task.
        found = find(task.THRESHOLD - _CLOSE)
        same: dict[int, list[int]] = defaultdict(list)
        near: dict[tuple[int, int], float] = {}
        for a, b, jaccard, *_ in found.pairs:
            x, y = int(a), int(b)
            near[x, y] = jaccard
            if jaccard == 1.0:
                same[x].append(y)
        # Copies are paired with the oldest of them only.
        for (x, y), jaccard in list(near.items()):
            near.update(((i, j), jaccard) for i in (x, *same[x]) for j in (y, *same[y]) if i != j)
        exact = {(min(pair), max(pair)): jaccard for pair, jaccard in near.items()}
        sure = {pair for pair, jaccard in exact.items() if jaccard >= task.THRESHOLD + _CLOSE}
    with laps("verify"):
        return sure | task.verified_texts(exact.keys() - sure, texts)


def estimate_all(pairs: list[tuple[list[bytes], list[bytes]]], variant: str) -> list[float]:
    """Its estimates for pairs of sets of 8-byte tokens, which stand for shingle hashes."""
    numpy = importlib.import_module("numpy")
    core = importlib.import_module("dedup.core")
    sketch = importlib.import_module("dedup.sketch")
    sets = [items for pair in pairs for items in pair]
    offsets = numpy.cumsum([0, *map(len, sets)])
    hashes = numpy.frombuffer(b"".join(b"".join(items) for items in sets), numpy.uint64)
    rows = core.sign(hashes, offsets, task.SLOTS)
    return [sketch.estimate_resemblance(rows[i], rows[i + 1]) for i in range(0, len(rows), 2)]
