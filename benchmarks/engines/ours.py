"""dedup as a library, in two ways.

"scan" is what users call: fingerprints and signatures, candidates, alignment of every pair with
spans, groups. It finds excerpts and overlaps too; here its identical articles and near-duplicates
count. "signatures" is the task of the others and no more: text to signature, 32 bands of 4, exact
resemblance. Its words are folded and without punctuation, unlike those of the task; where its
resemblance is close to 0.7, that of the task's own words decides.
"""

from __future__ import annotations

import importlib
from collections import defaultdict
from typing import Any, Final

from benchmarks.engines import task

_CLOSE: Final = 0.06


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Find them in the way asked for."""
    if settings.variant == "signatures":
        return _by_signatures(texts, laps)
    dedup = importlib.import_module("dedup")
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


def _by_signatures(texts: list[str], laps: task.Laps) -> task.Pairs:
    numpy = importlib.import_module("numpy")
    dedup = importlib.import_module("dedup")
    sketch = importlib.import_module("dedup.sketch")
    index = importlib.import_module("dedup.index")
    core = importlib.import_module("dedup.core")
    settings = dedup.Settings(num_perm=task.SLOTS, k=task.SHINGLE_WORDS)
    with laps("signatures"):
        # A batch at a time, as the scan does: the fingerprints, made in the same pass, are dropped.
        batches = [
            _without_fingerprints(numpy, sketch.sketch_texts(texts[begin : begin + 2000], settings))
            for begin in range(0, len(texts), 2000)
        ]
        sketches = sketch.join_sketches(batches, task.SLOTS)
    with laps("candidates"):
        cut = index.Bands(task.BANDS, task.ROWS)
        keys = index.bands.band_keys(sketches.signatures, cut)
        offsets = numpy.arange(len(texts) + 1, dtype=numpy.int64) * task.BANDS
        column = core.KeyColumn(keys.reshape(-1), offsets[:-1], offsets[1:])
        found = core.shared_keys([column], 64, 256, 8)
        older, newer = found.older, found.newer
        # Six standard errors below 0.7 no pair is worth a second look.
        equal = (sketches.signatures[older] == sketches.signatures[newer]).mean(axis=1)
        near = equal >= task.THRESHOLD - 6 * (0.21 / task.SLOTS) ** 0.5
        pairs = list(zip(older[near].tolist(), newer[near].tolist(), strict=True))
    with laps("verify"):
        places = sorted({i for pair in pairs for i in pair})
        words = core.tokenize([texts[i] for i in places])
        ends, hashes = core.shingles(words.hashes, words.weights, words.offsets, task.SHINGLE_WORDS)
        sets = {i: numpy.unique(hashes[ends[n] : ends[n + 1]]) for n, i in enumerate(places)}
        exact = {(a, b): _resemblance(numpy, sets[a], sets[b]) for a, b in pairs}
        sure = {pair for pair, value in exact.items() if value >= task.THRESHOLD + _CLOSE}
        close = {pair for pair, value in exact.items() if abs(value - task.THRESHOLD) < _CLOSE}
        return sure | task.verified_texts(close, texts)


def _resemblance(numpy: Any, a: Any, b: Any) -> float:
    """Exact resemblance of two sets of hashes, each a rising array."""
    if not len(a):
        return 0.0
    places = numpy.searchsorted(b, a)
    places[places == len(b)] = 0
    common = int((b[places] == a).sum()) if len(b) else 0
    return common / (len(a) + len(b) - common)


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


def _without_fingerprints(numpy: Any, sketches: Any) -> Any:
    return sketches._replace(
        offsets=numpy.zeros_like(sketches.offsets),
        fingerprints=sketches.fingerprints[:0],
        positions=sketches.positions[:0],
    )
