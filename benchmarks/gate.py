"""Accuracy as a gate: scan pages, hold the answer against the truth and against floors.

In: a command line. Out: a table for pages without and one for pages with furniture, and exit
status 1 if a number is below its floor in `floors.json`. Making pages is left to
`pages`, counting to `page_scores`, other detectors to `peers`.

Example:  python -m benchmarks.gate
          python -m benchmarks.gate --peers
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.alignment import align
from benchmarks.corpora import corpus_digest
from benchmarks.detector import CONTENT_KINDS, Detector, load_detector
from benchmarks.floors import below_floors, read_floors, set_floors
from benchmarks.page_scores import (
    KINDS,
    count_wrong,
    describe,
    score_kinds,
    score_pairs,
    score_shapes,
    score_spans,
)
from benchmarks.pages import PageCorpus, print_pages
from benchmarks.peers import measure_peers, print_peers
from benchmarks.reuse import write_world
from benchmarks.scoring import expand, identical_sets

SECTIONS: Final = ("plain", "furnished")
PAGES: Final = 3000
SEED: Final = 11
SITES: Final = 20
DAYS: Final = 30


def make_sections(n: int, seed: int) -> dict[str, PageCorpus]:
    """Make the same stories twice: without and with furniture."""
    world = write_world(n, seed, SITES, DAYS)
    shared = align(world.stories)
    return {name: print_pages(world, shared, name == "furnished") for name in SECTIONS}


def measure_pages(detector: Detector, corpus: PageCorpus, threads: int) -> dict[str, Any]:
    """Scan pages once and score the answer.

    Returns:
        "scores": shares, the more the better; "wrong": counts, the fewer the better; further
        the corpus, the time of the scan, and what was found by way of reuse.
    """
    begin = time.perf_counter()
    result = detector.scan(corpus.articles, threads=threads)
    seconds = time.perf_counter() - begin
    texts = {article["id"]: article["text"] for article in corpus.articles}
    sets = identical_sets(result.relations)
    content = {
        pair: hit
        for pair, hit in expand(result.relations, sets, texts).items()
        if hit.kind in CONTENT_KINDS
    }
    quotes = {
        pair: hit
        for pair, hit in expand(result.quotes, sets, texts).items()
        if hit.kind == "quote" and pair not in content
    }
    either = {**quotes, **content}
    removed = [(removal.id, removal.keeper) for removal in result.removals]
    return {
        "corpus": {"digest": corpus_digest(corpus), **describe(corpus)},
        "seconds": round(seconds, 2),
        "scores": {
            **score_kinds(either, corpus),
            **score_pairs(content, corpus),
            **score_spans(content, corpus),
        },
        "wrong": count_wrong(content, quotes, removed, corpus),
        "shapes": score_shapes(either, corpus),
    }


def print_measured(measured: Mapping[str, Mapping[str, Any]], floors: Mapping[str, Any]) -> None:
    """Print the sections side by side, each number with its floor."""
    for name, section in measured.items():
        about = section["corpus"]
        print(
            f"{name}: {about['articles']} pages, {about['furniture share']:.1%} furniture, "
            f"{sum(about['pairs'].values())} pairs with common content, digest {about['digest']}, "
            f"scan {section['seconds']} s"
        )
    print(f"\n{'':<14}" + "".join(f"{name:>32}" for name in measured))
    print(f"{'kind':<14}" + f"{'recall':>10}{'precision':>11}{'found':>11}" * len(measured))
    for kind in KINDS:
        cells = []
        for section in measured.values():
            for column in ("recall", "precision", "found"):
                value = section["scores"].get(f"{column} {kind}")
                cells.append("-" if value is None else f"{value:.4f}")
        print(f"{kind:<14}" + "".join(f"{c:>{10 + (i % 3 > 0)}}" for i, c in enumerate(cells)))
    print()
    for part, limits in (("scores", "at_least"), ("wrong", "at_most")):
        for row in next(iter(measured.values()))[part]:
            if row.split()[-1] in KINDS:
                continue
            line = f"{row:<24}"
            for name, section in measured.items():
                limit = floors.get(name, {}).get(limits, {}).get(row)
                value = section[part][row]
                shown = f"{value:.4f}" if part == "scores" else str(value)
                line += f"{name:>12} {shown:>8}  ({'no floor' if limit is None else limit})"
            print(line)
    print("\nfound of the direct copies, as any kind:")
    for shape in next(iter(measured.values()))["shapes"]:
        counts = [section["shapes"].get(shape, [0, 0]) for section in measured.values()]
        print(f"  {shape:<20}" + "".join(f"{found:>6} of {num:<6}" for found, num in counts))


def run_gate(n: int = PAGES, seed: int = SEED, threads: int = 2) -> dict[str, Any]:
    """Measure both sections, print them, and hold them against the floors.

    Returns:
        The measured sections, and "missed": what is below its floor. Floors hold for the
        default size and seed only; for others nothing is missed.
    """
    detector = load_detector()
    corpora = make_sections(n, seed)
    measured = {name: measure_pages(detector, corpus, threads) for name, corpus in corpora.items()}
    floors = read_floors() if (n, seed) == (PAGES, SEED) else {}
    print_measured(measured, floors)
    missed = below_floors(measured, floors)
    for line in missed:
        print(f"below the floor: {line}")
    return {**measured, "missed": missed}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the gate or the peers; exit status 1 if a floor is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gate", description=__doc__)
    parser.add_argument("--n", type=int, default=PAGES, help=f"pages; default: {PAGES}")
    parser.add_argument("--seed", type=int, default=SEED, help=f"default: {SEED}")
    parser.add_argument("--threads", type=int, default=2, help="default: 2")
    parser.add_argument("--peers", action="store_true", help="other detectors on the same pages")
    parser.add_argument(
        "--set-floors", action="store_true", help="write floors a little under what is measured"
    )
    options = parser.parse_args(arguments)
    if options.peers:
        print_peers(measure_peers(make_sections(options.n, options.seed), options.threads))
        return 0
    measured = run_gate(options.n, options.seed, options.threads)
    if options.set_floors and (options.n, options.seed) == (PAGES, SEED):
        set_floors({name: measured[name] for name in SECTIONS})
        return 0
    return 1 if measured["missed"] else 0


if __name__ == "__main__":
    sys.exit(main())
