"""Feeds that are longer than one likes to make: a stored feed again and again, in other letters.

In: a number of articles. Out: a folder with articles and what was planted, as `stored_feed` writes
them, but without pairs. Every block but the last has its letters exchanged, another exchange for
each, so that no block has a word of another and copying is what it was. The last block is the
stored feed itself, whole: who asks for the articles at its end meets their sources.

Does not know: resemblance across blocks; umlauts and scripts without these letters are the same in
all of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.stored_feed import ROOT, stored_feed

#: Articles of a block.
BLOCK: Final = 200_000
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def exchange(block: int) -> dict[int, str]:
    """Letters for letters, so that words of no two blocks are the same but by a miracle."""
    letters = list(_LETTERS)
    Random(block).shuffle(letters)
    small = {ord(a): b for a, b in zip(_LETTERS, letters, strict=True)}
    return small | {ord(chr(a).upper()): b.upper() for a, b in small.items()}


def blocked_feed(n: int, seed: int = 7, feeds: Path = ROOT, block: int = BLOCK) -> Path:
    """A folder with `n` articles, ids by their places; made when it is not there yet."""
    source = stored_feed(min(n, block), seed, feeds).folder
    if n <= block:
        return source
    folder = feeds / f"blocks-{n}-{source.name}"
    if folder.exists():
        return folder
    making = folder.with_name(f"{folder.name}.new")
    making.mkdir(exist_ok=True)
    print(f"making {n:,} articles in {folder}", file=sys.stderr)
    with (source / "planted.jsonl").open(encoding="utf-8") as file:
        planted = [json.loads(line) for line in file]
    begins = range(0, n - block, block)
    with (
        (making / "articles.jsonl").open("w", encoding="utf-8") as articles,
        (making / "planted.jsonl").open("w", encoding="utf-8") as truth,
    ):
        for number, begin in enumerate([*begins, n - block]):
            end = n if number == len(begins) else min(begin + block, n - block)
            letters = exchange(number + 1) if end < n else {}
            with (source / "articles.jsonl").open(encoding="utf-8") as file:
                for place, line in zip(range(begin, end), file, strict=False):
                    article = json.loads(line)
                    article["id"] = f"f{place:07d}"
                    article["text"] = article["text"].translate(letters)
                    articles.write(json.dumps(article, ensure_ascii=False) + "\n")
            for copy, first, kind in planted:
                if begin + copy < end:
                    truth.write(json.dumps([begin + copy, begin + first, kind]) + "\n")
    making.rename(folder)
    return folder
