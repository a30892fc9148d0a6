"""Make what reporting is given: a scan of JSON Lines, written and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dedup import Result, scan_paths
from tests.cli.running import write_lines
from tests.strategies import make_text, make_words

WORDS = make_words(31, 80)
TEXT = make_text(WORDS)
OTHER = make_text(make_words(32, 80))
EDITED = make_text([*WORDS[:40], "eins", "zwei", *WORDS[42:]])
SLICE = make_text(WORDS[20:50])


def line(text: str, **fields: Any) -> bytes:
    """An article as a line, with whatever fields it has."""
    return json.dumps({"text": text, **fields}, ensure_ascii=False).encode()


def scan_lines(tmp_path: Path, lines: list[bytes], **options: Any) -> tuple[Result, Path]:
    """Scan lines as a file `feed.jsonl`; gives the result and the folder it was written to."""
    feed = write_lines(tmp_path / "feed.jsonl", lines)
    out = tmp_path / "out"
    return scan_paths([feed], out, force=out.exists(), **options), out


def read_lines(out: Path, name: str) -> list[Any]:
    """A file of the result, line by line."""
    return [json.loads(row) for row in (out / f"{name}.jsonl").read_bytes().splitlines()]
