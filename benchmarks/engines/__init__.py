"""The engines: this package and its peers, behind one signature.

An engine is a module here with

    find_pairs(texts, laps, settings) -> set of (i, j), i < j

that times its stages with `laps`. It runs in a process and an environment of its own (`homes`,
`worker`), so it imports nothing but the standard library, `task` and its own packages. A new one
is one file and one row of `ENGINES`.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Engine(NamedTuple):
    """One row of the tables."""

    name: str
    #: Module in this package, and which of its ways.
    module: str
    variant: str
    #: Distributions its environment needs, the first one is the engine; none for our own.
    packages: tuple[str, ...]
    threads: int
    #: Longer feeds are not given to it: it would take too long or too much.
    most_articles: int
    about: str
    #: Distributions put in without what they ask for, where that cannot be had or is not needed.
    bare: tuple[str, ...] = ()


ENGINES: Final = (
    Engine("ours", "ours", "scan", (), 1, 10_000_000,
           "whole scan: also excerpts and overlaps, every pair aligned, spans, groups"),
    Engine("ours-2", "ours", "scan", (), 2, 10_000_000, "the same on two threads"),
    Engine("ours-pairs", "ours", "pairs", (), 1, 10_000_000,
           "text to signature, bands, exact resemblance, groups: the task of the others"),
    Engine("ours-file", "ours", "file", (), 1, 10_000_000, "the same from file, reading included"),
    Engine("ours-file-2", "ours", "file", (), 2, 10_000_000, "the same on two threads"),
    Engine("ours-previous", "ours_previous", "scan", (), 1, 10_000_000,
           "whole scan of an earlier version"),
    Engine("gaoya", "gaoya", "", ("gaoya",), 1, 10_000_000, "words and shingles in Rust"),
    Engine("gaoya-2", "gaoya", "", ("gaoya",), 2, 50_000, "the same on two threads"),
    Engine("rensa", "rensa", "full", ("rensa",), 1, 400_000, "RMinHash of whole sets"),
    Engine("rensa-rho", "rensa", "rho", ("rensa",), 1, 5_000,
           "samples positions of shingles in the order of the text: see its recall"),
    Engine("rensa-rho-sets", "rensa", "rho-sets", ("rensa",), 1, 5_000,
           "samples positions of sets: see its recall"),
    Engine("fastsketch", "fastsketch", "", ("FastSketchLSH", "numpy"), 1, 50_000,
           "FastSimilaritySketch"),
    Engine("datasketch", "datasketch", "xxh32", ("datasketch", "xxhash"), 1, 400_000,
           "MinHash.bulk with xxh32"),
    Engine("datasketch-sha1", "datasketch", "sha1", ("datasketch",), 1, 50_000,
           "MinHash.bulk as it comes"),
    Engine("text-dedup", "text_dedup", "", (
        "text-dedup", "datasets", "click", "click-option-group", "ftfy", "regex", "rich", "tqdm",
        "xxhash", "psutil", "bitarray", "scipy", "setuptools<80"), 1, 5_000,
           "its program, reading and writing included", ("text-dedup",)),
    Engine("datatrove", "datatrove", "", ("datatrove[processing]", "spacy", "orjson", "xxhash<4"),
           1, 5_000, "its local executor, reading included"),
    Engine("brute-force", "brute_force", "", (), 1, 5_000, "exact, by an index of all shingles"),
)  # fmt: skip


def choose(names: str) -> list[Engine]:
    """The engines of a comma-separated list; a name takes its variants with it.

    Raises:
        SystemExit: There is no engine of that name.
    """
    if names == "all":
        return list(ENGINES)
    chosen = []
    for name in names.split(","):
        found = [e for e in ENGINES if name in (e.name, e.name.partition("-")[0])]
        if not found:
            known = ", ".join(engine.name for engine in ENGINES)
            raise SystemExit(f"there is no engine {name!r}. Engines: {known}")
        chosen += [engine for engine in found if engine not in chosen]
    return chosen
