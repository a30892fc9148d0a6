"""Measure the detector on corpora whose truth is known.

In: seeds and sizes. Out: tables and dated records in `results/`.
How the detector works is left to `dedup`; nothing here is imported by it.
"""
