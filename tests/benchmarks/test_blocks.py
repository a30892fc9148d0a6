"""A feed in blocks: the last one as it is, the others in other letters, truth at its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.blocks import blocked_feed, exchange
from benchmarks.stored_feed import stored_feed


def rows(folder: Path, name: str) -> list[Any]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


def test_blocks_differ_in_their_letters_and_keep_what_was_planted(tmp_path: Path) -> None:
    source = stored_feed(60, 7, tmp_path).folder
    folder = blocked_feed(150, 7, tmp_path, block=60)
    articles, first = rows(folder, "articles.jsonl"), rows(source, "articles.jsonl")
    texts = [row["text"] for row in articles]
    plain = [row["text"] for row in first]
    assert [row["id"] for row in articles] == [f"f{n:07d}" for n in range(150)]
    assert texts[90:] == plain
    assert texts[:60] == [text.translate(exchange(1)) for text in plain]
    assert texts[60:90] == [text.translate(exchange(2)) for text in plain[:30]]
    planted = rows(source, "planted.jsonl")
    shifted = [[a + begin, b + begin, kind] for begin, end in ((0, 60), (60, 90), (90, 150))
               for a, b, kind in planted if a + begin < end]  # fmt: skip
    assert rows(folder, "planted.jsonl") == shifted
    assert blocked_feed(150, 7, tmp_path, block=60) == folder
    assert blocked_feed(60, 7, tmp_path, block=60) == source
