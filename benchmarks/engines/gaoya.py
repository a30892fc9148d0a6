"""gaoya: `MinHashStringIndex`, which makes words, shingles and signatures itself.

It keeps no signature one could ask for again, so a question is sketched a second time. Its own
filter is set to 0.6, so that the exact resemblance decides near 0.7 as for the others.
"""

from __future__ import annotations

import importlib

from benchmarks.engines import task


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Insert, ask, exact resemblance; on several threads when there are."""
    minhash = importlib.import_module("gaoya.minhash")
    index = minhash.MinHashStringIndex(
        hash_size=32, jaccard_threshold=0.6, num_bands=task.BANDS, band_size=task.ROWS,
        analyzer="word", lowercase=True, ngram_range=(task.SHINGLE_WORDS, task.SHINGLE_WORDS),
    )  # fmt: skip
    with laps("signatures"):
        if settings.threads > 1:
            index.par_bulk_insert_docs(list(range(len(texts))), texts)
        else:
            for i, text in enumerate(texts):
                index.insert_document(i, text)
    with laps("candidates"):
        if settings.threads > 1:
            answers = index.par_bulk_query(texts)
        else:
            answers = [index.query(text) for text in texts]
        found = task.pairs_of_answers(answers)
    with laps("verify"):
        return task.verified_texts(found, texts)
