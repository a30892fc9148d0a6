"""Feeds of any length on disk, with the truth about their near-duplicates beside them.

In: a number of articles and a seed. Out: a `StoredFeed`: a folder with `articles.jsonl`, the
pairs of resemblance 0.5 and more in `pairs.tsv`, the copies as they were planted in
`planted.jsonl`, the articles foreign text may come from in `origins.jsonl`, and `feed.json` with
sizes and digests. A folder is made once, whole or not at
all, under build/feeds; its name is a digest of what it was asked for and of the code that
makes it. How an article is made is left to `feed`.

A feed is made in blocks of 20,000 articles. A block is the feed of a seed of its own, so blocks
are made on several processes, and a process holds one block however long the feed is. A source
is one of the last 5,000 articles, so little is lost: no copy crosses from one block to the next.

Resemblance is that of the sets of five lower-cased words as `str.split` gives them: the task
the engines are set. Only pairs with a common origin can have much of it (all other words are
drawn one by one); that none is left out is checked against all pairs in tests/benchmarks.

Example:  python -m benchmarks.stored_feed --n 200000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from benchmarks.engines.task import resemblance, shingle_set
from benchmarks.feed import ARTICLES_PER_DAY, feed
from benchmarks.truth import ArticleDict, Corpus, chained_pairs

ROOT: Final = Path(__file__).parent.parent / "build" / "feeds"
BLOCK: Final = 20_000
#: Pairs below it are not written: no engine is asked for them.
LEAST_RESEMBLANCE: Final = 0.5
# Seeds of later blocks lie far from those people choose.
_SEED_STEP: Final = 1_000_003
_MAKERS: Final = (
    "vocabulary", "language", "edits", "feed", "truth", "stored_feed", "engines/task",
)  # fmt: skip


class TruePair(NamedTuple):
    """Two articles, by their places in the feed, and the exact resemblance of their shingles."""

    a: int
    b: int
    resemblance: float


@dataclass(frozen=True)
class StoredFeed:
    """A feed on disk; `about` holds articles, bytes, words, digest and seconds of making."""

    folder: Path
    about: dict[str, Any]

    @property
    def articles_path(self) -> Path:
        """The articles, JSON lines."""
        return self.folder / "articles.jsonl"

    def texts(self) -> list[str]:
        """Read all texts into memory, in order."""
        with self.articles_path.open(encoding="utf-8") as file:
            return [json.loads(line)["text"] for line in file]

    def pairs(self, at_least: float) -> list[TruePair]:
        """Read the pairs of this resemblance and more."""
        found = []
        with (self.folder / "pairs.tsv").open(encoding="utf-8") as file:
            for line in file:
                a, b, resemblance = line.split("\t")
                if float(resemblance) >= at_least:
                    found.append(TruePair(int(a), int(b), float(resemblance)))
        return found

    def planted(self) -> list[tuple[int, int, str]]:
        """Read what was planted: copy, source, kind (an excerpt has 60 words or more)."""
        with (self.folder / "planted.jsonl").open(encoding="utf-8") as file:
            return [(a, b, kind) for a, b, kind in map(json.loads, file)]

    def origins(self) -> dict[int, set[int]]:
        """Read for each article with foreign text the articles that text may come from."""
        with (self.folder / "origins.jsonl").open(encoding="utf-8") as file:
            rows = map(json.loads, file)
            return {row[0]: set(row) for row in rows}


def true_pairs(corpus: Corpus) -> Iterator[TruePair]:
    """All pairs with a common origin and the least resemblance, in order."""
    place = {article["id"]: i for i, article in enumerate(corpus.articles)}

    # Sources lie within days, so a thousand sets are enough; all of them would be 500 MB a block.
    @lru_cache(maxsize=1000)
    def shingles(i: int) -> set[str]:
        return shingle_set(corpus.articles[i]["text"])

    for b, a in sorted((b, a) for a, b in ordered_places(corpus, place)):
        value = resemblance(shingles(a), shingles(b))
        if value >= LEAST_RESEMBLANCE:
            yield TruePair(a, b, value)


def ordered_places(corpus: Corpus, place: dict[str, int]) -> Iterator[tuple[int, int]]:
    """The chained pairs of a corpus as places, the smaller first."""
    for a, b in chained_pairs(corpus):
        i, j = place[a], place[b]
        yield min(i, j), max(i, j)


def block_seed(seed: int, block: int) -> int:
    """The seed of a block; the first has that of the feed, and so is the feed of `feed`."""
    return seed + _SEED_STEP * block


def _write_block(folder: Path, n: int, seed: int, block: int) -> dict[str, Any]:
    """Make a block and write its parts; gives its numbers."""
    first = block * BLOCK
    size = min(BLOCK, n - first)
    corpus = feed(size, block_seed(seed, block))
    days = timedelta(days=first // ARTICLES_PER_DAY)
    num_bytes = num_words = 0
    digest = hashlib.sha256()
    with (folder / f"{block}.articles").open("w", encoding="utf-8", newline="\n") as file:
        for i, article in enumerate(corpus.articles):
            line = _line(article, first + i, days)
            num_bytes += len(article["text"].encode())
            num_words += article["text"].count(" ") + 1
            digest.update(line.encode())
            file.write(line)
    place = {article["id"]: i for i, article in enumerate(corpus.articles)}
    pairs = list(true_pairs(corpus))
    with (folder / f"{block}.pairs").open("w", encoding="utf-8") as file:
        for a, b, value in pairs:
            file.write(f"{first + a}\t{first + b}\t{value:.6f}\n")
    with (folder / f"{block}.origins").open("w", encoding="utf-8") as file:
        for name, origins in corpus.origins.items():
            if len(origins) > 1:
                row = [first + place[name], *(first + place[origin] for origin in origins)]
                file.write(json.dumps(row) + "\n")
    with (folder / f"{block}.planted").open("w", encoding="utf-8") as file:
        for copy in corpus.truth:
            file.write(json.dumps([first + place[copy.a], first + place[copy.b], copy.kind]) + "\n")
    return {
        "articles": size,
        "text_bytes": num_bytes,
        "words": num_words,
        "digest": digest.hexdigest(),
        "pairs_07": sum(pair.resemblance >= 0.7 for pair in pairs),
        "planted": len(corpus.truth),
    }


def _line(article: ArticleDict, number: int, days: timedelta) -> str:
    day = date.fromisoformat(article["date"]) + days
    row = {**article, "id": f"f{number:07d}", "date": day.isoformat()}
    return json.dumps(row, ensure_ascii=False) + "\n"


def feed_name(n: int, seed: int) -> str:
    """Name the folder of a feed: size, seed, and a digest of the code that makes it."""
    state = hashlib.sha256(f"{n} {seed} {BLOCK}".encode())
    for module in _MAKERS:
        state.update((Path(__file__).parent / f"{module}.py").read_bytes())
    return f"{n}-{seed}-{state.hexdigest()[:12]}"


def stored_feed(n: int, seed: int = 7, root: Path = ROOT, processes: int = 0) -> StoredFeed:
    """Give a feed from disk; it is made when it is not there yet.

    Args:
        n: Number of articles.
        seed: Everything follows from it.
        root: Where feeds are kept.
        processes: How many make it; 0 for as many as there are cores. The feed is the same.
    """
    home = root / feed_name(n, seed)
    about = home / "feed.json"
    if not about.exists():
        root.mkdir(parents=True, exist_ok=True)
        print(f"making {n:,} articles in {home}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=root) as folder:
            made = Path(folder) / "feed"
            made.mkdir()
            _make(made, n, seed, processes or os.cpu_count() or 1)
            shutil.rmtree(home, ignore_errors=True)
            made.rename(home)
    return StoredFeed(home, json.loads(about.read_text("utf-8")))


def _make(folder: Path, n: int, seed: int, processes: int) -> None:
    blocks = range(-(-n // BLOCK))
    with ProcessPoolExecutor(min(processes, len(blocks))) as pool:
        parts = list(pool.map(partial(_write_block, folder, n, seed), blocks))
    for kind, name in (("articles", "articles.jsonl"), ("pairs", "pairs.tsv"),
                       ("planted", "planted.jsonl"), ("origins", "origins.jsonl")):  # fmt: skip
        with (folder / name).open("wb") as out:
            for block in blocks:
                part = folder / f"{block}.{kind}"
                with part.open("rb") as file:
                    shutil.copyfileobj(file, out, 1 << 20)
                part.unlink()
    sums = ("articles", "text_bytes", "words", "pairs_07", "planted")
    joined = hashlib.sha256("".join(part["digest"] for part in parts).encode())
    about = {name: sum(part[name] for part in parts) for name in sums}
    about |= {"seed": seed, "digest": joined.hexdigest()[:16]}
    (folder / "feed.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a feed, or find it; prints its folder."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.stored_feed", description="Make a long feed on disk."
    )
    parser.add_argument("--n", type=int, default=200_000, help="articles; default: 200000")
    parser.add_argument("--seed", type=int, default=7, help="default: 7")
    options = parser.parse_args(arguments)
    made = stored_feed(options.n, options.seed)
    print(made.folder)
    print(json.dumps(made.about), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
