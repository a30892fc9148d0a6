"""All pairs that share a shingle, with their exact resemblance: no hash, no signature, no bands."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.engines import task


def find_pairs(texts: list[str], laps: task.Laps, settings: task.Settings) -> task.Pairs:
    """Shingles, an index of all of them, exact resemblance."""
    with laps("shingles"):
        sets = [task.shingle_set(text) for text in texts]
    with laps("candidates"):
        holders: dict[str, list[int]] = defaultdict(list)
        for i, one in enumerate(sets):
            for shingle in one:
                holders[shingle].append(i)
        found = {
            (a, b)
            for members in holders.values()
            if len(members) > 1
            for n, b in enumerate(members)
            for a in members[:n]
        }
    with laps("verify"):
        return task.verified(found, sets.__getitem__)
