"""The door to the corpora: all makers under one name, and a command to write them.

In: seeds and sizes. Out: JSON lines and a truth file. How a corpus is made is
left to `feed` and `variants`, what counts as true to `truth`.

Example:  python -m benchmarks.corpora feed --n 10000 --seed 7 -o feed.jsonl --truth truth.tsv
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.feed import feed
from benchmarks.truth import ArticleDict, Corpus, Planted, exact_pairs, write_truth
from benchmarks.variants import Variant, VariantSet, variants

__all__ = [
    "ArticleDict",
    "Corpus",
    "Planted",
    "Variant",
    "VariantSet",
    "corpus_digest",
    "exact_pairs",
    "feed",
    "main",
    "variants",
    "write_articles",
]


def corpus_digest(corpus: Corpus) -> str:
    """Name a corpus by its content: SHA-256 of articles and truth, 16 hex digits."""
    state = hashlib.sha256()
    for article in corpus.articles:
        state.update(json.dumps(article, sort_keys=True).encode())
    for planted in corpus.truth:
        state.update(repr(planted).encode())
    return state.hexdigest()[:16]


def write_articles(articles: Iterable[ArticleDict], path: Path) -> None:
    """Write articles as JSON lines, UTF-8."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for article in articles:
            file.write(json.dumps(article, ensure_ascii=False) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.corpora", description="Write a seeded corpus and its truth."
    )
    commands = parser.add_subparsers(dest="what", required=True)
    for what, meaning in (
        ("feed", "a feed with planted copies and excerpts"),
        ("variants", "hosts and one copy of every kind and degree"),
    ):
        command = commands.add_parser(what, help=meaning)
        command.add_argument("--seed", type=int, default=7, help="default: 7")
        command.add_argument("-o", "--out", type=Path, required=True, help="articles, JSON lines")
        command.add_argument("--truth", type=Path, help="pairs and spans, tab-separated")
        command.add_argument(
            "--no-exact",
            action="store_true",
            help="leave out the pairs found by exact search (above 100,000 articles: memory)",
        )
        if what == "feed":
            command.add_argument("--n", type=int, default=10_000, help="articles; default: 10000")
            command.add_argument("--near", type=float, default=0.20, help="copies; default: 0.20")
            command.add_argument("--excerpts", type=float, default=0.05, help="default: 0.05")
            command.add_argument("--mean-bytes", type=int, default=3000, help="default: 3000")
        else:
            command.add_argument("--hosts", type=int, default=40, help="default: 40")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what the command line asks for; counts go to stderr."""
    options = _parser().parse_args(arguments)
    if options.what == "feed":
        corpus = feed(options.n, options.seed, options.near, options.excerpts, options.mean_bytes)
    else:
        corpus = variants(options.seed, options.hosts).corpus()
    write_articles(corpus.articles, options.out)
    if options.truth is not None:
        shared = set() if options.no_exact else exact_pairs(corpus.articles)
        write_truth(corpus, options.truth, shared)
    print(
        f"{len(corpus.articles)} articles, {len(corpus.truth)} planted pairs, "
        f"digest {corpus_digest(corpus)}",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
