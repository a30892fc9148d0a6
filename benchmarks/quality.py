"""Run the detector on corpora with known truth and print how right it was.

In: a command line. Out: tables on stdout, and the same numbers as a dictionary
for `run`, which keeps them. Making corpora is left to `corpora`, counting to `scoring`.

Example:  python -m benchmarks.quality variants --hosts 40
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.corpora import Corpus, VariantSet, corpus_digest, exact_pairs, feed, variants
from benchmarks.detector import (
    Detector,
    load_detector,
    peak_memory_bytes,
    refuse_slow_backend,
)
from benchmarks.real import scan_file
from benchmarks.scoring import (
    expand,
    identical_sets,
    interval_iou,
    mean,
    score_precision,
    score_recall,
    score_spans,
)
from benchmarks.variants import Variant

_WARM_UP_ARTICLES = 300


@dataclass
class _Row:
    """The variants of one shape, size and noise."""

    kind: str
    num: int = 0
    right: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    iou_host: list[float] = field(default_factory=list)
    iou_variant: list[float] = field(default_factory=list)

    def add(self, detector: Detector, host: str, variant: Variant) -> None:
        """Compare host and variant and count the answer."""
        relation = detector.compare(host, variant.text)
        truth = variant.planted
        right = relation.kind == truth.kind
        if truth.kind == "excerpt":
            right = right and relation.direction == "b_in_a"
        self.num += 1
        self.right += right
        self.seen[relation.kind] += 1
        if truth.b_begin is None or truth.a_begin is None:
            return
        in_host = [(p.a_begin, p.a_end) for p in relation.passages]
        in_variant = [(p.b_begin, p.b_end) for p in relation.passages]
        self.iou_host.append(interval_iou(in_host, (truth.b_begin, truth.b_end or 0)))
        self.iou_variant.append(interval_iou(in_variant, (truth.a_begin, truth.a_end or 0)))


def measure_variants(detector: Detector, made: VariantSet) -> dict[str, Any]:
    """Compare each variant with its host, and with the other hosts of its topic.

    Returns:
        "classes": one entry per shape, size and noise: the wanted kind, the
        share that got it, all kinds seen, and the mean IoU of spans (0 for
        a passage that was missed). "false_relations": kinds between variants and
        other hosts, where only "none" is right.
    """
    rows: dict[tuple[str, str, int], _Row] = {}
    foreign: Counter[str] = Counter()
    for variant in made.variants:
        host = variant.planted.b
        key = (variant.shape, variant.size, variant.noise)
        row = rows.setdefault(key, _Row(variant.planted.kind))
        row.add(detector, made.hosts[host], variant)
        for other, text in made.hosts.items():
            if other != host and made.topics[other] == made.topics[host]:
                foreign[detector.compare(text, variant.text).kind] += 1
    classes = [
        {
            "shape": shape,
            "size": size,
            "noise_percent": noise,
            "kind": row.kind,
            "num": row.num,
            "right": row.right,
            "seen": dict(sorted(row.seen.items())),
            "iou_host": mean(row.iou_host) if row.iou_host else None,
            "iou_variant": mean(row.iou_variant) if row.iou_variant else None,
        }
        for (shape, size, noise), row in rows.items()
    ]
    return {
        "corpus": corpus_digest(made.corpus()),
        "num": len(made.variants),
        "right": sum(row.right for row in rows.values()),
        "foreign_pairs": foreign.total(),
        "false_relations": {k: v for k, v in sorted(foreign.items()) if k != "none"},
        "classes": classes,
    }


def measure_feed(
    detector: Detector, corpus: Corpus, threads: int, runs: int, at_least: float
) -> dict[str, Any]:
    """Scan a feed `runs` times, then hold the last result against the truth.

    Args:
        detector: What is measured.
        corpus: Of `feed`.
        threads: For the scan.
        runs: How often; time is the median.
        at_least: Recall and precision below which the time does not count.
    """
    detector.scan(corpus.articles[:_WARM_UP_ARTICLES], threads=threads)
    memory_before = peak_memory_bytes()
    seconds: list[float] = []
    for _ in range(runs):
        begin = time.perf_counter()
        result = detector.scan(corpus.articles, threads=threads)
        seconds.append(time.perf_counter() - begin)
    memory = peak_memory_bytes()
    texts = {article["id"]: article["text"] for article in corpus.articles}
    sets = identical_sets(result.relations)
    content = expand(result.relations, sets, texts)
    quotes = {
        pair: hit
        for pair, hit in expand(result.quotes, sets, texts).items()
        if hit.kind == "quote" and pair not in content
    }
    either = {**quotes, **content}
    shared = exact_pairs(corpus.articles)
    found_shared = len(shared & either.keys())
    recall = found_shared / len(shared) if shared else 1.0
    precision = score_precision(content, corpus, shared)
    counted = recall >= at_least and (precision["precision"] or 0.0) >= at_least
    size = sum(len(text.encode()) for text in texts.values())
    median = statistics.median(seconds)
    return {
        "corpus": corpus_digest(corpus),
        "articles": len(corpus.articles),
        "text_bytes": size,
        "threads": threads,
        "counted": counted,
        "seconds": [round(s, 4) for s in seconds] if counted else None,
        "articles_per_second": len(corpus.articles) / median if counted else None,
        "text_mb_per_second": size / 1e6 / median if counted else None,
        "memory_before_bytes": memory_before,
        "memory_peak_bytes": memory,
        "planted": score_recall(either, corpus),
        "span_iou": score_spans(either, corpus),
        "shared_runs": {"wanted": len(shared), "found": found_shared, "recall": recall},
        "precision": precision,
        "precision_quotes": score_precision(quotes, corpus, shared),
        "kinds": dict(sorted(Counter(hit.kind for hit in either.values()).items())),
    }


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else "-"


def _number(value: float | None, form: str = ".3f") -> str:
    return "-" if value is None else format(value, form)


def print_variants(measured: dict[str, Any]) -> None:
    """Print the table of `measure_variants`."""
    print(f"{'shape':<13}{'size':<10}{'noise %':>7}{'n':>5}  {'wanted kind':<15}{'right %':>8}"
          f"{'IoU host':>10}{'IoU variant':>13}  otherwise")  # fmt: skip
    for row in measured["classes"]:
        wrong = ", ".join(f"{k} {v}" for k, v in row["seen"].items() if k != row["kind"])
        print(
            f"{row['shape']:<13}{row['size']:<10}{row['noise_percent']:>7}{row['num']:>5}  "
            f"{row['kind']:<15}{_share(row['right'], row['num']):>8}"
            f"{_number(row['iou_host']):>10}{_number(row['iou_variant']):>13}  {wrong}"
        )
    print(f"right kind: {measured['right']} of {measured['num']}")
    wrong_relations = sum(measured["false_relations"].values())
    print(
        f"with other hosts of the topic: {wrong_relations} relations in "
        f"{measured['foreign_pairs']} pairs (wanted: 0) {measured['false_relations'] or ''}"
    )


def print_feed(measured: dict[str, Any]) -> None:
    """Print the tables of `measure_feed`; a time only if the answer was right enough."""
    print(f"{'planted':<16}{'n':>7}{'found %':>9}{'right kind %':>14}{'span IoU':>10}")
    for kind, row in measured["planted"].items():
        print(
            f"{kind:<16}{row['wanted']:>7}{_share(row['found'], row['wanted']):>9}"
            f"{_share(row['right_kind'], row['wanted']):>14}"
            f"{_number(measured['span_iou'].get(kind)):>10}"
        )
    shared = measured["shared_runs"]
    print(f"pairs sharing 12 words: {shared['found']} of {shared['wanted']} found")
    for name in ("precision", "precision_quotes"):
        row = measured[name]
        print(
            f"{name.replace('_', ' of ')}: {_number(row['precision'], '.4f')} (true {row['true']},"
            f" false {row['false']}, by a chain only {row['unjudged']})"
        )
    print(f"memory: {measured['memory_peak_bytes'] / 1e6:.0f} MB at the highest, "
          f"{measured['memory_before_bytes'] / 1e6:.0f} MB of it before the scan")  # fmt: skip
    if measured["counted"]:
        print(
            f"time: {statistics.median(measured['seconds']):.2f} s (median of "
            f"{len(measured['seconds'])}; {min(measured['seconds']):.2f} to "
            f"{max(measured['seconds']):.2f}), {measured['articles_per_second']:.0f} articles/s, "
            f"{measured['text_mb_per_second']:.1f} MB/s with {measured['threads']} threads"
        )
    else:
        print("time: not counted, recall or precision is too low")


def parser() -> argparse.ArgumentParser:
    """Return the parser of this command; `run` uses it too."""
    top = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    commands = top.add_subparsers(dest="what", required=True)
    small = commands.add_parser("variants", help="kinds and spans, one pair at a time")
    small.add_argument("--seed", type=int, default=5, help="default: 5")
    small.add_argument("--hosts", type=int, default=40, help="host articles; default: 40")
    large = commands.add_parser("feed", help="recall, precision, time and memory of a scan")
    large.add_argument("--seed", type=int, default=7, help="default: 7")
    large.add_argument("--n", type=int, default=10_000, help="articles; default: 10000")
    large.add_argument("--threads", type=int, default=2, help="default: 2")
    large.add_argument("--runs", type=int, default=3, help="an odd number; default: 3")
    large.add_argument(
        "--at-least",
        type=float,
        default=0.95,
        help="recall and precision below which no time is given; default: 0.95",
    )
    file = commands.add_parser("real", help="scan a file and write predictions for scoring")
    file.add_argument(
        "docs", type=Path, help="JSON lines, also .gz: id, text, date, site or source"
    )
    file.add_argument("-o", "--out", type=Path, required=True, help="relations but quotes, TSV")
    file.add_argument("--quotes", type=Path, help="quotes, TSV; default: OUT with .quotes")
    file.add_argument("--threads", type=int, default=2, help="default: 2")
    return top


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure what the parsed command line asks for, and print it."""
    detector = load_detector()
    if options.what == "variants":
        measured = measure_variants(detector, variants(options.seed, options.hosts))
        print_variants(measured)
    elif options.what == "feed":
        refuse_slow_backend()
        corpus = feed(options.n, options.seed)
        measured = measure_feed(detector, corpus, options.threads, options.runs, options.at_least)
        print_feed(measured)
    else:
        quotes = options.quotes or options.out.with_suffix(".quotes" + options.out.suffix)
        measured = scan_file(detector, options.docs, options.out, quotes, options.threads)
        for name, value in measured.items():
            print(f"{name}: {value}")
    return measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; exit status 1 if a feed was not found well enough to be timed."""
    measured = measure(parser().parse_args(arguments))
    return 0 if measured.get("counted", True) else 1


if __name__ == "__main__":
    sys.exit(main())
