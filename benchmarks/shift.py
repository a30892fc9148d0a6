"""Small shifts that move every word behind them: who still finds the copy?

In: a feed and engines. Out: recall by kind of shift. An engine that looks at a sample of the
positions of a text sees other shingles after each of these; one that looks at all does not.

Only copies whose exact resemblance is still 0.7 or more count, so all of them are to be found.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from numpy.random import PCG64, Generator

from benchmarks.engines import Engine
from benchmarks.engines.task import THRESHOLD, resemblance, shingle_set
from benchmarks.homes import Absent
from benchmarks.speed import describe, run_engine
from benchmarks.stored_feed import StoredFeed

NUM_ARTICLES: Final = 400
SEED: Final = 3

Shift = Callable[[list[str], Generator], list[str]]


def _insert(words: list[str], rng: Generator) -> list[str]:
    place = int(rng.integers(1, len(words)))
    return [*words[:place], "nachgetragen", *words[place:]]


def _dateline(words: list[str], rng: Generator) -> list[str]:
    return ["Berlin", "(eig)", "\u2013", *words]


def _cut(words: list[str], rng: Generator) -> list[str]:
    return words[:-20]


def _replace(words: list[str], rng: Generator) -> list[str]:
    place = int(rng.integers(0, len(words)))
    return [*words[:place], "ersetzt", *words[place + 1 :]]


SHIFTS: Final[dict[str, Shift]] = {
    "one word inserted": _insert,
    "a dateline in front": _dateline,
    "the last 20 words cut": _cut,
    "one word replaced": _replace,
}


def make_shifts(texts: Iterable[str]) -> tuple[list[str], dict[str, list[tuple[int, int]]]]:
    """Put each text through all shifts.

    Returns:
        The originals and behind them all copies; and for each kind of shift the pairs of places
        whose resemblance is still 0.7 or more.
    """
    originals = list(texts)
    corpus = list(originals)
    wanted: dict[str, list[tuple[int, int]]] = {}
    rng = Generator(PCG64(SEED))
    for kind, shift in SHIFTS.items():
        pairs = wanted.setdefault(kind, [])
        for i, text in enumerate(originals):
            copy = " ".join(shift(text.split(" "), rng))
            if resemblance(shingle_set(text), shingle_set(copy)) >= THRESHOLD:
                pairs.append((i, len(corpus)))
            corpus.append(copy)
    return corpus, wanted


def unrelated_texts(feed: StoredFeed, num: int = NUM_ARTICLES) -> list[str]:
    """The first articles of a feed that hold no text of another one."""
    copied = feed.origins().keys()
    return [text for i, text in enumerate(feed.texts()) if i not in copied][:num]


def measure_shifts(
    engines: Iterable[Engine], feed: StoredFeed, previous: str = ""
) -> list[dict[str, Any]]:
    """Give the recall of each engine by kind of shift; engines on more threads are left out."""
    corpus, wanted = make_shifts(unrelated_texts(feed))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        articles = Path(folder) / "articles.jsonl"
        with articles.open("w", encoding="utf-8") as file:
            for i, text in enumerate(corpus):
                file.write(json.dumps({"id": str(i), "text": text}, ensure_ascii=False) + "\n")
        for engine in engines:
            if engine.threads > 1:
                continue
            print(f"shifts, {engine.name} ...", file=sys.stderr)
            try:
                _, pairs = run_engine(engine, articles, runs=1, previous=previous)
            except Absent as reason:
                rows.append(describe(engine) | {"absent": str(reason)})
                continue
            rows.append(describe(engine) | {"recall": recall_by_shift(pairs, wanted)})
    return rows


def recall_by_shift(
    pairs: Iterable[tuple[int, int]], wanted: dict[str, list[tuple[int, int]]]
) -> dict[str, float]:
    """The share of the wanted pairs of each kind that was found."""
    found = set(pairs)
    return {
        kind: sum(pair in found for pair in those) / len(those) if those else 1.0
        for kind, those in wanted.items()
    }
