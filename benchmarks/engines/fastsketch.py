"""FastSketchLSH: fast similarity sketches in C++; the shingles are made in Python."""

from __future__ import annotations

import importlib

from benchmarks.engines import task


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Shingles, signatures, index and questions, exact resemblance."""
    module, numpy = map(importlib.import_module, ("FastSketchLSH", "numpy"))
    sketch = module.FastSimilaritySketch(task.SLOTS, 42)
    parts = []
    for sets in task.shingle_sets(texts, laps):
        with laps("shingles"):
            lists = [list(one) for one in sets]
        with laps("signatures"):
            parts.append(sketch.batch(lists, False, settings.threads))
    signatures = numpy.concatenate(parts)
    with laps("candidates"):
        index = module.LSH(task.SLOTS, task.BANDS, num_threads=settings.threads)
        index.insert(signatures)
        found = task.pairs_of_answers(index.query(signatures))
    with laps("verify"):
        return task.verified_texts(found, texts)


def estimate_all(pairs: list[tuple[list[bytes], list[bytes]]], variant: str) -> list[float]:
    """Its estimates for pairs of sets."""
    module = importlib.import_module("FastSketchLSH")
    sets = [items for pair in pairs for items in pair]
    rows = module.FastSimilaritySketch(task.SLOTS, 42).batch(sets, False, 1).tolist()
    return [task.share_of_equal(rows[i], rows[i + 1]) for i in range(0, len(rows), 2)]
