"""Scan articles from outside and write what was found for a scoring program.

In: a file of JSON lines, also gzipped, with id, text, date, and site or source.
Out: two files of tab-separated pairs with spans: quotes, and all other relations.
The truth of such a corpus, and the score, are left to whoever owns it.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.detector import CONTENT_KINDS, Detector
from benchmarks.scoring import Found, expand, identical_sets
from benchmarks.truth import ArticleDict, Pair


def read_articles(path: Path) -> list[ArticleDict]:
    """Read articles; a missing date or site is an empty string.

    Raises:
        ValueError: A line is no JSON object with id and text; file and line are named.
    """
    articles: list[ArticleDict] = []
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            try:
                row = json.loads(line)
                articles.append(
                    {
                        "id": str(row["id"]),
                        "text": row["text"],
                        "date": row.get("date") or "",
                        "site": row.get("site") or row.get("source") or "",
                    }
                )
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{path}:{number}: expected a JSON object with id and text, found {error!r}"
                ) from error
    return articles


def write_pairs(pairs: Mapping[Pair, Found], path: Path) -> None:
    """Write a row for each passage: both ids, a_begin, a_end, b_begin, b_end.

    A pair without known spans has a row of its two ids only.
    """
    rows = ["id_a\tid_b\ta_start\ta_end\tb_start\tb_end"]
    for _, hit in sorted(pairs.items()):
        for spans in hit.spans or ((),):
            rows.append("\t".join([hit.a, hit.b, *map(str, spans)]))
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")


def scan_file(
    detector: Detector, docs: Path, out: Path, quotes_out: Path, threads: int
) -> dict[str, Any]:
    """Scan a file, write both lists of pairs, and count them by kind."""
    articles = read_articles(docs)
    begin = time.perf_counter()
    result = detector.scan(articles, threads=threads)
    seconds = time.perf_counter() - begin
    texts = {article["id"]: article["text"] for article in articles}
    sets = identical_sets(result.relations)
    found = expand(result.relations, sets, texts)
    content = {pair: hit for pair, hit in found.items() if hit.kind in CONTENT_KINDS}
    quotes = {
        pair: hit
        for pair, hit in expand(result.quotes, sets, texts).items()
        if hit.kind == "quote" and pair not in content
    }
    write_pairs(content, out)
    write_pairs(quotes, quotes_out)
    return {
        "articles": len(articles),
        "reported": len(result.relations),
        "reported_quotes": len(result.quotes),
        "kinds": dict(sorted(Counter(hit.kind for hit in content.values()).items())),
        "pairs": len(content),
        "quotes": len(quotes),
        # Of a corpus without a truth of its own: not comparable with any other time.
        "unchecked_seconds": round(seconds, 2),
    }
