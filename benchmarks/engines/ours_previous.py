"""dedup as it was: the same scan, from an environment that holds an earlier version."""

from __future__ import annotations

from benchmarks.engines.ours import find_pairs

__all__ = ["find_pairs"]
