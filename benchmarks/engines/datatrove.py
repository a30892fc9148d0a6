"""datatrove: signatures, buckets and clusters by its local executor; it verifies nothing.

Its pairs are read from the files between buckets and clusters: (file, place, file, place) as four
unsigned integers, one file of articles. Words are made by its English tokenizer.
"""

from __future__ import annotations

import importlib
import struct
from pathlib import Path

from benchmarks.engines import task


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Run its three stages on the file of articles; the groups as pairs."""
    dedup = importlib.import_module("datatrove.pipeline.dedup")
    readers = importlib.import_module("datatrove.pipeline.readers")
    local = importlib.import_module("datatrove.executor.local")
    config = dedup.MinhashConfig(
        n_grams=task.SHINGLE_WORDS, num_buckets=task.BANDS, hashes_per_bucket=task.ROWS
    )
    home = Path(settings.scratch)
    articles = Path(settings.articles)
    stages = {
        "signatures": [
            readers.JsonlReader(str(articles.parent), glob_pattern=articles.name),
            dedup.MinhashDedupSignature(output_folder=str(home / "signatures"), config=config),
        ],
        "candidates": [
            dedup.MinhashDedupBuckets(
                input_folder=str(home / "signatures"), output_folder=str(home / "buckets"),
                config=config,
            )
        ],
        "groups": [
            dedup.MinhashDedupCluster(
                input_folder=str(home / "buckets"), output_folder=str(home / "removed"),
                config=config,
            )
        ],
    }  # fmt: skip
    for name, steps in stages.items():
        with laps(name):
            local.LocalPipelineExecutor(
                pipeline=steps, tasks=task.BANDS if name == "candidates" else 1,
                workers=settings.threads, logging_dir=str(home / "logs" / name),
            ).run()  # fmt: skip
    found = set()
    for file in sorted((home / "buckets").glob("*.dups")):
        for _, a, _, b in struct.iter_unpack("<4I", file.read_bytes()):
            found.add((a, b))
    return task.pairs_of_groups(found)
